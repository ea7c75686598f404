"""docker-compose.yml and .env.example say the same, and Compose takes them."""

import re
import subprocess
from pathlib import Path

import pytest

from support.servers import origin
from support.servers.origin import DebianProgram

TOP = Path(__file__).parents[2]
COMPOSE_FILE = TOP / "docker-compose.yml"
EXAMPLE = TOP / ".env.example"
SERVICES = {"migrate", "web", "worker", "postgres", "clickhouse", "redis", "minio"}
_COMPOSE = DebianProgram("docker-compose", "docker-compose")
_TIMEOUT_SECONDS = 60


def run_compose(env_file: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = str(origin.program(_COMPOSE))
    return subprocess.run(
        [program, "--file", str(COMPOSE_FILE), "--env-file", str(env_file), *arguments],
        env={"PATH": "/usr/local/bin:/usr/bin:/bin"},
        check=False,
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_SECONDS,
    )


def variables_of(example: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in example.splitlines() if line and not line.startswith("#"))


def required_variables() -> set[str]:
    return set(re.findall(r"\$\{(\w+):\?", COMPOSE_FILE.read_text()))


@pytest.fixture
def filled_env(tmp_path: Path) -> Path:
    variables = variables_of(EXAMPLE.read_text()) | dict.fromkeys(required_variables(), "a-secret-of-this-test")
    filled = tmp_path / "env"
    filled.write_text("".join(f"{name}={value}\n" for name, value in variables.items()))
    return filled


def test_the_example_names_every_variable_compose_reads_and_no_other():
    read = set(re.findall(r"\$\{(\w+)", COMPOSE_FILE.read_text()))

    assert set(variables_of(EXAMPLE.read_text())) == read


def test_the_example_gives_no_secret_away():
    stated = variables_of(EXAMPLE.read_text())

    assert {name: stated[name] for name in required_variables()} == dict.fromkeys(required_variables(), "")


def test_compose_takes_the_file_once_the_secrets_are_set(filled_env: Path):
    answer = run_compose(filled_env, "config", "--services")

    assert answer.returncode == 0, answer.stderr
    assert set(answer.stdout.split()) == SERVICES


@pytest.mark.parametrize("secret", sorted(required_variables()))
def test_compose_names_a_secret_that_is_missing(filled_env: Path, secret: str):
    filled_env.write_text(re.sub(rf"^{secret}=.*$", f"{secret}=", filled_env.read_text(), flags=re.MULTILINE))

    answer = run_compose(filled_env, "config")

    assert answer.returncode != 0
    assert f"set {secret} in .env" in answer.stderr
