from __future__ import annotations

import secrets
import uuid

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Concat, Lower, Now, Trim
from django.utils.translation import gettext_lazy as _

from sample_project.common import Currency, Record


def new_token() -> str:
    return f"sd_{secrets.token_urlsafe(24)}"


class OrganisationManager(models.Manager["Organisation"]):
    def get_by_natural_key(self, slug: str) -> Organisation:
        return self.get(slug=slug)


class Organisation(Record):
    class Plan(models.TextChoices):
        TRIAL = "trial", _("Trial")
        TEAM = "team", _("Team")
        ENTERPRISE = "enterprise", _("Enterprise")

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(_("short name"), unique=True)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("belongs to"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="subsidiaries",
    )
    plan = models.CharField(_("plan"), max_length=12, choices=Plan, default=Plan.TRIAL)
    monthly_fee = models.DecimalField(_("monthly fee"), max_digits=9, decimal_places=2, default=0)
    currency = models.CharField(_("currency"), max_length=3, choices=Currency, default=Currency.EUR)
    preferences = models.JSONField(
        _("preferences"), default=dict, blank=True, help_text=_("Branding and defaults, as JSON.")
    )

    objects = OrganisationManager()

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")), name="people_organisation_not_its_own"
            ),
            models.CheckConstraint(condition=Q(monthly_fee__gte=0), name="people_organisation_fee"),
        ]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str]:
        return (self.slug,)


class TagManager(models.Manager["Tag"]):
    def get_by_natural_key(self, name: str) -> Tag:
        return self.get(name=name)


class Tag(models.Model):
    name = models.CharField(_("name"), max_length=40, unique=True)
    colour = models.CharField(
        _("colour"),
        max_length=7,
        default="#607d8b",
        validators=[RegexValidator(r"^#[0-9a-f]{6}$", _("Write it like #607d8b."))],
    )

    objects = TagManager()

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str]:
        return (self.name,)


class Person(Record):
    class Role(models.TextChoices):
        MEMBER = "member", _("Member")
        PHOTOGRAPHER = "photographer", _("Photographer")
        INTERVIEWER = "interviewer", _("Interviewer")
        COORDINATOR = "coordinator", _("Coordinator")

    organisation = models.ForeignKey(
        Organisation, verbose_name=_("organisation"), on_delete=models.PROTECT, related_name="people"
    )
    account = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("account"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="person",
        help_text=_("The account this person signs in with, if any."),
    )
    given_name = models.CharField(_("given name"), max_length=80)
    family_name = models.CharField(_("family name"), max_length=80, blank=True)
    full_name = models.GeneratedField(
        expression=Trim(Concat(F("given_name"), Value(" "), F("family_name"))),
        output_field=models.CharField(max_length=161),
        db_persist=True,
        verbose_name=_("name"),
    )
    role = models.CharField(_("role"), max_length=14, choices=Role, default=Role.MEMBER)
    email = models.EmailField(_("email address"))
    phone = models.CharField(_("phone"), max_length=30, blank=True)
    birth_date = models.DateField(_("date of birth"), null=True, blank=True)
    national_id = models.CharField(
        _("national ID number"), max_length=30, blank=True, help_text=_("Printed on the card.")
    )
    street = models.CharField(_("street and number"), max_length=200, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=12, blank=True)
    city = models.ForeignKey(
        "places.City",
        verbose_name=_("city"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="residents",
    )
    photo = models.FileField(_("photo"), upload_to="people/", blank=True)
    manager = models.ForeignKey(
        "self",
        verbose_name=_("reports to"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="reports",
    )
    day_rate = models.DecimalField(
        _("day rate"),
        max_digits=9,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    currency = models.CharField(_("currency"), max_length=3, choices=Currency, default=Currency.EUR)
    tags = models.ManyToManyField(Tag, verbose_name=_("tags"), blank=True, related_name="people")
    preferences = models.JSONField(
        _("preferences"), default=dict, blank=True, encoder=DjangoJSONEncoder, help_text=_("As JSON.")
    )
    api_token = models.CharField(
        _("API token"), max_length=64, default=new_token, unique=True, help_text=_("For the capture app.")
    )
    consent_until = models.DateField(
        _("consent until"), null=True, blank=True, help_text=_("After this day the photo has to go.")
    )
    is_active = models.BooleanField(_("active"), db_default=True)

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["family_name", "given_name"]
        constraints = [
            models.UniqueConstraint(
                F("organisation"),
                Lower("email"),
                name="people_person_email",
                violation_error_message=_("Somebody in this organisation already has this address."),
            ),
            models.CheckConstraint(
                condition=Q(day_rate__isnull=True) | Q(day_rate__gte=0), name="people_person_day_rate"
            ),
        ]
        permissions = [("erase_person", _("Can erase a person's data"))]

    def __str__(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()


class ContactGroup(models.Model):
    organisation = models.ForeignKey(
        Organisation, verbose_name=_("organisation"), on_delete=models.CASCADE, related_name="groups"
    )
    name = models.CharField(_("name"), max_length=80)
    description = models.TextField(_("description"), blank=True)
    members = models.ManyToManyField(
        Person, verbose_name=_("members"), through="Membership", related_name="contact_groups"
    )

    class Meta:
        verbose_name = _("contact group")
        verbose_name_plural = _("contact groups")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name"], name="people_group_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    class Role(models.TextChoices):
        MEMBER = "member", _("Member")
        LEAD = "lead", _("Lead")
        GUEST = "guest", _("Guest")

    group = models.ForeignKey(
        ContactGroup, verbose_name=_("group"), on_delete=models.CASCADE, related_name="memberships"
    )
    person = models.ForeignKey(
        Person, verbose_name=_("person"), on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(_("role"), max_length=8, choices=Role, default=Role.MEMBER)
    joined_at = models.DateTimeField(_("joined"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(fields=["group", "person"], name="people_membership_once"),
        ]

    def __str__(self) -> str:
        return f"{self.person} ({self.get_role_display()})"


class WalletPass(models.Model):
    person = models.OneToOneField(
        Person,
        verbose_name=_("person"),
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="wallet_pass",
    )
    serial = models.UUIDField(_("serial number"), default=uuid.uuid4, unique=True, editable=False)
    signing_key = models.CharField(_("signing key"), max_length=64, default=new_token)
    issued_at = models.DateTimeField(_("issued"), db_default=Now(), editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("wallet pass")
        verbose_name_plural = _("wallet passes")
        ordering = ["-issued_at"]

    def __str__(self) -> str:
        return str(self.serial)
