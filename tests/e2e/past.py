"""Some weeks of a log, for pictures: the demo's own is made within a second."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from django.db import connection
from django.utils import timezone

from audit_plugin.finder.ids import uuid_floor

DAYS = 24

COPY = """
    INSERT INTO audit_plugin_entry (id, context_id, occurred_at, operation, action, channel, model, object_id, object_repr,
                                    actor_id, tenant, changes, masked, details)
    SELECT given.id, context_id, given.moment, operation, action, channel, model, object_id, object_repr,
           actor_id, tenant, changes, masked, details
      FROM unnest(%s::uuid[], %s::timestamptz[], %s::int[]) AS given (id, moment, pick)
      JOIN (SELECT *, row_number() OVER (ORDER BY id) - 1 AS place, count(*) OVER () AS size FROM audit_plugin_entry
             WHERE model IN ('studio.submission', 'people.person', 'hiring.interview', 'assets.loan')) AS was
        ON was.place = given.pick %% was.size
"""


def live_through() -> None:
    """Copy entries into the past, more on working days than on Sundays."""
    random = Random(7)
    now = timezone.now()
    ids, moments, picks = [], [], []
    for day in range(1, DAYS):
        busy = (
            random.randint(200, 420) if (now - timedelta(days=day)).weekday() < 5 else random.randint(15, 60)
        )
        for _ in range(busy):
            moment = now.replace(hour=8) - timedelta(days=day, minutes=-random.triangular(0, 600, 240))
            ids.append(str(uuid_floor(moment))[:-12] + f"{random.getrandbits(48):012x}")
            moments.append(moment)
            picks.append(random.randrange(10_000))
    with connection.cursor() as cursor:
        cursor.execute(COPY, [ids, moments, picks])
