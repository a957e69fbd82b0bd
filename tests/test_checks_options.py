"""One bad option of a model a test, and the exact list of IDs that it brings."""

from __future__ import annotations

from typing import Any

import pghistory
import pytest

from tests.test_checks import check, ids


def test_options_for_an_unknown_model() -> None:
    (message,) = check(AUDIT_OPTIONS={"testapp.Bok": {}})
    assert (ids([message]), message.hint) == (["E003"], 'Did you mean "testapp.Book"?')


def test_unknown_option() -> None:
    (message,) = check(AUDIT_OPTIONS={"testapp.Book": {"excludes": ["title"]}})
    assert (ids([message]), message.hint) == (["E003"], 'Did you mean "exclude"?')


@pytest.mark.parametrize("name", ["fields", "exclude", "secrets", "reveal", "trackers"])
def test_option_of_the_wrong_type(name: str) -> None:
    (message,) = check(AUDIT_OPTIONS={"testapp.Book": {name: "title"}})
    assert ids([message]) == ["E001"]
    assert f'"{name}" of testapp.Book must be a list of' in message.msg


@pytest.mark.parametrize(("name", "value"), [("label", ["title"]), ("tenant", 3), ("truncate_rows", "yes")])
def test_single_option_of_the_wrong_type(name: str, value: Any) -> None:
    assert ids(check(AUDIT_OPTIONS={"testapp.Book": {name: value}})) == ["E001"]


@pytest.mark.parametrize(
    ("option", "value", "hint"),
    [
        ("fields", ["titel"], 'Did you mean "title"?'),
        ("exclude", ["titel"], 'Did you mean "title"?'),
        ("exclude", ["author_id"], 'Did you mean "author"?'),
        ("secrets", ["pinn"], 'Did you mean "pin"?'),
        ("secrets", ["tags"], "Its fields are: author, "),
        ("reveal", ["tagz"], "Its fields are: author, "),
        ("label", "titel", 'Did you mean "title"?'),
        ("label", "{titel} ({isbn})", 'Did you mean "title"?'),
        ("label", "author__name", 'Did you mean "author_id"?'),
        ("tenant", "shop", "Its fields are: author, "),
    ],
)
def test_option_names_no_field(option: str, value: Any, hint: str) -> None:
    (message,) = check(AUDIT_OPTIONS={"testapp.Book": {option: value}})
    assert ids([message]) == ["E004"]
    assert (message.hint or "").startswith(hint)


def test_option_names_a_field_of_the_parent() -> None:
    (message,) = check(AUDIT_OPTIONS={"testapp.Restaurant": {"exclude": ["name"]}})
    assert ids([message]) == ["E004"]
    assert "testapp.Place" in (message.hint or "")


def test_options_that_are_right() -> None:
    options = {
        "fields": ["title", "author", "tags", "isbn"],
        "exclude": ["cover"],
        "label": "{{{title}}} {author_id}",
        "tenant": "author",
        "secrets": ["price"],
        "reveal": ["data"],
        "trackers": [pghistory.UpdateEvent(condition=pghistory.AnyChange("title"))],
    }
    assert check(AUDIT_OPTIONS={"testapp.Book": options}) == []


@pytest.mark.parametrize("option", ["label", "tenant"])
@pytest.mark.parametrize(
    ("model", "field", "further"),
    [
        ("Author", "api_token", {}),
        ("Book", "pin", {"secrets": ["pin"]}),
        ("Book", "title", {"exclude": ["title"]}),
        ("Book", "title", {"fields": ["isbn"]}),
    ],
)
def test_label_or_tenant_shows_what_must_not_be_stored(
    option: str, model: str, field: str, further: dict[str, Any]
) -> None:
    assert ids(check(AUDIT_OPTIONS={f"testapp.{model}": {option: field, **further}})) == ["E006"]


def test_label_shows_a_field_that_is_no_secret_after_all() -> None:
    assert check(AUDIT_OPTIONS={"testapp.Author": {"label": "api_token", "reveal": ["api_token"]}}) == []


@pytest.mark.parametrize("label", ["{title", "{}", "{author.name}", "{title:>10}", "{title!r}", "title}"])
def test_label_that_is_no_template(label: str) -> None:
    assert ids(check(AUDIT_OPTIONS={"testapp.Book": {"label": label}})) == ["E011"]


def test_two_trackers_for_one_operation() -> None:
    trackers = [pghistory.UpdateEvent("a"), pghistory.UpdateEvent("b")]
    assert ids(check(AUDIT_OPTIONS={"testapp.Book": {"trackers": trackers}})) == ["E012"]


def test_condition_on_a_field_that_does_not_exist() -> None:
    trackers = [pghistory.UpdateEvent(condition=pghistory.AnyChange("titel"))]
    (message,) = check(AUDIT_OPTIONS={"testapp.Book": {"trackers": trackers}})
    assert ids([message]) == ["E012"]
    assert "titel" in message.msg
