"""Cursors of the feed."""

from __future__ import annotations

import base64
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit_plugin.context.ids import uuid7
from audit_plugin.exceptions import InvalidCursor
from audit_plugin.feed import decode_position, encode_position
from audit_plugin.models import Entry
from audit_plugin.pagination.cursors import encode


@given(st.integers(0, 2**63 - 1))
def test_there_and_back(seq: int) -> None:
    assert decode_position(encode_position(seq)) == seq


@given(st.text())
def test_any_text_is_a_cursor_or_refused(text: str) -> None:
    with contextlib.suppress(InvalidCursor):
        assert 0 <= decode_position(text) < 2**63


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "é",
        encode("newest", Entry(id=uuid7())),
        base64.urlsafe_b64encode(b"f" + bytes([255] * 8)).decode(),
        encode_position(5) + "AAAA",
    ],
    # One of them is a new one each time, and test processes have to agree on names.
    ids=["empty", "no ASCII", "of the list", "too great", "too long"],
)
def test_what_is_none(cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        decode_position(cursor)
