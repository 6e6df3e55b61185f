"""The charts of deals: the book, liquidity against its floor, who bore losses, what sAID earned by source."""

from __future__ import annotations

import altair as alt

from . import drawing as draw
from .report import Report
from .units import BPS, WAD
from .world import Snapshot


def book(report: Report) -> draw.Drawing | None:
    """What deals are worth, and what of their carrying value is impaired."""
    if not report.deals:
        return None
    names = ["worth", "impaired"]
    rows = draw.series(
        draw.distinct(report),
        {
            names[0]: lambda one: one.staking.gross - one.staking.impairment,
            names[1]: lambda one: one.staking.impairment,
        },
    )
    areas: draw.Drawing = (
        draw.chart(rows)
        .mark_area(opacity=0.85)
        .encode(
            x=draw.year(report),
            y=draw.value("AID", zero=True),
            color=draw.areas(names, [draw.PURPLE, draw.RED]),
            order="order:Q",
        )
    )
    return areas


def liquidity(report: Report) -> draw.Drawing | None:
    """What is idle beyond the queue, as a part of exit assets, and the floor below which nothing is lent."""
    if not report.deals:
        return None
    names = ["idle beyond the queue", "floor"]
    floor = report.scenario.staking.reserve_floor_bps * WAD // BPS
    rows = draw.series(
        [one for one in draw.distinct(report) if one.staking.exit_assets],
        {names[0]: _free, names[1]: lambda _: floor},
    )
    lines = (
        draw.chart(rows)
        .mark_line(strokeWidth=1.8, interpolate="step-after")
        .encode(
            x=draw.year(report),
            y=draw.value("of exit assets", ".0%", zero=True),
            color=draw.lines(names, [draw.BLUE, draw.GREY]),
            strokeDash=draw.dashes(names, [[1, 0], [4, 4]]),
        )
    )
    return alt.layer(lines)


def _free(one: Snapshot) -> int:
    """Idle AID less what the queue would be paid now, over exit assets (WAD); below zero if it is short."""
    staking = one.staking
    queue = (staking.pending_active + staking.pending_next) * staking.price_exit // WAD
    return (staking.idle - queue) * WAD // staking.exit_assets


def waterfall(report: Report) -> draw.Drawing | None:
    """Of each loss, from what was carried: what came back, and who bore the rest."""
    names = ["recovered", "reserve", "first loss", "unvested profit", "insurance", "share price"]
    rows: draw.Rows = [
        {"deal": f"{one.deal}, {one.how}", "series": name, "value": draw.number(value), "order": order}
        for one in report.losses
        for order, (name, value) in enumerate(
            zip(
                names,
                (one.recovered, one.reserve, one.first_loss, one.unvested, one.insurance, one.nav),
                strict=True,
            )
        )
    ]
    if not rows:
        return None
    colours = [draw.GREEN, draw.GREY, draw.BLUE, draw.PURPLE, draw.ORANGE, draw.RED]
    axis = alt.Axis(format="~s", title="AID", tickCount=5)
    bars: draw.Drawing = (
        draw.chart(rows)
        .mark_bar(size=26)
        .encode(
            y=alt.Y("deal:N", sort=None, axis=alt.Axis(title=None, grid=False)),
            x=alt.X("value:Q", axis=axis),
            color=draw.areas(names, colours),
            order="order:Q",
        )
    )
    return bars


def sources(report: Report) -> draw.Drawing | None:
    """What each source has brought sAID, a year, as a part of staked assets."""
    if not report.yields:
        return None
    rows: draw.Rows = [
        {"series": one.source, "value": one.rate / WAD, "sign": "gain" if one.amount > 0 else "loss"}
        for one in report.yields
    ]
    scale = alt.Scale(domain=["gain", "loss"], range=[draw.GREEN, draw.RED])
    bars: draw.Drawing = (
        draw.chart(rows)
        .mark_bar(size=18, cornerRadius=2)
        .encode(
            y=alt.Y("series:N", sort=None, axis=alt.Axis(title=None, grid=False)),
            x=alt.X("value:Q", axis=alt.Axis(format=".1%", title="a year", tickCount=6)),
            color=alt.Color("sign:N", scale=scale, legend=None),
        )
    )
    return bars
