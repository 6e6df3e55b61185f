"""Steps that several tests of the Gateway begin with."""

import ape
import pytest

#: Asks for what lives as long as the run before what lives as long as a file: Ape takes what is asked for
#: in the other order into every later test, with the state that the file had by then.
AFTER_THE_INSTALLATION = pytest.mark.usefixtures(
    *("governor", "guardian", "compliance", "treasurer", "alice", "bob", "carol", "dave", "mallory"),
    *("aid", "gateway", "vault", "insurance", "usdc", "usdt", "usdc_feed", "usdt_feed", "tbill"),
)

FOREVER = 2**256 - 1
MILLION = 10**6
USDC = 10**6
STAKE = 100_000 * USDC  # units that alice brings of USDC and bob of USDT
MINTED = 99_950 * 10**18  # AID that each has for them
SUPPLY = 2 * MINTED
PAR = 200_000 * 10**18
ZERO = "0x" + "00" * 20

#: Terms of the coins of a local installation (integrations/protocol/networks/local.yaml).
TERMS = {
    "max_age": 25 * 3_600,
    "mint_fee_bps": 5,
    "redeem_fee_bps": 5,
    "deviation_bps": 10,
    "band_bps": 100,
    "cap": 1_000_000_000,
    "mint_capacity": 50_000_000,
    "redeem_capacity": 50_000_000,
}


def terms(feed, **changes):
    """Terms of a coin: the usual ones, with changes."""
    return {"feed": feed, **TERMS, **changes}


def quote(feed, millis: float):
    """Set a feed to a price given in thousandths of a dollar."""
    feed.set_price(round(millis * 10 ** (feed.decimals() - 3)), sender=ape.accounts.test_accounts[0])


def travel(seconds: int):
    """Let time pass; feeds keep the time of their last answer."""
    ape.chain.pending_timestamp += seconds
    ape.chain.mine()


def at(timestamp, *feeds):
    """Go to a second, with feeds at one dollar shortly before."""
    for left, feed in zip(range(len(feeds), 0, -1), feeds, strict=True):
        ape.chain.pending_timestamp = timestamp - left
        quote(feed, 1_000)
    ape.chain.pending_timestamp = timestamp


def list_coin(protocol, governor, token, users=(), **changes):
    """Accept a further coin at one dollar; users get a million and approve it. Returns its feed."""
    feed = governor.deploy(ape.project.PriceFeed, 8, 10**8)
    protocol.configurator.add_asset(token, terms(feed, **changes), sender=governor)
    for user in users:
        token.mint(user, MILLION * 10 ** token.decimals(), sender=governor)
        token.approve(protocol.gateway, FOREVER, sender=user)
    return feed


def attach_desk(protocol, governor, stakers=(), stake=0):
    """Attach a credit desk to staked AID, which stakers have filled with some AID each."""
    desk = governor.deploy(ape.project.Portfolio, protocol.staked_aid, protocol.gateway)
    protocol.staked_aid.set_portfolio(desk, sender=governor)
    for staker in stakers:
        protocol.aid.approve(protocol.staked_aid, FOREVER, sender=staker)
        protocol.staked_aid.deposit(stake, staker, sender=staker)
    return desk


def logged(contract, tx):
    """Events of one contract in a transaction, in order."""
    return [event for event in tx.events if event.contract_address == contract.address]


def excess(gateway):
    """B - supply and B_par - supply, which no call may lower."""
    state = gateway.backing()
    return state.backing - state.supply, state.backing_par - state.supply
