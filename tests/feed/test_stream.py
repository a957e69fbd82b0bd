"""What arrives in a stream, with real transactions in other sessions."""

from __future__ import annotations

import random
import time
import uuid
from unittest import mock

import pytest
from django.db import connection, transaction

from audit_plugin.exceptions import InvalidCursor
from audit_plugin.feed import FeedClosed, FeedUnavailable, reader, stopping, window
from audit_plugin.filters import EntryFilter
from audit_plugin.models import Entry
from audit_plugin.visibility import Scope
from tests.feed.conftest import Everything, Start, another_session, write
from tests.testapp.models import Author, Tag


def names(entries: list[Entry]) -> list[str]:
    return [entry.object_repr for entry in entries]


def numbers_in_log() -> list[int]:
    return list(Entry.objects.order_by("seq").values_list("seq", flat=True))


def test_entries_arrive_with_their_context_soon_after_the_commit(start: Start) -> None:
    follower = start().begun()
    Author.objects.create(name="Ann")
    committed = time.monotonic()
    follower.until(lambda: follower.entries)
    assert time.monotonic() - committed < 2
    [entry] = follower.entries
    assert (entry.action, entry.model, entry.object_repr) == ("create", "testapp.author", "Ann")
    assert entry.context.source == "process" and follower.deliveries[-1].position == entry.seq


def test_what_was_there_before_does_not_arrive(start: Start) -> None:
    Author.objects.create(name="Before")
    follower = start().begun()
    Author.objects.create(name="After")
    follower.until(lambda: follower.entries)
    assert names(follower.entries) == ["After"]


def test_a_smaller_number_that_is_committed_later_is_not_missed(start: Start) -> None:
    with another_session() as early:
        follower = start().begun()
        write(early, "early")
        Author.objects.create(name="late")
        time.sleep(0.5)
        # What may still be preceded by something waits for it.
        assert follower.entries == []
        early.commit()
        follower.until(lambda: len(follower.entries) == 2)
    assert names(follower.entries) == ["early", "late"]
    assert follower.numbers == sorted(follower.numbers)


def test_a_transaction_that_is_rolled_back_leaves_a_gap_and_no_wait(start: Start) -> None:
    with another_session() as doomed:
        follower = start().begun()
        write(doomed, "never")
        Author.objects.create(name="kept")
        doomed.rollback()
        follower.until(lambda: follower.entries)
    assert names(follower.entries) == ["kept"]


def test_transactions_that_write_nothing_to_the_log_hold_up_nothing(start: Start) -> None:
    with another_session() as reading, another_session() as elsewhere:
        reading.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        reading.execute("SELECT count(*) FROM audit_plugin_entry")
        elsewhere.execute("CREATE TEMPORARY TABLE scratch (n integer)")
        elsewhere.execute("SELECT pg_current_xact_id()")
        follower = start().begun()
        Author.objects.create(name="Ann")
        follower.until(lambda: follower.entries, 3)


def test_a_stream_that_begins_during_a_write_gets_it_or_finds_it_in_the_log(start: Start) -> None:
    with another_session() as early:
        write(early, "in between")
        follower = start()
        time.sleep(0.3)
        assert follower.deliveries == []
        early.commit()
        follower.begun()
    assert "in between" in [*Entry.objects.values_list("object_repr", flat=True), *names(follower.entries)]
    assert follower.deliveries[0].position >= max(numbers_in_log())


def test_going_on_after_a_position(start: Start) -> None:
    Author.objects.create(name="first")
    position = max(numbers_in_log())
    Author.objects.bulk_create(Author(name=f"n{i}") for i in range(250))
    follower = start(after=position)
    follower.until(lambda: len(follower.entries) >= 250)
    Author.objects.create(name="live")
    follower.until(lambda: len(follower.entries) >= 251)
    assert follower.numbers == [number for number in numbers_in_log() if number > position]


def test_a_position_that_the_log_has_not_reached(start: Start) -> None:
    follower = start(after=2**62)
    assert isinstance(follower.ended(), InvalidCursor)


def test_who_stops_reading_catches_up_from_the_table(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window, "MOST_ENTRIES", 20)
    slow, quick = start().begun(), start().begun()
    slow.pause()
    for i in range(300):
        Author.objects.create(name=f"n{i}")
    quick.until(lambda: len(quick.entries) == 300)
    held = reader.reader_of("default").window
    assert held is not None
    # What was read at once on a busy machine may be more, and is held until the next.
    assert len(held._pieces) == 1 or sum(len(piece.entries) for piece in held._pieces) <= 20
    slow.resume()
    slow.until(lambda: len(slow.entries) == 300)
    assert slow.numbers == quick.numbers == numbers_in_log()


def test_large_entries_are_held_by_size(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window, "MOST_BYTES", 200_000)
    follower = start().begun()
    with transaction.atomic():
        for i in range(30):
            # Compresses well, so that its size in the table says little.
            Tag.objects.create(name=f"t{i}")
            with connection.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO testapp_book (title, isbn, price, data, cover, pin, views, created) "
                    "VALUES ('big', '', 0, jsonb_build_object('text', repeat('x', 50000)), '', '', 0, now())"
                )
    follower.until(lambda: len(follower.entries) == 60)
    held = reader.reader_of("default").window
    assert (held is not None and held._bytes <= 200_000) or len(held._pieces) == 1
    assert follower.numbers == numbers_in_log()


