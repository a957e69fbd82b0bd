"""Entries made to measure, and people who may read some of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.models import Permission, User
from django.db import connections

from audit_plugin.capture.schema import ensure_partitions
from audit_plugin.finder import EntryQuerySet, ranges
from audit_plugin.finder.closing import Closing
from audit_plugin.finder.ids import uuid_floor
from audit_plugin.models import Entry

#: Two months that are over, in UTC.
MAY, JUNE, JULY = (datetime(2025, month, 1, tzinfo=UTC) for month in (5, 6, 7))
COLUMNS = ("action", "channel", "model", "object_id", "object_repr", "actor_id", "tenant")


def add(at: datetime, number: int = 0, **given: Any) -> UUID:
    """Add an entry of a moment: somebody's update of the author Ann unless said otherwise. Returns its id."""
    return add_all([{"at": at, "number": number, **given}])[0]


def add_all(rows: Sequence[dict[str, Any]], using: str = "default") -> list[UUID]:
    """Add entries, each as `add` takes them."""
    made = []
    for place, row in enumerate(rows):
        values = {
            "id": str(UUID(int=uuid_floor(row["at"]).int + (7 << 76) + (2 << 62) + row.get("number", place))),
            "context_id": str(row.get("context_id") or uuid4()),
            "occurred_at": row["at"].isoformat(),
            "operation": "U",
            "action": "update",
            "channel": "data",
            "model": "testapp.author",
            "object_id": "1",
            "object_repr": "Ann",
            "changes": {"name": ["Ann", "Anna"]},
        }
        made.append({**values, **{key: row[key] for key in row if key not in ("at", "number", "context_id")}})
    with connections[using].cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_plugin_entry (id, context_id, occurred_at, operation, action, channel, model, object_id, "
            "object_repr, actor_id, tenant, changes, masked, restored_from) SELECT id, context_id, occurred_at, operation, "
            "action, channel, model, object_id, object_repr, actor_id, tenant, changes, masked, restored_from "
            "FROM jsonb_populate_recordset(NULL::audit_plugin_entry, %s::jsonb)",
            [json.dumps(made)],
        )
    return [UUID(str(row["id"])) for row in made]


def add_context(actor_id: str, label: str, email: str = "", **given: Any) -> UUID:
    """Add the context of somebody's request and return its id."""
    values = {
        "id": uuid4(),
        "actor_kind": "user",
        "actor_id": actor_id,
        "actor_label": label,
        "actor_email": email or None,
        "source": "web",
        "db_role": "app",
        **given,
    }
    with connections["default"].cursor() as cursor:
        cursor.execute(
            f"INSERT INTO audit_plugin_context ({', '.join(values)}) VALUES ({', '.join(['%s'] * len(values))})",
            list(values.values()),
        )
    return UUID(str(values["id"]))


def partitions() -> None:
    """Make the partitions from May 2025 on; entries made before would lie in the default partition."""
    ensure_partitions("default", first=MAY.date(), ahead=1)


def close(now: datetime = JULY + timedelta(days=12)) -> None:
    """Index the months as the nightly command does at some moment."""
    list(Closing("default", now=now).run())
    ranges.forget()


def everything() -> EntryQuerySet:
    return EntryQuerySet(Entry)


def user_with(name: str, *permissions: str) -> User:
    """Make a user with permissions given as `app_label.codename`."""
    user = User.objects.create_user(name, f"{name}@example.org", "secret")
    for permission in permissions:
        app_label, codename = permission.split(".")
        user.user_permissions.add(
            Permission.objects.get(content_type__app_label=app_label, codename=codename)
        )
    return User.objects.get(pk=user.pk)
