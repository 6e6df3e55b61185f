"""What users do at the staking vault."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.model import Protocol
from tests.model.protocol import ACCOUNTS
from tests.stateful.machine import CHOICE, DEMAND, OTHER, PARTS, PAUSE, USER, action, chosen, part
from tests.stateful.world_rules import WorldRules

# Whether the request window is let pass before.
LATE = st.sampled_from([False, False, True])


class StakingRules(WorldRules):
    """Deposits, withdrawal cycles and claims."""

    @action(4, who=USER, of=PARTS, to=OTHER, demand=DEMAND, pause=PAUSE)
    def deposit(self, who, of, to, demand, pause):
        now, to = self.at(pause), to or who
        assets = part(self.model.aid.of(who), of)
        least = 0
        if demand is not None:
            staking = self.model.settled(now).staking
            least = int(assets / staking.deposit_price(now)) + demand
        self.act(
            "deposit",
            who,
            self.contract("vault").deposit(assets, self.address(to), least),
            lambda m, t: m.staking.deposit(t, who, assets, to, least),
            now,
        )

    @action(2, who=USER, of=PARTS, to=OTHER, bounded=st.booleans(), pause=PAUSE)
    def mint_shares(self, who, of, to, bounded, pause):
        now, to = self.at(pause), to or who
        price = self.model.settled(now).staking.deposit_price(now)
        shares = int(part(self.model.aid.of(who), of) / price)
        most = int(shares * price) if bounded else 2**255
        self.act(
            "mint_shares",
            who,
            self.contract("vault").mint(shares, self.address(to), most),
            lambda m, t: m.staking.mint(t, who, shares, to, most),
            now,
        )

    @action(6, who=USER, of=PARTS, controller=OTHER, owner=OTHER, late=LATE, pause=PAUSE)
    def request(self, who, of, controller, owner, pause, late=False, less=0):
        if late:
            self.leave_window()
        now, controller, owner = self.at(pause), controller or who, owner or who
        shares = max(0, part(self.model.staking.shares.of(owner), of) - less)
        seen = self.driver.seen(controller, now)
        self.act(
            "request",
            who,
            self.contract("vault").requestRedeem(shares, self.address(controller), self.address(owner)),
            lambda m, t: m.staking.request(t, who, shares, controller, owner, seen),
            now,
        )

    @action(3, who=USER, choice=CHOICE, controller=OTHER, to=OTHER, late=LATE, pause=PAUSE)
    def cancel(self, who, choice, controller, to, late, pause):
        if late:
            self.leave_window()
        now = self.at(pause)
        who = chosen(self._those_in_line(), choice, who)
        controller, to = controller or who, to or who
        seen = self.driver.seen(controller, now)
        self.act(
            "cancel",
            who,
            self.contract("vault").cancel_request(self.address(controller), self.address(to)),
            lambda m, t: m.staking.cancel(t, who, controller, to, seen),
            now,
        )

    @action(
        6,
        who=USER,
        choice=CHOICE,
        controller=OTHER,
        to=OTHER,
        how=st.sampled_from(["claim", "claim_by_shares", "claim_by_assets"]),
        of=PARTS,
        pause=PAUSE,
    )
    def claim(self, who, choice, controller, to, how, of, pause):
        now = self.at(pause)
        who = chosen(self._claimants(), choice, who)
        controller, to = controller or who, to or who
        seen = self.driver.seen(controller, now)
        vault, receiver, owner = self.contract("vault"), self.address(to), self.address(controller)
        if how == "claim":
            self.act(
                how,
                who,
                vault.claim(receiver, owner),
                lambda m, t: m.staking.claim(t, who, to, controller, seen),
                now,
            )
        elif how == "claim_by_shares":
            shares = part(seen.claim_shares, of)
            self.act(
                how,
                who,
                vault.redeem(shares, receiver, owner),
                lambda m, t: m.staking.redeem(t, who, shares, to, controller, seen),
                now,
            )
        else:
            assets = part(seen.claim_assets, of)
            self.act(
                how,
                who,
                vault.withdraw(assets, receiver, owner),
                lambda m, t: m.staking.withdraw(t, who, assets, to, controller, seen),
                now,
            )

    def _those_in_line(self) -> list[str]:
        accounts = zip(ACCOUNTS, self.driver.last.accounts, strict=True)
        return [name for name, account in accounts if account.active + account.upcoming]

    def _claimants(self) -> list[str]:
        accounts = zip(ACCOUNTS, self.driver.last.accounts, strict=True)
        return [name for name, account in accounts if account.claim_assets]

    @action(1, who=USER, pause=PAUSE)
    def settle(self, who, pause):
        self.act("settle", who, self.contract("vault").sync(), lambda m, t: m.staking.sync(t), self.at(pause))

    @action(1, who=USER, of=PARTS, pause=PAUSE)
    def insure(self, who, of, pause):
        amount = part(self.model.aid.of(who) // 100, of)
        self.act(
            "insure",
            who,
            self.contract("insurance").contribute(amount),
            lambda m, _: m.staking.contribute(who, amount),
            self.at(pause),
        )

    @action(1, who=USER, operator=USER, approved=st.booleans(), pause=PAUSE)
    def set_operator(self, who, operator, approved, pause):
        def predict(m: Protocol, _: int) -> None:
            (m.staking.operators.add if approved else m.staking.operators.discard)((who, operator))

        call = self.contract("vault").setOperator(self.address(operator), approved)
        self.act("set_operator", who, call, predict, self.at(pause))
