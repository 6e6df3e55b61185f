"""Drives a vault and its model through the same operations, and compares them."""

from __future__ import annotations

from math import ceil, floor
from typing import Any, NamedTuple

from .staking_model import CYCLE, DAY, WINDOW, StakingModel

UNLIMITED = 2**256 - 1
GAS = 3_000_000


class Summary(NamedTuple):
    """StakedAID.Summary."""

    idle: int
    claimable: int
    supply: int
    deposit_assets: int
    exit_assets: int
    unvested: int
    cycle: int
    active: int
    upcoming: int
    releasing: int = 0


class Position(NamedTuple):
    """cycles.Position."""

    active: int
    active_cycle: int
    upcoming: int
    upcoming_cycle: int
    claim_shares: int
    claim_assets: int


class Stage:
    """The vault with a credit book, and people with AID: short ways to act at a given second.

    What it sends is signed by the node and skips Ape's bookkeeping: four times as fast.
    """

    def __init__(self, chain: Any, protocol: Any, portfolio: Any, people: Any) -> None:
        self.chain = chain
        self.vault, self.aid, self.gateway = protocol.staked_aid, protocol.aid, protocol.gateway
        self.insurance = protocol.insurance
        self.portfolio = portfolio
        self.people = people
        self.genesis = self.vault.cycle_start(0)

    @classmethod
    def build(cls, chain: Any, project: Any, protocol: Any, people: Any, stakers: str, amount: int) -> Stage:
        """Attach a mock book; each of `stakers` mints AID for `amount` of USDC and approves the vault."""
        governor = people.governor
        portfolio = governor.deploy(project.Portfolio, protocol.staked_aid, protocol.gateway)
        protocol.staked_aid.set_portfolio(portfolio, sender=governor)
        stage = cls(chain, protocol, portfolio, people)
        usdc = protocol.coin("USDC").token
        for name in stakers.split():
            who = getattr(people, name)
            stage.send(who, protocol.gateway.mint, usdc, amount, 0)
            for spender in (protocol.staked_aid, portfolio, protocol.insurance):
                stage.send(who, protocol.aid.approve, spender, UNLIMITED)
        return stage

    # time

    def start(self, cycle: int) -> int:
        return int(self.genesis + cycle * CYCLE)

    @property
    def now(self) -> int:
        return int(self.chain.provider.get_block("latest").timestamp)

    @property
    def cycle(self) -> int:
        return (self.now - int(self.genesis)) // CYCLE

    def at(self, t: int) -> None:
        """Have the next transaction happen at `t`."""
        self.chain.provider.make_request("evm_setNextBlockTimestamp", [t])

    def go(self, t: int) -> None:
        """Let it be `t`, also for views."""
        self.at(t)
        self.chain.provider.make_request("evm_mine", [])

    def next_cycle(self, offset: int = 0) -> int:
        """Go to `offset` seconds into the next cycle."""
        t = self.start(self.cycle + 1) + offset
        self.go(t)
        return t

    # acts

    def send(self, who: Any, method: Any, *args: Any, at: int | None = None) -> int:
        """Call `method` and return the second at which it happened; it must succeed."""
        request = self.chain.provider.make_request
        if at is not None:
            self.at(at)
        data = method.encode_input(*args)
        sender = getattr(who, "address", who)
        call = {"from": sender, "to": method.contract.address, "data": data.to_0x_hex(), "gas": hex(GAS)}
        receipt = request("eth_sendTransactionSync", [call])
        assert int(receipt["status"], 16) == 1, f"{method} failed at {receipt['blockNumber']}"
        return int(request("eth_getBlockByNumber", [receipt["blockNumber"], False])["timestamp"], 16)

    def deposit(self, who: Any, assets: int, at: int | None = None) -> int:
        return self.send(who, self.vault.deposit, assets, who, at=at)

    def request(self, who: Any, shares: int, at: int | None = None) -> int:
        return self.send(who, self.vault.requestRedeem, shares, who, who, at=at)

    def cancel(self, who: Any, at: int | None = None) -> int:
        return self.send(who, self.vault.cancel_request, who, who, at=at)

    def claim(self, who: Any, at: int | None = None) -> int:
        return self.send(who, self.vault.claim, who, who, at=at)

    def sync(self, at: int | None = None) -> int:
        return self.send(self.people.mallory, self.vault.sync, at=at)

    def donate(self, who: Any, amount: int, to: Any = None) -> int:
        """Send AID to the vault (or to `to`) past its accounting."""
        return self.send(who, self.aid.transfer, to or self.vault, amount)

    def fund(self, amount: int, slope: int = 0, at: int | None = None) -> int:
        return self.send(self.people.dave, self.portfolio.fund, amount, slope, at=at)

    def impair(self, amount: int, slope: int = 0, at: int | None = None) -> int:
        return self.send(self.people.dave, self.portfolio.set_impairment, amount, slope, at=at)

    def repay_held(self, amount: int, principal: int, gain: int, at: int | None = None) -> int:
        """Repay out of the AID that was funded."""
        return self.send(self.people.dave, self.portfolio.pay_held, amount, principal, gain, at=at)

    def repay(self, who: Any, amount: int, principal: int, gain: int, at: int | None = None) -> int:
        return self.send(who, self.portfolio.pay_aid, amount, principal, gain, at=at)

    def refusal(self, who: Any, method: Any, *args: Any) -> str:
        """The reason for which `method` would revert now, also deep inside; empty if it would not."""
        data = method.encode_input(*args).to_0x_hex()
        call = {"from": who.address, "to": method.contract.address, "data": data, "gas": hex(GAS)}
        try:
            self.chain.provider.make_request("eth_call", [call, "latest"])
        except Exception as error:
            return str(error).partition("execution reverted: ")[2].split(", data:")[0].strip("\"'")
        return ""

    # reads

    def shares(self, who: Any) -> int:
        return self.read(self.vault.balanceOf, who)[0]

    def read(self, method: Any, *args: Any) -> list[int]:
        """The words that a view returns."""
        call = {"to": method.contract.address, "data": method.encode_input(*args).to_0x_hex()}
        answer = bytes.fromhex(self.chain.provider.make_request("eth_call", [call, "latest"])[2:])
        return [int.from_bytes(answer[i : i + 32], "big") for i in range(0, len(answer), 32)]

    def position(self, who: Any) -> Position:
        return Position(*self.read(self.vault.position, who)[:6])

    def summary(self) -> Summary:
        return Summary(*self.read(self.vault.summary))

    def balance(self, who: Any) -> int:
        return self.read(self.aid.balanceOf, who)[0]

    def state(self, *names: str) -> tuple[Any, ...]:
        """All that counts, of the vault and of people."""
        people = [getattr(self.people, name) for name in names]
        return (
            self.summary(),
            self.read(self.insurance.available),
            *((self.position(who), self.balance(who), self.shares(who)) for who in people),
        )

    def worth(self, shares: int) -> int:
        return self.read(self.vault.convertToAssets, shares)[0]


