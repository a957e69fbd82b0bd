"""What can be exported of an entry: the columns of a table, which are also the places in a JSON object."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

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
        kind: `text`; `moment`, which is written in the chosen form; `plain`, a text in which nothing can need
            escaping, such as a key; or `json`.
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
        Column("date_time", gettext_lazy("Date & Time"), _plain("e.occurred_at"), kind="moment"),
        Column("user", gettext_lazy("User"), _plain("coalesce(nullif(c.actor_email, ''), n.actor)")),
        Column("action", gettext_lazy("Action"), _plain("n.action")),
        Column("table", gettext_lazy("Table"), _plain("n.model")),
        Column("changes", gettext_lazy("Changes"), changes_text),
        # For machines.
        Column("id", gettext_lazy("ID"), _plain("e.id::text"), kind="plain"),
        Column("timestamp", gettext_lazy("Timestamp"), expressions.timestamp, kind="plain"),
        Column("channel", gettext_lazy("Channel"), _plain("e.channel")),
        Column("event", gettext_lazy("Event"), _plain("e.action")),
        Column("description", gettext_lazy("Description"), description),
        Column("actor_email", gettext_lazy("Actor e-mail"), _plain("c.actor_email"), "actor.email"),
        Column("actor_id", gettext_lazy("Actor ID"), _plain("e.actor_id"), "actor.id"),
        Column("subject_type", gettext_lazy("Subject type"), _plain("e.model"), "subject.type"),
        Column("subject_id", gettext_lazy("Subject ID"), _plain("e.object_id"), "subject.id"),
        Column("subject_name", gettext_lazy("Subject name"), _plain("e.object_repr"), "subject.name"),
        Column("properties", gettext_lazy("Properties"), expressions.properties, kind="json"),
        # Where it came from.
        Column("actor_name", gettext_lazy("Actor name"), _plain("c.actor_label"), "actor.name"),
        Column("actor_kind", gettext_lazy("Actor kind"), _plain("c.actor_kind"), "actor.kind"),
        Column(
            "impersonator_id", gettext_lazy("Impersonator ID"), _plain("c.impersonator_id"), "impersonator.id"
        ),
        Column(
            "impersonator_name",
            gettext_lazy("Impersonator name"),
            _plain("c.impersonator_label"),
            "impersonator.name",
        ),
        Column("source", gettext_lazy("Source"), _plain("c.source"), "context.source"),
        Column("view", gettext_lazy("View, task or command"), _plain("c.name"), "context.view"),
        Column("url", gettext_lazy("URL"), _plain("c.url"), "context.url"),
        Column("method", gettext_lazy("Method"), _plain("c.method"), "context.method"),
        Column("ip", gettext_lazy("IP address"), _plain("host(c.ip)"), "context.ip"),
        Column("user_agent", gettext_lazy("User agent"), _plain("c.user_agent"), "context.user_agent"),
        Column("request_id", gettext_lazy("Request ID"), _plain("c.request_id"), "context.request_id"),
        Column(
            "context_id", gettext_lazy("Context ID"), _plain("e.context_id::text"), "context.id", kind="plain"
        ),
        Column("database_role", gettext_lazy("Database role"), _plain("c.db_role"), "context.database_role"),
        Column("tenant", gettext_lazy("Tenant"), _plain("e.tenant")),
        Column("restored_from", gettext_lazy("Restored from"), _plain("e.restored_from::text"), kind="plain"),
        Column("sequence", gettext_lazy("Sequence number"), _plain("e.seq::text"), kind="plain"),
        # Changes made inside an event are part of it.
        Column("event_id", gettext_lazy("Event ID"), _plain("e.details ->> '_event'")),
        Column("part_of", gettext_lazy("Part of event"), _plain("c.event_id::text"), kind="plain"),
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
            raise ExportError(_unknown(name))
    if not given or len(set(given)) < len(given):
        raise ExportError(_("Choose at least one column, and each only once."))
    return tuple(COLUMNS[name] for name in given)


def _unknown(name: str) -> str:
    near = get_close_matches(name, [*COLUMNS, *SELECTIONS], n=1)
    said = _("There is no column “%(name)s”.") % {"name": name}
    if near:
        return f"{said} " + _("Did you mean “%(name)s”?") % {"name": near[0]}
    return f"{said} " + _("There are: %(known)s.") % {"known": ", ".join(COLUMNS)}
