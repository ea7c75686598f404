"""Files that traces refer to, as pages get them."""

from typing import Literal

from elasticdash.shared.postgres.media import Media
from elasticdash.web.wire import WireModel

Kind = Literal["image", "audio", "file"]

# What browsers draw and play without running anything. All else is only saved: SVG, HTML and PDF can hold scripts.
_IMAGES = frozenset(f"image/{name}" for name in ("png", "jpeg", "jpg", "gif", "webp", "avif"))
_AUDIO = frozenset(
    f"audio/{name}" for name in ("mpeg", "mp3", "wav", "x-wav", "wave", "ogg", "opus", "webm", "mp4", "aac", "flac")
)


class MediaShape(WireModel):
    """A file that has arrived. `kind` is how it may be shown; who has `url` may read it for a while."""

    id: str
    kind: Kind
    content_type: str
    content_length: int
    url: str

    @classmethod
    def of(cls, media: Media, url: str) -> "MediaShape":
        """The file with the address its page reads it from."""
        content = media.content
        return cls(
            id=media.id,
            kind=kind_of(content.content_type),
            content_type=content.content_type,
            content_length=content.length_bytes,
            url=url,
        )


def kind_of(content_type: str) -> Kind:
    """How a file that was announced with this type may be shown."""
    name = content_type.lower()
    return "image" if name in _IMAGES else "audio" if name in _AUDIO else "file"
