"""An installation for the state machine: three unlike coins, a T-bill vault, a credit desk."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

import ape
import pytest

from integrations.protocol import AddressBook, load_config
from integrations.protocol import Protocol as Contracts
from integrations.protocol.config import Holders, Stablecoin, TBillVault
from tests.conftest import DAY, MILLION, NETWORK, ROLES, USERS, WAD
from tests.model import Protocol
from tests.model.book import Book
from tests.model.gateway import Gateway
from tests.model.reserve import Coin, Holding
from tests.model.staking import Staking
from tests.model.tbill import TBill
from tests.model.tokens import Dollar, Tether, Token
from tests.stateful.checks import Kind
from tests.stateful.driver import Driver, Installation, Prediction
from tests.support.fast import Call, Node, fast

# tight enough to be met
CAP = 2 * MILLION
CAPACITY = MILLION
TOTAL_CAP = 4 * MILLION
DEPOSIT_CAP = 2 * MILLION
RATE_BPS = 450
ENDLESS = 2**256 - 1


@pytest.fixture(scope="module")
def contracts(project, people, tmp_path_factory) -> Contracts:
    """The protocol with a coin like USDT and one of 18 decimals beside USDC."""
    limits = {"cap": CAP, "mint_capacity": CAPACITY, "redeem_capacity": CAPACITY}
    tether = people.governor.deploy(project.TetherLike)
    feed = people.governor.deploy(project.PriceFeed, 8, 10**8)
    holders = Holders(
        guardian=[people.guardian.address],
        compliance=[people.compliance.address],
        treasurer=[people.treasurer.address],
    )
    local = load_config(NETWORK)
    config = local.model_copy(
        update={
            "roles": holders,
            "stablecoins": [
                Stablecoin(symbol="USDC", **limits),
                Stablecoin(symbol="USDT", token=tether.address, feed=feed.address, **limits),
                Stablecoin(symbol="DAI", decimals=18, mint_fee_bps=10, redeem_fee_bps=7, **limits),
            ],
            "vaults": [TBillVault(symbol="TBILL", asset="USDC", cap=MILLION, mock_rate_bps=0)],
            "reserve": local.reserve.model_copy(update={"total_cap": TOTAL_CAP}),
            "staking": local.staking.model_copy(update={"deposit_cap": DEPOSIT_CAP}),
        }
    )
    folder = tmp_path_factory.mktemp("stateful")
    book = AddressBook(folder / "local.json", ape.chain.chain_id, ape.chain.blocks[0].hash.hex())
    return Contracts.deploy(people.governor, config, book=book)


@pytest.fixture(scope="module")
def installation(project, people, contracts) -> Installation:
    """Its contracts and accounts under the model's names, approvals given, nothing minted."""
    desk = people.governor.deploy(project.Portfolio, contracts.staked_aid, contracts.gateway)
    contracts.staked_aid.set_portfolio(desk, sender=people.governor)
    caller = people.governor.deploy(project.Caller)
    coins, vaults = contracts.coins(), contracts.vaults()
    named = {
        "aid": contracts.aid,
        "allowlist": contracts.allowlist,
        "configurator": contracts.configurator,
        "gateway": contracts.gateway,
        "treasury": contracts.treasury,
        "vault": contracts.staked_aid,
        "insurance": contracts.insurance,
        "lens": contracts.lens,
        "desk": desk,
        "caller": caller,
        "TBILL": vaults[0].token,
    }
    for coin in coins:
        named[coin.symbol], named[f"{coin.symbol} feed"] = coin.token, coin.feed
    # of the two, only the mock of USDT can take a fee and blacklist
    named["USDT"] = project.TetherLike.at(coins[1].token.address)
    addresses = {name: getattr(people, name).address for name in ROLES + USERS}
    addresses |= {name: contract.address for name, contract in named.items()}
    return Installation(
        node=Node(str(ape.chain.provider.web3.provider.endpoint_uri)),
        contracts={name: fast(contract) for name, contract in named.items()},
        addresses=addresses,
        coins=[_plain(coin.symbol, coin.token, decimals=coin.decimals) for coin in coins],
        vaults=[_plain(vault.symbol, vault.token) for vault in vaults],
    )


@pytest.fixture(scope="module")
def driver(installation, contracts) -> Driver:
    """The installation at work: AID in circulation, most of it staked, some of it lent."""
    node, desk = installation.node, installation.addresses["desk"]
    node.rpc("anvil_impersonateAccount", desk)
    node.rpc("anvil_setBalance", desk, hex(10**24))
    with node.manual_mining():
        genesis = contracts.staked_aid.cycle_start(0)
        start = genesis + 2 * DAY  # a run does not depend on the time of day
        for who, call in _preparations(installation, start):
            reason = installation.node.send(installation.addresses[who], call, start)
            assert reason is None, reason
        driver = Driver(installation, _model(start, genesis))
        _open_business(driver)
        yield driver


def _plain(symbol, token, **others) -> SimpleNamespace:
    """Like a coin or vault of integrations.protocol, with the address as the fast client shows it."""
    address = str(token.address).lower()
    return SimpleNamespace(symbol=symbol, asset="USDC", token=SimpleNamespace(address=address), **others)


