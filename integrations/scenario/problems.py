"""From what pydantic refuses to what a person should change: line, field, and what was expected there."""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from .document import Document, Problem, ScenarioError, field_name
from .document import Path as FieldPath
from .fields import show

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Kinds:
    """A model that stands for several, told apart by its field `do`.

    Attributes:
        base: The model in the annotations.
        known: Models by the value of `do`.
    """

    base: type[BaseModel]
    known: Callable[[], Mapping[str, type[BaseModel]]]


def read_text(file: Path | str, what: str) -> str:
    """Text of a file. Raises ScenarioError if it cannot be read; `what` says what was expected."""
    try:
        return Path(file).read_text(encoding="utf-8")
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        raise ScenarioError(str(file), [Problem(1, "", f"expected {what}, got: {reason}")]) from None
    except UnicodeDecodeError:
        raise ScenarioError(str(file), [Problem(1, "", "expected text in UTF-8")]) from None


def validated(model: type[M], document: Document, file: str, kinds: Kinds | None = None) -> M:
    """The model of a document. Raises ScenarioError with a line for everything that is wrong with it."""
    if not isinstance(document.data, dict):
        raise ScenarioError(file, [Problem(1, "", f"expected a mapping, got {show(document.data)}")])
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        translator = _Translator(model, document, kinds)
        raise ScenarioError(file, [translator.problem(details) for details in error.errors()]) from None


class _Translator:
    def __init__(self, model: type[BaseModel], document: Document, kinds: Kinds | None) -> None:
        self.model, self.document, self.kinds = model, document, kinds

    def problem(self, details: ErrorDetails) -> Problem:
        path = tuple(details["loc"])
        kind, value = details["type"], details["input"]
        here = self.document.present(path)
        if kind == "missing":
            return self._at(path, path, "expected a value, the field is missing")
        if kind == "extra_forbidden":
            return self._at(path, here, f"unknown field{_near(path[-1], self._fields(path[:-1]))}")
        if kind == "unknown_do" and self.kinds is not None:
            where, got = (*path, "do"), details["ctx"]["got"]
            return self._at(where, where, f"unknown event {show(got)}{_near(got, self.kinds.known())}")
        return self._at(path, here, _message(kind, details, value))

    def _at(self, path: FieldPath, named: FieldPath, message: str) -> Problem:
        return Problem(self.document.line(path), field_name(named), message)

    def _fields(self, path: FieldPath) -> list[str]:
        """Return the field names of the model at `path`."""
        model: Any = self.model
        data: Any = self.document.data
        for part in path:
            data = data[part]
            if self.kinds is not None and model is self.kinds.base and isinstance(part, int):
                model = self.kinds.known()[data["do"]]
            elif isinstance(part, str) and _is_model(model) and part in model.model_fields:
                model = _model_within(model.model_fields[part].annotation)
        return list(model.model_fields) if _is_model(model) else []


def _message(kind: str, details: ErrorDetails, value: Any) -> str:
    if kind == "literal_error":
        return f"expected {details['ctx']['expected']}, got {show(value)}"
    if kind == "too_short":
        return f"expected a list of at least {details['ctx']['min_length']}, got {len(value)}"
    if kind in {"string_too_long", "too_long"}:
        return f"expected at most {details['ctx']['max_length']} characters, got {len(value)}"
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


def _near(got: object, known: Iterable[str]) -> str:
    names = list(known)
    close = get_close_matches(str(got), names, n=1)
    if close:
        return f', did you mean "{close[0]}"?'
    return f": expected one of {', '.join(sorted(names))}" if names else ""


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
