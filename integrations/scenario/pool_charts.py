"""The charts of pools: their prices against what the tokens are worth, and how much they take."""

from __future__ import annotations

import altair as alt

from . import drawing as draw
from .report import Report
from .units import WAD
from .venues import coins_of
from .world import DEPTH_BPS, SAID, PoolState, Snapshot


def prices(report: Report) -> draw.Drawing | None:
    """Each pool's price as a part of what its first token is worth at the protocol, in its second."""
    names = _names(report)
    rows = [
        {"time": draw.milliseconds(one.time), "series": name, "value": draw.number(_premium(one, pool))}
        for one in draw.distinct(report)
        for name, pool in one.pools.items()
        if pool.price
    ]
    if not rows:
        return None
    lines = (
        draw.chart(rows)
        .mark_line(strokeWidth=1.6, interpolate="step-after")
        .encode(
            x=draw.year(report),
            y=draw.value("price ÷ NAV", ".2%"),
            color=draw.lines(names, [draw.BLUE, draw.ORANGE, draw.GREEN]),
        )
    )
    return draw.shade(report, lines, 86_400)


def depth(report: Report) -> draw.Drawing | None:
    """What one swap may sell of each token before it gets half a per cent less than the price."""
    rows = [
        {
            "time": draw.milliseconds(one.time),
            "series": f"{token} in {name}",
            "value": amount / 10 ** report.scenario.decimals(token),
        }
        for one in draw.distinct(report)
        for name, pool in one.pools.items()
        for token, amount in pool.depth.items()
    ]
    if not rows:
        return None
    names = [f"{token} in {name}" for name in _names(report) for token in coins_of(name)]
    lines: draw.Drawing = alt.layer(
        draw.chart(rows)
        .mark_line(strokeWidth=1.6, interpolate="step-after")
        .encode(
            x=draw.year(report),
            y=draw.value(f"sold within {DEPTH_BPS} bps", zero=True),
            color=draw.lines(names),
        )
    )
    return lines


def _names(report: Report) -> list[str]:
    return list(report.samples[-1].pools)


def _premium(snapshot: Snapshot, pool: PoolState) -> int:
    """Price of the first token over its worth in the second, WAD. AID and coins count as a dollar each."""
    first, second = pool.balances
    worth = {SAID: snapshot.staking.price_exit}
    return pool.price * worth.get(second, WAD) // worth.get(first, WAD)
