"""One source of statements for one node and for a cluster; a process refuses stores that don't fit it."""

import pytest

from elasticdash.shared import errors
from elasticdash.shared.migrate.clickhouse import Placement, migrations
from elasticdash.shared.migrate.status import StoreStatus, require_current
from support.clickhouse import MIGRATIONS


@pytest.mark.parametrize("name", ["a b", "a;DROP", "a`b", "", "1a"])
def test_names_that_could_be_more_than_names_are_refused(name: str):
    with pytest.raises(errors.ConfigurationError):
        Placement(name)
    with pytest.raises(errors.ConfigurationError):
        Placement("default", name)


def test_a_cluster_gets_replicated_tables_on_every_node():
    for migration in migrations(MIGRATIONS):
        alone, everywhere = (
            Placement("logs").render(migration.template),
            Placement("logs", "c1").render(migration.template),
        )

        assert "{" not in alone + everywhere
        assert "ON CLUSTER" not in alone
        # Rows go in once: replicas copy them from each other.
        assert ("ON CLUSTER `c1`" in everywhere) != ("INSERT INTO" in everywhere)
        assert alone.count("= ReplacingMergeTree") == everywhere.count("= ReplicatedReplacingMergeTree")
        assert "`logs`." in alone


def test_a_store_that_does_not_fit_stops_the_start_with_a_remedy():
    current = StoreStatus(store="postgres", applied=["0001"], pending=[])
    older = StoreStatus(store="clickhouse", applied=["0001"], pending=["0002"])
    newer = StoreStatus(store="clickhouse", applied=["0001", "0002"], pending=[], unknown=["0002"])

    require_current(current)
    with pytest.raises(errors.ConfigurationError, match=r"lacks 0002: run `elasticdash migrate all` first"):
        require_current(current, older)
    with pytest.raises(errors.ConfigurationError, match=r"newer than this version.*0002.*use the version"):
        require_current(current, newer)
