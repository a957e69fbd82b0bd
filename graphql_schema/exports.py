"""Exports: GraphQL hands out an address, signed and good for minutes; the file itself is streamed from there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.core import signing
from django.db import router
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from audit_plugin.conf import settings
from audit_plugin.context.ids import uuid7
from audit_plugin.export import Export, plan
from audit_plugin.export.stream import EXPORTED, STARTED
from audit_plugin.filters import EntryFilter, uuid_floor
from audit_plugin.finder import EntryQuerySet
from audit_plugin.models import Entry
from audit_plugin.pagination import Count
from graphql_schema.errors import ApiError, Code
from graphql_schema.inputs import AuditEntryFilter, read_filter
from graphql_schema.reading import reading
from graphql_schema.spec import ID
from graphql_schema.types.enums import AuditExportFormat, AuditExportState
from graphql_schema.types.exports import AuditExport, Progress
from graphql_schema.viewer import Viewer

SALT = "graphql_schema.exports"


class SignedExport:
    """An export that somebody asked for: all of it is in its id, which is signed.

    Args:
        token: The id.
        data: What was signed.
    """

    def __init__(self, token: str, data: Mapping[str, Any]) -> None:
        self.id = token
        self.key = UUID(data["id"])
        self.user_key: str = data["user"]
        self.format: str = data["format"]
        self._data = data
        self.requested_at = datetime.fromtimestamp(data["at"], UTC)

    @classmethod
    def sign(cls, user: Any, given: EntryFilter, **choices: Any) -> SignedExport:
        """Return the export that somebody asks for.

        Args:
            user: Who asks.
            given: The filter.
            **choices: Format, columns and dates, as `plan` takes them.
        """
        data = {
            "id": str(uuid7()),
            "user": str(user.pk),
            "at": timezone.now().timestamp(),
            "filter": given.query(),
            **choices,
        }
        return cls(signing.dumps(data, salt=SALT, compress=True), data)

    @classmethod
    def read(cls, token: str) -> SignedExport:
        """Return the export that an id stands for.

        Raises:
            ApiError: It was not made here, or was changed.
        """
        try:
            return cls(token, signing.loads(token, salt=SALT))
        except signing.BadSignature:
            raise ApiError(Code.INVALID_ID, _("This is not an ID.")) from None

    @property
    def url(self) -> str:
        """Where it can be fetched."""
        return reverse("audit_graphql:export", args=[self.id])

    @property
    def expires_at(self) -> datetime:
        """Until when it can be fetched."""
        return self.requested_at + timedelta(seconds=settings.GRAPHQL_EXPORT_SECONDS)

    @property
    def filename(self) -> str:
        """Its name, if it is fetched today."""
        return f"{timezone.now().astimezone(UTC).strftime(settings.EXPORT_FILENAME)}.{self.format}"

    @property
    def expired(self) -> bool:
        """Whether it can be fetched no longer."""
        return timezone.now() >= self.expires_at

    @cached_property
    def user(self) -> Any:
        """Who asked for it; None where there is no such user any more."""
        return get_user_model()._default_manager.filter(pk=self.user_key).first()

    def plan(self, request: Any) -> Export:
        """Decide on the file, with the rights that the person has now.

        Args:
            request: The request, whose way the host's gate may bar.

        Raises:
            ExportRefusedError: They may not export.
            ExportError: Something that was asked for doesn't exist any more.
        """
        given, _errors = EntryFilter.parse(self._data["filter"])
        choices = {name: self._data[name] for name in ("format", "columns", "dates")}
        found = plan(self.user, given, request=request, **choices)
        found.details = {**found.details, "export": str(self.key)}
        return found

    def count(self) -> Count:
        """Return how many entries it will hold."""
        return self.plan(None).count()

    def progress(self) -> Progress:
        """Return how far it has come: the log says when an export began and how it ended."""
        log = EntryQuerySet(Entry, using=router.db_for_read(Entry))
        own = log.between(uuid_floor(self.requested_at), None).filter(details__export=str(self.key))
        latest = own.restricted("action", [STARTED, EXPORTED]).order_by("-id").first()
        if latest is None:
            return Progress(AuditExportState.EXPIRED if self.expired else AuditExportState.REQUESTED)
        if latest.action == STARTED:
            return Progress(AuditExportState.RUNNING)
        details = latest.details or {}
        state = AuditExportState.DONE if details.get("complete") else AuditExportState.FAILED
        return Progress(state, details.get("count"), details.get("reason"))


def request_export(
    viewer: Viewer,
    filter: AuditEntryFilter | None = None,
    format: AuditExportFormat = AuditExportFormat.CSV,
    columns: list[str] | None = None,
    dates: str | None = None,
) -> AuditExport:
    """Ask for a file of entries. It is not in the answer: fetch it from its address within minutes.

    Args:
        filter: Which entries.
        format: In which format.
        columns: The names of its columns, or of one selection of columns; see docs/reference/export-formats.md.
        dates: How moments are written: `dmy` or `iso`.
    """
    viewer.require("export")
    given = read_filter(viewer, filter)
    choices: dict[str, Any] = {
        "format": format.value,
        "columns": ",".join(columns or []) or None,
        "dates": dates,
    }
    # What can't be exported is refused now, not when the file is fetched.
    plan(viewer.user, given, request=viewer.request, **choices)
    return AuditExport(SignedExport.sign(viewer.user, given, **choices))


@reading
def export(viewer: Viewer, id: ID) -> AuditExport | None:
    """An export that you have asked for; null where it was somebody else.

    Args:
        id: Its id.
    """
    viewer.require("export")
    found = SignedExport.read(id)
    return AuditExport(found) if found.user_key == str(viewer.user.pk) else None
