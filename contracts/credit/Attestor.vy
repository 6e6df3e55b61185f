# pragma version 0.4.3
# pragma optimize gas
"""
@title Attestor: signed facts about deals and their collateral
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice What the chain cannot see, an appraisal, a coverage ratio, that machines run, is reported
        under EIP-712 by at least `threshold` distinct holders of ATTESTOR. Reports of a subject move
        forward in time only, and each moves its value by a bounded part. The bound catches a slip of
        one report, not signers who agree: reports observed a second apart compound. Whoever relies on
        a value asks whether it is fresh.
@dev Signatures are brought in the order of their signers' addresses, which makes them distinct. A
     signer who has lost the role counts no more at once; advancing the epoch kills every report that
     is signed and not yet brought.

     _reports[kind][subject]   value 176 | observed 40 | recorded 40          (low to high)
     _kinds[kind]              max age 40 | max rise 32 | max fall 32, in bps
"""

from snekmate.utils import eip712_domain_separator

from ..common import signatures
from ..interfaces import IRoles

initializes: eip712_domain_separator
exports: eip712_domain_separator.eip712Domain


event Reported:
    kind: indexed(bytes32)
    subject: indexed(uint256)
    value: uint256
    observed_at: uint256


event KindSet:
    kind: indexed(bytes32)
    max_age: uint256
    max_rise_bps: uint256
    max_fall_bps: uint256


event ThresholdSet:
    threshold: uint256


event EpochAdvanced:
    epoch: uint256


struct Report:
    kind: bytes32
    subject: uint256
    value: uint256
    observed_at: uint256
    epoch: uint256
    deadline: uint256


GOVERNOR: constant(bytes32) = empty(bytes32)
GUARDIAN: constant(bytes32) = keccak256("GUARDIAN")
ATTESTOR: constant(bytes32) = keccak256("ATTESTOR")
REPORT_TYPE_HASH: constant(bytes32) = keccak256(
    "Report(bytes32 kind,uint256 subject,uint256 value,uint256 observed_at,uint256 epoch,uint256 deadline)"
)

BPS: constant(uint256) = 10**4
MAX_SIGNERS: constant(uint256) = 16
MAX_AGE: constant(uint256) = 400 * 86400
MAX_STEP: constant(uint256) = 2**32 - 1
MAX_VALUE: constant(uint256) = 2**176 - 1
MASK_40: constant(uint256) = 2**40 - 1
MASK_32: constant(uint256) = 2**32 - 1

ROLES: public(immutable(IRoles))

threshold: public(uint256)
epoch: public(uint256)
_kinds: HashMap[bytes32, uint256]
_reports: HashMap[bytes32, HashMap[uint256, uint256]]


@deploy
def __init__(_roles: IRoles, _threshold: uint256):
    """
    @notice Start without kinds of report.
    @param _roles Where roles are held; reverts without code ("no code").
    @param _threshold Signers a report needs, 1 to 16 ("threshold out of bounds").
    """
    assert _roles.address.is_contract, "no code"
    ROLES = _roles
    eip712_domain_separator.__init__("AID Attestor", "1")
    self._set_threshold(_threshold)


@external
def submit(
    _report: Report,
    _signers: DynArray[address, MAX_SIGNERS],
    _signatures: DynArray[Bytes[65], MAX_SIGNERS],
):
    """
    @notice Bring a signed report; anyone may.
    @param _report Kind and subject, the value in the kind's unit, the Unix second at which it was
           observed, the epoch, and the last second in which it may be brought.
    @param _signers At least `threshold`, in ascending order.
    @param _signatures Theirs, in the same order: 65 bytes r|s|v or 64 bytes r|vs of an account's key,
           with delegated code or without; else what an ERC-1271 contract takes in 65 bytes.
    @custom:reverts "report expired", "wrong epoch", "unknown kind", "observed in future", "not newer",
                    "value out of bounds", "step too large", "too few signers", "signatures differ",
                    "signers not ascending", "not attestor", "bad signature" (also for a high `s`).
    """
    assert block.timestamp <= _report.deadline, "report expired"
    assert _report.epoch == self.epoch, "wrong epoch"
    kind: uint256 = self._kinds[_report.kind]
    assert kind != 0, "unknown kind"
    assert _report.observed_at <= block.timestamp, "observed in future"
    assert _report.value <= MAX_VALUE, "value out of bounds"
    last: uint256 = self._reports[_report.kind][_report.subject]
    if last != 0:
        assert _report.observed_at > (last >> 176) & MASK_40, "not newer"
        self._check_step(kind, last & MAX_VALUE, _report.value)
    self._check_signed(_report, _signers, _signatures)

    self._reports[_report.kind][_report.subject] = (
        _report.value | (_report.observed_at << 176) | (block.timestamp << 216)
    )
    log Reported(
        kind=_report.kind,
        subject=_report.subject,
        value=_report.value,
        observed_at=_report.observed_at,
    )


