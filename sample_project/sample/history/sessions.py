"""Photo sessions, what was submitted, approved and rejected, and the changesets that came of it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from random import Random

from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.utils import timezone

import audit_plugin
from sample_project.assets.models import Camera
from sample_project.people.models import Organisation, Person
from sample_project.places.models import Venue
from sample_project.sample.history.acting import acting
from sample_project.sample.names import PHOTO
from sample_project.studio.models import CardTemplate, Changeset, PhotoSession, Submission

REASONS = ["Eyes are closed", "Background isn't plain", "Somebody else is in the picture"]


def load_sessions(
    users: dict[str, User], people: list[Person], cameras: list[Camera], random: Random
) -> None:
    """Hold four sessions: the oldest is archived, the newest still planned."""
    university = Organisation.objects.get(slug="harbour-university")
    students = [person for person in people if person.organisation_id == university.pk]
    with acting(users["tomas"], "session-planning"):
        sessions = _plan(university, students, people[2], cameras)
    for number, session in enumerate(sessions[:3]):
        invited = students[number * 12 : number * 12 + 12]
        with acting(users["mira"], "capture", session=str(session.pk)):
            session.status = PhotoSession.Status.OPEN
            session.save(update_fields=["status", "updated_at"])
            submissions = _capture(session, invited, random)
        with acting(users["tomas"], "review", session=str(session.pk)):
            _review(submissions, users["tomas"], random)
            session.status = PhotoSession.Status.CLOSED
            session.save(update_fields=["status", "updated_at"])
    with acting(users["tomas"], "changesets"):
        _changesets(sessions)
    with acting(users["admin"], "archive"):
        with audit_plugin.recording("session.archived", sessions[0]):
            PhotoSession.objects.filter(pk=sessions[0].pk).update(status=PhotoSession.Status.ARCHIVED)
        sessions[3].invited.remove(*students[40:42])
        sessions[3].cameras.set(cameras[1:])


def _plan(
    university: Organisation, students: list[Person], photographer: Person, cameras: list[Camera]
) -> list[PhotoSession]:
    template = CardTemplate.objects.create(
        organisation=university, name="Student card", layout={"photo": [5, 5, 25, 32], "name": [34, 8]}
    )
    template.layout["name"] = [34, 10]
    template.save()
    venue = Venue.objects.get(slug="main-hall")
    sessions = []
    for number, (title, weeks) in enumerate(
        [("Freshers, spring", -22), ("Staff cards", -12), ("Freshers, autumn", -3), ("Late arrivals", 2)]
    ):
        starts = timezone.now() + timedelta(weeks=weeks)
        with audit_plugin.recording("session.created") as event:
            session = PhotoSession.objects.create(
                organisation=university,
                title=title,
                venue=venue,
                template=template,
                starts_at=starts,
                ends_at=starts + timedelta(hours=6),
                photographer=photographer,
            )
            session.invited.set(students[number * 12 : number * 12 + 12])
            session.cameras.set(cameras[:2])
            event.about(session)
        sessions.append(session)
    return sessions


def _capture(session: PhotoSession, invited: list[Person], random: Random) -> list[Submission]:
    submissions = [
        Submission(session=session, person=person, quality=Decimal(random.randrange(600, 999)) / 1000)
        for person in invited
    ]
    submissions[0].photo.save("first.png", ContentFile(PHOTO), save=False)
    return Submission.objects.bulk_create(submissions)


def _review(submissions: list[Submission], reviewer: User, random: Random) -> None:
    rejected = random.sample(submissions, 2)
    for submission in submissions:
        submission.reviewed_by = reviewer
        if submission in rejected:
            submission.state = Submission.State.REJECTED
            submission.rejection_reason = random.choice(REASONS)
            with audit_plugin.recording("photo.rejected", submission, reason=submission.rejection_reason):
                submission.save()
            continue
        submission.state = Submission.State.APPROVED
        with audit_plugin.recording("photo.approved", submission):
            submission.save()
    again = Submission.objects.create(
        session=rejected[0].session, person=rejected[0].person, attempt=2, quality=Decimal("0.940")
    )
    again.state = Submission.State.APPROVED
    again.reviewed_by = reviewer
    with audit_plugin.recording("photo.approved", again, details={"attempt": again.attempt}):
        again.save()


def _changesets(sessions: list[PhotoSession]) -> None:
    for session in sessions[:3]:
        approved = session.submissions.filter(state=Submission.State.APPROVED)
        changeset = Changeset.objects.create(
            session=session,
            number=1,
            operations=[
                {"set": "photo", "person": str(person)}
                for person in approved.values_list("person", flat=True)
            ],
        )
        audit_plugin.record("changeset.generated", changeset)
    first, second, third = Changeset.objects.order_by("session__starts_at")
    for changeset in (first, second):
        with audit_plugin.recording(
            "changeset.applied", changeset, details={"operations": len(changeset.operations)}
        ):
            changeset.state, changeset.applied_at = Changeset.State.APPLIED, timezone.now()
            changeset.save()
    with audit_plugin.recording("changeset.rolled_back", second, reason="Wrong master list"):
        second.state, second.applied_at = Changeset.State.ROLLED_BACK, None
        second.save()
    third.delete()
