"""Deploy, load, use and describe one installation of the protocol."""

from integrations.protocol.address_book import AddressBook, Entry
from integrations.protocol.config import NetworkConfig, load_config
from integrations.protocol.core import Coin, Protocol, Vault
from integrations.protocol.errors import (
    AccountError,
    AddressBookError,
    ConfigError,
    NetworkError,
    ProtocolError,
    RevertedError,
)
from integrations.protocol.roles import Role

__all__ = [
    "AccountError",
    "AddressBook",
    "AddressBookError",
    "Coin",
    "ConfigError",
    "Entry",
    "NetworkConfig",
    "NetworkError",
    "Protocol",
    "ProtocolError",
    "RevertedError",
    "Role",
    "Vault",
    "load_config",
]
