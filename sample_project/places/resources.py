# mypy: disable-error-code="no-untyped-call"
# django-import-export has no types.
from __future__ import annotations

from import_export import resources
from import_export.fields import Field
from import_export.widgets import CachedForeignKeyWidget, SimpleArrayWidget

from sample_project.places.models import City, Country


class CountryResource(resources.ModelResource):
    class Meta:
        model = Country
        import_id_fields = ["code"]
        fields = ["code", "name", "continent", "currency_code"]
        skip_unchanged = True


class CityResource(resources.ModelResource):
    country = Field("country", "country", CachedForeignKeyWidget(Country, "code"))
    # A name may hold a comma: 'Washington, D.C.'.
    other_names = Field("other_names", "other_names", SimpleArrayWidget(separator="|"))

    class Meta:
        model = City
        import_id_fields = ["geoname_id"]
        fields = [
            "geoname_id",
            "name",
            "country",
            "region",
            "latitude",
            "longitude",
            "population",
            "time_zone",
            "other_names",
        ]
        skip_unchanged = True
