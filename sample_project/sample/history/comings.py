"""Who came and went, tried to, and was let in: sign-ins, accounts and rights, looks at people, things for auditors."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.models import Group, Permission, User
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.contrib.auth.tokens import default_token_generator

import audit_plugin
from sample_project.hiring.models import Campaign
from sample_project.people.models import Organisation, Person
from sample_project.sample.history.acting import acting


def load_comings(users: dict[str, User], report: Callable[[str], None]) -> None:
    """Play some days at the door, unless they have been played."""
    if User.objects.filter(username="temp").exists():
        return
    _sign_ins(users)
    _accounts(users["admin"])
    _looks(users)
    _evidence(users["admin"])
    report("sign-ins, accounts and rights, looks at personal records")


def _sign_ins(users: dict[str, User]) -> None:
    for username in ("mira", "tomas", "hana"):
        with acting(users[username], "login"):
            user_logged_in.send(User, request=None, user=users[username])
    with acting(users["mira"], "logout"):
        user_logged_out.send(User, request=None, user=users["mira"])
    with audit_plugin.context(actor=None, source="web", name="login"):
        for account in ("admin", "admin", "root"):
            credentials = {"username": account, "password": "*" * 20}
            user_login_failed.send("sample", credentials=credentials, request=None)
    with acting(users["hana"], "password-change"):
        users["hana"].set_password("not-to-be-known-7731")
        users["hana"].save()
    with audit_plugin.context(actor=None, source="web", name="password-reset"):
        users["tomas"].set_password("not-to-be-known-7732")
        users["tomas"].save()


def _accounts(admin: User) -> None:
    with acting(admin, "accounts"):
        temp = User.objects.create_user("temp", "temp@northlight.example", first_name="Theo")
        # As by a mail with a link to choose a password: an invitation, which is recorded by itself.
        default_token_generator.make_token(temp)
        temp.groups.add(Group.objects.get(name="Photographers"))
        delete_person = Permission.objects.get(codename="delete_person", content_type__app_label="people")
        temp.user_permissions.add(delete_person)
        temp.user_permissions.remove(delete_person)
        temp.is_staff = True
        temp.save()
        temp.is_active = False
        temp.save()
        leaver = User.objects.create_user("leaver", "leaver@northlight.example")
        leaver.delete()


def _looks(users: dict[str, User]) -> None:
    students = list(Person.objects.filter(organisation__slug="harbour-university").order_by("pk")[:3])
    for username, seen in (("admin", students), ("hana", students[:1])):
        with acting(users[username], "admin:people_person_change"):
            for person in seen:
                audit_plugin.record_read(person)


def _evidence(admin: User) -> None:
    with acting(admin, "evidence"):
        audit_plugin.record(
            "evidence.collected",
            Organisation.objects.get(slug="northlight"),
            outcome="success",
            details={"framework": "SOC 2", "control": "CC6.1"},
        )
        audit_plugin.record(
            "data.exported",
            audit_plugin.Reference("people.person"),
            details={"rows": 60, "format": "csv", "filters": {"organisation": "harbour-university"}},
        )
    with audit_plugin.context(actor="calendar-sync", source="api", name="sync"):
        audit_plugin.record("workflow.updated", Campaign.objects.get(code="PHOTO-1"), reason="Rooms renamed")
