"""What several apps share."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Currency(models.TextChoices):
    """The currencies we do business in."""

    EUR = "EUR", _("Euro")
    GBP = "GBP", _("Pound sterling")
    USD = "USD", _("US dollar")


class Record(models.Model):
    """A record that other systems refer to: its key says nothing, and the database knows when it was made."""

    id = models.UUIDField(_("ID"), primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)
    updated_at = models.DateTimeField(_("last changed"), auto_now=True)

    class Meta:
        abstract = True
