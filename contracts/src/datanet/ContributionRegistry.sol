// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { Address } from "@openzeppelin/contracts/utils/Address.sol";

import { IAdmission, IContributionRegistry, IDatanetPolicy } from "interfaces/datanet/IContributionRegistry.sol";
import { IContributorRegistry } from "interfaces/datanet/IContributorRegistry.sol";
import { ILicenseRegistry } from "interfaces/datanet/ILicenseRegistry.sol";
import { IContributionFacts } from "interfaces/pay/IAttributionFacts.sol";
import { Furnace } from "src/libraries/Furnace.sol";

/// @title ContributionRegistry
/// @notice See {IContributionRegistry}.
contract ContributionRegistry is IContributionRegistry, IContributionFacts {
    /// @notice Who knows contributors and their keys.
    IContributorRegistry public immutable CONTRIBUTORS;

    /// @notice Who knows licences.
    ILicenseRegistry public immutable LICENCES;

    /// @notice Who knows Datanets, and accepts.
    IDatanetPolicy public immutable DATANETS;

    /// @notice Who judges documents.
    IAdmission public immutable ADMISSION;

    /// @inheritdoc IContributionRegistry
    uint64 public immutable REVEAL_WINDOW;

    /// @inheritdoc IContributionRegistry
    uint64 public immutable ADMISSION_TIME;

    /// @notice Seconds from a reveal to the end of its bond.
    uint64 public immutable BOND_TIME;

    /// @notice Wei for each byte.
    uint128 public immutable BOND_PER_BYTE;

    /// @inheritdoc IContributionRegistry
    uint32 public commits;

    /// @dev A record in four slots, of which a commit writes two and a reveal the others. The bond follows from the size. Contributors and Datanets are
    ///      counted, and there are fewer than 2^40.
    struct Stored {
        // What was committed to, until it is revealed; from then on the batch's root.
        bytes32 root;
        address committer;
        uint40 committedAt;
        uint40 revealedAt;
        bool isAccepted;
        bool isBondBack;
        uint40 datanet;
        uint40 contributor;
        uint40 size;
        uint32 documents;
        uint32 licence;
        uint64 parent;
        uint8 kinds;
        bytes32 contentRoot;
        // One slot more, of those that were stated anew or expelled.
        uint40 restatedAt;
        uint40 expelledAt;
    }

    /// @notice Times and prices.
    /// @param revealWindow Seconds from a commit to the end of its reveal.
    /// @param admissionTime Seconds in which documents are judged.
    /// @param bondTime Seconds from a reveal to the end of its bond.
    /// @param bondPerByte Wei for each byte.
    struct Parameters {
        uint64 revealWindow;
        uint64 admissionTime;
        uint64 bondTime;
        uint128 bondPerByte;
    }

    mapping(uint32 commitSeq => Stored) internal _records;

    constructor(
        IContributorRegistry _contributors,
        ILicenseRegistry _licences,
        IDatanetPolicy _datanets,
        IAdmission _admission,
        Parameters memory _parameters
    ) {
        CONTRIBUTORS = _contributors;
        LICENCES = _licences;
        DATANETS = _datanets;
        ADMISSION = _admission;
        REVEAL_WINDOW = _parameters.revealWindow;
        ADMISSION_TIME = _parameters.admissionTime;
        BOND_TIME = _parameters.bondTime;
        BOND_PER_BYTE = _parameters.bondPerByte;
    }

    /// @inheritdoc IContributionRegistry
    function commit(bytes32 _commitHash) external returns (uint32 commitSeq_) {
        commitSeq_ = ++commits;
        Stored storage record = _records[commitSeq_];
        record.root = _commitHash;
        record.committer = msg.sender;
        record.committedAt = uint40(block.timestamp);
        emit Committed(commitSeq_, msg.sender, _commitHash);
    }

    /// @inheritdoc IContributionRegistry
    function reveal(
        uint32 _commitSeq,
        Batch calldata _batch,
        bytes calldata _content,
        bytes32 _salt,
        bytes32 _batchRoot
    ) external payable {
        Stored storage record = _known(_commitSeq);
        if (record.revealedAt != 0 || block.timestamp >= record.committedAt + REVEAL_WINDOW) {
            revert ContributionRegistry_Closed(_commitSeq);
        }
        // Whose key committed, of a contributor whose key may be another since.
        bool its = record.root == commitHashOf(record.committer, _batch, _content, _salt);
        if (!its) revert ContributionRegistry_OtherCommit();
        _checkKey(_batch.contributor);
        _check(_batch, _content, _batchRoot);
        if (_batch.parent >> 32 >= _commitSeq) revert ContributionRegistry_Parent(_batch.parent);
        _checkDatanet(_batch.datanet, _batch.licence, _batch.parent);
        _checkValue(uint256(BOND_PER_BYTE) * _batch.size);
        record.root = _batchRoot;
        _keep(record, _batch);
        emit Revealed(_commitSeq, _batch.datanet, _batch.contributor, _batch, _batchRoot, _content, msg.value);
    }

    /// @inheritdoc IContributionRegistry
    function restate(uint32 _commitSeq, bytes32 _batchRoot) external payable {
        Stored storage record = _waiting(_commitSeq);
        _checkKey(record.contributor);
        _restate(_commitSeq, record, _batchRoot);
    }

    /// @inheritdoc IContributionRegistry
    function expel(uint32 _commitSeq) external returns (uint256 reward_) {
        if (msg.sender != address(ADMISSION)) revert ContributionRegistry_NotAdmission();
        Stored storage record = _waiting(_commitSeq);
        uint256 bond = _bondOf(record);
        (record.expelledAt, record.isBondBack) = (uint40(block.timestamp), true);
        // Who shows their own documents to be wrong loses half.
        uint256 burned = bond / 2;
        reward_ = bond - burned;
        emit Expelled(_commitSeq, burned, reward_);
        if (burned != 0) new Furnace{ value: burned }();
        if (reward_ != 0) Address.sendValue(payable(msg.sender), reward_);
    }

    /// @inheritdoc IContributionRegistry
    function accept(uint32 _commitSeq, uint64 _datanet, bytes32 _batchRoot) external {
        if (msg.sender != address(DATANETS)) revert ContributionRegistry_NotDatanets();
        checkAcceptable(_commitSeq, _datanet, _batchRoot);
        _records[_commitSeq].isAccepted = true;
        emit Accepted(_commitSeq, _datanet);
    }

    /// @inheritdoc IContributionRegistry
    function redirect(uint32 _commitSeq, uint64 _datanet, bytes32 _batchRoot) external payable {
        Stored storage record = _waiting(_commitSeq);
        _checkKey(record.contributor);
        // Without a licence of its own it has the other Datanet's.
        _checkDatanet(_datanet, record.licence, record.parent);
        (uint64 from, uint32 own) = (record.datanet, record.licence);
        bool isSame = record.root == _batchRoot && _licenceIn(from, own) == _licenceIn(_datanet, own);
        record.datanet = uint40(_datanet);
        emit Redirected(_commitSeq, from, _datanet);
        if (isSame) _checkValue(0);
        else _restate(_commitSeq, record, _batchRoot);
    }

    /// @inheritdoc IContributionRegistry
    function returnBond(uint32 _commitSeq) external {
        Stored storage record = _known(_commitSeq);
        uint256 bond = _bondOf(record);
        if (bond == 0) return;
        if (!record.isAccepted) _checkBondOver(_commitSeq, record);
        _checkSettled(record.contributor);
        record.isBondBack = true;
        address payee = CONTRIBUTORS.payeeOf(record.contributor);
        emit BondReturned(_commitSeq, payee, bond);
        // The state is settled: a payee that calls back finds nothing due.
        Address.sendValue(payable(payee), bond);
    }

    /// @inheritdoc IContributionRegistry
    function checkAcceptable(
        uint32 _commitSeq,
        uint64 _datanet,
        bytes32 _batchRoot
    ) public view returns (uint32 licence_) {
        Stored storage record = _waiting(_commitSeq);
        bool isIts = record.datanet == _datanet && record.root == _batchRoot;
        if (!isIts) revert ContributionRegistry_NotAcceptable(_commitSeq);
        (, uint64 until) = _timeOf(record);
        if (block.timestamp < until) revert ContributionRegistry_TooEarly(until);
        if (!ADMISSION.isClear(_commitSeq)) revert ContributionRegistry_Contested(_commitSeq);
        if (!DATANETS.mayContribute(_datanet, record.contributor)) {
            revert ContributionRegistry_NotWelcome(_datanet, record.contributor);
        }
        return record.licence;
    }

    /// @inheritdoc IContributionRegistry
    function admissionOf(uint32 _commitSeq) external view returns (uint64 from_, uint64 until_) {
        Stored storage record = _known(_commitSeq);
        if (_isWaiting(record)) return _timeOf(record);
    }

    /// @inheritdoc IContributionRegistry
    function commitHashOf(
        address _committer,
        Batch calldata _batch,
        bytes calldata _content,
        bytes32 _salt
    ) public view returns (bytes32 hash_) {
        return keccak256(abi.encode(block.chainid, this, _committer, _batch, keccak256(_content), _salt));
    }

    /// @inheritdoc IContributionRegistry
    function recordOf(uint32 _commitSeq) external view returns (Record memory record_) {
        Stored storage record = _known(_commitSeq);
        (record_.committer, record_.committedAt) = (record.committer, record.committedAt);
        if (record.revealedAt == 0) return record_;
        (record_.batchRoot, record_.contentRoot) = (record.root, record.contentRoot);
        (record_.revealedAt, record_.isAccepted) = (record.revealedAt, record.isAccepted);
        (record_.statedAt, record_.expelledAt) = (_statedAt(record), record.expelledAt);
        (record_.datanet, record_.contributor) = (record.datanet, record.contributor);
        (record_.documents, record_.size, record_.kinds) = (record.documents, record.size, record.kinds);
        (record_.licence, record_.parent) = (record.licence, record.parent);
        // The value of a call is below 2^128: there are not so many coins.
        record_.bond = uint128(_bondOf(record));
    }

    /// @inheritdoc IContributionFacts
    function contributorOf(uint32 _commitSeq) external view returns (uint64 contributor_) {
        Stored storage record = _records[_commitSeq];
        if (record.revealedAt == 0) revert ContributionRegistry_Unknown(_commitSeq);
        return record.contributor;
    }

    /// @inheritdoc IContributionRegistry
    function isVoid(uint32 _commitSeq) external view returns (bool isVoid_) {
        Stored storage record = _known(_commitSeq);
        return record.revealedAt == 0 && block.timestamp >= record.committedAt + REVEAL_WINDOW;
    }

    function _known(uint32 _commitSeq) internal view returns (Stored storage record_) {
        record_ = _records[_commitSeq];
        if (record_.committedAt == 0) revert ContributionRegistry_Unknown(_commitSeq);
    }

    /// @dev A contribution that was revealed, and neither accepted nor expelled.
    function _waiting(uint32 _commitSeq) internal view returns (Stored storage record_) {
        record_ = _known(_commitSeq);
        if (!_isWaiting(record_)) revert ContributionRegistry_NotAcceptable(_commitSeq);
    }

    function _isWaiting(Stored storage _record) internal view returns (bool isWaiting_) {
        return _record.revealedAt != 0 && !_record.isAccepted && _record.expelledAt == 0;
    }

    function _statedAt(Stored storage _record) internal view returns (uint64 statedAt_) {
        return _record.restatedAt == 0 ? _record.revealedAt : _record.restatedAt;
    }

    /// @dev From when on all earlier commits are revealed or void, and the root is stated.
    function _timeOf(Stored storage _record) internal view returns (uint64 from_, uint64 until_) {
        (from_, until_) = (_record.committedAt + REVEAL_WINDOW, _statedAt(_record));
        if (until_ > from_) from_ = until_;
        until_ = from_ + ADMISSION_TIME;
    }

    function _keep(Stored storage _record, Batch calldata _batch) internal {
        (_record.committer, _record.revealedAt) = (msg.sender, uint40(block.timestamp));
        (_record.datanet, _record.contributor) = (uint40(_batch.datanet), uint40(_batch.contributor));
        (_record.documents, _record.size, _record.licence) = (_batch.documents, uint40(_batch.size), _batch.licence);
        (_record.parent, _record.kinds, _record.contentRoot) = (_batch.parent, _batch.kinds, _batch.contentRoot);
    }

    /// @dev States another root. What is judged has a bond.
    function _restate(uint32 _commitSeq, Stored storage _record, bytes32 _batchRoot) internal {
        if (_batchRoot == 0) revert ContributionRegistry_Invalid();
        (, uint64 until) = _timeOf(_record);
        bool isFinal = _statedAt(_record) >= _record.committedAt + REVEAL_WINDOW;
        bool isJudged = isFinal && block.timestamp < until && !ADMISSION.isOutOfDate(_commitSeq);
        if (isJudged) revert ContributionRegistry_Judged(until);
        _checkValue(_record.isBondBack ? uint256(BOND_PER_BYTE) * _record.size : 0);
        (_record.root, _record.restatedAt, _record.isBondBack) = (_batchRoot, uint40(block.timestamp), false);
        emit Restated(_commitSeq, _batchRoot, msg.value);
    }

    function _checkValue(uint256 _due) internal view {
        if (msg.value != _due) revert ContributionRegistry_Bond(_due, msg.value);
    }

    /// @dev Whether a bond can go back whatever a Datanet does: nothing can be lost of it any more.
    function _checkBondOver(uint32 _commitSeq, Stored storage _record) internal view {
        (, uint64 from) = _timeOf(_record);
        uint64 end = _record.revealedAt + BOND_TIME;
        if (end > from) from = end;
        if (block.timestamp < from) revert ContributionRegistry_TooEarly(from);
        if (ADMISSION.isAsked(_commitSeq)) revert ContributionRegistry_Contested(_commitSeq);
    }

    /// @dev What is still held of it.
    function _bondOf(Stored storage _record) internal view returns (uint256 bond_) {
        return _record.isBondBack ? 0 : uint256(BOND_PER_BYTE) * _record.size;
    }

    /// @dev Nobody says that the key is lost or stolen.
    function _checkSettled(uint64 _contributor) internal view {
        if (CONTRIBUTORS.inRecovery(_contributor)) revert ContributionRegistry_InRecovery(_contributor);
    }

    /// @dev By the contributor's key of now.
    function _checkKey(uint64 _contributor) internal view {
        if (CONTRIBUTORS.keyOf(_contributor) != msg.sender) revert ContributionRegistry_NotKey(_contributor);
        _checkSettled(_contributor);
    }

    /// @dev Whether a contribution can be for a Datanet, by what it was made of.
    function _checkDatanet(uint64 _datanet, uint32 _own, uint64 _parent) internal view {
        if (_datanet >= DATANETS.count()) revert ContributionRegistry_NoDatanet(_datanet);
        if (_parent == 0) return;
        Stored storage parent = _records[uint32(_parent >> 32)];
        // None of a commit that was not revealed, or is not there.
        if (uint32(_parent) >= parent.documents) revert ContributionRegistry_Parent(_parent);
        (uint32 parents, uint32 its) = (_licenceIn(parent.datanet, parent.licence), _licenceIn(_datanet, _own));
        if (!LICENCES.mayInherit(parents, its)) revert ContributionRegistry_Licence(parents, its);
    }

    /// @dev The licence of what is for a Datanet.
    function _licenceIn(uint64 _datanet, uint32 _own) internal view returns (uint32 licence_) {
        return _own == 0 ? DATANETS.licenceOf(_datanet) : _own;
    }

    function _check(Batch calldata _batch, bytes calldata _content, bytes32 _batchRoot) internal view {
        bool inRange = _batchRoot != 0 && _batch.contentRoot != 0 && _batch.documents != 0
            && _batch.documents <= _batch.size && _batch.size <= type(uint40).max && _batch.kinds != 0
            && _batch.licence <= LICENCES.count()
            && (_batch.isInline ? _batch.size == _content.length : _isCid(_content));
        if (!inRange) revert ContributionRegistry_Invalid();
    }

    /// @dev Binary CIDv1 with SHA-256 of a raw or dag-pb file.
    function _isCid(bytes calldata _content) internal pure returns (bool isCid_) {
        if (_content.length != 36) return false;
        bytes4 head = bytes4(_content);
        return head == 0x01551220 || head == 0x01701220;
    }
}
