"""The report's charts, as SVG that takes its ink from the page (`currentColor`): light and dark both work.

Only here are amounts turned into floats: a pixel is coarser.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import altair as alt
import vl_convert

from .books import coin_value, vault_value
from .report import Report
from .units import DAY, WAD
from .world import Snapshot

Rows = list[dict[str, Any]]
Drawing: TypeAlias = alt.Chart | alt.LayerChart | alt.FacetChart
WIDTH = 800
BLUE, ORANGE, GREEN, RED, PURPLE, GREY = "#3b82f6", "#f59e0b", "#10b981", "#ef4444", "#8b5cf6", "#94a3b8"
PALETTE = [BLUE, GREEN, ORANGE, PURPLE, RED, GREY]
QUIET_BAND_BPS = 20
"""The close-up of prices shows the days in which a price was further than this from a dollar."""


def charts(report: Report) -> Mapping[str, str]:
    """Return all charts by name, as SVG. A chart that has nothing to show is left out."""
    sized = {
        "nav": (_nav(report), 220),
        "supply": (_supply(report), 220),
        "coverage": (_coverage(report), 150),
        "reserve": (_reserve(report), 220),
        "price": (_price(report), 180),
        "staked": (_staked(report), 220),
        "cycles": (_cycles(report), 160),
        "queue": (_queue(report), 150),
    }
    drawn = {
        name: _svg(chart.properties(width=WIDTH, height=height))
        for name, (chart, height) in sized.items()
        if chart is not None
    }
    return drawn | {"wealth": _svg(_wealth(report))}


def _svg(chart: Drawing) -> str:
    ink = {
        "labelColor": "currentColor",
        "titleColor": "currentColor",
        "labelFontSize": 11,
        "titleFontSize": 11,
    }
    themed = chart.configure(background="transparent", font="sans-serif", padding=4)
    spec = themed.to_dict()
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
        "range": {"category": PALETTE},
    }
    return str(vl_convert.vegalite_to_svg(spec))


# -- pieces


def _chart(rows: Rows) -> alt.Chart:
    return alt.Chart(alt.InlineData(values=rows))


def _milliseconds(time: int) -> int:
    return time * 1000


def _number(amount: int) -> float:
    return amount / WAD


def _months() -> alt.Axis:
    return alt.Axis(format="%b", tickCount="month", title=None, grid=False, labelAlign="left", labelOffset=4)


def _time(axis: alt.Axis, *domain: int) -> alt.X:
    """Return the axis of time, from and until the given Unix seconds."""
    return alt.X(
        "time:T",
        axis=axis,
        scale=alt.Scale(type="utc", nice=False, domain=[_milliseconds(time) for time in domain]),
    )


def _year(report: Report) -> alt.X:
    start = report.scenario.start_time
    return _time(_months(), start, start + report.scenario.duration)


def _distinct(report: Report) -> list[Snapshot]:
    """Return the samples, of those at the same second only the last."""
    return list({one.time: one for one in report.samples}.values())


def _series(snapshots: Sequence[Snapshot], series: Mapping[str, Any]) -> Rows:
    return [
        {
            "time": _milliseconds(one.time),
            "series": name,
            "dash": name,
            "order": at,
            "value": _number(value(one)),
        }
        for one in snapshots
        for at, (name, value) in enumerate(series.items())
    ]


def _lines(names: Sequence[str], colours: Sequence[str] = PALETTE) -> alt.Color:
    return _colour(names, colours, "stroke")


def _areas(names: Sequence[str], colours: Sequence[str] = PALETTE) -> alt.Color:
    return _colour(names, colours, "square")


def _colour(names: Sequence[str], colours: Sequence[str], symbol: str) -> alt.Color:
    scale = alt.Scale(domain=list(names), range=list(colours))
    return alt.Color("series:N", scale=scale, sort=None, legend=alt.Legend(symbolType=symbol))


def _dashes(names: Sequence[str], dashes: Sequence[Sequence[int]]) -> alt.StrokeDash:
    scale = alt.Scale(domain=list(names), range=[list(dash) for dash in dashes])
    return alt.StrokeDash("dash:N", scale=scale, legend=None)


def _value(title: str, form: str = "~s", *, zero: bool = False, **more: Any) -> alt.Y:
    axis = alt.Axis(format=form, title=title, tickCount=5)
    return alt.Y("value:Q", axis=axis, scale=alt.Scale(zero=zero), **more)


def _deficits(report: Report) -> list[tuple[int, int]]:
    """Return when the Gateway was in deficit mode, as (from, until) in Unix seconds."""
    spans: list[tuple[int, int]] = []
    since: int | None = None
    for mode in report.modes:
        if mode.deficit:
            since = mode.time
        elif since is not None:
            spans.append((since, mode.time))
            since = None
    return [*spans, (since, report.samples[-1].time)] if since is not None else spans


def _shade(report: Report, chart: alt.Chart, least: int = 0) -> Drawing:
    """Put deficit mode behind a chart of the year; `least` seconds wide, so that it can be seen."""
    spans: list[list[int]] = []
    for since, until in _deficits(report):
        if spans and since <= spans[-1][1]:
            spans[-1][1] = max(until, spans[-1][1])
        else:
            spans.append([since, max(until, since + least)])
    rows = [{"time": _milliseconds(since), "until": _milliseconds(until)} for since, until in spans]
    band = _chart(rows).mark_rect(color=RED, opacity=0.16).encode(x=_year(report), x2="until:T")
    return alt.layer(band, chart) if rows else alt.layer(chart)


# -- charts


def _nav(report: Report) -> Drawing:
    names = ["deposit", "exit"]
    rows = _series(
        [one for one in _distinct(report) if one.staking.shares],
        {"deposit": lambda one: one.staking.price_deposit, "exit": lambda one: one.staking.price_exit},
    )
    lines = (
        _chart(rows)
        .mark_line(strokeWidth=2)
        .encode(
            x=_year(report),
            y=_value("AID per sAID", ".2f"),
            color=_lines(names, [BLUE, ORANGE]),
            strokeDash=_dashes(names, [[1, 0], [5, 5]]),
        )
    )
    return alt.layer(lines)


def _supply(report: Report) -> Drawing:
    names = ["backing at par", "backing", "AID supply"]
    rows = _series(
        _distinct(report),
        {
            "backing at par": lambda one: one.backing.backing_par,
            "backing": lambda one: one.backing.backing,
            "AID supply": lambda one: one.backing.supply,
        },
    )
    lines = (
        _chart(rows)
        .mark_line(strokeWidth=1.8, interpolate="step-after")
        .encode(
            x=_year(report),
            y=_value("dollars", zero=True),
            color=_lines(names, [GREY, GREEN, BLUE]),
            strokeDash=_dashes(names, [[1, 0], [1, 0], [4, 4]]),
        )
    )
    return _shade(report, lines, DAY)


def _coverage(report: Report) -> Drawing:
    names = ["at par", "at market prices"]
    rows = _series(
        [one for one in _distinct(report) if one.backing.supply],
        {
            "at par": lambda one: one.backing.backing_par * WAD // one.backing.supply,
            "at market prices": lambda one: one.backing.backing * WAD // one.backing.supply,
        },
    )
    lines = (
        _chart(rows)
        .mark_line(strokeWidth=1.8)
        .encode(x=_year(report), y=_value("backing ÷ supply", ".1%"), color=_lines(names, [GREY, GREEN]))
    )
    return _shade(report, lines, DAY)


def _reserve(report: Report) -> Drawing:
    scenario = report.scenario
    names = [*scenario.stablecoins, *scenario.reserve.vaults]
    rows = [
        {"time": _milliseconds(one.time), "series": name, "value": _number(value), "order": order}
        for one in _distinct(report)
        for order, (name, value) in enumerate(
            [(coin, coin_value(one, scenario, coin)) for coin in scenario.stablecoins]
            + [(vault, vault_value(one, scenario, vault)) for vault in scenario.reserve.vaults]
        )
    ]
    areas: Drawing = (
        _chart(rows)
        .mark_area(interpolate="step-after", opacity=0.85)
        .encode(
            x=_year(report),
            y=_value("dollars, at min(1, price)", zero=True),
            color=_areas(names),
            order="order:Q",
        )
    )
    return areas


def _price(report: Report) -> Drawing | None:
    """The days off the peg, close up; None if there are none."""
    off = [one.time for one in report.prices if abs(one.price - WAD) * 10_000 > QUIET_BAND_BPS * WAD]
    if not off:
        return None
    since, until = off[0] - DAY // 2, off[-1] + DAY
    rows: Rows = []
    for coin in report.scenario.stablecoins:
        reports = [one for one in report.prices if one.coin == coin]
        before = [one for one in reports if one.time <= since][-1:]
        within = [one for one in reports if since < one.time <= until]
        points = [(since, one.price) for one in before] + [(one.time, one.price) for one in within]
        points.append((until, points[-1][1]))
        rows += [
            {"time": _milliseconds(time), "series": coin, "value": _number(price)} for time, price in points
        ]
    axis = alt.Axis(format="%e %b", tickCount="day", title=None, grid=False, labelAlign="left", labelOffset=4)
    x = _time(axis, since, until)
    lines = (
        _chart(rows)
        .mark_line(strokeWidth=1.6, interpolate="step-after", clip=True)
        .encode(
            x=x,
            y=_value("dollars", ".2f"),
            color=_lines(list(report.scenario.stablecoins)),
        )
    )
    shades = [
        {"time": _milliseconds(max(start, since)), "until": _milliseconds(min(end, until))}
        for start, end in _deficits(report)
        if start < until and end > since
    ]
    band = _chart(shades).mark_rect(color=RED, opacity=0.16).encode(x=x, x2="until:T")
    return alt.layer(band, lines)


def _staked(report: Report) -> Drawing:
    names = ["idle", "portfolio", "claimable"]
    rows = _series(
        _distinct(report),
        {
            "idle": lambda one: one.staking.idle,
            "portfolio": lambda one: one.staking.gross - one.staking.impairment,
            "claimable": lambda one: one.staking.claimable,
        },
    )
    areas: Drawing = (
        _chart(rows)
        .mark_area(interpolate="step-after", opacity=0.85)
        .encode(
            x=_year(report),
            y=_value("AID", zero=True),
            color=_areas(names, [BLUE, PURPLE, ORANGE]),
            order="order:Q",
        )
    )
    return areas


def _cycles(report: Report) -> Drawing | None:
    names = ["filled", "rolled on"]
    rows: Rows = [
        {"cycle": str(one.cycle), "series": name, "value": _number(value), "order": order}
        for one in report.cycles
        for order, (name, value) in enumerate(
            [("filled", one.filled), ("rolled on", one.requested - one.filled)]
        )
    ]
    if not rows:
        return None
    bars: Drawing = (
        _chart(rows)
        .mark_bar(size=34, cornerRadius=2)
        .encode(
            x=alt.X("cycle:N", sort=None, axis=alt.Axis(title="cycle", labelAngle=0, grid=False)),
            y=_value("sAID requested", zero=True),
            color=_areas(names, [GREEN, ORANGE]),
            order="order:Q",
        )
    )
    return bars


def _queue(report: Report) -> Drawing:
    names = ["waiting to leave (sAID)", "claimable (AID)"]
    rows = _series(
        _distinct(report),
        {
            names[0]: lambda one: one.staking.pending_active + one.staking.pending_next,
            names[1]: lambda one: one.staking.claimable,
        },
    )
    lines = (
        _chart(rows)
        .mark_line(strokeWidth=1.8, interpolate="step-after")
        .encode(x=_year(report), y=_value("sAID, AID", zero=True), color=_lines(names, [ORANGE, GREEN]))
    )
    return alt.layer(lines)


def _wealth(report: Report) -> Drawing:
    """Change of wealth since the start, one small chart for each actor."""
    start = report.scenario.start_time
    rows: Rows = []
    for actor in report.actors:
        rows.append({"time": _milliseconds(start), "actor": actor.name, "value": 0.0})
        rows += [
            {
                "time": _milliseconds(month.time),
                "actor": actor.name,
                "value": _number(month.wealth[actor.name] - actor.first_wealth),
            }
            for month in report.months
        ]
    axis = alt.Axis(format="%b", tickCount=2, title=None, grid=False)
    chart = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_area(line={"color": BLUE}, color=BLUE, fillOpacity=0.15)
        .encode(
            x=_time(axis, start, start + report.scenario.duration),
            y=alt.Y(
                "value:Q", axis=alt.Axis(format="~s", title=None, tickCount=3, minExtent=34, maxExtent=34)
            ),
        )
        .properties(width=118, height=80)
    )
    names = [actor.name for actor in report.actors]
    facet = alt.Facet("actor:N", sort=names, header=alt.Header(labelAnchor="start"))
    small: Drawing = (
        chart.facet(facet, columns=5).resolve_scale(y="independent").resolve_axis(x="independent")
    )
    return small
