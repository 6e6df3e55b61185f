"""What an account will have after each of its steps, reckoned before the first of them.

A `Forecast` is a world of integers: the Gateway's fees, the vault's yield, a market of principal tokens, the
pool of sAID and AID, lending markets, and the clock. It takes no look at the chain once it has begun. `Hands`
does the same steps by the adapters. Both know a step by the same name, so that a journey is written once.

Time is part of the forecast: a block is a second, and a step takes one block, and one more for each allowance
that it gives or takes back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import ape

from integrations.protocol import Protocol
from integrations.protocol.user import User
from integrations.simulation import PoolParameters, PoolState, StableSwapModel
from integrations.venues import MorphoMarket
from integrations.venues.lending_math import LendingState, Pot
from integrations.venues.pendle import PendleMarket, guess_for
from integrations.venues.pendle_market import PendleSnapshot
from integrations.venues.swap import less
from integrations.venues.tokens import erc20
from tests.conftest import WAD

BPS = 10_000
#: One unit of USDC in AID wei.
CENTS = 10**12
#: Virtual assets and shares of the vault.
VIRTUAL = 10**6
#: The pool's first packed word: the LP token's three maps come before.
FIRST_SLOT = 3
SLIPPAGE_BPS = 10
Wallet = dict[str, int]


@dataclass
class Vault:
    """sAID: its assets at a time, what they grow by a second from then on, and its shares."""

    assets: int
    slope: int
    since: int
    shares: int

    def at(self, time: int) -> int:
        """Its assets."""
        return self.assets + self.slope * (time - self.since)

    def rate(self, time: int) -> int:
        """AID for one share."""
        return WAD * (self.at(time) + VIRTUAL) // (self.shares + VIRTUAL)

    def deposit(self, time: int, aid: int) -> int:
        """Shares for AID."""
        made = aid * (self.shares + VIRTUAL) // (self.at(time) + VIRTUAL)
        self.assets += aid
        self.shares += made
        return made


@dataclass
class Loan:
    """One lending market, and what the account has there."""

    symbol: str
    state: LendingState
    pledged: int = 0
    shares: int = 0

    def debt(self, time: int) -> int:
        """What a full repayment takes."""
        return self.state.accrued(time).debt.assets_up(self.shares)


@dataclass
class Forecast:
    """Everything that the steps of an account depend on.

    Attributes:
        time: Of the last block.
        fee_bps: Of minting and of redeeming at the Gateway.
        vault: sAID.
        market: PT and SY at Pendle.
        pool: sAID and AID.
        loans: Lending markets of PT by the symbol of what they lend.
        wallet: Token units of the account.
        record: Name, time and wallet after each step.
    """

    time: int
    fee_bps: tuple[int, int]
    vault: Vault
    market: PendleSnapshot
    pool: StableSwapModel
    loans: dict[str, Loan]
    wallet: Wallet
    record: list[tuple[str, int, Wallet]] = field(default_factory=list)

    def run(self, step: str, *arguments: Any) -> int:
        """Take a step and note what the account has afterwards; returns what the step brings."""
        brought = int(getattr(self, step)(*arguments))
        self.record.append((step, self.time, self.holdings()))
        return brought

    def holdings(self) -> Wallet:
        """The wallet, and pledges and debt shares of each lending market."""
        found = dict(self.wallet)
        for name, loan in self.loans.items():
            found[f"pledged for {name}"] = loan.pledged
            found[f"debt shares in {name}"] = loan.shares
        return found

    # dollars and shares

    def mint(self, units: int) -> int:
        """USDC to AID, at a price of one."""
        self._blocks(2)
        made = (units - _up(units * self.fee_bps[0], BPS)) * CENTS
        return self._moved("USDC", units, "AID", made)

    def redeem(self, aid: int) -> int:
        """AID to USDC."""
        self._blocks(1)
        paid = (aid - _up(aid * self.fee_bps[1], BPS)) // CENTS
        return self._moved("AID", aid, "USDC", paid)

    def deposit(self, aid: int) -> int:
        """AID to sAID."""
        self._blocks(2)
        return self._moved("AID", aid, "sAID", self.vault.deposit(self.time, aid))

    def wrap(self, symbol: str, amount: int) -> int:
        """AID or sAID to SY."""
        self._blocks(2)
        made = self.vault.deposit(self.time, amount) if symbol == "AID" else amount
        return self._moved(symbol, amount, "SY", made)

    def sell_shares(self, shares: int) -> int:
        """SY to AID, through the pool."""
        self._blocks(1)
        self.pool.time, self.pool.assets[0] = self.time, self.vault.rate(self.time)
        return self._moved("SY", shares, "AID", self.pool.exchange(0, 1, shares).dy)

    # principal tokens

    def buy_pt(self, sy: int) -> int:
        """SY to PT: the router's search, from what the adapter has seen before the allowance."""
        seen = self._market(self.time + 1, self.vault.rate(self.time))
        reached = seen.swap("SY", "PT", sy).received["PT"]
        self._blocks(2)
        now = self._market(self.time, self.vault.rate(self.time))
        bought = now.bought("PT", sy, guess_for(reached, less(reached, SLIPPAGE_BPS)))
        trade = now.state.trade(bought)
        # what the search leaves over stays in the market, but counts as nobody's
        self.market = replace(now, state=now.state.after(trade))
        return self._moved("SY", sy, "PT", bought)

    def sell_pt(self, pt: int) -> int:
        """PT to SY, before the expiry."""
        self._blocks(2)
        now = self._market(self.time, self.vault.rate(self.time))
        trade = now.state.trade(-pt)
        self.market = replace(now, state=now.state.after(trade))
        return self._moved("PT", pt, "SY", -trade.sy)

    def redeem_pt(self, pt: int) -> int:
        """PT to SY, from the expiry on."""
        self._blocks(2)
        self.market = self._market(self.time, self.vault.rate(self.time))
        return self._moved("PT", pt, "SY", self.market.merge(pt).received["SY"])

    # loans

    def pledge(self, name: str, pt: int) -> int:
        """PT into a lending market."""
        self._blocks(2)
        self.wallet["PT"] -= pt
        self.loans[name].pledged += pt
        return pt

    def unpledge(self, name: str, pt: int) -> int:
        """PT out of it; the market accrues."""
        self._blocks(1)
        loan = self.loans[name]
        loan.state = loan.state.accrued(self.time)
        loan.pledged -= pt
        self.wallet["PT"] += pt
        return pt

    def borrow(self, name: str, amount: int) -> int:
        """A loan."""
        self._blocks(1)
        loan = self.loans[name]
        loan.state, _, shares = loan.state.accrued(self.time).borrowed(amount)
        loan.shares += shares
        self.wallet[loan.symbol] += amount
        return amount

    def repay(self, name: str, amount: int) -> int:
        """A part of it."""
        self._blocks(2)
        loan = self.loans[name]
        loan.state, _, shares = loan.state.accrued(self.time).repaid(amount)
        loan.shares -= shares
        self.wallet[loan.symbol] -= amount
        return shares

    def repay_all(self, name: str) -> int:
        """All of it: as much is allowed as it would cost later, and what is left of that is taken back."""
        self._blocks(2)
        loan = self.loans[name]
        loan.state, paid, _ = loan.state.accrued(self.time).repaid(shares=loan.shares)
        self._blocks(1)
        loan.shares = 0
        self.wallet[loan.symbol] -= paid
        return paid

    # time

    def wait_until(self, time: int) -> int:
        """Nothing, until a block at that time."""
        self.time = time
        return 0

    def reprice(self) -> int:
        """The feed of USDC says one dollar again."""
        self._blocks(1)
        return 0

    def _blocks(self, number: int) -> None:
        self.time += number

    def _market(self, time: int, rate: int) -> PendleSnapshot:
        return self.market.at(time, rate)

    def _moved(self, sold: str, amount: int, bought: str, brought: int) -> int:
        self.wallet[sold] -= amount
        self.wallet[bought] += brought
        return brought


