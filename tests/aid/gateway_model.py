"""What the Gateway must answer, in exact fractions: written from its documentation, not from its code."""

from fractions import Fraction
from math import ceil, floor

WAD = 10**18
BPS = 10_000
DAY = 86_400
YEAR = 365 * DAY
MICRO_DOLLAR = 10**12


def dollars(units: int, decimals: int) -> Fraction:
    """AID wei that stand for units of a coin at par."""
    return Fraction(units * WAD, 10**decimals)


def mint_out(units: int, decimals: int = 6, price: int = WAD, fee_bps: int = 5) -> tuple[int, int]:
    """AID for units that arrive, and the fee in units: fee up, then min(1, price), then down."""
    fee = ceil(Fraction(units * fee_bps, BPS))
    return floor(dollars(units - fee, decimals) * min(Fraction(price, WAD), 1)), fee


def units_for(aid: int, decimals: int = 6, price: int = WAD) -> int:
    """Units of a coin that AID buys at max(1, price), down."""
    return floor(Fraction(aid * 10**decimals, WAD) / max(Fraction(price, WAD), 1))


def redeem_out(aid: int, decimals: int = 6, price: int = WAD, fee_bps: int = 5) -> tuple[int, int]:
    """Units for AID, and the units that stay as fee."""
    fee = ceil(Fraction(aid * fee_bps, BPS))
    units = units_for(aid - fee, decimals, price)
    return units, units_for(aid, decimals, price) - units


def backing(*positions: tuple[int, int, int]) -> tuple[int, int]:
    """B and B_par of positions (units, decimals, price)."""
    values = [(dollars(units, decimals), Fraction(price, WAD)) for units, decimals, price in positions]
    return floor(sum(value * min(price, 1) for value, price in values)), floor(sum(v for v, _ in values))


def surplus(b: int, supply: int, buffer_bps: int = 10) -> int:
    """What a harvest mints."""
    return max(0, b - supply - ceil(Fraction(supply * buffer_bps, BPS)))


def part(aid: int, held: int, supply: int, par: int) -> int:
    """A basket's leg of one coin."""
    return floor(Fraction(aid * held, max(supply, par)))


def grown(book: int, elapsed: int, growth_bps: int = 600) -> int:
    """A vault's book after some seconds: as fast as it may grow."""
    return book + floor(Fraction(book * growth_bps * elapsed, BPS * YEAR))


def share_part(aid: int, shares: int, value: int, supply: int, par: int) -> int:
    """A basket's leg of one vault: less the shares of two units of its coin, rounded up."""
    whole = part(aid, shares, supply, par)
    return whole - min(whole, 2 * (shares // value + 1))


def refilled(level: int, capacity: int, elapsed: int) -> int:
    """Level of a bucket in AID wei after some seconds: capacity is whole AID a day."""
    gained = floor(Fraction(capacity * 10**6 * elapsed, DAY)) * MICRO_DOLLAR
    return min(level + gained, capacity * WAD)
