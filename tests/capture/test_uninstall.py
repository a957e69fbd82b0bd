"""What `migrate` puts into a database beside the log, and that all of it goes again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections

from audit_plugin.capture import doctor
from audit_plugin.capture.relations import COUNTS, TABLES
from tests.capture.roles import Team, team

OURS = (
    "SELECT relname FROM pg_class WHERE relname LIKE 'audit%%' UNION ALL "
    "SELECT proname FROM pg_proc WHERE proname LIKE 'audit%%' UNION ALL "
    "SELECT tgname FROM pg_trigger WHERE tgname LIKE 'audit%%'"
)


@pytest.fixture(scope="module")
def fresh(django_db_setup: None, django_db_blocker: Any) -> Iterator[Team]:
    with django_db_blocker.unblock(), team("fresh", same=True) as made:
        yield made


def names(made: Team) -> set[str]:
    with connections[made.root].cursor() as cursor:
        cursor.execute(OURS)
        return {row[0] for row in cursor.fetchall()}


def test_migrate_back_leaves_nothing_behind_and_forward_brings_it_back(fresh: Team) -> None:
    before = names(fresh)
    assert {*TABLES, *COUNTS, "audit_plugin_tags_v1", "audit_plugin_rollup_v1"} <= before
    call_command("migrate", "audit_plugin", "zero", database=fresh.deploy, verbosity=0)
    assert names(fresh) == set()
    call_command("migrate", "audit_plugin", database=fresh.deploy, verbosity=0)
    assert names(fresh) == before


def test_what_is_missing_of_the_counts_is_found_and_mended(fresh: Team) -> None:
    fresh.execute(fresh.root, "DROP TABLE audit_plugin_kind")
    assert "counts-missing" in {finding.code for finding in doctor.examine(fresh.deploy)}
    list(doctor.mend(fresh.deploy))
    assert "counts-missing" not in {finding.code for finding in doctor.examine(fresh.deploy)}
    # Where they lost track of how far they went, they begin anew rather than count twice.
    fresh.execute(
        fresh.root,
        "INSERT INTO audit_plugin_kind (channel, model, action, entries) VALUES ('a', 'b', 'c', 7)",
    )
    fresh.execute(fresh.root, "DELETE FROM audit_plugin_rollup_state")
    assert "counts-missing" in {finding.code for finding in doctor.examine(fresh.deploy)}
    list(doctor.mend(fresh.deploy))
    with connections[fresh.root].cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM audit_plugin_kind), (SELECT seq FROM audit_plugin_rollup_state)"
        )
        assert cursor.fetchone() == (0, 0)
