"""Every one-token change of a Vyper source that may still compile."""

from __future__ import annotations

import hashlib
import re
import tokenize
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

#: What a token between two operands becomes.
OPERATORS = {
    "<": "<=",
    "<=": "<",
    ">": ">=",
    ">=": ">",
    "==": "!=",
    "!=": "==",
    "+": "-",
    "-": "+",
    "*": "//",
    "//": "*",
    "+=": "-=",
    "-=": "+=",
    "<<": ">>",
    ">>": "<<",
    "&": "|",
    "|": "&",
}
#: What a word becomes, wherever it stands.
WORDS = {
    "and": "or",
    "or": "and",
    "min": "max",
    "max": "min",
    "True": "False",
    "False": "True",
    "not": "",
    "unsafe_add": "unsafe_sub",
    "unsafe_sub": "unsafe_add",
    "unsafe_mul": "unsafe_div",
    "unsafe_div": "unsafe_mul",
}
#: Pairs of a name's end: two functions that differ in rounding.
ENDS = (("_up", "_down"), ("_down", "_up"))
#: Statements in which nothing is computed.
DECLARATIONS = ("from", "import", "@", "exports", "implements", "initializes", "uses", "log", "def", "pragma")
#: Blocks in which nothing is computed.
BLOCKS = ("event", "struct", "interface", "flag")
#: Texts by number: a wrong number is a wrong text, which hundreds of tests would see.
LEFT_OUT = ("contracts/pool/reasons.vy",)
#: In whose brackets a number is a size.
TYPE = re.compile(r"u?int\d+|bytes\d+|address|bool|Bytes|String|DynArray|HashMap|[A-Z]\w*")
#: A line that stores one value in storage.
STORE = re.compile(r"(self|\w+)\.\w+(\[[^=]*\])*(\.\w+)* [-+]?= ")


@dataclass(frozen=True)
class Mutant:
    """One source with one token changed.

    Attributes:
        path: Of the source, from the repository's root.
        line: From 1.
        function: In which it is; empty outside any.
        before: The line as it is, without its indentation.
        after: The line as it becomes.
        occurrence: Which of the equal lines of the function, from 0.
    """

    path: str
    line: int
    function: str
    before: str
    after: str
    occurrence: int

    @property
    def id(self) -> str:
        """The same whatever is written elsewhere in the file."""
        told = (self.path, self.function, self.before, self.after, str(self.occurrence))
        return hashlib.sha256("\0".join(told).encode()).hexdigest()[:10]

    def applied(self, text: str) -> str:
        """The source's text with the change."""
        lines = text.split("\n")
        old = lines[self.line - 1]
        lines[self.line - 1] = old[: len(old) - len(old.lstrip())] + self.after
        return "\n".join(lines)


def mutants(root: Path, paths: Sequence[Path]) -> list[Mutant]:
    """All mutants of some sources, in the order of the sources.

    Args:
        root: The repository.
        paths: Vyper sources in it.
    """
    wanted = [(str(path.relative_to(root)), path) for path in paths]
    return [found for name, path in wanted if name not in LEFT_OUT for found in _of(name, path.read_text())]


def sample(found: Sequence[Mutant], seed: int, size: int) -> list[Mutant]:
    """So many of them, chosen by the seed. A mutant's place does not depend on which others there are.

    Args:
        found: To choose from.
        seed: Another one, another sample.
        size: How many; all if there are fewer.
    """
    return sorted(found, key=lambda m: hashlib.sha256(f"{seed}:{m.id}".encode()).digest())[:size]


def _of(path: str, text: str) -> Iterator[Mutant]:
    lines = text.split("\n")
    functions = _functions(lines)
    seen: Counter[tuple[str, str]] = Counter()
    occurrence = {}
    for number, line in enumerate(lines, 1):
        key = (functions[number - 1], line.strip())
        occurrence[number] = seen[key]
        seen[key] += 1
    for number, after in _changes(text, lines):
        before = lines[number - 1].strip()
        yield Mutant(path, number, functions[number - 1], before, after.strip(), occurrence[number])


def _functions(lines: Sequence[str]) -> list[str]:
    """The name of the function that each line is in."""
    told, name = [], ""
    for line in lines:
        found = re.match(r"def (\w+)\(", line)
        if found:
            name = found[1]
        elif re.match(r"[^\s)\]#\"]", line):
            name = ""
        told.append(name)
    return told


def _changes(text: str, lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Line numbers and what becomes of the line."""
    for statement in _statements(text):
        first = statement[0].string
        if first in BLOCKS or first in DECLARATIONS or first == '"""' or statement[0].type == tokenize.STRING:
            continue
        yield from _guards(statement, lines)
        yield from _stores(statement, lines)
        brackets: list[str] = []
        for at, token in enumerate(statement):
            before = statement[at - 1] if at else None
            if token.string in "([{":
                brackets.append(before.string if before else "")
            elif token.string in ")]}" and brackets:
                brackets.pop()
            new = _instead(token, before, brackets[-1] if brackets else "")
            if new is not None:
                row, start = token.start
                line = lines[row - 1]
                yield row, line[:start] + new + line[token.end[1] :]


def _instead(token: tokenize.TokenInfo, before: tokenize.TokenInfo | None, opener: str) -> str | None:
    """What a token becomes; nothing if it stays."""
    word = token.string
    if token.type == tokenize.OP:
        binary = before is not None and (
            before.type in (tokenize.NAME, tokenize.NUMBER) or before.string in (")", "]")
        )
        return OPERATORS.get(word) if binary and before and before.string not in ("return", "in") else None
    if token.type == tokenize.NUMBER and re.fullmatch(r"[\d_]+", word):
        return None if TYPE.fullmatch(opener) else str(int(word) + 1)
    if token.type == tokenize.NAME:
        if word in WORDS:
            return WORDS[word]
        for end, other in ENDS:
            if word.endswith(end):
                return word[: -len(end)] + other
    return None


def _guards(statement: Sequence[tokenize.TokenInfo], lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """A requirement that always holds."""
    for at, token in enumerate(statement):
        asserts = token.string == "assert"
        requires = token.string == "_require" and at + 1 < len(statement)
        if asserts or requires:
            row, end = (token if asserts else statement[at + 1]).end
            line = lines[row - 1]
            # on the last line of an opening bracket, what follows is on the next
            gap = " " if asserts else ""
            yield row, f"{line[:end]}{gap}True or {line[end:].lstrip()}".rstrip()


def _stores(statement: Sequence[tokenize.TokenInfo], lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """A value that is not stored."""
    row = statement[0].start[0]
    if row == statement[-1].end[0] and STORE.match(lines[row - 1].strip()):
        yield row, "pass"


def _statements(text: str) -> Iterator[list[tokenize.TokenInfo]]:
    """The tokens of each statement, comments left out; blocks of declarations are one statement."""
    statement: list[tokenize.TokenInfo] = []
    depth, skipped_below = 0, None
    for token in tokenize.generate_tokens(StringIO(text).readline):
        if token.type == tokenize.INDENT:
            depth += 1
        elif token.type == tokenize.DEDENT:
            depth -= 1
        elif token.type == tokenize.NEWLINE:
            if statement and (skipped_below is None or depth <= skipped_below):
                skipped_below = depth if statement[0].string in BLOCKS else None
                yield statement
            statement = []
        elif token.type not in (tokenize.NL, tokenize.COMMENT, tokenize.ENDMARKER):
            statement.append(token)
