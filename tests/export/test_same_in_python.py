"""What the database makes of an entry is what Python makes of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import override_settings
from django.utils import translation
from django.utils.translation import trans_real
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit_plugin.export import COLUMNS, ExportStream, plan_for
from audit_plugin.export.rendering import render
from audit_plugin.models import Context, Entry
from tests.export.conftest import TENANT, add_context, add_entry, one_cell
from tests.export.test_csv import TEXT

pytestmark = pytest.mark.django_db

KEYS = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=8) | TEXT.filter(
    bool
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
PAIRS = st.lists(VALUES, min_size=2, max_size=2)
LINKS = st.fixed_dictionaries(
    {"added": st.lists(st.integers() | TEXT), "removed": st.lists(st.integers() | TEXT)}
)
OPERATIONS = {"I": VALUES, "U": PAIRS, "D": VALUES, "M": LINKS, "B": VALUES}
#: Wide and long enough to be compressed, which takes another way through the SQL.
WIDE = [f"field_{number}" for number in range(60)]


@st.composite
def changed(draw: st.DrawFn) -> dict[str, Any]:
    operation = draw(st.sampled_from(sorted(OPERATIONS)))
    changes = draw(st.dictionaries(KEYS, OPERATIONS[operation], max_size=5))
    if draw(st.booleans()) and operation != "M":
        value = draw(OPERATIONS[operation])
        changes = {**dict.fromkeys(WIDE, value), **changes}
    masked = draw(st.none() | st.lists(KEYS, min_size=1, max_size=2, unique=True))
    details = draw(st.none() | st.dictionaries(KEYS, VALUES, max_size=2))
    return {"operation": operation, "changes": changes, "masked": masked, "details": details}


def exported(entry: Entry, **choices: Any) -> dict[str, Any]:
    """Return an entry as JSON has it: exactly, where CSV has apostrophes."""
    stream = ExportStream(plan_for(Entry.objects.filter(pk=entry.pk), format="ndjson", **choices))
    [line, end] = b"".join(stream).split(b"\n")
    assert end == b""
    return json.loads(line)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changed())
def test_changes(ann: Context, values: dict[str, Any]) -> None:
    entry = add_entry(ann, **values)
    found = exported(entry, columns="changes,properties")
    # No text and an empty one are the same cell.
    assert (found["changes"] or None) == (render("changes", entry) or None)
    assert found["properties"] == json.loads(render("properties", entry) or "")


@pytest.mark.parametrize("length", [10, 5_000, 200_000])
@pytest.mark.parametrize("operation", ["I", "U", "D", "M"])
def test_values_of_any_length(ann: Context, operation: str, length: int) -> None:
    text = "".join(chr(33 + (number * number) % 90) for number in range(length))
    value = {"U": [text, None], "M": {"added": [text], "removed": [1, 2]}}.get(operation, text)
    entry = add_entry(ann, operation=operation, changes={"text": value, "other": value})
    found = exported(entry, columns="changes,properties")
    assert found["changes"] == render("changes", entry)
    assert found["properties"] == json.loads(render("properties", entry) or "")


ACTORS = [
    {},
    {"actor_label": None},
    {"actor_label": ""},
    {"actor_email": None},
    {"actor_email": ""},
    {"actor_kind": "system", "actor_id": None, "actor_label": None, "actor_email": None},
    {"actor_kind": "anonymous", "actor_id": None, "actor_label": None, "actor_email": None},
    {"actor_kind": "role", "actor_id": "role:bob", "actor_label": "bob", "actor_email": None},
    {"actor_kind": "service", "actor_id": None, "actor_label": None, "actor_email": None},
    {"impersonator_id": "1", "impersonator_label": "Root", "ip": "2001:db8::1", "url": "https://example.org/a?b=%20"},
    {"name": "people:detail", "method": "POST", "user_agent": "Moz\\illa", "request_id": "r-1"},
]  # fmt: skip
SUBJECTS = [
    {},
    {"object_repr": ""},
    {"object_repr": "1"},
    {"model": "", "object_id": "", "object_repr": ""},
    {"model": "shop.gone", "object_repr": "A thing"},
    {"model": "testapp.orderline", "object_id": '["A", 1]'},
    {"action": "photo.approved", "operation": None, "changes": None, "details": {"reason": "sharp", "score": 3}},
    {"action": "audit.exported", "operation": None, "changes": None, "model": "", "object_id": "", "object_repr": ""},
    {"action": "truncate", "operation": "T", "changes": None, "details": {"rows": 3}, "object_id": ""},
    {"action": "restore", "restored_from": "01980000-0000-7000-8000-000000000000"},
    {"action": "weird"},
    {"changes": None, "masked": ["api_token"]},
    {"changes": {}, "masked": None},
    {"changes": {"name": [1, 2], "email": [None, "x"]}, "masked": ["api_token", "national_id"]},
    {"operation": None, "changes": {"name": [1, 2]}},
]  # fmt: skip


@pytest.mark.parametrize("subject", SUBJECTS, ids=str)
@pytest.mark.parametrize("actor", ACTORS, ids=str)
def test_every_column(db: None, actor: dict[str, Any], subject: dict[str, Any]) -> None:
    entry = add_entry(add_context(**actor), **subject)
    # "Date & Time" is compared below, in both forms; JSON always has the second.
    columns = [name for name in COLUMNS if name != "date_time"]
    found = exported(entry, columns=columns)
    for name in columns:
        value = found
        for key in COLUMNS[name].keys:
            value = value[key]
        wanted = render(name, entry)
        assert value == (json.loads(wanted or "") if COLUMNS[name].kind == "json" else wanted), name


@pytest.mark.parametrize("dates", ["dmy", "iso"])
def test_moments(ann: Context, dates: str) -> None:
    entry = add_entry(ann)
    with override_settings(AUDIT_EXPORT_DATE_FORMAT=dates):
        assert one_cell("date_time") == render("date_time", entry)


def test_an_entry_whose_context_is_gone(db: None) -> None:
    entry = add_entry(None)
    found = exported(entry, columns="user,description,actor_email,source")
    assert found["user"] == render("user", entry) == "Unknown"
    assert found["description"] == render("description", entry)
    assert found["actor"] == {"email": None} and found["context"] == {"source": None}


@override_settings(AUDIT_RENAMED_MODELS={"shop.Author": "testapp.Author"})
def test_an_earlier_name_of_a_model(ann: Context) -> None:
    entry = add_entry(ann, model="shop.author")
    assert exported(entry, columns="table") == {"table": "Author"} == {"table": render("table", entry)}


def test_python_knows_every_column(ann: Context) -> None:
    entry = add_entry(ann)
    assert all(isinstance(render(name, entry), str | None) for name in COLUMNS)
    assert render("tenant", entry) == TENANT


@pytest.mark.parametrize("fields", [1, 2, 3, 5, 12, 22, 40])
@pytest.mark.parametrize("language", ["en", "de", "ru", "ar"])
def test_plural_forms(ann: Context, language: str, fields: int, monkeypatch: pytest.MonkeyPatch) -> None:
    forms = {"en": 2, "de": 2, "ru": 3, "ar": 4}
    seen = set()

    def counted(one: str, many: str, number: int) -> str:
        # Django's own catalogue has the plural rules of each language; ours may have no translation yet.
        form = catalogue(number)
        seen.add(form)
        return f"{many} [form {form}]"

    with translation.override(language):
        catalogue = trans_real.translation(language)._catalog._plurals[0]
        monkeypatch.setattr("audit_plugin.display.sentences.ngettext", counted)
        entry = add_entry(ann, changes={f"field_{number}": [1, 2] for number in range(fields)})
        assert exported(entry, columns="description") == {"description": render("description", entry)}
    assert len(seen) == forms[language]


@override_settings(
    AUDIT_ACTIONS={
        "photo.approved": {"label": "Approved 100 %", "sentence": "%(actor)s found %(subject)s 100 %% sharp"},
        "photo.rejected": {"label": "Turned down"},
        "photo.lost": {"sentence": "A photo is lost"},
    }
)
@pytest.mark.parametrize("action", ["photo.approved", "photo.rejected", "photo.lost"])
def test_sentences_of_the_host(ann: Context, action: str) -> None:
    entry = add_entry(ann, action=action, operation=None, changes=None)
    found = exported(entry, columns="action,description")
    assert found == {"action": render("action", entry), "description": render("description", entry)}
