// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IContributorRegistry } from "interfaces/datanet/IContributorRegistry.sol";

/// @title ContributorRegistry
/// @notice See {IContributorRegistry}.
contract ContributorRegistry is IContributorRegistry {
    /// @notice Bounds of a guardian's delay, in seconds.
    uint32 public constant LEAST_DELAY = 1 days;
    uint32 public constant MOST_DELAY = 30 days;

    struct Contributor {
        address key;
        // When another guardian takes over; zero where none was proposed.
        uint64 guardianFrom;
        // Zero where nobody has the id. With what follows in one slot, which is all that a claim by anyone reads.
        address payee;
        // Before then nobody can start a recovery.
        uint64 notBefore;
        bool claimsAlone;
        bool inRecovery;
        Guardian guardian;
        Guardian next;
        Recovery recovery;
    }

    /// @dev What it gives the id, and when.
    struct Recovery {
        address key;
        uint64 end;
        address payee;
    }

    /// @inheritdoc IContributorRegistry
    uint64 public count;

    mapping(uint64 id => Contributor) internal _contributors;

    /// @inheritdoc IContributorRegistry
    function register(address _payee) external returns (uint64 id_) {
        if (_payee == address(0)) revert ContributorRegistry_Zero();
        id_ = count++;
        Contributor storage contributor = _contributors[id_];
        contributor.key = msg.sender;
        contributor.payee = _payee;
        emit Registered(id_, msg.sender, _payee);
    }

    /// @inheritdoc IContributorRegistry
    function changeKey(uint64 _id, address _key) external {
        Contributor storage contributor = _settled(_id);
        if (_key == address(0)) revert ContributorRegistry_Zero();
        contributor.key = _key;
        emit KeyChanged(_id, _key);
    }

    /// @inheritdoc IContributorRegistry
    function changePayee(uint64 _id, address _payee) external {
        Contributor storage contributor = _settled(_id);
        if (_payee == address(0)) revert ContributorRegistry_Zero();
        contributor.payee = _payee;
        emit PayeeChanged(_id, _payee);
    }

    /// @inheritdoc IContributorRegistry
    function allowClaimFor(uint64 _id, bool _allowed) external {
        _byKey(_id).claimsAlone = !_allowed;
        emit ClaimForChanged(_id, _allowed);
    }

    /// @inheritdoc IContributorRegistry
    function proposeGuardian(uint64 _id, Guardian calldata _guardian) external {
        Contributor storage contributor = _settled(_id);
        bool inBounds = _guardian.delay >= LEAST_DELAY && _guardian.delay <= MOST_DELAY;
        if (_guardian.account != address(0) && !inBounds) revert ContributorRegistry_Delay(_guardian.delay);
        _takeOver(_id, contributor);
        // Whoever has the key for an hour can not be rid of the guardian in it.
        uint64 from = uint64(block.timestamp);
        if (contributor.guardian.account != address(0)) from += contributor.guardian.delay;
        contributor.next = _guardian;
        contributor.guardianFrom = from;
        emit GuardianProposed(_id, _guardian.account, _guardian.delay, _guardian.prevails, from);
    }

    /// @inheritdoc IContributorRegistry
    function startRecovery(uint64 _id, address _key, address _payee) external {
        Contributor storage contributor = _known(_id);
        // Who starts it stays the guardian until it is over.
        _takeOver(_id, contributor);
        Guardian memory guardian = contributor.guardian;
        bool isGuardian = guardian.account == msg.sender && msg.sender != address(0);
        if (!isGuardian) revert ContributorRegistry_NotGuardian();
        if (_key == address(0) || _payee == address(0)) revert ContributorRegistry_Zero();
        if (contributor.inRecovery) revert ContributorRegistry_InRecovery();
        if (block.timestamp < contributor.notBefore) revert ContributorRegistry_TooEarly(contributor.notBefore);
        uint64 end = uint64(block.timestamp) + guardian.delay;
        contributor.recovery = Recovery(_key, end, _payee);
        contributor.inRecovery = true;
        emit RecoveryStarted(_id, _key, _payee, end);
    }

    /// @inheritdoc IContributorRegistry
    function stopRecovery(uint64 _id) external {
        Contributor storage contributor = _known(_id);
        if (!contributor.inRecovery) revert ContributorRegistry_NoRecovery();
        Guardian memory guardian = contributor.guardian;
        if (msg.sender != guardian.account) {
            if (msg.sender != contributor.key || guardian.prevails) revert ContributorRegistry_NotKey();
            // Time for the contributor to be paid, and to name another guardian.
            contributor.notBefore = uint64(block.timestamp) + guardian.delay;
        }
        contributor.inRecovery = false;
        delete contributor.recovery;
        emit RecoveryStopped(_id, contributor.notBefore);
    }

    /// @inheritdoc IContributorRegistry
    function finishRecovery(uint64 _id) external {
        Contributor storage contributor = _known(_id);
        Recovery memory recovery = contributor.recovery;
        if (!contributor.inRecovery) revert ContributorRegistry_NoRecovery();
        if (block.timestamp < recovery.end) revert ContributorRegistry_TooEarly(recovery.end);
        contributor.key = recovery.key;
        contributor.payee = recovery.payee;
        // What a thief proposed meanwhile does not come true.
        if (contributor.guardianFrom != 0) emit GuardianDropped(_id, contributor.next.account);
        contributor.guardianFrom = 0;
        delete contributor.next;
        contributor.inRecovery = false;
        delete contributor.recovery;
        emit KeyChanged(_id, recovery.key);
        emit PayeeChanged(_id, recovery.payee);
    }

    /// @inheritdoc IContributorRegistry
    function keyOf(uint64 _id) external view returns (address key_) {
        return _known(_id).key;
    }

    /// @inheritdoc IContributorRegistry
    function payeeOf(uint64 _id) external view returns (address payee_) {
        return _known(_id).payee;
    }

    /// @inheritdoc IContributorRegistry
    function guardianOf(uint64 _id) external view returns (Guardian memory guardian_) {
        Contributor storage contributor = _known(_id);
        return _isReplaced(contributor) ? contributor.next : contributor.guardian;
    }

    /// @inheritdoc IContributorRegistry
    function inRecovery(uint64 _id) external view returns (bool inRecovery_) {
        return _known(_id).inRecovery;
    }

    /// @inheritdoc IContributorRegistry
    function payeeFor(uint64 _id, address _account) external view returns (address payee_) {
        Contributor storage contributor = _contributors[_id];
        // At once, so that the slot is read once.
        (address payee, bool alone, bool recovers) =
            (contributor.payee, contributor.claimsAlone, contributor.inRecovery);
        if (payee == address(0)) revert ContributorRegistry_Unknown(_id);
        if (recovers || alone && contributor.key != _account) return address(0);
        return payee;
    }

    /// @dev Whether a proposed guardian's time has come.
    function _isReplaced(Contributor storage _of) internal view returns (bool isReplaced_) {
        uint64 from = _of.guardianFrom;
        return from != 0 && from <= block.timestamp && !_of.inRecovery;
    }

    /// @dev Makes a proposed guardian the guardian, when it is time.
    function _takeOver(uint64 _id, Contributor storage _of) internal {
        if (!_isReplaced(_of)) return;
        Guardian memory next = _of.next;
        emit GuardianChanged(_id, next.account, next.delay, next.prevails);
        _of.guardian = next;
        _of.guardianFrom = 0;
        // The time of peace was from the guardian before.
        _of.notBefore = 0;
        delete _of.next;
    }

    function _known(uint64 _id) internal view returns (Contributor storage contributor_) {
        contributor_ = _contributors[_id];
        if (contributor_.payee == address(0)) revert ContributorRegistry_Unknown(_id);
    }

    /// @dev By the key.
    function _byKey(uint64 _id) internal view returns (Contributor storage contributor_) {
        contributor_ = _known(_id);
        if (contributor_.key != msg.sender) revert ContributorRegistry_NotKey();
    }

    /// @dev By the key, while no recovery runs.
    function _settled(uint64 _id) internal view returns (Contributor storage contributor_) {
        contributor_ = _byKey(_id);
        if (contributor_.inRecovery) revert ContributorRegistry_InRecovery();
    }
}
