"""Which addresses of a network are those of the internet: what somebody names may lead to no other."""

from ipaddress import IPv6Address, ip_address, ip_network

# All of IPv6 that is given out to somebody (RFC 4291, section 2.4). Outside it stand the ways into IPv4 (RFC 6052, as in
# 64:ff9b::169.254.169.254), site-local addresses (RFC 3879) and what was never given out.
_GIVEN_OUT = ip_network("2000::/3")
# Inside it, addresses that hold an IPv4 address to which a router or a tunnel leads on (RFC 3056, RFC 4380).
_TUNNELS = (ip_network("2002::/16"), ip_network("2001::/32"))


def is_public(address: str) -> bool:
    """Whether an address is one of the internet; an IPv4 address inside an IPv6 one is judged for itself.

    Raises:
        ValueError: it is no address.
    """
    found = ip_address(address)
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    if isinstance(found, IPv6Address) and (found not in _GIVEN_OUT or any(found in each for each in _TUNNELS)):
        return False
    return found.is_global and not found.is_multicast
