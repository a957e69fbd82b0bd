"""Services, tokens and scheduled work as actors of their own kind."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

import audit_plugin
from audit_plugin.admin.rows import actor_of
from audit_plugin.context.frames import under
from audit_plugin.context.handover import adopt
from tests.conftest import Log
from tests.testapp.models import Author


@pytest.mark.urls("tests.events.urls")
def test_an_account_of_a_service_is_a_service(log: Log, db: None, settings: Any, client: Client) -> None:
    settings.AUDIT_SERVICE_ACCOUNT = lambda user: user.username.startswith("svc-")
    settings.AUDIT_SIGN_INS = True
    bot, ben = User.objects.create_superuser("svc-sync"), User.objects.create_superuser("ben")
    author = Author.objects.create(name="Ann")
    for user in (bot, ben):
        client.get(f"/api/authors/{author.pk}/", headers={"authorization": f"Bearer {user.username}"})
    signed_in = log(action="auth.token_used")
    assert [(entry.context.actor_kind, entry.actor_id) for entry in signed_in] == [
        ("service", str(bot.pk)),
        ("user", str(ben.pk)),
    ]
    shown = actor_of(signed_in[0].context, {})
    assert (shown.kind, shown.label) == ("Service", "svc-sync")


def test_a_named_service_is_a_service(author: Author, log: Log) -> None:
    with audit_plugin.context(actor="calendar-sync"):
        audit_plugin.record("photo.approved", author)
    (entry,) = log(channel="photos")
    assert (entry.context.actor_kind, entry.actor_id) == ("service", "service:calendar-sync")


def test_scheduled_work_is_the_system_s_with_the_task_s_name(author: Author, log: Log) -> None:
    with under(adopt(None, source="celery", name="studio.tasks.nightly_prune")):
        audit_plugin.record("photo.approved", author)
    (entry,) = log(channel="photos")
    assert (entry.context.actor_kind, entry.context.name) == ("system", "studio.tasks.nightly_prune")
    shown = actor_of(entry.context, {})
    assert (shown.kind, shown.label) == ("System", "studio.tasks.nightly_prune")
