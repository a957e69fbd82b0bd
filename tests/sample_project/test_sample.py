"""The sample data: loaded through the front door, all of it in the log under the right name, only once."""

from __future__ import annotations

from io import StringIO
from typing import ClassVar
from unittest import mock

from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import TestCase

from audit_plugin.models import Entry
from sample_project.places.models import City
from sample_project.sample import cities
from sample_project.sample.accounts import SIGN_INS, load_accounts


def load() -> str:
    """Load everything, with only the very largest cities."""
    output = StringIO()
    with mock.patch.object(cities, "SMALLEST", 9_000_000):
        call_command("load_sample", stdout=output)
    return output.getvalue()


class SampleData(TestCase):
    printed: ClassVar[str]

    @classmethod
    def setUpTestData(cls) -> None:
        cls.printed = load()

    def test_cities_are_imported_through_the_admin_under_the_importing_user(self) -> None:
        admin = User.objects.get(username="admin")
        imported = Entry.objects.filter(model="places.city", action="create").select_related("context")
        assert City.objects.count() == len(imported) > 15
        assert f"{len(imported)} of {len(imported)} cities (South America)" in self.printed
        assert {entry.actor_id for entry in imported} == {str(admin.pk)}
        assert {entry.context.source for entry in imported} == {"admin"}
        assert {entry.context.method for entry in imported} == {"POST"}
        assert all(entry.context.url.endswith("/admin/places/city/process_import/") for entry in imported)

    def test_the_history_is_the_work_of_several_people_with_several_kinds_of_writes(self) -> None:
        users = {str(user.pk): user.username for user in User.objects.all()}
        history = Entry.objects.filter(context__source="web", actor_id__isnull=False)
        history = history.select_related("context")
        assert {users[entry.actor_id] for entry in history} == {"admin", "editor", "tomas", "mira", "hana"}
        # None: what people did beyond rows.
        assert {entry.operation for entry in history} == {"I", "U", "D", "M", None}
        assert set(history.values_list("model", flat=True)) >= {
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

    def test_no_token_is_in_the_log(self) -> None:
        assert Entry.objects.filter(masked__contains=["api_token"]).exists()
        for entry in Entry.objects.filter(model__in=["people.person", "people.walletpass", "assets.laptop"]):
            assert not {"api_token", "signing_key", "recovery_secret"} & set(entry.changes or {}), entry.pk

    def test_loading_again_adds_nothing(self) -> None:
        before = set(Entry.objects.values_list("id", flat=True))
        load()
        # The import pages are opened by signing in, which is a write: Django keeps the time.
        new = Entry.objects.exclude(id__in=before).exclude(model="auth.user", changes__has_key="last_login")
        assert [str(entry) for entry in new] == []


class Accounts(TestCase):
    users: ClassVar[dict[str, User]]

    @classmethod
    def setUpTestData(cls) -> None:
        cls.users = load_accounts()

    def test_the_sign_ins_that_the_demo_prints_work(self) -> None:
        for person in SIGN_INS:
            client = cities.sign_in(person.username, person.password)
            assert client.get("/admin/").status_code == 200

    def test_auditors_and_editors_may_what_the_demo_says(self) -> None:
        auditor, editor = self.users["auditor"], self.users["editor"]
        assert auditor.has_perm("audit_plugin.view_entry")
        assert auditor.has_perm("audit_plugin.export_entry")
        assert not auditor.has_perm("people.change_person")
        assert editor.has_perm("people.change_person")
        assert not any(right.startswith("audit_plugin.") for right in editor.get_all_permissions())

    def test_a_wrong_password_is_named(self) -> None:
        with self.assertRaisesMessage(cities.ImportFailedError, "doesn't let 'admin' in"):
            cities.sign_in("admin", "wrong")
