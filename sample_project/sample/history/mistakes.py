"""What went wrong and still waits to be put right, so that each kind of restore has something to start from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from audit_plugin.models import Context
from sample_project.hiring.models import Campaign, Candidate, Evaluation, Interview, Panelist
from sample_project.people.models import ContactGroup, Organisation, Person, Tag
from sample_project.places.models import City, OpeningHours, Venue, Weekday
from sample_project.sample.history.acting import acting
from sample_project.studio.models import CardTemplate

#: The request that marks the wrong people. It also tells whether all this has happened already: what
#: it was about may have been restored, renamed or deleted since, but the log stays.
WRONG_LIST = "wrong-list"


def load_mistakes(users: dict[str, User], report: Callable[[str], None]) -> None:
    """Make them, unless they have been made: all of them or none."""
    if Context.objects.filter(request_id=WRONG_LIST).exists():
        return
    with transaction.atomic():
        campaign = _closed_too_early(users)
        _redesigned(users)
        _deleted_with_all_that_hung_on_it(users, campaign)
        _deleted_before_its_campaign(users)
        _wrong_people(users)
        _entered_twice(users)
    report("mistakes: changes, deletions, an import and a creation worth undoing")


def _campaign(code: str, title: str) -> Campaign:
    return Campaign.objects.create(
        organisation=Organisation.objects.get(slug="northlight"),
        code=code,
        title=title,
        budget=Decimal("9000.00"),
        opens_on=timezone.localdate() - timedelta(weeks=3),
        questions=["Which day suits you?"],
    )


def _closed_too_early(users: dict[str, User]) -> Campaign:
    """Undo one change: of its two fields, somebody has corrected one since."""
    with acting(users["hana"], "campaign-setup"):
        campaign = _campaign("RETOUCH-1", "Retoucher")
    with acting(users["editor"], "campaign-close"):
        campaign.status, campaign.budget = Campaign.Status.CLOSED, Decimal("900.00")
        campaign.save()
    with acting(users["admin"], "budget-round"):
        campaign.budget = Decimal("9500.00")
        campaign.save()
    return campaign


def _redesigned(users: dict[str, User]) -> None:
    """Back to a version: the first one was the best."""
    with acting(users["tomas"], "template-form"):
        template = CardTemplate.objects.create(
            organisation=Organisation.objects.get(slug="aurora-clinics"),
            name="Visitor card",
            layout={"photo": [5, 5, 25, 32], "name": [34, 8]},
        )
    for photo, name in (([8, 5, 22, 28], [34, 10]), ([8, 5, 20, 26], [30, 30]), ([2, 2, 12, 15], [16, 4])):
        with acting(users["editor"], "template-form"):
            template.layout = {"photo": photo, "name": name}
            template.save()


def _deleted_with_all_that_hung_on_it(users: dict[str, User], campaign: Campaign) -> None:
    """Bring back a deleted record: with its tags, an interview, its panel and what they thought."""
    panel = Person.objects.filter(organisation__slug="northlight").order_by("email")[:2]
    with acting(users["hana"], "booking"):
        candidate = Candidate.objects.create(
            campaign=campaign,
            name="Samira Lund",
            email="samira@candidates.example",
            stage=Candidate.Stage.INTERVIEW,
        )
        candidate.tags.add(*Tag.objects.filter(name__in=["Press", "Returning"]))
        interview = Interview.objects.create(
            candidate=candidate,
            starts_at=timezone.now() - timedelta(days=2),
            duration=timedelta(minutes=45),
            meeting_url="https://meet.example/samira",
        )
        interview.interviewers.add(panel[0], through_defaults={"role": Panelist.Role.LEAD})
        interview.interviewers.add(panel[1])
    with acting(users["hana"], "interview-day"):
        for interviewer, rating in zip(panel, (5, 4), strict=True):
            Evaluation.objects.create(
                interview=interview,
                interviewer=interviewer,
                rating=rating,
                recommendation=Evaluation.Recommendation.YES,
                comment="Sees every hair that is out of place.",
            )
    with acting(users["editor"], "clean-up"):
        candidate.delete()


def _deleted_before_its_campaign(users: dict[str, User]) -> None:
    """The same with a conflict: what the record belongs to has gone as well."""
    with acting(users["hana"], "campaign-setup"):
        campaign = _campaign("DRONE-1", "Drone pilot")
        candidate = Candidate.objects.create(
            campaign=campaign, name="Jonas Adeyemi", email="jonas@candidates.example"
        )
    with acting(users["editor"], "clean-up"):
        candidate.delete()
    with acting(users["admin"], "campaign-cancelled"):
        campaign.delete()


def _wrong_people(users: dict[str, User]) -> None:
    """Undo a request: the list was that of another university."""
    people = Person.objects.filter(organisation__slug="harbour-university").order_by("email")
    with acting(users["tomas"], "consent-import", request_id=WRONG_LIST):
        no_publication = Tag.objects.create(name="Consent withdrawn", colour="#795548")
        wrong = list(people[30:42])
        people.filter(pk__in=[person.pk for person in wrong]).update(
            consent_until=timezone.localdate(), is_active=False
        )
        for person in wrong[:3]:
            person.tags.add(no_publication)


def _entered_twice(users: dict[str, User]) -> None:
    """Undo a creation: two records with what hangs on them, both there already under another name."""
    with acting(users["tomas"], "groups"):
        group = ContactGroup.objects.create(
            organisation=Organisation.objects.get(slug="harbour-university"), name="Students' union"
        )
    with acting(users["editor"], "groups"):
        group.members.add(*Person.objects.filter(contact_groups__name="Student union").order_by("email")[:4])
    city = City.objects.order_by("-population")[0]
    with acting(users["tomas"], "venues"):
        venue = Venue.objects.create(name="Main hall (old)", slug="main-hall-2", city=city, street="Quay 1")
    with acting(users["editor"], "venues"):
        for weekday in (Weekday.MONDAY, Weekday.TUESDAY):
            OpeningHours.objects.create(venue=venue, weekday=weekday, opens=time(9), closes=time(17))
