"""What is recorded of the project, and from when on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import router

from audit_plugin.capture import baseline
from audit_plugin.capture.doctor.findings import Finding
from audit_plugin.capture.registry import BOOKKEEPING, resolve, tracked_models
from audit_plugin.conf import settings


def examine_models(using: str) -> Iterator[Finding]:
    """Yield the models that are not recorded and that nobody said should not be.

    Args:
        using: The database alias.
    """
    known = set(tracked_models())
    for pattern in [*(name[1:] for name in settings.MODELS if name.startswith("-")), *settings.UNRECORDED]:
        known |= set(resolve(pattern))
    for model in apps.get_models():
        meta = model._meta
        if meta.proxy or meta.swapped or meta.app_label in BOOKKEEPING or model in known:
            continue
        if router.allow_migrate_model(using, model):
            yield Finding("model-unrecorded", meta.label, "It is not recorded.")


def examine_baselines(using: str, cursor: Any) -> Iterator[Finding]:
    """Yield the recorded models with rows older than the log; a look at the first pages of each table tells.

    Args:
        using: The database alias.
        cursor: A cursor on it.
    """
    for spec in baseline.wanted(using, []):
        cursor.execute("SELECT has_table_privilege(%s::oid, 'SELECT')", [spec.table.oid])
        if cursor.fetchone()[0] and (found := baseline.sample(using, spec)):
            yield Finding(
                "baseline-missing",
                spec.model._meta.label,
                f"Rows have no entry: {found:,} of the first looked at.",
            )
