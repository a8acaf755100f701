"""The address of the client behind a request, through the proxies that are ours and no others."""

from collections.abc import Iterable, Mapping, MutableMapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

FORWARDED_FOR_HEADER = "x-forwarded-for"

_LONGEST_CHAIN = 32

# Parsing one costs as much as a call of a subgraph, and connections bring many requests each.
_REMEMBERED = 1024


class ClientAddresses:
    """Finds clients' addresses.

    Args:
        trusted_proxies: Networks or addresses of our own proxies, `10.0.0.0/8`. Each of them appends the address that
            it saw to `X-Forwarded-For`; whoever else sends that header is not believed.

    Raises:
        ValueError: One is no network.
    """

    def __init__(self, trusted_proxies: Iterable[str] = ()) -> None:
        self._trusted: tuple[IPv4Network | IPv6Network, ...] = tuple(
            ip_network(proxy, strict=False) for proxy in trusted_proxies
        )

    def of(self, scope: MutableMapping[str, Any], headers: Mapping[str, str]) -> str | None:
        """Return the address in its shortest form; None where the server does not tell it (a Unix socket).

        Read from the right, the header holds what our own proxies saw: the first address that is not one of theirs
        is the client's. Anything to the left of it was sent by the client, and may be made up.
        """
        peer = scope.get("client")
        address = _parsed(peer[0]) if peer else None
        if address is None or not self._trusts(address):
            return _shortest(address) if address is not None else None
        chain = headers.get(FORWARDED_FOR_HEADER, "").split(",")
        for said in reversed(chain[-_LONGEST_CHAIN:]):
            forwarded = _parsed(said)
            if forwarded is None:
                break
            address = forwarded
            if not self._trusts(address):
                break
        return _shortest(address)

    def trusts_peer(self, scope: MutableMapping[str, Any]) -> bool:
        """Return whether who connects is one of our own proxies."""
        peer = scope.get("client")
        address = _parsed(peer[0]) if peer else None
        return address is not None and self._trusts(address)

    def _trusts(self, address: IPv4Address | IPv6Address) -> bool:
        return any(address in network for network in self._trusted)


_shortest = lru_cache(maxsize=_REMEMBERED)(str)


@lru_cache(maxsize=_REMEMBERED)
def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    """Return the address; an IPv4 one that came over an IPv6 socket as what it is."""
    try:
        address = ip_address(text.strip().partition("%")[0])
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address
