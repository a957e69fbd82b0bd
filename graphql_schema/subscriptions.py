"""Following the log."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from audit_plugin.conf import settings
from audit_plugin.feed import FeedClosed, FeedUnavailable, RequestWatch, decode_position, follow
from audit_plugin.feed.workers import run
from audit_plugin.filters import EntryFilter
from audit_plugin.viewing import record_view
from graphql_schema.errors import ApiError, Code, as_api_error
from graphql_schema.inputs import AuditEntryFilter, read_filter
from graphql_schema.types.feed import AuditFeedEvent
from graphql_schema.viewer import Viewer


async def feed(
    viewer: Viewer, filter: AuditEntryFilter | None = None, after: str | None = None
) -> AsyncGenerator[AuditFeedEvent, None]:
    """Entries as they are committed, each once and in a fixed order: those of one record as they happened.

    The first event comes at once and has no entry: what was committed before it can be read by `auditEntries`, everything
    after will arrive here.

    Args:
        filter: Only entries that meet these conditions.
        after: The cursor of the last event that arrived, to go on after an interruption. Without it, only what is new.
    """
    try:
        position = decode_position(after) if after else None
        given = await run(lambda: _begin(viewer, filter))
        watch = RequestWatch(viewer.request, settings.hook("GRAPHQL_USER"))
        async with aclosing(follow(watch, given, after=position)) as deliveries:
            async for delivery in deliveries:
                yield AuditFeedEvent(delivery)
    except FeedClosed as error:
        further = {"url": error.url} if error.url else {}
        raise ApiError(Code(error.code), error.message, **further) from error
    except FeedUnavailable as error:
        raise ApiError(Code.UNAVAILABLE, str(error)) from error
    except Exception as error:
        raise as_api_error(error) from error


def _begin(viewer: Viewer, given: AuditEntryFilter | None) -> EntryFilter:
    # Whoever may not view the log is told so, rather than what is wrong with their filter.
    viewer.require()
    found = read_filter(viewer, given)
    # Who follows the log looks at it.
    record_view(viewer.user, found.query())
    return found
