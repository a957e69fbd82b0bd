from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sample_project.common import Currency, Record


class CampaignManager(models.Manager["Campaign"]):
    def get_by_natural_key(self, code: str) -> Campaign:
        return self.get(code=code)


class Campaign(models.Model):
    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        RUNNING = "running", _("Running")
        CLOSED = "closed", _("Closed")

    organisation = models.ForeignKey(
        "people.Organisation",
        verbose_name=_("organisation"),
        on_delete=models.PROTECT,
        related_name="campaigns",
    )
    code = models.CharField(_("code"), max_length=20, unique=True)
    title = models.CharField(_("title"), max_length=120)
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.DRAFT)
    budget = models.DecimalField(_("budget"), max_digits=12, decimal_places=2, default=0)
    currency = models.CharField(_("currency"), max_length=3, choices=Currency, default=Currency.EUR)
    opens_on = models.DateField(_("opens on"))
    closes_on = models.DateField(_("closes on"), null=True, blank=True)
    questions = models.JSONField(_("questions"), default=list, blank=True)

    objects = CampaignManager()

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering = ["-opens_on"]

    def __str__(self) -> str:
        return self.title

    def natural_key(self) -> tuple[str]:
        return (self.code,)


class Candidate(Record):
    class Stage(models.TextChoices):
        APPLIED = "applied", _("Applied")
        SCREENING = "screening", _("Screening")
        INTERVIEW = "interview", _("Interview")
        OFFER = "offer", _("Offer")
        HIRED = "hired", _("Hired")
        DECLINED = "declined", _("Declined")

    campaign = models.ForeignKey(
        Campaign, verbose_name=_("campaign"), on_delete=models.CASCADE, related_name="candidates"
    )
    name = models.CharField(_("name"), max_length=160)
    email = models.EmailField(_("email address"))
    phone = models.CharField(_("phone"), max_length=30, blank=True)
    stage = models.CharField(_("stage"), max_length=10, choices=Stage, default=Stage.APPLIED)
    cv = models.FileField(_("CV"), upload_to="cv/", blank=True)
    answers = models.JSONField(_("answers"), default=dict, blank=True)
    tags = models.ManyToManyField("people.Tag", verbose_name=_("tags"), blank=True, related_name="candidates")

    class Meta:
        verbose_name = _("candidate")
        verbose_name_plural = _("candidates")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "email"], name="hiring_candidate_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Interview(Record):
    class Status(models.TextChoices):
        BOOKED = "booked", _("Booked")
        HELD = "held", _("Held")
        CANCELLED = "cancelled", _("Cancelled")
        NO_SHOW = "no_show", _("No-show")

    candidate = models.ForeignKey(
        Candidate, verbose_name=_("candidate"), on_delete=models.CASCADE, related_name="interviews"
    )
    interviewers = models.ManyToManyField(
        "people.Person", verbose_name=_("interviewers"), through="Panelist", related_name="interviews"
    )
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.BOOKED)
    starts_at = models.DateTimeField(_("starts"))
    duration = models.DurationField(_("duration"))
    venue = models.ForeignKey(
        "places.Venue",
        verbose_name=_("venue"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="interviews",
        help_text=_("Empty for a video call."),
    )
    meeting_url = models.URLField(_("video call"), blank=True)
    recording = models.FileField(_("recording"), upload_to="recordings/", blank=True)

    class Meta:
        verbose_name = _("interview booking")
        verbose_name_plural = _("interview bookings")
        ordering = ["-starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(venue__isnull=False) | ~Q(meeting_url=""),
                name="hiring_interview_somewhere",
                violation_error_message=_("Give a venue or the address of a video call."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.candidate}, {self.starts_at:%Y-%m-%d %H:%M}"


class Panelist(models.Model):
    class Role(models.TextChoices):
        LEAD = "lead", _("Leads")
        PANEL = "panel", _("Asks")
        OBSERVER = "observer", _("Observes")

    interview = models.ForeignKey(
        Interview, verbose_name=_("interview"), on_delete=models.CASCADE, related_name="panel"
    )
    person = models.ForeignKey(
        "people.Person", verbose_name=_("interviewer"), on_delete=models.CASCADE, related_name="panels"
    )
    role = models.CharField(_("role"), max_length=8, choices=Role, default=Role.PANEL)

    class Meta:
        verbose_name = _("interviewer")
        verbose_name_plural = _("interviewers")
        constraints = [
            models.UniqueConstraint(fields=["interview", "person"], name="hiring_panelist_once"),
        ]

    def __str__(self) -> str:
        return f"{self.person} ({self.get_role_display()})"


class Evaluation(models.Model):
    class Recommendation(models.TextChoices):
        YES = "yes", _("Yes")
        NO = "no", _("No")
        UNSURE = "unsure", _("Unsure")

    interview = models.ForeignKey(
        Interview, verbose_name=_("interview"), on_delete=models.CASCADE, related_name="evaluations"
    )
    interviewer = models.ForeignKey(
        "people.Person", verbose_name=_("interviewer"), on_delete=models.PROTECT, related_name="evaluations"
    )
    rating = models.PositiveSmallIntegerField(
        _("rating"), validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    recommendation = models.CharField(_("recommendation"), max_length=6, choices=Recommendation)
    scores = models.JSONField(_("scores"), default=dict, blank=True)
    comment = models.TextField(_("comment"), blank=True)
    approved = models.BooleanField(_("approved"), default=False)

    class Meta:
        verbose_name = _("evaluation")
        verbose_name_plural = _("evaluations")
        constraints = [
            models.UniqueConstraint(fields=["interview", "interviewer"], name="hiring_evaluation_once"),
            models.CheckConstraint(condition=Q(rating__range=(1, 5)), name="hiring_evaluation_rating"),
        ]

    def __str__(self) -> str:
        return f"{self.interviewer}: {self.get_recommendation_display()}"
