"""What things are called, and that whatever is in the log stays text."""

from __future__ import annotations

from typing import Any

import pytest
from django.template import Context as TemplateContext
from django.template import Template
from django.utils import translation

from audit_plugin.display import badge, looking_up_once
from audit_plugin.display.labels import (
    action_label,
    actor_label,
    actor_phrase,
    channel_label,
    field_label,
    model_label,
    subject_label,
)
from audit_plugin.models import Context, Entry

MARKUP = "<script>alert(1)</script>"


@pytest.mark.parametrize(
    ("action", "modifier", "label"),
    [
        ("create", "create", "Created"),
        ("update", "update", "Updated"),
        ("delete", "delete", "Deleted"),
        ("restore", "restore", "Restored"),
        ("truncate", "delete", "Emptied"),
        ("baseline", "other", "Baseline"),
        ("audit.export_started", "other", "Audit log export started"),
        ("audit.exported", "other", "Audit log export downloaded"),
        ("audit.viewed", "other", "Audit log viewed"),
        ("shop.key_lost", "other", "Shop key lost"),
        ("film.developed", "other", "Film developed"),
        ("", "other", ""),
        (MARKUP, "other", "<script>alert(1)</script>"),
    ],
)
def test_actions(action: str, modifier: str, label: str) -> None:
    made = badge(action)
    assert (made.modifier, str(made.label)) == (modifier, label)
    # Colour is never the only signal.
    assert made.glyph


def test_a_hosts_own_action_and_channel(settings: Any) -> None:
    settings.AUDIT_ACTIONS = {"photo.approved": {"label": "Approved", "badge": "create", "glyph": "!"}}
    settings.AUDIT_CHANNELS = {"photos": "Pictures"}
    made = badge("photo.approved")
    assert (made.modifier, str(made.label), made.glyph) == ("create", "Approved", "!")
    assert channel_label("photos") == "Pictures"
    assert channel_label("pii-read") == "Personal data read"
    assert channel_label("own-channel") == "Own channel"
    assert action_label("update") == "Updated"


@pytest.mark.parametrize(
    ("context", "label", "phrase"),
    [
        (None, "Unknown", "Unknown"),
        ({"actor_kind": "user", "actor_id": "7", "actor_label": "Ann"}, "Ann", "Ann"),
        ({"actor_kind": "user", "actor_id": "7"}, "7", "7"),
        ({"actor_kind": "system"}, "System", "System"),
        ({"actor_kind": "anonymous"}, "Anonymous", "Anonymous"),
        ({"actor_kind": "role", "actor_id": "role:app"}, "role:app", "role:app"),
        ({"actor_kind": "user", "actor_label": MARKUP}, MARKUP, MARKUP),
        ({"actor_kind": "user", "actor_label": "Ann", "impersonator_label": "Root"}, "Ann", "Root as Ann"),
        ({"actor_kind": "user", "actor_label": "Ann", "impersonator_id": "1"}, "Ann", "1 as Ann"),
    ],
)
def test_actors(context: dict[str, str] | None, label: str, phrase: str) -> None:
    made = None if context is None else Context(**context)
    assert (actor_label(made), actor_phrase(made)) == (label, phrase)


@pytest.mark.parametrize(
    ("given", "label"),
    [
        (("testapp.book", "7", "Emma"), "Book Emma (7)"),
        (("testapp.book", "7", ""), "Book 7"),
        (("testapp.book", "7", "7"), "Book 7"),
        (("testapp.book", "", ""), "Book"),
        (("former.model", "7", MARKUP), f"former.model {MARKUP} (7)"),
        (("", "", ""), ""),
    ],
)
def test_subjects(given: tuple[str, str, str], label: str) -> None:
    model, key, name = given
    assert subject_label(Entry(model=model, object_id=key, object_repr=name)) == label


@pytest.mark.parametrize(
    ("model", "field", "labels"),
    [
        ("testapp.book", "isbn", ("Book", "isbn")),
        ("testapp.book", "author_id", ("Book", "author")),
        ("testapp.book", "gone", ("Book", "gone")),
        ("testapp.author", "books", ("Author", "books")),
        ("former.model", "x", ("former.model", "x")),
        ("nonsense", "x", ("nonsense", "x")),
    ],
)
def test_models_and_fields(model: str, field: str, labels: tuple[str, str]) -> None:
    assert (model_label(model), field_label(model, field)) == labels


def test_labels_are_made_in_the_current_language() -> None:
    with translation.override("de"):
        assert action_label("update") in {"Updated", "Ge\xe4ndert", "Aktualisiert"}


def test_what_a_label_holds_is_text_in_a_template() -> None:
    entry = Entry(model="testapp.book", object_id="1", object_repr=MARKUP)
    page = Template("{{ subject }}").render(TemplateContext({"subject": subject_label(entry)}))
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_within_a_page_a_name_is_looked_up_once(settings: Any) -> None:
    with looking_up_once():
        assert action_label("photo.approved") == "Photo approved"
        settings.AUDIT_ACTIONS = {"photo.approved": {"label": "Nice"}}
        assert action_label("photo.approved") == "Photo approved"
        # The same name of something else is something else.
        assert channel_label("photo.approved") == "Photo approved"
        assert model_label("photo.approved") == "photo.approved"
    assert action_label("photo.approved") == "Nice"
