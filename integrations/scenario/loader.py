"""Reads a scenario file and says, line by line, what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .checks import cross_checks
from .document import Document, Problem, ScenarioError, field_name, read_document
from .events import Event, vocabulary
from .model import Scenario
from .prices import PriceFileError, ResolvedPath, resolve
from .problems import Kinds, read_text, validated

__all__ = ["LoadedScenario", "Problem", "ScenarioError", "load_scenario", "parse_scenario"]


@dataclass(frozen=True)
class LoadedScenario:
    """A valid scenario, the file it came from, and its price paths with their files read."""

    scenario: Scenario
    file: str
    paths: Mapping[str, ResolvedPath]


def load_scenario(file: Path | str, root: Path | None = None) -> LoadedScenario:
    """Read and check a scenario. Price files are looked up from `root` (default: the working directory).

    Raises ScenarioError for anything that is wrong with the file, missing included.
    """
    text = read_text(file, "a scenario file")
    return parse_scenario(text, str(file), root)


def parse_scenario(text: str, file: str = "<scenario>", root: Path | None = None) -> LoadedScenario:
    """Like `load_scenario`, from text; `file` is the name that messages show."""
    document = read_document(text, file)
    scenario = validated(Scenario, document, file, Kinds(Event, vocabulary))
    problems = [
        Problem(document.line(path), field_name(path), message) for path, message in cross_checks(scenario)
    ]
    if problems:
        raise ScenarioError(file, problems)
    return LoadedScenario(scenario, file, _resolve_paths(scenario, document, file, root or Path.cwd()))


def _resolve_paths(scenario: Scenario, document: Document, file: str, root: Path) -> dict[str, ResolvedPath]:
    resolved: dict[str, ResolvedPath] = {}
    for name, path in scenario.price_paths.items():
        where = ("price_paths", name, "source", "file")
        try:
            resolved[name] = resolve(path, root)
        except (PriceFileError, OSError) as error:
            problem = Problem(document.line(where), field_name(where), str(error))
            raise ScenarioError(file, [problem]) from None
    return resolved
