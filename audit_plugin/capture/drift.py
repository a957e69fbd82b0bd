"""How the triggers in a database differ from what models and settings want."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from audit_plugin.capture.columns import quote
from audit_plugin.capture.spec import Spec
from audit_plugin.capture.trigger import PINNED, PREFIXES, CaptureTrigger, triggers


@dataclass(frozen=True)
class Function:
    """A trigger function as the catalog has it."""

    source: str
    definer: bool
    pinned: int
    description: Mapping[str, Any] | None


@dataclass
class State:
    """The capture functions and triggers of one database.

    Attributes:
        functions: Functions by name.
        enabled: `pg_trigger.tgenabled` by table and trigger.
    """

    functions: dict[str, Function] = field(default_factory=dict)
    enabled: dict[tuple[str, str], str] = field(default_factory=dict)
    by_name: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def tables(self, trigger: str) -> list[str]:
        """Return the quoted tables that carry a trigger."""
        return self.by_name[trigger]


@dataclass(frozen=True)
class Problem:
    """One difference.

    Attributes:
        trigger: The trigger's name.
        table: The table, quoted.
        kind: `missing`, `outdated`, `migrating` (a migration has not ended), `disabled` or `tampered`.
    """

    trigger: str
    table: str
    kind: str


def read_state(cursor: Any, schema: str) -> State:
    """Read the capture functions and triggers from the catalog.

    Args:
        cursor: A cursor on the recorded database.
        schema: The quoted schema of the log.
    """
    state = State()
    patterns = [prefix.replace("_", r"\_") + "%" for prefix in PREFIXES]
    cursor.execute(
        "SELECT proname, prosrc, prosecdef, cardinality(proconfig), obj_description(oid, 'pg_proc') FROM pg_proc "
        "WHERE pronamespace = to_regnamespace(%s) AND proname LIKE ANY(%s) AND prorettype = 'trigger'::regtype",
        [schema, patterns],
    )
    for name, source, definer, pinned, comment in cursor.fetchall():
        state.functions[name] = Function(source, definer, pinned or 0, _read(comment))
    cursor.execute(
        "SELECT n.nspname, c.relname, t.tgname, t.tgenabled::text, t.tgparentid FROM pg_trigger t "
        "JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
        "JOIN pg_proc p ON p.oid = t.tgfoid AND p.pronamespace = to_regnamespace(%s) WHERE t.tgname LIKE ANY(%s)",
        [schema, patterns],
    )
    for namespace, relation, name, enabled, parent in cursor.fetchall():
        table = f"{quote(namespace)}.{quote(relation)}"
        state.enabled[table, name] = enabled
        if not parent:
            state.by_name[name].append(table)
    return state


def function_problem(cursor: Any, schema: str, state: State, trigger: CaptureTrigger) -> str | None:
    """Return what is wrong with a trigger's function, None where it is as wanted.

    Args:
        cursor: A cursor on the recorded database.
        schema: The quoted schema of the log.
        state: What the catalog says.
        trigger: The trigger that is wanted.
    """
    found = state.functions.get(trigger.pgid)
    if found is None:
        return "missing"
    if not found.definer or found.pinned != len(PINNED):
        return "tampered"
    if found.source == trigger.source(cursor, schema) and found.description == trigger.description:
        return None
    return "migrating" if f"{schema}.{trigger.spec.builder}(" in found.source else "outdated"


def _read(comment: str | None) -> Mapping[str, Any] | None:
    try:
        return dict(json.loads(comment or ""))
    except ValueError:
        return None


def trigger_problem(state: State, trigger: CaptureTrigger, table: str) -> str | None:
    """Return what is wrong with a trigger on one table, None where it is as wanted.

    Args:
        state: What the catalog says.
        trigger: The trigger that is wanted.
        table: The quoted table.
    """
    enabled = state.enabled.get((table, trigger.pgid))
    if enabled is None:
        return "missing"
    return None if enabled == "A" else "disabled"


def problems(cursor: Any, schema: str, spec: Spec) -> Iterator[Problem]:
    """Yield all that is wrong with the triggers of one recorded table.

    Args:
        cursor: A cursor on the recorded database.
        schema: The quoted schema of the log.
        spec: The recorded table.
    """
    state = read_state(cursor, schema)
    for trigger in triggers(spec):
        if kind := function_problem(cursor, schema, state, trigger):
            yield Problem(trigger.pgid, spec.table.sql, kind)
        for table in trigger.tables:
            if kind := trigger_problem(state, trigger, table):
                yield Problem(trigger.pgid, table, kind)
