"""Names that `ape console` has in this project: `protocol`, `venues` and `people`, see docs/fork.md."""

from typing import Any


def ape_init_extras(networks: Any) -> dict[str, Any]:
    """Ape calls this once, with attributes of its module by their names."""
    from integrations.fork.console import names

    return names(networks.active_provider)
