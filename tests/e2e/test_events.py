"""What happened in the product's own words, as people find and read it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import Person

Meet = Callable[..., Person]

#: Each action of S0's table with its label, and both tabs of S3: what the filters are to find.
FOUND = {
    "session.created": "Session created",
    "session.archived": "Session archived",
    "photo.rejected": "Photo rejected",
    "changeset.generated": "Changeset generated",
    "changeset.applied": "Changeset applied",
    "changeset.rolled_back": "Changeset rolled back",
    "person.created": "Person created",
    "person.erased": "Person erased",
    "pass.generated": "Pass generated",
    "pass.revoked": "Pass revoked",
    "pass.verified": "Pass verified",
    "interview.created": "Created",
    "room.created": "Created",
    "evaluation.created": "Created",
    "interview.updated": "Updated",
    "interview.cancelled": "Cancelled",
    "interview.no_show": "Marked no-show",
    "evaluation.approved": "Approved",
    "room.participant_joined": "Participant joined",
    "room.participant_left": "Participant left",
    "recording.started": "Recording started",
    "recording.completed": "Recording completed",
    "recording.failed": "Recording failed",
    "room.finished": "Room finished",
    "candidate.status_changed": "Status changed",
    "message.sent": "Message sent",
    "workflow.updated": "Workflow updated",
    # What happens at the door and to accounts, and data that goes out.
    "auth.login": "Signed in",
    "auth.logout": "Signed out",
    "auth.login_failed": "Sign-in failed",
    "auth.password_changed": "Password changed",
    "auth.password_reset": "Password reset",
    "security.user_invited": "User invited",
    "pii.read": "Viewed",
    "data.exported": "Data exported",
}
CHANNELS = ["hardware", "auth", "security", "compliance", "pii-read", "interviews", "team", "studio"]


def test_each_action_is_found_by_the_filter(person: Meet) -> None:
    who = person()
    for action, label in FOUND.items():
        who.go(action=action)
        expect(who.rows.first.locator(".audit-col-action")).to_contain_text(label)


def test_the_channels_are_a_map_of_what_is_recorded(person: Meet) -> None:
    who = person()
    who.go()
    offered = who.page.locator("select[name=channel] option").evaluate_all("all => all.map(one => one.value)")
    assert set(CHANNELS) <= set(offered)
    for channel in CHANNELS:
        who.go(channel=channel)
        expect(who.rows.first).to_be_visible()


@pytest.mark.parametrize(("tab", "label"), [("Interviews", "Room finished"), ("Team", "Message sent")])
def test_the_tabs(person: Meet, tab: str, label: str) -> None:
    who = person()
    who.go()
    who.page.locator(".audit-tabs a", has_text=re.compile(f"^{tab}$")).click()
    expect(who.page.locator(".audit-tabs a[aria-current=page]")).to_have_text(tab)
    expect(who.rows.filter(has_text=label).first).to_be_visible()


def test_an_approval_leads_to_the_changes_made_inside(person: Meet) -> None:
    who = person()
    who.go(action="photo.approved", order="oldest")
    inside = who.rows.first.locator(".audit-inside")
    expect(inside).to_have_text("· 1 change")
    panel = who.open()
    expect(panel).to_contain_text("Made inside")
    expect(panel).to_contain_text("Concerns")
    who.go(action="photo.approved", order="oldest")
    who.rows.first.locator(".audit-inside").click()
    who.settled()
    expect(who.rows).to_have_count(2)
    change = who.rows.filter(has_text="Updated")
    expect(change).to_contain_text("Approved")
    who.open(0 if "Updated" in who.rows.nth(0).inner_text() else 1)
    expect(who.panel).to_contain_text("Part of")


def test_a_rejection_says_why_and_a_failure_who_the_system_was(person: Meet) -> None:
    who = person()
    who.go(action="photo.rejected")
    panel = who.open()
    expect(panel.locator(".audit-facts")).to_contain_text("Reason")
    who.go(action="recording.failed")
    expect(who.rows.first).to_contain_text("The disk of the recorder is full")
    expect(who.rows.first.locator(".audit-col-actor")).to_contain_text("hiring.tasks.record_interview")


def test_rights_are_said_in_words(person: Meet) -> None:
    who = person()
    who.go(channel="security", search="temp")
    expect(who.rows.filter(has_text="granted people.delete_person to temp")).to_have_count(1)
    expect(who.rows.filter(has_text="deactivated temp")).to_have_count(1)


def test_looking_at_somebody_is_seen_by_the_next(person: Meet, scene: dict[str, str]) -> None:
    ada, avi = person("admin"), person("auditor")
    ada.go(f"/admin/people/person/{scene['person']}/change/")
    expect(ada.page.locator("#person_form")).to_be_visible()
    avi.go(f"record/people.person/{scene['person']}/")
    viewers = avi.page.locator(".audit-viewers")
    viewers.locator("summary").click()
    expect(viewers).to_contain_text("Ada Okonkwo")
    viewers.locator("a", has_text="Who viewed this record").click()
    expect(avi.rows.first.locator(".audit-col-action")).to_contain_text("Viewed")
