"""Positions at venues as rows to show, and as bars. Console and page show the same rows."""

from __future__ import annotations

import altair as alt

from . import drawing as draw
from .books import dollars, signed
from .positions import PositionRecord
from .report import Report
from .units import DAY, format_units

COLUMNS = ("who", "venue", "days", "put in", "predicted", "realised", "difference", "% a year")


def row(one: PositionRecord, report: Report) -> list[str]:
    """Return a position: amounts in AID, then percent a year of what went in."""
    start = report.scenario.start_time
    until = "open" if one.closed is None else str((one.closed - start) // DAY)
    return [
        one.who,
        one.venue,
        f"{(one.since - start) // DAY}–{until}",
        dollars(one.invested),
        signed(one.predicted),
        signed(one.realised),
        signed(one.difference),
        f"{percent(one.predicted_rate)} → {percent(one.realised_rate)}",
    ]


def percent(rate: int) -> str:
    """Return a rate (WAD) as `−1.2`, in percent, rounded towards zero."""
    return format_units(rate * 100, 18, 1).replace("-", "−")


def bars(report: Report) -> draw.Drawing | None:
    """Return of each position, predicted and realised, as a part of what went in; None without positions."""
    names = ["predicted", "realised"]
    rows: draw.Rows = [
        {"position": f"{one.who}, {one.venue}", "series": name, "value": gain / max(1, one.invested)}
        for one in report.positions
        for name, gain in zip(names, (one.predicted, one.realised), strict=True)
    ]
    if not rows:
        return None
    drawn: draw.Drawing = (
        draw.chart(rows)
        .mark_bar(size=11, cornerRadius=2)
        .encode(
            y=alt.Y("position:N", sort=None, axis=alt.Axis(title=None, grid=False, labelLimit=260)),
            yOffset=alt.YOffset("series:N", sort=names),
            x=alt.X("value:Q", axis=alt.Axis(format="+.1%", title="of what went in", tickCount=7)),
            color=draw.areas(names, [draw.GREY, draw.BLUE]),
        )
    )
    return drawn
