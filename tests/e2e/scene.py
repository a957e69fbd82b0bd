"""What the browser tests look for beside the demo's own data: `python -m tests.e2e.scene`.

Prints the keys of the records as JSON.
"""

from __future__ import annotations

import json
import os
import sys

import django
import psycopg

MARKUP = "Zoë <script>document.title='broken'</script> & Söhne"


def act() -> dict[str, str]:
    """Do things worth looking at; return the keys of what they were done to."""
    from django.contrib.auth.models import User
    from django.db import connection

    import audit_plugin
    from audit_plugin.events import Event, write_event
    from sample_project.hiring.models import Evaluation
    from sample_project.people.models import Organisation, Person, Tag
    from sample_project.places.models import City
    from tests.e2e.histories import worth_restoring
    from tests.e2e.past import live_through

    if "SCREENSHOTS" in os.environ:
        live_through()

    ada, edith = (User.objects.get(username=name) for name in ("admin", "editor"))
    keys = {}
    with audit_plugin.context(actor=edith, source="web", name="tags"):
        Tag.objects.bulk_create(Tag(name=f"Page {number:03}") for number in range(120))
        gone = Tag.objects.create(name="Gone for good")
        keys["gone"] = str(gone.pk)
        gone.delete()
    with audit_plugin.context(actor=edith, source="web", name="people", request_id="scene-request"):
        lumen = Organisation.objects.create(
            name="Lumen Works",
            slug="lumen",
            preferences={"brand": {"colour": "#123456", "logo": None}, "days": [1, 2]},
        )
        person = Person.objects.create(organisation=lumen, given_name=MARKUP, email="zoe@lumen.example")
        person.tags.set(Tag.objects.filter(name__in=["Page 001", "Page 002"]))
        lumen.preferences = {"brand": {"colour": "#abcdef", "logo": None}, "days": [1, 2, 3]}
        lumen.plan = Organisation.Plan.ENTERPRISE
        lumen.save()
        person.tags.set(Tag.objects.filter(name__in=["Page 002", "Page 003"]))
        person.city = City.objects.order_by("pk").first()
        person.phone = "+49 30 1234"
        person.save()
    keys |= {"organisation": str(lumen.pk), "person": str(person.pk)}
    with audit_plugin.context(actor=ada, source="web", name="evaluations"):
        evaluation = Evaluation.objects.order_by("pk").first()
        assert evaluation is not None
        evaluation.comment = (
            "She answered calmly, and with a sense for what matters to the people in front of her camera."
        )
        evaluation.save()
        evaluation.comment = (
            "She answered quickly, and with a fine sense for what matters to people in front of her camera."
        )
        evaluation.save()
        keys["evaluation"] = str(evaluation.pk)
    with audit_plugin.context(actor="settings import", source="process", name="import"):
        vast = Organisation.objects.create(name="Vast Windows", slug="vast", preferences={})
        for step in (0, 1):
            vast.preferences = {f"window {number}": number + step for number in range(300)}
            vast.save()
        keys["vast"] = str(vast.pk)
    with audit_plugin.context(actor="nightly billing", source="process", name="dunning"):
        lumen.monthly_fee = 120
        lumen.save()
    with audit_plugin.context(actor=None, source="process", name="prune"):
        write_event(Event("audit.pruned", "audit", details={"rows": 17, "before": "2025-01-01"}))
    with audit_plugin.context(actor=ada, source="web", name="login"):
        write_event(Event("auth.login_failed", "auth", outcome="denied", reason="wrong password"))
        write_event(Event.about(person, "photo.approved", "data", details={"session": "Autumn"}))
    keys |= worth_restoring(ada, edith)
    # As somebody with psql would, past the application.
    given = connection.settings_dict
    with psycopg.connect(
        host=given["HOST"],
        port=given["PORT"] or None,
        user=given["USER"],
        password=given["PASSWORD"],
        dbname=given["NAME"],
    ) as outside:
        outside.execute("UPDATE people_tag SET colour = '#00ff00' WHERE name = 'Page 009'")
    return keys


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.e2e.settings")
    django.setup()
    json.dump(act(), sys.stdout)
