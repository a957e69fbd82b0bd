from __future__ import annotations

import pytest

from sample_project.browser import form_values

PAGE = """
<form id="logout-form" method="post"><input type="hidden" name="csrfmiddlewaretoken" value="one"></form>
<form method="post">
  <input type="hidden" name="csrfmiddlewaretoken" value="two">
  <input name="title" value="A &amp; B"><input type="number" name="empty">
  <input type="checkbox" name="on" checked><input type="checkbox" name="off">
  <input type="radio" name="size" value="s"><input type="radio" name="size" value="m" checked>
  <select name="tags" multiple><option value="1" selected>x</option>
    <option value="2" selected>y</option><option value="3">z</option></select>
  <select name="links" multiple><option value="1">x</option></select>
  <select name="first"><option value="7">x</option><option value="8">y</option></select>
  <textarea name="notes">
first
second &lt;b&gt;</textarea>
  <input type="file" name="photo"><input type="submit" name="_save" value="Save">
  <button name="_more">More</button>
</form>
<input name="outside" value="no">
"""


def test_a_form_is_sent_as_it_stands() -> None:
    assert form_values(PAGE, "title") == {
        "csrfmiddlewaretoken": ["two"],
        "title": ["A & B"],
        "empty": [""],
        "on": ["on"],
        "size": ["m"],
        "tags": ["1", "2"],
        "first": ["7"],
        "notes": ["first\nsecond <b>"],
    }


def test_a_page_without_the_form_is_an_error() -> None:
    with pytest.raises(ValueError, match="'outside'"):
        form_values(PAGE, "outside")
