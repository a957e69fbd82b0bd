"""A filter in Python finds what it finds in SQL."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit_plugin.context.ids import uuid7
from audit_plugin.feed.matching import Matcher
from audit_plugin.filters import EntryFilter
from audit_plugin.models import Entry
from tests.export.conftest import add_context, add_entry

NOW = dt.datetime.now(dt.UTC)
DAY = dt.timedelta(days=1)
SOME_ID = uuid.UUID("01890000-0000-7000-8000-000000000001")

FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "actor": st.sampled_from(["7", "8", ""]),
        "action": st.sampled_from(["update", "restore", "auth.login"]),
        "model": st.sampled_from(["testapp.author", "testapp.tag"]),
        "channel": st.sampled_from(["data", "auth"]),
        "object_id": st.sampled_from(["1", "2"]),
        "tenant": st.sampled_from(["export-tests", "x"]),
        "since": st.sampled_from([NOW - DAY, NOW + DAY, NOW.date(), NOW.date() + DAY]),
        "until": st.sampled_from([NOW - DAY, NOW + DAY, NOW.date(), NOW.date() - DAY]),
        "period": st.sampled_from(["24h", "7d", "month"]),
        "request_id": st.sampled_from(["req-1", "req-2"]),
        "restored_from": st.just(SOME_ID),
    },
)


@pytest.fixture
def entries(db: None) -> list[Entry]:
    contexts = [add_context(request_id="req-1"), add_context(actor_id="8", request_id="req-2"), None]
    for context in contexts:
        add_entry(context)
        add_entry(context, model="testapp.tag", object_id="2")
        add_entry(context, action="restore", restored_from=SOME_ID)
        add_entry(context, action="update", restored_from=SOME_ID, tenant=None)
        add_entry(
            context, action="auth.login", channel="auth", model="", object_id="", operation=None, tenant="x"
        )
        add_entry(context, id=uuid7_of(NOW - 3 * DAY))
    return list(Entry.objects.prefetch_related("context").order_by("seq"))


def uuid7_of(moment: dt.datetime) -> uuid.UUID:
    milliseconds = int(moment.timestamp() * 1000)
    return uuid.UUID(int=milliseconds << 80 | uuid7().int & ((1 << 80) - 1))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(values=FILTERS, by_context=st.booleans())
def test_the_same_as_in_sql(entries: list[Entry], values: dict[str, object], by_context: bool) -> None:
    if by_context:
        values = {**values, "context": entries[0].context_id}
    filter_ = EntryFilter(**values)  # type: ignore[arg-type]
    matches = Matcher(filter_)
    in_sql = set(filter_.apply(Entry.objects.all()).values_list("seq", flat=True))
    if matches.needs_database:
        assert filter_.validate()
    else:
        assert {entry.seq for entry in entries if matches(entry)} == in_sql


@pytest.mark.parametrize("given", [EntryFilter(search="ann"), EntryFilter(extra={"interviewer": "1"})])
def test_what_only_the_database_can_tell(given: EntryFilter) -> None:
    assert Matcher(given).needs_database
