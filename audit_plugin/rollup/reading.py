"""Reading the counts. What is newer than they are is counted on the spot, as far as that goes quickly."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from datetime import date
from functools import cached_property
from itertools import chain
from typing import Any

from django.apps import apps
from django.db import connections

from audit_plugin.capture.relations import COUNTS
from audit_plugin.conf import settings
from audit_plugin.rollup.conditions import KIND_COLUMNS, Wanted
from audit_plugin.rollup.known import Known, Rows

#: So many entries that are not counted yet are counted at each reading.
TAIL = 20_000
#: When there are more, so many are counted for good before.
SHARE = 20_000
_UTC_DAY = "(e.occurred_at AT TIME ZONE 'UTC')::date"
_UTC_MONTH = f"date_trunc('month', {_UTC_DAY})::date"
_ACTORS = """
    SELECT tail.actor_id, c.actor_label, c.actor_email
      FROM (SELECT e.actor_id, max(e.context_id::text)::uuid AS context_id
              FROM {tail} AND e.actor_id IS NOT NULL GROUP BY 1) AS tail
      LEFT JOIN LATERAL (SELECT * FROM audit_plugin_context AS c WHERE c.id = tail.context_id LIMIT 1) AS c ON true
"""

#: Who may only read the log, as on a database of which the application owns nothing, leaves the counting to others.
_COUNT_MORE = """
    SELECT CASE WHEN has_function_privilege('audit_plugin_rollup_v1(bigint)', 'EXECUTE') THEN audit_plugin_rollup_v1(%s) END
"""

#: The place of the row is another whenever it was changed, also within one transaction.
_STATE = "(SELECT seq FROM audit_plugin_rollup_state), (SELECT concat(xmin, ctid, seq) FROM audit_plugin_rollup_state)"
_NEW = f"""
    SELECT e.channel, e.model, e.action, e.tenant, count(e.actor_id), {_UTC_DAY}, count(*)
      FROM audit_plugin_entry AS e WHERE e.seq > %s GROUP BY 1, 2, 3, 4, 6
