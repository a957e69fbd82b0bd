"""One rule on every page: models, tenants, the host's gate."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin import site
from django.contrib.auth.models import Permission, User
from django.http import HttpRequest

import audit_plugin
from audit_plugin.events import Event, write_event
from audit_plugin.models import Entry
from audit_plugin.visibility import Refusal
from sample_project.people.models import Tag
from sample_project.places.models import Country
from tests.admin.conftest import LIST, SignIn, read


@pytest.fixture
def narrow(people: dict[str, User]) -> User:
    """An editor who may view the log, but of models only the tags."""
    editor = people["editor"]
    editor.groups.clear()
    editor.user_permissions.set(
        Permission.objects.filter(codename__in=["view_entry", "export_entry", "view_tag"])
    )
    return editor


def test_a_model_one_may_not_view_is_nowhere_in_the_log(narrow: User, sign_in: SignIn, log: Any) -> None:
    Tag.objects.create(name="Seen")
    country = Country.objects.create(code="XX", name="Hidden place")
    hidden = log(model="places.country")[-1]
    browser = sign_in("editor")
    pages = [
        read(browser),
        read(browser, model="places.country"),
        read(browser, search="Hidden"),
        read(browser, entry=str(hidden.pk)),
        read(browser, f"record/places.country/{country.pk}/"),
        read(browser, "deleted/"),
    ]
    assert "Seen" in pages[0]
    assert not any("Hidden place" in page for page in pages)
    assert '<option value="places.country">' not in pages[0]
    assert browser.get(f"{LIST}{hidden.pk}/change/").status_code == 404


def test_a_record_that_an_event_concerns_is_named_for_who_may_see_it(
    narrow: User, sign_in: SignIn, log: Any
) -> None:
    tag, country = Tag.objects.create(name="Seen"), Country.objects.create(code="XX", name="Hidden place")
    audit_plugin.record("photo.approved", tag, related=[country])
    event = log(action="photo.approved")[-1]
    assert "Country Hidden place" in read(sign_in("admin"), f"{event.pk}/change/")
    page = read(sign_in("editor"), f"{event.pk}/change/")
    assert "Concerns" not in page and "Hidden place" not in page
    response = sign_in("editor").post(f"{LIST}export/", {"format": "ndjson", "columns": "extended"})
    exported = b"".join(response).decode()  # type: ignore[call-overload]
    assert "photo.approved" in exported and "Hidden place" not in exported


def test_changes_of_an_event_that_one_may_not_see_are_not_counted(narrow: User, sign_in: SignIn) -> None:
    tag = Tag.objects.create(name="Seen")
    with audit_plugin.recording("photo.approved", tag):
        Tag.objects.create(name="Also seen")
        Country.objects.create(code="XX", name="Hidden place")
    assert "2 changes" in read(sign_in("admin"), action="photo.approved")
    page = read(sign_in("editor"), action="photo.approved")
    assert "1 change" in page and "2 changes" not in page


@pytest.mark.parametrize("page", ["history", "delete"])
def test_the_admins_own_pages_of_an_entry_tell_nothing_either(
    narrow: User, sign_in: SignIn, log: Any, settings: Any, page: str
) -> None:
    Country.objects.create(code="XX", name="Hidden place")
    hidden = log(model="places.country")[-1]
    answers = {
        str(key): sign_in("editor").get(f"{LIST}{key}/{page}/", follow=True)
        for key in (hidden.pk, "01a200be-0000-7000-8000-000000000000")
    }
    assert len({response.status_code for response in answers.values()} | {200}) == 2
    assert not any(b"places.country" in response.content for response in answers.values())
    settings.AUDIT_GATE = closed
    response = sign_in("admin").get(f"{LIST}{hidden.pk}/{page}/")
    assert response.status_code in (302, 403) and "places" not in response.get("Location", "")


def test_whatever_asks_the_admin_for_entries_gets_visible_ones(
    narrow: User, sign_in: SignIn, log: Any, rf: Any
) -> None:
    Tag.objects.create(name="Seen")
    Country.objects.create(code="XX", name="Hidden place")
    request = rf.get("/")
    request.user = narrow
    found = site.get_model_admin(Entry).get_queryset(request)
    assert {entry.model for entry in found} == {"people.tag"}


def test_entries_without_a_model_need_no_more_than_the_log(narrow: User, sign_in: SignIn) -> None:
    write_event(Event("auth.login_failed", "auth"))
    assert "Sign-in failed" in read(sign_in("editor"))


def only_north(user: Any) -> set[str]:
    return {"north"}


def test_another_tenants_entries_are_nowhere(sign_in: SignIn, log: Any, settings: Any) -> None:
    for tenant in ("north", "south"):
        with audit_plugin.context(tenant=tenant):
            Tag.objects.create(name=f"Of the {tenant}")
    south = log(tenant="south")[-1]
    settings.AUDIT_TENANT_SCOPE = only_north
    browser = sign_in("auditor")
    page = read(browser)
    assert "Of the north" in page
    assert "1 entry" in page
    for other in (
        page,
        read(browser, tenant="south"),
        read(browser, record=south.object_id, model="people.tag"),
        read(browser, entry=str(south.pk)),
        read(browser, f"record/people.tag/{south.object_id}/"),
    ):
        assert "Of the south" not in other
    assert browser.get(f"{LIST}{south.pk}/change/").status_code == 404


def closed(request: HttpRequest) -> Refusal:
    return Refusal("The log is part of the Enterprise plan.", "/plans/")


@pytest.mark.parametrize(
    "path", ["", "news/", "choices/?field=actor", "record/people.tag/1/", "deleted/", "export/"]
)
def test_the_hosts_gate_closes_every_page(sign_in: SignIn, settings: Any, path: str) -> None:
    settings.AUDIT_GATE = closed
    browser = sign_in("admin")
    response = browser.get(LIST + path)
    assert (response.status_code, response["Location"]) == (302, "/plans/")
    assert "Enterprise plan" in browser.get("/admin/").content.decode()


def test_an_export_needs_its_own_permission(people: dict[str, User], sign_in: SignIn) -> None:
    people["editor"].user_permissions.add(Permission.objects.get(codename="view_entry"))
    browser = sign_in("editor")
    assert f"{LIST}export/" not in read(browser)
    assert browser.get(f"{LIST}export/").status_code == 403
    assert browser.post(f"{LIST}export/", {"format": "csv"}).status_code == 403


def test_an_export_holds_what_the_filter_lets_through(sign_in: SignIn) -> None:
    Tag.objects.create(name="Wanted")
    Tag.objects.create(name="Unwanted")
    browser = sign_in("auditor")
    page = read(browser, "export/", search="Wanted", action="create", model="people.tag", format="csv")
    assert "will be exported" in page
    assert "Model:" in page
    response = browser.post(f"{LIST}export/?action=create&model=people.tag", {"format": "csv"})
    content = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[arg-type]
    assert content.splitlines()[0] == "Date & Time,User,Action,Table,Changes"
    assert len(content.splitlines()) == 3
