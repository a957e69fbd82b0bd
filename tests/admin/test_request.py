"""Everything that was done in one request."""

from __future__ import annotations

from urllib.parse import quote

import audit_plugin
from sample_project.people.models import Tag
from tests.admin.conftest import SignIn, read


def test_a_request_id_leads_to_all_of_a_request_and_nothing_else(sign_in: SignIn, log: object) -> None:
    with audit_plugin.context(request_id="here & now?"):
        Tag.objects.create(name="One")
        Tag.objects.create(name="Two")
    Tag.objects.create(name="Later")
    browser = sign_in("auditor")
    page = read(browser, f"{log()[0].pk}/change/")  # type: ignore[operator]
    assert f"request={quote('here & now?').replace('%20', '+')}" in page
    page = read(browser, request="here & now?")
    assert "One" in page and "Two" in page and "Later" not in page
    assert "No entries match" in read(browser, request="<img src=x>")
