"""The installation as its users meet it: accounts with coins, and calls that succeed or say why not.

Tests of this folder judge by what accounts hold before and after. They know the rules and the docs; no model
of
the contracts is imported here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import ape
from eth_abi.abi import encode
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from integrations.protocol.reports import Report, kind, sign_report
from integrations.protocol.roles import Role
from tests.economics.terms import Terms
from tests.support.fast import Call, Contract, Node, fast

WAD, USDC, PAR = 10**18, 10**6, 10**8
MILLION = 10**6 * WAD
DAY, CYCLE, WINDOW, YEAR = 86_400, 30 * 86_400, 7 * 86_400, 365 * 86_400
FOREVER = 2**256 - 1
ZERO = "0x" + 40 * "0"
COINS = ("usdc", "usdt")
PRICES_AGE = 20 * 3_600  # feeds are stale after 25 hours

#: Accounts without a role; those of the first line have KYC.
KNOWN = ("holder", "staker", "leaver", "friend", "buyer")
UNKNOWN = ("borrower", "stranger", "partner", "donor")
ROLES = ("governor", "guardian", "compliance", "treasurer")
OFFICERS = ("committee", "servicer")


@dataclass
class World:
    """Contracts and addresses by name, and the clock."""

    node: Node
    chain_id: int
    contracts: dict[str, Contract]
    addresses: dict[str, str]
    attestor_key: Any
    priced: int = 0
    prices: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COINS, PAR))
    silent: set[str] = field(default_factory=set)  # feeds that say nothing any more
    lots: int = 0
    worths: dict[int, int] = field(default_factory=dict)  # of lots, as appraised
    latest: int = 0  # second of the last block; 0: not asked yet
    prices_age: int = PRICES_AGE  # after which feeds report again

    def __getattr__(self, name: str) -> Contract:
        try:
            return self.__dict__["contracts"][name]
        except KeyError:
            raise AttributeError(name) from None

    def fresh(self) -> World:
        """The same world, for a test of its own."""
        return World(
            self.node,
            self.chain_id,
            dict(self.contracts),
            dict(self.addresses),
            self.attestor_key,
            self.priced,
            dict(self.prices),
            set(self.silent),
            self.lots,
            dict(self.worths),
            prices_age=self.prices_age,
        )

    # time

    @property
    def now(self) -> int:
        """Second of the last block."""
        if self.latest == 0:
            self.latest = self.node.time
        return self.latest

    def _send(self, who: str, call: Call, at: int) -> str | None:
        self.latest = at
        return self.node.send(self.addresses[who], call, at)

    def wait(self, seconds: int) -> int:
        """Let time pass, with prices that go on being reported."""
        return self.go(self.now + seconds)

    def go(self, at: int) -> int:
        """Let it be `at`."""
        if at <= self.priced + self.prices_age or not self._price_at(at):
            self.latest = at
            self.node.mine(at)
        return at

    def midnight(self, days: int = 1) -> int:
        """The start of a day to come."""
        return (self.now // DAY + days) * DAY

    def cycle_end(self) -> int:
        """When the running withdrawal cycle ends."""
        genesis = self.view(self.vault.cycle_start(0))
        return int(genesis + ((self.now - genesis) // CYCLE + 1) * CYCLE)

    # acts

    def act(self, who: str, call: Call, at: int | None = None) -> int:
        """Make a call that must succeed; returns its second."""
        t = self.second(at)
        reason = self._send(who, call, t)
        assert reason is None, f"{who} could not: {reason}"
        return t

    def attempt(self, who: str, call: Call, at: int | None = None) -> str | None:
        """Make a call; the reason if it fails."""
        return self._send(who, call, self.second(at))

    def possible(self, who: str, call: Call) -> bool:
        """Whether a call would succeed in the next second."""
        request = {"from": self.addresses[who], "to": call.to, "data": call.data}
        try:
            self.node.rpc("eth_call", request, "latest", {}, {"time": hex(self.now + 1)})
        except RuntimeError:
            return False
        return True

    def try_(self, who: str, call: Call) -> bool:
        """Make a call if it would succeed."""
        return self.possible(who, call) and self.attempt(who, call) is None

    def slow_feeds(self) -> None:
        """Let the Gateway take prices that are up to a week old, so that they need not be reported daily."""
        for coin in COINS:
            asset = self.contracts[coin].address
            terms = vars(self.view(self.configurator.asset_params(asset)))
            self.act(
                "governor", self.configurator.set_asset(asset, tuple({**terms, "max_age": 7 * DAY}.values()))
            )
        self.prices_age = 6 * DAY

    def together(self, who: str, *calls: Call, at: int | None = None) -> list[str | None]:
        """Make calls in one second, each in a block of its own."""
        t = self.second(at)
        return [self._send(who, call, t) for call in calls]

    def second(self, at: int | None = None) -> int:
        """A second for the next call, with prices no older than a feed lets them be."""
        t = self.now + 1 if at is None else at
        if t > self.priced + self.prices_age:
            self._price_at(t)
        return t

    def view(self, call: Call, at: int | None = None) -> Any:
        return self.node.view(call, at)

    # prices

    def price(self, coin: str, answer: int, at: int | None = None) -> None:
        """Have a coin's feed say something else from now on (8 decimals)."""
        self.prices[coin] = answer
        self.silent.discard(coin)
        self.act("governor", self.contracts[f"{coin}_feed"].set_price(answer), at)

    def silence(self, coin: str) -> None:
        """Let a coin's feed say nothing from now on."""
        self.silent.add(coin)

    def _price_at(self, at: int) -> bool:
        """Have the feeds report in a block of its own; whether there was one."""
        feeds = [coin for coin in COINS if coin not in self.silent]
        targets = [self.contracts[f"{coin}_feed"].address for coin in feeds]
        payloads = [
            bytes.fromhex(self.contracts[f"{coin}_feed"].set_price(self.prices[coin]).data[2:])
            for coin in feeds
        ]
        if feeds:
            call = self.caller.forward_many(targets, payloads)
            assert self._send("governor", call, at) is None
        self.priced = at
        return bool(feeds)

    # money

    def balance(self, who: str, token: str = "aid") -> int:
        return int(self.view(self.contracts[token].balanceOf(self.addresses[who])))

    @property
    def supply(self) -> int:
        return int(self.view(self.aid.totalSupply()))

    def give(self, who: str, coin: str, whole: int) -> None:
        """Let an account have coins, and the protocol take them."""
        self.act(who, self.contracts[coin].mint(self.addresses[who], whole * USDC))
        self.allow(who, coin)

    def allow(self, who: str, token: str) -> None:
        for spender in SPENDERS:
            if spender in self.addresses:
                self.act(who, self.contracts[token].approve(self.addresses[spender], FOREVER))

    def mint(self, who: str, whole: int, coin: str = "usdc") -> int:
        """Mint AID with coins that the account is given for it; what it got."""
        self.give(who, coin, whole)
        before = self.balance(who)
        self.act(who, self.gateway.mint(self.contracts[coin].address, whole * USDC, 0))
        return self.balance(who) - before

    def stake(self, who: str, amount: int) -> int:
        """Deposit AID; the shares."""
        before = self.balance(who, "vault")
        self.act(who, self.vault.deposit(amount, self.addresses[who]))
        return self.balance(who, "vault") - before

    def line_up(self, who: str, shares: int | None = None) -> None:
        """Ask for shares to be redeemed at a cycle's end."""
        wanted = self.balance(who, "vault") if shares is None else shares
        self.act(who, self.vault.requestRedeem(wanted, self.addresses[who], self.addresses[who]))

    def claim(self, who: str) -> int:
        """Take what a cycle has paid; AID."""
        before = self.balance(who)
        self.attempt(who, self.vault.claim(self.addresses[who], self.addresses[who]))
        return self.balance(who) - before

    def exit_assets(self, at: int | None = None) -> int:
        """What all shares are worth to leavers."""
        return int(self.view(self.vault.totalAssets(), at))

    def exit_price(self, at: int | None = None) -> int:
        """What a million shares are worth to a leaver, wei."""
        return int(self.view(self.vault.convertToAssets(MILLION), at))

    # deals

    def attest(self, name: str, subject: int, value: int) -> None:
        """Bring a fact, observed now."""
        t = self.second()
        report = Report(kind(name), subject, value, t, self.view(self.attestor.epoch()), t + DAY)
        signed = sign_report(self.attestor.address, self.chain_id, report, [self.attestor_key])
        self.act("servicer", self.attestor.submit(signed.report, signed.signers, signed.signatures), t)

    def lot(self, worth: int, owner: str = "borrower") -> int:
        """A lot of GPUs with its facts attested; the number of its receipt."""
        self.lots += 1
        made_by = bytes(keccak(text=f"lot {self.lots}"))
        self.act("servicer", self.receipts.issue(self.addresses[owner], ("H100", 512, "Oslo", made_by)))
        self.worths[self.lots] = worth
        self.attest("APPRAISAL", self.lots, worth)
        self.attest("TELEMETRY", self.lots, 9_950)
        return self.lots

    def appraise(self, deal: int) -> None:
        """Have the collateral of a deal appraised again, at the same worth."""
        receipt = int(self.view(self.deals.receipt_of(deal)))
        self.attest("APPRAISAL", receipt, self.worths[receipt])

    def propose(
        self, terms: Terms, receipt: int, borrower: str = "borrower", coin: str = "usdc"
    ) -> str | None:
        fields = [entry["name"] for entry in self.deals.parameters("propose")[0]["components"]]
        asked = terms.asked(fields, receipt=receipt, coin=self.contracts[coin].address)
        return self.attempt(borrower, self.deals.propose(asked))

    def fund(
        self,
        terms: Terms,
        worth: int | None = None,
        borrower: str = "borrower",
        coin: str = "usdc",
        at: int | None = None,
    ) -> int:
        """A deal from proposal to funding by the vault; its number."""
        if at is not None:
            self.go(at - 10)
        receipt = self.lot(2 * terms.funding if worth is None else worth, borrower)
        reason = self.propose(terms, receipt, borrower, coin)
        assert reason is None, reason
        deal = int(self.view(self.deals.count()))
        self.act("committee", self.deals.approve_deal(deal, self.addresses["vault"]))
        self.attest("DSCR", deal, 14_000)
        self.act("committee", self.desk.fund(deal), at)
        return deal

    def owed(self, deal: int, at: int | None = None) -> int:
        return int(self.view(self.desk.owed(deal), at))

    def claimable(self, who: str) -> int:
        return int(self.view(self.desk.claimable(self.addresses[who])))

    def collect_claim(self, who: str) -> int:
        """Take what the desk holds for an account; AID."""
        before = self.balance(who)
        self.attempt(who, self.desk.claim(self.addresses[who]))
        return self.balance(who) - before


