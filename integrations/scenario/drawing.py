"""Pieces of charts: axes, colours, series of samples. Only for pixels are amounts turned into floats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import altair as alt

from .report import Report
from .units import WAD
from .world import Snapshot

Rows = list[dict[str, Any]]
Drawing: TypeAlias = alt.Chart | alt.LayerChart | alt.FacetChart
WIDTH = 800
BLUE, ORANGE, GREEN, RED, PURPLE, GREY = "#3b82f6", "#f59e0b", "#10b981", "#ef4444", "#8b5cf6", "#94a3b8"
PALETTE = [BLUE, GREEN, ORANGE, PURPLE, RED, GREY]


def chart(rows: Rows) -> alt.Chart:
    """Return a chart of rows that stand in the page."""
    return alt.Chart(alt.InlineData(values=rows))


def milliseconds(time: int) -> int:
    """Return a Unix time as charts count it."""
    return time * 1000


def number(amount: int) -> float:
    """Return an 18-decimal amount, near enough for a pixel."""
    return amount / WAD


def months() -> alt.Axis:
    """Return an axis of months."""
    return alt.Axis(format="%b", tickCount="month", title=None, grid=False, labelAlign="left", labelOffset=4)


def time(axis: alt.Axis, *domain: int) -> alt.X:
    """Return the axis of time, from and until the given Unix seconds."""
    return alt.X(
        "time:T",
        axis=axis,
        scale=alt.Scale(type="utc", nice=False, domain=[milliseconds(time) for time in domain]),
    )


def year(report: Report) -> alt.X:
    """Return the axis of the whole scenario."""
    start = report.scenario.start_time
    return time(months(), start, start + report.scenario.duration)


def distinct(report: Report) -> list[Snapshot]:
    """Return the samples, of those at the same second only the last."""
    return list({one.time: one for one in report.samples}.values())


def series(snapshots: Sequence[Snapshot], series: Mapping[str, Any]) -> Rows:
    """Return rows of several named values of each snapshot."""
    return [
        {
            "time": milliseconds(one.time),
            "series": name,
            "dash": name,
            "order": at,
            "value": number(value(one)),
        }
        for one in snapshots
        for at, (name, value) in enumerate(series.items())
    ]


def lines(names: Sequence[str], colours: Sequence[str] = PALETTE) -> alt.Color:
    """Return the colours of lines."""
    return colour(names, colours, "stroke")


def areas(names: Sequence[str], colours: Sequence[str] = PALETTE) -> alt.Color:
    """Return the colours of areas."""
    return colour(names, colours, "square")


def colour(names: Sequence[str], colours: Sequence[str], symbol: str) -> alt.Color:
    """Return colours by series, with a legend."""
    scale = alt.Scale(domain=list(names), range=list(colours))
    return alt.Color("series:N", scale=scale, sort=None, legend=alt.Legend(symbolType=symbol))


def dashes(names: Sequence[str], dashes: Sequence[Sequence[int]]) -> alt.StrokeDash:
    """Return how the lines of each series are broken."""
    scale = alt.Scale(domain=list(names), range=[list(dash) for dash in dashes])
    return alt.StrokeDash("dash:N", scale=scale, legend=None)


def value(title: str, form: str = "~s", *, zero: bool = False, **more: Any) -> alt.Y:
    """Return the axis of amounts."""
    axis = alt.Axis(format=form, title=title, tickCount=5)
    return alt.Y("value:Q", axis=axis, scale=alt.Scale(zero=zero), **more)


def deficits(report: Report) -> list[tuple[int, int]]:
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


def shade(report: Report, drawn: alt.Chart, least: int = 0) -> Drawing:
    """Put deficit mode behind a chart of the year; `least` seconds wide, so that it can be seen."""
    spans: list[list[int]] = []
    for since, until in deficits(report):
        if spans and since <= spans[-1][1]:
            spans[-1][1] = max(until, spans[-1][1])
        else:
            spans.append([since, max(until, since + least)])
    rows = [{"time": milliseconds(since), "until": milliseconds(until)} for since, until in spans]
    band = chart(rows).mark_rect(color=RED, opacity=0.16).encode(x=year(report), x2="until:T")
    return alt.layer(band, drawn) if rows else alt.layer(drawn)
