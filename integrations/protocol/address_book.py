"""The address book of an installation: one JSON file a network, written after every step of a deployment."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from integrations.protocol.errors import AddressBookError

FORMAT = 1


@dataclass(frozen=True)
class Entry:
    """One deployed or adopted contract."""

    address: str
    contract: str  # name of the contract type, e.g. "Gateway"
    transaction: str = ""  # hash; empty for a contract that was there before


@dataclass
class AddressBook:
    """Where the contracts of one installation are.

    Attributes:
        path: The file.
        chain_id: Of the chain it belongs to.
        genesis: Hash of that chain's first block, so that a chain started anew is told apart.
        contracts: By the name of their part in the protocol, e.g. `gateway`, `coin.USDC`.
        sent: Addresses that deployments under way will have, in case a run dies between sending
            and recording.
    """

    path: Path
    chain_id: int
    genesis: str
    contracts: dict[str, Entry] = field(default_factory=dict)
    sent: dict[str, str] = field(default_factory=dict)

    @classmethod
    def open(cls, path: Path, chain_id: int, genesis: str, *, live: bool) -> AddressBook:
        """Read the file, or start an empty book where there is none.

        A book of another chain is an error on a live network; on a local one it is what a chain
        that has ended left behind, and is started anew.

        Raises:
            AddressBookError: The file is not a book of this format, or belongs to another chain.
        """
        if not path.is_file():
            return cls(path, chain_id, genesis)
        try:
            data: dict[str, Any] = json.loads(path.read_text())
            if data["format"] != FORMAT:
                raise AddressBookError(f"{path}: format {data['format']}, expected {FORMAT}")
            book = cls(
                path,
                int(data["chain_id"]),
                str(data["genesis"]),
                {name: Entry(**entry) for name, entry in data["contracts"].items()},
                dict(data["sent"]),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise AddressBookError(
                f"{path}: no address book: {error}", "restore it, or move it away"
            ) from error
        if (book.chain_id, book.genesis) == (chain_id, genesis):
            return book
        if live:
            raise AddressBookError(
                f"{path} belongs to chain {book.chain_id} (genesis {book.genesis[:10]}…), not to this one",
                "check --network, or move the file away",
            )
        return cls(path, chain_id, genesis)

    def record(self, name: str, entry: Entry) -> None:
        """Add a contract and write the file."""
        self.sent.pop(name, None)
        self.contracts[name] = entry
        self.save()

    def announce(self, name: str, address: str) -> None:
        """Note where a contract is about to be deployed and write the file."""
        self.sent[name] = address
        self.save()

    def save(self) -> None:
        """Write the file whole, so that a run that dies leaves the old or the new one."""
        data = {
            "format": FORMAT,
            "chain_id": self.chain_id,
            "genesis": self.genesis,
            "contracts": {name: asdict(entry) for name, entry in sorted(self.contracts.items())},
            "sent": self.sent,
        }
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_suffix(".tmp")
        draft.write_text(json.dumps(data, indent=2) + "\n")
        draft.replace(self.path)
