"""The `elasticdash` command."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from elasticdash.shared import errors
from elasticdash.standalone import credentials
from elasticdash.standalone import demo as demo_traces
from elasticdash.standalone import up as embedded_up
from elasticdash.standalone.data_folder import DataFolder
from elasticdash.standalone.settings import Settings

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    # A pretty traceback shows local variables, and those hold secrets.
    pretty_exceptions_enable=False,
    help="LLM observability that speaks the Langfuse API.",
)
console = Console(stderr=True)

PortOption = Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)]
HostOption = Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 lets other machines in.")]
DataDirOption = Annotated[Path, typer.Option(help="Folder that holds everything the Logger keeps. Created if missing.")]


@app.command()
def up(
    port: PortOption = 3000,
    host: HostOption = "127.0.0.1",
    data_dir: DataDirOption = Path("data"),
    demo: Annotated[bool, typer.Option("--demo", help="Send the demo traces once it runs.")] = False,
) -> None:
    """Run the whole Logger in this process: web, worker, embedded ClickHouse, SQLite.

    The first start creates an organization, a project, API keys and an admin, and prints them; they are kept in the
    data folder. ELASTICDASH_INIT_{ORG,PROJECT}_{ID,NAME}, ELASTICDASH_INIT_PROJECT_{PUBLIC_KEY,SECRET_KEY,RETENTION}
    and ELASTICDASH_INIT_USER_{EMAIL,NAME,PASSWORD} fix what is created. Ctrl-C finishes what was accepted and stops.
    """
    embedded_up.run(embedded_up.Address(host, port), data_dir, Settings(), send_demo=demo)


@app.command()
def demo(
    base_url: Annotated[
        str, typer.Option(envvar=["ELASTICDASH_BASE_URL", "LANGFUSE_BASE_URL", "LANGFUSE_HOST"], help="The Logger.")
    ] = "http://127.0.0.1:3000",
    data_dir: DataDirOption = Path("data"),
    public_key: Annotated[
        str | None, typer.Option(envvar=["ELASTICDASH_PUBLIC_KEY", "LANGFUSE_PUBLIC_KEY"], help="Else: the folder's.")
    ] = None,
    secret_key: Annotated[
        str | None, typer.Option(envvar=["ELASTICDASH_SECRET_KEY", "LANGFUSE_SECRET_KEY"], help="Else: the folder's.")
    ] = None,
) -> None:
    """Send traces of real agent frameworks to a running Logger and print links to them."""
    if public_key is None or secret_key is None:
        kept = credentials.kept(DataFolder(data_dir))
        public_key, secret_key = kept.public_key, kept.secret_key
    for trace in demo_traces.send_demo(base_url, public_key, secret_key):
        Console().print(f"{trace.name}\n  {trace.url}", soft_wrap=True, highlight=False)


def main() -> None:
    """Run the command; an error of ours ends it with its message and exit code 1."""
    try:
        app()
    except errors.ElasticDashError as error:
        console.print(f"[red]elasticdash:[/red] {error}", soft_wrap=True, highlight=False)
        sys.exit(1)
