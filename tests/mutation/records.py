"""What came of each mutant: one JSON line a verdict, appended, and the table that is made of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
RECORDS = BENCHMARKS / "mutants.jsonl"
TABLE = BENCHMARKS / "mutants.md"

KILLED, SURVIVED, INVALID = "killed", "survived", "does not compile"

HEADER = """# Mutants

Would the tests notice a wrong contract? `make mutate` changes one token of one line and lets the tests that
belong to the contract's folder look at it; what passes them is shown to all others (but for gas, sizes and
ABIs, which notice any change). What came of each is a line of `mutants.jsonl`; this page is made of them
(`make mutate ARGS=table`). A mutant that does not compile is not counted. *Equal* are those whose argument
says that nobody can tell them from the contract.

"""


@dataclass(frozen=True)
class Verdict:
    """What came of a mutant.

    Attributes:
        id: Of the mutant.
        path: Of the source.
        function: That the changed line is in.
        before: The line as it is.
        after: The line as it was changed.
        verdict: `killed`, `survived` or `does not compile`.
        stage: 1 for the folder's own tests, 2 for all others: the last that looked at it.
        by: The first test that failed, or `time` if none ended.
        seconds: That it took.
    """

    id: str
    path: str
    function: str
    before: str
    after: str
    verdict: str
    stage: int
    by: str
    seconds: int


@dataclass(frozen=True)
class Argument:
    """Why a survivor is the contract in other words, or which test kills it now.

    Attributes:
        id: Of the mutant.
        argument: A sentence.
        equal: Whether nobody can tell it from the contract.
    """

    id: str
    argument: str
    equal: bool


def append(record: Verdict | Argument, path: Path = RECORDS) -> None:
    """Add a line to the records."""
    with path.open("a") as file:
        file.write(json.dumps(asdict(record)) + "\n")


def read(path: Path = RECORDS) -> tuple[dict[str, Verdict], dict[str, Argument]]:
    """The last verdict on each mutant and the last argument, by the mutant's id."""
    verdicts: dict[str, Verdict] = {}
    arguments: dict[str, Argument] = {}
    for line in path.read_text().splitlines() if path.is_file() else ():
        fields = json.loads(line)
        if "argument" in fields:
            arguments[fields["id"]] = Argument(**fields)
        else:
            verdicts[fields["id"]] = Verdict(**fields)
    return verdicts, arguments


def table(verdicts: dict[str, Verdict], arguments: dict[str, Argument]) -> str:
    """The page: a line for each folder, then every survivor with its argument."""
    counted = [v for v in verdicts.values() if v.verdict != INVALID]
    text = HEADER
    text += (
        "| folder | mutants | killed by its own tests | by others | survived | equal | killed of the rest |\n"
    )
    text += "|---|---:|---:|---:|---:|---:|---:|\n"
    for folder in (*sorted({_folder(v) for v in counted}), "all"):
        text += _row(folder, [v for v in counted if folder in (_folder(v), "all")], arguments)
    survivors = [v for v in counted if v.verdict == SURVIVED]
    if survivors:
        text += "\n## Survivors\n"
    for found in sorted(survivors, key=lambda v: (v.path, v.function, v.before)):
        told = arguments.get(found.id)
        text += f"\n`{found.path}`, `{found.function or 'constants'}` ({found.id})\n"
        text += f"\n    - {found.before}\n    + {found.after}\n\n"
        text += f"{told.argument if told else 'Not looked at yet.'}\n"
    later = [(v, arguments[v.id]) for v in counted if v.verdict == KILLED and v.id in arguments]
    if later:
        text += "\n## Survived once\n\n"
    for found, told in sorted(later, key=lambda pair: (pair[0].path, pair[0].before)):
        text += f"- `{found.path}`: `{found.before}` → `{found.after}`. {told.argument}\n"
    return text


def _folder(verdict: Verdict) -> str:
    return Path(verdict.path).parts[1]


def _row(folder: str, found: Iterable[Verdict], arguments: dict[str, Argument]) -> str:
    found = list(found)
    killed = [v for v in found if v.verdict == KILLED]
    own = sum(v.stage == 1 for v in killed)
    equal = sum(v.verdict == SURVIVED and v.id in arguments and arguments[v.id].equal for v in found)
    rest = len(found) - equal
    score = f"{100 * len(killed) / rest:.0f} %" if rest else ""
    cells = (folder, len(found), own, len(killed) - own, len(found) - len(killed), equal, score)
    return "| " + " | ".join(map(str, cells)) + " |\n"
