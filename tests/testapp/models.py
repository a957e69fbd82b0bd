"""Models that together have every trait that capture has to cope with."""

import uuid

from django.contrib.postgres.fields import ArrayField, DateRangeField
from django.db import models
from django.db.models.functions import Now

import audit_plugin


class Tag(models.Model):
    name = models.CharField(max_length=50, unique=True)

    def __str__(self):
        return self.name


class Author(models.Model):
    name = models.CharField(max_length=100)
    api_token = models.CharField(max_length=100, blank=True)

    def __str__(self):
        return self.name


@audit_plugin.track(label="{title} ({isbn})", exclude=["views"], secrets=["pin"])
class Book(models.Model):
    title = models.CharField(max_length=200)
    isbn = models.CharField(max_length=20, blank=True)
    author = models.ForeignKey(Author, models.CASCADE, null=True, related_name="books")
    price = models.DecimalField(max_digits=10, decimal_places=2, default=0)
    published = models.DateField(null=True)
    data = models.JSONField(default=dict)
    cover = models.FileField(upload_to="covers", blank=True)
    pin = models.CharField(max_length=10, blank=True)
    views = models.IntegerField(default=0)
    created = models.DateTimeField(auto_now_add=True)
    tags = models.ManyToManyField(Tag, related_name="books")
    readers = models.ManyToManyField(Author, through="Reading", related_name="read")

    def __str__(self):
        return self.title


class Reading(models.Model):
    """A many-to-many table of its own."""

    book = models.ForeignKey(Book, models.CASCADE)
    reader = models.ForeignKey(Author, models.CASCADE)
    stars = models.IntegerField(default=0)


class Category(models.Model):
    name = models.CharField(max_length=50)
    parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="children")
    related = models.ManyToManyField("self")


class Place(models.Model):
    name = models.CharField(max_length=50)


class Restaurant(Place):
    stars = models.IntegerField(default=0)


class Ticket(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    title = models.CharField(max_length=50)


class Country(models.Model):
    code = models.CharField(max_length=2, primary_key=True)
    name = models.CharField(max_length=50)


class OrderLine(models.Model):
    pk = models.CompositePrimaryKey("order", "position")
    order = models.CharField(max_length=10)
    position = models.IntegerField()
    quantity = models.IntegerField()


class Parcel(models.Model):
    width = models.IntegerField()
    height = models.IntegerField()
    area = models.GeneratedField(
        expression=models.F("width") * models.F("height"), output_field=models.IntegerField(), db_persist=True
    )
    registered = models.DateTimeField(db_default=Now())
    state = models.CharField(max_length=10, db_default="new")


class Legacy(models.Model):
    """Quoted names in a schema outside the search path."""

    number = models.AutoField(primary_key=True, db_column="No.")
    full_name = models.CharField(max_length=50, db_column="Full Name")

    class Meta:
        managed = False
        db_table = '"Odd Schema"."It\'s a Table"'


class Measurement(models.Model):
    """A partitioned table, made by hand."""

    sensor = models.CharField(max_length=10)
    year = models.IntegerField()
    value = models.IntegerField()

    class Meta:
        managed = False
        db_table = "testapp_measurement"


class Exotic(models.Model):
    """Types that Django knows."""

    duration = models.DurationField(null=True)
    blob = models.BinaryField(null=True)
    ratio = models.FloatField(null=True)
    address = models.GenericIPAddressField(null=True)
    at = models.TimeField(null=True)
    moment = models.DateTimeField(null=True)
    numbers = ArrayField(models.IntegerField(), null=True)
    period = DateRangeField(null=True)
    flag = models.BooleanField(null=True)
    big = models.BigIntegerField(null=True)


class Untracked(models.Model):
    name = models.CharField(max_length=50)
