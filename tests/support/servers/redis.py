"""Real Redis servers for tests: one for all that share it by key prefix, and own ones to kill, fill or secure."""

import subprocess
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
import redis

from support.server import free_port
from support.servers import origin
from support.servers.origin import DebianProgram
from support.servers.process import ServerProcess

URL_VARIABLE = "TEST_REDIS_URL"
SENTINEL_MASTER = "primary"

_SERVER = DebianProgram("redis-server", "redis-server")
_SENTINEL = DebianProgram("redis-sentinel", "redis-sentinel")
_OPENSSL = DebianProgram("openssl", "openssl")
_ANSWER_TIMEOUT_SECONDS = 2.0
_ALL_SLOTS = (0, 16383)


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """A certificate for 127.0.0.1 and localhost, and the authority that signed it."""

    authority: Path
    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class RedisOptions:
    """How a server is set up. With persistence every write is synced; without it a restart forgets everything.

    `users` are lines of an ACL file (`user NAME on >PASSWORD ~* &* +@all`); the password is then that of `default`.
    """

    persistence: bool = False
    max_memory_bytes: int | None = None
    eviction_policy: str = "noeviction"
    password: str | None = None
    tls: TlsFiles | None = None
    cluster: bool = False
    users: Sequence[str] = ()


class RedisServer:
    """A Redis on a port and folder of its own, which keeps both when it is killed and started again."""

    def __init__(self, folder: Path, options: RedisOptions = RedisOptions(), port: int | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.port = port or free_port()
        self.options = options
        self.process = ServerProcess(
            _server_command(folder, self.port, options), is_ready=self._is_ready, log_file=folder / "redis.log"
        )

    @property
    def url(self) -> str:
        """Where clients find it, with its password; a TLS client also needs the authority's certificate."""
        scheme = "rediss" if self.options.tls else "redis"
        password = f":{self.options.password}@" if self.options.password else ""
        return f"{scheme}://{password}127.0.0.1:{self.port}/0"

    def client(self) -> Any:
        """A client that looks at it from outside; the caller closes it. The library types two clients in one."""
        authority = {"ssl_ca_certs": str(self.options.tls.authority)} if self.options.tls else {}
        return cast(Any, redis.Redis).from_url(
            self.url, socket_timeout=_ANSWER_TIMEOUT_SECONDS, decode_responses=True, protocol=2, **authority
        )

    def start(self) -> None:
        """Start it and wait until it answers, a cluster until it serves every slot."""
        self.process.start()

    def kill(self) -> None:
        """End it at once."""
        self.process.kill()

    def stop(self) -> None:
        """End it in an orderly way."""
        self.process.stop()

    def pause(self) -> None:
        """Freeze it: connections stay open and nothing answers."""
        self.process.pause()

    def resume(self) -> None:
        """Let it go on."""
        self.process.resume()

    def _is_ready(self) -> bool:
        with self.client() as client:
            client.ping()
            if not self.options.cluster:
                return True
            if client.execute_command("CLUSTER INFO").get("cluster_slots_assigned") != "16384":
                client.execute_command("CLUSTER ADDSLOTSRANGE", *_ALL_SLOTS)
            return client.execute_command("CLUSTER INFO").get("cluster_state") == "ok"


class SentinelServer:
    """A sentinel that watches one server under the name `SENTINEL_MASTER`."""

    def __init__(self, folder: Path, watched: RedisServer) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        config = folder / "sentinel.conf"
        config.write_text(
            f"port {self.port}\nbind 127.0.0.1\ndir {folder}\n"
            f"sentinel monitor {SENTINEL_MASTER} 127.0.0.1 {watched.port} 1\n"
        )
        self._process = ServerProcess(
            [str(origin.program(_SENTINEL)), str(config)], is_ready=self._is_ready, log_file=folder / "sentinel.log"
        )

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._process.start()

    def stop(self) -> None:
        """End it."""
        self._process.stop()

    def _is_ready(self) -> bool:
        with cast(Any, redis.Redis)(port=self.port, socket_timeout=_ANSWER_TIMEOUT_SECONDS) as client:
            return bool(client.ping())


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    """A Redis for tests that keep to a key prefix of their own and neither flush, stop nor configure it."""
    given = origin.given_url(URL_VARIABLE)
    if given:
        yield given
        return
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server.url
    server.stop()


def make_tls_files(folder: Path) -> TlsFiles:
    """A new authority and a certificate by it, valid for a day."""
    folder.mkdir(parents=True, exist_ok=True)
    openssl = str(origin.program(_OPENSSL))
    files = TlsFiles(folder / "ca.crt", folder / "server.crt", folder / "server.key")
    authority_key, request, names = folder / "ca.key", folder / "server.csr", folder / "names"
    names.write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
    new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    _run(
        [openssl, "req", "-x509", *new_key, "-days", "1", "-subj", "/CN=Test authority"],
        ["-keyout", str(authority_key), "-out", str(files.authority)],
    )
    _run(
        [openssl, "req", *new_key, "-subj", "/CN=127.0.0.1"],
        ["-keyout", str(files.key), "-out", str(request)],
    )
    _run(
        [openssl, "x509", "-req", "-days", "1", "-CAcreateserial", "-in", str(request), "-extfile", str(names)],
        ["-CA", str(files.authority), "-CAkey", str(authority_key), "-out", str(files.certificate)],
    )
    return files


def _run(*parts: Sequence[str]) -> None:
    subprocess.run([word for part in parts for word in part], check=True, capture_output=True, timeout=30)


def _server_command(folder: Path, port: int, options: RedisOptions) -> list[str]:
    command = [str(origin.program(_SERVER)), "--bind", "127.0.0.1", "--dir", str(folder), "--save", ""]
    if options.tls:
        command += ["--port", "0", "--tls-port", str(port), "--tls-auth-clients", "no"]
        command += ["--tls-cert-file", str(options.tls.certificate), "--tls-key-file", str(options.tls.key)]
        command += ["--tls-ca-cert-file", str(options.tls.authority)]
    else:
        command += ["--port", str(port)]
    if options.persistence:
        command += ["--appendonly", "yes", "--appendfsync", "always"]
    if options.max_memory_bytes is not None:
        command += ["--maxmemory", str(options.max_memory_bytes)]
    command += ["--maxmemory-policy", options.eviction_policy]
    if options.users:
        (folder / "users.acl").write_text("\n".join(options.users) + "\n")
        command += ["--aclfile", str(folder / "users.acl")]
    elif options.password:
        command += ["--requirepass", options.password]
    if options.cluster:
        # Its default, 10,000 above the other, may be no port at all.
        command += ["--cluster-enabled", "yes", "--cluster-port", str(free_port())]
    return command
