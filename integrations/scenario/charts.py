"""The report's charts, as SVG that takes its ink from the page (`currentColor`): light and dark both work."""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import vl_convert
from altair.utils.schemapi import debug_mode

from . import deal_charts, pool_charts, position_tables
from . import drawing as draw
from .books import coin_value, vault_value
from .report import Report
from .units import DAY, WAD

QUIET_BAND_BPS = 20
"""The close-up of prices shows the days in which a price was further than this from a dollar."""


ON_TIME = "exit, had everybody paid on time"


def charts(report: Report) -> Mapping[str, str]:
    """Return all charts by name, as SVG. A chart that has nothing to show is left out."""
    # Altair would check every part of every chart against the grammar, which takes as long as drawing them
    with debug_mode(False):
        return _charts(report)


def _charts(report: Report) -> Mapping[str, str]:
    sized = {
        "nav": (_nav(report), 220),
        "supply": (_supply(report), 220),
        "coverage": (_coverage(report), 150),
        "reserve": (_reserve(report), 220),
        "price": (_price(report), 180),
        "staked": (_staked(report), 220),
        "deals": (deal_charts.book(report), 200),
        "liquidity": (deal_charts.liquidity(report), 150),
        "waterfall": (deal_charts.waterfall(report), 110),
        "sources": (deal_charts.sources(report), 140),
        "cycles": (_cycles(report), 160),
        "queue": (_queue(report), 150),
        "pools": (pool_charts.prices(report), 180),
        "depth": (pool_charts.depth(report), 160),
        "positions": (position_tables.bars(report), 34 * len(report.positions)),
    }
    drawn = {
        name: _svg(chart.properties(width=draw.WIDTH, height=height))
        for name, (chart, height) in sized.items()
        if chart is not None
    }
    return drawn | {"wealth": _svg(_wealth(report))}


def _svg(chart: draw.Drawing) -> str:
    ink = {
        "labelColor": "currentColor",
        "titleColor": "currentColor",
        "labelFontSize": 11,
        "titleFontSize": 11,
    }
    themed = chart.configure(background="transparent", font="sans-serif", padding=4)
    spec = themed.to_dict(validate=False)
    spec["config"] |= {
        "view": {"stroke": None},
        "axis": ink
        | {"gridColor": "currentColor", "gridOpacity": 0.12, "tickColor": "currentColor", "tickOpacity": 0.4}
        | {
            "domain": False,
            "titlePadding": 12,
            "titleFontWeight": "normal",
            "titleOpacity": 0.7,
            "labelOpacity": 0.8,
        },
        "legend": ink | {"title": None, "orient": "top", "columnPadding": 26, "symbolStrokeWidth": 3},
        "header": ink | {"labelFontSize": 12, "title": None},
        "range": {"category": draw.PALETTE},
    }
    return str(vl_convert.vegalite_to_svg(spec))


# -- charts


def _nav(report: Report) -> draw.Drawing:
    names = ["deposit", "exit"]
    rows = draw.series(
        [one for one in draw.distinct(report) if one.staking.shares],
        {"deposit": lambda one: one.staking.price_deposit, "exit": lambda one: one.staking.price_exit},
    )
    if report.performing:
        names.append(ON_TIME)
        rows += [
            {"time": draw.milliseconds(one.time), "series": ON_TIME, "dash": ON_TIME, "order": 2}
            | {"value": draw.number(one.performing)}
            for one in report.performing
        ]
    lines = (
        draw.chart(rows)
        .mark_line(strokeWidth=2)
        .encode(
            x=draw.year(report),
            y=draw.value("AID per sAID", ".2f"),
            color=draw.lines(names, [draw.BLUE, draw.ORANGE, draw.GREEN]),
            strokeDash=draw.dashes(names, [[1, 0], [5, 5], [2, 3]]),
        )
    )
    return alt.layer(lines)


def _supply(report: Report) -> draw.Drawing:
    names = ["backing at par", "backing", "AID supply"]
    rows = draw.series(
        draw.distinct(report),
        {
            "backing at par": lambda one: one.backing.backing_par,
            "backing": lambda one: one.backing.backing,
            "AID supply": lambda one: one.backing.supply,
        },
    )
    lines = (
        draw.chart(rows)
        .mark_line(strokeWidth=1.8, interpolate="step-after")
        .encode(
            x=draw.year(report),
            y=draw.value("dollars", zero=True),
            color=draw.lines(names, [draw.GREY, draw.GREEN, draw.BLUE]),
            strokeDash=draw.dashes(names, [[1, 0], [1, 0], [4, 4]]),
        )
    )
    return draw.shade(report, lines, DAY)


def _coverage(report: Report) -> draw.Drawing:
    names = ["at par", "at market prices"]
    rows = draw.series(
        [one for one in draw.distinct(report) if one.backing.supply],
        {
            "at par": lambda one: one.backing.backing_par * WAD // one.backing.supply,
            "at market prices": lambda one: one.backing.backing * WAD // one.backing.supply,
        },
    )
    lines = (
        draw.chart(rows)
        .mark_line(strokeWidth=1.8)
        .encode(
            x=draw.year(report),
            y=draw.value("backing ÷ supply", ".1%"),
            color=draw.lines(names, [draw.GREY, draw.GREEN]),
        )
    )
    return draw.shade(report, lines, DAY)


