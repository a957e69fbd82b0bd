"""Whatever is put into a context, it travels in a comment and arrives as JSON that PostgreSQL stores."""

from __future__ import annotations

import base64
import datetime
import decimal
import json
import uuid

import pytest
from django.db import connection
from django.utils.translation import gettext_lazy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit_plugin.context.encode import clean_text, comment, content_json, encode, metadata_json

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary()
    | st.datetimes()
    | st.decimals(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text() | st.integers(), inner, max_size=4),
    max_leaves=12,
)


class Opaque:
    def __str__(self) -> str:
        return "opaque\x00\ud800"


@pytest.mark.django_db
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(metadata=st.dictionaries(st.text(), VALUES, max_size=5))
def test_any_metadata_casts_to_jsonb(metadata):
    content = content_json({"metadata": metadata_json(metadata)})
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::jsonb", [content])
        cursor.fetchone()


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        (uuid.UUID(int=7), str(uuid.UUID(int=7))),
        (decimal.Decimal("1.10"), "1.10"),
        (datetime.date(2026, 11, 22), "2026-11-22"),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
        ({1: "a", None: "b"}, {"1": "a", "None": "b"}),
        ((1, 2), [1, 2]),
        (gettext_lazy("audit entry"), "audit entry"),
        (Opaque(), "opaque\ufffd?"),
        ("a\x00b\ud800c", "a\ufffdb?c"),
        (True, True),
        (None, None),
    ],
)
def test_a_value_is_stored_as(value, stored):
    assert metadata_json({"key": value}) == {"key": stored}


def test_a_number_too_long_for_json_is_stored_in_hexadecimal():
    assert metadata_json({"key": 2**5000}) == {"key": hex(2**5000)}


def test_what_contains_itself_ends():
    loop: list[object] = []
    loop.append(loop)
    assert json.dumps(metadata_json({"loop": loop})).count("[") == 7


def test_of_too_much_metadata_the_keys_are_left():
    assert metadata_json({"b": ["x" * 1500] * 20, "a": 1}) == {"truncated": ["a", "b"]}


def test_text_is_cut_before_it_is_encoded():
    assert clean_text("ä" * 300, 250) == "ä" * 250


def test_the_comment_has_the_agreed_form():
    context_id, restored = uuid.uuid4(), uuid.uuid4()
    content = content_json({"actor_kind": "user", "actor_id": "1", "url": None, "metadata": {}})
    assert content == '{"actor_kind":"user","actor_id":"1"}'
    text = comment(encode(context_id, "1", "north", restored, content))
    assert text.startswith(f"/*audit:{context_id}:MQ==:bm9ydGg=:{restored}:")
    assert base64.b64decode(text.removesuffix("*/").rpartition(":")[2]).decode() == content


def test_the_comment_of_nobody_has_empty_parts():
    assert comment(encode(uuid.UUID(int=0), None, None, None, "")) == f"/*audit:{uuid.UUID(int=0)}::::*/"


@given(st.text(), st.text())
def test_nothing_ends_the_comment_early_or_is_a_placeholder(actor, tenant):
    text = comment(
        encode(
            uuid.uuid4(),
            clean_text(actor),
            clean_text(tenant),
            None,
            content_json({"name": clean_text(actor)}),
        )
    )
    inside = text.removeprefix("/*").removesuffix("*/")
    assert "*" not in inside
    assert "%" not in text