class Twin:
    """A stage and a model that do the same at the same second.

    Expects a vault that nobody has used; names of people are the model's keys.
    """

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.model = StakingModel(stage.start(0), int(stage.vault.vesting_period()))
        self.model.sync(stage.now)
        self.model.insurance = int(stage.insurance.available())
        self.claimed: dict[str, int] = {}

    def who(self, name: str) -> Any:
        return getattr(self.stage.people, name)

    def deposit(self, name: str, assets: int, at: int | None = None) -> int:
        t = self.stage.deposit(self.who(name), assets, at)
        return self.model.deposit(t, assets)

    def request(self, name: str, shares: int, at: int | None = None) -> None:
        self.model.request(self.stage.request(self.who(name), shares, at), name, shares)

    def cancel(self, name: str, at: int | None = None) -> None:
        who = self.who(name)
        before = self.stage.shares(who)
        t = self.stage.cancel(who, at)
        self.model.sync(t)
        returned = self.stage.shares(who) - before
        burned = self.model.supply - self.stage.summary().supply
        due = self.model.cancel(t, name, returned, burned)
        assert floor(due - self.model.line(name).slack) <= returned + burned <= due

    def claim(self, name: str, at: int | None = None) -> int:
        who = self.who(name)
        before = self.stage.balance(who)
        t = self.stage.claim(who, at)
        got = self.stage.balance(who) - before
        self.model.pay(t, got)
        self.claimed[name] = self.claimed.get(name, 0) + got
        return got

    def sync(self, at: int | None = None) -> None:
        self.model.sync(self.stage.sync(at))

    def fund(self, amount: int, slope: int = 0, at: int | None = None) -> None:
        self.model.fund(self.stage.fund(amount, slope, at), amount, slope)

    def impair(self, amount: int, slope: int = 0, at: int | None = None) -> None:
        self.model.impair(self.stage.impair(amount, slope, at), amount, slope)

    def repay_held(self, amount: int, principal: int, gain: int, at: int | None = None) -> None:
        self.model.repay(self.stage.repay_held(amount, principal, gain, at), amount, principal, gain)

    def go(self, t: int) -> None:
        self.stage.go(t)
        self.model.sync(t)

    def next_cycle(self, offset: int = 0) -> None:
        self.model.sync(self.stage.next_cycle(offset))

    def check(self) -> None:
        """The vault's totals are the model's; nobody has more than the model gives, nor wei too few."""
        model, stage = self.model, self.stage
        t = stage.now
        model.sync(t)
        found = stage.summary()
        assert found == Summary(
            idle=model.idle,
            claimable=model.claimable,
            supply=model.supply,
            deposit_assets=model.deposit_assets(t),
            exit_assets=model.exit_assets(t),
            unvested=model.stream.unvested(t) if model.supply else 0,
            cycle=model.cycle,
            active=model.active,
            upcoming=model.upcoming,
            releasing=model.releasing(t),
        )
        earned = 0
        for name, line in model.lines.items():
            position = stage.position(self.who(name))
            claimed = self.claimed.get(name, 0)
            earned += position.claim_assets
            assert position.active_cycle == model.cycle
            assert position.upcoming == line.upcoming
            assert floor(line.active - line.slack) <= position.active <= line.active
            assert ceil(line.earned - line.slack) <= claimed + position.claim_assets <= line.earned
        assert earned <= model.claimable
        assert found.idle + found.claimable <= stage.balance(stage.vault)


__all__ = ["CYCLE", "DAY", "WINDOW", "Stage", "Twin"]
