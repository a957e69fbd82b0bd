from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sample_project.common import Currency


class CategoryManager(models.Manager["Category"]):
    def get_by_natural_key(self, code: str) -> Category:
        return self.get(code=code)


class Category(models.Model):
    parent = models.ForeignKey(
        "self",
        verbose_name=_("within"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="children",
    )
    name = models.CharField(_("name"), max_length=80)
    code = models.CharField(_("code"), max_length=12, unique=True, help_text=_("As in the accounts."))

    objects = CategoryManager()

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["parent", "name"], name="assets_category_name", nulls_distinct=False
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str]:
        return (self.code,)


class Asset(models.Model):
    class Status(models.TextChoices):
        IN_STOCK = "in_stock", _("In stock")
        ON_LOAN = "on_loan", _("On loan")
        IN_REPAIR = "in_repair", _("In repair")
        RETIRED = "retired", _("Retired")

    inventory_number = models.CharField(_("inventory number"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=120)
    category = models.ForeignKey(
        Category, verbose_name=_("category"), on_delete=models.PROTECT, related_name="assets"
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.IN_STOCK)
    serial_number = models.CharField(_("serial number"), max_length=60, blank=True, db_column="serial_no")
    venue = models.ForeignKey(
        "places.Venue",
        verbose_name=_("kept at"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="assets",
    )
    purchased_on = models.DateField(_("bought on"), default=timezone.localdate)
    price = models.DecimalField(
        _("price"), max_digits=10, decimal_places=2, validators=[MinValueValidator(0)]
    )
    currency = models.CharField(_("currency"), max_length=3, choices=Currency, default=Currency.EUR)
    warranty = models.DurationField(
        _("warranty"), null=True, blank=True, help_text=_("For example 730 00:00:00 for two years.")
    )
    specifications = models.JSONField(_("specifications"), default=dict, blank=True)
    manual = models.FileField(_("manual"), upload_to="manuals/", blank=True)
    tags = models.ManyToManyField("people.Tag", verbose_name=_("tags"), blank=True, related_name="assets")
    notes = models.TextField(_("notes"), blank=True)

    class Meta:
        verbose_name = _("asset")
        verbose_name_plural = _("assets")
        ordering = ["inventory_number"]
        constraints = [models.CheckConstraint(condition=Q(price__gte=0), name="assets_asset_price")]

    def __str__(self) -> str:
        return f"{self.inventory_number} {self.name}"


class Laptop(Asset):
    processor = models.CharField(_("processor"), max_length=80)
    memory_gb = models.PositiveSmallIntegerField(_("memory (GB)"))
    recovery_secret = models.CharField(
        _("recovery secret"), max_length=80, blank=True, help_text=_("Unlocks the encrypted disk.")
    )

    class Meta:
        verbose_name = _("laptop")
        verbose_name_plural = _("laptops")


class Camera(Asset):
    lens_mount = models.CharField(_("lens mount"), max_length=30)
    megapixels = models.DecimalField(_("megapixels"), max_digits=5, decimal_places=1)
    shutter_count = models.PositiveIntegerField(_("shutter count"), default=0)

    class Meta:
        verbose_name = _("camera")
        verbose_name_plural = _("cameras")


class Loan(models.Model):
    asset = models.ForeignKey(Asset, verbose_name=_("asset"), on_delete=models.CASCADE, related_name="loans")
    borrower = models.ForeignKey(
        "people.Person", verbose_name=_("borrower"), on_delete=models.PROTECT, related_name="loans"
    )
    lent_at = models.DateTimeField(_("lent"), default=timezone.now)
    due_on = models.DateField(_("due on"))
    returned_at = models.DateTimeField(_("returned"), null=True, blank=True)
    condition = models.CharField(_("condition on return"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("loan")
        verbose_name_plural = _("loans")
        ordering = ["-lent_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["asset"],
                condition=Q(returned_at__isnull=True),
                name="assets_loan_one_at_a_time",
                violation_error_message=_("This asset is on loan already."),
            ),
            models.CheckConstraint(
                condition=Q(returned_at__isnull=True) | Q(returned_at__gte=F("lent_at")),
                name="assets_loan_in_order",
                violation_error_message=_("It can't come back before it was lent."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.asset} → {self.borrower}"
