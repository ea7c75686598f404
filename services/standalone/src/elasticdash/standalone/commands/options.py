"""Options that several commands take."""

from pathlib import Path
from typing import Annotated

import typer

DataDirOption = Annotated[Path, typer.Option(help="Folder that holds everything the Logger keeps. Created if missing.")]
