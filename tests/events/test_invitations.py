"""Invitations: recorded by themselves where Django's own links are used, told by the host elsewhere."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.forms import PasswordResetForm
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.core import mail
from django.test import Client
from django.utils import timezone

import audit_plugin
from audit_plugin import display
from audit_plugin.context import hooks
from audit_plugin.events import invitations
from audit_plugin.filters import EntryFilter
from audit_plugin.models import Entry
from tests.conftest import Log

pytestmark = [
    pytest.mark.urls("tests.events.urls"),
    # Which mailer a host configures from Django 6.1 on is not what this is about.
    pytest.mark.filterwarnings("ignore:Django 2028 will not have a default mailer"),
]


@pytest.fixture(autouse=True)
def sign_ins(settings: Any) -> None:
    settings.AUDIT_SIGN_INS = True


@pytest.fixture
def ben(db: None) -> User:
    return User.objects.create_user("ben", "ben@example.org", "not known to anybody")


def invited(log: Log) -> list[str]:
    return [display.describe(entry) for entry in log(action="security.user_invited")]


def send_link() -> None:
    form = PasswordResetForm({"email": "ben@example.org"})
    assert form.is_valid()
    form.save(domain_override="example.org")
    assert len(mail.outbox) == 1


def test_a_link_for_an_account_that_nobody_has_used_is_an_invitation(ben: User, log: Log) -> None:
    ann = User.objects.create_user("ann", first_name="Ann")
    with audit_plugin.context(actor=ann):
        send_link()
        # The same mail once more, as HTML.
        default_token_generator.make_token(ben)
    (entry,) = log(action="security.user_invited")
    assert (entry.channel, entry.object_id, entry.actor_id) == ("security", str(ben.pk), str(ann.pk))
    assert entry.details is None
    assert display.describe(entry) == "Ann invited ben"
    given = EntryFilter(action="security.user_invited", channel="security")
    assert list(given.apply(Entry.objects.all())) == [entry]


def test_an_account_without_a_password_can_be_invited(log: Log, db: None) -> None:
    eve = User.objects.create_user("eve")
    with audit_plugin.context(actor="onboarding"):
        assert default_token_generator.check_token(eve, default_token_generator.make_token(eve))
    assert invited(log) == ["onboarding invited eve"]


def test_asking_for_a_new_password_invites_nobody(ben: User, log: Log, client: Client) -> None:
    client.post("/accounts/password_reset/", {"email": "ben@example.org"})
    assert len(mail.outbox) == 1
    client.force_login(ben)
    client.post("/accounts/password_reset/", {"email": "ben@example.org"})
    with audit_plugin.context(actor=ben):
        default_token_generator.make_token(User.objects.get(pk=ben.pk))
    assert invited(log) == []


def test_an_account_that_is_used_is_not_invited(ben: User, log: Log) -> None:
    ben.last_login = timezone.now()
    ben.save()
    with audit_plugin.context(actor="support"):
        send_link()
    assert invited(log) == []


def test_other_ways_are_told_by_the_host(ben: User, log: Log) -> None:
    with audit_plugin.context(actor="Ann"):
        audit_plugin.record("security.user_invited", ben)
        audit_plugin.record("security.user_invited", audit_plugin.Reference(name="eve@example.org"))
    assert invited(log) == ["Ann invited ben", "Ann invited eve@example.org"]


def test_it_can_be_turned_off_and_never_keeps_a_link_from_being_sent(
    ben: User, log: Log, settings: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(hooks, "_reported", set())
    monkeypatch.setattr(invitations, "_write", None)
    with audit_plugin.context(actor="support"):
        assert default_token_generator.make_token(ben)
    assert "could not be recorded" in caplog.text
    settings.AUDIT_SIGN_INS = False
    caplog.clear()
    with audit_plugin.context(actor="support"):
        assert default_token_generator.make_token(ben)
    assert invited(log) == [] and not caplog.text
