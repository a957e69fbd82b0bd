"""What happens at Studio Desk, in its own words: the actions that the product records beside changes of rows."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

CHANNELS = {
    "studio": _("Studio"),
    "interviews": _("Interviews"),
    "team": _("Team"),
    "hardware": _("Hardware"),
    "compliance": _("Compliance"),
}


def _action(label: Any, channel: str, badge: str = "slate", sentence: Any = None) -> dict[str, Any]:
    given = {"label": label, "channel": channel, "badge": badge, "sentence": sentence}
    return {name: value for name, value in given.items() if value is not None}


ACTIONS: dict[str, dict[str, Any]] = {
    # Photo sessions, and what comes of them.
    "session.created": _action(_("Session created"), "studio", "green"),
    "session.archived": _action(_("Session archived"), "studio"),
    "photo.approved": _action(
        _("Photo approved"), "studio", "green", _("%(actor)s approved the photo of %(object)s")
    ),
    "photo.rejected": _action(
        _("Photo rejected"), "studio", "red", _("%(actor)s rejected the photo of %(object)s: %(reason)s")
    ),
    "changeset.generated": _action(_("Changeset generated"), "studio", "green"),
    "changeset.applied": _action(
        _("Changeset applied"),
        "studio",
        "blue",
        _("%(actor)s applied %(object)s, %(operations)s operations"),
    ),
    "changeset.rolled_back": _action(_("Changeset rolled back"), "studio", "purple"),
    "person.created": _action(_("Person created"), "studio", "green"),
    "person.erased": _action(
        _("Person erased"), "studio", "red", _("%(actor)s erased a person's data for good: %(reason)s")
    ),
    "pass.generated": _action(_("Pass generated"), "studio", "green"),
    "pass.revoked": _action(_("Pass revoked"), "studio", "red"),
    "pass.verified": _action(_("Pass verified"), "studio"),
    # An interview, the room it is held in, and what the interviewer thinks.
    "interview.created": _action(_("Created"), "interviews", "green"),
    "interview.updated": _action(_("Updated"), "interviews", "blue"),
    "interview.cancelled": _action(_("Cancelled"), "interviews", "red"),
    "interview.no_show": _action(_("Marked no-show"), "interviews", "red"),
    "room.created": _action(_("Created"), "interviews", "green"),
    "evaluation.created": _action(_("Created"), "interviews", "green"),
    "evaluation.approved": _action(_("Approved"), "interviews", "green"),
    "room.participant_joined": _action(_("Participant joined"), "interviews"),
    "room.participant_left": _action(_("Participant left"), "interviews"),
    "room.finished": _action(_("Room finished"), "interviews"),
    "recording.started": _action(_("Recording started"), "interviews", "purple"),
    "recording.completed": _action(_("Recording completed"), "interviews", "purple"),
    "recording.failed": _action(
        _("Recording failed"), "interviews", "red", _("The recording of %(object)s failed: %(reason)s")
    ),
    # What the team does about candidates and campaigns.
    "candidate.status_changed": _action(
        _("Status changed"), "team", "blue", _("%(actor)s moved %(object)s to %(stage)s")
    ),
    "message.sent": _action(
        _("Message sent"), "team", sentence=_("%(actor)s wrote to %(object)s: %(template)s")
    ),
    "workflow.updated": _action(_("Workflow updated"), "team", "blue"),
    "hardware.assigned": _action(
        _("Assigned"), "hardware", "blue", _("%(actor)s assigned %(object)s to %(borrower)s")
    ),
    "hardware.returned": _action(_("Returned"), "hardware"),
    "evidence.collected": _action(_("Evidence collected"), "compliance", "green"),
}

#: Whom an event concerns beside its subject, so that it is found in their histories too.
RELATED = {
    "studio.submission": ["session", "person"],
    "studio.changeset": ["session"],
    "people.walletpass": ["person"],
    "hiring.interview": ["candidate", "candidate__campaign"],
    "hiring.evaluation": ["interview", "interview__candidate", "interview__candidate__campaign"],
    "hiring.candidate": ["campaign"],
}
