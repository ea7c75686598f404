"""DATABASE_URL is understood as people have it, and refused with a remedy that holds no password."""

import pytest

from elasticdash.shared import database_url, errors

START = "postgresql://ann:canary"


@pytest.mark.parametrize(
    ("url", "remedy"),
    [
        ("mysql://ann:canary@host/db", "must start with"),
        (f"{START}#1@host/db", "percent-encode"),
        (f"{START}/1@host/db", "percent-encode"),
        (f"{START}?1@host/db", "percent-encode"),
        ("postgresql://ann:[canary@host/db", "percent-encode"),
        (f"{START}@host", "names no database"),
        (f"{START}@host/db?channel_binding=require", "channel_binding"),
        (f"{START}@host/db?connection_limit=many", "connection_limit must be"),
        (f"{START}@host/db?pool_timeout=0", "pool_timeout must be"),
    ],
)
def test_what_cannot_be_honoured_is_refused_without_the_password(url: str, remedy: str):
    with pytest.raises(errors.ConfigurationError, match=remedy) as raised:
        database_url.parse(url)

    assert "canary" not in str(raised.value)


@pytest.mark.parametrize(
    ("url", "dsn"),
    [
        ("postgres://ann:a@b:c@host:5433/db", "postgresql://ann:a%40b%3Ac@host:5433/db?"),
        ("postgresql://ann:a%2Fb@host/db?sslmode=require", "postgresql://ann:a%2Fb@host/db?sslmode=require"),
        ("postgresql+asyncpg://ann@one,two:5433/db", "postgresql://ann@one,two:5433/db?"),
        ("postgresql:///db?host=/run/postgresql", "postgresql:///db?host=%2Frun%2Fpostgresql"),
    ],
)
def test_the_driver_gets_what_it_understands(url: str, dsn: str):
    assert database_url.parse(url).dsn == dsn


def test_parameters_of_prisma_and_libpq_mean_what_they_say():
    url = database_url.parse(
        f"{START}@host/db?schema=logger&connection_limit=7&pool_timeout=4&connect_timeout=9&pgbouncer=true"
        "&application_name=mine"
    )

    assert (url.schema, url.has_session, url.server_settings) == ("logger", False, {"application_name": "mine"})
    assert (url.max_connections, url.max_wait_seconds, url.connect_timeout_seconds) == (7, 4, 9)
    assert url.location == "host/db"
    assert "canary" not in repr(url)


def test_strict_tls_checks_the_certificate_against_the_system():
    dsn = database_url.parse(f"{START}@host/db?sslaccept=strict").dsn

    assert "sslmode=verify-full" in dsn


def test_parts_make_a_url_whatever_they_hold():
    url = database_url.assembled(host="host:5433", username="a@b", password="c/d?#", name="db", arguments="schema=s")

    assert database_url.parse(url).dsn == "postgresql://a%40b:c%2Fd%3F%23@host:5433/db?"
    assert database_url.parse(url).schema == "s"
