"""What the first start created and later starts print again, in a file only its owner can read."""

import secrets

import msgspec
from pydantic import SecretStr

from elasticdash.shared import errors, ids
from elasticdash.shared.settings.init import InitSettings
from elasticdash.standalone import data_folder
from elasticdash.standalone.data_folder import DataFolder

_DEFAULT_EMAIL = "admin@localhost"


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """Keys of the first project, and its admin. `pepper` goes into the stored hashes of secrets."""

    public_key: str
    secret_key: str
    user_email: str | None = None
    user_password: str | None = None
    pepper: str


def kept(folder: DataFolder) -> Credentials:
    """The credentials of a data folder; ConfigurationError when it has none."""
    try:
        return msgspec.json.decode(folder.credentials.read_bytes(), type=Credentials)
    except FileNotFoundError as error:
        raise errors.ConfigurationError(
            f"No Logger has run on {str(folder.root)!r}: give --public-key and --secret-key, or another --data-dir."
        ) from error
    except msgspec.MsgspecError as error:
        raise errors.ConfigurationError(f"{str(folder.credentials)!r} is damaged: {error}") from error


def ensure(folder: DataFolder, init: InitSettings) -> Credentials:
    """The kept credentials with what the settings fix laid over them; generated at the first start, then kept."""
    known = kept(folder) if folder.credentials.exists() else _generated()
    wanted = msgspec.structs.replace(
        known,
        public_key=init.project_public_key or known.public_key,
        secret_key=_given(init.project_secret_key) or known.secret_key,
        user_email=init.user_email or known.user_email,
        user_password=_given(init.user_password) or known.user_password,
    )
    data_folder.write_private(folder.credentials, msgspec.json.format(msgspec.json.encode(wanted)))
    return wanted


def _given(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None


def _generated() -> Credentials:
    return Credentials(
        public_key=f"pk-lf-{ids.new_id()}",
        secret_key=f"sk-lf-{ids.new_id()}",
        user_email=_DEFAULT_EMAIL,
        user_password=secrets.token_urlsafe(12),
        pepper=secrets.token_hex(32),
    )
