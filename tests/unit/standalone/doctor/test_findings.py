"""What the doctor makes of facts."""

import pytest

from elasticdash.shared.migrate.status import StoreStatus
from elasticdash.standalone.doctor import findings
from elasticdash.standalone.doctor.findings import Finding, Level


@pytest.mark.parametrize(
    ("found", "level"),
    [
        ("25.7.9.1", "fail"),
        ("24.12.1.1", "fail"),
        ("", "fail"),
        ("lts", "fail"),
        ("25.8.1.1", "ok"),
        ("25.10", "ok"),
        ("26.1", "ok"),
    ],
)
def test_a_version_is_compared_number_by_number(found: str, level: Level):
    judgement = findings.version("ClickHouse", found, (25, 8))

    assert judgement.level == level
    assert ("25.8 or newer" in judgement.remedy) == (level == "fail")


@pytest.mark.parametrize(
    ("theirs", "level", "words"),
    [
        (95.0, "warn", "5 s behind"),
        (113.0, "warn", "9 s ahead of"),
        (98.5, "ok", ""),
        (102.0, "ok", ""),
        (105.5, "ok", ""),
    ],
)
def test_a_slow_answer_is_not_taken_for_a_wrong_clock(theirs: float, level: Level, words: str):
    judgement = findings.clock(theirs, asked_at=100.0, answered_at=104.0)

    assert judgement.level == level
    assert words in judgement.message


def test_a_clock_without_fractions_gets_its_second():
    assert findings.clock(97.0, 100.0, 100.0).level == "warn"
    assert findings.clock(97.0, 100.0, 100.0, resolution_seconds=1.0).level == "ok"


@pytest.mark.parametrize(("free", "total", "level"), [(9, 100, "warn"), (0, 0, "warn"), (10, 100, "ok")])
def test_little_room_is_a_warning(free: float, total: float, level: Level):
    assert findings.room("the disk", free, total, "Add space").level == level


@pytest.mark.parametrize(
    ("status", "level", "remedy"),
    [
        (StoreStatus(store="clickhouse", applied=[], pending=["0001"]), "fail", "elasticdash migrate clickhouse"),
        (StoreStatus(store="postgres", applied=[], pending=["1"], unknown=["9"]), "fail", "Use the version"),
        (StoreStatus(store="clickhouse", applied=["1"], pending=[], changed=["1"]), "fail", "Use the version"),
        (StoreStatus(store="postgres", applied=["1"], pending=[]), "ok", ""),
    ],
)
def test_a_schema_has_to_be_this_versions(status: StoreStatus, level: Level, remedy: str):
    judgement = findings.schema(status)

    assert judgement.level == level
    assert remedy in judgement.remedy


@pytest.mark.parametrize(
    ("levels", "expected"),
    [(["ok", "fail", "warn"], "fail"), (["ok", "warn"], "warn"), (["ok"], "ok"), ([], "ok")],
)
def test_the_worst_line_is_the_outcome(levels: list[Level], expected: Level):
    assert findings.worst([Finding("redis", "version", level, "", "") for level in levels]) == expected
