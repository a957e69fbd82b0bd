"""`audit_plugin.recording`: an event with all that changes while it happens."""

from __future__ import annotations

import functools
import inspect
import logging
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import Any, ParamSpec, TypeVar, cast
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import models

from audit_plugin.actions import Action
from audit_plugin.context import process
from audit_plugin.context.frames import Memo, current, enter, leave
from audit_plugin.context.ids import uuid7
from audit_plugin.events import policy
from audit_plugin.events.domain import is_lost, make_event, send
from audit_plugin.events.references import Reference

P = ParamSpec("P")
T = TypeVar("T")

logger = logging.getLogger("audit_plugin")


class recording:
    """Record an event, and hang on it every change that is made inside: `with`, `async with`, or a decorator.

    The event is written when the block ends, in the transaction that is open then. If the block raises, it is written with
    the outcome `failure` and the error's class as reason, unless the transaction is lost already; with `durable` it is written in
    any case.

    Args:
        action: A declared action.
        obj: The record it is done to; `about` names it later. For a decorator it may be a function of the same arguments.
        channel: See `audit_plugin.record`.
        outcome: See `audit_plugin.record`; may be set inside.
        reason: See `audit_plugin.record`; may be set inside.
        details: See `audit_plugin.record`; may be added to inside.
        related: See `audit_plugin.record`; may be added to inside.
        idempotency_key: See `audit_plugin.record`.
        durable: See `audit_plugin.record`.
        tenant: See `audit_plugin.record`.
        using: See `audit_plugin.record`.

    Attributes:
        entry_id: The entry's id, once it is written.

    Raises:
        EventError: See `audit_plugin.record`.

    Example:
        with audit_plugin.recording("photo.approved", photo) as event:
            photo.state = "approved"
            photo.save()
            event.details["score"] = score(photo)
    """

    def __init__(
        self,
        action: str | Action,
        obj: Any = None,
        *,
        channel: str | None = None,
        outcome: str | None = None,
        reason: str | None = None,
        details: Mapping[str, Any] | None = None,
        related: Iterable[Any] = (),
        idempotency_key: str | None = None,
        durable: bool = False,
        tenant: str | None = None,
        using: str | None = None,
    ) -> None:
        self._given: dict[str, Any] = {
            "channel": channel,
            "outcome": outcome,
            "reason": reason,
            "details": details,
            # A single record is refused when it is written, like everything that is wrong.
            "related": tuple(related) if isinstance(related, Iterable) else related,
            "idempotency_key": idempotency_key,
            "durable": durable,
            "tenant": tenant,
            "using": using,
        }
        self.action = action
        self.subject: Any = obj
        self.outcome, self.reason = outcome, reason
        self.details: dict[str, Any] = cast(
            Any, dict(details) if isinstance(details, Mapping) else details or {}
        )
        self.related: list[Any] = cast(Any, list(related) if isinstance(related, Iterable) else related)
        self.entry_id: UUID | None = None
        self._group: UUID | None = None
        self._at_start = Reference()

    def about(self, obj: Any) -> None:
        """Name the record it is done to, for one that is only made inside.

        Args:
            obj: The record, saved.
        """
        self.subject = obj

    def __enter__(self) -> recording:
        if self._group is not None:
            raise RuntimeError("This recording() is running already: make a new one for each block.")
        # An undeclared action is an error before anything is done.
        policy.action_of(self.action, self._given["channel"])
        # Inside, the record may be deleted, and then has neither key nor name.
        saved = getattr(self.subject, "pk", None) is not None
        self._at_start = Reference.of(self.subject) if saved else Reference()
        self._group = uuid7()
        outer = current()
        base = process.frame() if outer is None else outer
        changes: dict[str, Any] = {"event": self._group}
        if outer is None and base.source == "process":
            changes |= {"request_id": str(uuid7()), "memo": Memo()}
        enter(base.derive(parent=outer, owner=self, **changes))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        leave(self)
        try:
            self._write(error)
        except Exception:
            if error is None:
                raise
            # What the block raised is what the caller has to know.
            logger.exception("The event %s could not be recorded.", self.action)
        finally:
            self._group = None

    def _write(self, error: BaseException | None) -> None:
        using, durable = self._given["using"], self._given["durable"]
        if error is not None:
            if not durable and is_lost(using):
                return
            self.outcome = self.outcome or "failure"
            # Not its text: a database's errors quote values, secret ones included.
            self.reason = self.reason or type(error).__name__
        subject = self.subject
        if subject is not None and getattr(subject, "pk", True) is None:
            subject = self._at_start
        event = make_event(
            self.action,
            subject,
            channel=self._given["channel"],
            outcome=self.outcome,
            reason=self.reason,
            details=self.details,
            related=self.related,
            key=self._given["idempotency_key"],
            tenant=self._given["tenant"],
            group=self._group,
        )
        if event is not None:
            self.entry_id = send(event, using=using, durable=durable)

    async def __aenter__(self) -> recording:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        leave(self)
        try:
            await sync_to_async(self._write)(error)
        except Exception:
            if error is None:
                raise
            logger.exception("The event %s could not be recorded.", self.action)
        finally:
            self._group = None

    def __call__(self, function: Callable[P, T]) -> Callable[P, T]:
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            raise TypeError(
                "A generator can't be decorated with audit_plugin.recording(): use it inside, with `with`."
            )

        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def wrapped_async(*args: P.args, **kwargs: P.kwargs) -> Any:
                async with self._anew(*args, **kwargs):
                    return await function(*args, **kwargs)

            return cast("Callable[P, T]", wrapped_async)

        @functools.wraps(function)
        def wrapped(*args: P.args, **kwargs: P.kwargs) -> T:
            with self._anew(*args, **kwargs):
                return function(*args, **kwargs)

        return wrapped

    def _anew(self, *args: Any, **kwargs: Any) -> recording:
        """Return a recording for one call, since each call is an event of its own."""
        subject = self.subject
        if callable(subject) and not isinstance(subject, models.Model | type):
            try:
                subject = subject(*args, **kwargs)
            except Exception as error:
                policy.refuse("%s: what it is done to can't be told: %r", self.action, error)
                subject = None
        return type(self)(self.action, subject, **self._given)
