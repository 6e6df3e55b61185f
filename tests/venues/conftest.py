from __future__ import annotations

import pytest

from tests.venues.implementations import IMPLEMENTATIONS, SEED


@pytest.fixture(params=IMPLEMENTATIONS, ids=lambda one: one.__name__)
def setting(request, chain_setting):
    return request.param(chain_setting)


@pytest.fixture
def seeded(setting):
    """Ten million of each coin in the pool."""
    venue = setting.venue
    amounts = {coin.symbol: SEED * 10**coin.decimals for coin in venue.coins}
    venue.add(setting.lp, venue.quote_add(amounts))
    return setting


@pytest.fixture
def chain_setting():
    def make(*_):
        pytest.skip("no factory yet")

    return make
