"""The operator's settings guide says what the code and the chart say."""

import re
from pathlib import Path

from elasticdash.operator.documents import settings_guide

ROOT = Path(__file__).parents[4]
TEMPLATE = ROOT / "charts/elasticdash-operator/templates/deployment.yaml"


def test_the_guide_is_what_make_gen_writes():
    assert (ROOT / "docs/guides/operator/settings.md").read_text() == settings_guide.render()


def test_the_guide_names_exactly_what_the_chart_sets():
    set_by_chart = set(re.findall(rf"name: {settings_guide.PREFIX}(\w+)", TEMPLATE.read_text()))

    assert set_by_chart == {name.upper() for name in settings_guide.FROM_CHART}
