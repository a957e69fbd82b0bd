"""What the host's admins export and import with django-import-export is recorded by itself."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

import audit_plugin
from audit_plugin import display
from tests.conftest import Log
from tests.events.urls import TagResource
from tests.testapp.models import Tag

pytestmark = pytest.mark.urls("tests.events.urls")


@pytest.fixture
def page(client: Client, db: None) -> Client:
    client.force_login(User.objects.create_superuser("ben"))
    return client


def test_an_export_says_who_what_how_much_and_by_which_filters(page: Client, log: Log) -> None:
    Tag.objects.bulk_create(Tag(name=name) for name in ("press", "press 2", "vip"))
    data = {"format": "0", "resource": "", "tagresource_id": "on", "tagresource_name": "on"}
    response = page.post("/admin/testapp/tag/export/?q=press", data)
    assert response.headers["Content-Type"].startswith("text/csv")
    (entry,) = log(action="data.exported")
    assert (entry.model, entry.object_id, entry.context.actor_label) == ("testapp.tag", "", "ben")
    assert entry.details == {"rows": 2, "format": "csv", "filters": {"q": "press"}}
    assert display.describe(entry) == "ben exported 2 × Tag as csv"


def test_an_import_says_how_many_were_new(page: Client, log: Log) -> None:
    Tag.objects.create(pk=1, name="old")
    file = SimpleUploadedFile("tags.csv", b"id,name\n1,renamed\n2,new\n", "text/csv")
    preview = page.post("/admin/testapp/tag/import/", {"format": "0", "import_file": file, "resource": ""})
    assert log(action="data.imported") == []
    page.post("/admin/testapp/tag/process_import/", preview.context["confirm_form"].initial)
    (entry,) = log(action="data.imported")
    assert entry.details == {"rows": 2, "new": 1, "update": 1, "format": "csv"}
    assert display.describe(entry) == "ben imported 2 × Tag from csv"


def test_a_resource_used_in_code_is_no_download(log: Log, db: None) -> None:
    with audit_plugin.context(actor="nightly"):
        TagResource().export()
    assert log(action="data.exported") == []
