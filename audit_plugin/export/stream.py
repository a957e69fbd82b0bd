"""The bytes of a file, for whoever wants them; however they end, the log says so."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db import DatabaseError, InterfaceError, connections
from django.db.transaction import TransactionManagementError

from audit_plugin.context.frames import snapshot
from audit_plugin.events import Event, write_event
from audit_plugin.export.plan import Export
from audit_plugin.export.reading import Reader

logger = logging.getLogger("audit_plugin")

STARTED = "audit.export_started"
EXPORTED = "audit.exported"


class ExportStream(Iterator[bytes]):
    """Makes the file piece by piece.

    That it begins is written to the log at once, so that nothing leaves without a trace even if the process
    is killed; that it ended, and how, when the last piece has been taken, `close` is called or something
    fails.

    Args:
        export: What is exported.
        lend: Whether the host's connection is given back while the file is read, as at the end of a request.

    Raises:
        django.db.Error: The log can't be written; then nothing is exported.
    """

    def __init__(self, export: Export, *, lend: bool = False) -> None:
        self.export = export
        self.using = export.entries.db
        self.reader = Reader(self.using, export.zone)
        self._chunks = export.format.chunks(export, self.reader)
        self._lend = lend
        self._lock = threading.Lock()
        self._ended = False
        self._state = snapshot()
        self.started = write_event(self._event(STARTED), using=self.using)
        # The file holds what there was when it was asked for.
        export.entries = export.entries.exclude(pk=self.started)

    @property
    def count(self) -> int:
        """How many entries have been read so far."""
        return self.reader.count

    def __next__(self) -> bytes:
        with self._lock:
            if self._lend:
                self._lend = False
                self._give_back()
            try:
                return next(self._chunks)
            except StopIteration:
                self._end(None)
                raise
            except BaseException as error:
                self._end(type(error).__name__)
                raise

    def take(self) -> bytes | None:
        """Return the next piece, None after the last."""
        return next(self, None)

    def interrupt(self) -> None:
        """End what another thread is waiting for in `next`."""
        self.reader.interrupt()

    def close(self) -> None:
        """End the file where it is. One that has been taken to its end is left alone."""
        if not self._lock.acquire(blocking=False):
            self.interrupt()
            self._lock.acquire()
        try:
            if not self._ended:
                self._chunks.close()  # type: ignore[attr-defined]
                self._end("closed")
        finally:
            self._lock.release()

    def _give_back(self) -> None:
        # A download may last for hours; the connection, or its place in a pool, is not needed meanwhile.
        connection = connections[self.using]
        if not connection.in_atomic_block:
            connection.close()

    def _end(self, reason: str | None) -> None:
        if self._ended:
            return
        self._ended = True
        event = self._event(EXPORTED, reason, count=self.count, complete=reason is None, started=self.started)
        try:
            self._write_anyhow(event)
        except Exception:
            # What has left has left, and that it began to is in the log; the reason it ended must come
            # through.
            logger.exception("The end of export %s could not be written to the audit log.", self.started)

    def _write_anyhow(self, event: Event) -> UUID:
        with self._state.restored():
            try:
                return write_event(event, using=self.using)
            except (DatabaseError, InterfaceError, TransactionManagementError):
                # The connection, or the transaction on it, broke with the export.
                return write_event(event, using=self.using, independent=True)

    def _event(self, action: str, reason: str | None = None, **details: Any) -> Event:
        export = self.export
        details |= export.details
        details |= {
            "format": export.format.name,
            "filters": dict(export.filters),
            "columns": [column.name for column in export.columns],
        }
        if export.truncated:
            details["truncated_to"] = export.cap
        return Event(action, "audit", reason=reason, details=details)
