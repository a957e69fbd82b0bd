"""One bad setting a test, and the exact list of IDs that it brings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.core.checks import CheckMessage, run_checks
from django.db import models
from django.test import modify_settings, override_settings

import audit_plugin
from audit_plugin.checks import TAG, check_settings
from audit_plugin.exceptions import ConfigurationError
from audit_plugin.models import Context, Entry
from tests.testapp.models import Book

MODELS = ["testapp.*", "-testapp.Untracked"]


def check(**values: Any) -> list[CheckMessage]:
    with override_settings(**{"AUDIT_MODELS": MODELS, **values}):
        return check_settings(None)


def ids(messages: list[CheckMessage]) -> list[str]:
    return [str(message.id).removeprefix("audit_plugin.") for message in messages]


@pytest.fixture
def new_model() -> Iterator[Any]:
    """Return a function that makes a model of testapp, which is forgotten after the test."""
    before = dict(apps.all_models["testapp"])

    def make(name: str, *, base: type[models.Model] = models.Model, **options: Any) -> Any:
        meta = type("Meta", (), {"app_label": "testapp", **options})
        return type(name, (base,), {"__module__": "tests.testapp.models", "Meta": meta})

    yield make
    apps.all_models["testapp"].clear()
    apps.all_models["testapp"].update(before)
    apps.clear_cache()


def test_the_project_s_own_settings_are_fine() -> None:
    assert run_checks(tags=[TAG], databases=[]) == []


@modify_settings(INSTALLED_APPS={"remove": ["django.contrib.postgres"]})
def test_a_host_needs_no_app_of_django_for_our_models() -> None:
    assert [message for model in (Entry, Context) for message in model.check()] == []


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("MODELS", "testapp.*", "a list of strings"),
        ("MODELS", [Book], "a list of strings"),
        ("MODELS", None, "a list of strings"),
        ("OPTIONS", ["testapp.Book"], "a dictionary from strings to dictionaries from strings to any values"),
        (
            "OPTIONS",
            {"testapp.Book": ["title"]},
            "a dictionary from strings to dictionaries from strings to any values",
        ),
        ("OPTIONS", {Book: {}}, "a dictionary from strings to dictionaries from strings to any values"),
        ("CAPTURE", "off", "True or False"),
        ("SECRETS", "token", "a list of strings"),
        ("TRUSTED_PROXIES", "10.0.0.1", "a list of strings"),
        ("REQUEST_ID_HEADER", None, "a string"),
        ("TENANT", 5, "a string or a callable or None"),
        ("CARRY_INTO_THREADS", 1, "True or False"),
        ("RENAMED_MODELS", [("a.b", "c.d")], "a dictionary from strings to strings"),
        ("PARTITIONS_AHEAD", "3", "a whole number"),
        ("PARTITIONS_AHEAD", True, "a whole number"),
        ("PARTITIONS_AHEAD", 0, "at least 1, or the first write of a month finds no partition"),
        ("OWNER_ROLE", "", "the name of a role, at most 63 bytes long"),
        ("OWNER_ROLE", "ö" * 32, "the name of a role, at most 63 bytes long"),
        ("LOG_VIEWS_MINUTES", 0, "at least 1, or every request of a reader leaves an entry"),
        ("COUNT_CAP", -1, "at least 1"),
        ("EXPORT_DATE_FORMAT", "mdy", '"dmy" or "iso"'),
        ("EXPORT_XLSX_CAP", 0, "between 1 and 1,048,574: a sheet has no more rows"),
        ("EXPORT_XLSX_CAP", 2_000_000, "between 1 and 1,048,574: a sheet has no more rows"),
    ],
)
def test_wrong_type(name: str, value: Any, wanted: str) -> None:
    (message,) = check(**{f"AUDIT_{name}": value})
    assert ids([message]) == ["E001"]
    assert message.msg == f"AUDIT_{name} must be {wanted}."
    assert type(value).__name__ in (message.hint or "")


@pytest.mark.parametrize(
    ("pattern", "hint"),
    [
        ("testapp.Bok", 'Did you mean "testapp.Book"?'),
        ("tetsapp.Book", 'Did you mean "testapp.Book"?'),
        ("-testapp.Untrakced", 'Did you mean "-testapp.Untracked"?'),
        ("testap.*", 'Did you mean "testapp.*"?'),
        ("testapp", 'To record every model of the app, write "testapp.*".'),
        ("", "Names are"),
        ("tests.testapp.models.Book", 'Did you mean "testapp.Book"?'),
    ],
)
def test_models_name_nothing(pattern: str, hint: str) -> None:
    (message,) = check(AUDIT_MODELS=[*MODELS, pattern])
    assert ids([message]) == ["E002"]
    assert f'"{pattern}"' in message.msg
    assert (message.hint or "").startswith(hint)


def test_every_wrong_name_is_reported_at_once() -> None:
    assert ids(check(AUDIT_MODELS=["a.B", "-c.D"], AUDIT_OPTIONS={"e.F": {}})) == ["E002", "E002", "E003"]


def test_models_name_a_swapped_model(new_model: Any) -> None:
    with override_settings(TESTAPP_VISITOR_MODEL="auth.User"):
        new_model("Visitor", swappable="TESTAPP_VISITOR_MODEL")
        (message,) = check(AUDIT_MODELS=["testapp.Visitor"])
    assert (ids([message]), message.hint) == (["E002"], 'Name "auth.User".')


def test_renamed_models_name_nothing() -> None:
    assert ids(check(AUDIT_RENAMED_MODELS={"old.book": "testapp.bok"})) == ["E002"]


def test_renamed_models_in_lower_case() -> None:
    assert check(AUDIT_RENAMED_MODELS={"old.book": "testapp.book"}) == []


@pytest.mark.parametrize(
    "setting",
    [
        {"AUDIT_TENANT": "testapp.nowhere"},
        {"AUDIT_IMPERSONATOR": "tests.no_such.hook"},
        {"AUDIT_ACTOR_LABEL": "x"},
    ],
)
def test_hook_that_cannot_be_imported(setting: dict[str, str]) -> None:
    assert ids(check(**setting)) == ["E005"]


def test_hook_that_is_no_function() -> None:
    (message,) = check(AUDIT_TENANT="tests.settings.AUDIT_MODELS")
    assert (ids([message]), message.hint) == (["E005"], "It is of type list.")


def test_hook_that_is_right() -> None:
    assert check(AUDIT_TENANT="os.path.join", AUDIT_ACTOR_LABEL=str) == []


class KeepOut:
    """A router that keeps one app out of every database."""

    def __init__(self, app_label: str) -> None:
        self.app_label = app_label

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        return False if app_label == self.app_label else None


def test_no_database_for_the_log() -> None:
    assert ids(check(DATABASE_ROUTERS=[KeepOut("audit_plugin")])) == ["E007"]


def test_model_without_a_database_with_a_log() -> None:
    messages = check(AUDIT_MODELS=["testapp.Tag", "places.City"], DATABASE_ROUTERS=[KeepOut("places")])
    assert set(ids(messages)) == {"E007"}
    assert all("places." in message.msg for message in messages)


def test_two_models_of_one_table(new_model: Any) -> None:
    new_model("OldTag", db_table="testapp_tag", managed=False)
    (message,) = check()
    assert ids([message]) == ["E008"]
    assert "testapp.Tag and testapp.OldTag" in message.msg


def test_model_of_a_many_to_many_table(new_model: Any) -> None:
    new_model("BookTag", db_table="testapp_book_tags", managed=False)
    assert ids(check()) == ["E008"]


def test_proxy_is_no_second_model(new_model: Any) -> None:
    new_model("Novel", base=Book, proxy=True)
    assert check(AUDIT_MODELS=[*MODELS, "testapp.Novel"]) == []


@pytest.mark.parametrize("value", ["10.0.0", "proxy.example.com", "10.0.0.1/40", ""])
def test_proxy_that_is_no_address(value: str) -> None:
    assert ids(check(AUDIT_TRUSTED_PROXIES=["10.0.0.1", value])) == ["E009"]


def test_proxies_that_are_right() -> None:
    assert check(AUDIT_TRUSTED_PROXIES=["10.0.0.1", "10.0.0.1/8", "fd00::/8", "unix"]) == []


def test_unknown_setting() -> None:
    (message,) = check(AUDIT_MODLES=["testapp.*"])
    assert (ids([message]), message.hint) == (["W001"], "Did you mean AUDIT_MODELS?")


def test_unknown_setting_beside_one_of_the_wrong_type() -> None:
    assert ids(check(AUDIT_MODLES=[], AUDIT_CAPTURE=None)) == ["E001", "W001"]


def test_middleware_missing() -> None:
    assert ids(check(MIDDLEWARE=["django.middleware.common.CommonMiddleware"])) == ["W002"]


def test_middleware_that_does_not_exist_is_left_to_django() -> None:
    assert ids(check(MIDDLEWARE=["no.such.Middleware"])) == ["W002"]


def test_no_middleware_at_all() -> None:
    assert check(MIDDLEWARE=[]) == []


def test_nothing_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit_plugin.capture.registry._decorated", {})
    assert ids(check(AUDIT_MODELS=[])) == ["W003"]
    assert check(AUDIT_MODELS=[], AUDIT_CAPTURE=False) == []


def test_options_of_a_model_that_is_not_recorded() -> None:
    assert ids(check(AUDIT_OPTIONS={"testapp.Untracked": {"exclude": ["name"]}})) == ["W004"]


def test_abstract_model_is_refused_where_it_is_decorated() -> None:
    with pytest.raises(ConfigurationError, match="Base is abstract"):

        @audit_plugin.track()
        class Base(models.Model):
            class Meta:
                abstract = True


@pytest.mark.parametrize(
    "actions",
    [
        {"photo.approved": {"badge": "pink"}},
        {"photo.approved": {"colour": "green"}},
        {"Photo.approved": {}},
        {"photo.approved": {"sentence": "100 % of it"}},
        {"photo.approved": {"channel": ""}},
    ],
)
def test_an_action_that_can_t_be_used(actions: dict[str, Any]) -> None:
    assert ids(check(AUDIT_ACTIONS=actions)) == ["E014"]


def test_actions_of_captured_changes_may_be_relabelled() -> None:
    assert ids(check(AUDIT_ACTIONS={"create": {"label": "Made"}, "photo.approved": {"badge": "green"}})) == []


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("EXPORT_COLUMNS", "sumary", "Did you mean"),
        ("EXPORT_COLUMNS", ["id", "idd"], "no column"),
        ("EXPORT_COLUMNS", [], "at least one column"),
        ("EXPORT_COLUMNS", ["id", "id"], "only once"),
        ("EXPORT_FILENAME", "../audit", "no file can have"),
        ("EXPORT_FILENAME", " ", "no file can have"),
        ("EXPORT_FILENAME", "a\nb", "no file can have"),
    ],
)
def test_settings_of_exports(name: str, value: Any, message: str) -> None:
    (found,) = check(**{f"AUDIT_{name}": value})
    assert ids([found]) == ["E015"]
    assert message in found.msg


@pytest.mark.parametrize("value", ["summary", "all", "extended", "id, user", ["id", "user"]])
def test_columns_of_exports(value: Any) -> None:
    assert check(AUDIT_EXPORT_COLUMNS=value) == []


def test_personal_and_related_models_that_don_t_exist() -> None:
    assert ids(check(AUDIT_PERSONAL=["testapp.Auther"])) == ["E002"]
    assert ids(check(AUDIT_RELATED={"testapp.Auther": ["x"]})) == ["E002"]
    assert ids(check(AUDIT_PERSONAL=["testapp.*", "-testapp.Tag"], AUDIT_RELATED={"testapp.Book": []})) == []
