"""No setting is there for show: each has a description, and something outside the settings reads it."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from elasticdash.shared.settings import guide, model
from elasticdash.shared.settings.group import SettingsGroup, variable

ROOT = Path(__file__).parents[4]
SETTINGS = [(group, name) for group in model.groups() for name in group.model_fields]
IDS = [variable(group, name) for group, name in SETTINGS]


@cache
def _sources() -> list[tuple[str, ast.Module]]:
    paths = [*ROOT.glob("shared/src/**/*.py"), *ROOT.glob("services/*/src/**/*.py")]
    return [(path.read_text(), ast.parse(path.read_text())) for path in paths if "/settings/" not in str(path)]


def _read_outside(group: type[SettingsGroup]) -> Iterator[str]:
    attribute = next(name for name, type_ in model.Settings.__annotations__.items() if type_ is group)
    for text, tree in _sources():
        if group.__name__ in text or f"settings.{attribute}" in text:
            yield from (node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute))


def _read_by_methods(group: type[SettingsGroup], methods: set[str]) -> set[str]:
    path = ROOT / "shared/src" / (group.__module__.replace(".", "/") + ".py")
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef) and node.name in methods:
            found |= {inner.attr for inner in ast.walk(node) if isinstance(inner, ast.Attribute)}
    return found


@cache
def _read(group: type[SettingsGroup]) -> set[str]:
    outside = set(_read_outside(group))
    direct = _read_by_methods(group, outside)
    return outside | direct | _read_by_methods(group, direct)


@pytest.mark.parametrize(("group", "name"), SETTINGS, ids=IDS)
def test_it_is_described(group: type[SettingsGroup], name: str):
    field = group.model_fields[name]

    assert field.description
    assert f"| `{variable(group, name)}` |" in guide.render()


@pytest.mark.parametrize(("group", "name"), SETTINGS, ids=IDS)
def test_something_reads_it(group: type[SettingsGroup], name: str):
    assert name in _read(group)


@pytest.mark.parametrize(("group", "name"), SETTINGS, ids=IDS)
def test_secrets_are_never_plain(group: type[SettingsGroup], name: str):
    is_secret = name == "auth" or any(word in name for word in ("password", "secret", "salt"))
    has_password = variable(group, name) in ("DATABASE_URL", "DIRECT_URL", "REDIS_CONNECTION_STRING")

    if is_secret or has_password:
        assert "Secret" in str(group.model_fields[name].annotation)
