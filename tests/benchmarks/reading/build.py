"""Makes entries by the million: 24 months, 40 models, 3000 actors, the frequent ones far more often than the rest."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from importlib.resources import files

from django.apps import apps
from django.db import connection, transaction

from audit_plugin.capture.schema import ensure_partitions

MONTHS = 24
ACTORS = 3000
#: The last month is a full one in the past, so that two builds are alike whenever they run.
LAST = date(2026, 10, 1)
#: Entries of one context on average: 0.7 x 1 + 0.3 x 6.5.
PER_CONTEXT = 2.65


def build(rows: int, say: Callable[[str], object]) -> None:
    """Fill the log, replacing what is in it.

    Args:
        rows: How many entries, roughly.
        say: Told how far it got.
    """
    started = time.perf_counter()
    months = [month_before(LAST, MONTHS - 1 - number) for number in range(MONTHS + 1)]
    _empty()
    ensure_partitions("default", first=months[0], ahead=1)
    labels, channels = models()
    with connection.cursor() as cursor:
        cursor.execute("SELECT setseed(0.42)")
        cursor.execute("SET synchronous_commit = off")
        cursor.execute(_sql("world.sql"), {"actors": ACTORS, "models": labels, "channels": channels})
    for number, (first, after) in enumerate(itertools.pairwise(months)):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                _sql("month.sql"),
                {
                    "actors": ACTORS,
                    "first": datetime(first.year, first.month, 1, tzinfo=UTC),
                    "last": datetime(after.year, after.month, 1, tzinfo=UTC),
                    "contexts": round(rows / MONTHS / PER_CONTEXT),
                    "begins": number / MONTHS,
                    "ends": (number + 1) / MONTHS,
                },
            )
        say(f"{first:%Y-%m}  {time.perf_counter() - started:6.0f} s")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) audit_plugin_entry")
        cursor.execute("VACUUM (ANALYZE) audit_plugin_context")
        cursor.execute("SELECT count(*) FROM audit_plugin_entry")
        say(f"{cursor.fetchone()[0]:,} entries in {time.perf_counter() - started:.0f} s")


def models() -> tuple[list[str], list[str]]:
    """Return the labels of 40 models, those that exist and those that are gone, and the channel of each."""
    real = [
        model._meta.label_lower
        for model in apps.get_models()
        if model.__module__.startswith("sample_project.")
    ]
    gone = [f"former.model{number:02}" for number in range(40)]
    labels = [label for pair in zip(real, gone, strict=False) for label in pair][:37]
    labels[7:7] = ["events.sign_in"]
    labels[15:15] = ["events.person"]
    labels[30:30] = ["events.photo"]
    kinds = {"events.sign_in": "auth", "events.person": "pii-read", "events.photo": "photos"}
    return labels, [kinds.get(label, "data") for label in labels]


def month_before(month: date, number: int) -> date:
    """Return the first day of the month `number` months before `month`."""
    index = month.year * 12 + month.month - 1 - number
    return date(index // 12, index % 12 + 1, 1)


def _empty() -> None:
    from audit_plugin.capture.install import install
    from audit_plugin.capture.schema import drop_tables

    drop_tables("default")
    install("default")


def _sql(name: str) -> str:
    return (files("tests.benchmarks.reading") / name).read_text()
