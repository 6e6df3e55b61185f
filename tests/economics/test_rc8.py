"""RC8: StandardizedYield's `deposit` is Pendle's; users are told where they look."""

from pathlib import Path

import pytest


@pytest.mark.parametrize("page", ["docs/split.md", "contracts/split/StandardizedYield.vy"])
def test_rc8__four_arguments_and_not_five__is_said(page):
    text = Path(page).read_text()
    assert "5115" in text
    assert any(words in text for words in ("four arguments", "not ERC-5115's"))
