"""`elasticdash up`: opens everything, prints how to use it, serves until told to stop."""

import asyncio
import socket
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
import uvloop
from rich.console import Console

from elasticdash.shared.settings import ecosystem, model
from elasticdash.shared.settings.model import Settings
from elasticdash.shared.telemetry import logs, tracing
from elasticdash.standalone import allocator, data_folder, embedded, garbage, serving, threads
from elasticdash.standalone import demo as demo_traces
from elasticdash.standalone import server as http_server
from elasticdash.standalone.commands.options import DataDirOption
from elasticdash.standalone.credentials import Credentials
from elasticdash.standalone.data_folder import DataFolder
from elasticdash.web.app import create_app

console = Console()

_SNIPPET = """
  [bold]from langfuse import Langfuse[/bold]                    # pip install langfuse (3 or newer)
  langfuse = Langfuse(public_key="{public_key}", secret_key="{secret_key}", host="{url}")
  with langfuse.start_as_current_observation(name="hello", input="hi") as step:
      step.update(output="there")
  langfuse.flush()
"""


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """The address as a browser on this machine would name it."""
        shown = "localhost" if self.host in ("127.0.0.1", "0.0.0.0", "::", "::1") else self.host
        return f"http://{shown}:{self.port}"


def up(
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 3000,
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 lets other machines in.")] = "127.0.0.1",
    data_dir: DataDirOption = Path("data"),
    demo: Annotated[bool, typer.Option("--demo", help="Send the demo traces once it runs.")] = False,
) -> None:
    """Run the whole Logger in this process: web, worker, embedded ClickHouse, SQLite.

    The first start creates an organization, a project, API keys and an admin, and prints them; they are kept in the
    data folder. ELASTICDASH_INIT_{ORG,PROJECT}_{ID,NAME}, ELASTICDASH_INIT_PROJECT_{PUBLIC_KEY,SECRET_KEY,RETENTION}
    and ELASTICDASH_INIT_USER_{EMAIL,NAME,PASSWORD} fix what is created. Ctrl-C finishes what was accepted and stops.
    """
    settings = model.for_one_process()
    allocator.give_back_early()
    logs.configure("up", settings.process.log_level or "warning", settings.process.log_format or "console")
    ecosystem.warn_of_ignored()
    address = Address(host, port)
    bound = http_server.listen(host, port)
    with data_folder.opened(data_dir) as folder, tracing.exporting(settings.tracing, "up"):
        uvloop.run(_serve(address, bound, folder, settings, send_demo=demo))
    console.print("Stopped; everything accepted is kept.")


async def _serve(
    address: Address, bound: socket.socket, folder: DataFolder, settings: Settings, send_demo: bool
) -> None:
    with _progress() as say:
        async with embedded.opened(folder, settings, say) as logger:
            if logger.resumed_batches:
                say(f"Storing {logger.resumed_batches} batches that were accepted before the last stop")
            app = create_app(logger.services, serving.request_rules(settings))
            garbage.collect_rarely()
            threads.take_turns()
            _print_welcome(address, logger.credentials, folder)
            async with serving.operations_beside(settings, logger.backlog):
                # Nobody waits for a balancer in front of one process: Ctrl-C stops listening at once.
                rules = serving.rules(settings, drain_delay_seconds=0)
                running = asyncio.create_task(http_server.serve(app, bound, rules, logger.services.lifecycle))
                if send_demo:
                    await asyncio.to_thread(_send_demo, address, logger.credentials)
                await running
            say("Stopping: storing what was accepted")


def _send_demo(address: Address, credentials: Credentials) -> None:
    for trace in demo_traces.send_demo(address.url, credentials.public_key, credentials.secret_key):
        console.print(f"  {trace.name}: {trace.url}", soft_wrap=True, highlight=False)


@contextmanager
def _progress() -> Generator[embedded.Progress]:
    """Says each slow step with the time since the start."""
    started = time.monotonic()

    def say(step: str) -> None:
        console.print(f"[dim]{time.monotonic() - started:5.1f} s[/dim]  {step}", highlight=False)

    yield say


def _print_welcome(address: Address, credentials: Credentials, folder: DataFolder) -> None:
    console.print(f"\n[bold green]ElasticDash Logger runs at {address.url}[/bold green]", highlight=False)
    console.print(f"  public key  {credentials.public_key}", highlight=False)
    console.print(f"  secret key  {credentials.secret_key}", highlight=False)
    if credentials.user_email:
        console.print(f"  admin       {credentials.user_email}  {credentials.user_password or ''}", highlight=False)
    console.print(f"  data        {folder.root}", highlight=False, soft_wrap=True)
    console.print(f"  API         {address.url}/docs", highlight=False)
    snippet = _SNIPPET.format(public_key=credentials.public_key, secret_key=credentials.secret_key, url=address.url)
    console.print(snippet, highlight=False, soft_wrap=True)
    console.print("Ctrl-C finishes what was accepted and stops.\n", highlight=False)
