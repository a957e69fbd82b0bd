"""The sample data: loaded through the front door, all of it in the log under the right name, only once."""

from __future__ import annotations

import re
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command

from audit_plugin.models import Entry
from sample_project.places.models import City
from sample_project.sample import cities
from sample_project.sample.accounts import SIGN_INS, load_accounts

pytestmark = pytest.mark.django_db


@pytest.fixture
def few_cities(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cities, "SMALLEST", 9_000_000)


def load() -> str:
    output = StringIO()
    call_command("load_sample", stdout=output)
    return output.getvalue()


def test_cities_are_imported_through_the_admin_under_the_importing_user(few_cities: None) -> None:
    printed = load()
    admin = User.objects.get(username="admin")
    imported = Entry.objects.filter(model="places.city", action="create").select_related("context")
    assert City.objects.count() == len(imported) > 15
    assert re.search(rf"{len(imported)} of {len(imported)} cities \(South America\)", printed)
    assert {entry.actor_id for entry in imported} == {str(admin.pk)}
    assert {entry.context.source for entry in imported} == {"admin"}
    assert {entry.context.method for entry in imported} == {"POST"}
    assert all(entry.context.url.endswith("/admin/places/city/process_import/") for entry in imported)


def test_the_history_is_the_work_of_several_people_with_several_kinds_of_writes(few_cities: None) -> None:
    load()
    users = {str(user.pk): user.username for user in User.objects.all()}
    history = Entry.objects.filter(context__source="web").select_related("context")
    assert {users[entry.actor_id] for entry in history} == {"admin", "editor", "tomas", "mira", "hana"}
    assert {entry.operation for entry in history} == {"I", "U", "D", "M"}
    models = set(history.values_list("model", flat=True))
    assert models >= {
        "people.person",
        "people.membership",
        "assets.camera",
        "assets.asset",
        "places.openinghours",
        "studio.submission",
        "hiring.evaluation",
    }
    renamed = history.get(model="people.person", changes__family_name__1="Lehmann-García")
    assert users[renamed.actor_id] == "editor"
    assert renamed.context.name == "corrections"


def test_loading_again_adds_nothing_and_logs_nothing(few_cities: None) -> None:
    load()
    before = set(Entry.objects.values_list("id", flat=True))
    load()
    new = Entry.objects.exclude(id__in=before).exclude(model="auth.user")
    assert [str(entry) for entry in new] == []
    # Importing means signing in, which is a write: Django keeps the time.
    assert City.objects.count() > 15


def test_the_sign_ins_that_the_demo_prints_work() -> None:
    load_accounts()
    for person in SIGN_INS:
        client = cities.sign_in(person.username, person.password)
        assert client.get("/admin/").status_code == 200


def test_auditors_and_editors_may_what_the_demo_says() -> None:
    users = load_accounts()
    assert users["auditor"].has_perm("audit_plugin.view_entry")
    assert users["auditor"].has_perm("audit_plugin.export_entry")
    assert not users["auditor"].has_perm("people.change_person")
    assert users["editor"].has_perm("people.change_person")
    assert not any(right.startswith("audit_plugin.") for right in users["editor"].get_all_permissions())


def test_a_wrong_password_is_named() -> None:
    load_accounts()
    with pytest.raises(cities.ImportFailedError, match="doesn't let 'admin' in"):
        cities.sign_in("admin", "wrong")
