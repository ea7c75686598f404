"""Work handed from web to the worker: references, never bodies."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class ProcessRawBatch:
    """Decode, merge and store one raw object. Idempotent: doing it again writes the same rows."""

    task_name: ClassVar[str] = "process_raw_batch"
    key: str
