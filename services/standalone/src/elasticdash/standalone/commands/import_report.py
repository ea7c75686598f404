"""What both imports show: a dry run's figures, progress bars, and the comparison at the end."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress as ProgressBar
from rich.table import Table

from elasticdash.shared import errors
from elasticdash.standalone.importing.project_copy import Counts, Say

console = Console()


def show_remaining(remaining: Mapping[str, int]) -> None:
    """What a dry run found."""
    console.print(_table("To be copied", ["items"], [(name, count) for name, count in remaining.items()]))


@contextmanager
def progress_bars(totals: Mapping[str, int]) -> Generator[Say]:
    """A bar for each resource; what has no bar is said when it is done."""
    with ProgressBar(console=console) as bar:
        tasks = {name: bar.add_task(name, total=total) for name, total in totals.items()}

        def say(name: str, count: int) -> None:
            if name in tasks:
                bar.advance(tasks[name], count)
            elif count:
                bar.console.print(f"{count} {name} copied")

        yield say


def verify(counts: Sequence[Counts], refused: int) -> None:
    """Both sides beside each other; ElasticDashError when they differ or something was refused."""
    rows = [(count.resource, count.source, count.target) for count in counts]
    console.print(_table("Verification", ["source", "target"], rows))
    if refused or any(count.source != count.target for count in counts):
        raise errors.ElasticDashError(f"The copy is not complete: {refused} events were refused, counts as above")


def _table(title: str, columns: Sequence[str], rows: Sequence[tuple[str, *tuple[int, ...]]]) -> Table:
    table = Table("", *columns, title=title)
    for name, *numbers in rows:
        table.add_row(name, *(f"{number:,}" for number in numbers))
    return table