@dataclass
class Hands:
    """The same steps, taken on the chain by an account.

    Attributes:
        protocol: The installation.
        account: Whose steps.
        venue: Pendle's market.
        markets: Lending markets of PT by the symbol of what they lend.
        publish: Has the feed of USDC say one dollar.
    """

    protocol: Protocol
    account: Any
    venue: PendleMarket
    markets: dict[str, MorphoMarket]
    publish: Callable[[], Any]

    def run(self, step: str, *arguments: Any) -> None:
        """Take a step."""
        getattr(self, step)(*arguments)

    def holdings(self) -> Wallet:
        """As `Forecast.holdings`."""
        tokens = {
            "USDC": self.protocol.coin("USDC").token,
            "AID": self.protocol.aid,
            "sAID": self.protocol.staked_aid,
            **{part: erc20(self.venue.tokens[part].address) for part in ("SY", "PT", "YT")},
        }
        found = {symbol: int(token.balanceOf(self.account)) for symbol, token in tokens.items()}
        for name, market in self.markets.items():
            _, owed, pledged = market.contract.position(market.params.id, self.account)
            found[f"pledged for {name}"], found[f"debt shares in {name}"] = int(pledged), int(owed)
        return found

    def mint(self, units: int) -> None:
        User(self.protocol, self.account).mint("USDC", units)

    def redeem(self, aid: int) -> None:
        User(self.protocol, self.account).redeem("USDC", aid)

    def deposit(self, aid: int) -> None:
        User(self.protocol, self.account).deposit(aid)

    def wrap(self, symbol: str, amount: int) -> None:
        self.venue.wrap(self.account, symbol, amount)

    def sell_shares(self, shares: int) -> None:
        self.venue.unwrap(self.account, "AID", shares)

    def buy_pt(self, sy: int) -> None:
        self._swap("SY", "PT", sy)

    def sell_pt(self, pt: int) -> None:
        self._swap("PT", "SY", pt)

    def redeem_pt(self, pt: int) -> None:
        self.venue.execute(self.account, self.venue.market().merge(pt), SLIPPAGE_BPS)

    def pledge(self, name: str, pt: int) -> None:
        self.markets[name].supply_collateral(self.account, pt)

    def unpledge(self, name: str, pt: int) -> None:
        self.markets[name].withdraw_collateral(self.account, pt)

    def borrow(self, name: str, amount: int) -> None:
        self.markets[name].borrow(self.account, amount)

    def repay(self, name: str, amount: int) -> None:
        self.markets[name].repay(self.account, amount)

    def repay_all(self, name: str) -> None:
        market = self.markets[name]
        market.repay(self.account, shares=market.position(self.account).debt_shares)

    def wait_until(self, time: int) -> None:
        ape.chain.pending_timestamp = time
        ape.chain.mine()

    def reprice(self) -> None:
        self.publish()

    def _swap(self, sell: str, buy: str, amount: int) -> None:
        self.venue.execute(self.account, self.venue.market().swap(sell, buy, amount), SLIPPAGE_BPS)


