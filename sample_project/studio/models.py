from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from sample_project.common import Record


class CardTemplate(models.Model):
    organisation = models.ForeignKey(
        "people.Organisation",
        verbose_name=_("organisation"),
        on_delete=models.CASCADE,
        related_name="card_templates",
    )
    name = models.CharField(_("name"), max_length=80)
    layout = models.JSONField(_("layout"), default=dict, blank=True, help_text=_("Positions in millimetres."))
    background = models.FileField(_("background"), upload_to="templates/", blank=True)

    class Meta:
        verbose_name = _("card template")
        verbose_name_plural = _("card templates")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name"], name="studio_template_name"),
        ]

    def __str__(self) -> str:
        return self.name


class PhotoSession(Record):
    class Status(models.TextChoices):
        PLANNED = "planned", _("Planned")
        OPEN = "open", _("Open")
        CLOSED = "closed", _("Closed")
        ARCHIVED = "archived", _("Archived")

    organisation = models.ForeignKey(
        "people.Organisation",
        verbose_name=_("organisation"),
        on_delete=models.PROTECT,
        related_name="photo_sessions",
    )
    title = models.CharField(_("title"), max_length=120)
    venue = models.ForeignKey(
        "places.Venue",
        verbose_name=_("venue"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="photo_sessions",
    )
    template = models.ForeignKey(
        CardTemplate,
        verbose_name=_("card template"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="photo_sessions",
    )
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.PLANNED)
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    photographer = models.ForeignKey(
        "people.Person",
        verbose_name=_("photographer"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="sessions_photographed",
    )
    cameras = models.ManyToManyField(
        "assets.Camera", verbose_name=_("cameras"), blank=True, related_name="photo_sessions"
    )
    invited = models.ManyToManyField(
        "people.Person", verbose_name=_("invited"), blank=True, related_name="photo_sessions"
    )

    class Meta:
        verbose_name = _("photo session")
        verbose_name_plural = _("photo sessions")
        ordering = ["-starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="studio_session_in_order",
                violation_error_message=_("A session has to end after it starts."),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Submission(Record):
    class State(models.TextChoices):
        PENDING = "pending", _("Pending")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")

    session = models.ForeignKey(
        PhotoSession, verbose_name=_("session"), on_delete=models.CASCADE, related_name="submissions"
    )
    person = models.ForeignKey(
        "people.Person", verbose_name=_("person"), on_delete=models.CASCADE, related_name="submissions"
    )
    attempt = models.PositiveSmallIntegerField(_("attempt"), default=1)
    photo = models.FileField(_("photo"), upload_to="submissions/", blank=True)
    quality = models.DecimalField(
        _("quality"),
        max_digits=4,
        decimal_places=3,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
        help_text=_("From 0 to 1, as measured by the capture app."),
    )
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.PENDING)
    rejection_reason = models.CharField(_("reason for rejection"), max_length=200, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("reviewed by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="reviewed_submissions",
    )

    class Meta:
        verbose_name = _("submission")
        verbose_name_plural = _("submissions")
        ordering = ["session", "person", "attempt"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "person", "attempt"], name="studio_submission_attempt"
            ),
            models.CheckConstraint(
                condition=~Q(state="rejected") | ~Q(rejection_reason=""),
                name="studio_submission_reason",
                violation_error_message=_("Say why the photo is rejected."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.session}"


class Changeset(models.Model):
    class State(models.TextChoices):
        GENERATED = "generated", _("Generated")
        APPLIED = "applied", _("Applied")
        ROLLED_BACK = "rolled_back", _("Rolled back")

    session = models.ForeignKey(
        PhotoSession, verbose_name=_("session"), on_delete=models.CASCADE, related_name="changesets"
    )
    number = models.PositiveIntegerField(_("number"))
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.GENERATED)
    operations = models.JSONField(
        _("operations"), default=list, blank=True, help_text=_("What it does to the master list.")
    )
    applied_at = models.DateTimeField(_("applied"), null=True, blank=True)

    class Meta:
        verbose_name = _("changeset")
        verbose_name_plural = _("changesets")
        ordering = ["session", "number"]
        constraints = [
            models.UniqueConstraint(fields=["session", "number"], name="studio_changeset_number"),
        ]

    def __str__(self) -> str:
        return f"{self.session} #{self.number}"
