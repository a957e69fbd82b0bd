"""Who takes part, and what each needs in its settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pgtrigger

PLAIN = "plain"
OURS = "ours"


@dataclass(frozen=True)
class Contestant:
    """One log, installed as its documentation says.

    Attributes:
        name: Short name, part of its database's name.
        title: Name in the report.
        app: The app of the benchmark's that holds its models.
        requires: The apps that make the log.
        settings: Django settings of its own.
        commands: Management commands that its installation takes after `migrate`.
        distribution: The distribution whose version the report states.
    """

    name: str
    title: str
    app: str
    requires: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    commands: tuple[tuple[str, ...], ...] = ()
    distribution: str = "django"

    @property
    def module(self) -> str:
        """The Python package of its app."""
        return f"tests.benchmarks.{self.app}"


# What its migrations would do, had our models any.
_INSTALL = (("pgtrigger", "install"),)
_TRIGGERS = ("pgtrigger", "pghistory")

CONTESTANTS = {
    contestant.name: contestant
    for contestant in (
        Contestant(PLAIN, "plain Django", "bench_plain"),
        Contestant(
            OURS,
            "audit_plugin",
            "bench_ours",
            (*_TRIGGERS, "audit_plugin"),
            {"AUDIT_MODELS": ["bench_ours.*"]},
            distribution="django-audit-plugin",
        ),
        Contestant(
            "pghistory_row",
            "pghistory, rows",
            "bench_pghistory",
            _TRIGGERS,
            {"PGHISTORY_LEVEL": pgtrigger.Row},
            _INSTALL,
            "django-pghistory",
        ),
        Contestant(
            "pghistory_statement",
            "pghistory, statements",
            "bench_pghistory",
            _TRIGGERS,
            {"PGHISTORY_LEVEL": pgtrigger.Statement},
            _INSTALL,
            "django-pghistory",
        ),
        Contestant("auditlog", "auditlog", "bench_auditlog", ("auditlog",), distribution="django-auditlog"),
        Contestant(
            "simple_history",
            "simple-history",
            "bench_simple_history",
            ("simple_history",),
            distribution="django-simple-history",
        ),
        Contestant(
            "reversion", "reversion", "bench_reversion", ("reversion",), distribution="django-reversion"
        ),
    )
}