@external
def set_kind(_kind: bytes32, _max_age: uint256, _max_rise_bps: uint256, _max_fall_bps: uint256):
    """
    @notice Admit a kind of report, or change its bounds.
    @param _kind E.g. keccak256 of its name.
    @param _max_age How long after its observation a report is fresh, seconds, 1 to 400 days' worth.
    @param _max_rise_bps Most by which a report may exceed the last one, of that one.
    @param _max_fall_bps Most by which it may fall short of it, of that one; 10,000 is no bound.
    @custom:access GOVERNOR.
    @custom:reverts "not governor", "age out of bounds", "step out of bounds".
    """
    self._check_governor()
    assert _max_age != 0 and _max_age <= MAX_AGE, "age out of bounds"
    assert _max_rise_bps <= MAX_STEP and _max_fall_bps <= BPS, "step out of bounds"
    self._kinds[_kind] = _max_age | (_max_rise_bps << 40) | (_max_fall_bps << 72)
    log KindSet(
        kind=_kind, max_age=_max_age, max_rise_bps=_max_rise_bps, max_fall_bps=_max_fall_bps
    )


@external
def set_threshold(_threshold: uint256):
    """
    @notice Set how many signers a report needs.
    @param _threshold 1 to 16.
    @custom:access GOVERNOR.
    @custom:reverts "not governor", "threshold out of bounds".
    """
    self._check_governor()
    self._set_threshold(_threshold)


@external
def advance_epoch():
    """
    @notice Kill every report that is signed and not yet brought, e.g. after a key was lost.
    @custom:access GOVERNOR, GUARDIAN.
    @custom:reverts "not guardian".
    """
    assert (
        staticcall ROLES.hasRole(GUARDIAN, msg.sender)
        or staticcall ROLES.hasRole(GOVERNOR, msg.sender)
    ), "not guardian"
    self.epoch += 1
    log EpochAdvanced(epoch=self.epoch)


@external
@view
def latest(_kind: bytes32, _subject: uint256) -> (uint256, uint256, uint256):
    """
    @notice Return the last report of a subject, however old.
    @param _kind Kind of report.
    @param _subject E.g. the number of a receipt or a deal.
    @return Value, when it was observed and when it was brought, Unix seconds; zeros if there is none.
    """
    report: uint256 = self._reports[_kind][_subject]
    return report & MAX_VALUE, (report >> 176) & MASK_40, report >> 216


@external
@view
def is_fresh(_kind: bytes32, _subject: uint256) -> bool:
    """
    @notice Tell whether the last report of a subject was observed no longer ago than its kind allows.
    @param _kind Kind of report.
    @param _subject E.g. the number of a receipt or a deal.
    @return False if there is none.
    """
    return self._is_fresh(_kind, self._reports[_kind][_subject])


@external
@view
def fresh_value(_kind: bytes32, _subject: uint256) -> uint256:
    """
    @notice Return the value of a subject's last report.
    @param _kind Kind of report.
    @param _subject E.g. the number of a receipt or a deal.
    @return In the kind's unit.
    @custom:reverts "stale report" unless `is_fresh`.
    """
    report: uint256 = self._reports[_kind][_subject]
    assert self._is_fresh(_kind, report), "stale report"
    return report & MAX_VALUE