#: Contracts to which users give allowances.
SPENDERS = ("gateway", "desk", "house", "vault", "insurance_fund", "escrow")

#: What tests call the contracts of the credit side; those in the second line exist since the new rules.
CREDIT_SIDE = {
    "attestor": "attestor",
    "receipts": "compute_receipt",
    "deals": "deals",
    "ledger": "deal_ledger",
    "desk": "deal_desk",
    "house": "collateral_auction",
    "workout": "workout",
    "treasury": "treasury",
    "escrow": "payment_escrow",
}


def build(project: Any, protocol: Any, people: Any) -> World:
    """The installation at work: accounts, roles, attestations that may move far and age long."""
    governor = people.governor
    node = Node(str(ape.chain.provider.web3.provider.endpoint_uri))
    addresses = {name: getattr(people, name).address for name in ROLES}
    for name in KNOWN + UNKNOWN + OFFICERS:
        addresses[name] = to_checksum_address(keccak(text=f"economics {name}")[12:])
        node.rpc("anvil_impersonateAccount", addresses[name])
        node.rpc("anvil_setBalance", addresses[name], hex(10**24))
    for role, who in (
        (Role.CREDIT, addresses["committee"]),
        (Role.SERVICER, addresses["servicer"]),
        (Role.ATTESTOR, people.dave.address),
    ):
        protocol.roles.grantRole(role.value, who, sender=governor)
    parts = {
        name: protocol.contract(entry) for name, entry in CREDIT_SIDE.items() if entry in protocol.names()
    }
    for name in ("APPRAISAL", "DSCR", "TELEMETRY"):
        parts["attestor"].set_kind(kind(name), 30 * DAY, 20_000, 9_000, sender=governor)
    parts["desk"].set_fee_receiver(people.treasurer, sender=governor)
    until = ape.chain.pending_timestamp + 5 * YEAR
    step = 700 * DAY
    protocol.allowlist.set_kyc_many(
        [addresses[name] for name in KNOWN],
        min(until, ape.chain.pending_timestamp + step),
        sender=people.compliance,
    )
    coins = {coin.symbol.lower(): coin for coin in protocol.coins()}
    named = {
        "roles": protocol.roles,
        "allowlist": protocol.allowlist,
        "configurator": protocol.configurator,
        "aid": protocol.aid,
        "gateway": protocol.gateway,
        "vault": protocol.staked_aid,
        "insurance_fund": protocol.insurance,
        "tbill": protocol.vault("TBILL").token,
        "caller": governor.deploy(project.Caller),
        **parts,
        **{name: coin.token for name, coin in coins.items()},
        **{f"{name}_feed": coin.feed for name, coin in coins.items()},
    }
    addresses |= {name: contract.address for name, contract in named.items()}
    return World(
        node=node,
        chain_id=ape.chain.chain_id,
        contracts={name: fast(contract) for name, contract in named.items()},
        addresses=addresses,
        attestor_key=people.dave,
    )


