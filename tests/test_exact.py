"""Numbers from JSON keep their digits, in the log and wherever it is shown."""

from __future__ import annotations

import copy
import json
import pickle
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from audit_plugin import display, exact
from audit_plugin.display import format_value
from audit_plugin.export.rendering import changes_text, properties
from audit_plugin.history import as_of, history
from audit_plugin.models import Entry
from tests.conftest import Log
from tests.testapp.models import Author, Book

TEXTS = ["12.50", "0.10", "-0.00", "1e5", "12345678901234567.89", "0.0000001000"]


def read(text: str) -> Any:
    return json.loads(text, cls=exact.Decoder)


@pytest.mark.parametrize("text", TEXTS)
def test_a_number_is_written_as_it_was_and_reckoned_with_as_a_float(text: str) -> None:
    number = read(text)
    assert (str(number), repr(number), f"{number}") == (text, text, text)
    assert number == float(text)
    assert number + 1 == float(text) + 1
    assert json.dumps(number) == json.dumps(float(text))
    assert [str(copied) for copied in (copy.deepcopy(number), pickle.loads(pickle.dumps(number)))] == [
        text
    ] * 2


@pytest.mark.parametrize("text", TEXTS)
def test_also_inside_of_other_values(text: str) -> None:
    whole = f'{{"a": [{text}, "{text}", 1, null, true], "ü": {{"b": {text}}}}}'
    assert exact.dumps(read(whole)) == whole
    assert format_value(read(whole)) == whole
    assert format_value(read(text)) == text
    assert exact.dumps((read(text),), indent=1) == f"[\n {text}\n]"


def test_other_values_are_written_as_json_has_them() -> None:
    given = {"a": [1, 1.5, None, True, "x\\u0000y", '"\\'], "b": {}}
    assert exact.dumps(given) == json.dumps(given, ensure_ascii=False)
    assert read("12") == 12
    assert isinstance(read("12"), int)
    assert format_value(Decimal("1.10")) == "1.10"


@pytest.mark.django_db
def test_the_log_shows_prices_as_they_are(log: Log, admin_client: Client) -> None:
    book = Book.objects.create(
        title="Dune", price=Decimal("12.50"), author=Author.objects.create(name="Frank")
    )
    book.price = Decimal("9.90")
    book.save()
    entry = Entry.objects.filter(model="testapp.book", operation="U").get()
    assert [str(view) for view in display.change_views(entry)] == ["price: 12.50 \N{RIGHTWARDS ARROW} 9.90"]
    assert "12.50" in str(changes_text(entry))
    assert '"old": 12.50, "new": 9.90' in properties(entry)
    page = admin_client.get(f"/admin/audit_plugin/entry/{entry.pk}/change/").content.decode()
    assert "<bdi>12.50</bdi>" in page
    raw = page[page.index("<pre") : page.index("</pre>")]
    assert "12.50" in raw
    assert "&quot;12.50" not in raw
    now = as_of(Book, book.pk, datetime.now(UTC))
    then = as_of(Book, book.pk, history(Book, book.pk).order_by("id")[0])
    assert (str(then.values["price"]), str(now.values["price"])) == ("12.50", "9.90")
