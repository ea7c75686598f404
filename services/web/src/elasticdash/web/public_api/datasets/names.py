"""Names of datasets and runs: what they may be, and how clients spell them in addresses."""

import re
from typing import Annotated
from urllib.parse import unquote

from fastapi import Depends, Request
from pydantic import AfterValidator

from elasticdash.web.wire import Text

_HTML = re.compile(r"<[^>]*>")
_RUNS = "runs"


def _checked(value: str) -> str:
    name = value.strip()
    if not name:
        raise ValueError("must not be empty")
    if name.startswith("/") or name.endswith("/") or "//" in name:
        raise ValueError("must not begin or end with / or contain //")
    if _HTML.search(name):
        raise ValueError("must not contain HTML")
    return name


DatasetName = Annotated[Text, AfterValidator(_checked)]


def spellings(name: str) -> tuple[str, ...]:
    """The name as it came, and what it is when it was escaped twice: some SDKs do, and names may hold %."""
    again = unquote(name)
    return (name,) if again == name else (name, again)


async def _of_run(request: Request, dataset_name: str, run_name: str) -> tuple[str, str]:
    """Names of the dataset and its run in `…/datasets/{dataset}/runs/{run}`.

    A name may hold slashes. Where they are escaped the path has three parts; else the last `runs` divides it.
    """
    raw: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    parts = raw.decode("latin-1").partition("/datasets/")[2].split("/")
    if len(parts) == 3 and parts[1] == _RUNS:
        return unquote(parts[0]), unquote(parts[2])
    return dataset_name, run_name


NamesOfRun = Annotated[tuple[str, str], Depends(_of_run)]