def test_filters_and_scope(start: Start) -> None:
    seen = Everything()
    seen.scope = Scope(models=frozenset({"testapp.tag"}))
    limited, filtered = start(seen).begun(), start(given=EntryFilter(model="testapp.author")).begun()
    by_words = start(given=EntryFilter(search="gamma")).begun()
    Author.objects.create(name="Ann gamma")
    Tag.objects.create(name="red")
    for follower in (limited, filtered, by_words):
        follower.until(lambda follower=follower: follower.entries)
    assert names(limited.entries) == ["red"]
    assert names(filtered.entries) == names(by_words.entries) == ["Ann gamma"]


def test_signs_of_life_say_how_far_it_has_come(start: Start, settings: object) -> None:
    settings.AUDIT_FEED_HEARTBEAT_SECONDS = 0.2  # type: ignore[attr-defined]
    follower = start(given=EntryFilter(model="testapp.tag")).begun()
    Author.objects.create(name="of no interest")
    number = max(numbers_in_log())
    follower.until(lambda: follower.deliveries[-1].position == number)
    assert follower.entries == []


def test_the_scope_shrinks_and_the_stream_ends(start: Start, settings: object) -> None:
    settings.AUDIT_FEED_RECHECK_SECONDS = 0.1  # type: ignore[attr-defined]
    watch = Everything()
    follower = start(watch).begun()
    Tag.objects.create(name="red")
    follower.until(lambda: follower.entries)
    watch.scope = Scope(models=frozenset({"testapp.author"}))
    looks = watch.looks
    while watch.looks < looks + 2:
        time.sleep(0.05)
    Tag.objects.create(name="green")
    Author.objects.create(name="Ann")
    follower.until(lambda: len(follower.entries) == 2)
    assert names(follower.entries) == ["red", "Ann"]
    watch.error = FeedClosed("FORBIDDEN")
    assert follower.ended() is watch.error


def cut_all_others() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return int(cursor.fetchone()[0])


def test_a_reader_whose_connection_is_cut_goes_on(start: Start) -> None:
    follower = start().begun()
    for i in range(5):
        Author.objects.create(name=f"n{i}")
        # It may be connecting just now.
        while not cut_all_others():
            time.sleep(0.05)
        Author.objects.create(name=f"m{i}")
        follower.until(lambda i=i: len(follower.entries) == 2 * (i + 1))
    assert follower.numbers == numbers_in_log()


def test_a_log_out_of_reach_ends_streams_after_a_while(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit_plugin.feed.stream.PATIENCE_SECONDS", 0.3)
    monkeypatch.setattr("audit_plugin.feed.reading._LAST", "SELECT no_such_column")
    monkeypatch.setattr("django.conf.settings.AUDIT_FEED_RECHECK_SECONDS", 0.1, raising=False)
    assert isinstance(start().ended(), FeedUnavailable)


def test_too_many_at_once_are_turned_away(start: Start, settings: object) -> None:
    settings.AUDIT_FEED_STREAMS = 2  # type: ignore[attr-defined]
    first, _second = start().begun(), start().begun()
    assert isinstance(start().ended(), FeedUnavailable)
    Author.objects.create(name="Ann")
    first.until(lambda: first.entries)
    first.leave()
    start().begun()


def test_streams_end_when_the_server_is_told_to(start: Start) -> None:
    follower = start().begun()
    handler = mock.Mock()
    with mock.patch.dict(stopping._before, {15: handler}):
        try:
            stopping._stop(15, None)
            assert follower.ended() is None
        finally:
            stopping._stopping.clear()
    handler.assert_called_once_with(15, None)


def test_the_thread_ends_when_nobody_follows(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "LINGER_SECONDS", 0.2)
    follower = start().begun()
    found = reader.reader_of("default")
    thread = found._thread
    follower.leave()
    assert thread is not None
    thread.join(10)
    assert not thread.is_alive()
    again = start().begun()
    Author.objects.create(name=f"{uuid.uuid4()}")
    again.until(lambda: again.entries)


def test_concurrent_writers_in_any_order(start: Start) -> None:
    follower = start().begun()
    drawn = random.Random(5)
    sessions = []
    try:
        for _ in range(6):
            manager = another_session()
            sessions.append((manager, manager.__enter__()))
        kept, pending = 0, dict.fromkeys(range(6), 0)
        for step in range(300):
            who = drawn.randrange(6)
            session = sessions[who][1]
            action = drawn.random()
            if action < 0.6:
                write(session, f"s{step}")
                pending[who] += 1
            else:
                if action < 0.9:
                    session.commit()
                    kept += pending[who]
                else:
                    session.rollback()
                pending[who] = 0
    finally:
        for manager, session in sessions:
            session.rollback()
            manager.__exit__(None, None, None)
    follower.until(lambda: len(follower.entries) >= kept)
    assert follower.numbers == numbers_in_log() and len(follower.numbers) == kept
