"""Secrets verify in every form they may be stored in, and only those."""

import hashlib

import bcrypt
import pytest

from elasticdash.shared.security import (
    SecretHasher,
    hash_password,
    is_imported,
    langfuse_fast_hash,
    password_matches,
    shown_secret,
)

SECRET = "sk-lf-1234"
STORED = SecretHasher("pepper").hash(SECRET)
BCRYPT = bcrypt.hashpw(b"the old password", bcrypt.gensalt(4)).decode()
IMPORTED = langfuse_fast_hash(SECRET, "salt")


@pytest.mark.parametrize(
    ("hasher", "secret", "stored", "imported"),
    [
        pytest.param(SecretHasher("pepper"), "sk-lf-other", STORED, None, id="wrong secret"),
        pytest.param(SecretHasher("other"), SECRET, STORED, None, id="wrong pepper"),
        pytest.param(SecretHasher("pepper"), SECRET, None, None, id="nothing stored"),
        pytest.param(SecretHasher("pepper"), SECRET, None, IMPORTED, id="imported without salt"),
        pytest.param(SecretHasher("pepper", None, ["pepper"]), SECRET, None, IMPORTED, id="wrong salt"),
        pytest.param(SecretHasher("p"), SECRET, None, langfuse_fast_hash(SECRET, ""), id="imported with empty salt"),
        pytest.param(SecretHasher("pepper"), "", "", "", id="empty"),
        pytest.param(SecretHasher("pepper"), STORED, STORED, None, id="the hash itself"),
        pytest.param(SecretHasher("pepper"), "\ud800", STORED, None, id="lone surrogate"),
    ],
)
def test_refused(hasher: SecretHasher, secret: str, stored: str | None, imported: str | None):
    assert not hasher.matches(secret, stored, imported)


@pytest.mark.parametrize(
    ("hasher", "stored", "imported"),
    [
        pytest.param(SecretHasher("pepper"), STORED, None, id="current"),
        pytest.param(SecretHasher("new", "pepper"), STORED, None, id="previous pepper"),
        pytest.param(SecretHasher("new", None, ["salt"]), None, IMPORTED, id="imported"),
        pytest.param(
            SecretHasher("new", "salt", ["new", "salt"]), None, IMPORTED, id="imported before the salt changed"
        ),
    ],
)
def test_accepted(hasher: SecretHasher, stored: str | None, imported: str | None):
    assert hasher.matches(SECRET, stored, imported)


def test_previous_pepper_is_not_current():
    assert not SecretHasher("new", "pepper").is_current(SECRET, STORED)


def test_fast_hash_follows_the_published_rule():
    salted = SECRET + hashlib.sha256(b"salt").hexdigest()

    assert hashlib.sha256(salted.encode()).hexdigest() == IMPORTED


@pytest.mark.parametrize(
    ("password", "stored"),
    [
        pytest.param("the new password", BCRYPT, id="another"),
        pytest.param("the old password", "$2a$12$damaged", id="damaged"),
        pytest.param("the old password", None, id="none"),
        pytest.param("the old\0 password", BCRYPT, id="zero byte"),
    ],
)
def test_a_wrong_password_never_matches_an_imported_hash(password: str, stored: str | None):
    assert not password_matches(password, stored)


def test_an_imported_password_matches_as_far_as_bcrypt_looks():
    long = "x" * 100
    stored = bcrypt.hashpw(long[:72].encode(), bcrypt.gensalt(4)).decode()

    assert password_matches("the old password", BCRYPT)
    assert password_matches(long, stored)
    assert (is_imported(BCRYPT), is_imported(None), is_imported(hash_password("p"))) == (True, False, False)


def test_shown_secret_gives_little_away():
    assert shown_secret("sk-lf-0123456789abcdef") == "sk-lf-...cdef"


def test_repr_holds_no_secret():
    assert "s3cret" not in repr(SecretHasher("s3cret", "s3cret", ["s3cret"]))
