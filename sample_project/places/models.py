from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Continent(models.TextChoices):
    AFRICA = "AF", _("Africa")
    ANTARCTICA = "AN", _("Antarctica")
    ASIA = "AS", _("Asia")
    EUROPE = "EU", _("Europe")
    NORTH_AMERICA = "NA", _("North America")
    OCEANIA = "OC", _("Oceania")
    SOUTH_AMERICA = "SA", _("South America")


class Weekday(models.IntegerChoices):
    MONDAY = 1, _("Monday")
    TUESDAY = 2, _("Tuesday")
    WEDNESDAY = 3, _("Wednesday")
    THURSDAY = 4, _("Thursday")
    FRIDAY = 5, _("Friday")
    SATURDAY = 6, _("Saturday")
    SUNDAY = 7, _("Sunday")


class CountryManager(models.Manager["Country"]):
    def get_by_natural_key(self, code: str) -> Country:
        return self.get(code=code)


class Country(models.Model):
    code = models.CharField(_("code"), max_length=2, primary_key=True, help_text=_("ISO 3166-1 alpha-2."))
    name = models.CharField(_("name"), max_length=80, unique=True)
    continent = models.CharField(_("continent"), max_length=2, choices=Continent)
    currency_code = models.CharField(_("currency"), max_length=3, blank=True, help_text=_("ISO 4217."))

    objects = CountryManager()

    class Meta:
        verbose_name = _("country")
        verbose_name_plural = _("countries")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str]:
        return (self.code,)


class CityManager(models.Manager["City"]):
    def get_by_natural_key(self, geoname_id: int) -> City:
        return self.get(geoname_id=geoname_id)


class City(models.Model):
    geoname_id = models.PositiveIntegerField(
        _("GeoNames ID"), unique=True, help_text=_("The number of the place at geonames.org.")
    )
    name = models.CharField(_("name"), max_length=200)
    country = models.ForeignKey(
        Country, verbose_name=_("country"), on_delete=models.PROTECT, related_name="cities"
    )
    region = models.CharField(_("region code"), max_length=20, blank=True)
    latitude = models.DecimalField(_("latitude"), max_digits=8, decimal_places=5)
    longitude = models.DecimalField(_("longitude"), max_digits=8, decimal_places=5)
    population = models.PositiveIntegerField(_("population"), default=0)
    time_zone = models.CharField(_("time zone"), max_length=60)
    other_names = ArrayField(
        models.CharField(max_length=200), verbose_name=_("other names"), default=list, blank=True
    )

    objects = CityManager()

    class Meta:
        verbose_name = _("city")
        verbose_name_plural = _("cities")
        ordering = ["name"]
        indexes = [models.Index(fields=["name"], name="places_city_name")]
        constraints = [
            models.CheckConstraint(
                condition=Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="places_city_on_earth",
                violation_error_message=_("These coordinates aren't on Earth."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.country_id}"

    def natural_key(self) -> tuple[int]:
        return (self.geoname_id,)


class VenueManager(models.Manager["Venue"]):
    def get_by_natural_key(self, slug: str) -> Venue:
        return self.get(slug=slug)


class Venue(models.Model):
    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(_("short name"), unique=True, help_text=_("Part of the booking page's address."))
    city = models.ForeignKey(City, verbose_name=_("city"), on_delete=models.PROTECT, related_name="venues")
    street = models.CharField(_("street and number"), max_length=200)
    postal_code = models.CharField(_("postal code"), max_length=12, blank=True)
    capacity = models.PositiveSmallIntegerField(_("seats"), default=1)
    step_free = models.BooleanField(_("step-free access"), default=False)
    directions = models.TextField(_("directions"), blank=True, help_text=_("Sent with every invitation."))

    objects = VenueManager()

    class Meta:
        verbose_name = _("venue")
        verbose_name_plural = _("venues")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str]:
        return (self.slug,)


class OpeningHours(models.Model):
    pk = models.CompositePrimaryKey("venue_id", "weekday")
    venue = models.ForeignKey(
        Venue, verbose_name=_("venue"), on_delete=models.CASCADE, related_name="opening_hours"
    )
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=Weekday)
    opens = models.TimeField(_("opens"))
    closes = models.TimeField(_("closes"))

    class Meta:
        verbose_name = _("opening hours")
        verbose_name_plural = _("opening hours")
        ordering = ["venue", "weekday"]
        constraints = [
            models.CheckConstraint(condition=Q(closes__gt=F("opens")), name="places_hours_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.venue}: {self.get_weekday_display()} {self.opens:%H:%M} to {self.closes:%H:%M}"
