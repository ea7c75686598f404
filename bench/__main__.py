"""`make bench`: loads a Logger as processes of its own, prints one table, writes JSON.

`make bench-distributed` does so with one web and one worker on real stores, and with the embedded one beside it.
`make bench ARGS="--loaded 5000000"` asks an embedded Logger that holds as many observations of 30 days instead.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import limits, report, target
from bench.loaded import reading
from bench.measure import read_figures, write_figures
from bench.target import Target
from bench.workload import build
from support.server import free_port

SHAPES: Mapping[str, Callable[[Path], AbstractContextManager[Target]]] = {
    "embedded": target.embedded,
    "distributed": target.distributed,
}


def main() -> None:
    """Run the bench and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shapes", nargs="+", choices=list(SHAPES), default=["embedded"], help="one after the other")
    parser.add_argument("--traces", type=int, default=2000, help="traces of ten observations")
    parser.add_argument("--spans-per-request", type=int, default=512)
    parser.add_argument("--senders", type=int, default=4)
    parser.add_argument("--reads", type=int, default=40)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--loaded", type=int, help="measure reading only, with this many observations stored")
    parser.add_argument("--folder", type=Path, help="where a loaded store is kept, to be asked again")
    parser.add_argument("--text", type=int, default=950, help="length of each text of a loaded store")
    parser.add_argument("--only", default="", help="of a loaded store, ask only questions whose names hold this text")
    parser.add_argument("--output", type=Path, default=Path("bench/results"))
    options = parser.parse_args()
    if options.loaded:
        figures = {"loaded": reading.run(options.folder, options.loaded, options.text, options.reads, options.only)}
    else:
        figures = {shape: run(shape, options) for shape in options.shapes}
        for of_shape in figures.values():
            print(report.table(of_shape))
        if len(figures) == len(SHAPES):
            print(report.comparison(figures["distributed"], figures["embedded"]))
    options.output.mkdir(parents=True, exist_ok=True)
    written = options.output / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"
    written.write_text(json.dumps(list(figures.values()), indent=2))
    print(f"written to {written}")


def run(shape: str, options: argparse.Namespace) -> dict[str, Any]:
    """All figures of one Logger, by name."""
    work = build(options.traces, options.spans_per_request, options.seed)
    with tempfile.TemporaryDirectory(prefix="elasticdash-bench-") as folder, SHAPES[shape](Path(folder)) as logger:
        figures = {
            "shape": shape,
            "seed": options.seed,
            "observations": work.observations,
            **write_figures(logger, work, options),
            **read_figures(logger, work, options.reads),
            "limit_bare_accept_per_s": limits.bare_accept_per_second(
                work.bodies, work.observations, options.senders, free_port()
            ),
        }
    insert_per_s, insert_cpu_s = limits.raw_insert(work.observations)
    return {
        **figures,
        "limit_raw_insert_per_s": insert_per_s,
        "limit_cpu_s_per_10k": insert_cpu_s + limits.parse_cpu_seconds_per_10k(work.bodies, work.observations),
    }


if __name__ == "__main__":
    main()
