"""Who looked at the log, by setting, once for each look."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.db import connection
from django.utils import timezone

import audit_plugin
from audit_plugin import testing
from audit_plugin.context import hooks
from audit_plugin.viewing import record_view
from tests.conftest import Log
from tests.reading import add, user_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(settings: Any) -> User:
    settings.AUDIT_LOG_VIEWS = True
    made = user_with("ann")
    testing.clear()
    return made


def look(user: Any, **filters: str) -> bool:
    with audit_plugin.context(actor=user):
        return record_view(user, filters)


def test_off_by_default(ann: User, settings: Any, log: Log) -> None:
    del settings.AUDIT_LOG_VIEWS
    assert not look(ann)
    assert log(action="audit.viewed") == []


def test_one_entry_for_each_person_and_look(ann: User, log: Log) -> None:
    bo = user_with("bo")
    assert look(ann, actor="7", search="<b>")
    assert not look(ann)
    assert look(bo)
    first, second = log(action="audit.viewed")
    assert (first.actor_id, first.channel, first.model, first.details) == (
        str(ann.pk),
        "audit",
        "",
        {"filters": {"actor": "7", "search": "<b>"}},
    )
    assert (second.actor_id, second.details) == (str(bo.pk), None)


def test_after_the_time_has_passed_it_is_another_look(ann: User, settings: Any) -> None:
    settings.AUDIT_LOG_VIEWS_MINUTES = 5
    add(timezone.now() - timedelta(minutes=6), action="audit.viewed", actor_id=str(ann.pk))
    assert look(ann)
    assert not look(ann)


def test_nobody_is_nobody(ann: User) -> None:
    assert not look(AnonymousUser())
    assert not record_view(None)


def test_a_log_that_fails_leaves_the_page_and_its_transaction_alone(
    ann: User, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hooks, "_reported", set())
    with connection.cursor() as cursor:
        cursor.execute("ALTER FUNCTION audit_plugin_record_v1 RENAME TO audit_plugin_gone")
    assert not look(ann)
    assert "could not be recorded" in caplog.text
    assert User.objects.filter(pk=ann.pk).exists()