def _preparations(installed: Installation, now: int) -> list[tuple[str, Call]]:
    contract, address = installed.contract, installed.addresses
    calls: list[tuple[str, Call]] = []
    for coin in installed.coins:
        token = contract(coin.symbol)
        for user in USERS:
            calls.append((user, token.mint(address[user], MILLION * 10**coin.decimals)))
            for spender in ("gateway", "desk"):
                calls.append((user, token.approve(address[spender], ENDLESS)))
        calls.append(("governor", contract(f"{coin.symbol} feed").set_price(10**8)))
    for user in USERS:
        calls.append((user, contract("USDC").approve(address["TBILL"], ENDLESS)))
        for spender in ("vault", "desk", "insurance"):
            calls.append((user, contract("aid").approve(address[spender], ENDLESS)))
    known = [address[name] for name in USERS[:3]]
    calls.append(("compliance", contract("allowlist").set_kyc_many(known, now + 500 * DAY)))
    calls.append(("alice", contract("vault").setOperator(address["bob"], True)))
    calls.append(("governor", contract("TBILL").set_rate(RATE_BPS)))
    return calls


def _model(now: int, genesis: int) -> Protocol:
    aid = Dollar()
    kinds = {"USDC": (6, Token(shortage="")), "USDT": (6, Tether(shortage="balance"))}
    kinds["DAI"] = (18, Token(shortage=""))
    fees = {"USDC": (5, 5), "USDT": (5, 5), "DAI": (10, 7)}
    coins = {}
    for name, (decimals, token) in kinds.items():
        token.balances = dict.fromkeys(USERS, MILLION * 10**decimals)
        coins[name] = Coin(
            name=name,
            decimals=decimals,
            token=token,
            updated_at=now,
            mint_fee_bps=fees[name][0],
            redeem_fee_bps=fees[name][1],
            band_bps=100,
            max_age=25 * 3_600,
            cap=CAP,
            mint_capacity=CAPACITY,
            redeem_capacity=CAPACITY,
            minting=CAPACITY * 10**6,
            redeeming=CAPACITY * 10**6,
            levels_at=now,
        )
    tbill = TBill(coin=coins["USDC"].token, decimals=6, rate_bps=RATE_BPS, since=now)
    gateway = Gateway(
        aid=aid,
        coins=coins,
        holding=Holding(vault=tbill, coin="USDC", cap=MILLION, recognised_at=now),
        total_cap=TOTAL_CAP,
        deficit_delta_bps=50,
        buffer_bps=10,
        growth_bps=600,
        liquid_floor_bps=2_000,
        kyc=dict.fromkeys(USERS[:3], now + 500 * DAY),
    )
    staking = Staking(aid=aid, genesis=genesis, cap=DEPOSIT_CAP, vesting_period=7 * DAY, book=Book(since=now))
    staking.operators.add(("alice", "bob"))
    return Protocol(aid, gateway, staking)


def _open_business(driver: Driver) -> None:
    """What every run begins with, compared with the model like any other step."""
    contract, address = driver.installed.contract, driver.installed.addresses

    def act(who: str, call: Call, predict: Prediction, kind: Kind = Kind.PLAIN) -> None:
        assert driver.act("opening", who, call, predict, driver.now + 1, kind)

    gateway, vault, tbill = contract("gateway"), contract("vault"), contract("TBILL")
    for user, coin, decimals, tokens in (
        ("alice", "USDC", 6, 500_000),
        ("bob", "USDT", 6, 300_000),
        ("carol", "DAI", 18, 200_000),
    ):
        units, staked = tokens * 10**decimals, tokens * WAD // 2
        act(
            user,
            gateway.mint(address[coin], units, 0),
            partial(_mint, user=user, coin=coin, units=units),
        )
        act(
            user,
            vault.deposit(staked, address[user]),
            partial(_deposit, user=user, amount=staked),
        )
    act(
        "treasurer",
        contract("treasury").allocate(address["TBILL"], 200_000 * 10**6),
        lambda m, t: m.gateway.allocate(t, 200_000 * 10**6),
        Kind.TREASURY,
    )
    # T-bill shares that can be sent where they do not belong
    act(
        "dave",
        tbill.deposit(50_000 * 10**6, address["dave"]),
        lambda m, t: m.gateway.holding.vault.deposit(t, "dave", 50_000 * 10**6),
    )
    # dollars and shares with those who have no KYC
    act(
        "alice",
        contract("aid").transfer(address["dave"], 50_000 * WAD),
        lambda m, _: m.aid.transfer("alice", "dave", 50_000 * WAD),
    )
    act(
        "alice",
        vault.transfer(address["mallory"], 50_000 * WAD),
        lambda m, _: m.staking.transfer("alice", "mallory", 50_000 * WAD),
    )


def _mint(model: Protocol, now: int, user: str, coin: str, units: int) -> int:
    return model.gateway.mint(now, user, coin, units, 0, user)


def _deposit(model: Protocol, now: int, user: str, amount: int) -> int:
    return model.staking.deposit(now, user, amount, user, 0)
