"""Two hiring campaigns: candidates, bookings, panels and evaluations."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from random import Random

from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.utils import timezone

import audit_plugin
from sample_project.hiring.models import Campaign, Candidate, Evaluation, Interview, Panelist
from sample_project.people.models import Organisation, Person, Tag
from sample_project.places.models import Venue
from sample_project.sample.history.acting import acting
from sample_project.sample.names import some_names


def load_interviews(users: dict[str, User], people: list[Person], random: Random) -> None:
    """Run one campaign to its end and open a second."""
    with acting(users["hana"], "campaign-setup"):
        campaign = _campaigns()
        candidates = _candidates(campaign, random)
    with acting(users["hana"], "booking"):
        interviews = [_book(candidate, people[:4], random) for candidate in candidates[:6]]
    with acting(users["hana"], "interview-day"):
        _hold(interviews, random)
    with acting(users["admin"], "evaluation-approval"):
        liked = Evaluation.objects.filter(recommendation=Evaluation.Recommendation.YES)
        liked.update(approved=True)
        audit_plugin.record_many(
            "evaluation.approved", liked.select_related("interview__candidate__campaign", "interviewer")
        )
        best = interviews[0].candidate
        with audit_plugin.recording("candidate.status_changed", best, details={"stage": "hired"}):
            best.stage = Candidate.Stage.HIRED
            best.save()
        audit_plugin.record("message.sent", best, details={"template": "Welcome aboard"})
        campaign.status = Campaign.Status.CLOSED
        campaign.closes_on = timezone.localdate()
        campaign.save()
    with acting(users["hana"], "clean-up"):
        Candidate.objects.filter(stage=Candidate.Stage.APPLIED, campaign=campaign).update(stage="declined")
        candidates[-1].delete()


def _campaigns() -> Campaign:
    studio = Organisation.objects.get(slug="northlight")
    today = timezone.localdate()
    campaign = Campaign.objects.create(
        organisation=studio,
        code="PHOTO-1",
        title="Portrait photographer",
        budget=Decimal("12000.00"),
        opens_on=today - timedelta(weeks=10),
        questions=["Which light do you prefer, and why?", "When can you start?"],
    )
    campaign.status = Campaign.Status.RUNNING
    campaign.budget += Decimal("1500.00")
    campaign.save()
    Campaign.objects.create(organisation=studio, code="OPS-1", title="Studio operations", opens_on=today)
    return campaign


def _candidates(campaign: Campaign, random: Random) -> list[Candidate]:
    candidates = Candidate.objects.bulk_create(
        Candidate(
            campaign=campaign,
            name=" ".join(name),
            email=f"candidate{number}@mail.example",
            answers={"start": random.choice(["at once", "in a month", "in spring"])},
        )
        for number, name in enumerate(some_names(random, 10), start=1)
    )
    candidates[0].cv.save("cv.txt", ContentFile(b"Ten years of portraits.\n"))
    candidates[0].tags.add(*Tag.objects.filter(name__in=["Returning", "Press"]))
    return candidates


def _book(candidate: Candidate, staff: list[Person], random: Random) -> Interview:
    video = random.random() < 0.5
    with audit_plugin.recording("interview.created") as event:
        interview = Interview.objects.create(
            candidate=candidate,
            starts_at=timezone.now() - timedelta(days=random.randrange(10, 40)),
            duration=timedelta(minutes=random.choice([45, 60])),
            venue=None if video else Venue.objects.get(slug="daylight-room"),
            meeting_url=f"https://meet.example/{candidate.pk}" if video else "",
        )
        lead, second = random.sample(staff, 2)
        interview.interviewers.add(lead, through_defaults={"role": Panelist.Role.LEAD})
        interview.interviewers.add(second)
        event.about(interview)
    candidate.stage = Candidate.Stage.INTERVIEW
    candidate.save()
    return interview


def _meet(interview: Interview, *, fails: bool) -> None:
    """Hold the conversation: the room records it by itself, and may fail to."""
    with audit_plugin.context(actor=None, source="celery", name="hiring.tasks.open_room"):
        audit_plugin.record("room.created", interview)
    audit_plugin.record("room.participant_joined", interview, details={"who": interview.candidate.name})
    with audit_plugin.context(actor=None, source="celery", name="hiring.tasks.record_interview"):
        audit_plugin.record("recording.started", interview)
        if fails:
            audit_plugin.record(
                "recording.failed", interview, outcome="failure", reason="The disk of the recorder is full"
            )
        else:
            audit_plugin.record("recording.completed", interview, details={"minutes": 45})
    audit_plugin.record("room.participant_left", interview, details={"who": interview.candidate.name})
    with audit_plugin.context(actor=None, source="celery", name="hiring.tasks.close_room"):
        audit_plugin.record("room.finished", interview)


def _hold(interviews: list[Interview], random: Random) -> None:
    cancelled, missed, *held = interviews[::-1]
    with audit_plugin.recording("interview.cancelled", cancelled, reason="The candidate is ill"):
        cancelled.status = Interview.Status.CANCELLED
        cancelled.save()
    with audit_plugin.recording("interview.no_show", missed):
        missed.status = Interview.Status.NO_SHOW
        missed.save()
    for interview in held:
        with audit_plugin.recording("interview.updated", interview, reason="The panel was late"):
            interview.status = Interview.Status.HELD
            interview.starts_at += timedelta(minutes=15)
            interview.save()
        _meet(interview, fails=interview is held[0])
        for panelist in interview.panel.all():
            with audit_plugin.recording("evaluation.created") as event:
                evaluation = Evaluation.objects.create(
                    interview=interview,
                    interviewer=panelist.person,
                    rating=random.randint(2, 5),
                    recommendation=random.choice(["yes", "no", "unsure"]),
                    scores={"light": random.randint(1, 5), "people": random.randint(1, 5)},
                )
                event.about(evaluation)
            evaluation.comment = "Calm with nervous people."
            evaluation.save()