def forecast_of(hands: Hands, slope: int) -> Forecast:
    """The world as it is now; the vault's book grows by `slope` a second."""
    protocol = hands.protocol
    vault, now = protocol.staked_aid, int(ape.chain.blocks.head.timestamp)
    params = protocol.configurator.asset_params(protocol.coin("USDC").token)
    pool = protocol.contract("pool.sAID-AID")
    terms = PoolParameters(vaults=(True, False), assets=(int(vault.convertToAssets(WAD)), WAD))
    web3 = ape.chain.provider.web3
    words = [
        int.from_bytes(web3.eth.get_storage_at(pool.address, slot), "big")
        for slot in range(FIRST_SLOT, FIRST_SLOT + 5)
    ]
    return Forecast(
        time=now,
        fee_bps=(int(params.mint_fee_bps), int(params.redeem_fee_bps)),
        vault=Vault(int(vault.totalAssets()), slope, now, int(vault.totalSupply())),
        market=hands.venue.market(),
        pool=StableSwapModel(terms, now, PoolState.from_words(words)),
        loans={name: Loan(name, _booked(market)) for name, market in hands.markets.items()},
        wallet={name: units for name, units in hands.holdings().items() if " " not in name},
    )


def _booked(market: MorphoMarket) -> LendingState:
    """The totals that Morpho has booked."""
    supplied, supply_shares, owed, debt_shares, time, fee = market.contract.market(market.params.id)
    at_target = market._rate_model.rateAtTarget(market.params.id)
    return LendingState(Pot(supplied, supply_shares), Pot(owed, debt_shares), time, fee, at_target)


def _up(a: int, b: int) -> int:
    return -(-a // b)
