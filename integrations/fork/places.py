"""Where everything is on a local mainnet: files beside its kept state, and how a connection finds its own."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from ..protocol import AddressBook
from ..protocol.errors import AddressBookError
from .anvil import MAINNET
from .packages import ROOT

KEPT = ROOT / ".cache" / "mainnet"
LOCK = "lock"


@dataclass(frozen=True)
class Places:
    """Addresses on a local mainnet.

    Attributes:
        venues: Of the venues' contracts by name, see `venues.contracts`.
        book: File of the protocol's.
        market: Pendle's market of sAID's principal token; empty at first, as the other two.
        expiry: Its expiry, Unix time.
        pool: Uniswap's pool of AID and USDC.
        lending: Id of Morpho's market that lends USDC against sAID, `0x` and 64 digits.
    """

    venues: Mapping[str, str]
    book: Path
    market: str
    expiry: int
    pool: str
    lending: str

    BOOK: ClassVar[str] = "deployments.json"
    VENUES: ClassVar[str] = "venues.json"
    MARKETS: ClassVar[str] = "markets.json"

    def write(self, folder: Path) -> None:
        """Write all but the address book, which writes itself, into a folder."""
        own = {name: getattr(self, name) for name in ("market", "expiry", "pool", "lending")}
        for name, content in ((self.VENUES, dict(self.venues)), (self.MARKETS, own)):
            (folder / name).write_text(json.dumps(content, indent=2) + "\n")

    @classmethod
    def are_in(cls, folder: Path) -> bool:
        """Whether a folder has them: `write` writes this file last."""
        return (folder / cls.MARKETS).is_file()

    @classmethod
    def read(cls, folder: Path) -> Places:
        """What `write` wrote."""
        addresses, own = (json.loads((folder / name).read_text()) for name in (cls.VENUES, cls.MARKETS))
        return cls(venues=addresses, book=folder / cls.BOOK, **own)


@contextmanager
def alone(kept: Path) -> Iterator[None]:
    """Wait until no other process builds in this folder, and keep others waiting meanwhile."""
    kept.mkdir(parents=True, exist_ok=True)
    with (kept / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def found_places(provider: Any, kept: Path = KEPT) -> Places | None:
    """The places of the local mainnet that a provider of Ape is connected to, or to a fork of.

    Args:
        provider: Ape's, connected.
        kept: Folder of kept states.
    """
    if int(provider.chain_id) != MAINNET or not kept.is_dir():
        return None
    genesis = provider.get_block(0).hash.hex()
    for folder in kept.iterdir():
        if not Places.are_in(folder):
            continue
        places = Places.read(folder)
        try:
            book = AddressBook.open(places.book, MAINNET, genesis, live=True)
        except AddressBookError:
            # of another mainnet
            continue
        if provider.get_code(book.contracts["aid"].address):
            return places
    return None
