"""Reading the counts. What is newer than they are is counted on the spot, as far as that goes quickly."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Any

from django.apps import apps
from django.db import connections

from audit_plugin.capture.relations import COUNTS
from audit_plugin.conf import settings
from audit_plugin.rollup.conditions import Wanted

#: So many entries that are not counted yet are counted at each reading.
TAIL = 20_000
#: When there are more, so many are counted for good before.
SHARE = 20_000
KIND_COLUMNS = ("channel", "model", "action", "tenant")
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

_installed: set[tuple[str, str]] = set()


class Rollup:
    """The counts of one database, as they are now.

    Attributes:
        complete: Whether all entries are covered; else some are not.
    """

    def __init__(self, using: str) -> None:
        self.using = using
        self.counted = is_installed(using)
        seq, last = self._state()
        if last - seq > TAIL and self.counted and settings.ROLLUP_ON_READ:
            self._rows(_COUNT_MORE, [SHARE])
            seq, last = self._state()
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
        counted = f"SELECT r.day, r.entries FROM audit_plugin_rollup_{table} AS r WHERE {kinds} AND {bounds}"
        return self._by_date(counted, [*params, *days], wanted, _UTC_DAY)

    def months(self, wanted: Wanted) -> dict[date, int]:
        """Return how many entries of the wanted actors there are by month (UTC); months that are cut count whole."""
        kinds, params = self._kinds("r.kind", wanted)
        actors, keys = wanted.sql("a", "actor_id")
        whole = replace(wanted, first=wanted.first and wanted.first.replace(day=1))
        bounds, days = whole.days_sql("r.month")
        actor = f"r.actor = ANY (ARRAY(SELECT a.id FROM audit_plugin_actor AS a WHERE {actors}))"
        counted = f"SELECT r.month, r.entries FROM audit_plugin_rollup_month AS r WHERE {actor} AND {kinds} AND {bounds}"
        return self._by_date(counted, [*keys, *params, *days], wanted, _UTC_MONTH)

    def total(self, wanted: Wanted) -> int:
        """Return roughly how many entries there are; days, or months where actors are wanted, count whole."""
        if wanted.by_actor:
            return sum(self.months(wanted).values())
        if wanted.first or wanted.last:
            return sum(self.days(wanted).values())
        condition, params = wanted.sql("k", *KIND_COLUMNS)
        tail, more = self._tail(wanted)
        counted = f"SELECT coalesce(sum(k.entries), 0) FROM audit_plugin_kind AS k WHERE {condition}"
        return sum(int(n) for (n,) in self._both(counted, params, f"SELECT count(*) FROM {tail}", more))

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
        condition, params = wanted.sql("k", *KIND_COLUMNS)
        if wanted.by_actor:
            actors, keys = wanted.sql("a", "actor_id")
            condition += (
                " AND EXISTS (SELECT FROM audit_plugin_rollup_month AS r WHERE r.kind = k.id "
                f"AND r.actor = ANY (ARRAY(SELECT a.id FROM audit_plugin_actor AS a WHERE {actors})))"
            )
            params = [*params, *keys]
        tail, more = self._tail(wanted)
        rows = self._both(
            f"SELECT DISTINCT k.{column} FROM audit_plugin_kind AS k WHERE {condition}",
            params,
            f"SELECT DISTINCT e.{column} FROM {tail}",
            more,
        )
        return sorted({value for (value,) in rows if value is not None})

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
        if not named:
            return self._both(counted, params, _ACTORS.format(tail=tail), more)
        return self._both(
            f"{counted} AND a.label ILIKE %s",
            [*params, pattern],
            f"{_ACTORS.format(tail=tail)} WHERE c.actor_label ILIKE %s",
            [*more, pattern],
        )

    def _by_date(self, counted: str, params: list[Any], wanted: Wanted, expression: str) -> dict[date, int]:
        tail, more = self._tail(wanted)
        bounds, days = wanted.days_sql(_UTC_DAY)
        new = f"SELECT {expression}, count(*) FROM {tail} AND {bounds} GROUP BY 1"
        found: dict[date, int] = {}
        for day, entries in self._both(
            counted, params, new, [*more, *days], "SELECT day, sum(n) FROM ({}) AS f (day, n) GROUP BY 1"
        ):
            found[day] = int(entries)
        return found

    def _both(
        self, counted: str, params: list[Any], new: str, more: list[Any], around: str = "{}"
    ) -> list[Any]:
        """Read what was counted together with what is new."""
        parts = [(counted, params)] if self.counted else []
        if self._after is not None:
            parts.append((new, more))
        if not parts:
            return []
        sql = " UNION ALL ".join(part for part, _params in parts)
        return self._rows(around.format(sql), [param for _part, given in parts for param in given])

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

    def _state(self) -> tuple[int, int]:
        state = "(SELECT seq FROM audit_plugin_rollup_state)" if self.counted else "0"
        ((seq, last),) = self._rows(
            f"SELECT {state}, CASE WHEN is_called THEN last_value ELSE 0 END FROM audit_plugin_entry_seq", []
        )
        return int(seq), int(last)

    def _entries_after(self, seq: int) -> int:
        sql = "SELECT count(*) FROM (SELECT FROM audit_plugin_entry WHERE seq > %s LIMIT %s) AS found"
        return int(self._rows(sql, [seq, TAIL + 1])[0][0])

    def _rows(self, sql: str, params: list[Any]) -> list[Any]:
        with connections[self.using].cursor() as cursor:
            cursor.execute(sql, params)
            return list(cursor.fetchall())


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
