"""The log: entries and the contexts in which they were made. Both are append-only.

The tables are made by SQL (`capture/sql/`) and the models are unmanaged, so that Django's `flush`, which empties all
managed tables between some kinds of tests, leaves the guarded ones alone.
"""

from __future__ import annotations

from typing import Any, NoReturn

from django.contrib.postgres.fields import ArrayField
from django.core.checks import CheckMessage
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from audit_plugin import exact
from audit_plugin.changes import FieldChange, field_changes
from audit_plugin.exceptions import AppendOnlyError


class NamesField(ArrayField):  # type: ignore[type-arg]  # takes none at run time
    """A list of names. Needs no `django.contrib.postgres` in INSTALLED_APPS, which Django 6.1 asks for beside any ArrayField."""

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        """Return what is wrong with the field."""
        return [message for message in super().check(**kwargs) if message.id != "postgres.E005"]

    def deconstruct(self) -> Any:
        """Return what it is for migrations: for the database no different from its base."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.contrib.postgres.fields.ArrayField", args, kwargs


class AppendOnlyQuerySet(models.QuerySet[Any]):
    """Refuses in Python what the database would refuse as well, with a clear error."""

    def _refuse(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError

    create = get_or_create = update_or_create = bulk_create = bulk_update = update = delete = _refuse
    acreate = aget_or_create = aupdate_or_create = abulk_create = abulk_update = aupdate = adelete = _refuse
    _raw_delete = _refuse


class AppendOnlyModel(models.Model):
    """A row that is written by the database and never changes."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse to write.

        Raises:
            AppendOnlyError: Always.
        """
        raise AppendOnlyError

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse to delete.

        Raises:
            AppendOnlyError: Always.
        """
        raise AppendOnlyError


class Context(AppendOnlyModel):
    """Who acted, from where and in what: one row for each distinct answer within a request, task or command.

    What the application says (`actor_*` to `user_agent`, `metadata`) stands beside what the database knows by itself
    (`db_role`, `client_address`, `application_name`).
    """

    class ActorKind(models.TextChoices):
        """What an actor is."""

        USER = "user", _("user")
        SERVICE = "service", _("service")
        SYSTEM = "system", _("system")
        ROLE = "role", _("database role")
        ANONYMOUS = "anonymous", _("anonymous")

    id = models.UUIDField(_("ID"), primary_key=True)
    actor_kind = models.TextField(_("kind of actor"), choices=ActorKind)
    actor_id = models.TextField(_("actor"), null=True)  # noqa: DJ001 - absent is not the same as empty
    actor_label = models.TextField(_("actor's name at the time"), null=True)  # noqa: DJ001
    actor_email = models.TextField(_("actor's e-mail at the time"), null=True)  # noqa: DJ001
    impersonator_id = models.TextField(_("impersonator"), null=True)  # noqa: DJ001
    impersonator_label = models.TextField(_("impersonator's name at the time"), null=True)  # noqa: DJ001
    executor = models.TextField(_("executed by"), null=True)  # noqa: DJ001
    source = models.TextField(_("source"))
    name = models.TextField(_("view, task or command"), null=True)  # noqa: DJ001
    url = models.TextField(_("URL"), null=True)  # noqa: DJ001
    method = models.TextField(_("method"), null=True)  # noqa: DJ001
    ip = models.GenericIPAddressField(_("IP address"), null=True)
    user_agent = models.TextField(_("user agent"), null=True)  # noqa: DJ001
    request_id = models.TextField(_("request ID"), null=True)  # noqa: DJ001
    event_id = models.UUIDField(_("part of the event"), null=True)
    db_role = models.TextField(_("database role"))
    client_address = models.GenericIPAddressField(_("address of the database client"), null=True)
    application_name = models.TextField(_("application name of the database client"), null=True)  # noqa: DJ001
    metadata = models.JSONField(_("metadata"), null=True)

    class Meta:
        managed = False
        db_table = "audit_plugin_context"
        default_permissions = ()
        verbose_name = _("context")
        verbose_name_plural = _("contexts")

    def __str__(self) -> str:
        return self.actor_label or self.actor_id or str(self.ActorKind(self.actor_kind).label)


class Entry(AppendOnlyModel):
    """One recorded event."""

    class Operation(models.TextChoices):
        """What was done to the row; says how `changes` is to be read."""

        INSERT = "I", _("insert")
        UPDATE = "U", _("update")
        DELETE = "D", _("delete")
        LINKS = "M", _("many-to-many")
        TRUNCATE = "T", _("truncate")
        BASELINE = "B", _("baseline")

    id = models.UUIDField(_("ID"), primary_key=True)
    context = models.ForeignKey(
        Context, models.DO_NOTHING, verbose_name=_("context"), db_constraint=False, related_name="entries"
    )
    restored_from = models.UUIDField(_("restored from"), null=True)
    occurred_at = models.DateTimeField(_("when"))
    seq = models.BigIntegerField(_("sequence number"))
    operation = models.CharField(_("operation"), max_length=1, choices=Operation, null=True)  # noqa: DJ001
    action = models.TextField(_("action"))
    channel = models.TextField(_("channel"))
    model = models.TextField(_("model"))
    object_id = models.TextField(_("record"))
    object_repr = models.TextField(_("record's name at the time"))
    actor_id = models.TextField(_("actor"), null=True)  # noqa: DJ001
    tenant = models.TextField(_("tenant"), null=True)  # noqa: DJ001
    changes = models.JSONField(_("changes"), null=True, decoder=exact.Decoder)
    masked = NamesField(models.TextField(), verbose_name=_("masked fields"), null=True)
    details = models.JSONField(_("details"), null=True)

    class Meta:
        managed = False
        db_table = "audit_plugin_entry"
        ordering = ["-id"]
        default_permissions = ("view",)
        permissions = [
            ("export_entry", _("Can export the audit log")),
            ("restore_entry", _("Can restore from the audit log")),
        ]
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit log")

    def __str__(self) -> str:
        return f"{self.action} {self.model} {self.object_id}".strip()

    @cached_property
    def field_changes(self) -> list[FieldChange]:
        """What changed, one item a field, whatever the operation."""
        return field_changes(self.operation, self.changes, self.masked)
