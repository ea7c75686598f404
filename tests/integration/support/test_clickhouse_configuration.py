"""The ClickHouse configuration we ship is well-formed, names settings that exist, and an engine starts with it."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from support.servers import clickhouse as servers

FOLDER = Path(__file__).parents[3] / "deploy" / "clickhouse"
FRAGMENTS = sorted(FOLDER.glob("*.d/*.xml"))
# What a server reads from its configuration and does not list among its settings.
_UNLISTED = {"timezone", "merge_tree"}
_LARGEST_POOL = ("background_pool_size", "background_merges_mutations_concurrency_ratio")


def settings_of(path: str) -> dict[str, str]:
    root = ElementTree.parse(FOLDER / path).getroot()
    return {element.tag: (element.text or "").strip() for element in root}


@pytest.mark.parametrize("path", FRAGMENTS, ids=lambda path: path.name)
def test_a_fragment_is_well_formed(path: Path):
    assert ElementTree.parse(path).getroot().tag == "clickhouse"


def test_settings_exist_and_the_engine_starts_with_them():
    sizes = ElementTree.parse(FOLDER / "config.d/20-size.xml").getroot()
    profile = ElementTree.parse(FOLDER / "users.d/10-profile.xml").getroot().find("profiles/default")
    assert profile is not None

    with servers.running(FOLDER / "config.d/20-size.xml") as server:
        names = {
            table: set(servers.execute(server.url, f"SELECT name FROM system.{table}").split())
            for table in ("server_settings", "merge_tree_settings", "settings")
        }
        pool = servers.execute(
            server.url, "SELECT value FROM system.server_settings WHERE name = 'background_pool_size'"
        )

    assert {element.tag for element in sizes} - _UNLISTED - names["server_settings"] == set()
    assert {element.tag for element in sizes.iterfind("merge_tree/*")} - names["merge_tree_settings"] == set()
    assert {element.tag for element in profile} - names["settings"] == set()
    assert pool.strip() == settings_of("config.d/20-size.xml")["background_pool_size"]


def test_mutations_fit_into_the_pool():
    """A server refuses to start otherwise."""
    root = ElementTree.parse(FOLDER / "config.d/20-size.xml").getroot()
    pool = settings_of("config.d/20-size.xml")
    slots = int(pool[_LARGEST_POOL[0]]) * int(pool[_LARGEST_POOL[1]])

    assert all(int(element.text or 0) <= slots for element in root.iterfind("merge_tree/*"))


def test_every_kept_log_has_an_end():
    root = ElementTree.parse(FOLDER / "config.d/10-system-logs.xml").getroot()
    logs = [element for element in root if element.tag.endswith("_log")]

    assert all(log.get("remove") == "1" or log.find("ttl") is not None for log in logs)
