"""Records rows that are older than the log, so that the first change of each can be undone.

A table is walked in the order of its pages: no key needed, nothing kept in memory. How far it got is in the log itself,
since rows with an entry are passed over; starting again goes on where the last run ended. The SQL, and why it is safe
beside other writers, is in `sql/baseline_v1.sql`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pgtrigger
from django.db import connections, transaction

from audit_plugin.capture.privileges import log_owner
from audit_plugin.capture.registry import resolve
from audit_plugin.capture.schema import log_schema
from audit_plugin.capture.spec import RecordSpec, specs
from audit_plugin.capture.trigger import triggers
from audit_plugin.conf import settings
from audit_plugin.exceptions import ConfigurationError, NotOwnerError

BATCH_SIZE = 5000
#: How often a table is walked again for rows that others had locked, and how long is waited before.
PASSES = 5
PAUSE = 0.5
#: Pages looked at, at each of so many places, to see how many rows a page holds.
SAMPLE = 10


@dataclass(frozen=True)
class Progress:
    """How far the work on one table got.

    Attributes:
        pages: Pages walked.
        of: Pages of the table.
        recorded: Rows recorded so far.
        left: Rows found so far that have no entry yet. Only while checking.
        checking: Whether this walk only looks for rows without an entry.
    """

    pages: int
    of: int
    recorded: int = 0
    left: int = 0
    checking: bool = False


def wanted(using: str, patterns: Sequence[str]) -> list[RecordSpec]:
    """Return the recorded tables of some models.

    Args:
        using: The database alias.
        patterns: `app_label.ModelName` or `app_label.*`. Empty: all that is recorded.

    Raises:
        ConfigurationError: There is no such model, or it isn't recorded in this database.
    """
    found = {spec.model: spec for spec in specs(using) if isinstance(spec, RecordSpec)}
    if not patterns:
        return list(found.values())
    chosen: dict[Any, RecordSpec] = {}
    for pattern in patterns:
        models = [model._meta.concrete_model or model for model in resolve(pattern)]
        if "*" not in pattern and models[0] not in found:
            raise ConfigurationError(f"{pattern} isn't recorded in the database {using!r}.")
        chosen |= {model: found[model] for model in models if model in found}
    return list(chosen.values())


def record(using: str, spec: RecordSpec, *, batch_size: int = BATCH_SIZE) -> Iterator[Progress]:
    """Record every row of a table that has no entry to begin with, each batch in a transaction of its own.

    Args:
        using: The database alias.
        spec: The recorded table.
        batch_size: About how many rows a transaction takes.

    Yields:
        Where the work is. If `left` is not 0 in the last one, others had so many rows locked all the time.

    Raises:
        NotOwnerError: The current role has no right to write to the log.
    """
    walk = _Walk(using, spec, batch_size)
    walk.refuse_without_right()
    recorded = 0
    for again in range(PASSES):
        for pages, of, written in walk.pages("audit_plugin_baseline_v1"):
            recorded += written
            yield Progress(pages, of, recorded)
        left = 0
        for pages, of, found in walk.pages("audit_plugin_count_unrecorded_v1"):
            left += found
            yield Progress(pages, of, recorded, left, checking=True)
        if not left:
            return
        if again < PASSES - 1:
            time.sleep(PAUSE)


def count(using: str, spec: RecordSpec, *, batch_size: int = BATCH_SIZE) -> Iterator[Progress]:
    """Count the rows that `record` would record.

    Args:
        using: The database alias.
        spec: The recorded table.
        batch_size: About how many rows are looked at at once.
    """
    left = 0
    for pages, of, found in _Walk(using, spec, batch_size).pages("audit_plugin_count_unrecorded_v1"):
        left += found
        yield Progress(pages, of, left=left, checking=True)


def sample(using: str, spec: RecordSpec) -> int:
    """Count the rows on the first pages of a table that `record` would record.

    Args:
        using: The database alias.
        spec: The recorded table.
    """
    walk = _Walk(using, spec, BATCH_SIZE)
    return sum(walk.call("audit_plugin_count_unrecorded_v1", oid, 0, SAMPLE) for oid, _, _ in walk.leaves())


class _Walk:
    """Walks over the pages of a table and of its partitions."""

    def __init__(self, using: str, spec: RecordSpec, batch_size: int) -> None:
        self.using = using
        self.spec = spec
        self.batch_size = batch_size
        self.schema = str(log_schema(using))
        self.content = json.dumps(
            {**spec.content, "labels": _labels(spec), "condition": _insert_condition(spec)}
        )

    def pages(self, function: str) -> Iterator[tuple[int, int, int]]:
        """Yield the pages walked, their total, and what the SQL function said of the last range."""
        leaves = self.leaves()
        total = sum(pages for _, _, pages in leaves)
        walked = 0
        for oid, name, pages in leaves:
            step = max(1, int(self.batch_size / self._density(name, pages)))
            for first in range(0, pages, step):
                found = self.call(function, oid, first, first + step)
                walked += min(step, pages - first)
                yield walked, total, found

    def call(self, function: str, oid: int, first: int, last: int) -> int:
        """Call an SQL function for some pages of one table, in a transaction of its own."""
        with transaction.atomic(self.using), connections[self.using].cursor() as cursor:
            cursor.execute(
                f"SELECT {self.schema}.{function}(%s::oid::regclass, %s::jsonb, %s::oid::regclass, %s, %s)",
                [self.spec.table.oid, self.content, oid, first, last],
            )
            return int(cursor.fetchone()[0])

    def leaves(self) -> list[tuple[int, str, int]]:
        """Return oid, quoted name and number of pages of each table that holds rows itself."""
        with connections[self.using].cursor() as cursor:
            cursor.execute(
                "SELECT c.oid, format('%%I.%%I', nspname, relname), "
                "pg_relation_size(c.oid) / current_setting('block_size')::int FROM pg_class c "
                "JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind = 'r' AND (c.oid = %s::oid OR c.oid IN "
                "(SELECT relid FROM pg_partition_tree(%s::oid::regclass))) ORDER BY c.oid",
                [self.spec.table.oid] * 2,
            )
            return [(oid, name, pages) for oid, name, pages in cursor.fetchall()]

    def _density(self, table: str, pages: int) -> float:
        """Return how many rows a page holds, where they are densest: statistics may be missing or old."""
        found = [1.0]
        for place in range(0, pages, max(SAMPLE, pages // SAMPLE)):
            with connections[self.using].cursor() as cursor:
                cursor.execute(
                    f"SELECT count(*) FROM ONLY {table} WHERE ctid >= %s::tid AND ctid < %s::tid",
                    [f"({place},0)", f"({place + SAMPLE},0)"],
                )
                found.append(cursor.fetchone()[0] / min(SAMPLE, pages - place))
        return max(found)

    def refuse_without_right(self) -> None:
        """Refuse a role that may not write to the log.

        Raises:
            NotOwnerError: The current role may not.
        """
        with connections[self.using].cursor() as cursor:
            cursor.execute(
                "SELECT has_table_privilege(%s, 'INSERT'), current_user",
                [f"{self.schema}.audit_plugin_entry"],
            )
            may, role = cursor.fetchone()
            if not may:
                raise NotOwnerError(
                    f'The audit log belongs to the database role "{log_owner(cursor, self.schema)}", and "{role}" may '
                    "only read it. Run this as the role that runs your migrations."
                )


def _labels(spec: RecordSpec) -> list[str]:
    label = str(spec.content["label"])
    return [label, *(old for old, new in settings.RENAMED_MODELS.items() if new.lower() == label)]


def _insert_condition(spec: RecordSpec) -> str | None:
    """Return the condition under which an insert is recorded: a row that it leaves out has no baseline either."""
    inserts = (trigger for trigger in triggers(spec) if trigger.operation == pgtrigger.Insert)
    return next((trigger.condition_sql for trigger in inserts), None)
