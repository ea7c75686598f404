"""Records the demo traces anew: runs every agent offline against a scripted model and writes what it exported.

`make demo-traces` calls it; it needs the package registries for the frameworks, nothing else.
"""

import argparse
import json
import subprocess
from importlib import metadata
from pathlib import Path

import collector
import normalize
import scenarios
from scenarios import Scenario

from support import fake_model, sdk_environments

_HERE = Path(__file__).parent
_CAPTURES = _HERE.parents[1] / "services" / "standalone" / "src" / "elasticdash" / "standalone" / "demo_captures"
_AGENT_TIMEOUT_SECONDS = 120.0
_MAX_TOTAL_BYTES = 400_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("only", nargs="*", help="scripts to record; all when none is given")
    only: list[str] = parser.parse_args().only
    _CAPTURES.mkdir(exist_ok=True)
    for position, scenario in enumerate(scenarios.ALL, start=1):
        if only and scenario.script not in only:
            continue
        file = _CAPTURES / f"{position:02d}_{scenario.script}.json"
        file.write_text(json.dumps(record(scenario), ensure_ascii=False, separators=(",", ":")) + "\n")
    total_bytes = sum(file.stat().st_size for file in _CAPTURES.glob("*.json"))
    if total_bytes > _MAX_TOTAL_BYTES:
        raise SystemExit(f"The captures have {total_bytes} bytes, more than {_MAX_TOTAL_BYTES}: shorten an agent.")


def record(scenario: Scenario) -> dict[str, object]:
    """The capture of one agent's run."""
    interpreter = sdk_environments.python_interpreter(scenario.environment, _HERE / "environments")
    with fake_model.serving(scenario.answers) as model, collector.collecting() as logger:
        subprocess.run(
            [str(interpreter), str(_HERE / "agents" / f"{scenario.script}.py")],
            env=_variables(model.url, logger.url),
            timeout=_AGENT_TIMEOUT_SECONDS,
            check=True,
        )
        if model.answers:
            raise SystemExit(f"{scenario.script} left {len(model.answers)} scripted answers unused.")
    return normalize.capture(f"{scenario.framework} {_version(interpreter, scenario.package)}", logger.requests)


def _variables(model_url: str, logger_url: str) -> dict[str, str]:
    """All an agent sees of its surroundings."""
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "OPENAI_API_KEY": "unused",
        "OPENAI_BASE_URL": model_url,
        "OPENAI_API_BASE": model_url,
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"{logger_url}/api/public/otel",
        "LANGFUSE_HOST": logger_url,
        "LANGFUSE_BASE_URL": logger_url,
        "LANGFUSE_PUBLIC_KEY": "pk-lf-demo",
        "LANGFUSE_SECRET_KEY": "sk-lf-demo",
        "LANGFUSE_TRACING_ENVIRONMENT": "production",
    }


def _version(interpreter: Path, package: str) -> str:
    site_packages = next((interpreter.parents[1] / "lib").glob("python*/site-packages"))
    found = metadata.distributions(name=package, path=[str(site_packages)])
    return next(iter(found)).version


if __name__ == "__main__":
    main()
