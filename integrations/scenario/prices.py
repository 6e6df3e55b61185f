"""Price paths: what a feed reports over a few days, inline or from a file of timestamps and closes.

A feed does not report every trade. As Chainlink's do, it publishes when the price has moved by a deviation
threshold since the last report, or when a heartbeat has passed.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import model_validator
from pydantic_core import PydanticCustomError
from typing_extensions import Self

from .fields import Instant, Offset, Period, Price, Strict, Text, between
from .units import BPS, HOUR, parse_decimal, parse_instant, to_units


class PricePoint(Strict):
    """One report: `at` is the time after the path starts."""

    at: Offset
    price: Price


class PriceFile(Strict):
    """A CSV file with columns `timestamp` (ISO 8601, UTC) and `close`; `since` is the path's time zero."""

    file: Text
    since: Instant
    until: Instant


class PricePath(Strict):
    """A path: inline `points`, or a `source` file with points to fall back to where the file is absent."""

    points: list[PricePoint]
    source: PriceFile | None = None
    deviation_bps: Annotated[int, between(0, 1_000)] = 0
    heartbeat: Period = 24 * HOUR

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.points:
            raise PydanticCustomError("expected", "expected at least one point, got none")
        for before, after in zip(self.points, self.points[1:], strict=False):
            if after.at <= before.at:
                raise PydanticCustomError("expected", "expected points in ascending order of `at`")
        return self


@dataclass(frozen=True)
class Quote:
    """A price (WAD) at a number of seconds after the start of its path."""

    offset: int
    price: int


@dataclass(frozen=True)
class ResolvedPath:
    """What a feed will report, and where that came from: a file's name, "fallback" or "inline"."""

    reports: tuple[Quote, ...]
    source: str


class PriceFileError(ValueError):
    """A price file that exists cannot be used; the message says where and why."""


def resolve(path: PricePath, root: Path) -> ResolvedPath:
    """Return what the feed reports; a `source` file is looked up from `root` and used where it exists.

    Raises PriceFileError when the file exists but holds no usable prices.
    """
    inline = [Quote(point.at, point.price) for point in path.points]
    if path.source is None:
        return ResolvedPath(published(inline, path), "inline")
    if not (root / path.source.file).is_file():
        return ResolvedPath(published(inline, path), "fallback")
    closes = read_closes(root / path.source.file, path.source)
    return ResolvedPath(published(closes, path), Path(path.source.file).name)


def read_closes(file: Path, source: PriceFile) -> list[Quote]:
    """Return the closes of `file` between `since` and `until`, exactly as written there (18 decimals).

    Raises PriceFileError for a missing column, a bad row, or an empty range.
    """
    found: list[Quote] = []
    with file.open(newline="", encoding="utf-8") as lines:
        rows = csv.DictReader(lines)
        missing = {"timestamp", "close"} - set(rows.fieldnames or ())
        if missing:
            raise PriceFileError(f"{source.file}:1: expected a column `{sorted(missing, reverse=True)[0]}`")
        for row in rows:
            try:
                moment, close = parse_instant(row["timestamp"]), parse_decimal(row["close"])
                price = to_units(close, 18)
            except ValueError as error:
                raise PriceFileError(f"{source.file}:{rows.line_num}: {error}") from None
            if price == 0:
                raise PriceFileError(f"{source.file}:{rows.line_num}: expected a positive close")
            if source.since <= moment <= source.until:
                found.append(Quote(moment - source.since, price))
    if not found:
        raise PriceFileError(f"{source.file}: expected closes between `since` and `until`, got none")
    return sorted(found, key=lambda quote: quote.offset)


def published(points: Sequence[Quote], path: PricePath) -> tuple[Quote, ...]:
    """Return the points that a feed with the path's deviation and heartbeat reports; the last one always."""
    reports = [points[0]]
    for quote in points[1:]:
        last = reports[-1]
        moved = abs(quote.price - last.price) * BPS >= path.deviation_bps * last.price
        if moved or quote.offset - last.offset >= path.heartbeat:
            reports.append(quote)
    if reports[-1].offset != points[-1].offset:
        reports.append(points[-1])
    return tuple(reports)
