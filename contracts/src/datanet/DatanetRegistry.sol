// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IVotes } from "@openzeppelin/contracts/governance/utils/IVotes.sol";
import { IERC6372 } from "@openzeppelin/contracts/interfaces/IERC6372.sol";
import { ERC721 } from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";

import { IContributionRegistry, IDatanetPolicy } from "interfaces/datanet/IContributionRegistry.sol";
import { IDatanetRegistry } from "interfaces/datanet/IDatanetRegistry.sol";
import { ILicenseRegistry } from "interfaces/datanet/ILicenseRegistry.sol";
import { IDatanetFacts } from "interfaces/pay/IAttributionFacts.sol";
import { AppendTree } from "src/pay/attribution/AppendTree.sol";

/// @title DatanetRegistry
/// @notice See {IDatanetRegistry}.
contract DatanetRegistry is ERC721, IDatanetRegistry, IDatanetPolicy, IDatanetFacts {
    using AppendTree for AppendTree.Tree;

    /// @notice Most members of a council.
    uint256 public constant MOST_MEMBERS = 32;

    /// @notice Who knows contributions.
    IContributionRegistry public immutable CONTRIBUTIONS;

    /// @notice Who knows licences.
    ILicenseRegistry public immutable LICENCES;

    /// @notice Seconds from an acceptance to the version that has it.
    uint64 public immutable PUBLISH_DELAY;

    struct Datanet {
        Config config;
        uint64 acceptedAt;
        uint32 versions;
        // Batches of the last version.
        uint64 published;
        // How often its members were replaced.
        uint32 generation;
        Checkpoint checkpoint;
        AppendTree.Tree batches;
    }

    /// @dev What was accepted until some time, and when it can be published.
    struct Checkpoint {
        bytes32 root;
        uint64 batches;
        uint64 from;
    }

    /// @notice Seconds in which a decision is reached, or begins anew.
    uint64 public constant DECISION_TIME = 30 days;

    /// @dev Who is for something. What a decision was about can be decided again.
    struct Decision {
        uint32 round;
        // Whose words count: those of the members of then.
        uint32 generation;
        uint64 startedAt;
        // When the votes of a token count, by its own clock.
        uint64 timepoint;
        uint256 approvals;
        mapping(uint32 round => mapping(address by => uint256)) words;
    }

    /// @inheritdoc IDatanetRegistry
    uint64 public override(IDatanetRegistry, IDatanetPolicy) count;

    mapping(uint64 datanet => Datanet) internal _datanets;
    mapping(uint64 datanet => mapping(uint32 version => bytes32)) internal _roots;
    mapping(uint64 datanet => mapping(uint64 contributor => bool)) internal _welcome;
    mapping(uint64 datanet => mapping(bytes32 what => Decision)) internal _decisions;

    constructor(
        IContributionRegistry _contributions,
        ILicenseRegistry _licences,
        uint64 _publishDelay
    ) ERC721("Datanets", "DATANET") {
        CONTRIBUTIONS = _contributions;
        LICENCES = _licences;
        PUBLISH_DELAY = _publishDelay;
    }

    /// @inheritdoc IDatanetRegistry
    function create(Config calldata _config) external returns (uint64 datanet_) {
        _check(_config);
        datanet_ = count++;
        _datanets[datanet_].config = _config;
        emit Created(datanet_, msg.sender, _config);
        _mint(msg.sender, datanet_);
    }

    /// @inheritdoc IDatanetRegistry
    function accept(uint64 _datanet, uint32 _commitSeq, bytes32 _batchRoot) external returns (bool isDecided_) {
        Datanet storage datanet = _known(_datanet);
        // Before anybody's word counts, or words would be kept for what is not there yet.
        uint32 licence = CONTRIBUTIONS.checkAcceptable(_commitSeq, _datanet, _batchRoot);
        bool consents = licence == 0 || LICENCES.permits(licence, LICENCES.consentOf(datanet.config.licence));
        if (!consents) revert DatanetRegistry_Licence(licence);
        if (!_decide(_datanet, datanet, abi.encodeCall(this.accept, (_datanet, _commitSeq, _batchRoot)))) return false;
        CONTRIBUTIONS.accept(_commitSeq, _datanet, _batchRoot);
        emit BatchAccepted(_datanet, _commitSeq, _batchRoot, datanet.batches.count);
        // The leaf B.
        datanet.batches.push(keccak256(abi.encodePacked(uint8(0), "B", _commitSeq, _batchRoot)));
        datanet.acceptedAt = uint64(block.timestamp);
        return true;
    }

    /// @inheritdoc IDatanetRegistry
    function setOpen(uint64 _datanet, bool _isOpen) external returns (bool isDecided_) {
        Datanet storage datanet = _known(_datanet);
        if (!_decide(_datanet, datanet, abi.encodeCall(this.setOpen, (_datanet, _isOpen)))) return false;
        _drop(_datanet, abi.encodeCall(this.setOpen, (_datanet, !_isOpen)));
        datanet.config.isOpen = _isOpen;
        emit OpenChanged(_datanet, _isOpen);
        return true;
    }

    /// @inheritdoc IDatanetRegistry
    function setWelcome(uint64 _datanet, uint64 _contributor, bool _isWelcome) external returns (bool isDecided_) {
        Datanet storage datanet = _known(_datanet);
        bytes memory what = abi.encodeCall(this.setWelcome, (_datanet, _contributor, _isWelcome));
        if (!_decide(_datanet, datanet, what)) return false;
        _drop(_datanet, abi.encodeCall(this.setWelcome, (_datanet, _contributor, !_isWelcome)));
        _welcome[_datanet][_contributor] = _isWelcome;
        emit WelcomeChanged(_datanet, _contributor, _isWelcome);
        return true;
    }

    /// @inheritdoc IDatanetRegistry
    function setMembers(
        uint64 _datanet,
        address[] calldata _members,
        uint256 _quorum
    ) external returns (bool isDecided_) {
        Datanet storage datanet = _known(_datanet);
        if (datanet.config.policy != Policy.COUNCIL) revert DatanetRegistry_Config();
        _checkMembers(_members, _quorum);
        if (!_decide(_datanet, datanet, abi.encodeCall(this.setMembers, (_datanet, _members, _quorum)))) return false;
        (datanet.config.members, datanet.config.quorum) = (_members, _quorum);
        // What members of before are for is not counted with what those of now are.
        datanet.generation++;
        emit MembersChanged(_datanet, _members, _quorum);
        return true;
    }

    /// @inheritdoc IDatanetRegistry
    function revoke(uint64 _datanet, bytes32 _decision) external {
        Datanet storage datanet = _known(_datanet);
        Decision storage decision = _decisions[_datanet][_decision];
        mapping(address by => uint256) storage words = decision.words[decision.round];
        uint256 weight = words[msg.sender];
        if (weight == 0 || !_isBegun(datanet, decision)) revert DatanetRegistry_NotFor(msg.sender);
        words[msg.sender] = 0;
        decision.approvals -= weight;
        emit Revoked(_datanet, _decision, msg.sender, decision.approvals);
    }

    /// @inheritdoc IDatanetRegistry
    function checkpoint(uint64 _datanet) external {
        Datanet storage datanet = _known(_datanet);
        uint64 batches = datanet.batches.count;
        if (batches == datanet.published) revert DatanetRegistry_Unchanged();
        // A newer one would put it off again.
        if (_hasCheckpoint(datanet)) revert DatanetRegistry_Checkpointed(datanet.checkpoint.from);
        bytes32 root = datanet.batches.root();
        uint64 from = datanet.acceptedAt + PUBLISH_DELAY;
        datanet.checkpoint = Checkpoint(root, batches, from);
        emit Checkpointed(_datanet, root, batches, from);
    }

    /// @inheritdoc IDatanetRegistry
    function publish(uint64 _datanet) external returns (uint32 version_) {
        Datanet storage datanet = _known(_datanet);
        uint64 batches = datanet.batches.count;
        if (batches == datanet.published) revert DatanetRegistry_Unchanged();
        bytes32 root;
        uint64 from = datanet.acceptedAt + PUBLISH_DELAY;
        if (block.timestamp >= from) {
            root = datanet.batches.root();
        } else {
            // What is younger waits, and what is older does not wait for it.
            if (_hasCheckpoint(datanet)) from = datanet.checkpoint.from;
            if (block.timestamp < from) revert DatanetRegistry_TooEarly(from);
            (root, batches) = (datanet.checkpoint.root, datanet.checkpoint.batches);
        }
        version_ = datanet.versions++;
        datanet.published = batches;
        _roots[_datanet][version_] = root;
        emit Published(_datanet, version_, root, batches);
    }

    /// @inheritdoc IDatanetPolicy
    function mayContribute(uint64 _datanet, uint64 _contributor) external view returns (bool mayContribute_) {
        if (_datanet >= count) return false;
        return _datanets[_datanet].config.isOpen || _welcome[_datanet][_contributor];
    }

    /// @inheritdoc IDatanetFacts
    function versionRootOf(uint64 _datanet, uint32 _version) external view returns (bytes32 root_) {
        return _roots[_datanet][_version];
    }

    /// @inheritdoc IDatanetRegistry
    function configOf(uint64 _datanet) external view returns (Config memory config_) {
        return _known(_datanet).config;
    }

    /// @inheritdoc IDatanetRegistry
    function licenceOf(uint64 _datanet)
        external
        view
        override(IDatanetRegistry, IDatanetPolicy)
        returns (uint32 licence_)
    {
        return _known(_datanet).config.licence;
    }

    /// @inheritdoc IDatanetRegistry
    function versionsOf(uint64 _datanet) external view returns (uint32 versions_) {
        return _known(_datanet).versions;
    }

    /// @inheritdoc IDatanetRegistry
    function checkpointOf(uint64 _datanet) external view returns (uint64 batches_, bytes32 root_, uint64 from_) {
        Checkpoint storage last = _known(_datanet).checkpoint;
        return (last.batches, last.root, last.from);
    }

    /// @inheritdoc IDatanetRegistry
    function batchesOf(uint64 _datanet) external view returns (uint64 batches_, bytes32 root_) {
        Datanet storage datanet = _known(_datanet);
        return (datanet.batches.count, datanet.batches.root());
    }

    /// @dev Whether there is one that holds more than the last version.
    function _hasCheckpoint(Datanet storage _datanet) internal view returns (bool hasCheckpoint_) {
        return _datanet.checkpoint.batches > _datanet.published;
    }

    /// @dev Counts the caller in; true when that is enough.
    function _decide(uint64 _id, Datanet storage _datanet, bytes memory _what) internal returns (bool isDecided_) {
        Config storage config = _datanet.config;
        if (config.policy == Policy.INDIVIDUAL) {
            if (_ownerOf(_id) != msg.sender) revert DatanetRegistry_NoSay(msg.sender);
            return true;
        }
        Decision storage decision = _decisions[_id][keccak256(_what)];
        bool isBegun = _isBegun(_datanet, decision);
        if (!isBegun) _begin(_datanet, decision);
        mapping(address by => uint256) storage words = decision.words[decision.round];
        if (words[msg.sender] != 0) revert DatanetRegistry_Twice(msg.sender);
        uint256 weight = _weight(config, decision);
        if (weight == 0) revert DatanetRegistry_NoSay(msg.sender);
        // Who begins says whose votes count: those of now.
        uint256 least = isBegun ? 0 : Math.ceilDiv(config.quorum, 100);
        if (weight < least) revert DatanetRegistry_TooFew(least, weight);
        words[msg.sender] = weight;
        decision.approvals += weight;
        emit Approved(_id, keccak256(_what), msg.sender, decision.approvals, _what);
        if (decision.approvals < config.quorum) return false;
        // The same may be decided once more.
        decision.approvals = 0;
        return true;
    }

    /// @dev Ends the contrary of what was decided: who was for it was so of how things were.
    function _drop(uint64 _id, bytes memory _what) internal {
        _decisions[_id][keccak256(_what)].approvals = 0;
    }

    function _begin(Datanet storage _datanet, Decision storage _decision) internal {
        _decision.round++;
        _decision.generation = _datanet.generation;
        _decision.startedAt = uint64(block.timestamp);
        _decision.approvals = 0;
        if (_datanet.config.policy == Policy.TOKEN) _decision.timepoint = _justNow(_datanet.config.votes);
    }

    /// @dev Whether somebody is for it, and others can still be.
    function _isBegun(Datanet storage _datanet, Decision storage _decision) internal view returns (bool isBegun_) {
        return _decision.approvals != 0 && _decision.generation == _datanet.generation
            && block.timestamp < _decision.startedAt + DECISION_TIME;
    }

    /// @dev What the caller's word counts: one of a member, the votes that a holder had before the question came up.
    function _weight(Config storage _config, Decision storage _decision) internal view returns (uint256 weight_) {
        if (_config.policy == Policy.TOKEN) return _config.votes.getPastVotes(msg.sender, _decision.timepoint);
        uint256 members = _config.members.length;
        for (uint256 k; k < members; ++k) {
            if (_config.members[k] == msg.sender) return 1;
        }
    }

    /// @dev The last time of which a token knows all votes.
    function _justNow(IVotes _votes) internal view returns (uint64 timepoint_) {
        return uint64(IERC6372(address(_votes)).clock()) - 1;
    }

    function _known(uint64 _datanet) internal view returns (Datanet storage datanet_) {
        if (_datanet >= count) revert DatanetRegistry_Unknown(_datanet);
        return _datanets[_datanet];
    }

    function _check(Config calldata _config) internal view {
        uint256 members = _config.members.length;
        bool inRange = bytes(_config.domain).length != 0 && _config.licence <= LICENCES.count();
        bool isToken = _config.policy == Policy.TOKEN;
        inRange = inRange && (address(_config.votes) != address(0)) == isToken;
        if (_config.policy == Policy.INDIVIDUAL) {
            inRange = inRange && _config.quorum == 0 && members == 0;
        } else if (isToken) {
            inRange = inRange && _config.quorum != 0 && members == 0;
            // Were it not to answer, nothing could ever be decided.
            if (inRange) _config.votes.getPastVotes(msg.sender, _justNow(_config.votes));
        } else {
            _checkMembers(_config.members, _config.quorum);
        }
        if (!inRange) revert DatanetRegistry_Config();
    }

    function _checkMembers(address[] calldata _members, uint256 _quorum) internal pure {
        uint256 members = _members.length;
        if (_quorum == 0 || _quorum > members || members > MOST_MEMBERS) revert DatanetRegistry_Config();
        for (uint256 k; k < members; ++k) {
            if (_members[k] == address(0)) revert DatanetRegistry_Config();
            for (uint256 other; other < k; ++other) {
                if (_members[k] == _members[other]) revert DatanetRegistry_Config();
            }
        }
    }
}
