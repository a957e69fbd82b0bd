"""The address a request came from: only declared proxies are believed, and no header can raise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

#: Stands in TRUSTED_PROXIES for a proxy that connects through a Unix socket, and so has no address.
UNIX_SOCKET = "unix"

# Nobody is behind that many proxies; a header that says so is not worth the time to parse.
MAX_HOPS = 32


def parse(text: str) -> Address | None:
    """Return the address in `text`, which may have a port, brackets or a zone, or None."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def client_address(meta: Mapping[str, object], trusted: Sequence[str]) -> str | None:
    """Return the client's address, walking X-Forwarded-For from the right as long as the peer is trusted.

    Args:
        meta: `request.META`.
        trusted: Addresses and networks of the proxies, and `unix` for one behind a Unix socket.
    """
    remote = str(meta.get("REMOTE_ADDR") or "")
    peer = parse(remote)
    if trusted:
        networks = _networks(tuple(trusted))
        believed = UNIX_SOCKET in trusted if peer is None else _within(peer, networks)
        hops = str(meta.get("HTTP_X_FORWARDED_FOR") or "").rsplit(",", MAX_HOPS)
        for hop in reversed(hops):
            address = parse(hop) if believed else None
            if address is None:
                break
            peer = address
            believed = _within(peer, networks)
    return None if peer is None else str(peer)


def _within(address: Address, networks: tuple[Network, ...]) -> bool:
    return any(address in network for network in networks)


@lru_cache(maxsize=16)
def _networks(trusted: tuple[str, ...]) -> tuple[Network, ...]:
    networks = []
    for item in trusted:
        try:
            networks.append(ip_network(item, strict=False))
        except ValueError:  # `unix`, or a mistake that a system check reports
            continue
    return tuple(networks)
