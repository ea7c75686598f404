"""What an import has done, in a file, so that it goes on where it was stopped."""

from datetime import datetime
from pathlib import Path

import msgspec

from elasticdash.shared import errors


class Progress(msgspec.Struct, kw_only=True):
    """Of one source and target. `done_until` says by resource up to which time everything is copied."""

    source: str
    target: str
    until: datetime
    done_until: dict[str, datetime] = {}
    config_ids: dict[str, str] = {}
    refused: int = 0


class ProgressFile:
    """The file; `state` is what it holds, and `save` writes it whole or not at all."""

    def __init__(self, path: Path, started: Progress) -> None:
        self._path = path
        self.state = self._read() or started
        if (self.state.source, self.state.target) != (started.source, started.target):
            raise errors.ConfigurationError(
                f"{str(path)!r} belongs to the import from {self.state.source} to {self.state.target}:"
                " give another --progress-file"
            )
        if self.is_finished:
            # What came since is copied next.
            self.state.until = started.until

    @property
    def is_finished(self) -> bool:
        """Whether everything up to the end of the range is copied."""
        done = self.state.done_until
        return bool(done) and all(time >= self.state.until for time in done.values())

    def save(self) -> None:
        """Write the present state."""
        writing = self._path.with_name(self._path.name + ".writing")
        writing.write_bytes(msgspec.json.format(msgspec.json.encode(self.state)))
        writing.rename(self._path)

    def _read(self) -> Progress | None:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=Progress)
        except FileNotFoundError:
            return None
        except msgspec.MsgspecError as error:
            raise errors.ConfigurationError(f"{str(self._path)!r} is not a progress file: {error}") from error
