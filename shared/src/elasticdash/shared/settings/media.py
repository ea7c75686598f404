"""Settings: where files that belong to traces are kept."""

from collections.abc import Sequence

from pydantic import Field, SecretStr

from elasticdash.shared.settings.group import SettingsGroup, either


class MediaSettings(SettingsGroup):
    """Images, sound and documents that SDKs take out of traces. `elasticdash up` keeps them in its data folder.

    Elsewhere they are in an S3 bucket that SDKs and browsers send to and read from themselves, with signed URLs: the
    bucket for accepted batches, unless the next ones name another.
    """

    bucket: str | None = Field(
        default=None,
        validation_alias=either("S3_MEDIA_UPLOAD_BUCKET"),
        description="Bucket; unset: the one for accepted batches",
    )
    prefix: str | None = Field(
        default=None,
        validation_alias=either("S3_MEDIA_UPLOAD_PREFIX"),
        description="Put before every key; unset: as for accepted batches",
    )
    region: str | None = Field(
        default=None,
        validation_alias=either("S3_MEDIA_UPLOAD_REGION"),
        description="Region; unset: as for accepted batches",
    )
    endpoint: str | None = Field(
        default=None,
        validation_alias=either("S3_MEDIA_UPLOAD_ENDPOINT"),
        description="Address of an S3 server that is not AWS; unset: as for accepted batches",
    )
    external_endpoint: str | None = Field(
        default=None,
        validation_alias=either("S3_MEDIA_UPLOAD_EXTERNAL_ENDPOINT"),
        description="Address of the same server as SDKs and browsers reach it; unset: the one above",
    )
    access_key_id: str | None = Field(
        default=None,
        validation_alias=either("S3_MEDIA_UPLOAD_ACCESS_KEY_ID"),
        description="Access key; unset: as for accepted batches",
    )
    secret_access_key: SecretStr | None = Field(
        default=None, validation_alias=either("S3_MEDIA_UPLOAD_SECRET_ACCESS_KEY"), description="Secret of the key"
    )
    force_path_style: bool | None = Field(
        default=None,
        validation_alias=either("S3_MEDIA_UPLOAD_FORCE_PATH_STYLE"),
        description="Bucket in the path, not in the host name; unset: as for accepted batches",
    )
    max_content_bytes: int = Field(
        default=1_000_000_000,
        validation_alias=either("S3_MEDIA_MAX_CONTENT_LENGTH"),
        ge=1,
        description="Largest file; a larger one is refused with 400",
    )
    upload_url_seconds: int = Field(
        default=3600,
        validation_alias=either("S3_MEDIA_UPLOAD_URL_EXPIRY_SECONDS"),
        ge=1,
        le=7 * 24 * 3600,
        description="How long a file may be sent to the URL that was given out for it",
    )
    download_url_seconds: int = Field(
        default=3600,
        validation_alias=either("S3_MEDIA_DOWNLOAD_URL_EXPIRY_SECONDS"),
        ge=1,
        le=7 * 24 * 3600,
        description="How long a file may be read from a URL that was given out",
    )
    public_url: str | None = Field(
        default=None,
        validation_alias=either("MEDIA_PUBLIC_URL"),
        description="Of `elasticdash up`: its address as SDKs and browsers reach it; unset: where the request came to",
    )

    def missing(self) -> Sequence[str]:
        """Half of a key pair."""
        if (self.access_key_id is None) != (self.secret_access_key is None):
            return ["ELASTICDASH_S3_MEDIA_UPLOAD_ACCESS_KEY_ID and …_SECRET_ACCESS_KEY go together: set both or none"]
        return ()
