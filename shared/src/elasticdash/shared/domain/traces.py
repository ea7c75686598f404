"""A trace: what its events and spans together say about one run, as it is stored."""

from collections.abc import Mapping, Sequence

from elasticdash.shared.domain.record import record
from elasticdash.shared.ids import ProjectId, TraceId


@record(kw_only=True)
class Trace:
    """One trace, merged from all known events about it.

    `timestamp_us` is microseconds since the epoch, UTC. `input`, `output` are texts as sent, None for
    nothing. `metadata` values are texts (JSON text for anything that was not a string).
    `tags` are unique and sorted. `revision` as for observations.
    """

    project_id: ProjectId
    id: TraceId
    timestamp_us: int
    name: str | None
    user_id: str | None
    session_id: str | None
    release: str | None
    version: str | None
    environment: str
    is_public: bool
    is_bookmarked: bool
    tags: Sequence[str]
    input: str | None
    output: str | None
    metadata: Mapping[str, str]
    revision: int
