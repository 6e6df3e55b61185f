"""The credit side of an installation, driven by raw JSON-RPC: deals from proposal to funding in a few calls.

`bob` borrows, `alice` stakes, `carol` is the committee, `dave` servicer and attestor, `mallory` a stranger.
Names stand for addresses throughout.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import ape
from eth_abi.abi import encode
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from integrations.credit_model import Deal, Outcome, Status, Terms
from integrations.credit_model.auction import AuctionTerms, Round
from integrations.protocol.deal_state import proposal_of
from integrations.protocol.reports import Report, sign_report
from integrations.protocol.roles import Role
from tests.conftest import CYCLE, DAY
from tests.support.deal_terms import APPRAISAL, COVERAGE, FOREVER, MILLION, TELEMETRY
from tests.support.fast import Call, Contract, Node, fast

USDC = 10**6
#: What facts say unless a test has another opinion: twice the funding, 1.4, 99.5 %.
DSCR_BPS, UPTIME_BPS = 14_000, 9_950
PRICES_AGE = 20 * 3_600  # feeds are stale after 25 hours


@dataclass
class World:
    """Contracts and addresses by name, and the steps that tests begin with."""

    node: Node
    chain_id: int
    contracts: dict[str, Contract]
    addresses: dict[str, str]
    signer: Any  # dave's account
    issued: int = 0
    priced: int = 0  # second of the last prices
    models: dict[int, Deal] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Contract:
        try:
            return self.__dict__["contracts"][name]
        except KeyError:
            raise AttributeError(name) from None

    def fresh(self) -> World:
        """The same world, for a test of its own."""
        return replace(self, contracts=dict(self.contracts), addresses=dict(self.addresses), models={})

    @property
    def now(self) -> int:
        """Second of the last block."""
        return self.node.time

    # acts

    def send(self, who: str, call: Call, at: int | None = None) -> int:
        """Make a call that must succeed; returns its second."""
        t = self.second(at)
        reason = self.node.send(self.addresses[who], call, t)
        assert reason is None, f"{who}'s call failed: {reason}"
        return t

    def attempt(self, who: str, call: Call, at: int | None = None) -> str | None:
        """Make a call; the reason if it fails."""
        return self.node.send(self.addresses[who], call, self.second(at))

    def refusal(self, who: str, call: Call, at: int | None = None) -> str:
        """The reason for which a call would fail; empty if it would not."""
        request = {"from": self.addresses[who], "to": call.to, "data": call.data}
        try:
            self.node.rpc("eth_call", request, "latest", {}, {"time": hex(at or self.now + 1)})
        except RuntimeError as error:
            text = str(error).partition("execution reverted")[2]
            return text.partition(": ")[2].split(", data:")[0].split("', 'data'")[0].strip("\"'") or "?"
        return ""

    def view(self, call: Call, at: int | None = None) -> Any:
        return self.node.view(call, at)

    def go(self, at: int) -> int:
        """Let it be `at`, with fresh prices."""
        self.publish(at)
        self.node.mine(at)
        return at

    def publish(self, at: int, price: int = 10**8) -> None:
        """Have all feeds report."""
        feeds = [name for name in self.contracts if name.endswith("feed")]
        payloads = [bytes.fromhex(self.contracts[name].set_price(price).data[2:]) for name in feeds]
        call = self.caller.forward_many([self.contracts[name].address for name in feeds], payloads)
        assert self.node.send(self.addresses["governor"], call, at) is None
        self.priced = at

    def view_many(self, calls: Sequence[Call]) -> list[Any]:
        """What views return now, asked together."""
        requests = [("eth_call", [{"to": call.to, "data": call.data}, "latest"]) for call in calls]
        answers = self.node.rpc_many(requests)
        for answer in answers:
            if isinstance(answer, RuntimeError):
                raise answer
        return [call.decoded(bytes.fromhex(answer[2:])) for call, answer in zip(calls, answers, strict=True)]

    def second(self, at: int | None) -> int:
        """A second for the next call, the next one unless another is wanted; prices are fresh by then."""
        t = self.now + 1 if at is None else at
        if t > self.priced + PRICES_AGE:
            self.publish(t)
        return t

    def deploy(self, name: str, container: Any, *args: Any) -> Contract:
        """Deploy a contract under a name."""
        contract_type = container.contract_type
        inputs = [str(i.canonical_type) for i in contract_type.constructor.inputs]
        data = contract_type.get_deployment_bytecode() + encode(inputs, args)
        request = {"from": self.addresses["governor"], "data": "0x" + data.hex(), "gas": hex(12_000_000)}
        sent = self.node.rpc("eth_sendTransaction", request)
        self.node.mine(self.now + 1)
        receipt = self.node.rpc("eth_getTransactionReceipt", sent)
        assert receipt["status"] == "0x1", f"{name} was not deployed"
        abi = [entry.model_dump() for entry in contract_type.abi]
        self.contracts[name] = Contract(to_checksum_address(receipt["contractAddress"]), abi)
        self.addresses[name] = self.contracts[name].address
        return self.contracts[name]

    # deals

    def attest(self, name: bytes, subject: int, value: int, at: int | None = None) -> None:
        """Bring a report of one attestor, observed now."""
        t = self.second(at)
        epoch = self.view(self.attestor.epoch())
        report = Report(name, subject, value, t, epoch, t + DAY)
        signed = sign_report(self.attestor.address, self.chain_id, report, [self.signer])
        self.send("dave", self.attestor.submit(signed.report, signed.signers, signed.signatures), t)

    def receipt(self, owner: str = "bob", worth: int = 2 * MILLION, at: int | None = None) -> int:
        """Issue a receipt of a lot, with all facts attested."""
        t = self.second(at)
        self.issued += 1
        lot = ("H100 SXM 80GB", 512, "Oslo 2, hall B", self.fingerprint(self.issued))
        self.send("dave", self.receipts.issue(self.addresses[owner], lot), t)
        self.attest(APPRAISAL, self.issued, worth, t)
        self.attest(TELEMETRY, self.issued, UPTIME_BPS, t)
        return self.issued

    @staticmethod
    def fingerprint(receipt: int) -> bytes:
        """Of the lot that a receipt stands for."""
        return bytes(keccak(text=f"lot {receipt}"))

    def proposal(self, terms: Terms, receipt: int, reserve: int = 0, first_loss: int = 0) -> Call:
        """`Deals.propose`, to be paid in USDC."""
        asked = proposal_of(terms, reserve, first_loss, receipt, self.usdc.address)
        return self.deals.propose(asked)

    def proposed(
        self,
        terms: Terms,
        reserve: int = 0,
        first_loss: int = 0,
        worth: int | None = None,
        borrower: str = "bob",
        at: int | None = None,
    ) -> int:
        """A deal on a new receipt of the borrower's."""
        t = self.second(at)
        amount = terms.principal + terms.share_cost
        receipt = self.receipt(borrower, 2 * amount if worth is None else worth, t)
        self.send(borrower, self.proposal(terms, receipt, reserve, first_loss), t)
        return int(self.view(self.deals.count()))

    def approve(
        self, deal: int, funder: str = "vault", coverage: int = DSCR_BPS, at: int | None = None
    ) -> int:
        """Have the committee approve a deal, and its coverage attested."""
        t = self.send("carol", self.deals.approve_deal(deal, self.addresses[funder]), at)
        self.attest(COVERAGE, deal, coverage, t)
        return deal

    def approved(self, terms: Terms, at: int | None = None, **kwargs: Any) -> int:
        """A deal that could be funded now."""
        return self.approve(self.proposed(terms, at=at, **kwargs), at=at)

    def funded(self, terms: Terms, at: int | None = None, **kwargs: Any) -> int:
        """A deal of the vault, funded at a second; its model is in `models`."""
        t = self.second(at)
        deal = self.approved(terms, at=t, **kwargs)
        self.send("carol", self.desk.fund(deal), t)
        cushions = {name: kwargs[name] for name in ("reserve", "first_loss") if name in kwargs}
        self.models[deal] = Deal(terms, t, **cushions)
        return deal

    def pay(self, deal: int, amount: int, who: str = "bob", at: int | None = None, **kwargs: bool) -> Outcome:
        """Have somebody pay in AID, on chain and in the model."""
        t = self.second(at)
        to_share = kwargs.get("to_share", False)
        self.send(who, self.desk.pay_aid(deal, amount, to_share), t)
        return self.models[deal].pay(t, amount, to_share)

    def stop(self, deal: int) -> int:
        """The second in which grace of a debt's first unpaid instalment is over, by the model."""
        leg = self.models[deal].debt
        assert leg is not None
        return leg.stop * DAY

    def default(self, deal: int, at: int) -> None:
        """A stranger says that a deal is in default."""
        assert self.models[deal].is_late(at)
        self.send("mallory", self.desk.declare_default(deal), at)
        self.models[deal].status = Status.DEFAULTED

    def liquidate(self, deal: int, worth: int, at: int | None = None) -> Round:
        """Have the collateral sold, which was last appraised at `worth`; its round, by the model."""
        t = self.send("carol", self.workout.liquidate(deal), at)
        self.models[deal].status = Status.LIQUIDATING
        return self.round_of(self.models[deal], worth, t)

    @staticmethod
    def round_of(model: Deal, worth: int, t: int) -> Round:
        """The first round of an auction that starts at `t` under the default terms."""
        return Round(t, *AuctionTerms().bounds(worth, model.owed(t)))

    def bid(self, deal: int, sale: Round, price: int, who: str = "mallory") -> tuple[int, int, Outcome]:
        """Bid in AID as soon as the lot costs `price` or less; the second, what it cost, and what follows."""
        t = next(t for t in range(sale.started_at, sale.ends_at, sale.terms.step) if sale.price(t) <= price)
        t = max(t, self.now)
        self.send(who, self.house.bid(deal, self.aid.address, sale.price(t)), t)
        return t, sale.price(t), self.models[deal].resolve(t, sale.price(t))

    def midnight(self, days: int = 1) -> int:
        """The start of a day to come."""
        return (self.now // DAY + days) * DAY

    # what there is

    def summary(self, at: int | None = None) -> Any:
        return self.view(self.vault.summary(), at)

    def state(self, deal: int, at: int | None = None) -> Any:
        """`DealLedger.deal`."""
        return self.view(self.ledger.deal(deal), at)

    def balance(self, who: str, token: str = "aid") -> int:
        return int(self.view(self.contracts[token].balanceOf(self.addresses[who])))

    def claimable(self, who: str = "bob") -> int:
        return int(self.view(self.desk.claimable(self.addresses[who])))

    def fees(self) -> int:
        return int(self.view(self.desk.fees()))

    def insurance(self) -> int:
        return int(self.view(self.contracts["insurance_fund"].available()))

    def check(self, deal: int, t: int, slack: int = 4) -> None:
        """A deal is at `t` what the model says, but for some wei."""
        state, model = self.state(deal, t), self.models[deal]
        assert state.status == model.status.value
        assert (state.reserve, state.first_loss) == (model.reserve, model.first_loss)
        assert abs(state.gross - model.gross(t)) <= slack
        assert abs(state.impairment - model.impairment(t)) <= slack
        assert abs(self.view(self.desk.owed(deal), t) - model.owed(t)) <= slack

    def price(self, at: int | None = None) -> int:
        """What a million shares are worth in an exit, wei."""
        return int(self.view(self.vault.convertToAssets(MILLION), at))


#: What tests call the contracts of the credit side.
NAMES = {
    "attestor": "attestor",
    "receipts": "compute_receipt",
    "deals": "deals",
    "ledger": "deal_ledger",
    "desk": "deal_desk",
    "house": "collateral_auction",
    "workout": "workout",
}


def build(project: Any, protocol: Any, people: Any) -> World:
    """The installed credit side at work: people in their parts, reports that may move far and age long."""
    governor = people.governor
    for role, who in (
        (Role.CREDIT, people.carol),
        (Role.SERVICER, people.dave),
        (Role.ATTESTOR, people.dave),
    ):
        protocol.roles.grantRole(role.value, who, sender=governor)
    parts = {name: protocol.contract(entry) for name, entry in NAMES.items()}
    for name in (APPRAISAL, COVERAGE, TELEMETRY):
        parts["attestor"].set_kind(name, 30 * DAY, 20_000, 9_000, sender=governor)
    # its rules have tests of their own; here the committee does at once what it likes
    parts["workout"] = project.OpenWorkout.at(parts["workout"].address)
    lax = governor.deploy(project.OpenWorkout, protocol.roles, parts["desk"])
    rpc = ape.chain.provider.web3.provider.make_request
    code = ape.chain.provider.web3.eth.get_code(lax.address).to_0x_hex()
    rpc("anvil_setCode", [parts["workout"].address, code])
    parts["desk"].set_fee_receiver(people.treasurer, sender=governor)
    coins = {coin.symbol.lower(): coin for coin in protocol.coins()}
    named = {
        "roles": protocol.roles,
        "allowlist": protocol.allowlist,
        "configurator": protocol.configurator,
        "aid": protocol.aid,
        "gateway": protocol.gateway,
        "vault": protocol.staked_aid,
        "insurance_fund": protocol.insurance,
        "caller": governor.deploy(project.Caller),
        **parts,
        **{name: coin.token for name, coin in coins.items()},
        **{f"{name}_feed": coin.feed for name, coin in coins.items()},
    }
    addresses = {name: account.address for name, account in vars(people).items()}
    addresses |= {name: contract.address for name, contract in named.items()}
    return World(
        node=Node(str(ape.chain.provider.web3.provider.endpoint_uri)),
        chain_id=ape.chain.chain_id,
        contracts={name: fast(contract) for name, contract in named.items()},
        addresses=addresses,
        signer=people.dave,
    )


@contextmanager
def opened(world: World) -> Iterator[World]:
    """The world with its clock in the test's hands, and money in it.

    Alice has staked twenty million and keeps nine; bob and dave have coins and two of AID, mallory four.
    It is the third day of a cycle.
    """
    with world.node.manual_mining():
        genesis = world.view(world.vault.cycle_start(0))
        cycle = (world.now - genesis) // CYCLE + 1
        t = genesis + cycle * CYCLE + 2 * DAY
        world.publish(t)
        for who, coins in (("alice", 40), ("bob", 40), ("dave", 20), ("mallory", 20)):
            address = world.addresses[who]
            world.send(who, world.usdc.mint(address, coins * 10**6 * USDC), t)
            for token in (world.usdc, world.aid):
                for spender in ("gateway", "desk", "house", "vault", "insurance_fund"):
                    world.send(who, token.approve(world.addresses[spender], FOREVER), t)
        world.send("alice", world.gateway.mint(world.usdc.address, 37 * 10**6 * USDC, 0), t)
        for who, amount in (("bob", 2), ("dave", 2), ("mallory", 4)):
            world.send("alice", world.aid.transfer(world.addresses[who], amount * MILLION), t)
        world.send("alice", world.vault.deposit(20 * MILLION, world.addresses["alice"]), t)
        yield world
