"""Every page of the product's admin opens for those who may see it, and for nobody else."""

from __future__ import annotations

from typing import ClassVar

from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sample_project.places.models import City, Country, OpeningHours, Venue
from sample_project.sample.accounts import PRODUCT_APPS, load_accounts
from sample_project.sample.history import load_history


class Pages(TestCase):
    users: ClassVar[dict[str, User]]

    @classmethod
    def setUpTestData(cls) -> None:
        berlin = Country.objects.create(code="DE", name="Germany", continent="EU")
        City.objects.create(
            geoname_id=2950159, name="Berlin", country=berlin, latitude="52.52437", longitude="13.41053"
        )
        cls.users = load_accounts()
        load_history(cls.users, lambda text: None)

    def pages(self) -> list[str]:
        found = []
        for model in admin.site._registry:
            name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
            changelist = reverse(f"{name}_changelist")
            found += [changelist, f"{changelist}?q=a"]
            if model._meta.app_label in PRODUCT_APPS:
                record = model._default_manager.order_by("pk").first()
                assert record is not None, f"the sample data has no {model._meta.label}"
                found.append(reverse(f"{name}_add"))
                found += [
                    reverse(f"{name}_{page}", args=[record.pk]) for page in ("change", "history", "delete")
                ]
        return found

    def test_they_open_for_the_admin(self) -> None:
        self.client.force_login(self.users["admin"])
        for url in self.pages():
            with self.subTest(url):
                self.assertEqual(self.client.get(url).status_code, 200)

    def test_they_send_strangers_to_the_sign_in_page(self) -> None:
        for url in self.pages():
            with self.subTest(url):
                response = self.client.get(url)
                self.assertEqual(response.status_code, 302)
                self.assertTrue(response["Location"].startswith(reverse("admin:login")))

    def test_changelists_make_no_query_for_each_row(self) -> None:
        self.client.force_login(self.users["admin"])
        for model in admin.site._registry:
            if model._meta.app_label not in PRODUCT_APPS:
                continue
            url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
            with self.subTest(url), CaptureQueriesContext(connection) as queries:
                self.client.get(url)
            self.assertLess(len(queries), 15, url)

    def test_every_model_of_the_product_has_its_pages(self) -> None:
        missing = {
            model
            for label in PRODUCT_APPS
            for model in apps.get_app_config(label).get_models()
            if model not in admin.site._registry
        }
        # These are edited within their parents' pages; the last has a composite key, which the admin refuses.
        self.assertEqual({model.__name__ for model in missing}, {"Membership", "Panelist", "OpeningHours"})

    def test_a_venue_shows_its_opening_hours(self) -> None:
        self.client.force_login(self.users["admin"])
        venue = Venue.objects.get(slug="daylight-room")
        friday = OpeningHours.objects.get(pk=(venue.pk, 5))
        self.assertEqual(str(friday), f"{venue}: Friday 09:00 to 14:00")
        response = self.client.get(reverse("admin:places_venue_change", args=[venue.pk]))
        self.assertContains(response, "<div>Friday: 09:00 to 14:00</div>", html=True)

    def test_secrets_are_on_no_page(self) -> None:
        self.client.force_login(self.users["admin"])
        person = self.users["mira"].person
        for url in (
            reverse("admin:people_person_changelist"),
            reverse("admin:people_person_change", args=[person.pk]),
        ):
            self.assertNotContains(self.client.get(url), person.api_token)

    def test_the_home_page_opens_in_each_direction_of_writing(self) -> None:
        for language, direction in (("en-gb", "ltr"), ("ar", "rtl")):
            response = self.client.get("/", headers={"accept-language": language})
            self.assertContains(response, f'<html lang="{language}" dir="{direction}">')
