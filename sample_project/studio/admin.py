# mypy: disable-error-code="type-arg"
# Django's admin classes are generic for type checkers only: ModelAdmin[Person] fails when it runs.
from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from sample_project.studio.models import CardTemplate, Changeset, PhotoSession, Submission


class SubmissionInline(admin.TabularInline):
    model = Submission
    extra = 0
    autocomplete_fields = ["person"]
    fields = ["person", "attempt", "photo", "quality", "state", "rejection_reason"]


class ChangesetInline(admin.TabularInline):
    model = Changeset
    extra = 0
    fields = ["number", "state", "applied_at"]


@admin.register(CardTemplate)
class CardTemplateAdmin(admin.ModelAdmin):
    list_display = ["name", "organisation"]
    list_filter = ["organisation"]
    list_select_related = ["organisation"]
    search_fields = ["name"]
    autocomplete_fields = ["organisation"]


@admin.register(PhotoSession)
class PhotoSessionAdmin(admin.ModelAdmin):
    list_display = ["title", "organisation", "venue", "status", "starts_at", "photographer"]
    list_filter = ["status", "organisation"]
    list_select_related = ["organisation", "venue", "photographer"]
    search_fields = ["title", "venue__name"]
    autocomplete_fields = ["organisation", "venue", "template", "photographer", "cameras", "invited"]
    readonly_fields = ["created_at", "updated_at"]
    date_hierarchy = "starts_at"
    inlines = [SubmissionInline, ChangesetInline]
    actions = ["archive"]

    @admin.action(description=_("Archive"), permissions=["change"])
    def archive(self, request: HttpRequest, queryset: QuerySet[PhotoSession]) -> None:
        count = queryset.update(status=PhotoSession.Status.ARCHIVED)
        text = ngettext("%d session archived.", "%d sessions archived.", count)
        self.message_user(request, text % count, messages.SUCCESS)


@admin.register(Submission)
class SubmissionAdmin(admin.ModelAdmin):
    list_display = ["person", "session", "attempt", "quality", "state", "reviewed_by"]
    list_filter = ["state", "session"]
    list_select_related = ["person", "session", "reviewed_by"]
    search_fields = ["person__full_name", "session__title"]
    autocomplete_fields = ["person", "session", "reviewed_by"]
    readonly_fields = ["created_at", "updated_at"]
    actions = ["approve"]

    @admin.action(description=_("Approve"), permissions=["change"])
    def approve(self, request: HttpRequest, queryset: QuerySet[Submission]) -> None:
        pending = list(queryset.exclude(state=Submission.State.APPROVED))
        for submission in pending:
            submission.state = Submission.State.APPROVED
            submission.reviewed_by_id = request.user.pk
            submission.save(update_fields=["state", "reviewed_by", "updated_at"])
        text = ngettext("%d photo approved.", "%d photos approved.", len(pending))
        self.message_user(request, text % len(pending), messages.SUCCESS)


@admin.register(Changeset)
class ChangesetAdmin(admin.ModelAdmin):
    list_display = ["__str__", "state", "applied_at"]
    list_filter = ["state"]
    list_select_related = ["session"]
    search_fields = ["session__title"]
    autocomplete_fields = ["session"]
    actions = ["apply", "roll_back"]

    @admin.action(description=_("Apply"), permissions=["change"])
    def apply(self, request: HttpRequest, queryset: QuerySet[Changeset]) -> None:
        generated = queryset.filter(state=Changeset.State.GENERATED)
        count = generated.update(state=Changeset.State.APPLIED, applied_at=timezone.now())
        text = ngettext("%d changeset applied.", "%d changesets applied.", count)
        self.message_user(request, text % count, messages.SUCCESS)

    @admin.action(description=_("Roll back"), permissions=["change"])
    def roll_back(self, request: HttpRequest, queryset: QuerySet[Changeset]) -> None:
        applied = queryset.filter(state=Changeset.State.APPLIED)
        count = applied.update(state=Changeset.State.ROLLED_BACK, applied_at=None)
        text = ngettext("%d changeset rolled back.", "%d changesets rolled back.", count)
        self.message_user(request, text % count, messages.SUCCESS)
