"""What the chaos tests measured, into docs/reliability.md: `python -m support.chaos.figures FIGURES DOCUMENT`."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from support.chaos.judge import Fault
from support.chaos.run import Verdict

_BEGIN, _END = "<!-- figures: written by `make chaos` -->", "<!-- /figures -->"
# A run in which fewer of the planned kills happened shows nothing.
LEAST_SHARE_OF_KILLS = 0.9

Figure = Mapping[str, Any]


@dataclass
class Figures:
    """Collected by the tests of one run."""

    rows: list[Figure] = field(default_factory=list[Figure])

    def add(self, proof: str, case: str, verdict: Verdict, *, planned_kills: int = 0, kills: int = 0) -> None:
        """What one run of a load showed."""
        found = verdict.counts
        self.rows.append(
            {
                "proof": proof,
                "case": case,
                "seed": verdict.seed,
                "planned_kills": planned_kills,
                "kills": kills,
                "acknowledged": verdict.acknowledged,
                "lost": found.get(Fault.LOST, 0),
                "doubled": found.get(Fault.DOUBLED, 0),
                "invented": found.get(Fault.INVENTED, 0) + found.get(Fault.REFUSED_APPEARED, 0),
                "other": sum(found.values()) - sum(found.get(fault, 0) for fault in _SHOWN),
                "settled_seconds": round(verdict.settled_seconds, 1),
                "longest_seconds_to_readable": round(verdict.longest_seconds_to_readable, 1),
            }
        )

    def write(self, path: Path) -> None:
        """As JSON, for `make chaos` and for whoever wants more than the table."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            json.dumps({"commit": _commit(), "at": datetime.now(UTC).isoformat(), "rows": self.rows}, indent=2)
        )


_SHOWN = (Fault.LOST, Fault.DOUBLED, Fault.INVENTED, Fault.REFUSED_APPEARED)


def is_valid(row: Figure) -> bool:
    """Whether enough of what was planned happened."""
    return row["kills"] >= LEAST_SHARE_OF_KILLS * row["planned_kills"]


def table(commit: str, day: str, rows: Sequence[Figure]) -> str:
    """Markdown. Negative controls are broken on purpose: what they lose or double is what the judge must report."""
    lines = [
        f"Commit `{commit}`, {day}.",
        "",
        "| proof | case | seed | kills | acknowledged | lost | doubled | invented | other | readable after the end, s |"
        " slowest to readable, s |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        kills = f"{row['kills']} of {row['planned_kills']}" if row["planned_kills"] else ""
        numbers = [row[name] for name in ("acknowledged", "lost", "doubled", "invented", "other")]
        times = [row["settled_seconds"], row["longest_seconds_to_readable"]]
        cells = [row["proof"], row["case"], row["seed"], kills, *(f"{number:,}" for number in numbers), *times]
        lines.append("| " + " | ".join(str(cell) for cell in cells) + " |")
    return "\n".join(lines)


def replaced(document: str, figures: str) -> str:
    """The document with its figures exchanged; ValueError when it has no place for them."""
    begin, end = document.index(_BEGIN) + len(_BEGIN), document.index(_END)
    return f"{document[:begin]}\n{figures}\n{document[end:]}"


def main() -> None:
    """Refuses figures of a run that did not do what it planned."""
    measured, document = json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2])
    invalid = [row["case"] for row in measured["rows"] if not is_valid(row)]
    if invalid:
        sys.exit(f"Not written: too few of the planned kills happened in {', '.join(invalid)}")
    text = table(measured["commit"], measured["at"][:10], measured["rows"])
    document.write_text(replaced(document.read_text(), text))
    print(text)


def _commit() -> str:
    done = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=True)
    return done.stdout.strip()


if __name__ == "__main__":
    main()
