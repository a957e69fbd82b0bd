"""The demo's mistakes: each kind of restore has one to start from, and is really possible."""

from __future__ import annotations

from collections import Counter
from typing import Any, ClassVar

from django.contrib.auth.models import User
from django.test import TestCase

from audit_plugin import restore
from audit_plugin.models import Entry
from audit_plugin.restore import Choice, Code, Deleted, Plan, Request, Undo, Version
from sample_project.hiring.models import Campaign, Candidate, Evaluation, Interview
from sample_project.people.models import ContactGroup, Person, Tag
from sample_project.places.models import Venue
from sample_project.sample.history.mistakes import WRONG_LIST
from sample_project.studio.models import CardTemplate
from tests.sample_project.test_sample import load


def entry_of(record: Any, **which: Any) -> Entry:
    """The only entry of a record that there is of this kind."""
    return Entry.objects.get(model=record._meta.label_lower, object_id=str(record.pk), **which)


def key_of(model: str, name: str) -> str:
    """The key of a deleted record."""
    return str(Entry.objects.get(model=model, object_repr=name, action="delete").object_id)


def touched(plan: Plan) -> dict[tuple[str, str], int]:
    return {(touch.model, touch.effect): touch.count for touch in plan.touched}


class Mistakes(TestCase):
    admin: ClassVar[User]

    @classmethod
    def setUpTestData(cls) -> None:
        load()
        cls.admin = User.objects.get(username="admin")

    def plan(self, ask: restore.Ask, **resolutions: Choice) -> Plan:
        return restore.plan(ask, user=self.admin, resolutions=resolutions)

    def test_one_change_with_a_field_that_was_changed_again(self) -> None:
        campaign = Campaign.objects.get(code="RETOUCH-1")
        ask = Undo(entry_of(campaign, changes__status__1="closed"))
        plan = self.plan(ask)
        assert [(found.code, found.field) for found in plan.conflicts] == [(Code.CHANGED_SINCE, "budget")]
        restore.apply(self.plan(ask, changed_since=Choice.KEEP))
        campaign.refresh_from_db()
        assert (campaign.status, str(campaign.budget)) == ("draft", "9500.00")

    def test_a_version_several_changes_ago(self) -> None:
        template = CardTemplate.objects.get(name="Visitor card")
        plan = self.plan(Version(entry_of(template, action="create")))
        assert plan.is_clean and not plan.is_empty
        restore.apply(plan)
        template.refresh_from_db()
        assert template.layout == {"photo": [5, 5, 25, 32], "name": [34, 8]}

    def test_a_deleted_record_with_what_was_deleted_along_with_it(self) -> None:
        key = key_of("hiring.candidate", "Samira Lund")
        plan = self.plan(Deleted(Candidate, key, with_related=True))
        assert plan.is_clean
        assert Counter(step.model for step in plan.steps if step.operation == "insert") == {
            "hiring.candidate": 1,
            "hiring.interview": 1,
            "hiring.panelist": 2,
            "hiring.evaluation": 2,
        }
        restore.apply(plan)
        candidate = Candidate.objects.get(pk=key)
        assert set(candidate.tags.values_list("name", flat=True)) == {"Press", "Returning"}
        assert Interview.objects.get(candidate=candidate).interviewers.count() == 2
        assert Evaluation.objects.filter(interview__candidate=candidate).count() == 2

    def test_a_deleted_record_whose_parent_is_gone_too(self) -> None:
        ask = Deleted(Candidate, key_of("hiring.candidate", "Jonas Adeyemi"))
        assert [found.code for found in self.plan(ask).conflicts] == [Code.PARENT_MISSING]
        restore.apply(self.plan(ask, parent_missing=Choice.RESTORE_PARENT))
        assert Candidate.objects.get(name="Jonas Adeyemi").campaign.code == "DRONE-1"

    def test_a_request_that_changed_several_records(self) -> None:
        plan = self.plan(Request(WRONG_LIST))
        assert plan.is_clean
        assert touched(plan)["people.person", "update"] == 12
        restore.apply(plan)
        assert not Tag.objects.filter(name="Consent withdrawn").exists()
        wrong = Entry.objects.filter(context__request_id=WRONG_LIST, operation="U").values_list("object_id")
        assert Person.objects.filter(pk__in=[key for (key,) in wrong], is_active=True).count() == 12

    def test_creations_that_have_taken_root(self) -> None:
        group = ContactGroup.objects.get(name="Students' union")
        venue = Venue.objects.get(slug="main-hall-2")
        for record in (group, venue):
            ask = Undo(entry_of(record, action="create"))
            assert [found.code for found in self.plan(ask).conflicts] == [Code.REFERENCED]
            plan = self.plan(ask, referenced=Choice.CASCADE)
            assert plan.is_clean
            restore.apply(plan)
            assert not type(record)._default_manager.filter(pk=record.pk).exists()
