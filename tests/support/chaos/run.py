"""One run: senders under way while something breaks things, then the verdict."""

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from support.chaos import judge, reader
from support.chaos.clients import Balancer, Project
from support.chaos.freshness import Freshness
from support.chaos.judge import Fault, Violation
from support.chaos.ledger import KINDS, EntityKind, Fate, Ledger, Told
from support.chaos.producer import Producer
from support.chaos.workload import Sender, Shape

SHAPES: Sequence[Shape] = ("batch", "otlp")
STOP_TIMEOUT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a run showed; `settled_seconds` is from the end of the load until everything was readable."""

    seed: int
    acknowledged: int
    violations: Sequence[Violation]
    settled_seconds: float
    longest_seconds_to_readable: float
    answers: dict[str, int]

    @property
    def counts(self) -> dict[Fault, int]:
        """How many violations of each kind there are."""
        return judge.counts(self.violations)

    @property
    def summary(self) -> str:
        """One line, then what is wrong."""
        line = (
            f"seed={self.seed} acknowledged={self.acknowledged} settled_seconds={self.settled_seconds:.1f}"
            f" longest_seconds_to_readable={self.longest_seconds_to_readable:.1f} answers={self.answers}"
        )
        return line if not self.violations else f"{line}\n{judge.summary(self.violations)}"


class Load:
    """Senders of both shapes in every project, from `start` to `stop`.

    `history` is what earlier loads sent to the same projects: it was judged, and may be there or not. The verdict adds
    this load's part to it.
    """

    def __init__(
        self,
        balancer: Balancer,
        projects: Sequence[Project],
        seed: int,
        seconds_per_request: float,
        history: list[Told] | None = None,
    ) -> None:
        self.ledger = Ledger()
        self._history = [] if history is None else history
        self._totals_before: list[dict[EntityKind, int]] = []
        self._balancer, self._projects, self._seed = balancer, projects, seed
        self._freshness = Freshness(balancer, self.ledger)
        now_ms = int(time.time() * 1000)
        run_id = f"{seed}-{len(self._history)}"
        self._producers = [
            Producer(
                Sender(project.id, f"{shape}-{run_id}-{number}", shape, seed, now_ms),
                project,
                balancer,
                self.ledger,
                self._freshness,
                seconds_per_request,
            )
            for number, project in enumerate(projects)
            for shape in SHAPES
        ]

    def start(self) -> None:
        """Begin to send."""
        self._totals_before = self._totals()
        for thread in (self._freshness, *self._producers):
            thread.start()

    def stop(self) -> None:
        """Send no more; returns when the last request was answered or given up."""
        for producer in self._producers:
            producer.ask_to_stop()
        for producer in self._producers:
            producer.join(STOP_TIMEOUT_SECONDS)

    def verdict(self, patience_seconds: float, steady_seconds: float) -> Verdict:
        """Wait until what was acknowledged is readable, read everything, judge."""
        own = list(self.ledger.told.values())
        told = [*self._history, *own]
        self._history += [Told(statement, Fate.UNCERTAIN) for statement, _ in own if statement.is_valid]
        wanted = [self._wanted(*pair) for pair in zip(self._projects, self._totals_before, strict=True)]
        settled = reader.wait_until_steady(self._totals, wanted, steady_seconds, patience_seconds)
        longest = self._freshness.finish(patience_seconds)
        rng = random.Random(self._seed)
        readings = [reader.read_project(self._balancer, project, told, rng) for project in self._projects]
        return Verdict(
            seed=self._seed,
            acknowledged=self.ledger.acknowledged_count(),
            violations=judge.judge(told, readings, self.ledger.answers),
            settled_seconds=settled,
            longest_seconds_to_readable=longest,
            answers={
                f"{answer.route} {answer.outcome}": count
                for answer, count in sorted(self.ledger.answers.items(), key=str)
            },
        )

    def _totals(self) -> list[dict[EntityKind, int]]:
        return [reader.read_totals(self._balancer, project) for project in self._projects]

    def _wanted(self, project: Project, before: Mapping[EntityKind, int]) -> dict[EntityKind, int]:
        must = judge.unread(list(self.ledger.told.values()), ())
        new = {kind: sum(key.project == project.id and key.kind == kind for key in must) for kind in KINDS}
        return {kind: before[kind] + count for kind, count in new.items()}
