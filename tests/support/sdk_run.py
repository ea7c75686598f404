"""Runs one contract script in its SDK's own environment and hands back what that SDK read."""

import base64
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

from support import sdk_environments
from support.server import RunningServer

SCRIPTS = Path(__file__).parents[1] / "contract" / "sdk_scripts"
SCRIPT_TIMEOUT_SECONDS = 120.0
RELEASE = "2026.11"
ENVIRONMENT = "contract-tests"


class ScriptFailedError(Exception):
    """A script ended with an error; carries what it printed."""


def run_python(
    environment: str, script: str, sent: dict[str, Any], server: RunningServer, **extra: str
) -> dict[str, Any]:
    """What `<script>.py` reported, run with the interpreter of `environment`."""
    interpreter = sdk_environments.python_interpreter(environment)
    return _run([str(interpreter), str(SCRIPTS / f"{script}.py"), json.dumps(sent)], server, extra)


def run_python_of_tests(script: str, sent: dict[str, Any], server: RunningServer, **extra: str) -> dict[str, Any]:
    """What `<script>.py` reported, run with what the development pins hold."""
    return _run([sys.executable, str(SCRIPTS / f"{script}.py"), json.dumps(sent)], server, extra)


def run_node(environment: str, script: str, sent: dict[str, Any], server: RunningServer) -> dict[str, Any]:
    """What `<script>.mjs` reported; it runs from the environment's folder, where Node.js looks for its packages."""
    folder = sdk_environments.node_folder(environment)
    for file in ("scenario.mjs", f"{script}.mjs"):
        shutil.copy(SCRIPTS / file, folder)
    return _run([str(sdk_environments.node()), str(folder / f"{script}.mjs"), json.dumps(sent)], server, {})


def _run(command: list[str], server: RunningServer, extra: dict[str, str]) -> dict[str, Any]:
    finished = subprocess.run(
        command,
        env={**_variables(server), **extra},
        capture_output=True,
        text=True,
        timeout=SCRIPT_TIMEOUT_SECONDS,
        check=False,
    )
    if finished.returncode != 0:
        raise ScriptFailedError(f"exit code {finished.returncode}\n{finished.stdout[-3000:]}{finished.stderr[-6000:]}")
    return json.loads(finished.stdout.strip().splitlines()[-1])


def _variables(server: RunningServer) -> dict[str, str]:
    variables = {"PATH": "/usr/local/bin:/usr/bin:/bin"}
    for vendor in ("LANGFUSE", "ELASTICDASH"):
        variables |= {f"{vendor}_{name}": server.url for name in ("HOST", "BASE_URL", "BASEURL")}
        variables |= {
            f"{vendor}_PUBLIC_KEY": server.public_key,
            f"{vendor}_SECRET_KEY": server.secret_key,
            f"{vendor}_RELEASE": RELEASE,
            f"{vendor}_TRACING_ENVIRONMENT": ENVIRONMENT,
        }
    return variables


def basic_authorization(server: RunningServer) -> str:
    """The Authorization header of the server's keys, escaped as OTEL_EXPORTER_OTLP_HEADERS wants it."""
    pair = base64.b64encode(f"{server.public_key}:{server.secret_key}".encode()).decode()
    return quote(f"Basic {pair}")
