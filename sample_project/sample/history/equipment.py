"""The studio's cameras and laptops, and who has them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from random import Random

from django.contrib.auth.models import User
from django.utils import timezone

import audit_plugin
from sample_project.assets.models import Asset, Camera, Category, Laptop, Loan
from sample_project.people.models import Person, Tag
from sample_project.places.models import City, OpeningHours, Venue
from sample_project.sample.history.acting import acting


def load_equipment(users: dict[str, User], people: list[Person], random: Random) -> list[Camera]:
    """Create venues and assets, lend them, and let them age.

    Returns:
        The cameras.
    """
    with acting(users["admin"], "venue-setup"):
        studio, hall = _venues()
    with acting(users["admin"], "inventory"):
        cameras, laptops = _assets(studio)
        fragile = Tag.objects.create(name="Fragile", colour="#f57c00")
        cameras[0].tags.add(fragile)
    with acting(users["mira"], "lending-desk"):
        _loans(cameras, laptops, people, random)
    with acting(users["admin"], "stocktaking"):
        for camera in cameras:
            camera.shutter_count += random.randrange(2_000, 9_000)
        Camera.objects.bulk_update(cameras, ["shutter_count"])
        Asset.objects.filter(inventory_number__in=["CAM-003", "LAP-002"]).update(venue=hall)
        laptops[0].recovery_secret = "9F2C-77A1-0D4E"
        laptops[0].specifications["disk_gb"] = 2048
        laptops[0].save()
        laptops.pop().delete()
    return cameras


def _venues() -> tuple[Venue, Venue]:
    city = City.objects.filter(name="Berlin").first() or City.objects.earliest("pk")
    studio = Venue.objects.create(
        name="Northlight Studio, daylight room",
        slug="daylight-room",
        city=city,
        street="Lindenstraße 8",
        postal_code="10969",
        capacity=6,
        step_free=True,
    )
    hall = Venue.objects.create(
        name="Harbour University, main hall",
        slug="main-hall",
        city=city,
        street="Harbour View 1",
        capacity=120,
    )
    OpeningHours.objects.bulk_create(
        OpeningHours(venue=studio, weekday=day, opens="09:00", closes="18:00") for day in range(1, 6)
    )
    OpeningHours.objects.filter(venue=studio, weekday=5).update(closes="14:00")
    hall.directions = "Tram 4 to Harbour, then through the arch."
    hall.save()
    return studio, hall


def _assets(studio: Venue) -> tuple[list[Camera], list[Laptop]]:
    equipment = Category.objects.create(name="Equipment", code="EQ")
    imaging = Category.objects.create(name="Imaging", code="EQ-IMG", parent=equipment)
    computers = Category.objects.create(name="Computers", code="EQ-PC", parent=equipment)
    bought = timezone.localdate() - timedelta(days=400)
    cameras = [
        Camera.objects.create(
            inventory_number=f"CAM-{number:03}",
            name=name,
            category=imaging,
            serial_number=f"SN{number}0{number}7731",
            venue=studio,
            purchased_on=bought + timedelta(days=30 * number),
            price=Decimal(price),
            warranty=timedelta(days=730),
            lens_mount=mount,
            megapixels=Decimal(megapixels),
        )
        for number, (name, price, mount, megapixels) in enumerate(
            [
                ("Portrait camera A", "2799.00", "RF", "24.2"),
                ("Portrait camera B", "2799.00", "RF", "24.2"),
                ("Travel camera", "1190.00", "E", "26.1"),
            ],
            start=1,
        )
    ]
    laptops = [
        Laptop.objects.create(
            inventory_number=f"LAP-{number:03}",
            name="Editing laptop",
            category=computers,
            venue=studio,
            purchased_on=bought,
            price=Decimal("1849.90"),
            processor="8 cores",
            memory_gb=32,
            recovery_secret=f"0000-{number:04}",
            specifications={"disk_gb": 1024, "ports": ["USB-C", "HDMI"]},
        )
        for number in range(1, 4)
    ]
    return cameras, laptops


def _loans(cameras: list[Camera], laptops: list[Laptop], people: list[Person], random: Random) -> None:
    now = timezone.now()
    for asset in [*cameras, *laptops[:2]]:
        borrower = random.choice(people[:4])
        lent = now - timedelta(days=random.randrange(20, 90))
        loan = Loan.objects.create(
            asset=asset, borrower=borrower, lent_at=lent, due_on=lent.date() + timedelta(days=7)
        )
        with audit_plugin.recording(
            "hardware.assigned", asset, related=[borrower], details={"borrower": str(borrower)}
        ):
            asset.status = Asset.Status.ON_LOAN
            asset.save()
        if asset is not cameras[2]:
            loan.returned_at = lent + timedelta(days=random.randrange(1, 12))
            loan.condition = "scratch on the base plate" if asset is cameras[1] else ""
            loan.save()
            asset.status = Asset.Status.IN_STOCK
            with audit_plugin.recording("hardware.returned", asset, related=[borrower]):
                asset.save()
