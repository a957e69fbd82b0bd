# mypy: disable-error-code="type-arg"
# Django's admin classes are generic for type checkers only: ModelAdmin[Person] fails when it runs.
from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from import_export.admin import ImportExportModelAdmin

from audit_plugin.admin import HistoryMixin
from sample_project.people.models import (
    ContactGroup,
    Membership,
    Organisation,
    Person,
    Tag,
    WalletPass,
    new_token,
)
from sample_project.people.resources import PersonResource


class MembershipInline(admin.TabularInline):
    model = Membership
    extra = 0
    autocomplete_fields = ["person", "group"]


class WalletPassInline(admin.StackedInline):
    model = WalletPass
    extra = 0
    exclude = ["signing_key"]
    readonly_fields = ["serial", "issued_at"]


@admin.register(Organisation)
class OrganisationAdmin(HistoryMixin, admin.ModelAdmin):
    list_display = ["name", "plan", "monthly_fee", "currency", "parent"]
    list_filter = ["plan"]
    list_select_related = ["parent"]
    search_fields = ["name", "slug"]
    autocomplete_fields = ["parent"]
    prepopulated_fields = {"slug": ["name"]}
    readonly_fields = ["created_at", "updated_at"]


@admin.register(Tag)
class TagAdmin(HistoryMixin, admin.ModelAdmin):
    list_display = ["name", "colour"]
    search_fields = ["name"]


@admin.register(Person)
class PersonAdmin(HistoryMixin, ImportExportModelAdmin):  # type: ignore[misc]
    resource_classes = [PersonResource]
    list_display = ["full_name", "organisation", "role", "email", "is_active"]
    list_filter = ["is_active", "role", "organisation", "tags"]
    list_select_related = ["organisation"]
    search_fields = ["full_name", "email"]
    autocomplete_fields = ["organisation", "account", "manager", "city", "tags"]
    readonly_fields = ["full_name", "created_at", "updated_at"]
    inlines = [MembershipInline, WalletPassInline]
    actions = ["renew_tokens"]
    fieldsets = [
        (None, {"fields": ["organisation", ("given_name", "family_name"), "full_name", "role", "is_active"]}),
        (_("Contact"), {"fields": ["email", "phone", "street", ("postal_code", "city")]}),
        (_("Card"), {"fields": ["photo", "birth_date", "national_id", "consent_until"]}),
        (_("Work"), {"fields": ["account", "manager", ("day_rate", "currency"), "tags", "preferences"]}),
        (_("Record"), {"fields": ["created_at", "updated_at"]}),
    ]

    @admin.action(description=_("Issue new API tokens"), permissions=["change"])
    def renew_tokens(self, request: HttpRequest, queryset: QuerySet[Person]) -> None:
        people = list(queryset)
        for person in people:
            person.api_token = new_token()
            person.save(update_fields=["api_token", "updated_at"])
        text = ngettext("%d person has a new token.", "%d people have new tokens.", len(people))
        self.message_user(request, text % len(people), messages.SUCCESS)


@admin.register(ContactGroup)
class ContactGroupAdmin(admin.ModelAdmin):
    list_display = ["name", "organisation", "description"]
    list_filter = ["organisation"]
    list_select_related = ["organisation"]
    search_fields = ["name"]
    autocomplete_fields = ["organisation"]
    inlines = [MembershipInline]


@admin.register(WalletPass)
class WalletPassAdmin(admin.ModelAdmin):
    list_display = ["serial", "person", "issued_at", "revoked_at"]
    list_filter = ["revoked_at"]
    list_select_related = ["person"]
    search_fields = ["serial", "person__full_name"]
    autocomplete_fields = ["person"]
    exclude = ["signing_key"]
    readonly_fields = ["serial", "issued_at"]
