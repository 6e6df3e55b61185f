"""Fixtures of tests on the Gateway; a folder's conftest imports them."""

import pytest

from tests.aid.gateway_setup import STAKE, USDC


@pytest.fixture
def configurator(protocol):
    return protocol.configurator


@pytest.fixture(scope="module")
def stocked(gateway, usdc, usdt, alice, bob):
    """The Gateway with 100,000 of each coin and 199,900 AID outside."""
    gateway.mint(usdc, STAKE, 0, sender=alice)
    gateway.mint(usdt, STAKE, 0, sender=bob)
    return gateway


@pytest.fixture
def invested(stocked, treasury, treasurer, tbill):
    """As stocked, with 60,000 USDC in T-bills."""
    treasury.allocate(tbill, 60_000 * USDC, sender=treasurer)
    return stocked
