"""A model for each of the log's, with the fields that its entries are about, tracked by both packages."""

from __future__ import annotations

import json
import os

import pghistory
from auditlog.registry import auditlog
from django.db import models

from tests.benchmarks.reading.peers import MODELS, name_of


class Record(models.Model):
    """What `month.sql` changes. Foreign keys are numbers: pghistory would index each of them."""

    status = models.CharField(max_length=20)
    title = models.CharField(max_length=100)
    notes = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    organisation = models.BigIntegerField()
    venue = models.BigIntegerField()
    price = models.DecimalField(max_digits=9, decimal_places=2)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.title


def track(label: str, uuid_keys: bool) -> type[Record]:
    """Make the model of a label, and its event model."""
    key = models.UUIDField(primary_key=True) if uuid_keys else models.BigAutoField(primary_key=True)
    model = type(name_of(label), (Record,), {"__module__": __name__, "id": key})
    pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())(model)
    auditlog.register(model)
    return model


TRACKED = {label: track(label, uuid_keys) for label, uuid_keys in json.loads(os.environ[MODELS]).items()}
