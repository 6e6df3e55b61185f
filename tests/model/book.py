"""The credit desk's book: gross value and impairment, each linear in time."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Book:
    since: int
    gross: int = 0
    impairment: int = 0
    slope_gross: int = 0
    slope_impairment: int = 0

    def at(self, t: int) -> tuple[int, int]:
        gross = max(0, self.gross + self.slope_gross * (t - self.since))
        impairment = max(0, self.impairment + self.slope_impairment * (t - self.since))
        return gross, min(gross, impairment)

    def settle(self, now: int) -> None:
        self.gross, self.impairment = self.at(now)
        self.since = now
