"""What comes in a URL may be anything: a message or an empty result, never an error of ours, never a leak."""

from __future__ import annotations

import pytest
from django.urls import reverse

import audit_plugin
from audit_plugin.pagination.cursors import encode
from sample_project.people.models import Tag
from tests.admin.conftest import LIST, SignIn, read

MARKUP = "<img src=x onerror=alert(1)>"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"action": "no.such.action"}, "No entries match"),
        ({"model": "no.such"}, "No entries match"),
        ({"actor": "9" * 400}, "No entries match"),
        ({"channel": "nowhere"}, "No entries match"),
        ({"record": "'; DROP TABLE x; --"}, "No entries match"),
        ({"since": "2026-02-31"}, "There is no such date."),
        ({"since": "yesterday"}, "Write a date as"),
        ({"since": "0000-00-00"}, "date"),
        ({"until": "9999-12-31"}, "Marker"),
        ({"since": "2026-01-02", "until": "2026-01-01"}, "The end is before the start."),
        ({"period": "forever"}, "There is no such period."),
        ({"context": "no-uuid"}, "This is not an ID."),
        ({"search": "nul\x00"}, "can&#x27;t be read"),
        ({"search": "x" * 501}, "Search: This is too long."),
        ({"size": "1000000000"}, "Marker"),
        ({"size": "-5"}, "Marker"),
        ({"size": "ten"}, "Marker"),
        ({"order": "shuffled"}, "Marker"),
        ({"after": "!!!"}, "This is the first page."),
        ({"before": "AAAA"}, "This is the first page."),
        ({"after": "%00" * 50}, "This is the first page."),
        ({"n": "NaN"}, "Marker"),
        ({"unknown": "parameter"}, "Marker"),
        ({"entry": "nonsense"}, "There is no such entry"),
        ({"entry": "01a200be-0000-7000-8000-000000000000"}, "There is no such entry"),
    ],
)
def test_the_list_says_what_is_wrong_or_finds_nothing(
    sign_in: SignIn, query: dict[str, str], expected: str
) -> None:
    Tag.objects.create(name="Marker")
    assert expected in read(sign_in("admin"), **query)


def test_a_page_holds_a_hundred_rows_at_most(sign_in: SignIn) -> None:
    Tag.objects.bulk_create(Tag(name=f"Tag {number}") for number in range(130))
    page = read(sign_in("admin"), size="1000000000")
    assert page.count('class="audit-open"') == 100


def test_a_cursor_of_another_order_leads_to_the_first_page(sign_in: SignIn, log: object) -> None:
    Tag.objects.create(name="Marker")
    cursor = encode("action", log()[-1])  # type: ignore[operator]
    assert "This is the first page." in read(sign_in("admin"), after=cursor, order="model")


@pytest.mark.parametrize(
    "path",
    [
        "nonsense/change/",
        "01a200be-0000-7000-8000-000000000000/change/",
        "news/?than=nonsense",
        "news/?since=nonsense",
        "choices/?field=actor&term=%00",
        "choices/?field=nothing",
        "record/no.model/1/",
        "record/people.tag/_00/",
        "record/people.tag/%00/",
        "record/people.tag/%00/as-of/",
        "record/%00/1/",
        "%00/history/",
        "deleted/?model=no.model",
        "deleted/?model=%00",
        "export/?format=papyrus",
        "export/?since=nonsense",
    ],
)
def test_no_page_fails(sign_in: SignIn, path: str) -> None:
    assert sign_in("admin").get(LIST + path).status_code in (200, 404)


def test_markup_is_text_wherever_it_comes_from(sign_in: SignIn, log: object) -> None:
    tag = Tag.objects.create(name=MARKUP)
    tag.name = f"{MARKUP}!"
    tag.save()
    entry = log()[-1]  # type: ignore[operator]
    browser = sign_in("admin")
    pages = [
        read(browser, search=MARKUP, entry=str(entry.pk)),
        read(browser, f"{entry.pk}/change/"),
        read(browser, f"record/people.tag/{tag.pk}/"),
        read(browser, actor=MARKUP, model=MARKUP, action=MARKUP, record=MARKUP, tenant=MARKUP),
        read(browser, since=MARKUP, order=MARKUP, after=MARKUP, entry=MARKUP),
        read(browser, "export/", search=MARKUP),
    ]
    for page in pages:
        assert MARKUP not in page
    assert all("&lt;img" in page for page in pages[:4])


def test_a_forged_way_back_leads_nowhere_else(sign_in: SignIn) -> None:
    response = sign_in("admin").post(
        f"{LIST}preferences/", {"zone": "utc", "next": "https://elsewhere.example/"}
    )
    assert response.status_code == 302
    assert response["Location"] == LIST


def test_an_unknown_time_zone_in_the_cookie_is_passed_over(sign_in: SignIn) -> None:
    browser = sign_in("admin")
    for zone in ("Middle/Earth", "../../etc/passwd", "\x00", ""):
        browser.cookies["audit_zone"] = zone
        assert 'data-zone="Europe/Berlin"' in read(browser)


def test_records_without_a_page_are_named_without_a_link(sign_in: SignIn) -> None:
    related = [
        audit_plugin.Reference("people.person"),
        audit_plugin.Reference("people.tag", "a/b c?&\n"),
    ]
    made = audit_plugin.record(
        "changeset.generated", Tag(name="Never saved"), related=[*related, Tag(name="Nor this")]
    )
    page = read(sign_in("admin"), reverse("admin:audit_plugin_entry_change", args=[made]))
    assert page.count("<dt>Concerns</dt>") == 3 and "Tag a/b c?&amp;" in page
