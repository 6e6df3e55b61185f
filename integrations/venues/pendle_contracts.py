"""Pendle V2's contracts, and how a standardised yield gets principal and yield tokens and a market there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from integrations.protocol.artifacts import contract_at
from integrations.protocol.errors import ProtocolError
from integrations.venues.access import Access, ApeAccess
from integrations.venues.errors import UnknownMarketError
from integrations.venues.log_exp import WAD, exp, ln, truncated
from integrations.venues.pendle_math import PERCENT, YEAR

BPS = 10_000
ZERO = "0x" + "00" * 20
#: Percent of a market's value that PT make up at the highest yield expected.
FULL = 90


class TermsError(ProtocolError):
    """A market cannot have these terms."""


@dataclass(frozen=True)
class MarketTerms:
    """Parameters of a market, fixed for its life.

    Attributes:
        scalar_root: How flat the curve is a year before expiry, 1e18; divided by the years left at any time.
        anchor: PT per asset at which the first liquidity is priced, 1e18.
        ln_fee_root: Logarithm of the yearly fee factor, 1e18.
    """

    scalar_root: int
    anchor: int
    ln_fee_root: int

    @classmethod
    def between(cls, low_bps: int, high_bps: int, fee_bps: int, seconds: int) -> MarketTerms:
        """Terms of a market that trades best while the implied yield stays in a range.

        At the start PT and asset are worth the same at the middle of the range, and PT make up nine tenths of
        the market where the implied yield is the highest.

        Args:
            low_bps: Lowest yearly yield expected.
            high_bps: Highest yearly yield expected.
            fee_bps: Yearly fee: a trade pays this much yield, for the time that is left.
            seconds: From now to the expiry.

        Raises:
            TermsError: The range is empty, or the expiry is past.
        """
        if not 0 <= low_bps < high_bps:
            raise TermsError(f"no range: {low_bps} to {high_bps} bps", "give the lower yield first")
        if seconds <= 0:
            raise TermsError("the expiry is past", "give a later one")
        low, high = (exp(ln(WAD + bps * WAD // BPS) * seconds // YEAR) for bps in (low_bps, high_bps))
        anchor = (low + high) // 2
        logit = ln(FULL * WAD // (PERCENT - FULL))
        return cls(
            scalar_root=truncated(logit * seconds * WAD, YEAR * (high - anchor)),
            anchor=anchor,
            ln_fee_root=ln(WAD + fee_bps * WAD // BPS),
        )


class Pendle:
    """The contracts of one deployment of Pendle V2.

    Args:
        addresses: Of `pendle.router`, `pendle.yield_factory`, `pendle.market_factory` and `pendle.oracle`;
            further names are ignored.
        access: The chain; the connected one, through Ape, by default.
    """

    def __init__(self, addresses: Mapping[str, str], access: Access | None = None) -> None:
        self.access = access or ApeAccess()
        self.router = self.contract("router", addresses["pendle.router"])
        self.yields = self.contract("yield_factory", addresses["pendle.yield_factory"])
        self.markets = self.contract("market_factory", addresses["pendle.market_factory"])
        self.oracle = self.contract("oracle", addresses["pendle.oracle"])

    @staticmethod
    def contract(kind: str, address: str) -> Any:
        """The Ape contract of a kind (`market`, `pt`, `yt`, …) at an address."""
        from ape.contracts import ContractInstance

        return ContractInstance(address, _contract_type(kind))

    def expiry_after(self, time: int) -> int:
        """The first expiry at or after a time that the factory accepts."""
        (grid,) = self.access.read([(self.yields.expiryDivisor,)])
        return -(-time // int(grid)) * int(grid)

    def create_tokens(self, account: Any, sy: str, expiry: int) -> tuple[str, str]:
        """The principal and yield token of a standardised yield, deployed unless they exist. Anyone may.

        Args:
            account: Who pays.
            sy: Address of the SY.
            expiry: Unix time, see `expiry_after`.

        Raises:
            RevertedError: The expiry is past, or not on the factory's grid.
        """
        found = self._tokens(sy, expiry)
        if found[0] == ZERO:
            # no caching of the index within a block: a loss must count at once
            self.access.send(account, self.yields.createYieldContract, sy, expiry, False)
            found = self._tokens(sy, expiry)
        return found

    def create_market(self, account: Any, pt: str, terms: MarketTerms) -> str:
        """Deploy a market of a principal token, and return its address. Anyone may.

        Raises:
            RevertedError: There is one of the same terms, or the factory does not accept them.
        """
        # its address depends on the arguments alone
        arguments = (pt, terms.scalar_root, terms.anchor, terms.ln_fee_root)
        (address,) = self.access.read([(self.markets.createNewMarket.call, *arguments)])
        self.access.send(account, self.markets.createNewMarket, *arguments)
        self.require_market(str(address))
        return str(address)

    def require_market(self, address: str) -> None:
        """Make sure that the factory vouches for a market.

        Raises:
            UnknownMarketError: It does not.
        """
        if not self.access.read([(self.markets.isValidMarket, address)])[0]:
            raise UnknownMarketError(address, str(self.markets.address))

    def sy(self, address: str) -> Any:
        """The Ape contract of a standardised yield; all have the interface of this project's."""
        return contract_at("StandardizedYield", address)

    def _tokens(self, sy: str, expiry: int) -> tuple[str, str]:
        pt, yt = self.access.read([(self.yields.getPT, sy, expiry), (self.yields.getYT, sy, expiry)])
        return str(pt), str(yt)


@cache
def _contract_type(kind: str) -> Any:
    from ethpm_types import ContractType

    from integrations.fork.pendle import contracts

    part = contracts()[f"pendle.{kind}"]
    return ContractType.model_validate({"contractName": part.name, "abi": part.abi})