@contextmanager
def opened(world: World) -> Iterator[World]:
    """The world with its clock in the test's hands, on the third day of a cycle, and everybody's
    allowances.
    """
    with world.node.manual_mining():
        genesis = world.view(world.vault.cycle_start(0))
        cycle = (world.now - genesis) // CYCLE + 1
        world.go(genesis + cycle * CYCLE + 2 * DAY)
        for who in KNOWN + UNKNOWN:
            for token in ("aid", "usdc", "usdt", "vault"):
                world.allow(who, token)
        yield world


def deploy(world: World, name: str, container: Any, *args: Any) -> Contract:
    """Deploy a contract under a name."""
    kind_of = container.contract_type
    inputs = (
        [str(entry.canonical_type) for entry in kind_of.constructor.inputs] if kind_of.constructor else []
    )
    data = kind_of.get_deployment_bytecode() + encode(inputs, args)
    request = {"from": world.addresses["governor"], "data": "0x" + data.hex(), "gas": hex(12_000_000)}
    sent = world.node.rpc("eth_sendTransaction", request)
    world.latest = world.now + 1
    world.node.mine(world.latest)
    receipt = world.node.rpc("eth_getTransactionReceipt", sent)
    assert receipt["status"] == "0x1", f"{name} was not deployed"
    abi: Sequence[dict[str, Any]] = [entry.model_dump() for entry in kind_of.abi]
    world.contracts[name] = Contract(to_checksum_address(receipt["contractAddress"]), abi)
    world.addresses[name] = world.contracts[name].address
    return world.contracts[name]
