"""Do a few things as different people, and see whether the log says so."""

from __future__ import annotations

import logging
import subprocess
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User

from audit_plugin.models import Entry
from sample_project.browser import Visitor
from sample_project.people.models import Organisation, Person, Tag
from sample_project.places.models import City
from sample_project.sample.accounts import SIGN_INS
from sample_project.server import running

LOG = "/admin/audit_plugin/entry/"
PEOPLE = "/admin/people/person/"


class CheckFailedError(Exception):
    """The log isn't as it should be."""


def run_checks(host: str, port: int, say: Callable[[str], None]) -> int:
    """Serve, write, read back.

    Returns:
        0 when everything was in the log, 1 when not; what failed has been said.
    """
    say("")
    try:
        with running(host, port) as address:
            # One of the checks wants to see a page refused, which Django would report at length.
            logging.getLogger("django.request").setLevel(logging.ERROR)
            for check in (_imported, _through_the_admin, _from_a_shell, _who_may_look):
                for passed in check(address):
                    say(f"  ok  {passed}")
    except (CheckFailedError, ValueError) as error:
        say(f"  FAILED  {error}")
        return 1
    say("\nAll checks passed.")
    return 0


def _imported(address: str) -> list[str]:
    admin = User.objects.get(username="admin")
    cities = City.objects.count()
    logged = Entry.objects.filter(
        model="places.city", action="create", actor_id=str(admin.pk), context__source="admin"
    )
    _expect("imported cities in the log under admin", logged.count(), cities, at_least=True)
    return [f"{cities:,} imported cities are in the log under admin"]


def _through_the_admin(address: str) -> list[str]:
    visitor = _visitor(address, "admin")
    tags = list(Tag.objects.order_by("pk")[:3])
    marker = uuid.uuid4().hex[:8]
    _submit(
        visitor,
        f"{PEOPLE}add/",
        given_name="Zoë",
        family_name="Check",
        email=f"zoe-{marker}@check.example",
        organisation=str(Organisation.objects.get(slug="northlight").pk),
        is_active="on",
        tags=[str(tags[0].pk), str(tags[1].pk)],
    )
    person = Person.objects.get(email=f"zoe-{marker}@check.example")
    _submit(
        visitor,
        f"{PEOPLE}{person.pk}/change/",
        family_name="Check-Álvarez",
        tags=[str(tags[1].pk), str(tags[2].pk)],
    )
    _submit(visitor, f"{PEOPLE}{person.pk}/delete/", having="post")

    key = str(person.pk)
    created = _entry("create", "people.person", key)
    _expect("new family name", (created.changes or {}).get("family_name"), "Check")
    _expect("masked fields of the creation", created.masked, ["api_token"])
    tagged = _links(key)
    _expect("tags added", _keys(tagged[0], "added"), {tags[0].pk, tags[1].pk})
    updated = _entry("update", "people.person", key, changes__has_key="family_name")
    _expect("family name", (updated.changes or {})["family_name"], ["Check", "Check-Álvarez"])
    _expect("tags added by the change", set().union(*(_keys(e, "added") for e in tagged[1:3])), {tags[2].pk})
    _expect("tags removed by it", set().union(*(_keys(e, "removed") for e in tagged[1:3])), {tags[0].pk})
    deleted = _entry("delete", "people.person", key)
    _expect("family name in the deletion", (deleted.changes or {}).get("family_name"), "Check-Álvarez")
    for entry, path in ((created, "add/"), (updated, f"{key}/change/"), (deleted, f"{key}/delete/")):
        _expect_admin(entry, f"{PEOPLE}{path}")
    return [
        "admin created a person with two tags over HTTP: values, tags, author are logged, the token isn't",
        "admin renamed the person and exchanged a tag: before and after are in the log",
        "admin deleted the person: what was there is in the log",
    ]


def _from_a_shell(address: str) -> list[str]:
    tag = Tag.objects.order_by("pk")[0]
    colour = "#333333" if tag.colour != "#333333" else "#444444"
    code = (
        "from sample_project.people.models import Tag; "
        f"Tag.objects.filter(pk={tag.pk}).update(colour={colour!r})"
    )
    manage = Path(__file__).with_name("manage.py")
    command = [sys.executable, str(manage), "shell", "-c", code]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    _expect(f"exit code of the shell ({result.stderr.strip()[-300:]})", result.returncode, 0)
    entry = _entry("update", "people.tag", str(tag.pk))
    _expect("colour", (entry.changes or {}).get("colour"), [tag.colour, colour])
    context = entry.context
    _expect("source", context.source, "command")
    _expect("name of the command", context.name, "shell")
    if context.actor_kind == "user":
        raise CheckFailedError(f"the shell's write is in the log under the user {context.actor_label!r}.")
    return [f"a write from `manage.py shell` is in the log as {context.source} {context.name!r} by {context}"]


def _who_may_look(address: str) -> list[str]:
    _expect("auditor opens the log", _visitor(address, "auditor").get(LOG)[0], 200)
    editor = _visitor(address, "editor")
    _expect("editor opens the people's page", editor.get(PEOPLE)[0], 200)
    _expect("editor opens the log", editor.get(LOG)[0], 403)
    return ["auditor may see the log, editor may not"]


def _visitor(address: str, username: str) -> Visitor:
    visitor = Visitor(address)
    person = next(person for person in SIGN_INS if person.username == username)
    let_in, status = visitor.sign_in(username, person.password)
    if not let_in:
        raise CheckFailedError(f"{username} can't sign in as the demo says (status {status}).")
    return visitor


def _submit(visitor: Visitor, path: str, having: str = "given_name", **fields: Any) -> None:
    status, page = visitor.submit(path, having, **fields)
    if status != 200 or "errornote" in page:
        raise CheckFailedError(
            f"sending the form at {path} ended with status {status} or an error on the form."
        )


def _entry(action: str, model: str, key: str, **lookups: Any) -> Entry:
    found = Entry.objects.filter(action=action, model=model, object_id=key, operation__in="IUD", **lookups)
    entry: Entry | None = found.select_related("context").order_by("-id").first()
    if entry is None:
        raise CheckFailedError(f"the log has no {action} of {model} {key}.")
    return entry


def _links(key: str) -> list[Entry]:
    return list(Entry.objects.filter(model="people.person", object_id=key, operation="M").order_by("id"))


def _keys(entry: Entry, which: str) -> set[int]:
    return {int(item) for item in (entry.changes or {}).get("tags", {}).get(which, [])}


def _expect_admin(entry: Entry, path: str) -> None:
    admin, context = User.objects.get(username="admin"), entry.context
    seen = (context.actor_kind, context.actor_id, context.source, context.method, context.ip)
    _expect(f"author of the {entry.action}", seen, ("user", str(admin.pk), "admin", "POST", "127.0.0.1"))
    _expect(f"name of the {entry.action}'s author", context.actor_label, admin.get_full_name())
    if path not in (context.url or ""):
        raise CheckFailedError(f"the {entry.action} came from {path}, the log says {context.url!r}.")


def _expect(what: str, found: Any, wanted: Any, *, at_least: bool = False) -> None:
    if found != wanted and not (at_least and found > wanted):
        raise CheckFailedError(f"{what}: expected {wanted!r}, found {found!r}.")
