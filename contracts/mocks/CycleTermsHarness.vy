# pragma version 0.4.3
# pragma optimize gas
"""
@title Terms of cycles that anyone schedules
@license GNU Affero General Public License v3.0 only
@author AID protocol
"""

from ..staking import cycle_terms

initializes: cycle_terms


@deploy
def __init__(_initial: cycle_terms.Terms):
    cycle_terms.__init__(_initial)


@external
def schedule(_terms: cycle_terms.Terms, _cycle: uint256):
    """
    @notice `cycle_terms._schedule_terms`.
    """
    cycle_terms._schedule_terms(_terms, _cycle)


@external
@view
def terms_of(_cycle: uint256) -> cycle_terms.Terms:
    """
    @notice `cycle_terms._terms_of`.
    """
    return cycle_terms._terms_of(_cycle)
