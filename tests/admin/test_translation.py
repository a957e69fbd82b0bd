"""The German catalogue: compiled, true to its placeholders, nearly complete, and on the pages."""

from __future__ import annotations

import ast
import gettext
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.admin.conftest import LIST, SignIn
from tests.admin.scenarios import changed_since

PACKAGE = Path(__file__).parent.parent.parent / "audit_plugin"
CATALOGUE = Path("locale/de/LC_MESSAGES/django.po")
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|\{\w+\}|%s")
#: New texts come with the code, their translation may come later; but not all of them.
COMPLETE = 0.95

Texts = dict[str, list[str]]


def texts(path: Path) -> Texts:
    """Return the translations of a `.po` file by their text; those of a plural after each other."""
    found: Texts = {}
    for block in path.read_text("utf-8").split("\n\n"):
        parts: dict[str, str] = {}
        name = ""
        for line in block.splitlines():
            if line.startswith("msg"):
                name, _, line = line.partition(" ")
                parts[name] = ""
            if line.startswith('"'):
                parts[name] += str(ast.literal_eval(line))
        if parts.get("msgid"):
            found[parts["msgid"]] = [text for key, text in parts.items() if key.startswith("msgstr")]
    return found


def test_the_compiled_catalogue_is_that_of_the_source() -> None:
    with (PACKAGE / CATALOGUE).with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    found = texts(PACKAGE / CATALOGUE)
    assert len(found) > 400
    stale = [
        text
        for text, [first, *rest] in found.items()
        if (compiled.ngettext(text, text, 1) if rest else compiled.gettext(text)) != first
    ]
    assert stale == [], "run: cd audit_plugin && python -m django compilemessages"


def test_every_translation_has_the_placeholders_of_its_text() -> None:
    wrong = [
        (text, translated)
        for text, translations in texts(PACKAGE / CATALOGUE).items()
        for translated in translations
        # A singular may be said without its number: "once".
        if not set(PLACEHOLDER.findall(text)) <= set(PLACEHOLDER.findall(translated))
    ]
    assert wrong == []


@pytest.mark.skipif(shutil.which("xgettext") is None, reason="gettext isn't installed")
def test_hardly_a_text_is_without_translation(tmp_path: Path) -> None:
    copy = tmp_path / "audit_plugin"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__", "static", "*.mo"))
    command = [sys.executable, "-m", "django", "makemessages", "--locale", "de", "--no-location"]
    # Without our settings, which can't be imported from there.
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = texts(copy / CATALOGUE)
    missing = [text for text, translations in found.items() if not all(translations)]
    assert len(missing) <= (1 - COMPLETE) * len(found), f"without translation: {missing}"


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
