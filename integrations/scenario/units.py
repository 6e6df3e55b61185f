"""Exact conversions between what people write (decimals, durations) and what contracts count (integers).

No float takes part anywhere: an amount is a `Decimal` until it becomes an integer number of token units.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from decimal import ROUND_DOWN, Decimal, localcontext

WAD = 10**18
BPS = 10_000
MINUTE = 60
HOUR = 3_600
DAY = 86_400

_DECIMAL = re.compile(r"[0-9][0-9_]*(\.[0-9][0-9_]*)?")
_DURATION = re.compile(r"(?:(\d+)d)?\s*(?:(\d+)h)?\s*(?:(\d+)m)?\s*(?:(\d+)s)?")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
_DAY_AND_CLOCK = re.compile(r"(\d+)d\s+(\d{1,2}:\d{2}(?::\d{2})?)")


def parse_decimal(value: object) -> Decimal:
    """Return a non-negative decimal, exactly as written (`250_000`, `"0.5"`).

    Raises ValueError for a float, a bool, a sign, an exponent, or anything else that is not plain digits.
    """
    if isinstance(value, (bool, float)):
        raise ValueError("expected a decimal")
    if isinstance(value, (int, Decimal)):
        value = format(value, "f") if isinstance(value, Decimal) else str(value)
    if not isinstance(value, str) or not _DECIMAL.fullmatch(value.strip()):
        raise ValueError("expected a decimal")
    return Decimal(value.strip().replace("_", ""))


def to_units(amount: Decimal, decimals: int) -> int:
    """Return `amount` whole tokens as integer token units. Raises ValueError if it has more decimals."""
    with localcontext() as context:
        context.prec = 100
        scaled = amount.scaleb(decimals)
        if scaled != scaled.to_integral_value():
            raise ValueError(f"expected at most {decimals} decimals")
        return int(scaled)


def format_units(units: int, decimals: int, places: int = 2) -> str:
    """Return token units as `1,234.56`: rounded towards zero, so that nothing is shown that is not there."""
    with localcontext() as context:
        context.prec = 100
        value = Decimal(units).scaleb(-decimals).quantize(Decimal(1).scaleb(-places), rounding=ROUND_DOWN)
    return f"{value:,f}" if value else f"{abs(value):,f}"


def parse_duration(value: object) -> int:
    """Return seconds from `12d 6h 30m 15s`, any part of it, or `12d 06:30[:15]`. Raises ValueError."""
    text = value.strip() if isinstance(value, str) else ""
    if clock := _DAY_AND_CLOCK.fullmatch(text):
        return int(clock[1]) * DAY + parse_clock(clock[2])
    match = _DURATION.fullmatch(text)
    if not text or match is None:
        raise ValueError('expected a duration such as "12d 6h" or "12d 06:30"')
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return days * DAY + hours * HOUR + minutes * MINUTE + seconds


def parse_clock(value: object) -> int:
    """Return seconds after midnight from `HH:MM` or `HH:MM:SS`. Raises ValueError."""
    match = _CLOCK.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None or int(match[1]) > 23 or int(match[2]) > 59 or int(match[3] or 0) > 59:
        raise ValueError('expected a time of day such as "09:30" or "23:59:59"')
    return int(match[1]) * HOUR + int(match[2]) * MINUTE + int(match[3] or 0)


def parse_instant(value: object) -> int:
    """Return a Unix timestamp from ISO 8601 text in UTC (`2023-03-10T20:00:00Z`). Raises ValueError."""
    try:
        moment = datetime.fromisoformat(str(value).strip().replace("Z", "+00:00"))
    except ValueError:
        raise ValueError('expected a UTC time such as "2023-03-10T20:00:00Z"') from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp())


def midnight(day: date) -> int:
    """Return the Unix timestamp of 00:00 UTC of `day`."""
    return int(datetime(day.year, day.month, day.day, tzinfo=timezone.utc).timestamp())


def format_instant(timestamp: int) -> str:
    """Return `2026-03-01 09:30` (UTC), with seconds only where they matter."""
    moment = datetime.fromtimestamp(timestamp, timezone.utc)
    return moment.strftime("%Y-%m-%d %H:%M:%S" if moment.second else "%Y-%m-%d %H:%M")


def format_elapsed(seconds: int) -> str:
    """Return `12d 06:30`, with seconds only where they matter."""
    days, rest = divmod(seconds, DAY)
    hours, rest = divmod(rest, HOUR)
    minutes, left = divmod(rest, MINUTE)
    return f"{days}d {hours:02}:{minutes:02}" + (f":{left:02}" if left else "")


def month_ends(start: date, days: int) -> list[int]:
    """Return the seconds from `start` at which each calendar month of a run of `days` days ends.

    The months are counted from the first day; a last part of a month counts as one. 365 days from
    1 January give twelve.
    """
    ends: list[int] = []
    last = start + timedelta(days=days)
    count = 1
    while True:
        years, month = divmod(start.month - 1 + count, 12)
        first_of_next = date(start.year + years, month + 1, 1)
        following = first_of_next + timedelta(days=start.day - 1)
        if following >= last:
            return [*ends, days * DAY]
        ends.append((following - start).days * DAY)
        count += 1
