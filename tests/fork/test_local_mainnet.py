"""The local mainnet: every venue answers as its deployment should, also on Ape's fork and after a reload."""

from __future__ import annotations

import json

import pytest

from integrations.fork import morpho, pendle, uniswap, venues
from integrations.fork.local import local_mainnet
from integrations.fork.venues import contracts, published
from integrations.protocol.errors import NetworkError

DAY = 86_400


@pytest.fixture
def venue(fork, mainnet):
    """A venue's contract on the fork, by name."""

    def find(name, address=None):
        return fork.web3.eth.contract(
            address=address or mainnet.venues[name], abi=contracts()[name].abi
        ).functions

    return find


def test_everything_published_has_its_stand_in(mainnet):
    import yaml

    assert set(yaml.safe_load(venues.PUBLISHED.read_text())) == set(mainnet.venues)


def test_chain__is_mainnet_by_its_id(fork, protocol):
    assert fork.chain_id == 1
    assert protocol.aid.totalSupply() == 0
    assert {coin.symbol: coin.decimals for coin in protocol.coins()} == {"USDC": 6, "USDT": 6}


def test_uniswap__has_the_tier_of_one_basis_point(venue):
    assert venue("uniswap_v3.factory").feeAmountTickSpacing(uniswap.ONE_BP).call() == 1


@pytest.mark.parametrize("part", ["positions", "router", "quoter"])
def test_uniswap__knows_its_factory(venue, mainnet, part):
    found = venue(f"uniswap_v3.{part}")

    assert found.factory().call() == mainnet.venues["uniswap_v3.factory"]
    assert found.WETH9().call() == mainnet.venues["weth"]


def test_pendle__factories_charge_what_mainnets_do(venue, mainnet):
    yields, markets = venue("pendle.yield_factory"), venue("pendle.market_factory")

    assert yields.expiryDivisor().call() == DAY
    assert [yields.interestFeeRate().call(), yields.rewardFeeRate().call()] == [3 * 10**16] * 2
    assert markets.reserveFeePercent().call() == 80
    assert markets.yieldContractFactory().call() == mainnet.venues["pendle.yield_factory"]
    assert markets.gaugeController().call() == mainnet.venues["pendle.gauges"]


def test_pendle__router_has_every_function_of_its_facets(venue, fork):
    router = venue("pendle.router")
    selectors = {
        name: found for name, found in pendle.selectors(pendle._facets()).items() if name != "ActionStorageV4"
    }

    for name, functions in selectors.items():
        facets = {router.selectorToFacet(selector).call() for selector in functions}
        assert len(facets) == 1, name
        assert len(fork.web3.eth.get_code(facets.pop())) > 1_000


def test_pendle__limit_router_and_oracle_are_initialised(venue, mainnet):
    assert venue("pendle.limit_router").ROUTER().call() == mainnet.venues["pendle.router"]
    assert venue("pendle.limit_router").WNATIVE().call() == mainnet.venues["weth"]
    assert venue("pendle.oracle").blockCycleNumerator().call() == pendle.BLOCK_CYCLE_NUMERATOR


def test_morpho__has_a_rate_model_and_mainnets_thresholds(venue, mainnet):
    blue = venue("morpho.blue")

    assert blue.isIrmEnabled(mainnet.venues["morpho.irm"]).call()
    assert all(blue.isLltvEnabled(lltv).call() for lltv in morpho.LLTVS)
    assert morpho.LLTVS[4:6] == (860 * 10**15, 915 * 10**15)
    assert not blue.isLltvEnabled(900 * 10**15).call()


def test_second_start__loads_the_same_chain(mainnet):
    with local_mainnet() as again:
        assert again.warm
        assert dict(again.venues) == dict(mainnet.venues)
        assert json.loads(again.book.read_text()) == json.loads(mainnet.book.read_text())
        ours, theirs = (one.node.web3.eth.get_block("latest") for one in (again, mainnet))
        assert ours["hash"] == theirs["hash"]


def test_fork__leaves_its_upstream_alone(fork, mainnet, protocol, alice):
    upstream = mainnet.node.web3.eth.block_number

    protocol.coin("USDC").token.mint(alice, 1, sender=alice)

    assert protocol.coin("USDC").token.balanceOf(alice) == 1
    assert mainnet.node.web3.eth.block_number == upstream


def test_published_addresses__are_not_taken_for_granted(mainnet):
    with pytest.raises(NetworkError, match=r"^no contract at 0x[0-9a-fA-F]{40} \(weth\)"):
        published(mainnet.node.web3)


def test_upstream_that_is_not_mainnet__is_refused(monkeypatch):
    from integrations.fork.anvil import anvil

    with anvil(chain_id=5) as other:
        monkeypatch.setenv("AID_FORK_RPC", other.url)

        with pytest.raises(NetworkError, match="has chain id 5, not 1"), local_mainnet():
            pass
