"""What each log offers to go back: the calls that its documentation names, and no more than that."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from django.db import models
from django.utils import timezone

Record = models.Model


class Tool:
    """One log.

    Attributes:
        title: Its name.
        revert: The call that goes back.
    """

    title = ""
    revert = ""

    @contextmanager
    def request(self) -> Iterator[Any]:
        """Write in the block as one request; yields what stands for it, or for the time before it."""
        yield timezone.now()

    def now(self, record: Record) -> Any:
        """Return what stands for the record as it is, or for its last change."""
        raise NotImplementedError

    def undo(self, before: Any, change: Any) -> None:
        """Undo a change.

        Args:
            before: What `now` returned before it.
            change: What `now` returned after it.
        """
        before.revert()

    def bring_back(self, model: type[Record], key: int) -> None:
        """Bring a deleted record back."""
        raise NotImplementedError

    def bring_back_all(self, model: type[Record], key: int) -> None:
        """Bring a deleted record back with what was deleted along with it."""
        self.bring_back(model, key)

    def undo_request(self, setup: Any, request: Any) -> None:
        """Undo everything that a request did.

        Args:
            setup: The request before it, which made the records.
            request: The request.
        """
        raise NotImplementedError

    def said(self, record: Record) -> str:
        """Return what the log says of the last thing that happened to a record."""
        raise NotImplementedError


class Reversion(Tool):
    title, revert = "django-reversion", "`Version.revert()`, `Revision.revert()`"

    @contextmanager
    def request(self) -> Iterator[Any]:
        import reversion
        from reversion.models import Revision

        with reversion.create_revision():
            found: list[Any] = []
            yield found
        found.append(Revision.objects.first())

    def now(self, record: Record) -> Any:
        from reversion.models import Version

        return Version.objects.get_for_object(record)[0]

    def bring_back(self, model: type[Record], key: int) -> None:
        from reversion.models import Version

        Version.objects.get_deleted(model).get(object_id=key).revert()

    def bring_back_all(self, model: type[Record], key: int) -> None:
        from reversion.models import Version

        Version.objects.get_deleted(model).get(object_id=key).revision.revert()

    def undo_request(self, setup: Any, request: Any) -> None:
        setup[0].revert(delete=True)

    def said(self, record: Record) -> str:
        return f"a version like any other, comment “{self.now(record).revision.comment}”"


class SimpleHistory(Tool):
    title, revert = "django-simple-history", "`historical.instance.save()`"

    def now(self, record: Any) -> Any:
        return record.history.first()

    def undo(self, before: Any, change: Any) -> None:
        before.instance.save()

    def bring_back(self, model: Any, key: int) -> None:
        model.history.filter(id=key).first().instance.save()

    def undo_request(self, setup: Any, request: Any) -> None:
        from tests.benchmarks.peers.models import Book

        for book in Book.history.as_of(request):
            book.save()

    def said(self, record: Any) -> str:
        return f"a change like any other, type “{record.history.first().history_type}”"


class PgHistory(Tool):
    title, revert = "pghistory", "`event.revert()`"

    def now(self, record: Record) -> Any:
        return self._events(type(record)).filter(pgh_obj_id=record.pk).last()

    def bring_back(self, model: type[Record], key: int) -> None:
        self._events(model).filter(pgh_obj_id=key).last().revert()

    def undo_request(self, setup: Any, request: Any) -> None:
        from tests.benchmarks.peers.models import Book

        keys = self._events(Book).filter(pgh_created_at__gte=request).values_list("pgh_obj_id", flat=True)
        for key in set(keys):
            before = self._events(Book).filter(pgh_obj_id=key, pgh_created_at__lt=request).last()
            if before is not None:
                before.revert()

    def said(self, record: Record) -> str:
        return f"an event like any other, label “{self.now(record).pgh_label}”"

    @staticmethod
    def _events(model: Any) -> Any:
        return model.pgh_event_model.objects.order_by("pgh_id")


class Ours(Tool):
    title, revert = "audit_plugin", "`restore.apply(…)`"

    @contextmanager
    def request(self) -> Iterator[Any]:
        import audit_plugin

        key = str(uuid4())
        with audit_plugin.context(actor="somebody", request_id=key, name=key):
            yield key

    def now(self, record: Record) -> Any:
        from audit_plugin.history import history

        return history(type(record), record.pk)[0]

    def undo(self, before: Any, change: Any) -> None:
        from audit_plugin import restore

        restore.apply(restore.Undo(change))

    def bring_back(self, model: type[Record], key: int) -> None:
        from audit_plugin import restore

        restore.apply(restore.Deleted(model, str(key)))  # type: ignore[arg-type]

    def bring_back_all(self, model: type[Record], key: int) -> None:
        from audit_plugin import restore

        restore.apply(restore.Deleted(model, str(key), with_related=True))  # type: ignore[arg-type]

    def undo_request(self, setup: Any, request: Any) -> None:
        from audit_plugin import restore

        restore.apply(restore.Request(request))

    def said(self, record: Record) -> str:
        from audit_plugin import restore

        entry = self.now(record)
        source = restore.source_of(entry)
        return f"“{entry.action}” by {entry.context.actor_label}, of the {source.action} of its source"


TOOLS = {"ours": Ours, "reversion": Reversion, "simple_history": SimpleHistory, "pghistory": PgHistory}
