"""How the triggers in a database differ from what models and settings want."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pgtrigger

from audit_plugin.capture.columns import quote
from audit_plugin.capture.spec import Spec
from audit_plugin.capture.trigger import PINNED, PREFIXES, CaptureTrigger, triggers

#: `PINNED` as `pg_proc.proconfig` has it.
_CONFIGURATION = frozenset(
    "=".join(part.strip("\"'") for part in setting.split(" = ", 1)) for setting in PINNED
)


@dataclass(frozen=True)
class Function:
    """A trigger function as the catalog has it.

    Attributes:
        closed: Whether it belongs to the owner of the log, and not everybody may call it.
    """

    source: str
    definer: bool
    pinned: frozenset[str]
    closed: bool
    description: Mapping[str, Any] | None


@dataclass(frozen=True)
class Installed:
    """A trigger as the catalog has it.

    Attributes:
        enabled: `pg_trigger.tgenabled`.
        kind: `pg_trigger.tgtype`: when it fires, for what, for rows or statements.
        plain: Whether nothing narrows it down (a condition, columns) and it calls the function of its own name.
    """

    enabled: str
    kind: int
    plain: bool


@dataclass
class State:
    """The capture functions and triggers of one database.

    Attributes:
        functions: Functions by name.
        enabled: Triggers by table and name.
    """

    functions: dict[str, Function] = field(default_factory=dict)
    enabled: dict[tuple[str, str], Installed] = field(default_factory=dict)
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
        kind: `missing`, `outdated`, `migrating` (a migration has not ended), `disabled`, `altered` (a trigger that
            doesn't fire as it should) or `tampered` (a function that doesn't run as it should).
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
        "SELECT proname, prosrc, prosecdef, proconfig, obj_description(p.oid, 'pg_proc'), proowner = relowner "
        "AND NOT has_function_privilege('public', p.oid, 'EXECUTE') "
        "FROM pg_proc p, pg_class c WHERE c.oid = to_regclass(%s) AND pronamespace = relnamespace "
        "AND proname LIKE ANY(%s) AND prorettype = 'trigger'::regtype",
        [f"{schema}.audit_plugin_entry", patterns],
    )
    for name, source, definer, pinned, comment, closed in cursor.fetchall():
        state.functions[name] = Function(source, definer, frozenset(pinned or ()), closed, _read(comment))
    cursor.execute(
        "SELECT n.nspname, c.relname, t.tgname, t.tgparentid, t.tgenabled::text, t.tgtype, t.tgqual IS NULL "
        "AND t.tgattr = ''::int2vector AND t.tgconstraint = 0 AND p.proname = t.tgname FROM pg_trigger t "
        "JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
        "JOIN pg_proc p ON p.oid = t.tgfoid AND p.pronamespace = to_regnamespace(%s) WHERE t.tgname LIKE ANY(%s)",
        [schema, patterns],
    )
    for namespace, relation, name, parent, *installed in cursor.fetchall():
        table = f"{quote(namespace)}.{quote(relation)}"
        state.enabled[table, name] = Installed(*installed)
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
    if not found.definer or not found.closed or found.pinned != _CONFIGURATION:
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
    found = state.enabled.get((table, trigger.pgid))
    if found is None:
        return "missing"
    if not found.plain or found.kind != _kind(trigger):
        return "altered"
    return None if found.enabled == "A" else "disabled"


def problems(cursor: Any, schema: str, spec: Spec, state: State | None = None) -> Iterator[Problem]:
    """Yield all that is wrong with the triggers of one recorded table.

    Args:
        cursor: A cursor on the recorded database.
        schema: The quoted schema of the log.
        spec: The recorded table.
        state: What the catalog says, where it was read already.
    """
    state = state or read_state(cursor, schema)
    for trigger in triggers(spec):
        if kind := function_problem(cursor, schema, state, trigger):
            yield Problem(trigger.pgid, spec.table.sql, kind)
        for table in trigger.carriers:
            if kind := trigger_problem(state, trigger, table):
                yield Problem(trigger.pgid, table, kind)


def _kind(trigger: CaptureTrigger) -> int:
    """Return what `pg_trigger.tgtype` is to be; the bits are those of the catalog's header."""
    row = 1 if trigger.level == pgtrigger.Row else 0
    before = 2 if trigger.when == pgtrigger.Before else 0
    bits = {pgtrigger.Insert: 4, pgtrigger.Delete: 8, pgtrigger.Update: 16, pgtrigger.Truncate: 32}
    return row | before | next(bit for operation, bit in bits.items() if operation == trigger.operation)
