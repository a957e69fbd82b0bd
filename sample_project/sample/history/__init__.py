"""A year at a photo studio, lived through the ORM: each step under the user who does it.

The records are dated over the past months. The log isn't: it says when a write really happened.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from django.contrib.auth.models import User
from django.db import transaction

from sample_project.people.models import Organisation
from sample_project.sample.history.comings import load_comings
from sample_project.sample.history.contacts import load_contacts
from sample_project.sample.history.equipment import load_equipment
from sample_project.sample.history.interviews import load_interviews
from sample_project.sample.history.mistakes import load_mistakes
from sample_project.sample.history.sessions import load_sessions


def load_history(users: dict[str, User], report: Callable[[str], None]) -> None:
    """Play the whole history unless it has been played, all of it or nothing.

    Args:
        users: The accounts by username.
        report: Gets a line of progress after each chapter.
    """
    if Organisation.objects.filter(slug="northlight").exists():
        _load_later(users, report)
        return
    random = Random(2)
    with transaction.atomic():
        people = load_contacts(users, random)
        report(f"{len(people)} people in three organisations")
        cameras = load_equipment(users, people, random)
        report("cameras, laptops and their loans")
        load_sessions(users, people, cameras, random)
        report("photo sessions, approvals and changesets")
        load_interviews(users, people, random)
        report("campaigns, candidates, interviews and evaluations")
    _load_later(users, report)


def _load_later(users: dict[str, User], report: Callable[[str], None]) -> None:
    """Play what was added to the history since: a database made before gets it too."""
    load_comings(users, report)
    load_mistakes(users, report)
