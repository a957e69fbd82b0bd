"""The client's address: only what declared proxies say is believed, and nothing a client sends can raise."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit_plugin.context.addresses import client_address

PROXIES = ["10.0.0.0/8", "2001:db8:1::/48", "192.0.2.7"]

#: Peer, X-Forwarded-For, trusted proxies, the address that is stored.
CASES = {
    "no proxy declared: the header is a claim": ("10.0.0.1", "203.0.113.9", [], "10.0.0.1"),
    "a peer that is no proxy is the client": ("198.51.100.4", "203.0.113.9", PROXIES, "198.51.100.4"),
    "one proxy": ("10.0.0.1", "203.0.113.9", PROXIES, "203.0.113.9"),
    "two proxies": ("10.0.0.1", "203.0.113.9, 10.0.0.2", PROXIES, "203.0.113.9"),
    "what the client put in front is not believed": (
        "10.0.0.1",
        "1.1.1.1, 203.0.113.9",
        PROXIES,
        "203.0.113.9",
    ),
    "all of them proxies: the first": ("10.0.0.1", "10.0.0.3, 10.0.0.2", PROXIES, "10.0.0.3"),
    "no header": ("10.0.0.1", None, PROXIES, "10.0.0.1"),
    "an empty header": ("10.0.0.1", "", PROXIES, "10.0.0.1"),
    "a port": ("10.0.0.1", "203.0.113.9:4711", PROXIES, "203.0.113.9"),
    "IPv6": ("2001:db8:1::5", "2001:db8:2::9", PROXIES, "2001:db8:2::9"),
    "IPv6 with brackets and port": ("10.0.0.1", "[2001:db8:2::9]:4711", PROXIES, "2001:db8:2::9"),
    "IPv6 with brackets": ("10.0.0.1", "[2001:db8:2::9]", PROXIES, "2001:db8:2::9"),
    "quoted": ("10.0.0.1", '"[2001:db8:2::9]:4711"', PROXIES, "2001:db8:2::9"),
    "a zone": ("fe80::1%eth0", None, [], "fe80::1"),
    "a zone in the header": ("10.0.0.1", "fe80::1%25eth0", PROXIES, "fe80::1"),
    "IPv4 written as IPv6": ("::ffff:10.0.0.1", "::ffff:203.0.113.9", PROXIES, "203.0.113.9"),
    "upper case and long": ("10.0.0.1", "2001:0DB8:0002:0000::0009", PROXIES, "2001:db8:2::9"),
    "garbage stops at the last that is believed": ("10.0.0.1", "unknown", PROXIES, "10.0.0.1"),
    "garbage before a proxy": ("10.0.0.1", "<script>, 10.0.0.2", PROXIES, "10.0.0.2"),
    "only commas": ("10.0.0.1", ",,,", PROXIES, "10.0.0.1"),
    "a peer that is no address": ("testserver", "203.0.113.9", PROXIES, None),
    "a Unix socket": ("", "203.0.113.9", PROXIES, None),
    "a Unix socket without a peer": (None, "203.0.113.9", PROXIES, None),
    "a trusted Unix socket": ("", "203.0.113.9", ["unix"], "203.0.113.9"),
    "a trusted Unix socket and a proxy": ("", "203.0.113.9, 10.0.0.2", ["unix", *PROXIES], "203.0.113.9"),
    "a trusted Unix socket, no header": ("", None, ["unix"], None),
    "a mistake in the setting": ("10.0.0.1", "203.0.113.9", ["nonsense", *PROXIES], "203.0.113.9"),
}


@pytest.mark.parametrize(("peer", "header", "trusted", "expected"), CASES.values(), ids=CASES)
def test_the_address_is(peer, header, trusted, expected):
    meta = {"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": header}
    assert (
        client_address({key: value for key, value in meta.items() if value is not None}, trusted) == expected
    )


@given(peer=st.text(max_size=60), header=st.text(max_size=200))
def test_nothing_raises(peer, header):
    client_address({"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": header}, ["0.0.0.0/0", "::/0", "unix"])


def test_a_very_long_header_is_not_walked_to_its_end():
    header = ", ".join(["203.0.113.9"] + ["10.0.0.2"] * 10_000)
    assert client_address({"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": header}, PROXIES) == "10.0.0.2"
