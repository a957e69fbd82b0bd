"""A large third-party app's models are recorded by the one setting: no proxy, no migration, no noise."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from sample_project.postgres import database, drop

EDIT = """
import json, django; django.setup()
import audit_plugin
from audit_plugin.models import Entry
from django.contrib.auth.models import User
from wagtail.models import Page, Site
from wagtail.documents.models import Document
ann = User.objects.create_superuser("ann", password="x")
with audit_plugin.context(actor=ann):
    home = Page.objects.get(slug="home")
    page = home.add_child(instance=Page(title="News", slug="news"))
    page.title = "Latest news"
    page.save_revision(user=ann).publish(user=ann)
    document = Document.objects.create(title="Terms", file="terms.pdf")
    document.tags.add("legal")
    page.delete()
entries = Entry.objects.filter(actor_id=str(ann.pk)).order_by("seq")
print(json.dumps([[e.action, e.model, e.object_repr] for e in entries]))
"""


@pytest.fixture(scope="module")
def edited() -> Any:
    drop(database(f"{database()['NAME']}_wagtail"), only_with_table="audit_plugin_entry")
    run("-m", "django", "migrate", "--verbosity", "0")
    yield json.loads(run("-c", EDIT))


def run(*arguments: str) -> str:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.thirdparty.settings",
        "PYTHONWARNINGS": "ignore",
    }
    done = subprocess.run(
        [sys.executable, *arguments], env=environment, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "entry",
    [
        ["create", "wagtailcore.page", "News"],
        ["create", "wagtailcore.revision", "Latest news"],
        ["update", "wagtailcore.page", "Latest news"],
        ["create", "wagtaildocs.document", "Terms"],
        ["create", "taggit.tag", "legal"],
        ["delete", "wagtailcore.page", "Latest news"],
    ],
    ids=" ".join,
)
def test_wagtails_writes_are_recorded_under_their_author(edited: list[list[str]], entry: list[str]) -> None:
    assert entry[:2] in [found[:2] for found in edited]
    if entry[1] != "wagtailcore.revision":
        assert entry in edited


def test_no_migrations_are_wanted() -> None:
    assert run("-m", "django", "makemigrations", "--check", "--dry-run").strip() == "No changes detected"
