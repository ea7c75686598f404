"""The page of end-to-end results keeps what a run did not look at."""

from xml.etree import ElementTree

from support.kubernetes import results


def report(date: str, *cases: str) -> ElementTree.Element:
    return ElementTree.fromstring(
        f'<testsuites><testsuite timestamp="{date}T1">{"".join(cases)}</testsuite></testsuites>'
    )


def case(name: str, inner: str = "", capability: str = "") -> str:
    property_ = f'<properties><property name="capability" value="{capability}"/></properties>' if capability else ""
    return f'<testcase name="test_{name}" time="1.6">{property_}{inner}</testcase>'


def test_a_failure_an_error_and_a_skip_are_no_pass() -> None:
    cases = [case("a_b", "<failure/>"), case("c", "<error/>"), case("d", "<skipped/>"), case("e")]

    lines = results.page(report("2026-01-01", *cases), "").splitlines()[-4:]

    assert [line.split(" | ")[2] for line in lines] == ["FAILED", "FAILED", "skipped", "passed"]
    assert lines[0].startswith("| a b |")


def test_a_later_run_replaces_its_own_rows_only() -> None:
    first = results.page(report("2026-01-01", case("a", "<failure/>"), case("b", capability="Scaling")), "")

    lines = results.page(report("2026-01-02", case("a"), case("c")), first).splitlines()[-3:]

    assert lines == [
        "| a |  | passed | 2026-01-02 | 2 |",
        "| b | Scaling | passed | 2026-01-01 | 2 |",
        "| c |  | passed | 2026-01-02 | 2 |",
    ]


def test_a_page_of_other_columns_is_written_anew() -> None:
    assert "old" not in results.page(
        report("2026-01-01", case("a")), "| test | outcome |\n|---|---|\n| old | passed |\n"
    )
