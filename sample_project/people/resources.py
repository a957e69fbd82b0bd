# mypy: disable-error-code="no-untyped-call"
# django-import-export has no types.
from __future__ import annotations

from import_export import resources
from import_export.fields import Field
from import_export.widgets import ForeignKeyWidget, ManyToManyWidget

from sample_project.people.models import Organisation, Person, Tag


class PersonResource(resources.ModelResource):
    organisation = Field("organisation", "organisation", ForeignKeyWidget(Organisation, "slug"))
    tags = Field("tags", "tags", ManyToManyWidget(Tag, field="name", separator="|"))

    class Meta:
        model = Person
        import_id_fields = ["organisation", "email"]
        # Tokens and ID numbers don't travel in spreadsheets.
        fields = [
            "organisation",
            "email",
            "given_name",
            "family_name",
            "role",
            "phone",
            "birth_date",
            "day_rate",
            "currency",
            "tags",
            "is_active",
        ]
        skip_unchanged = True
