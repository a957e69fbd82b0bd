"""`audit_restore`: a dry run unless told otherwise, and clear words for every mistake."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command

import audit_plugin
from audit_plugin.management.commands import audit_restore
from tests.restore.conftest import last, ours
from tests.testapp.models import Author, Book, Tag

pytestmark = pytest.mark.django_db


def run(*arguments: Any) -> str:
    """Run the command and return what it says."""
    out = io.StringIO()
    call_command("audit_restore", *map(str, arguments), stdout=out, stderr=out, no_color=True)
    return out.getvalue()


@pytest.fixture
def changed(db: None) -> str:
    Book.objects.create(title="1")
    with audit_plugin.context(actor="x", request_id="a request", name="a request"):
        Book.objects.update(title="2")
    return str(last(model="testapp.book").pk)


def test_nothing_changes_unless_asked(changed: str) -> None:
    said = run("--entry", changed)
    assert "title: '2' -> '1'" in said and "update: 1 × testapp.book" in said and "--apply" in said
    assert Book.objects.get().title == "2"


def test_apply_says_who_did_it_and_why(changed: str) -> None:
    assert "1 new entries" in run("--entry", changed, "--apply", "--yes", "--reason", "typo")
    assert Book.objects.get().title == "1"
    context = last(model="testapp.book").context
    assert (context.source, context.name, context.metadata) == (
        "command",
        "audit_restore",
        {"reason": "typo"},
    )


@pytest.mark.parametrize(("answer", "title"), [("y", "1"), ("", "2"), ("n", "2")])
def test_it_asks_first(changed: str, monkeypatch: pytest.MonkeyPatch, answer: str, title: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{answer}\n"))
    if title == "1":
        run("--entry", changed, "--apply")
    else:
        with pytest.raises(CommandError, match="Cancelled"):
            run("--entry", changed, "--apply")
    assert Book.objects.get().title == title


def test_with_nobody_to_ask_it_wants_yes(changed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    with pytest.raises(CommandError, match="--yes"):
        run("--entry", changed, "--apply")


def test_every_kind(changed: str) -> None:
    book = Book.objects.get()
    entry = last(model="testapp.book")
    Book.objects.update(title="3")
    go = ("--apply", "--yes")
    run("--to", entry.pk, *go)
    assert Book.objects.get().title == "2"
    run("--to", entry.pk, "--before", *go)
    assert Book.objects.get().title == "1"
    run("--as-of", entry.occurred_at.isoformat(), "--record", "testapp.book", book.pk, *go)
    assert Book.objects.get().title == "2"
    run("--undo-request", "a request", *go)
    assert Book.objects.get().title == "1"
    Book.objects.all().delete()
    run("--deleted", "testapp.Book", book.pk, *go)
    assert Book.objects.get().title == "1"


def test_several_entries_and_what_went_along(db: None) -> None:
    author = Author.objects.create(name="Frank")
    Book.objects.create(title="Dune", author=author)
    key = author.pk
    author.delete()
    run("--deleted", "testapp.author", key, "--with-related", "--apply", "--yes")
    assert Book.objects.get().author_id == key
    Tag.objects.create(name="a")
    Tag.objects.create(name="b")
    created = [entry.pk for entry in ours(model="testapp.tag")]
    run("--entry", *created, "--apply", "--yes")
    assert not Tag.objects.exists()


def test_conflicts_are_shown_and_decided(changed: str) -> None:
    Book.objects.update(title="3")
    with pytest.raises(CommandError, match="1 conflicts to decide"):
        run("--entry", changed)
    with pytest.raises(CommandError, match=r"\(conflicts\)"):
        run("--entry", changed, "--apply", "--yes")
    with pytest.raises(CommandError, match=r"\(nothing\)"):
        run("--entry", changed, "--apply", "--yes", "--partial")
    said = run("--entry", changed, "--on", "changed_since=overwrite", "--apply", "--yes")
    assert "decided: overwrite" in said
    assert Book.objects.get().title == "1"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--entry", "nonsense"], "not_found"),
        (["--as-of", "2026-01-01"], "--record"),
        (["--entry", "x", "--before"], "--to"),
        (["--as-of", "yesterday", "--record", "a.b", "1"], "is no moment"),
        (["--entry", "x", "--on", "gone"], "CONFLICT=CHOICE"),
        (["--entry", "x", "--on", "gone=away"], "bring_back"),
        ([], "one of the arguments"),
        (["--entry", "x", "--to", "y"], "not allowed with"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_mistakes(db: None, arguments: list[str], says: str) -> None:
    with pytest.raises(CommandError, match=says.replace("(", r"\(")):
        run(*arguments)


def test_help_teaches(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        audit_restore.Command().create_parser("manage.py", "audit_restore").parse_args(["--help"])
    said = capsys.readouterr().out
    assert "audit_restore --undo-request 3f6c…\n" in said and "rolling it back" in said


def test_long_restores_say_how_far_they_are(changed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_restore, "PATIENCE", -1.0)
    assert "1 of 1 records" in run("--entry", changed)
    monkeypatch.undo()
    assert "records …" not in run("--entry", changed)