def _reserve(report: Report) -> draw.Drawing:
    scenario = report.scenario
    names = [*scenario.stablecoins, *scenario.reserve.vaults]
    rows = [
        {"time": draw.milliseconds(one.time), "series": name, "value": draw.number(value), "order": order}
        for one in draw.distinct(report)
        for order, (name, value) in enumerate(
            [(coin, coin_value(one, scenario, coin)) for coin in scenario.stablecoins]
            + [(vault, vault_value(one, scenario, vault)) for vault in scenario.reserve.vaults]
        )
    ]
    areas: draw.Drawing = (
        draw.chart(rows)
        .mark_area(interpolate="step-after", opacity=0.85)
        .encode(
            x=draw.year(report),
            y=draw.value("dollars, at min(1, price)", zero=True),
            color=draw.areas(names),
            order="order:Q",
        )
    )
    return areas


def _price(report: Report) -> draw.Drawing | None:
    """The days off the peg, close up; None if there are none."""
    off = [one.time for one in report.prices if abs(one.price - WAD) * 10_000 > QUIET_BAND_BPS * WAD]
    if not off:
        return None
    since, until = off[0] - DAY // 2, off[-1] + DAY
    rows: draw.Rows = []
    for coin in report.scenario.stablecoins:
        reports = [one for one in report.prices if one.coin == coin]
        before = [one for one in reports if one.time <= since][-1:]
        within = [one for one in reports if since < one.time <= until]
        points = [(since, one.price) for one in before] + [(one.time, one.price) for one in within]
        points.append((until, points[-1][1]))
        rows += [
            {"time": draw.milliseconds(time), "series": coin, "value": draw.number(price)}
            for time, price in points
        ]
    axis = alt.Axis(format="%e %b", tickCount="day", title=None, grid=False, labelAlign="left", labelOffset=4)
    x = draw.time(axis, since, until)
    lines = (
        draw.chart(rows)
        .mark_line(strokeWidth=1.6, interpolate="step-after", clip=True)
        .encode(
            x=x,
            y=draw.value("dollars", ".2f"),
            color=draw.lines(list(report.scenario.stablecoins)),
        )
    )
    shades = [
        {"time": draw.milliseconds(max(start, since)), "until": draw.milliseconds(min(end, until))}
        for start, end in draw.deficits(report)
        if start < until and end > since
    ]
    band = draw.chart(shades).mark_rect(color=draw.RED, opacity=0.16).encode(x=x, x2="until:T")
    return alt.layer(band, lines)


def _staked(report: Report) -> draw.Drawing:
    names = ["idle", "portfolio", "claimable"]
    rows = draw.series(
        draw.distinct(report),
        {
            "idle": lambda one: one.staking.idle,
            "portfolio": lambda one: one.staking.gross - one.staking.impairment,
            "claimable": lambda one: one.staking.claimable,
        },
    )
    areas: draw.Drawing = (
        draw.chart(rows)
        .mark_area(interpolate="step-after", opacity=0.85)
        .encode(
            x=draw.year(report),
            y=draw.value("AID", zero=True),
            color=draw.areas(names, [draw.BLUE, draw.PURPLE, draw.ORANGE]),
            order="order:Q",
        )
    )
    return areas


def _cycles(report: Report) -> draw.Drawing | None:
    names = ["filled", "rolled on"]
    rows: draw.Rows = [
        {"cycle": str(one.cycle), "series": name, "value": draw.number(value), "order": order}
        for one in report.cycles
        for order, (name, value) in enumerate(
            [("filled", one.filled), ("rolled on", one.requested - one.filled)]
        )
    ]
    if not rows:
        return None
    bars: draw.Drawing = (
        draw.chart(rows)
        .mark_bar(size=34, cornerRadius=2)
        .encode(
            x=alt.X("cycle:N", sort=None, axis=alt.Axis(title="cycle", labelAngle=0, grid=False)),
            y=draw.value("sAID requested", zero=True),
            color=draw.areas(names, [draw.GREEN, draw.ORANGE]),
            order="order:Q",
        )
    )
    return bars


def _queue(report: Report) -> draw.Drawing:
    names = ["waiting to leave (sAID)", "claimable (AID)"]
    rows = draw.series(
        draw.distinct(report),
        {
            names[0]: lambda one: one.staking.pending_active + one.staking.pending_next,
            names[1]: lambda one: one.staking.claimable,
        },
    )
    lines = (
        draw.chart(rows)
        .mark_line(strokeWidth=1.8, interpolate="step-after")
        .encode(
            x=draw.year(report),
            y=draw.value("sAID, AID", zero=True),
            color=draw.lines(names, [draw.ORANGE, draw.GREEN]),
        )
    )
    return alt.layer(lines)


def _wealth(report: Report) -> draw.Drawing:
    """Change of wealth since the start, one small chart for each actor."""
    start = report.scenario.start_time
    rows: draw.Rows = []
    for actor in report.actors:
        rows.append({"time": draw.milliseconds(start), "actor": actor.name, "value": 0.0})
        rows += [
            {
                "time": draw.milliseconds(month.time),
                "actor": actor.name,
                "value": draw.number(month.wealth[actor.name] - actor.first_wealth),
            }
            for month in report.months
        ]
    axis = alt.Axis(format="%b", tickCount=2, title=None, grid=False)
    chart = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_area(line={"color": draw.BLUE}, color=draw.BLUE, fillOpacity=0.15)
        .encode(
            x=draw.time(axis, start, start + report.scenario.duration),
            y=alt.Y(
                "value:Q", axis=alt.Axis(format="~s", title=None, tickCount=3, minExtent=34, maxExtent=34)
            ),
        )
        .properties(width=118, height=80)
    )
    names = [actor.name for actor in report.actors]
    facet = alt.Facet("actor:N", sort=names, header=alt.Header(labelAnchor="start"))
    small: draw.Drawing = (
        chart.facet(facet, columns=5).resolve_scale(y="independent").resolve_axis(x="independent")
    )
    return small
