"""Every way to reach a Redis, on real ones, and the check of what it is set up to do."""

from collections.abc import Generator
from pathlib import Path

import pytest

from elasticdash.shared import errors
from elasticdash.shared.queue import connection, stats
from elasticdash.shared.queue.connection import Address, Login, RedisConfig, Sentinels, Tls
from elasticdash.shared.queue.consumer import Consumer
from elasticdash.shared.queue.lanes import QueueKeys
from elasticdash.shared.queue.sending import Sender
from elasticdash.shared.queue.stream_broker import StreamBroker
from elasticdash.shared.schemas import jobs
from support.queue import QUICK, WAIT_SECONDS, Work, register, until
from support.servers import redis as servers
from support.servers.redis import RedisOptions, RedisServer, SentinelServer

PASSWORD = "correct horse"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where this module's servers live."""
    return tmp_path_factory.mktemp("connections")


@pytest.fixture(scope="module")
def secure(folder: Path) -> Generator[RedisServer]:
    """A server with a password and TLS."""
    options = RedisOptions(password=PASSWORD, tls=servers.make_tls_files(folder / "tls"))
    server = RedisServer(folder / "secure", options)
    server.start()
    yield server
    server.kill()


async def works(config: RedisConfig) -> None:
    """Returns once a job went through a queue there, and the queue is empty."""
    work, keys = Work(), QueueKeys("p:")
    broker = StreamBroker(config, keys, QUICK)
    register(broker, work.run)
    consumer = Consumer(broker)
    await consumer.start()
    try:
        await Sender(broker, timeout_seconds=WAIT_SECONDS).enqueue(jobs.ProcessRawBatch("k"))
        await until(lambda: work.finished == ["k"], "done")
    finally:
        await consumer.stop(grace_seconds=5)
    left = await stats.read_stats(broker.redis, keys)
    await broker.shutdown()
    assert (left.lag, left.pending, left.consumers) == (0, 0, 0)


async def test_tls_and_password_by_parts(secure: RedisServer):
    assert secure.options.tls is not None
    await works(
        RedisConfig(
            address=Address("127.0.0.1", secure.port),
            login=Login(username="default", password=PASSWORD),
            tls=Tls(authority_file=str(secure.options.tls.authority)),
        )
    )


async def test_tls_and_password_by_url(secure: RedisServer):
    assert secure.options.tls is not None
    await works(
        RedisConfig(url=secure.url.replace(" ", "%20"), tls=Tls(authority_file=str(secure.options.tls.authority)))
    )


async def test_a_certificate_of_an_unknown_authority_is_refused(secure: RedisServer):
    redis = connection.connect(
        RedisConfig(address=Address("127.0.0.1", secure.port), login=Login(password=PASSWORD), tls=Tls()), 5
    )

    with pytest.raises(connection.UNREACHABLE, match="certificate"):
        await redis.ping()


async def test_a_wrong_password_is_a_problem_that_does_not_show_it(secure: RedisServer):
    config = RedisConfig(
        address=Address("127.0.0.1", secure.port),
        login=Login(password="wrong"),
        tls=Tls(authority_file=str(secure.options.tls.authority)) if secure.options.tls else None,
    )
    broker = StreamBroker(config, QueueKeys(), QUICK)
    consumer = Consumer(broker)

    await consumer.start()
    await until(lambda: broker.problem is not None, "noticed")

    await consumer.stop(grace_seconds=0)
    await broker.shutdown()
    assert "wrong" not in f"{broker.problem}{config!r}"


async def test_a_primary_behind_a_sentinel(folder: Path):
    primary = RedisServer(folder / "primary")
    primary.start()
    sentinel = SentinelServer(folder / "sentinel", primary)
    sentinel.start()
    try:
        sentinels = Sentinels([Address("127.0.0.1", sentinel.port)], servers.SENTINEL_MASTER)
        await works(RedisConfig(sentinels=sentinels))
    finally:
        sentinel.stop()
        primary.kill()


async def test_a_cluster(folder: Path):
    node = RedisServer(folder / "cluster", RedisOptions(cluster=True))
    node.start()
    try:
        await works(RedisConfig(cluster_nodes=[Address("127.0.0.1", node.port)]))
    finally:
        node.kill()


@pytest.mark.parametrize("policy", ["allkeys-lru", "allkeys-random"])
async def test_a_server_that_would_throw_streams_away_is_refused(folder: Path, policy: str):
    server = RedisServer(folder / policy, RedisOptions(eviction_policy=policy))
    server.start()
    consumer = Consumer(StreamBroker(RedisConfig(url=server.url), QueueKeys(), QUICK))
    try:
        with pytest.raises(errors.ConfigurationError, match=f"maxmemory-policy is '{policy}'"):
            await consumer.start()
    finally:
        await consumer.stop(grace_seconds=0)
        server.kill()
