"""Which ranges of the log have the index that complete months get."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from uuid import UUID

from django.db import connections

from audit_plugin.finder.narrowing import FIRST, LAST

#: How an index of ours ends; the name says which version of the functions it was made with.
SUFFIX = "_find_v1"
#: For how long what the catalog says is believed. An outdated answer costs time, never entries.
TRUSTED_FOR = 30.0

_CATALOG = """
    SELECT pg_get_expr(child.relpartbound, child.oid),
           (SELECT coalesce(pg_get_expr(i.indpred, i.indrelid), 'all')
              FROM pg_index AS i JOIN pg_class AS x ON x.oid = i.indexrelid
             WHERE i.indrelid = child.oid AND i.indisvalid AND right(x.relname, length(%s)) = %s
             ORDER BY i.indpred IS NULL DESC, x.oid DESC LIMIT 1)
      FROM pg_inherits JOIN pg_class AS child ON child.oid = inhrelid
     WHERE inhparent = to_regclass('audit_plugin_entry')
"""

_cache: dict[tuple[str, str], tuple[float, list[Range]]] = {}


@dataclass(frozen=True)
class Range:
    """A range of ids.

    Attributes:
        low: The first id.
        high: The first id beyond.
        indexed: `all`, `part` (the index ends here, within a partition that is still written to) or `none`.
    """

    low: UUID
    high: UUID
    indexed: str

    def within(self, low: UUID, high: UUID) -> Range | None:
        """Return the part of the range that lies in another, None if there is none."""
        low, high = max(low, self.low), min(high, self.high)
        return Range(low, high, self.indexed) if low < high else None


def ranges(using: str) -> list[Range]:
    """Return what is indexed and what isn't, from old to new, without gaps from the first possible id to the last."""
    key = (using, str(connections[using].settings_dict["NAME"]))
    known = _cache.get(key)
    if known is None or known[0] < time.monotonic():
        known = _cache[key] = (time.monotonic() + TRUSTED_FOR, list(_filled(_read(using))))
    return known[1]


def forget() -> None:
    """Ask the catalog again the next time."""
    _cache.clear()


def _read(using: str) -> Iterator[Range]:
    with connections[using].cursor() as cursor:
        cursor.execute(_CATALOG, [SUFFIX, SUFFIX])
        for bound, index in cursor.fetchall():
            ids = [UUID(text) for text in re.findall(r"'([0-9a-f-]{36})'", bound or "")]
            if len(ids) != 2:
                continue  # The default partition: what lies between the others.
            low, high = ids
            end = re.search(r"'([0-9a-f-]{36})'", index or "")
            if index == "all":
                yield Range(low, high, "all")
            elif end and low < UUID(end[1]) <= high:
                yield Range(low, UUID(end[1]), "part")


def _filled(found: Iterator[Range]) -> Iterator[Range]:
    """Yield the ranges with all that lies between them, which isn't indexed."""
    known = sorted(found, key=lambda item: item.low)
    edges = [Range(FIRST, FIRST, ""), *known, Range(LAST, LAST, "")]
    for before, after in pairwise(edges):
        if before.indexed:
            yield before
        if before.high < after.low:
            yield Range(before.high, after.low, "none")
