"""YAML with line numbers: plain values, and the line of every field by its path.

Only what JSON can say is a value, and exactly: no float, no 12:30 read as 750, no `no` read as false. A key
that stands twice is an error.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import yaml

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a file, on one line (1-based); `field` is empty for the file as a whole."""

    line: int
    field: str
    message: str


class ScenarioError(ValueError):
    """A scenario cannot be used. Its text has one line per problem: `file:line: field: what was expected`."""

    def __init__(self, file: str, problems: list[Problem]) -> None:
        self.file = file
        self.problems = sorted(problems, key=lambda problem: problem.line)
        super().__init__("\n".join(self._lines()))

    def _lines(self) -> list[str]:
        return [
            f"{self.file}:{problem.line}: {problem.field}{': ' if problem.field else ''}{problem.message}"
            for problem in self.problems
        ]


@dataclass(frozen=True)
class Document:
    """The values of a YAML file, and where they stand."""

    data: Any
    lines: Mapping[Path, int]

    def line(self, path: Path) -> int:
        """Return the line of a field, or of the nearest thing around it that is in the file."""
        return self.lines[self.present(path)]

    def present(self, path: Path) -> Path:
        """Return the longest beginning of `path` that is in the file."""
        while path and path not in self.lines:
            path = path[:-1]
        return path


class _Loader(yaml.SafeLoader):
    """SafeLoader that resolves null, booleans and decimal numbers, and nothing else."""


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("null", r"~|null|", ["~", "n", ""]),
    ("bool", r"true|false", ["t", "f"]),
    ("int", r"[-+]?[0-9][0-9_]*", list("-+0123456789")),
    ("float", r"[-+]?[0-9][0-9_]*\.[0-9_]+", list("-+0123456789")),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"(?:{_pattern})\Z"), _first)


def read_document(text: str, file: str, what: str = "a scenario") -> Document:
    """Parse YAML text. Raises ScenarioError for bad syntax, a key given twice, or an empty file.

    `what` is what the file should be, in messages.
    """
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = Problem(
            mark.line + 1 if mark else 1, "", f"not valid YAML: {error.problem or 'cannot be read'}"
        )
        raise ScenarioError(file, [problem]) from None
    except RecursionError:
        raise ScenarioError(file, [Problem(1, "", f"expected {what}, got too many brackets")]) from None
    except yaml.YAMLError as error:
        raise ScenarioError(file, [Problem(1, "", f"not valid YAML: {error}".splitlines()[0])]) from None
    if node is None:
        raise ScenarioError(file, [Problem(1, "", f"expected {what}, got an empty file")])
    builder = _Builder()
    builder.lines[()] = node.start_mark.line + 1
    data = builder.build(node, ())
    if builder.problems:
        raise ScenarioError(file, builder.problems)
    return Document(data, builder.lines)


class _Builder:
    """Turns nodes into values, and keeps the line of each."""

    def __init__(self) -> None:
        self.lines: dict[Path, int] = {}
        self.problems: list[Problem] = []
        self._open: list[yaml.Node] = []

    def build(self, node: yaml.Node, path: Path) -> Any:
        if isinstance(node, yaml.ScalarNode):
            return _scalar(node)
        if any(outer is node for outer in self._open):
            self._problem(path, "expected a value, got an alias of what it is part of")
            return None
        self._open.append(node)
        built = (
            self._sequence(node, path) if isinstance(node, yaml.SequenceNode) else self._mapping(node, path)
        )
        self._open.pop()
        return built

    def _sequence(self, node: yaml.Node, path: Path) -> list[Any]:
        items: list[Any] = []
        for index, item in enumerate(node.value):
            here = (*path, index)
            self.lines[here] = item.start_mark.line + 1
            items.append(self.build(item, here))
        return items

    def _mapping(self, node: yaml.Node, path: Path) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value in node.value:
            line, here = key_node.start_mark.line + 1, (*path, str(key_node.value))
            if not isinstance(key_node, yaml.ScalarNode):
                self.problems.append(Problem(line, field_name(path), "expected a plain name as key"))
            elif here in self.lines:
                twice = f"given twice: it is on line {self.lines[here]} already"
                self.problems.append(Problem(line, field_name(here), twice))
            else:
                self.lines[here] = line
                result[key_node.value] = self.build(value, here)
        return result

    def _problem(self, path: Path, message: str) -> None:
        self.problems.append(Problem(self.lines[path], field_name(path), message))


def _scalar(node: yaml.ScalarNode) -> Any:
    kind = node.tag.rsplit(":", 1)[-1]
    if kind == "null":
        return None
    if kind == "bool":
        return node.value == "true"
    if kind == "int":
        return int(node.value.replace("_", ""))
    if kind == "float":
        return Decimal(node.value.replace("_", ""))
    return node.value


def field_name(path: Path) -> str:
    """Return `timeline[3].amount` for `("timeline", 3, "amount")`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text
