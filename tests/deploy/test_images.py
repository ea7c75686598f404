"""The images of web and worker, built from our Dockerfile, run as Kubernetes would run them."""

import json
import time
from collections.abc import Generator

import httpx
import pytest

from support.server import free_port, get_json, read_until
from support.servers import origin
from support.servers.docker import Docker, docker
from support.servers.stores import StoreServers, running_stores

__all__ = ["docker"]

# A base image of Debian's packages and two builds come before the first test.
pytestmark = pytest.mark.timeout(1500)

START_SECONDS = 120
STORED_SECONDS = 120
TIME = "2026-01-15T10:00:00.000Z"


@pytest.fixture(scope="module", autouse=True)
def asked_for(pytestconfig: pytest.Config) -> None:
    """Only on demand: a base image of Debian's packages alone takes minutes."""
    if not pytestconfig.getoption("--images", default=False):
        origin.skip("the images are built and run only with --images: make test ARGS='tests/deploy --images'")


@pytest.fixture(scope="module")
def images(asked_for: None, docker: Docker) -> dict[str, str]:
    base = docker.base_image()
    return {target: docker.build(target, base) for target in ("web", "worker")}


@pytest.fixture(scope="module")
def fresh_stores(asked_for: None, tmp_path_factory: pytest.TempPathFactory) -> Generator[StoreServers]:
    with running_stores(tmp_path_factory.mktemp("stores"), migrated=False) as servers:
        yield servers


def wait_for(url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            if httpx.get(url, timeout=5).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise AssertionError(f"{url} did not answer in {START_SECONDS} s")


@pytest.mark.parametrize(("target", "port"), [("web", "3000/tcp"), ("worker", "3030/tcp")])
def test_an_image_says_how_it_is_run(docker: Docker, images: dict[str, str], target: str, port: str):
    (image,) = json.loads(docker.run("image", "inspect", images[target]))

    assert image["Config"]["User"] == "10001:10001"
    assert list(image["Config"]["ExposedPorts"]) == [port]
    assert image["Config"]["Healthcheck"]["Test"][0] == "CMD"
    assert image["Config"]["Cmd"] == [target]


def test_containers_migrate_accept_store_and_stop(docker: Docker, images: dict[str, str], fresh_stores: StoreServers):
    web_port, worker_port = free_port(), free_port()
    environment = {name: value for name, value in fresh_stores.environment.items() if name != "PATH"}
    ports = {"PORT": str(web_port), "ELASTICDASH_WORKER_PORT": str(worker_port)}
    url = f"http://127.0.0.1:{web_port}"

    with docker.container(images["web"], environment, ["migrate", "all"]) as migration:
        assert docker.run("wait", migration, timeout_seconds=START_SECONDS) == "0", docker.run("logs", migration)

    with (
        docker.container(images["web"], {**environment, **ports}) as web,
        docker.container(images["worker"], {**environment, **ports}) as worker,
    ):
        wait_for(f"{url}/api/public/ready")
        wait_for(f"http://127.0.0.1:{worker_port}/api/health")
        with fresh_stores.client(url) as client:
            body = {"id": "in-a-container", "timestamp": TIME, "name": "hello"}
            event = {"id": "e", "timestamp": TIME, "type": "trace-create", "body": body}
            assert client.post("/api/public/ingestion", json={"batch": [event]}).json()["errors"] == []
            trace = read_until(lambda: get_json(client, "/traces/in-a-container"), bool, STORED_SECONDS)
        assert trace["name"] == "hello"
        for id_ in (web, worker):
            docker.run("stop", "--time", "60", id_, timeout_seconds=90)
            assert docker.run("inspect", "--format", "{{.State.ExitCode}}", id_) == "0", docker.run("logs", id_)
