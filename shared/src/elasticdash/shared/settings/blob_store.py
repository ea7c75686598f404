"""Settings: where accepted batches are kept."""

from collections.abc import Sequence
from typing import Literal

from pydantic import Field, SecretStr

from elasticdash.shared.settings.group import SettingsGroup, either


class BlobStoreSettings(SettingsGroup):
    """An S3 bucket for accepted batches. `elasticdash up` keeps them in its data folder instead."""

    bucket: str | None = Field(
        default=None, validation_alias=either("S3_EVENT_UPLOAD_BUCKET"), description="Bucket; it must exist"
    )
    prefix: str = Field(
        default="", validation_alias=either("S3_EVENT_UPLOAD_PREFIX"), description="Put before every key"
    )
    region: str = Field(default="auto", validation_alias=either("S3_EVENT_UPLOAD_REGION"), description="Region")
    endpoint: str | None = Field(
        default=None,
        validation_alias=either("S3_EVENT_UPLOAD_ENDPOINT"),
        description="Address of an S3 server that is not AWS",
    )
    access_key_id: str | None = Field(
        default=None,
        validation_alias=either("S3_EVENT_UPLOAD_ACCESS_KEY_ID"),
        description="Access key; unset: what the machine's role gives",
    )
    secret_access_key: SecretStr | None = Field(
        default=None, validation_alias=either("S3_EVENT_UPLOAD_SECRET_ACCESS_KEY"), description="Secret of the key"
    )
    force_path_style: bool = Field(
        default=False,
        validation_alias=either("S3_EVENT_UPLOAD_FORCE_PATH_STYLE"),
        description="Bucket in the path, not in the host name: what most servers that are not AWS need",
    )
    encryption: Literal["AES256", "aws:kms"] | None = Field(
        default=None,
        validation_alias=either("S3_EVENT_UPLOAD_SSE"),
        description="How the server encrypts objects: `AES256` or `aws:kms`; unset: as the bucket says",
    )
    kms_key_id: str | None = Field(
        default=None,
        validation_alias=either("S3_EVENT_UPLOAD_SSE_KMS_KEY_ID"),
        description="Key for `aws:kms`; unset: the account's own",
    )

    def missing(self) -> Sequence[str]:
        """No bucket, or half of a key pair."""
        if self.bucket is None:
            return ["ELASTICDASH_S3_EVENT_UPLOAD_BUCKET is not set: name the bucket for accepted batches"]
        if (self.access_key_id is None) != (self.secret_access_key is None):
            return ["ELASTICDASH_S3_EVENT_UPLOAD_ACCESS_KEY_ID and …_SECRET_ACCESS_KEY go together: set both or none"]
        if self.kms_key_id is not None and self.encryption != "aws:kms":
            return ["ELASTICDASH_S3_EVENT_UPLOAD_SSE_KMS_KEY_ID needs ELASTICDASH_S3_EVENT_UPLOAD_SSE=aws:kms"]
        return ()
