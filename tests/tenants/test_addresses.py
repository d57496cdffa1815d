"""Which addresses are those of the internet, however they are written."""

import pytest

from tenants.addresses import is_public


@pytest.mark.parametrize("address", ["93.184.215.14", "::ffff:93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "224.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0", "fd00::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "fec0::1", "2002:7f00:1::", "2002:a9fe:a9fe::1",
        "64:ff9b::169.254.169.254", "64:ff9b::10.0.0.1", "64:ff9b:1::10.0.0.1", "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:db8::1", "4000::1",
    ],
)  # fmt: skip
def test_no_other_is_even_where_it_hides_in_one_of_ipv6(address: str) -> None:
    assert not is_public(address)
