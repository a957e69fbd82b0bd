# mypy: disable-error-code="type-arg"
# Django's admin classes are generic for type checkers only: ModelAdmin[Person] fails when it runs.
from __future__ import annotations

from django.contrib import admin

from sample_project.assets.models import Asset, Camera, Category, Laptop, Loan


class LoanInline(admin.TabularInline):
    model = Loan
    extra = 0
    autocomplete_fields = ["borrower"]


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):
    list_display = ["name", "code", "parent"]
    list_select_related = ["parent"]
    search_fields = ["name", "code"]
    autocomplete_fields = ["parent"]


@admin.register(Asset)
class AssetAdmin(admin.ModelAdmin):
    list_display = ["inventory_number", "name", "category", "status", "price", "currency", "venue"]
    list_filter = ["status", "category", "tags"]
    list_select_related = ["category", "venue"]
    search_fields = ["inventory_number", "name", "serial_number"]
    autocomplete_fields = ["category", "venue", "tags"]
    date_hierarchy = "purchased_on"
    inlines = [LoanInline]


@admin.register(Laptop)
class LaptopAdmin(AssetAdmin):
    list_display = ["inventory_number", "name", "processor", "memory_gb", "status"]


@admin.register(Camera)
class CameraAdmin(AssetAdmin):
    list_display = ["inventory_number", "name", "lens_mount", "shutter_count", "status"]


@admin.register(Loan)
class LoanAdmin(admin.ModelAdmin):
    list_display = ["asset", "borrower", "lent_at", "due_on", "returned_at"]
    list_filter = ["returned_at"]
    list_select_related = ["asset", "borrower"]
    search_fields = ["asset__name", "asset__inventory_number", "borrower__full_name"]
    autocomplete_fields = ["asset", "borrower"]
    date_hierarchy = "lent_at"
