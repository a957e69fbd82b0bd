"""The log's pages in German."""

from __future__ import annotations

import pytest

from tests.admin.conftest import LIST, SignIn
from tests.admin.scenarios import changed_since


@pytest.mark.django_db
def test_the_pages_are_in_german(sign_in: SignIn) -> None:
    entry = changed_since()
    browser = sign_in("admin")
    german = {"headers": {"accept-language": "de"}}
    pages = [
        browser.get(LIST, {"all": "1", "entry": str(entry.pk)}, **german),  # type: ignore[arg-type]
        browser.get(f"{LIST}{entry.pk}/restore/", **german),  # type: ignore[arg-type]
        browser.get(f"{LIST}record/{entry.model}/{entry.object_id}/as-of/", **german),  # type: ignore[arg-type]
    ]
    listed, preview, version = (page.content.decode() for page in pages)
    assert "Frühere Fassung wiederherstellen" in listed and "Zeilen je Seite" in listed
    assert "1 Konflikt zu entscheiden" in preview and "Überschreiben" in preview
    assert "Diese Fassung wiederherstellen" in version
    for word in ("Rows per page", "Overwrite it", "Restore this version", "Cancel", "Field changes"):
        assert not any(word in page for page in (listed, preview, version))
