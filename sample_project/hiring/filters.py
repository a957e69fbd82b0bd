"""Two filters of the audit log's page, on its tab of interviews: one by who asks, one by who is asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from audit_plugin.filters import EntryFilter, ExtraFilter
from sample_project.hiring.models import Candidate, Evaluation, Interview
from sample_project.people.models import Person


class Interviewer(ExtraFilter):
    """What happened in somebody's interviews."""

    name = "interviewer"
    label = _("Interviewer")
    channels = ("interviews",)
    group = "person"

    def choices(self, user: Any) -> Sequence[tuple[str, str]]:
        if not user.has_perm("people.view_person"):
            return []
        asking = Person.objects.filter(panels__isnull=False).distinct().order_by("full_name")
        return [(str(person.pk), person.full_name) for person in asking]

    def label_of(self, user: Any, value: str) -> str:
        return dict(self.choices(user)).get(value, value)

    def clean(self, value: str) -> str:
        try:
            return str(UUID(value))
        except ValueError:
            raise ValueError(_("There is no such interviewer.")) from None

    def apply(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        interviews = Interview.objects.filter(panel__person=UUID(value))
        evaluations = Evaluation.objects.filter(interviewer=UUID(value))
        return queryset.filter(
            Q(model="hiring.interview", object_id__in=_keys(interviews))
            | Q(model="hiring.evaluation", object_id__in=_keys(evaluations))
        )


class InterviewCandidate(ExtraFilter):
    """What happened to a candidate, also one that was deleted: the events themselves say whom they concern."""

    name = "candidate"
    label = _("Candidate")
    channels = ("interviews",)
    group = "person"
    type_ahead = True

    def search(self, user: Any, text: str) -> Sequence[tuple[str, str]]:
        if not user.has_perm("hiring.view_candidate"):
            return []
        return [(str(found.pk), found.name) for found in Candidate.objects.filter(name__icontains=text)[:20]]

    def label_of(self, user: Any, value: str) -> str:
        known = Candidate.objects.filter(pk=value).first() if user.has_perm("hiring.view_candidate") else None
        return known.name if known else value

    def clean(self, value: str) -> str:
        try:
            return str(UUID(value))
        except ValueError:
            raise ValueError(_("There is no such candidate.")) from None

    def apply(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return EntryFilter(related=f"hiring.candidate:{value}").apply(queryset)


def _keys(records: QuerySet[Any]) -> list[str]:
    """Return keys as the log holds them. A list: the log may be in another database."""
    return list(records.annotate(key=Cast("pk", TextField())).values_list("key", flat=True))
