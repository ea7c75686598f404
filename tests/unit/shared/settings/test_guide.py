"""The settings guide says what the code says."""

from pathlib import Path

from elasticdash.shared.settings import guide

GUIDE = Path(__file__).parents[4] / "docs/guides/settings.md"


def test_the_guide_is_what_make_gen_writes():
    assert GUIDE.read_text() == guide.render()