"""

#: What is read together, see `reading_once`.
_shared: ContextVar[dict[str, Rollup] | None] = ContextVar("audit_plugin_rollup", default=None)
_installed: set[tuple[str, str]] = set()
_known: dict[tuple[str, str], Known] = defaultdict(Known)


@contextmanager
def reading_once() -> Iterator[None]:
    """Let everything in a block read the counts in the state of the first reading: a page asks for them in several places."""
    before = _shared.set({})
    try:
        yield
    finally:
        _shared.reset(before)


class Rollup:
    """The counts of one database, as they are now.

    Attributes:
        complete: Whether all entries are covered; else some are not.
    """

    @classmethod
    def now(cls, using: str) -> Rollup:
        """Return the counts as they are now, or as they were at the first reading within `reading_once`."""
        shared = _shared.get()
        if shared is None:
            return cls(using)
        if using not in shared:
            shared[using] = cls(using)
        return shared[using]

    def __init__(self, using: str) -> None:
        self.using = using
        self.counted = is_installed(using)
        seq, last, self._version = self._state()
        if last - seq > TAIL and self.counted and settings.ROLLUP_ON_READ:
            self._rows(_COUNT_MORE, [SHARE])
            seq, last, self._version = self._state()
        # Numbers whose transactions were rolled back are no entries.
        self.complete = last - seq <= TAIL or self._entries_after(seq) <= TAIL
        self._after = (seq if self.complete else last - TAIL) if last > seq else None

    def days(self, wanted: Wanted) -> dict[date, int]:
        """Return how many entries there are by day (UTC), for kinds regardless of actor."""
        bounds, days = wanted.days_sql("r.day")
        if wanted.single:
            column, values = wanted.single
            table, kinds, params = "value", "r.property = %s AND r.value = ANY (%s)", [column, values]
        else:
            table = "day"
            kinds, params = self._kinds("r.kind", wanted)
        counted = f"SELECT r.day, sum(r.entries) FROM audit_plugin_rollup_{table} AS r WHERE {kinds} AND {bounds} GROUP BY 1"
        new = ((row[-2], row[-1]) for row in self._new if wanted.fits(row) and wanted.includes(row[-2]))
        return _summed(self._counted(counted, [*params, *days]), new)

    def months(self, wanted: Wanted) -> dict[date, int]:
        """Return how many entries of the wanted actors there are by month (UTC); months that are cut count whole."""
        kinds, params = self._kinds("r.kind", wanted)
        actors, keys = wanted.sql("a", "actor_id")
        whole = replace(wanted, first=wanted.first and wanted.first.replace(day=1))
        bounds, days = whole.days_sql("r.month")
        actor = f"r.actor = ANY (ARRAY(SELECT a.id FROM audit_plugin_actor AS a WHERE {actors}))"
        counted = (
            "SELECT r.month, sum(r.entries) FROM audit_plugin_rollup_month AS r "
            f"WHERE {actor} AND {kinds} AND {bounds} GROUP BY 1"
        )
        tail, more = self._tail(wanted)
        cut, ends = wanted.days_sql(_UTC_DAY)
        new = f"SELECT {_UTC_MONTH}, count(*) FROM {tail} AND {cut} GROUP BY 1"
        return _summed(self._counted(counted, [*keys, *params, *days]), self._uncounted(new, [*more, *ends]))

    def total(self, wanted: Wanted) -> int:
        """Return roughly how many entries there are; days, or months where actors are wanted, count whole."""
        if wanted.by_actor:
            return sum(self.months(wanted).values())
        if wanted.first or wanted.last:
            return sum(self.days(wanted).values())
        condition, params = wanted.sql("k", *KIND_COLUMNS)
        counted = f"SELECT coalesce(sum(k.entries), 0) FROM audit_plugin_kind AS k WHERE {condition}"
        numbers = [*self._counted(counted, params), *((row[-1],) for row in self._new if wanted.fits(row))]
        return sum(int(number) for (number,) in numbers)

    def models(self) -> list[str]:
        """Return the labels of the models that have entries."""
        # Of entries that nobody has counted nothing is known; then models that exist have to do for those.
        existing = set() if self.complete else {model._meta.label_lower for model in apps.get_models()}
        return sorted(existing.union(self.values("model", Wanted())))

    def models_with(self, key: str) -> list[str]:
        """Return the labels of the models that have entries of a record with some key."""
        # The LIMIT makes it one look into the index of records for each model.
        rows = self._rows(
            "SELECT label FROM unnest(%s::text[]) AS labels (label) CROSS JOIN LATERAL (SELECT FROM audit_plugin_entry AS e "
            "WHERE e.model = label AND e.object_id = %s LIMIT 1) AS found",
            [self.models(), key],
        )
        return [label for (label,) in rows]

    def values(self, column: str, wanted: Wanted) -> list[str]:
        """Return the values that a column has among the wanted entries, regardless of days."""
        return sorted(self.numbers(column, wanted))

    def numbers(self, column: str, wanted: Wanted) -> dict[str, int]:
        """Return the same values with how many entries have them, regardless of days and of who made them."""
        condition, params = wanted.sql("k", *KIND_COLUMNS)
        if wanted.by_actor:
            actors, keys = wanted.sql("a", "actor_id")
            condition += (
                " AND EXISTS (SELECT FROM audit_plugin_rollup_month AS r WHERE r.kind = k.id "
                f"AND r.actor = ANY (ARRAY(SELECT a.id FROM audit_plugin_actor AS a WHERE {actors})))"
            )
            params = [*params, *keys]
        counted = (
            f"SELECT k.{column}, sum(k.entries) FROM audit_plugin_kind AS k WHERE {condition} GROUP BY 1"
        )
        place = KIND_COLUMNS.index(column)
        new = [(row[place], row[-1]) for row in self._new if wanted.fits(row)]
        if wanted.by_actor:
            tail, more = self._tail(wanted)
            new = list(self._uncounted(f"SELECT e.{column}, count(*) FROM {tail} GROUP BY 1", more))
        numbers = _summed(self._counted(counted, params), new)
        numbers.pop(None, None)
        return numbers

    def actors(self, wanted: Wanted, named: str = "") -> list[tuple[str, str | None, str | None]]:
        """Return who has made any of the wanted entries: key, name and e-mail address, newer names after older ones.

        Args:
            wanted: The entries.
            named: Only those whose name contains this.
        """
        worked = "true"
        params: list[Any] = []
        pattern = "%" + re.sub(r"([\\%_])", r"\\\1", named) + "%"
        if not wanted.everything:
            kinds, params = self._kinds("r.kind", wanted)
            worked = f"EXISTS (SELECT FROM audit_plugin_rollup_month AS r WHERE r.actor = a.id AND {kinds})"
        tail, more = self._tail(wanted)
        counted = f"SELECT a.actor_id, a.label, a.email FROM audit_plugin_actor AS a WHERE {worked}"
        new = _ACTORS.format(tail=tail)
        if named:
            counted, params = f"{counted} AND a.label ILIKE %s", [*params, pattern]
            new, more = f"{new} WHERE c.actor_label ILIKE %s", [*more, pattern]
        known = self._counted(counted, params)
        if not any(row[len(KIND_COLUMNS)] and wanted.fits(row) for row in self._new):
            return list(known)
        return [*known, *self._uncounted(new, more)]

    def _counted(self, sql: str, params: list[Any]) -> Rows:
        """Read what was counted: it is asked for once, until more is counted."""
        if not self.counted:
            return []
        return known_of(self.using).answer(self._version, f"{sql} {params}", lambda: self._rows(sql, params))

    def _uncounted(self, sql: str, params: list[Any]) -> Rows:
        """Read what is new."""
        return [] if self._after is None else self._rows(sql, params)

    @cached_property
    def _new(self) -> Rows:
        """New entries by `KIND_COLUMNS` and day: after the columns how many have an actor, then the day, then all of them."""
        return self._uncounted(_NEW, [self._after])

    def _kinds(self, column: str, wanted: Wanted) -> tuple[str, list[Any]]:
        condition, params = wanted.sql("k", *KIND_COLUMNS)
        if condition == "true":
            # Counted by day, kind 0 is all of them; by actor there is no such kind.
            return ("true" if wanted.by_actor else f"{column} = 0"), []
        return f"{column} = ANY (ARRAY(SELECT k.id FROM audit_plugin_kind AS k WHERE {condition}))", params

    def _tail(self, wanted: Wanted) -> tuple[str, list[Any]]:
        """Return the entries that are not counted yet, as FROM and WHERE."""
        condition, params = wanted.sql("e", *KIND_COLUMNS, "actor_id")
        return f"audit_plugin_entry AS e WHERE e.seq > %s AND {condition}", [self._after, *params]

    def _state(self) -> tuple[int, int, str]:
        state = _STATE if self.counted else "0, ''"
        ((seq, version, last),) = self._rows(
            f"SELECT {state}, CASE WHEN is_called THEN last_value ELSE 0 END FROM audit_plugin_entry_seq", []
        )
        return int(seq), int(last), str(version)

    def _entries_after(self, seq: int) -> int:
        sql = "SELECT count(*) FROM (SELECT FROM audit_plugin_entry WHERE seq > %s LIMIT %s) AS found"
        return int(self._rows(sql, [seq, TAIL + 1])[0][0])

    def _rows(self, sql: str, params: list[Any]) -> list[Any]:
        with connections[self.using].cursor() as cursor:
            cursor.execute(sql, params)
            return list(cursor.fetchall())


def known_of(using: str) -> Known:
    """Return what is known of the counts of a database."""
    return _known[using, str(connections[using].settings_dict["NAME"])]


def _summed(*parts: Iterable[tuple[Any, ...]]) -> dict[Any, int]:
    found: dict[Any, int] = defaultdict(int)
    for value, entries in chain(*parts):
        found[value] += int(entries)
    return dict(found)


def is_installed(using: str) -> bool:
    """Return whether the counts can be read: a database that is still to be migrated has none."""
    key = (using, str(connections[using].settings_dict["NAME"]))
    if key not in _installed:
        with connections[using].cursor() as cursor:
            cursor.execute(
                "SELECT coalesce(bool_and(has_table_privilege(to_regclass(t), 'SELECT')), false) FROM unnest(%s::text[]) AS t "
                "WHERE to_regclass(t) IS NOT NULL HAVING count(*) = %s",
                [list(COUNTS), len(COUNTS)],
            )
            if cursor.fetchone() == (True,):
                _installed.add(key)
    return key in _installed
