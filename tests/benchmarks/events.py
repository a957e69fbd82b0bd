"""What events cost: one beside a plain INSERT, ten thousand at once, a look at a record; writes docs/benchmarks-events.md.

    python -m tests.benchmarks.events

The ways are run in turn, many short rounds, and the fastest rounds are compared: what else the machine does can only add to them.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "benchmarks-events.md"

Way = Callable[[int], None]


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.events", description=__doc__)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--each", type=int, default=50, help="how many in a round")
    parser.add_argument("--many", type=int, default=10_000)
    parser.add_argument("--dry", action="store_true", help="print the page and don't write it")
    arguments = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django
    from django.test.runner import DiscoverRunner

    django.setup()
    runner = DiscoverRunner(verbosity=0, interactive=False)
    runner.setup_test_environment(debug=False)
    databases = runner.setup_databases(aliases={"default"})
    try:
        page = measure(arguments.rounds, arguments.each, arguments.many)
    finally:
        runner.teardown_databases(databases)
    print(page)
    if not arguments.dry:
        PAGE.write_text(page, "utf-8")


def measure(rounds: int, each: int, many: int) -> str:
    """Measure everything, and return the page."""
    from django.db import connection

    ways = single_ways()
    singles = timed(ways, rounds, each, atomic=True)
    committed = timed(ways, max(3, rounds // 4), each, atomic=False)
    bulk = bulk_seconds(many)
    reads = timed(pages(), rounds, 10, atomic=False)
    reads["the same on a page of the admin, written"] = in_page(0)
    reads["the same on a page of the admin, written before"] = in_page(900)
    version = ".".join(map(str, connection.get_database_version()))
    from tests.benchmarks.events_page import render

    return render(singles, committed, bulk, reads, many, version)


def timed(ways: dict[str, Way], rounds: int, each: int, *, atomic: bool) -> dict[str, float]:
    """Return the microseconds of one in the fastest round, by the name of the way."""
    from contextlib import nullcontext

    from django.db import transaction

    taken: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds + 2):
        for name, way in ways.items():
            with transaction.atomic() if atomic else nullcontext():
                began = time.perf_counter()
                way(each)
                seconds = time.perf_counter() - began
            if number >= 2:
                taken[name].append(seconds / each * 1e6)
    return {name: min(values) for name, values in taken.items()}


def single_ways() -> dict[str, Way]:
    """Return the ways to write one row or event, under the context of a request with a user."""
    from django.contrib.auth.models import User
    from django.db import connection
    from django.test import RequestFactory, override_settings

    import audit_plugin
    from audit_plugin.context.frames import enter
    from audit_plugin.context.request import request_frame
    from tests.testapp.models import Author, Untracked

    user, _made = User.objects.get_or_create(username="bench")
    request = RequestFactory().get("/photos/7/approve/")
    request.user = user
    enter(request_frame(request))
    override_settings(
        AUDIT_ACTIONS={"photo.approved": {"label": "Photo approved", "channel": "photos", "badge": "green"}}
    ).enable()
    author = Author.objects.create(name="Ann Archer")
    model = table_like_the_log()
    sql = "INSERT INTO testapp_untracked (name) VALUES (%s) RETURNING id"

    def plain(times: int) -> None:
        for _ in range(times):
            Untracked.objects.create(name="Ann Archer")

    def like(times: int) -> None:
        for _ in range(times):
            model.objects.create(
                action="photo.approved",
                channel="photos",
                model="testapp.author",
                object_id=str(author.pk),
                object_repr=str(author),
                actor_id=str(user.pk),
                details={"score": 9, "reason": "sharp"},
            )

    def raw(times: int) -> None:
        for _ in range(times):
            with connection.cursor() as cursor:
                cursor.execute(sql, ["Ann Archer"])
                cursor.fetchone()

    def recorded(times: int) -> None:
        for _ in range(times):
            audit_plugin.record("photo.approved", author, reason="sharp", details={"score": 9})

    def keyed(times: int) -> None:
        for number in range(times):
            key = f"{time.perf_counter_ns()}-{number}"
            audit_plugin.record("photo.approved", author, idempotency_key=key)

    return {
        "`Model.objects.create()` in a table with the log's columns and indexes": like,
        "`Model.objects.create()` in a table of two columns": plain,
        "the same by a cursor": raw,
        "`record()` with a reason and details": recorded,
        "`record()` with an idempotency key": keyed,
    }


def table_like_the_log() -> Any:
    """Return a model of a table with the columns and indexes of the log: what a log made by hand would be."""
    import uuid

    from django.db import connection, models
    from django.utils import timezone

    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE bench_log (LIKE audit_plugin_entry INCLUDING DEFAULTS INCLUDING INDEXES)"
        )

    class HandMade(models.Model):
        id = models.UUIDField(primary_key=True, default=uuid.uuid4)
        context_id = models.UUIDField(default=uuid.uuid4)
        occurred_at = models.DateTimeField(default=timezone.now)
        action = models.TextField()
        channel = models.TextField()
        model = models.TextField()
        object_id = models.TextField()
        object_repr = models.TextField()
        actor_id = models.TextField()
        details = models.JSONField()

        class Meta:
            app_label = "testapp"
            managed = False
            db_table = "bench_log"

    return HandMade


def bulk_seconds(many: int) -> list[float]:
    """Return how long `record_many` takes for so many records, several times."""
    from django.db import transaction

    import audit_plugin
    from tests.testapp.models import Author

    authors = Author.objects.bulk_create(Author(name=f"Author {number}") for number in range(many))
    taken = []
    for _ in range(8):
        with transaction.atomic():
            began = time.perf_counter()
            audit_plugin.record_many("photo.approved", authors, reason="sharp")
            taken.append(time.perf_counter() - began)
    return taken


def pages() -> dict[str, Way]:
    """Return looks at records: of a model that isn't declared personal, and of one that is."""
    from django.conf import settings
    from django.contrib.auth.models import User
    from django.test import override_settings

    import audit_plugin
    from audit_plugin.context import hooks
    from audit_plugin.events.reads import is_personal, note
    from tests.testapp.models import Author, Tag

    author = Author.objects.create(name="Seen")
    tag = Tag.objects.create(name="seen")
    override_settings(ROOT_URLCONF="tests.events.urls").enable()
    User.objects.create_superuser("viewer")

    def hook_undeclared(times: int) -> None:
        for _ in range(times):
            note(tag)

    def choose(personal: list[str], window: int) -> None:
        # Not by override_settings, whose signals would be part of what is measured.
        settings.AUDIT_PERSONAL, settings.AUDIT_READ_WINDOW = personal, window
        hooks.forget("AUDIT_PERSONAL")

    def looked(window: int) -> Way:
        def look(times: int) -> None:
            choose(["testapp.Author"], window)
            for _ in range(times):
                audit_plugin.record_read(author)

        return look

    assert not is_personal(Tag)
    return {
        "the hook, for a model that isn't declared": hook_undeclared,
        "a look that is written, with its commit": looked(0),
        "a look that was written before": looked(900),
    }


def in_page(window: int, times: int = 60) -> float:
    """Return what a look costs a page of the admin, in microseconds: the rest of the page takes much longer, and varies more."""
    from django.conf import settings
    from django.contrib.auth.models import User
    from django.test import Client

    from audit_plugin.admin import reads
    from tests.testapp.models import Author

    settings.AUDIT_READ_WINDOW = window
    author = Author.objects.create(name="Seen in a page")
    client = Client()
    client.force_login(User.objects.get(username="viewer"))
    taken: list[float] = []
    original = reads.note

    def timed_note(obj: Any) -> None:
        began = time.perf_counter()
        original(obj)
        taken.append((time.perf_counter() - began) * 1e6)

    reads.note = timed_note
    try:
        for _ in range(times):
            assert client.get(f"/admin/testapp/author/{author.pk}/change/").status_code == 200
    finally:
        reads.note = original
    return min(taken[1:])


if __name__ == "__main__":
    main()
