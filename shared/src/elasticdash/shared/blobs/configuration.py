"""Where objects are kept, from the settings."""

from dataclasses import replace

from elasticdash.shared import errors
from elasticdash.shared.blobs.s3_client import S3Config
from elasticdash.shared.settings.blob_store import BlobStoreSettings
from elasticdash.shared.settings.media import MediaSettings


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


def media_config(settings: MediaSettings, batches: BlobStoreSettings) -> S3Config:
    """The bucket for media: what is not set is as for accepted batches. ConfigurationError when neither names one."""
    named = {
        "bucket": settings.bucket,
        "prefix": settings.prefix,
        "region": settings.region,
        "endpoint": settings.endpoint,
        "force_path_style": settings.force_path_style,
    }
    if settings.secret_access_key is not None:
        named |= {
            "access_key_id": settings.access_key_id,
            "secret_access_key": settings.secret_access_key.get_secret_value(),
        }
    of_batches = s3_config(batches.model_copy(update={"bucket": batches.bucket or settings.bucket}))
    return replace(of_batches, **{name: value for name, value in named.items() if value is not None})
