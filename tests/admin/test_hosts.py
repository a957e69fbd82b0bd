"""The log behind the host's own pages, and in other admin sites."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import path

from audit_plugin.admin import EntryAdmin, HistoryMixin, hosts
from audit_plugin.models import Entry
from sample_project.people.models import Tag
from sample_project.places.models import Country
from tests.admin.conftest import SignIn, read


class TagAdmin(HistoryMixin, admin.ModelAdmin):  # type: ignore[type-arg]
    pass


class Backstage(admin.AdminSite):
    site_header = "Backstage"


backstage = Backstage(name="backstage")
backstage.register(Entry, EntryAdmin)
backstage.register(Tag, TagAdmin)
backstage.register(User)

# A site without the log: the mixin has nothing to show there.
bare = admin.AdminSite(name="bare")
bare.register(Tag, TagAdmin)

# As with AUDIT_ADMIN_HISTORY, before addresses are tied to views. What it does depends on the setting.
hosts.install()

urlpatterns = [
    path("admin/", admin.site.urls),
    path("backstage/", backstage.urls),
    path("bare/", bare.urls),
]
pytestmark = pytest.mark.urls(__name__)


@pytest.fixture
def tag(db: None) -> Tag:
    tag = Tag.objects.create(name="Before")
    tag.name = "After"
    tag.save()
    return tag


@pytest.fixture
def everywhere(settings: Any) -> None:
    settings.AUDIT_ADMIN_HISTORY = True


def test_without_mixin_or_setting_nothing_changes(sign_in: SignIn) -> None:
    country = Country.objects.create(code="XX", name="Nowhere")
    page = read(sign_in("admin"), f"/admin/places/country/{country.pk}/history/")
    assert "Change history: Nowhere" in page


def test_a_custom_site_shows_the_log_under_its_own_addresses(sign_in: SignIn, tag: Tag) -> None:
    page = read(sign_in("admin"), "/backstage/audit_plugin/entry/", all="1")
    assert "Backstage" in page
    assert f'href="/backstage/people/tag/{tag.pk}/change/"' in page
    assert 'href="/admin/' not in page


def test_the_mixin_shows_the_records_history_in_the_frame_of_its_model(sign_in: SignIn, tag: Tag) -> None:
    page = read(sign_in("admin"), f"/backstage/people/tag/{tag.pk}/history/")
    assert "2 entries" in page
    assert "&quot;Before&quot;" in page
    assert f'<a href="/backstage/people/tag/{tag.pk}/change/">After</a>' in page
    assert '<a href="/backstage/people/">' in page


def test_the_history_outlives_the_record(sign_in: SignIn, tag: Tag) -> None:
    key = tag.pk
    tag.delete()
    page = read(sign_in("admin"), f"/backstage/people/tag/{key}/history/")
    assert "3 entries" in page
    assert "History of Tag After" in page


def test_the_list_leads_to_deleted_records(sign_in: SignIn, tag: Tag) -> None:
    browser = sign_in("admin")
    page = read(browser, "/backstage/people/tag/")
    url = "/backstage/audit_plugin/entry/deleted/?model=people.tag"
    assert f'href="{url}"' in page
    assert "Add tag" in page
    assert "After" not in read(browser, url)
    tag.delete()
    page = read(browser, url)
    assert "1 entry" in page
    assert "After" in page


def test_a_record_that_came_back_is_not_deleted(sign_in: SignIn, tag: Tag) -> None:
    key = tag.pk
    tag.delete()
    Tag.objects.create(pk=key, name="Back again")
    assert "0 entries" in read(sign_in("admin"), "/backstage/audit_plugin/entry/deleted/?model=people.tag")


@pytest.mark.parametrize("site", ["backstage", "bare"])
def test_who_may_not_view_the_log_gets_the_admins_own_history(sign_in: SignIn, tag: Tag, site: str) -> None:
    browser = sign_in("editor" if site == "backstage" else "admin")
    page = read(browser, f"/{site}/people/tag/{tag.pk}/history/")
    assert "Change history: After" in page
    assert "audit-table" not in page
    assert "Deleted records" not in read(browser, f"/{site}/people/tag/")


def test_one_setting_does_it_for_every_model(everywhere: None, sign_in: SignIn) -> None:
    country = Country.objects.create(code="XX", name="Nowhere")
    page = read(sign_in("admin"), f"/admin/places/country/{country.pk}/history/")
    assert "History of Country Nowhere" in page
    assert "audit-table" in page


def test_a_model_that_is_not_recorded_keeps_the_admins_own(
    everywhere: None, sign_in: SignIn, settings: Any, tag: Tag
) -> None:
    settings.AUDIT_MODELS = ["people.Person"]
    assert "Change history: After" in read(sign_in("admin"), f"/admin/people/tag/{tag.pk}/history/")


def test_installing_twice_changes_nothing_more(everywhere: None) -> None:
    installed = ModelAdmin.history_view
    hosts.install()
    assert ModelAdmin.history_view is installed


def test_a_stranger_sees_no_history(db: None, tag: Tag) -> None:
    assert Client().get(f"/backstage/people/tag/{tag.pk}/history/").status_code == 302
