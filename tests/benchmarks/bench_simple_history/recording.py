"""The request as simple-history's middleware keeps it, and the functions it documents for bulk writes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import models
from django.http import HttpRequest
from simple_history.models import HistoricalRecords
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from tests.benchmarks import recording


class Recording(recording.Recording):
    logs = (
        "bench_simple_history_historicalbook",
        "bench_simple_history_historicalnovel",
        "bench_simple_history_historicalchapter",
        "bench_simple_history_historicaltag",
        "bench_simple_history_historicalanthology",
    )

    @contextmanager
    def request(self) -> Iterator[None]:
        HistoricalRecords.context.request = HttpRequest()
        HistoricalRecords.context.request.user = self.user
        try:
            yield
        finally:
            del HistoricalRecords.context.request

    def bulk_create(self, model: type[models.Model], objects: list[Any]) -> None:
        bulk_create_with_history(objects, model, default_user=self.user)

    def bulk_update(self, model: type[models.Model], objects: list[Any], fields: Sequence[str]) -> None:
        bulk_update_with_history(objects, model, fields, default_user=self.user)
