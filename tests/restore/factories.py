"""Records of the product that take more than one line to make."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sample_project.people.models import Organisation, Person
from sample_project.studio.models import PhotoSession


def organisation(**values: Any) -> Organisation:
    return Organisation.objects.get_or_create(slug="uni", defaults={"name": "University", **values})[0]


def person(**values: Any) -> Person:
    values = {"given_name": "Ann", "family_name": "Lee", "email": "ann@example.com", **values}
    return Person.objects.create(organisation=organisation(), **values)


def session(**values: Any) -> PhotoSession:
    start = dt.datetime(2026, 5, 1, 9, tzinfo=dt.UTC)
    values = {"title": "Freshers", "starts_at": start, "ends_at": start + dt.timedelta(hours=2), **values}
    return PhotoSession.objects.create(organisation=organisation(), **values)
