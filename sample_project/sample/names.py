"""Names and addresses of people who don't exist, the same on every run."""

from __future__ import annotations

import base64
from random import Random
from typing import NamedTuple

GIVEN = [
    "Amina",
    "Björn",
    "Chiara",
    "Dmitri",
    "Eilidh",
    "Farid",
    "Grete",
    "Hiro",
    "Inés",
    "Jakub",
    "Kaja",
    "Léa",
    "Mohammed",
    "Nadia",
    "Oskar",
    "Priya",
    "Quentin",
    "Rosa",
    "Søren",
    "Thandi",
    "Uma",
    "Viktor",
    "Wen",
    "Yusuf",
    "ليلى",
    "李娜",
]
FAMILY = [
    "Abebe",
    "Bianchi",
    "Çelik",
    "Dubois",
    "Eriksson",
    "Fischer",
    "García",
    "Hoang",
    "Ivanova",
    "Jansen",
    "Kowalski",
    "Lehmann",
    "MacLeod",
    "Nakamura",
    "O'Brien",
    "Pereira",
    "Quispe",
    "Rossi",
    "Schmidt",
    "Tanaka",
    "Usman",
    "Virtanen",
    "Weiß",
    "Xu",
    "Zielińska",
    "الحسن",
]
STREETS = ["Station Road", "Rue des Lilas", "Lindenstraße", "Calle Mayor", "Via Roma", "Harbour View"]

# One grey dot: a valid PNG is all that the sample's photos need to be.
PHOTO = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGPoAAAAigCJ/xNBzgAAAABJRU5ErkJggg=="
)


class Name(NamedTuple):
    given: str
    family: str


def some_names(random: Random, count: int) -> list[Name]:
    """Return that many different names."""
    every = [Name(given, family) for given in GIVEN for family in FAMILY]
    return random.sample(every, count)
