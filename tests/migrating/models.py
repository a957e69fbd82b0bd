"""An app whose migrations do to a recorded table all that migrations do, with writes in between.

With `MIGRATING=old` in the environment, the code is of the time of the first migration.
"""

import os

from django.db import models

import audit_plugin

if os.environ.get("MIGRATING") == "old":

    @audit_plugin.track(secrets=["pin"])
    class Note(models.Model):
        title = models.CharField(max_length=50)
        body = models.TextField()
        pin = models.CharField(max_length=50)

else:

    @audit_plugin.track(secrets=["code"])
    class Note(models.Model):
        headline = models.CharField(max_length=50)
        code = models.CharField(max_length=50, blank=True)
        rating = models.IntegerField(default=3)
        extra_pin = models.CharField(max_length=50, default="")

        class Meta:
            db_table = "migrating_paper"
