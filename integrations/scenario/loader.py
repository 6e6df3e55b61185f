"""Reads a scenario file and says, line by line, what is wrong with it."""

from __future__ import annotations

import typing
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from .checks import cross_checks
from .document import Document, Problem, ScenarioError, field_name, read_document
from .document import Path as FieldPath
from .events import Event, vocabulary
from .fields import show
from .model import Scenario
from .prices import PriceFileError, ResolvedPath, resolve

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
    try:
        text = Path(file).read_text(encoding="utf-8")
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        raise ScenarioError(str(file), [Problem(1, "", f"expected a scenario file, got: {reason}")]) from None
    except UnicodeDecodeError:
        raise ScenarioError(str(file), [Problem(1, "", "expected text in UTF-8")]) from None
    return parse_scenario(text, str(file), root)


def parse_scenario(text: str, file: str = "<scenario>", root: Path | None = None) -> LoadedScenario:
    """Like `load_scenario`, from text; `file` is the name that messages show."""
    document = read_document(text, file)
    if not isinstance(document.data, dict):
        raise ScenarioError(file, [Problem(1, "", f"expected a mapping, got {show(document.data)}")])
    try:
        scenario = Scenario.model_validate(document.data)
    except ValidationError as error:
        raise ScenarioError(file, [_problem(details, document) for details in error.errors()]) from None
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


def _problem(details: ErrorDetails, document: Document) -> Problem:
    path = tuple(details["loc"])
    kind, value = details["type"], details["input"]
    here = document.present(path)
    if kind == "missing":
        return Problem(document.line(path), field_name(path), "expected a value, the field is missing")
    if kind == "extra_forbidden":
        message = f"unknown field{_near(path[-1], _fields(path[:-1], document))}"
        return Problem(document.line(path), field_name(here), message)
    if kind == "unknown_do":
        where = (*path, "do")
        message = f"unknown event {show(details['ctx']['got'])}{_near(details['ctx']['got'], vocabulary())}"
        return Problem(document.line(where), field_name(where), message)
    return Problem(document.line(path), field_name(here), _message(kind, details, value))


def _message(kind: str, details: ErrorDetails, value: Any) -> str:
    if kind == "literal_error":
        return f"expected {details['ctx']['expected']}, got {show(value)}"
    plain = {
        "bool_type": "true or false",
        "dict_type": "a mapping",
        "model_type": "a mapping",
        "list_type": "a list",
        "string_type": "text",
    }
    if kind in plain:
        return f"expected {plain[kind]}, got {show(value)}"
    return details["msg"]


def _near(got: object, known: typing.Iterable[str]) -> str:
    names = list(known)
    close = get_close_matches(str(got), names, n=1)
    if close:
        return f', did you mean "{close[0]}"?'
    return f": expected one of {', '.join(sorted(names))}" if names else ""


def _fields(path: FieldPath, document: Document) -> list[str]:
    """Return the field names of the model at `path`."""
    model: Any = Scenario
    data: Any = document.data
    for part in path:
        data = data[part]
        if model is Event and isinstance(part, int):
            model = vocabulary()[data["do"]]
        elif isinstance(part, str) and _is_model(model) and part in model.model_fields:
            model = _model_within(model.model_fields[part].annotation)
    return list(model.model_fields) if _is_model(model) else []


def _is_model(candidate: Any) -> bool:
    return isinstance(candidate, type) and issubclass(candidate, BaseModel)


def _model_within(annotation: Any) -> Any:
    """Return the first model in `Model`, `Model | None`, `dict[..., Model]`, `list[Model]`."""
    if _is_model(annotation):
        return annotation
    for part in typing.get_args(annotation):
        if (found := _model_within(part)) is not None:
            return found
    return None
