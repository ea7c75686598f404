"""Where objects are kept, from the settings."""

from elasticdash.shared import errors
from elasticdash.shared.blobs.s3_client import S3Config
from elasticdash.shared.settings.blob_store import BlobStoreSettings


def s3_config(settings: BlobStoreSettings) -> S3Config:
    """The bucket the settings name; ConfigurationError when they name none."""
    if settings.bucket is None:
        raise errors.ConfigurationError("No bucket is given: set ELASTICDASH_S3_EVENT_UPLOAD_BUCKET")
    secret = settings.secret_access_key
    return S3Config(
        bucket=settings.bucket,
        prefix=settings.prefix,
        region=settings.region,
        endpoint=settings.endpoint,
        access_key_id=settings.access_key_id,
        secret_access_key=secret.get_secret_value() if secret else None,
        force_path_style=settings.force_path_style,
        encryption=settings.encryption,
        kms_key_id=settings.kms_key_id,
    )
