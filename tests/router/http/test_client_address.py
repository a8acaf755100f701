"""Whose address a request comes from."""

import pytest

from router.http.client_address import ClientAddresses


def address_of(peer: str | None, forwarded: str | None, *trusted: str) -> str | None:
    scope = {"client": (peer, 5000) if peer is not None else None}
    headers = {"x-forwarded-for": forwarded} if forwarded is not None else {}
    return ClientAddresses(trusted).of(scope, headers)


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "expected"),
    [
        ("203.0.113.9", None, (), "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", (), "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", ("10.0.0.0/8",), "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1", ("10.0.0.0/8",), "198.51.100.1"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.1, 10.2.2.2", ("10.0.0.0/8",), "198.51.100.1"),
        ("10.0.0.1", None, ("10.0.0.0/8",), "10.0.0.1"),
        ("10.0.0.1", "nonsense", ("10.0.0.0/8",), "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1, nonsense, 10.2.2.2", ("10.0.0.0/8",), "10.2.2.2"),
        ("10.0.0.1", "10.3.3.3, 10.2.2.2", ("10.0.0.0/8",), "10.3.3.3"),
        ("::ffff:203.0.113.9", None, (), "203.0.113.9"),
        ("::ffff:10.0.0.1", "2001:DB8::0001", ("10.0.0.1",), "2001:db8::1"),
        ("fe80::1%eth0", None, (), "fe80::1"),
        ("testclient", None, (), None),
        (None, "198.51.100.1", ("0.0.0.0/0",), None),
    ],
)
def test_believes_its_own_proxies_only(
    peer: str | None, forwarded: str | None, trusted: tuple[str, ...], expected: str | None
) -> None:
    assert address_of(peer, forwarded, *trusted) == expected


def test_reads_no_more_of_a_long_chain_than_it_needs() -> None:
    assert address_of("10.0.0.1", "10.1.1.1," * 10_000 + "10.2.2.2", "10.0.0.0/8") == "10.1.1.1"


def test_refuses_a_proxy_that_is_no_network() -> None:
    with pytest.raises(ValueError, match="proxy"):
        ClientAddresses(["proxy"])
