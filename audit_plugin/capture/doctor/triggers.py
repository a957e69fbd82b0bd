"""The capture triggers, their functions, and the functions that they share."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connections, router

from audit_plugin.capture import drift
from audit_plugin.capture.columns import find_table
from audit_plugin.capture.doctor.findings import Finding
from audit_plugin.capture.registry import tracked_models
from audit_plugin.capture.schema import FUNCTION_FILES, read_sql
from audit_plugin.capture.spec import refuse_uncapturable, specs
from audit_plugin.capture.trigger import triggers
from audit_plugin.conf import settings
from audit_plugin.exceptions import NotCapturedError

_TEXTS = {
    "missing": ("trigger-missing", "It isn't there."),
    "disabled": ("trigger-disabled", "It doesn't fire always."),
    "altered": ("trigger-altered", "It doesn't fire for every write, or calls another function."),
    "outdated": ("trigger-outdated", "Its function is for other columns or options."),
    "migrating": ("trigger-migrating", "Its function reads the columns at every write."),
    "tampered": ("function-tampered", "Its function doesn't run as it should."),
}


def examine_triggers(using: str, schema: str) -> Iterator[Finding]:
    """Yield what is wrong with the triggers of the recorded tables.

    Args:
        using: The database alias.
        schema: The quoted schema of the log.
    """
    if not settings.CAPTURE:
        yield Finding("capture-off", using, "AUDIT_CAPTURE is False.")
        return
    uncapturable = list(_examine_tables(using))
    yield from uncapturable
    if any(finding.code == "table-uncapturable" for finding in uncapturable):
        return
    with connections[using].cursor() as cursor:
        state = drift.read_state(cursor, schema)
        wanted = set()
        for spec in specs(using):
            wanted |= {trigger.pgid for trigger in triggers(spec)}
            for problem in drift.problems(cursor, schema, spec, state):
                code, message = _TEXTS[problem.kind]
                if problem.kind == "missing" and problem.trigger not in state.functions:
                    message = "Neither it nor its function is there."
                yield Finding(code, f"{problem.trigger} on {problem.table}", message)
        for name in sorted(set(state.functions) - wanted):
            tables = ", ".join(state.tables(name)) or "no table"
            yield Finding(
                "trigger-leftover", f"{name} on {tables}", "Neither models nor settings ask for it."
            )


def _examine_tables(using: str) -> Iterator[Finding]:
    for model in tracked_models():
        if not router.allow_migrate_model(using, model):
            continue
        table = find_table(connections[using], model._meta.db_table)
        if table is None:
            yield Finding("table-missing", model._meta.label, f"There is no table {model._meta.db_table}.")
            continue
        try:
            refuse_uncapturable(model, table)
        except NotCapturedError as error:
            yield Finding("table-uncapturable", model._meta.label, str(error))


@dataclass(frozen=True)
class Shared:
    """A function as its `.sql` file defines it."""

    source: str
    definer: bool
    pinned: frozenset[str]
    closed: bool


def shared_functions(schema: str) -> dict[str, Shared]:
    """Return the functions that the capture triggers share, by name, as this version ships them.

    Args:
        schema: The quoted schema of the log.
    """
    text = "\n".join(read_sql(file, schema) for file in FUNCTION_FILES)
    revoked = "".join(re.findall(r"REVOKE ALL ON FUNCTION (.+?) FROM PUBLIC", text, re.DOTALL))
    closed = set(re.findall(r"\.(audit_plugin_\w+)\(", revoked))
    made = re.finditer(
        r"CREATE (?:OR REPLACE )?FUNCTION \S+?\.(?P<name>audit_plugin_\w+)\((?P<head>.*?)AS \$audit\$(?P<source>.*?)\$audit\$",
        text,
        re.DOTALL,
    )
    return {
        match["name"]: Shared(
            match["source"],
            "SECURITY DEFINER" in match["head"],
            _pinned(match["head"]),
            match["name"] in closed,
        )
        for match in made
    }


def _pinned(head: str) -> frozenset[str]:
    found = re.findall(r'\bSET "?(\w+)"? = (.+?)(?=\s+SET\s|\s*$)', head, re.DOTALL)
    return frozenset(f"{name}={value.strip(chr(39))}" for name, value in found)


def examine_functions(cursor: Any, schema: str) -> Iterator[Finding]:
    """Yield what is wrong with the functions that the triggers share.

    Args:
        cursor: A cursor on the database.
        schema: The quoted schema of the log.
    """
    cursor.execute(
        "SELECT proname, prosrc, prosecdef, proconfig, NOT has_function_privilege('public', p.oid, 'EXECUTE'), "
        "proowner = relowner FROM pg_proc p JOIN pg_class c ON pronamespace = relnamespace "
        r"WHERE c.oid = to_regclass(%s) AND proname LIKE 'audit\_plugin\_%%'",
        [f"{schema}.audit_plugin_entry"],
    )
    found = {
        name: (Shared(source, definer, frozenset(pinned or ()), closed), owned)
        for name, source, definer, pinned, closed, owned in cursor.fetchall()
    }
    for name, wanted in shared_functions(schema).items():
        if name not in found:
            yield Finding("shared-missing", name, "It isn't there.")
            continue
        there, owned = found[name]
        differs = [
            text
            for text, wrong in (
                ("its body is another", there.source != wanted.source),
                ("its settings are others", there.pinned != wanted.pinned),
                ("it runs as another role", there.definer != wanted.definer),
                ("everybody may call it", wanted.closed and not there.closed),
                ("it doesn't belong to the owner of the log", not owned),
            )
            if wrong
        ]
        if differs:
            yield Finding(
                "shared-altered", name, f"It differs from what this version ships: {', '.join(differs)}."
            )
