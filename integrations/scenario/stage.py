"""What an event sees while it plays: the world, the scenario, and the price feeds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Literal

from .deal_book import DealBook, Entry
from .events import Event
from .fields import ALL
from .loader import LoadedScenario
from .model import Scenario
from .positions import PositionBook
from .prices import Quote, ResolvedPath
from .units import MINUTE, WAD, format_units, to_units
from .world import SAID, World


class Feeds:
    """Keeps feeds alive, as oracle operators do: re-publishes a price before it would go stale."""

    LEAD = 2 * MINUTE

    def __init__(self, world: World, scenario: Scenario) -> None:
        self._world = world
        self._max_age = {name: coin.max_age for name, coin in scenario.stablecoins.items()}
        self._silent: set[str] = set()
        self._published: dict[str, int] = {}
        self.prices = {name: coin.price for name, coin in scenario.stablecoins.items()}

    def publish(self, coin: str, price: int) -> None:
        """Set the price of a coin; a silent feed keeps its last report until it speaks again."""
        self.prices[coin] = price
        if coin not in self._silent:
            self._world.publish_price(coin, price)
            self._published[coin] = self._world.now()

    def silence(self, coin: str) -> None:
        """Publish nothing for a coin until `resume`."""
        self._silent.add(coin)

    def resume(self, coin: str) -> None:
        """Publish the coin's price again, beginning now."""
        self._silent.discard(coin)
        self.publish(coin, self.prices[coin])

    def refresh(self, before: int) -> None:
        """Re-publish every price that would be old at `before`, shortly before that time."""
        due = [
            coin
            for coin, max_age in self._max_age.items()
            if coin not in self._silent and before - self._published.get(coin, 0) > max_age // 2
        ]
        if due and before - self.LEAD > self._world.now():
            self._world.travel_to(before - self.LEAD)
        for coin in due:
            self.publish(coin, self.prices[coin])


class Stage:
    """Handed to `Event.play`.

    `schedule` queues the reports of a price path; `plan` an event that a deal brings about by itself, at so
    many seconds after the start, unless the deal's schedule has changed by then.
    """

    def __init__(
        self,
        world: World,
        loaded: LoadedScenario,
        feeds: Feeds,
        schedule: Callable[[str, Sequence[Quote]], None],
        plan: Callable[[int, str, Event], None],
    ) -> None:
        self.world = world
        self.scenario = loaded.scenario
        self._paths = loaded.paths
        self.feeds = feeds
        self.schedule = schedule
        self.plan = plan
        self.deals = DealBook(loaded.scenario)
        self.positions = PositionBook()

    def path(self, name: str) -> ResolvedPath:
        """Return a price path of the scenario."""
        return self._paths[name]

    def units(self, amount: Decimal | Literal["all"] | None, token: str, who: str) -> int:
        """Return an amount in units of `token`; "all" is what `who` has in the wallet, None is 0."""
        if amount is None:
            return 0
        if amount == ALL:
            return self.world.balance(token, who)
        return to_units(Decimal(amount), self.scenario.decimals(token))

    def payment(self, amount: Decimal | str, token: str, entry: Entry | None, *, to_share: bool) -> int:
        """Return token units of a payment for a deal: what is `due` by today or `all` owed, rounded up."""
        if not isinstance(amount, str):
            return to_units(amount, self.scenario.decimals(token))
        if entry is None:
            return 0
        now, deal = self.world.now(), entry.model
        owed = deal.owed_on_share(now) if to_share else deal.owed_on_debt(now)
        aid = owed if amount == ALL else deal.due(now, to_share=to_share)
        return -(-aid // int(10 ** (18 - self.scenario.decimals(token))))

    def planned_end(self, event: Event, do: str, field: str) -> int:
        """Return when an actor means to end what `event` begins, seconds after the start.

        That is at their next event of the kind `do` with the same `field`, or at the end of the scenario.
        """
        wanted = (do, event.actor, getattr(event, field))
        ends = (
            one.offset
            for one in self.scenario.timeline
            if one.offset > event.offset and (one.do, one.actor, getattr(one, field, None)) == wanted
        )
        return min(ends, default=self.scenario.duration)

    def text(self, units: int, token: str) -> str:
        """Return `1,234.56 USDC`; AID and shares always with cents."""
        whole = token in self.scenario.stablecoins and units % 10 ** self.scenario.decimals(token) == 0
        places = 0 if whole else 2
        return f"{format_units(units, self.scenario.decimals(token), places)} {token}"

    def list(self, amounts: Mapping[str, int]) -> str:
        """Return `1,000 USDC + 1,000.00 AID`."""
        return " + ".join(self.text(units, token) for token, units in amounts.items() if units) or "nothing"

    def worth(self, amounts: Mapping[str, int]) -> int:
        """Return dollars (18 decimals): coins and AID at par, sAID at its exit price."""
        total = sum(self.to_dollars(units, token) for token, units in amounts.items() if token != SAID)
        shares = amounts.get(SAID, 0)
        return total + (shares * self.world.snapshot().staking.price_exit // WAD if shares else 0)

    def to_dollars(self, units: int, token: str) -> int:
        """Return units of a token as an 18-decimal amount, at par."""
        return units * int(10 ** (18 - self.scenario.decimals(token)))
