"""The bundled Redis, started as its pod starts it, on a real server."""

import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis

from elasticdash.operator.naming.stores import Store
from elasticdash.operator.rotation import administrators, credentials
from elasticdash.operator.rotation.redis import RedisLogins
from support.operator import looks
from support.server import free_port
from support.servers import origin
from support.servers.origin import DebianProgram
from support.servers.process import ServerProcess

_SERVER = DebianProgram("redis-server", "redis-server")
_TIMEOUT_SECONDS = 5.0


def _client(port: int, user: str | None, password: str | None) -> Any:
    return redis.Redis(
        port=port, username=user, password=password, socket_timeout=_TIMEOUT_SECONDS, decode_responses=True
    )


@contextmanager
def _started(folder: Path, password: str) -> Generator[int]:
    """The port of a server whose pod has this password and this volume."""
    pod: Any = looks.pod_of(looks.plan(looks.DEV), "StatefulSet", "obs-redis")
    (first,), (main,) = pod["initContainers"], pod["containers"]
    command = [part.replace("/data", str(folder)) for part in first["command"]]
    environment = {"PATH": "/usr/bin:/bin", "REDISCLI_AUTH": password}
    subprocess.run(command, env=environment, check=True, timeout=_TIMEOUT_SECONDS)
    port = free_port()
    arguments = [part.replace("/data", str(folder)) for part in main["args"]]
    server = ServerProcess(
        [str(origin.program(_SERVER)), "--port", str(port), *arguments],
        is_ready=lambda: bool(_client(port, "default", password).ping()),
        log_file=folder / "log",
    )
    server.start()
    try:
        yield port
    finally:
        server.stop()


def test_nobody_comes_in_without_the_password(tmp_path: Path) -> None:
    with _started(tmp_path, "first") as port:
        with pytest.raises(redis.AuthenticationError):
            _client(port, None, None).ping()
        with pytest.raises(redis.AuthenticationError):
            _client(port, "elasticdash", "second").ping()


def test_a_rotation_and_the_data_outlive_the_pod(tmp_path: Path) -> None:
    with _started(tmp_path, "first") as port:
        admin = _client(port, "default", "first")
        assert _client(port, "elasticdash", "first").set("kept", "yes")
        admin.execute_command("ACL", "SETUSER", "elasticdash", ">second")
        admin.execute_command("ACL", "SETUSER", "elasticdash", "<first")
        admin.execute_command("ACL", "SAVE")

    with _started(tmp_path, "first") as port:
        assert _client(port, "elasticdash", "second").get("kept") == "yes"
        with pytest.raises(redis.AuthenticationError):
            _client(port, "elasticdash", "first").ping()


async def test_the_password_is_rotated_without_an_administrator_of_ones_own(tmp_path: Path) -> None:
    found = looks.look(looks.DEV)
    password = found.secrets["obs-generated"]["REDIS_PASSWORD"]
    with _started(tmp_path, password) as port:
        admin_url = administrators.url(found, Store.REDIS)
        assert admin_url is not None
        logins = RedisLogins(admin_url.replace("obs-redis.default.svc:6379", f"127.0.0.1:{port}"))
        old = credentials.present(credentials.settings_of(found, Store.REDIS), Store.REDIS)
        new = logins.following(old, "second")

        await logins.prepare(new, old)
        both = [_client(port, each.user, each.password).ping() for each in (old, new)]
        await logins.revoke(new, old)

        assert both == [True, True]
        assert _client(port, new.user, new.password).ping()
        with pytest.raises(redis.AuthenticationError):
            _client(port, old.user, old.password).ping()


def test_another_password_in_the_secret_is_the_one_that_counts(tmp_path: Path) -> None:
    with _started(tmp_path, "first"):
        pass

    with _started(tmp_path, "other") as port:
        for user in ("default", "elasticdash"):
            assert _client(port, user, "other").ping()
            with pytest.raises(redis.AuthenticationError):
                _client(port, user, "first").ping()
