"""The rules of docs/style.md that no linter knows: sizes, names and docstrings of what is written by hand."""

import ast
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 50
VAGUE_NAMES = {"utils", "util", "common", "helpers", "helper", "manager", "misc"}


@dataclass(frozen=True)
class Source:
    """A Python file that git tracks."""

    path: Path
    line_count: int
    tree: ast.Module


@pytest.fixture(scope="module")
def sources() -> Sequence[Source]:
    listed = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True)
    texts = {Path(name): (ROOT / name).read_text() for name in listed.stdout.split() if (ROOT / name).exists()}
    return [Source(path, text.count("\n"), ast.parse(text)) for path, text in texts.items()]


def test_files_and_functions_are_short(sources: Sequence[Source]):
    long = [str(source.path) for source in sources if source.line_count > MAX_FILE_LINES]
    for source in sources:
        for node in ast.walk(source.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                line_count = (node.end_lineno or node.lineno) - node.lineno + 1
                if line_count > MAX_FUNCTION_LINES:
                    long.append(f"{source.path}: {node.name}")

    assert len(sources) > 500
    assert long == []


def test_every_module_is_named_for_what_it_holds(sources: Sequence[Source]):
    vague = [str(source.path) for source in sources if VAGUE_NAMES & {source.path.stem, *source.path.parent.parts}]

    assert vague == []


def test_every_module_says_why_it_exists(sources: Sequence[Source]):
    silent = [str(source.path) for source in sources if source.tree.body and ast.get_docstring(source.tree) is None]

    assert silent == []
