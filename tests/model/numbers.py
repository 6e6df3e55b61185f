"""Units, and the way a model says no."""

from __future__ import annotations

WAD = 10**18
BPS = 10**4
DAY = 86_400
YEAR = 365 * DAY
CYCLE = 30 * DAY


class RefusedError(Exception):
    """A contract must refuse the call for this reason."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def require(condition: bool, reason: str) -> None:
    if not condition:
        raise RefusedError(reason)


def ceil_div(a: int, b: int) -> int:
    return -(-a // b)
