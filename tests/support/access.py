"""The `@custom:access` lines of a contract's functions, from its source and that of its modules."""

from __future__ import annotations

import re
from pathlib import Path

IMPORT = re.compile(r"^from (\.+)([\w.]*) import (\w+)", re.MULTILINE)
FUNCTION = re.compile(
    r'^@external\n(?:@\w+(?:\([^)]*\))?\n)*def (\w+)\((?:[^"]*?):\n    """(.*?)"""', re.MULTILINE | re.DOTALL
)
ACCESS = re.compile(r"@custom:access (.*?)(?=\n\s*@|\Z)", re.DOTALL)


def access_lines(contracts: Path, contract: str) -> dict[str, str]:
    """Who may call each external function that says so, by the function's name.

    Args:
        contracts: Folder of all contracts.
        contract: Name of the deployable.
    """
    (file,) = [path for path in contracts.rglob(f"{contract}.vy") if "mocks" not in path.parts]
    found: dict[str, str] = {}
    waiting, seen = [file], {file}
    while waiting:
        source = waiting.pop(0)
        text = source.read_text()
        for name, docstring in FUNCTION.findall(text):
            access = ACCESS.search(docstring)
            if access:
                # the assembly's own comes before its modules'
                found.setdefault(name, " ".join(access[1].split()))
        for dots, package, name in IMPORT.findall(text):
            folder = (
                source.parents[len(dots) - 1].joinpath(*package.split("."))
                if package
                else source.parents[len(dots) - 1]
            )
            module = folder / f"{name}.vy"
            if module.is_file() and module not in seen:
                seen.add(module)
                waiting.append(module)
    return found
