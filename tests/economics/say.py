"""Assertions that name their number, in whole dollars."""

from __future__ import annotations

from tests.economics.world import WAD


def no_more(what: str, amount: int, bound: int) -> None:
    assert amount <= bound, f"{what}: {amount / WAD:,.2f}, at most {bound / WAD:,.2f}"


def no_less(what: str, amount: int, bound: int) -> None:
    assert amount >= bound, f"{what}: {amount / WAD:,.2f}, at least {bound / WAD:,.2f}"
