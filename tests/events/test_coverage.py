"""Settings that weaken the log are noted in it, at the next start or command."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core import mail
from django.core.management import call_command
from django.db import connections
from django.db.models.signals import post_migrate

from audit_plugin import display
from audit_plugin.events import coverage
from audit_plugin.middleware import AuditMiddleware
from tests.conftest import Log

MODELS = ["testapp.*", "-testapp.Untracked"]


@pytest.fixture(autouse=True)
def noted(db: None, settings: Any) -> None:
    settings.AUDIT_MODELS = MODELS
    settings.AUDIT_PERSONAL = ["testapp.Author"]
    settings.AUDIT_SIGN_INS = True
    coverage.compare("default")


def weakened(log: Log) -> list[str]:
    return [entry.details["summary"] for entry in log(action="audit.weakened")]


def test_nothing_is_written_while_nothing_changes(log: Log) -> None:
    assert coverage.compare("default") == []
    assert log() == []


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("MODELS", ["testapp.*", "-testapp.Untracked", "-testapp.Tag"], "testapp.tag is no longer recorded"),
        ("OPTIONS", {"testapp.Author": {"exclude": ["name"]}}, "testapp.author: name left out"),
        ("OPTIONS", {"testapp.Author": {"fields": ["name"]}}, "testapp.author: only name recorded"),
        (
            "OPTIONS",
            {"testapp.Author": {"secrets": ["name"]}},
            "testapp.author: values of name no longer stored",
        ),
        ("CAPTURE", False, "AUDIT_CAPTURE is off"),
        ("SIGN_INS", False, "AUDIT_SIGN_INS is off"),
        ("PERSONAL", [], "looking at testapp.author is no longer recorded"),
        (
            "PERSONAL",
            ["testapp.Author", "-testapp.Author"],
            "looking at testapp.author is no longer recorded",
        ),
        ("READ_WINDOW", 86_400, "AUDIT_READ_WINDOW is 86400, and was 900"),
        ("SIGN_IN_FAILURES", 1, "AUDIT_SIGN_IN_FAILURES is 1, and was 5"),
    ],
)
def test_what_is_recorded_no_longer(name: str, value: Any, said: str, settings: Any, log: Log) -> None:
    setattr(settings, f"AUDIT_{name}", value)
    assert coverage.compare("default") == [said]
    assert weakened(log) == [said]
    entry = log(action="audit.weakened")[0]
    assert entry.channel == "audit" and display.describe(entry).endswith(said)
    # Once, however many processes start.
    assert coverage.compare("default") == [] and len(log()) == 1
    # Back again is noted as well, and is no weakening.
    delattr(settings, f"AUDIT_{name}")
    settings.AUDIT_MODELS, settings.AUDIT_PERSONAL = MODELS, ["testapp.Author"]
    settings.AUDIT_SIGN_INS = True
    assert coverage.compare("default") == []
    assert [found.action for found in log()] == ["audit.weakened", "audit.coverage"]


def test_recording_more_is_no_weakening(settings: Any, log: Log) -> None:
    settings.AUDIT_MODELS, settings.AUDIT_PERSONAL = ["testapp.*"], ["testapp.*"]
    settings.AUDIT_READ_WINDOW, settings.AUDIT_SIGN_IN_FAILURES = 60, 50
    assert coverage.compare("default") == []
    assert [entry.action for entry in log()] == ["audit.coverage"]


def test_a_model_that_is_gone_is_no_weakening() -> None:
    now = coverage.coverage()
    before = {**now, "models": {**now["models"], "shop.gone": {}}}
    assert coverage.weakenings(before, now) == []


def test_migrate_compares(settings: Any, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coverage, "is_test_database", lambda using: False)
    settings.AUDIT_PERSONAL = []
    config = apps.get_app_config("audit_plugin")
    post_migrate.send(
        sender=config, app_config=config, verbosity=0, interactive=False, using="default", plan=[], apps=apps
    )
    assert weakened(log) == ["looking at testapp.author is no longer recorded"]


def test_commands_compare(settings: Any, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coverage, "is_test_database", lambda using: False)
    settings.AUDIT_SIGN_INS = False
    with pytest.raises(SystemExit):
        call_command("audit_doctor", fail_on="info", stdout=StringIO())
    assert weakened(log) == ["AUDIT_SIGN_INS is off"]


@pytest.mark.django_db(transaction=True)
def test_a_server_that_starts_compares_on_the_side(
    settings: Any, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coverage, "is_test_database", lambda using: using != "default")
    settings.AUDIT_SIGN_INS = False
    started: list[Any] = []
    monkeypatch.setattr(coverage, "_watched", coverage.threading.Event())
    monkeypatch.setattr(
        coverage.threading,
        "Thread",
        lambda target, **kwargs: type("T", (), {"start": lambda self: started.append(target)})(),
    )
    outbox = mail.outbox
    AuditMiddleware(lambda request: None)  # type: ignore[arg-type, return-value]
    assert started == []
    monkeypatch.delattr(mail, "outbox")
    for _ in range(2):
        AuditMiddleware(lambda request: None)  # type: ignore[arg-type, return-value]
    mail.outbox = outbox
    (run,) = started
    run()
    assert weakened(log) == ["AUDIT_SIGN_INS is off"]


def test_a_project_s_tests_find_the_log_empty(settings: Any, log: Log) -> None:
    settings.AUDIT_SIGN_INS = False
    coverage.compare_quietly("default")
    assert log() == [] and connections["default"].settings_dict["NAME"].startswith("test_")
