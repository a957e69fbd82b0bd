"""The same questions put to our list, django-auditlog's changelist and django-pghistory's Events page, on the same entries.

Pages of 100 rows, which is what Django's admin shows. Ours are rendered in this process, theirs in a project of their own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass

from django.db import connection

from tests.benchmarks.reading.cases import OTHER
from tests.benchmarks.reading.pages import TAGS, world
from tests.benchmarks.reading.peers import MODELS, SCHEMA
from tests.benchmarks.reading.questions import questions
from tests.benchmarks.reading.rendering import Rendered, View, measure

#: Seconds after which a page is stopped.
LIMIT = 15


@dataclass(frozen=True)
class Answer:
    """What each page took; None where a page can't answer."""

    ours: Rendered
    auditlog: Rendered | None
    pghistory: Rendered | None


def fill() -> None:
    """Store our entries as the others would have."""
    if subprocess.run([*_child(), "fill", OTHER, str(TAGS)], env=_environment()).returncode:
        raise SystemExit("Their tables are not filled.")


def answers(say: Callable[[str, Rendered], object]) -> list[Answer]:
    """Render every page.

    Args:
        say: Told whose page took what.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [f"{SCHEMA}.auditlog_logentry"])
        if cursor.fetchone() == (None,):
            raise SystemExit("Their tables are to be filled first: add --fill.")
    asked = list(questions())
    ours = []
    with world() as clients:
        for question in asked:
            ours.append(measure(clients["admin"], question.ours))
            say("ours", ours[-1])
    auditlog = _theirs([question.auditlog for question in asked], lambda done: say("auditlog", done))
    pghistory = _theirs([question.pghistory for question in asked], lambda done: say("pghistory", done))
    return [Answer(*each) for each in zip(ours, auditlog, pghistory, strict=True)]


def sizes() -> dict[str, int]:
    """Return the bytes that each takes, with indexes."""
    found = {}
    with connection.cursor() as cursor:
        for name, schema, tables in (
            ("ours", "public", "audit_plugin_%"),
            ("auditlog", SCHEMA, "auditlog_%"),
            ("pghistory", SCHEMA, "%event"),
        ):
            cursor.execute(
                "SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint FROM pg_class WHERE relkind = 'r'"
                " AND relnamespace = %s::regnamespace AND (relname LIKE %s OR relname = %s)",
                [schema, tables, f"{name}_context"],
            )
            (found[name],) = cursor.fetchone()
    return found


def _theirs(views: list[View | None], say: Callable[[Rendered], object]) -> list[Rendered | None]:
    """Render pages in their project, which tells of each when it is done."""
    found: list[Rendered] = []
    with subprocess.Popen(
        [*_child(), "measure", str(LIMIT)],
        env=_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin and process.stdout
        with process.stdin as stdin:
            json.dump([asdict(view) for view in views if view], stdin)
        for line in process.stdout:
            given = json.loads(line)
            found.append(Rendered(**{**given, "view": View(**given["view"])}))
            say(found[-1])
    if process.returncode:
        raise SystemExit("Their pages were not all rendered.")
    each = iter(found)
    return [next(each) if view else None for view in views]


def _child() -> list[str]:
    return [sys.executable, "-m", "tests.benchmarks.reading.peers"]


def _environment() -> dict[str, str]:
    """Return the environment of their project, which has to know the models."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT model, (SELECT object_id FROM audit_plugin_entry AS entry WHERE entry.model = kind.model LIMIT 1)"
            "  FROM (SELECT DISTINCT model FROM audit_plugin_kind WHERE model <> '') AS kind ORDER BY 1"
        )
        # Keys are numbers or UUIDs. The log's own events have no model.
        models = {label: not key.isdigit() for label, key in cursor.fetchall()}
    return {**os.environ, MODELS: json.dumps(models)}
