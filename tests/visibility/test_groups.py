"""The ready groups, and the host's hook that closes the log."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.http import HttpRequest

from audit_plugin.visibility import Refusal, create_groups, gate


def rights(name: str) -> set[str]:
    return set(Group.objects.get(name=name).permissions.values_list("codename", flat=True))


@pytest.fixture
def groups(db: None) -> None:
    """The ready groups: a test that committed has emptied the tables since `migrate` made them."""
    create_groups("default")


def test_each_group_holds_what_its_name_says(groups: None) -> None:
    assert rights("Audit viewers") == {"view_entry"}
    assert rights("Audit exporters") == {"view_entry", "export_entry"}
    assert rights("Audit restorers") == {"view_entry", "restore_entry"}
    assert create_groups("default") == []


def test_a_group_that_is_there_is_left_as_the_host_has_it(groups: None, settings: Any) -> None:
    Group.objects.get(name="Audit viewers").permissions.clear()
    Group.objects.get(name="Audit exporters").delete()
    settings.AUDIT_GROUPS = {"view": "Audit viewers", "export": "Auditors"}
    assert create_groups("default") == ["Auditors"]
    assert rights("Audit viewers") == set()
    assert rights("Auditors") == {"view_entry", "export_entry"}
    assert not Group.objects.filter(name="Audit exporters").exists()


@pytest.mark.django_db(transaction=True)
def test_migrate_makes_a_group_that_is_missing() -> None:
    Group.objects.filter(name="Audit viewers").delete()
    call_command("migrate", "audit_plugin", verbosity=0)
    assert rights("Audit viewers") == {"view_entry"}


def closed(request: HttpRequest) -> Refusal | None:
    return Refusal("Upgrade to see it.", "/plans/") if request.path == "/closed/" else None


def test_the_gate_is_the_hosts(settings: Any) -> None:
    request = HttpRequest()
    request.path = "/closed/"
    assert gate(request) is None
    settings.AUDIT_GATE = "tests.visibility.test_groups.closed"
    assert gate(request) == Refusal("Upgrade to see it.", "/plans/")
    request.path = "/open/"
    assert gate(request) is None
