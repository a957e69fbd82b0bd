"""What can be exported of an entry: the columns of a table, which are also the places in a JSON object."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit_plugin.conf import settings
from audit_plugin.export import expressions
from audit_plugin.export.changes import changes_text
from audit_plugin.export.errors import ExportError
from audit_plugin.export.sentences import description


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        name: What it is called in settings, forms and commands.
        header: What people read above it.
        expression: Returns its SQL, see `expressions`. It is made when an export begins,
            since labels follow the language of whoever exports.
        path: Where it stands in a JSON object, with dots; its name by default.
        kind: `text`; `moment`, which is written in the chosen form; or `json`.
    """

    name: str
    header: str | Promise
    expression: Callable[[], str]
    path: str = ""
    kind: str = "text"

    @property
    def keys(self) -> list[str]:
        """The keys that lead to it in a JSON object."""
        return (self.path or self.name).split(".")


def _plain(sql: str) -> Callable[[], str]:
    return lambda: sql


COLUMNS = {
    column.name: column
    for column in [
        # For people.
        Column("date_time", _("Date & Time"), _plain("e.occurred_at"), kind="moment"),
        Column("user", _("User"), _plain("coalesce(nullif(c.actor_email, ''), n.actor)")),
        Column("action", _("Action"), _plain("n.action")),
        Column("table", _("Table"), _plain("n.model")),
        Column("changes", _("Changes"), changes_text),
        # For machines.
        Column("id", _("ID"), _plain("e.id::text")),
        Column("timestamp", _("Timestamp"), expressions.timestamp),
        Column("channel", _("Channel"), _plain("e.channel")),
        Column("event", _("Event"), _plain("e.action")),
        Column("description", _("Description"), description),
        Column("actor_email", _("Actor e-mail"), _plain("c.actor_email"), "actor.email"),
        Column("actor_id", _("Actor ID"), _plain("e.actor_id"), "actor.id"),
        Column("subject_type", _("Subject type"), _plain("e.model"), "subject.type"),
        Column("subject_id", _("Subject ID"), _plain("e.object_id"), "subject.id"),
        Column("subject_name", _("Subject name"), _plain("e.object_repr"), "subject.name"),
        Column("properties", _("Properties"), expressions.properties, kind="json"),
        # Where it came from.
        Column("actor_name", _("Actor name"), _plain("c.actor_label"), "actor.name"),
        Column("actor_kind", _("Actor kind"), _plain("c.actor_kind"), "actor.kind"),
        Column("impersonator_id", _("Impersonator ID"), _plain("c.impersonator_id"), "impersonator.id"),
        Column(
            "impersonator_name", _("Impersonator name"), _plain("c.impersonator_label"), "impersonator.name"
        ),
        Column("source", _("Source"), _plain("c.source"), "context.source"),
        Column("view", _("View, task or command"), _plain("c.name"), "context.view"),
        Column("url", _("URL"), _plain("c.url"), "context.url"),
        Column("method", _("Method"), _plain("c.method"), "context.method"),
        Column("ip", _("IP address"), _plain("host(c.ip)"), "context.ip"),
        Column("user_agent", _("User agent"), _plain("c.user_agent"), "context.user_agent"),
        Column("request_id", _("Request ID"), _plain("c.request_id"), "context.request_id"),
        Column("context_id", _("Context ID"), _plain("e.context_id::text"), "context.id"),
        Column("database_role", _("Database role"), _plain("c.db_role"), "context.database_role"),
        Column("tenant", _("Tenant"), _plain("e.tenant")),
        Column("restored_from", _("Restored from"), _plain("e.restored_from::text")),
        Column("sequence", _("Sequence number"), _plain("e.seq::text")),
    ]
}

_SUMMARY = ("date_time", "user", "action", "table", "changes")
_ALL = (
    "id",
    "timestamp",
    "channel",
    "event",
    "description",
    "actor_email",
    "actor_id",
    "subject_type",
    "subject_id",
    "subject_name",
    "properties",
)

#: Selections with a name. `summary` is for reading, `all` says everything about what happened, `extended`
#: also how and from where.
SELECTIONS: dict[str, Sequence[str]] = {
    "summary": _SUMMARY,
    "all": _ALL,
    "extended": (*_ALL, *(name for name in COLUMNS if name not in (*_SUMMARY, *_ALL))),
}


def columns_of(names: str | Sequence[str] | None = None) -> tuple[Column, ...]:
    """Return columns by their names.

    Args:
        names: The name of a selection, names of columns as a list or separated by commas, or None for
            `AUDIT_EXPORT_COLUMNS`.

    Raises:
        ExportError: There is no such column, one is named twice, or none is named.
    """
    given: Any = settings.EXPORT_COLUMNS if names is None else names
    if isinstance(given, str):
        given = SELECTIONS.get(given.strip(), [name.strip() for name in given.split(",") if name.strip()])
    for name in given:
        if name not in COLUMNS:
            near = get_close_matches(name, [*COLUMNS, *SELECTIONS], n=1)
            hint = f" Did you mean {near[0]!r}?" if near else f" There are: {', '.join(COLUMNS)}."
            raise ExportError(f"There is no column {name!r}.{hint}")
    if not given or len(set(given)) < len(given):
        raise ExportError("Choose at least one column, and each only once.")
    return tuple(COLUMNS[name] for name in given)
