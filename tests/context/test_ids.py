"""The ids of contexts are version 7 UUIDs."""

from __future__ import annotations

import time
import uuid

from audit_plugin.context.ids import uuid7


def test_an_id_has_the_layout_of_rfc_9562():
    before = time.time_ns() // 1_000_000
    value = uuid7()
    after = time.time_ns() // 1_000_000
    assert value.version == 7
    assert value.variant == uuid.RFC_4122
    assert before <= value.int >> 80 <= after


def test_ids_are_in_order_of_time():
    ids = []
    for _ in range(50):
        ids.append(uuid7())
        time.sleep(0.00002)
    assert ids == sorted(ids)


def test_ids_differ():
    assert len({uuid7() for _ in range(10_000)}) == 10_000
