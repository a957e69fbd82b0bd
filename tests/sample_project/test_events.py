"""Each action of the products we learned from is in the demo's log, and a filter finds it."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.test import TestCase, override_settings

from audit_plugin import display
from audit_plugin.events import signins
from audit_plugin.events.groups import changes_of, count_changes, event_of, related_to
from audit_plugin.facets import facets
from audit_plugin.filters import EntryFilter
from audit_plugin.history import history, viewers
from audit_plugin.models import Entry
from sample_project.hiring.models import Candidate
from sample_project.people.models import Person
from tests.sample_project.test_sample import load

#: CaptrID, "Common action types".
STUDIO = [
    "session.created",
    "session.archived",
    "photo.approved",
    "photo.rejected",
    "changeset.generated",
    "changeset.applied",
    "changeset.rolled_back",
    "person.created",
    "person.erased",
    "pass.generated",
    "pass.revoked",
    "pass.verified",
]
#: The tab "Interviews" by label, as that page lists them.
INTERVIEWS = {
    "Created",
    "Updated",
    "Cancelled",
    "Marked no-show",
    "Approved",
    "Participant joined",
    "Participant left",
    "Recording started",
    "Recording completed",
    "Recording failed",
    "Room finished",
}
TEAM = {"Status changed", "Message sent", "Workflow updated"}
CHANNELS = {"data", "studio", "interviews", "team", "hardware", "auth", "security", "compliance", "pii-read"}


@override_settings(AUDIT_SIGN_INS=True)
class Events(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        signins.failures.clear()
        with override_settings(AUDIT_SIGN_INS=True, AUDIT_STRICT_EVENTS=True):
            load()
        cls.admin = User.objects.get(username="admin")

    def found(self, **query: str) -> list[Entry]:
        given, errors = EntryFilter.parse(query)
        self.assertEqual(errors, {})
        return list(given.apply(Entry.objects.select_related("context")).order_by("id"))

    def test_each_action_of_the_studio_is_found(self) -> None:
        for action in STUDIO:
            with self.subTest(action):
                entries = self.found(action=action, channel="studio")
                self.assertTrue(entries)
                for entry in entries:
                    self.assertTrue(entry.object_id and display.describe(entry))

    def test_both_tabs_are_found(self) -> None:
        for channel, labels in (("interviews", INTERVIEWS), ("team", TEAM)):
            entries = self.found(channel=channel)
            self.assertEqual({display.action_label(entry.action) for entry in entries}, labels)

    def test_a_booking_its_room_and_an_evaluation_are_created(self) -> None:
        for action in ("interview.created", "room.created", "evaluation.created"):
            self.assertEqual(display.action_label(action), "Created")
            self.assertTrue(self.found(action=action, channel="interviews"), action)

    def test_every_channel_is_a_choice_and_a_filter(self) -> None:
        self.assertLessEqual(CHANNELS, {choice.value for choice in facets(self.admin).channels})
        for channel in CHANNELS:
            self.assertTrue(self.found(channel=channel), channel)

    def test_an_approval_has_its_changes_and_a_rejection_its_reason(self) -> None:
        approved = self.found(action="photo.approved")[0]
        self.assertEqual(count_changes([approved], Entry.objects.all()), {event_of(approved): 1})
        (change,) = changes_of(approved, Entry.objects.all())
        self.assertEqual(change.changes["state"], ["pending", "approved"])
        rejected = self.found(action="photo.rejected")[0]
        self.assertIn(rejected.details["reason"], display.describe(rejected))

    def test_sign_ins(self) -> None:
        actions = {entry.action for entry in self.found(channel="auth")}
        self.assertLessEqual(
            {
                "auth.login",
                "auth.logout",
                "auth.login_failed",
                "auth.password_changed",
                "auth.password_reset",
            },
            actions,
        )
        tried = {entry.details["account"] for entry in self.found(action="auth.login_failed")}
        self.assertEqual(tried, {"admin", "root"})

    def test_security_is_said_in_words(self) -> None:
        said = [display.describe(entry) for entry in self.found(channel="security")]
        for words in (
            "Ada Okonkwo invited temp",
            "Ada Okonkwo granted the group Photographers to temp",
            "Ada Okonkwo granted people.delete_person to temp",
            "Ada Okonkwo took people.delete_person from temp",
            "Ada Okonkwo granted staff status to temp",
            "Ada Okonkwo deactivated temp",
        ):
            self.assertIn(words, said)

    def test_reads_and_who_viewed(self) -> None:
        person = Person.objects.filter(organisation__slug="harbour-university").order_by("pk").first()
        assert person is not None
        names = {viewer.context.actor_label for viewer in viewers(Person, person.pk) if viewer.context}
        self.assertEqual(names, {"Ada Okonkwo", "Hana Sato"})

    def test_a_candidate_s_history_has_the_interview(self) -> None:
        entry = self.found(action="interview.no_show")[0]
        candidate = next(item for item in related_to(entry) if item.model == "hiring.candidate")
        self.assertIn(entry, history(Candidate, candidate.object_id))
        self.assertIn(
            entry, self.found(related=f"hiring.candidate:{candidate.object_id}", action="interview.no_show")
        )

    def test_the_system_and_services_have_names(self) -> None:
        failed = self.found(action="recording.failed")[0]
        self.assertEqual(
            (failed.context.actor_kind, failed.context.name), ("system", "hiring.tasks.record_interview")
        )
        service = self.found(actor="service:calendar-sync")[0]
        self.assertEqual(service.context.actor_kind, "service")

    def test_data_that_went_out_and_came_in(self) -> None:
        self.assertEqual(self.found(action="data.exported")[0].details["rows"], 60)
        imported = self.found(action="data.imported", model="places.city")
        self.assertTrue(imported and imported[0].details["rows"])
