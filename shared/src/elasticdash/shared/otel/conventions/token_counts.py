"""One rule for all conventions: parts of a token count are priced apart, so they leave the count that includes them."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class TokenCounts:
    """Counts as reported. Parts are buckets such as `input_cached_tokens`.

    Some providers' input includes what was read from or written to a cache, others' does not, and
    instrumentations pass on either. `input_excludes_parts` is True where the source says so; else the
    numbers decide: a part larger than the input cannot be in it, and neither can parts that a stated
    total counts beside it.
    """

    input: int | None
    output: int | None
    total: int | None = None
    input_parts: Mapping[str, int] = field(default_factory=dict[str, int])
    output_parts: Mapping[str, int] = field(default_factory=dict[str, int])
    input_excludes_parts: bool = False

    def buckets(self) -> dict[str, int]:
        """Units by bucket, no unit in two of them; `total` only if it was reported."""
        found: dict[str, int] = {}
        if self.input is not None:
            found["input"] = self.input if self._is_input_alone() else self.input - sum(self.input_parts.values())
        if self.output is not None:
            found["output"] = max(self.output - sum(self.output_parts.values()), 0)
        if self.total is not None:
            found["total"] = self.total
        return {**found, **self.input_parts, **self.output_parts}

    def _is_input_alone(self) -> bool:
        parts, whole = sum(self.input_parts.values()), self.input or 0
        if self.input_excludes_parts or parts > whole:
            return True
        return parts > 0 and self.total == whole + parts + (self.output or 0)
