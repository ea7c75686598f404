"""Keyrings: the newest key is used, listed others work, what is missing or moved never opens."""

import pytest

from elasticdash.shared import errors, keyrings
from elasticdash.shared.keyrings import EncryptionKeys, SessionKeys

OLD, NEW = "old key of the tests", "new key of the tests"


def test_nothing_is_encrypted_without_a_key():
    with pytest.raises(errors.ConfigurationError, match="ENCRYPTION_KEY is not set"):
        EncryptionKeys().encrypted("secret", "here")


@pytest.mark.parametrize(
    ("keys", "key_id", "context"),
    [
        pytest.param(EncryptionKeys([NEW]), keyrings.key_id(OLD), "here", id="key not given"),
        pytest.param(EncryptionKeys([OLD]), keyrings.key_id(OLD), "there", id="moved to another place"),
        pytest.param(EncryptionKeys([NEW]), keyrings.key_id(NEW), "here", id="said to be under another key"),
    ],
)
def test_it_does_not_open(keys: EncryptionKeys, key_id: str, context: str):
    encrypted = EncryptionKeys([OLD]).encrypted("secret", "here")

    with pytest.raises(errors.ConfigurationError):
        keys.decrypted(encrypted, key_id, context)


def test_a_changed_text_does_not_open():
    keys = EncryptionKeys([OLD])
    encrypted = keys.encrypted("secret", "here")
    changed = ("B" if encrypted[0] != "B" else "C") + encrypted[1:]

    with pytest.raises(errors.ConfigurationError):
        keys.decrypted(changed, keys.current_id, "here")


@pytest.mark.parametrize("text", ["", "sk-123", "ключ", "\ud800"])
def test_a_key_that_only_decrypts_opens_what_it_encrypted(text: str):
    before = EncryptionKeys([OLD])
    encrypted = before.encrypted(text, "here")

    assert EncryptionKeys([NEW, OLD]).decrypted(encrypted, before.current_id, "here") == text
    assert EncryptionKeys([NEW, OLD]).current_id == keyrings.key_id(NEW)


def test_the_same_text_never_looks_the_same():
    keys = EncryptionKeys([OLD])

    assert keys.encrypted("secret", "here") != keys.encrypted("secret", "here")


def test_sessions_are_kept_under_the_newest_and_found_under_all():
    both = SessionKeys([NEW, OLD])

    assert both.signed("token") == SessionKeys([NEW]).signed("token")
    assert both.all_signed("token") == [SessionKeys([NEW]).signed("token"), SessionKeys([OLD]).signed("token")]


def test_ids_and_texts_tell_no_secret():
    assert OLD not in repr(EncryptionKeys([OLD])) + repr(SessionKeys([OLD])) + keyrings.key_id(OLD)
