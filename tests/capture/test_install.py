"""Installing: by settings alone, on every model there is, again and again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pghistory
import pgtrigger
import pytest
from django.db import connection

import audit_plugin
from audit_plugin.capture import drift, install
from audit_plugin.capture.options import Options
from audit_plugin.capture.registry import _decorated, tracked_models
from audit_plugin.capture.schema import log_schema
from audit_plugin.capture.spec import record_spec, specs
from audit_plugin.exceptions import ConfigurationError
from tests.conftest import Log
from tests.testapp.models import Author, Book, Reading, Restaurant, Untracked

pytestmark = pytest.mark.django_db


@pytest.fixture
def reinstall() -> Iterator[None]:
    """Leave the triggers of the test as the test wants them; its transaction takes them back."""
    yield
    _decorated.pop(Untracked, None)


def install_one(model: type[Book], **options: object) -> None:
    spec = record_spec("default", model, Options(**options))  # type: ignore[arg-type]
    assert spec is not None
    install.install_triggers("default", str(log_schema("default")), spec)


def all_problems() -> list[drift.Problem]:
    schema = str(log_schema("default"))
    with connection.cursor() as cursor:
        return [problem for spec in specs("default") for problem in drift.problems(cursor, schema, spec)]


def test_nothing_is_amiss_after_migrate() -> None:
    assert all_problems() == []


def test_second_installation_changes_nothing() -> None:
    report = install.install("default")
    assert (report.created, report.dropped) == ([], [])


def test_model_no_longer_named_loses_its_triggers(log: Log, settings: Any) -> None:
    settings.AUDIT_MODELS = [*settings.AUDIT_MODELS, "-testapp.Author"]
    assert {name.split("_testapp_author")[0] for name in install.install("default").dropped} == {
        "audit_insert",
        "audit_update",
        "audit_delete",
        "audit_truncate",
    }
    Author.objects.create(name="Ann")
    assert log() == []


def test_capture_off_installs_no_triggers(log: Log, settings: Any) -> None:
    settings.AUDIT_CAPTURE = False
    install.install("default")
    Author.objects.create(name="Ann")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_trigger WHERE tgname ~ '^audit_(insert|update|delete|truncate|links)_'"
        )
        assert cursor.fetchone() == (0,)
    assert log() == []


def test_decorated_model_is_recorded(log: Log, settings: Any, reinstall: None) -> None:
    settings.AUDIT_MODELS = []
    audit_plugin.track()(Untracked)
    install.install("default")
    Untracked.objects.create(name="now it is")
    assert [entry.model for entry in log()] == ["testapp.untracked"]


def test_options_by_setting(log: Log, settings: Any) -> None:
    settings.AUDIT_OPTIONS = {"testapp.Author": {"label": "author {name}", "exclude": ["api_token"]}}
    install.install("default")
    Author.objects.create(name="Ann", api_token="x")
    [entry] = log()
    assert (entry.object_repr, entry.masked, list(entry.changes)) == ("author Ann", None, ["id", "name"])


def test_parents_and_custom_link_tables_come_along(settings: Any) -> None:
    settings.AUDIT_MODELS = ["testapp.Restaurant", "testapp.Book"]
    assert {model.__name__ for model in tracked_models() if model._meta.app_label == "testapp"} == {
        "Place",
        Restaurant.__name__,
        Book.__name__,
        Reading.__name__,
    }


def test_everything_but_bookkeeping(settings: Any) -> None:
    settings.AUDIT_MODELS = ["*", "-testapp.*"]
    apps = {model._meta.app_label for model in tracked_models() if model is not Book}
    assert {"auth", "people", "admin"} <= apps
    assert not apps & {"audit_plugin", "sessions", "contenttypes", "pghistory"}


@pytest.mark.parametrize("name", ["nowhere.*", "testapp.Nobody", "testapp", ""])
def test_unknown_name_is_an_error_that_says_which(name: str, settings: Any) -> None:
    settings.AUDIT_MODELS = [name]
    with pytest.raises(ConfigurationError, match="AUDIT_MODELS"):
        tracked_models()


def test_unknown_option_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(
        ConfigurationError, match=r"unknown option lable\. The options are: exclude, fields, label"
    ):
        audit_plugin.track(lable="name")(Untracked)


TRACKERS = {
    "only updates": ([pghistory.UpdateEvent()], ["update", "update"]),
    "updates of one field": ([pghistory.UpdateEvent(condition=pghistory.AnyChange("title"))], ["update"]),
    "updates to a value": (
        [pghistory.InsertEvent(), pghistory.UpdateEvent(condition=pgtrigger.Q(new__isbn="2"))],
        ["create", "update"],
    ),
    "deletes of some": ([pghistory.DeleteEvent(condition=pgtrigger.Q(old__title="other"))], []),
    "raw condition": ([pghistory.InsertEvent(condition=pghistory.Condition("NEW.price > 5"))], ["create"]),
}


@pytest.mark.parametrize(("trackers", "recorded"), TRACKERS.values(), ids=TRACKERS)
def test_pghistory_trackers_narrow_down_what_is_recorded(
    trackers: list[pghistory.RowEvent], recorded: list[str], log: Log, settings: Any
) -> None:
    settings.AUDIT_MODELS = []
    settings.AUDIT_OPTIONS = {"testapp.Book": {"trackers": trackers}}
    install.install("default")
    book = Book.objects.create(title="Dune", price=9)
    Book.objects.filter(pk=book.pk).update(title="Dune 2")
    Book.objects.filter(pk=book.pk).update(isbn="2")
    book.delete()
    assert [entry.action for entry in log(model="testapp.book", operation__in="IUD")] == recorded


def test_fields_limit_what_is_recorded(log: Log, settings: Any) -> None:
    settings.AUDIT_OPTIONS = {"testapp.Book": {"fields": ["title"]}}
    install.install("default")
    book = Book.objects.create(title="Dune", isbn="1")
    Book.objects.filter(pk=book.pk).update(isbn="2")
    assert [entry.changes for entry in log()] == [{"title": "Dune"}]


def test_tenant_of_a_record_goes_on_its_entries(log: Log, settings: Any) -> None:
    settings.AUDIT_OPTIONS = {"testapp.Book": {"tenant": "author"}}
    install.install("default")
    author = Author.objects.create(name="Ann")
    book = Book.objects.create(title="Dune", author=author)
    book.readers.add(author)
    assert [entry.tenant for entry in log(model="testapp.book")] == [str(author.pk)] * 2


def test_rows_of_truncate_can_be_left_out(log: Log, settings: Any) -> None:
    settings.AUDIT_OPTIONS = {"testapp.Untracked": {"truncate_rows": False}}
    settings.AUDIT_MODELS = ["testapp.Untracked"]
    install.install("default")
    Untracked.objects.create(name="a")
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE testapp_untracked")
    assert [(entry.action, entry.details) for entry in log()][1:] == [("truncate", {"rows": 1})]


def test_log_is_made_without_migrations_too(settings: Any) -> None:
    """Test settings that skip migrations (`--nomigrations`) leave unmanaged tables out; post_migrate makes them."""
    from audit_plugin.capture.schema import drop_tables

    drop_tables("default")
    assert log_schema("default") is None
    install.install("default")
    assert all_problems() == []
