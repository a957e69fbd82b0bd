# mypy: disable-error-code="type-arg"
# Django's admin classes are generic for type checkers only: ModelAdmin[Person] fails when it runs.
from __future__ import annotations

from django.contrib import admin
from django.db import models

from sample_project.hiring.models import Campaign, Candidate, Evaluation, Interview, Panelist


class PanelistInline(admin.TabularInline):
    model = Panelist
    extra = 0
    autocomplete_fields = ["person"]


class EvaluationInline(admin.StackedInline):
    model = Evaluation
    extra = 0
    autocomplete_fields = ["interviewer"]


@admin.register(Campaign)
class CampaignAdmin(admin.ModelAdmin):
    list_display = ["title", "organisation", "status", "budget", "currency", "opens_on", "closes_on"]
    list_filter = ["status", "organisation"]
    list_select_related = ["organisation"]
    search_fields = ["title", "code"]
    autocomplete_fields = ["organisation"]


@admin.register(Candidate)
class CandidateAdmin(admin.ModelAdmin):
    list_display = ["name", "campaign", "stage", "email"]
    list_filter = ["stage", "campaign", "tags"]
    list_select_related = ["campaign"]
    search_fields = ["name", "email"]
    autocomplete_fields = ["campaign", "tags"]
    readonly_fields = ["created_at", "updated_at"]


@admin.register(Interview)
class InterviewAdmin(admin.ModelAdmin):
    list_display = ["candidate", "starts_at", "duration", "status", "venue"]
    list_filter = ["status", "candidate__campaign"]
    list_select_related = ["candidate", "venue"]
    search_fields = ["candidate__name"]
    autocomplete_fields = ["candidate", "venue"]
    readonly_fields = ["created_at", "updated_at"]
    date_hierarchy = "starts_at"
    inlines = [PanelistInline, EvaluationInline]
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}


@admin.register(Evaluation)
class EvaluationAdmin(admin.ModelAdmin):
    list_display = ["interview", "interviewer", "rating", "recommendation", "approved"]
    list_filter = ["recommendation", "approved"]
    list_select_related = ["interview__candidate", "interviewer"]
    search_fields = ["interview__candidate__name", "interviewer__full_name"]
    autocomplete_fields = ["interview", "interviewer"]
