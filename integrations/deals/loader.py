"""Reads a deal file and says, line by line, what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from integrations.protocol.errors import ProtocolError
from integrations.scenario.document import Problem, ScenarioError, field_name, read_document
from integrations.scenario.fields import Strict
from integrations.scenario.problems import read_text, validated

from .model import DealFile, wei


class DealFileError(ProtocolError):
    """A deal file cannot be used. Its text has one line per problem: `file:line: field: what was expected`.

    Attributes:
        problems: What is wrong, by line.
    """

    def __init__(self, error: ScenarioError) -> None:
        super().__init__(str(error))
        self.problems = error.problems


@dataclass(frozen=True)
class LoadedDeal:
    """A valid deal and the file it came from."""

    deal: DealFile
    file: str


def load_deal(file: Path | str) -> LoadedDeal:
    """Read and check a deal file.

    Raises:
        DealFileError: Anything is wrong with it, missing included.
    """
    try:
        text = read_text(file, "a deal file")
    except ScenarioError as error:
        raise DealFileError(error) from None
    return parse_deal(text, str(file))


def parse_deal(text: str, file: str = "<deal>") -> LoadedDeal:
    """Like `load_deal`, from text; `file` is the name that messages show."""
    try:
        document = read_document(text, file, "a deal")
        deal = validated(DealFile, document, file)
        faults = [*_too_fine(deal, ())] or [*deal.faults()]
        if faults:
            raise ScenarioError(
                file, [Problem(document.line(path), field_name(path), message) for path, message in faults]
            )
    except ScenarioError as error:
        raise DealFileError(error) from None
    return LoadedDeal(deal, file)


def _too_fine(model: Strict, path: tuple[str | int, ...]) -> list[tuple[tuple[str | int, ...], str]]:
    """Amounts with more decimals than AID has."""
    found: list[tuple[tuple[str | int, ...], str]] = []
    for name in type(model).model_fields:
        value: Any = getattr(model, name)
        if isinstance(value, Strict):
            found += _too_fine(value, (*path, name))
        elif isinstance(value, Decimal):
            try:
                wei(value)
            except ValueError:
                found.append(((*path, name), f'expected at most 18 decimals, got "{value}"'))
    return found
