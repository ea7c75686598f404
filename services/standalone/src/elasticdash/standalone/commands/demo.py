"""`elasticdash demo`: sends the demo traces to a running Logger."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from elasticdash.standalone import credentials
from elasticdash.standalone import demo as demo_traces
from elasticdash.standalone.commands.options import DataDirOption
from elasticdash.standalone.data_folder import DataFolder


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
