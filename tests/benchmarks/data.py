"""What is written: volumes as a library has them."""

from __future__ import annotations

import datetime
import random
from decimal import Decimal
from typing import Any

#: About what a blurb has. Real text doesn't compress as well as one sentence repeated.
_TEXT = (
    "after an accident at sea a young engineer returns to the village of her childhood and finds that nobody there "
    "remembers the winter in which the harbour froze as she does letters in the attic of a house that was sold long "
    "ago lead her to a photograph two names and a debt which three families have kept quiet for forty years"
)
WORDS = _TEXT.split()


def values(number: int) -> dict[str, Any]:
    """Return the columns of one volume, the same for the same number."""
    draw = random.Random(number)
    return {
        "title": " ".join(draw.sample(WORDS, 4)).capitalize(),
        "isbn": f"978-{number % 10**10:010d}",
        "author": " ".join(draw.sample(WORDS, 2)).title(),
        "price": Decimal(draw.randrange(500, 5000)) / 100,
        "pages": draw.randrange(80, 900),
        "published": datetime.date(1990, 1, 1) + datetime.timedelta(days=draw.randrange(12_000)),
        "in_print": draw.random() < 0.8,
        "rating": round(draw.uniform(1, 5), 1),
        "attributes": {
            "format": draw.choice(["paperback", "hardcover"]),
            "languages": draw.sample(["en", "de", "fr"], 2),
        },
        "summary": " ".join(draw.choices(WORDS, k=40)).capitalize() + ".",
        "created": datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)
        + datetime.timedelta(seconds=draw.randrange(10**7)),
    }
