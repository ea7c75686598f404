"""Secrets verify in every form they may be stored in, and only those."""

import hashlib

import pytest

from elasticdash.shared.security import SecretHasher, langfuse_fast_hash, shown_secret

SECRET = "sk-lf-1234"
STORED = SecretHasher("pepper").hash(SECRET)
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


def test_shown_secret_gives_little_away():
    assert shown_secret("sk-lf-0123456789abcdef") == "sk-lf-...cdef"


def test_repr_holds_no_secret():
    assert "s3cret" not in repr(SecretHasher("s3cret", "s3cret", ["s3cret"]))
