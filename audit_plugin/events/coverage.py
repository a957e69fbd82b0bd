"""What the log records, noted in the log itself: so that a setting which weakens it doesn't go unseen.

Compared whenever a server starts, `migrate` runs or a command of ours does.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.core import mail
from django.db import connections

from audit_plugin.capture.registry import tracked_models
from audit_plugin.capture.spec import database_aliases
from audit_plugin.conf import settings
from audit_plugin.events.reads import personal_models
from audit_plugin.events.writing import Event, write_events
from audit_plugin.exceptions import ConfigurationError
from audit_plugin.models import Entry

NOTED, WEAKENED = "audit.coverage", "audit.weakened"
KEY = "coverage"

#: Settings that weaken the log when they are turned off.
SWITCHES = ("CAPTURE", "SIGN_INS", "LOG_VIEWS")

#: Settings that weaken it when they grow, and when they shrink.
LONGER = ("READ_WINDOW", "SIGN_IN_WINDOW", "LOG_VIEWS_MINUTES")
FEWER = ("SIGN_IN_FAILURES", "SIGN_IN_FAILURES_PER_MINUTE", "DETAILS_LIMIT")

logger = logging.getLogger("audit_plugin")
_watched = threading.Event()


def coverage() -> dict[str, Any]:
    """Return what is recorded now, as JSON: models with what is left out of them, and switches."""
    models = {}
    for model, options in tracked_models().items():
        found = {
            "only": sorted(options.fields),
            "exclude": sorted(options.exclude),
            "secrets": sorted(options.secrets),
        }
        if options.trackers:
            found["operations"] = sorted({str(tracker.operation) for tracker in options.trackers})
            found["conditions"] = sorted(
                str(tracker.condition) for tracker in options.trackers if tracker.condition
            )
        models[model._meta.label_lower] = {name: value for name, value in found.items() if value}
    return {
        "models": models,
        "settings": {name: bool(getattr(settings, name)) for name in SWITCHES},
        "limits": {name: getattr(settings, name) for name in (*LONGER, *FEWER)},
        "personal": _personal(),
    }


def _personal() -> list[str]:
    try:
        return sorted(model._meta.label_lower for model in personal_models(settings.PERSONAL))
    except ConfigurationError:
        # A system check says what is wrong with it.
        return sorted(name.lower() for name in settings.PERSONAL)


def weakenings(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Return in words what is recorded less than before. Models that no longer exist can't be recorded, and don't count.

    Args:
        before: What `coverage` returned earlier.
        now: What it returns now.
    """
    said = [
        f"AUDIT_{name} is off"
        for name, was in before.get("settings", {}).items()
        if was and not now["settings"].get(name, True)
    ]
    for name, was in before.get("limits", {}).items():
        value = now["limits"].get(name, was)
        if (value > was) if name in LONGER else (value < was):
            said.append(f"AUDIT_{name} is {value}, and was {was}")
    existing = {model._meta.label_lower for model in apps.get_models()}
    for label, was in before.get("models", {}).items():
        has = now["models"].get(label)
        if has is None:
            said += [f"{label} is no longer recorded"] if label in existing else []
            continue
        said += _less(label, was, has)
    said += [
        f"looking at {name} is no longer recorded"
        for name in before.get("personal", [])
        if name not in now["personal"] and name in existing
    ]
    return said


def _less(label: str, was: Mapping[str, Any], has: Mapping[str, Any]) -> list[str]:
    said = []
    if left_out := sorted(set(has.get("exclude", [])) - set(was.get("exclude", []))):
        said.append(f"{label}: {', '.join(left_out)} left out")
    if masked := sorted(set(has.get("secrets", [])) - set(was.get("secrets", []))):
        said.append(f"{label}: values of {', '.join(masked)} no longer stored")
    only = has.get("only", [])
    if only and (not was.get("only") or set(was["only"]) - set(only)):
        said.append(f"{label}: only {', '.join(only)} recorded")
    if has.get("operations") and (
        not was.get("operations") or set(was["operations"]) - set(has["operations"])
    ):
        said.append(f"{label}: only {', '.join(has['operations'])} recorded")
    if set(has.get("conditions", [])) - set(was.get("conditions", [])):
        said.append(f"{label}: recorded on conditions only")
    return said


def compare(using: str) -> list[str]:
    """Note what is recorded if that has changed, and say so in an entry of its own if it has become less.

    However many processes find out at the same time, one entry is written.

    Args:
        using: The database alias.

    Returns:
        What has become less.
    """
    now = json.loads(json.dumps(coverage()))
    latest = (
        Entry.objects.using(using)
        .filter(action__in=[NOTED, WEAKENED], channel="audit")
        .order_by("-id")
        .first()
    )
    before = (latest.details or {}).get(KEY, {}) if latest else {}
    if latest is not None and before == now:
        return []
    said = weakenings(before, now) if latest else []
    digest = hashlib.sha256(json.dumps([str(latest and latest.pk), now], sort_keys=True).encode()).hexdigest()
    details: dict[str, Any] = {KEY: now}
    if said:
        details |= {"summary": "; ".join(said), "less": said}
    event = Event(WEAKENED if said else NOTED, "audit", details=details, key=f"coverage:{digest}")
    write_events([event], using=using)
    return said


def compare_quietly(*aliases: str) -> None:
    """Do what `compare` does, in all databases unless some are named; what goes wrong is left to the doctor.

    Test databases are left alone: a project's tests are to find the log empty.
    """
    for using in aliases or database_aliases():
        try:
            if not is_test_database(using):
                compare(using)
        except Exception:
            # Not migrated yet, or no right to write.
            logger.debug("What the audit log records could not be compared.", exc_info=True)


def is_test_database(using: str) -> bool:
    """Return whether an alias leads to a database made for tests."""
    values = connections[using].settings_dict
    return str(values["NAME"]).startswith("test_") or values["NAME"] == (values.get("TEST") or {}).get("NAME")


def watch() -> None:
    """Compare once in this process, on the side: a server is not to wait for it, nor to fail."""
    # Django's test runners put an outbox there.
    if _watched.is_set() or hasattr(mail, "outbox"):
        return
    _watched.set()
    threading.Thread(target=_watch, name="audit-coverage", daemon=True).start()


def _watch() -> None:
    try:
        compare_quietly()
    finally:
        connections.close_all()
