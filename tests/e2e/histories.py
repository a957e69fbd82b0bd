"""Histories that somebody will want to undo, each of records of its own."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.contrib.auth.models import User

import audit_plugin
from sample_project.hiring.models import Campaign, Candidate
from sample_project.people.models import Organisation, Tag


def worth_restoring(ada: User, edith: User) -> dict[str, str]:
    """Make them; return the keys of the records."""
    return {
        "changed": _changed(ada, edith),
        "conflict": _conflict(ada, edith),
        "versions": _versions(edith),
        "orphan": _orphan(ada, edith),
        "created": _created(edith),
        **_many(edith),
    }


def _as(user: User, request: str) -> audit_plugin.context:
    return audit_plugin.context(actor=user, source="web", name=request, request_id=request)


def _campaign(code: str, title: str) -> Campaign:
    return Campaign.objects.create(
        organisation=Organisation.objects.get(slug="northlight"),
        code=code,
        title=title,
        budget=Decimal("12000.00"),
        opens_on=date(2026, 3, 1),
    )


def _changed(ada: User, edith: User) -> str:
    """A change of two fields, one of which somebody else has changed since."""
    with _as(edith, "campaign-form"):
        campaign = _campaign("SPRING", "Spring portraits")
    with _as(edith, "campaign-close"):
        campaign.status, campaign.budget = "closed", Decimal("1200.00")
        campaign.save()
    with _as(ada, "campaign-budget"):
        campaign.budget = Decimal("9500.00")
        campaign.save()
    return str(campaign.pk)


def _conflict(ada: User, edith: User) -> str:
    """The same for the pictures: nobody undoes it."""
    with _as(edith, "campaign-form-5"):
        campaign = _campaign("GRADUATION", "Graduation portraits")
    with _as(edith, "campaign-extend"):
        campaign.status, campaign.budget = "running", Decimal("14500.00")
        campaign.closes_on = date(2026, 7, 31)
        campaign.questions = ["Which day suits you?", "Do you bring a gown?"]
        campaign.save()
    with _as(ada, "campaign-cut"):
        campaign.budget = Decimal("9000.00")
        campaign.save()
    return str(campaign.pk)


def _versions(edith: User) -> str:
    with _as(edith, "campaign-form-2"):
        campaign = _campaign("SUMMER", "Summer portraits")
    for number, title in enumerate(("Summer faces", "Summer people"), 1):
        with _as(edith, f"campaign-title-{number}"):
            campaign.title = title
            campaign.save()
    return str(campaign.pk)


def _orphan(ada: User, edith: User) -> str:
    """A deleted candidate, whose campaign has been deleted since."""
    with _as(edith, "campaign-form-3"):
        campaign = _campaign("AUTUMN", "Autumn portraits")
        candidate = Candidate.objects.create(
            campaign=campaign, name="Noor Haddad", email="noor@candidates.example"
        )
    key = str(candidate.pk)
    with _as(edith, "candidate-delete"):
        candidate.delete()
    with _as(ada, "campaign-delete"):
        campaign.delete()
    return key


def _created(edith: User) -> str:
    """A campaign that is to go again, and that has candidates by now."""
    with _as(edith, "campaign-form-4"):
        campaign = _campaign("WINTER", "Winter portraits")
    with _as(edith, "candidates-add"):
        for name in ("Ira", "Ola"):
            Candidate.objects.create(campaign=campaign, name=name, email=f"{name.lower()}@candidates.example")
    return str(campaign.pk)


def _many(edith: User) -> dict[str, str]:
    with _as(edith, "tag-import"):
        Tag.objects.bulk_create(Tag(name=f"Imported {number:02}") for number in range(12))
    with _as(edith, "tag-colours"):
        Tag.objects.filter(name__startswith="Imported").update(colour="#ff0000")
    for name in ("Ticked one", "Ticked two", "Ticked three"):
        Tag.objects.create(name=name)
    return {"import": "tag-import"}
