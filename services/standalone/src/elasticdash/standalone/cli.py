"""The `elasticdash` command."""

import sys

import typer
from rich.console import Console

from elasticdash.shared import errors
from elasticdash.standalone.commands import (
    demo,
    doctor,
    import_langfuse,
    import_v3,
    keys,
    migrate,
    replay,
    up,
    web,
    worker,
)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    # A pretty traceback shows local variables, and those hold secrets.
    pretty_exceptions_enable=False,
    help="LLM observability that speaks the Langfuse API.",
)
app.command()(up.up)
app.command()(web.web)
app.command()(worker.worker)
app.command()(migrate.migrate)
app.command()(doctor.doctor)
app.add_typer(replay.app, name="replay")
app.add_typer(keys.app, name="keys")
app.command()(demo.demo)

imports = typer.Typer(no_args_is_help=True, help="Move in from a Langfuse or ElasticDash installation.")
imports.command()(import_langfuse.langfuse)
imports.command()(import_v3.v3)
app.add_typer(imports, name="import")


def main() -> None:
    """Run the command; an error of ours ends it with its message and exit code 1."""
    try:
        app()
    except errors.ElasticDashError as error:
        Console(stderr=True).print(f"[red]elasticdash:[/red] {error}", soft_wrap=True, highlight=False)
        sys.exit(1)
