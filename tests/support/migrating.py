"""Runs `elasticdash migrate` for tests: in this process for its answer, or in one of its own that can be killed."""

import json
import multiprocessing
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from typing import Any

from typer.testing import CliRunner

from elasticdash.standalone.cli import app

# Forked from a process that has imported the command: a start costs milliseconds. It does not see this folder.
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["elasticdash.standalone.cli", "typer.testing"])


@dataclass(frozen=True, slots=True)
class Answer:
    """How a run ended: its exit code, its line of JSON, and what people see."""

    exit_code: int
    result: Mapping[str, Any]
    shown: str


def migrate(environment: Mapping[str, str], *arguments: str) -> Answer:
    """Run the command with these variables set."""
    answer = CliRunner().invoke(app, ["migrate", "--json", *arguments], env=dict(environment))
    line = answer.stdout.strip().splitlines()[-1] if answer.stdout.strip() else "{}"
    return Answer(answer.exit_code, json.loads(line), answer.stdout + answer.stderr)


def start(environment: Mapping[str, str]) -> BaseProcess:
    """The command in a process of its own, running."""
    process = _processes.Process(target=_run, args=(dict(environment),), daemon=True)
    process.start()
    return process


def _run(environment: dict[str, str]) -> None:
    sys.exit(migrate(environment).exit_code)
