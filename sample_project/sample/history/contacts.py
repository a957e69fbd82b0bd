"""Organisations, their people, groups and tags."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from random import Random

from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.db.models import F
from django.utils import timezone

import audit_plugin
from sample_project.people.models import (
    ContactGroup,
    Membership,
    Organisation,
    Person,
    Tag,
    WalletPass,
    new_token,
)
from sample_project.places.models import City
from sample_project.sample.history.acting import acting
from sample_project.sample.names import PHOTO, STREETS, some_names

TAGS = {
    "VIP": "#c2185b",
    "Press": "#1976d2",
    "Needs interpreter": "#00796b",
    "Wheelchair user": "#512da8",
    "No publication": "#d32f2f",
    "Returning": "#689f38",
}


def load_contacts(users: dict[str, User], random: Random) -> list[Person]:
    """Create three organisations and their people, and let some months of changes pass over them.

    Returns:
        The people that are left.
    """
    with acting(users["admin"], "organisation-setup"):
        studio, university, clinics = _organisations()
        tags = [Tag.objects.create(name=name, colour=colour) for name, colour in TAGS.items()]
    with acting(users["admin"], "staff-onboarding"):
        staff = _staff(studio, users)
    with acting(users["tomas"], "master-list-import"):
        students = _master_list(university, random, 60)
        patients = _master_list(clinics, random, 24)
        audit_plugin.record_many("person.created", [*students, *patients], reason="Master list imported")
    with acting(users["tomas"], "tagging"):
        for person in random.sample(students + patients, 30):
            person.tags.add(*random.sample(tags, random.randint(1, 3)))
        students[0].tags.set(tags[:3])
        students[0].tags.set(tags[2:4])
        students[1].tags.clear()
    with acting(users["tomas"], "groups"):
        _groups(university, students, random)
    with acting(users["editor"], "corrections"):
        _corrections(students, patients, random)
    with acting(users["editor"], "price-round"):
        Person.objects.filter(day_rate__isnull=False).update(day_rate=F("day_rate") * Decimal("1.04"))
        for organisation in (university, clinics):
            organisation.monthly_fee += Decimal("25.00")
        Organisation.objects.bulk_update([university, clinics], ["monthly_fee"])
    with acting(users["mira"], "wallet-passes"):
        _passes(students[:12])
    with acting(users["admin"], "account-review"):
        users["hana"].email = "hana.sato@northlight.example"
        users["hana"].save(update_fields=["email"])
        staff[1].api_token = new_token()
        staff[1].save(update_fields=["api_token", "updated_at"])
    with acting(users["editor"], "erasure-requests"):
        leaving = patients.pop()
        with audit_plugin.recording(
            "person.erased", leaving, reason="Request of the person", idempotency_key="erasure-2026-001"
        ):
            leaving.delete()
        gone = [person.pk for person in students[-3:]]
        Person.objects.filter(pk__in=gone).delete()
    return [*staff, *students[:-3], *patients]


def _organisations() -> tuple[Organisation, Organisation, Organisation]:
    group = Organisation.objects.create(name="Northlight Group", slug="northlight-group", plan="enterprise")
    studio = Organisation.objects.create(
        name="Northlight Studio",
        slug="northlight",
        parent=group,
        plan="enterprise",
        preferences={"brand": {"colour": "#0b3d91", "logo": "northlight.svg"}, "reminders": ["email", "sms"]},
    )
    university = Organisation.objects.create(
        name="Harbour University", slug="harbour-university", plan="team", monthly_fee=Decimal("480.00")
    )
    clinics = Organisation.objects.create(
        name="Aurora Clinics", slug="aurora-clinics", monthly_fee=Decimal("0.00"), currency="GBP"
    )
    clinics.plan = Organisation.Plan.TEAM
    clinics.monthly_fee = Decimal("310.00")
    clinics.save()
    return studio, university, clinics


def _staff(studio: Organisation, users: dict[str, User]) -> list[Person]:
    roles = {"admin": "coordinator", "tomas": "coordinator", "mira": "photographer", "hana": "interviewer"}
    staff: list[Person] = []
    for username, role in roles.items():
        user = users[username]
        staff.append(
            Person.objects.create(
                organisation=studio,
                account=user,
                given_name=user.first_name,
                family_name=user.last_name,
                role=role,
                email=user.email,
                manager=staff[0] if staff else None,
                day_rate=Decimal("420.00"),
                city=City.objects.filter(name="Berlin").first(),
            )
        )
    for person in staff:
        person.photo.save(f"{person.pk}.png", ContentFile(PHOTO))
    return staff


def _master_list(organisation: Organisation, random: Random, count: int) -> list[Person]:
    cities = list(City.objects.filter(country__in=["DE", "FR", "ES", "IT", "GB"])[:80])
    today = timezone.localdate()
    return Person.objects.bulk_create(
        Person(
            organisation=organisation,
            given_name=name.given,
            family_name=name.family,
            email=f"person{number:03}@{organisation.slug}.example",
            phone=f"+49 30 5550{number:03}",
            birth_date=date(1955, 1, 1) + timedelta(days=random.randrange(18_000)),
            national_id=f"L{random.randrange(10**8):08}",
            street=f"{random.choice(STREETS)} {random.randint(1, 90)}",
            postal_code=f"{random.randrange(10**5):05}",
            city=random.choice(cities) if cities else None,
            consent_until=today + timedelta(days=random.randrange(30, 900)),
        )
        for number, name in enumerate(some_names(random, count))
    )


def _groups(university: Organisation, students: list[Person], random: Random) -> None:
    board = ContactGroup.objects.create(organisation=university, name="Student union")
    card_desk = ContactGroup.objects.create(
        organisation=university, name="Card desk", description="Room 2.14"
    )
    Membership.objects.bulk_create(Membership(group=board, person=person) for person in students[:8])
    card_desk.members.add(*students[8:11], through_defaults={"role": Membership.Role.GUEST})
    lead = board.memberships.order_by("pk")[0]
    lead.role = Membership.Role.LEAD
    lead.save()
    board.members.remove(random.choice(students[1:8]))


def _corrections(students: list[Person], patients: list[Person], random: Random) -> None:
    for person in random.sample(students, 12):
        person.phone = person.phone.replace("5550", "7720")
        person.save()
    moved = random.sample(patients, 5)
    for person in moved:
        person.street, person.postal_code = "Harbour View 12", "20457"
    Person.objects.bulk_update(moved, ["street", "postal_code"])
    married = students[2]
    married.family_name = "Lehmann-García"
    married.save()
    students[3].preferences = {"contact": {"language": "ar", "channels": ["sms"]}}
    students[3].save()
    Person.objects.filter(pk__in=[person.pk for person in students[20:26]]).update(is_active=False)


def _passes(people: list[Person]) -> None:
    passes = [WalletPass.objects.create(person=person) for person in people]
    audit_plugin.record_many("pass.generated", passes)
    for wallet_pass in passes[:2]:
        with audit_plugin.recording("pass.revoked", wallet_pass, reason="Card lost"):
            wallet_pass.revoked_at = timezone.now()
            wallet_pass.save()
    passes[2].delete()
    audit_plugin.record("pass.verified", passes[3], outcome="success", details={"door": "Main entrance"})
    audit_plugin.record("pass.verified", passes[0], outcome="denied", reason="Revoked")