@external
@view
def bounds_of(_kind: bytes32) -> (uint256, uint256, uint256):
    """
    @notice Return the bounds of a kind of report.
    @param _kind Kind of report.
    @return Seconds for which it is fresh, most it may rise and most it may fall, bps; zeros if the
            kind is unknown.
    """
    kind: uint256 = self._kinds[_kind]
    return kind & MASK_40, (kind >> 40) & MASK_32, kind >> 72


@external
@view
def report_digest(_report: Report) -> bytes32:
    """
    @notice Compute what an attestor signs.
    @param _report As for `submit`.
    @return EIP-712 digest in this contract's domain.
    """
    return self._digest(_report)


@internal
def _set_threshold(_threshold: uint256):
    """
    @notice Store how many signers a report needs.
    @param _threshold 1 to 16.
    @custom:reverts "threshold out of bounds".
    """
    assert _threshold != 0 and _threshold <= MAX_SIGNERS, "threshold out of bounds"
    self.threshold = _threshold
    log ThresholdSet(threshold=_threshold)


@internal
@view
def _check_signed(
    _report: Report,
    _signers: DynArray[address, MAX_SIGNERS],
    _signatures: DynArray[Bytes[65], MAX_SIGNERS],
):
    """
    @notice Refuse a report that too few attestors have signed.
    @param _report As for `submit`.
    @param _signers In ascending order.
    @param _signatures Theirs, in the same order.
    @custom:reverts "too few signers", "signatures differ", "signers not ascending", "not attestor",
                    "bad signature".
    """
    assert len(_signers) >= self.threshold, "too few signers"
    assert len(_signers) == len(_signatures), "signatures differ"
    digest: bytes32 = self._digest(_report)
    previous: uint256 = 0
    for i: uint256 in range(len(_signers), bound=MAX_SIGNERS):
        signer: address = _signers[i]
        assert convert(signer, uint256) > previous, "signers not ascending"
        previous = convert(signer, uint256)
        assert staticcall ROLES.hasRole(ATTESTOR, signer), "not attestor"
        assert signatures._is_signed(signer, digest, _signatures[i]), "bad signature"


@internal
@pure
def _check_step(_kind: uint256, _last: uint256, _value: uint256):
    """
    @notice Refuse a value that moves too far from the last one.
    @dev _last < 2^176 and bps < 2^32. Zero is no measure for a step: after it, any value may come.
    @param _kind The kind's word.
    @param _last Value on record, in the kind's unit.
    @param _value New value.
    @custom:reverts "step too large".
    """
    if _last == 0:
        return
    rise: uint256 = _last * ((_kind >> 40) & MASK_32)
    fall: uint256 = _last * (_kind >> 72)
    assert (
        _value * BPS <= _last * BPS + rise and _value * BPS + fall >= _last * BPS
    ), "step too large"


@internal
@view
def _is_fresh(_kind: bytes32, _report: uint256) -> bool:
    """
    @notice Tell whether a report was observed no longer ago than its kind allows.
    @param _kind Kind of report.
    @param _report The report's word.
    @return False if there is none.
    """
    return (
        _report != 0
        and block.timestamp <= ((_report >> 176) & MASK_40) + (self._kinds[_kind] & MASK_40)
    )


@internal
@view
def _digest(_report: Report) -> bytes32:
    """
    @notice Compute what an attestor signs.
    @param _report As for `submit`.
    @return EIP-712 digest in this contract's domain.
    """
    return eip712_domain_separator._hash_typed_data_v4(
        keccak256(
            abi_encode(
                REPORT_TYPE_HASH,
                _report.kind,
                _report.subject,
                _report.value,
                _report.observed_at,
                _report.epoch,
                _report.deadline,
            )
        )
    )


@internal
@view
def _check_governor():
    """
    @notice Refuse whoever does not hold GOVERNOR.
    @custom:reverts "not governor".
    """
    assert staticcall ROLES.hasRole(GOVERNOR, msg.sender), "not governor"
