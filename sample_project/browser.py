"""Use the admin the way a browser does: read a page's form, fill it in, send it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, Request, build_opener

Values = dict[str, list[str]]


class _FormReader(HTMLParser):
    """Collects what each form of a page would send if nothing were filled in."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Values] = []
        self._inside = False
        self._select: str | None = None
        # What a list sends of which nothing is selected: its first item, unless several may be.
        self._fallback: str | None = None
        self._multiple = False
        self._area: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name")
        if tag == "form":
            self.forms.append({})
            self._inside = True
        elif not self._inside:
            return
        elif tag == "input" and name:
            kind = given.get("type", "text")
            if kind in ("submit", "button", "file") or (
                kind in ("checkbox", "radio") and "checked" not in given
            ):
                return
            self._add(name, given.get("value") or ("on" if kind == "checkbox" else ""))
        elif tag == "select":
            self._select, self._fallback, self._multiple = name, None, "multiple" in given
        elif tag == "option" and self._select:
            value = given.get("value") or ""
            if "selected" in given:
                self._add(self._select, value)
            elif self._fallback is None:
                self._fallback = value
        elif tag == "textarea" and name:
            self._area = name
            self._add(name, "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "select" and self._select:
            if self._fallback is not None and not self._multiple and self._select not in self.forms[-1]:
                self._add(self._select, self._fallback)
            self._select = None
        elif tag == "textarea":
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area:
            # HTML ignores one line break right after the tag.
            self.forms[-1][self._area][-1] += data.removeprefix("\n")

    def _add(self, name: str, value: str) -> None:
        self.forms[-1].setdefault(name, []).append(value)


def form_values(page: str, having: str) -> Values:
    """Return what the form with a certain field would send as it stands.

    Args:
        page: The page's HTML.
        having: The name of a field that only the wanted form has.

    Raises:
        ValueError: The page has no such form.
    """
    reader = _FormReader()
    reader.feed(page)
    for values in reader.forms:
        if having in values:
            return values
    raise ValueError(f"This page has no form with a field {having!r}.")


class Visitor:
    """Somebody with a browser: cookies, redirects, forms with their CSRF tokens."""

    def __init__(self, address: str, user_agent: str = "Studio Desk check") -> None:
        self.address = address
        self._opener = build_opener(HTTPCookieProcessor(CookieJar()))
        self._opener.addheaders = [("User-Agent", user_agent)]

    def get(self, path: str) -> tuple[int, str]:
        """Open a page; return its status and text."""
        return self._open(Request(urljoin(self.address, path)))

    def submit(self, path: str, having: str, **fields: str | Sequence[str]) -> tuple[int, str]:
        """Open a page, change some fields of a form on it and send it back to the page's own address.

        Args:
            path: The page.
            having: The name of a field that only the wanted form has.
            **fields: What to fill in.

        Returns:
            The status and text of the page one ends up on.

        Raises:
            ValueError: The page can't be opened or has no such form.
        """
        status, page = self.get(path)
        if status != 200:
            raise ValueError(f"{path} answers with status {status}.")
        values: Mapping[str, str | Sequence[str]] = {**form_values(page, having), **fields}
        url = urljoin(self.address, path)
        body = urlencode(values, doseq=True).encode()
        return self._open(Request(url, body, {"Referer": url}))

    def sign_in(self, username: str, password: str) -> tuple[bool, int]:
        """Sign in to the admin; return whether it let us in, and the status of the page one ends up on."""
        path = "/admin/login/?next=/admin/"
        status, page = self.submit(path, "username", username=username, password=password)
        return 'id="logout-form"' in page, status

    def _open(self, request: Request) -> tuple[int, str]:
        try:
            with self._opener.open(request, timeout=30) as response:
                return response.status, response.read().decode()
        except HTTPError as error:
            return error.code, error.read().decode(errors="replace")
