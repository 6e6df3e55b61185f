"""Gifts, authority, prices, other people's vaults and coins, and time."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.model import Protocol
from tests.model.numbers import CYCLE, DAY, WAD
from tests.model.protocol import USERS
from tests.stateful.checks import Kind
from tests.stateful.machine import COIN, COINS, PARTS, PAUSE, USER, Machine, action, part
from tests.support.fast import Call

BP = 10_000  # of a price with 8 decimals
PRICES = st.sampled_from(
    [10**8 + BP * n for n in (0, 0, 0, 0, 0, 0, -2, 20, 25, -25, -60, -100, 100, -500, 200)]
    + [10**8 + n for n in (-1, 3, 250_001, -250_001, 1_000_001, -1_000_001)]
)
#: Token and receiver: where a balance could be mistaken for what was counted.
GIFTS = (
    ("aid", "vault"),
    ("aid", "insurance"),
    ("aid", "gateway"),
    ("aid", "desk"),
    ("vault", "gateway"),
    ("TBILL", "gateway"),
    *((coin, "gateway") for coin in COINS),
    ("USDT", "desk"),
)
# Who may come to hold tokens: shares must never go to the vault.
HOLDER = st.sampled_from((*USERS, *USERS, "vault"))
# In normal mode, but not at par.
NEAR_PEG = st.sampled_from([10**8, 10**8, 10**8 - 2 * BP, 10**8 + 2 * BP, 10**8 - 1])
KEEPER = st.sampled_from(["guardian", "governor"])
RARELY = st.sampled_from([False, False, True])
MOSTLY = st.sampled_from([True, True, False])
MISFORTUNES = st.sampled_from(
    [
        ("kill_feed", 0),
        ("lose_in_vault", 1),
        ("lose_in_vault", 10),
        ("lose_in_vault", 300),
        ("overstate_vault", 100),
        ("overstate_vault", 10_000),
        ("break_vault", 0),
        ("break_vault", 0),
        ("take_fee", 10),
        ("blacklist", 0),
    ]
)


class WorldRules(Machine):
    """What happens to the protocol."""

    @action(4, who=USER, gift=st.sampled_from(GIFTS), of=PARTS, pause=PAUSE)
    def donate(self, who, gift, of, pause):
        """Send tokens to a contract that did not ask: it must make no difference to anyone."""
        name, to = gift
        amount = part(self._balance(self.model, name, who) // 10, of)
        self.act(
            f"give {name} to {to}",
            who,
            self.contract(name).transfer(self.address(to), amount),
            lambda m, _: self._transfer(m, name, who, to, amount),
            self.at(pause),
        )

    @action(2, who=USER, to=HOLDER, name=st.sampled_from(["aid", "vault", "TBILL"]), of=PARTS, pause=PAUSE)
    def transfer(self, who, to, name, of, pause):
        amount = part(self._balance(self.model, name, who), of)
        self.act(
            "transfer",
            who,
            self.contract(name).transfer(self.address(to), amount),
            lambda m, _: self._transfer(m, name, who, to, amount),
            self.at(pause),
        )

    @staticmethod
    def _balance(model: Protocol, name: str, who: str) -> int:
        tokens = {
            "aid": model.aid,
            "vault": model.staking.shares,
            "TBILL": model.gateway.holding.vault.shares,
        }
        tokens |= {coin.name: coin.token for coin in model.gateway.coins.values()}
        return tokens[name].of(who)

    @staticmethod
    def _transfer(model: Protocol, name: str, who: str, to: str, amount: int) -> None:
        if name == "aid":
            model.aid.transfer(who, to, amount)
        elif name == "vault":
            model.staking.transfer(who, to, amount)
        elif name == "TBILL":
            model.gateway.holding.vault.shares.move(who, to, amount)
        else:
            model.gateway.coins[name].token.move(who, to, amount)

    # authority

    @action(1, whom=st.sampled_from(USERS), pause=PAUSE)
    def deny(self, whom, pause):
        self.act(
            "deny",
            "compliance",
            self.contract("aid").deny(self.address(whom)),
            lambda m, _: m.aid.denied.add(whom),
            self.at(pause),
        )

    @action(2, whom=USER, pause=PAUSE)
    def allow(self, whom, pause):
        whom = min(self.model.aid.denied, default=whom)
        self.act(
            "allow",
            "compliance",
            self.contract("aid").allow(self.address(whom)),
            lambda m, _: m.aid.denied.discard(whom),
            self.at(pause),
        )

    @action(1, whom=USER, days=st.sampled_from([0, 1, 30, 365, 365, 365]), pause=PAUSE)
    def set_kyc(self, whom, days, pause):
        until = self.at(pause) + days * DAY if days else 0
        self.act(
            "set_kyc",
            "compliance",
            self.contract("allowlist").set_kyc(self.address(whom), until),
            lambda m, _: m.gateway.kyc.update({whom: until}),
            self.at(pause),
        )

    @action(2, coin=COIN, who=KEEPER, mint=RARELY, redeem=RARELY, pause=PAUSE)
    def pause_coin(self, coin, who, mint, redeem, pause):
        self.act(
            "pause_coin",
            who,
            self.contract("configurator").pause_asset(self.address(coin), mint, redeem),
            lambda m, _: m.gateway.pause(who, coin, mint, redeem),
            self.at(pause),
        )

    # the world outside

    @action(2, coin=COIN, price=PRICES, pause=PAUSE)
    def move_price(self, coin, price, pause):
        def predict(m: Protocol, t: int) -> None:
            m.gateway.coins[coin].report(t, price * 10**10)

        call = self.contract(f"{coin} feed").set_price(price)
        self.act("move_price", "governor", call, predict, self.at(pause), Kind.PRICE)

    @action(5, what=MISFORTUNES, coin=COIN, whom=USER, pause=PAUSE)
    def misfortune(self, what, coin, whom, pause):
        """A feed dies, or the coin or the vault that others run turns bad."""
        name, value = what
        tbill, tether = self.contract("TBILL"), self.contract("USDT")

        def predict(m: Protocol, t: int) -> None:
            vault, usdt = m.gateway.holding.vault, m.gateway.coins["USDT"].token
            if name == "kill_feed":
                m.gateway.coins[coin].dead = True
            elif name == "lose_in_vault":
                vault.lose(t, value)
            elif name == "overstate_vault":
                vault.overstated_bps = value
            elif name == "break_vault":
                vault.broken = True
            elif name == "take_fee":
                usdt.fee_bps = value
            else:
                usdt.blacklist.add(whom)

        calls = {
            "kill_feed": self.contract(f"{coin} feed").set_reverting(True),
            "lose_in_vault": tbill.lose(value),
            "overstate_vault": tbill.overstate(value),
            "break_vault": tbill.break_views(True),
            "take_fee": tether.set_fee(value),
            "blacklist": tether.set_blacklisted(self.address(whom), True),
        }
        kind = Kind.PRICE if name == "kill_feed" else Kind.VAULT_EVENT if "vault" in name else Kind.PLAIN
        self.act(name, "governor", calls[name], predict, self.at(pause), kind)

    @action(3, price=NEAR_PEG, pause=PAUSE)
    def relief(self, pause, price=10**8):
        """All feeds report a dollar or nearly so, and other people's contracts behave."""
        now, coins = self.at(pause), self.model.gateway.coins
        payloads = [(f"{coin} feed", self.contract(f"{coin} feed").set_price(price)) for coin in COINS]
        tether, tbill = self.contract("USDT"), self.contract("TBILL")
        payloads += [("TBILL", tbill.break_views(False)), ("TBILL", tbill.overstate(0))]
        payloads += [("USDT", tether.set_fee(0))]
        blacklist = sorted(coins["USDT"].token.blacklist)[:2]
        payloads += [("USDT", tether.set_blacklisted(self.address(whom), False)) for whom in blacklist]

        def predict(m: Protocol, t: int) -> None:
            for quoted in m.gateway.coins.values():
                quoted.report(t, price * 10**10)
            m.gateway.holding.vault.broken, m.gateway.holding.vault.overstated_bps = False, 0
            tether = m.gateway.coins["USDT"].token
            tether.fee_bps = 0
            tether.blacklist -= set(blacklist)

        self.act("relief", "governor", self._batch(payloads), predict, now, Kind.VAULT_EVENT)

    def _batch(self, calls: list[tuple[str, Call]]) -> Call:
        """Several calls that anyone may make, in one transaction."""
        payloads = [bytes.fromhex(call.data[2:]) for _, call in calls]
        return self.contract("caller").forward_many([self.address(name) for name, _ in calls], payloads)

    @action(1, repeg=st.booleans(), pause=PAUSE)
    def publish_prices(self, repeg, pause):
        """All feeds report again, at their last price or at one dollar."""
        self._publish("publish_prices", self.at(pause), repeg)

    def _publish(self, name: str, now: int, repeg: bool) -> None:
        coins = self.model.gateway.coins
        prices = {coin: WAD if repeg else coins[coin].price for coin in COINS}

        def predict(m: Protocol, t: int) -> None:
            for coin, price in prices.items():
                m.gateway.coins[coin].report(t, price)

        feeds = [
            (f"{coin} feed", self.contract(f"{coin} feed").set_price(price // 10**10))
            for coin, price in prices.items()
        ]
        self.act(name, "governor", self._batch(feeds), predict, now, Kind.PRICE)

    @action(1, rate_bps=st.sampled_from([0, 450, 450, 1_000, 5_000]), pause=PAUSE)
    def set_vault_rate(self, rate_bps, pause):
        def predict(m: Protocol, t: int) -> None:
            m.gateway.holding.vault.settle(t)
            m.gateway.holding.vault.rate_bps = rate_bps

        self.act(
            "set_vault_rate", "governor", self.contract("TBILL").set_rate(rate_bps), predict, self.at(pause)
        )

    @action(
        2,
        seconds=st.one_of(st.integers(1, 70 * DAY), st.integers(1, 3 * DAY)),
        publish=st.sampled_from([True, True, False]),
    )
    def wait(self, seconds, publish):
        self._wait(self.driver.now + seconds, publish)

    @action(4, ahead=st.sampled_from([1, 1, 2]), window=st.booleans(), off=st.sampled_from([-1, 0, 1, 60]))
    def wait_for_cycle(self, ahead, window, off):
        """Until about the end of a cycle, or of its request window; prices are published then."""
        staking = self.model.staking
        running = (self.driver.now - staking.genesis) // CYCLE
        until = staking.start(running + ahead) + off + (staking.window if window else 0)
        self._wait(until, publish=True)

    def leave_window(self) -> None:
        """Until requests join the next cycle, unless they do already."""
        staking = self.model.settled(self.driver.now).staking
        if staking.in_window(self.driver.now):
            self._wait(staking.start(staking.cycle) + staking.window, publish=True)

    def _wait(self, until: int, publish: bool) -> None:
        if publish:
            self._publish("wait", until, repeg=False)
            return
        self.driver.pass_time(until)
