# mypy: disable-error-code="type-arg"
# Django's admin classes are generic for type checkers only: ModelAdmin[Person] fails when it runs.
from __future__ import annotations

from django.contrib import admin
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from import_export.admin import ImportExportModelAdmin

from sample_project.places.models import City, Country, Venue
from sample_project.places.resources import CityResource, CountryResource


@admin.register(Country)
class CountryAdmin(ImportExportModelAdmin):
    resource_classes = [CountryResource]
    list_display = ["name", "code", "continent", "currency_code"]
    list_filter = ["continent"]
    search_fields = ["name", "code"]


@admin.register(City)
class CityAdmin(ImportExportModelAdmin):
    resource_classes = [CityResource]
    list_display = ["name", "country", "population", "time_zone"]
    list_filter = ["country__continent"]
    list_select_related = ["country"]
    search_fields = ["name", "other_names__icontains", "country__name"]
    autocomplete_fields = ["country"]


@admin.register(Venue)
class VenueAdmin(admin.ModelAdmin):
    list_display = ["name", "city", "capacity", "step_free"]
    list_filter = ["step_free"]
    list_select_related = ["city"]
    search_fields = ["name", "street", "city__name"]
    autocomplete_fields = ["city"]
    prepopulated_fields = {"slug": ["name"]}
    readonly_fields = ["opening_hours"]

    # Django's admin can't edit a model with a composite key, nor show it as an inline.
    @admin.display(description=_("opening hours"))
    def opening_hours(self, venue: Venue) -> SafeString | str:
        hours = venue.opening_hours.all() if venue.pk else []
        rows = ((day.get_weekday_display(), f"{day.opens:%H:%M}", f"{day.closes:%H:%M}") for day in hours)
        return format_html_join("", "<div>{}: {} to {}</div>", rows) or "-"
