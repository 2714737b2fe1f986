// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { ERC721 } from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import { Address } from "@openzeppelin/contracts/utils/Address.sol";

import { IDatanetRegistry } from "interfaces/datanet/IDatanetRegistry.sol";
import { ILicenseRegistry } from "interfaces/datanet/ILicenseRegistry.sol";
import { IModelRegistry } from "interfaces/model/IModelRegistry.sol";
import { IDatanetFacts, IModelFacts } from "interfaces/pay/IAttributionFacts.sol";
import { IModelGate } from "interfaces/pay/IPayableAI.sol";
import { IModelWeights } from "interfaces/pay/ITrainingAccumulator.sol";
import { Leaves } from "src/pay/attribution/Leaves.sol";
import { Phrases } from "src/model/Phrases.sol";
import { Trees } from "src/pay/attribution/Trees.sol";

/// @title ModelRegistry
/// @notice See {IModelRegistry}.
contract ModelRegistry is ERC721, IModelRegistry, IModelWeights, IModelGate {
    /// @notice Most Datanet versions of a corpus, most parents, most licensors, and the deepest lineage.
    uint256 public constant MOST_CORPUS = 64;
    uint256 public constant MOST_PARENTS = 8;
    uint256 public constant MOST_LICENSORS = 16;
    uint8 public constant MOST_DEPTH = 8;

    /// @notice Bounds of terms, in basis points. The least for data is of what the platform leaves, so that it has a bound, too.
    uint16 public constant MOST_PLATFORM_BPS = 2_000;
    uint16 public constant LEAST_DATA_BPS = 3_000;
    uint16 public constant MOST_UPSTREAM_BPS = 3_000;
    uint16 public constant MOST_RETRIEVAL_BPS = 3_000;

    /// @notice The highest sum of training weights.
    uint128 public constant MOST_WEIGHT = 10 ** 15;

    /// @notice Who knows Datanets and their versions.
    IDatanetRegistry public immutable DATANETS;

    /// @notice Who knows licences.
    ILicenseRegistry public immutable LICENCES;

    /// @notice Seconds from a publication until the version answers.
    uint64 public immutable NOTICE;

    /// @notice Seconds from the end of a version until its bond goes back.
    uint64 public immutable BOND_TIME;

    /// @notice What every version's publisher is bonded with, in wei.
    uint128 public immutable BOND;

    /// @notice How many models there are; their ids are zero to one less.
    uint64 public models;

    /// @inheritdoc IModelRegistry
    uint64 public versions;

    mapping(uint64 modelVersion => Record) internal _records;
    mapping(uint64 modelVersion => bool) internal _areShown;
    mapping(uint64 modelVersion => Terms) internal _terms;
    mapping(uint64 modelVersion => Payees) internal _payees;
    mapping(uint64 modelVersion => address) internal _gateways;
    mapping(uint64 modelVersion => uint64[]) internal _parents;
    mapping(uint64 modelVersion => DatanetVersion[]) internal _corpora;

    /// @dev Of versions with parents.
    mapping(uint64 modelVersion => address[]) internal _licensors;

    constructor(
        IDatanetRegistry _datanets,
        ILicenseRegistry _licences,
        uint64 _notice,
        uint64 _bondTime,
        uint128 _bond
    ) ERC721("Models", "MODEL") {
        DATANETS = _datanets;
        LICENCES = _licences;
        NOTICE = _notice;
        BOND_TIME = _bondTime;
        BOND = _bond;
    }

    /// @inheritdoc IModelRegistry
    function create(string calldata _name) external returns (uint64 model_) {
        model_ = models++;
        emit ModelCreated(model_, msg.sender, _name);
        _mint(msg.sender, model_);
    }

    /// @inheritdoc IModelRegistry
    function publish(uint64 _model, Publication calldata _of) external payable returns (uint64 modelVersion_) {
        _checkOwner(_model);
        _checkTerms(_of);
        bool inRange = _of.contentHash != 0 && _of.boilerplateRoot != 0 && _of.gateway != address(0)
            && _of.settlement != address(0);
        if (!inRange) revert ModelRegistry_Invalid();
        // Nothing here shows that weights are a count as they are said to be, so that their publisher is bonded, too.
        if (msg.value != BOND) revert ModelRegistry_Bond(BOND, msg.value);
        modelVersion_ = ++versions;
        Record storage record = _records[modelVersion_];
        record.model = _model;
        record.kind = _of.kind;
        record.depth = _lineage(modelVersion_, _of);
        _owe(modelVersion_, _of);
        record.declared = _of.declared;
        record.activeFrom = uint64(block.timestamp) + NOTICE;
        record.contentHash = _of.contentHash;
        record.corpusRoot = _corpus(modelVersion_, _of);
        record.boilerplateRoot = _of.boilerplateRoot;
        (record.weightsRoot, record.weightsTotal) = _weights(_of);
        record.bond = BOND;
        record.publisher = msg.sender;
        record.settlement = _of.settlement;
        _terms[modelVersion_] = _of.terms;
        _payees[modelVersion_] = _of.payees;
        _gateways[modelVersion_] = _of.gateway;
        emit VersionPublished(modelVersion_, _model, msg.sender, record, _of);
    }

    /// @inheritdoc IModelRegistry
    function showPhrases(uint64 _modelVersion, bytes calldata _phrases) external {
        Record storage record = _known(_modelVersion);
        if (block.timestamp >= record.activeFrom) revert ModelRegistry_TooLate(record.activeFrom);
        if (Phrases.rootOf(_phrases) != record.boilerplateRoot) revert ModelRegistry_OtherPhrases();
        _areShown[_modelVersion] = true;
        emit PhrasesShown(_modelVersion, _phrases);
    }

    /// @inheritdoc IModelRegistry
    function setGateway(uint64 _modelVersion, address _gateway) external {
        _checkOwner(_known(_modelVersion).model);
        if (_gateway == address(0)) revert ModelRegistry_Invalid();
        _gateways[_modelVersion] = _gateway;
        emit GatewayChanged(_modelVersion, _gateway);
    }

    /// @inheritdoc IModelRegistry
    function retire(uint64 _modelVersion) external {
        Record storage record = _known(_modelVersion);
        _checkOwner(record.model);
        if (record.isRetired) return;
        record.isRetired = true;
        record.retiredAt = uint64(block.timestamp);
        emit VersionRetired(_modelVersion);
    }

    /// @inheritdoc IModelRegistry
    function returnBond(uint64 _modelVersion) external {
        Record storage record = _known(_modelVersion);
        uint64 from = record.isRetired ? record.retiredAt + BOND_TIME : type(uint64).max;
        if (block.timestamp < from) revert ModelRegistry_TooEarly(from);
        uint256 bond = record.bond;
        if (bond == 0) return;
        record.bond = 0;
        emit BondReturned(_modelVersion, record.publisher, bond);
        Address.sendValue(payable(record.publisher), bond);
    }

    /// @inheritdoc IModelRegistry
    function termsOfOL2025() external pure returns (Terms memory terms_) {
        // Its parts are the model's (base, tuner and compute here), the stakers' and the contributors'; of its published shares only the formula is
        // meant, since they disagree.
        return Terms(500, 0, SplitTable(500, 2_500, 2_000, 1_000, 4_000));
    }

    /// @inheritdoc IModelRegistry
    function isActive(uint64 _modelVersion) public view returns (bool isActive_) {
        Record storage record = _known(_modelVersion);
        return !record.isRetired && block.timestamp >= record.activeFrom;
    }

    /// @inheritdoc IModelGate
    function gateOf(uint64 _modelVersion)
        external
        view
        returns (bool isActive_, uint64 activeFrom_, address gateway_, address settlement_, Terms memory terms_)
    {
        Record storage record = _known(_modelVersion);
        activeFrom_ = record.activeFrom;
        isActive_ = !record.isRetired && block.timestamp >= activeFrom_;
        (gateway_, settlement_, terms_) = (_gateways[_modelVersion], record.settlement, _terms[_modelVersion]);
    }

    /// @inheritdoc IModelGate
    function ownerOfVersion(uint64 _modelVersion) external view returns (address owner_) {
        return ownerOf(_known(_modelVersion).model);
    }

    /// @inheritdoc IModelFacts
    function termsOf(uint64 _modelVersion) external view returns (Terms memory terms_) {
        _known(_modelVersion);
        return _terms[_modelVersion];
    }

    /// @inheritdoc IModelFacts
    function corpusRootOf(uint64 _modelVersion) external view returns (bytes32 root_) {
        return _records[_modelVersion].corpusRoot;
    }

    /// @inheritdoc IModelFacts
    function boilerplateRootOf(uint64 _modelVersion) external view returns (bytes32 root_) {
        root_ = _records[_modelVersion].boilerplateRoot;
        // Nobody can attribute by a list that nobody has seen.
        if (root_ != 0 && !_areShown[_modelVersion]) return Trees.root(0, 0);
    }

    /// @inheritdoc IModelWeights
    function weightsOf(uint64 _modelVersion) external view returns (bytes32 root_, uint128 total_, bool declared_) {
        Record storage record = _records[_modelVersion];
        return (record.weightsRoot, record.weightsTotal, record.declared);
    }

    /// @inheritdoc IModelRegistry
    function recordOf(uint64 _modelVersion) external view returns (Record memory record_) {
        return _known(_modelVersion);
    }

    /// @inheritdoc IModelRegistry
    function corpusOf(uint64 _modelVersion) external view returns (DatanetVersion[] memory corpus_) {
        _known(_modelVersion);
        return _corpora[_modelVersion];
    }

    /// @inheritdoc IModelRegistry
    function parentsOf(uint64 _modelVersion) external view returns (uint64[] memory parents_) {
        _known(_modelVersion);
        return _parents[_modelVersion];
    }

    /// @inheritdoc IModelRegistry
    function licensorsOf(uint64 _modelVersion) public view returns (address[] memory licensors_) {
        if (_known(_modelVersion).kind != Kind.BASE) return _licensors[_modelVersion];
        if (_terms[_modelVersion].split.licensor == 0) return licensors_;
        licensors_ = new address[](1);
        licensors_[0] = _payees[_modelVersion].licensor;
    }

    /// @inheritdoc IModelRegistry
    function payeesOf(uint64 _modelVersion) external view returns (Payees memory payees_) {
        _known(_modelVersion);
        return _payees[_modelVersion];
    }

    /// @inheritdoc IModelRegistry
    function gatewayOf(uint64 _modelVersion) external view returns (address gateway_) {
        _known(_modelVersion);
        return _gateways[_modelVersion];
    }

    /// @dev Writes the parents down; how deep the version is.
    function _lineage(uint64 _modelVersion, Publication calldata _of) internal returns (uint8 depth_) {
        uint256 parents = _of.parents.length;
        bool inRange = _of.kind == Kind.BASE
            ? parents == 0
            : _of.kind == Kind.ADAPTER ? parents == 1 : parents >= 2 && parents <= MOST_PARENTS;
        if (!inRange) revert ModelRegistry_Lineage();
        for (uint256 k; k < parents; ++k) {
            uint64 parent = _of.parents[k];
            if (!isActive(parent)) revert ModelRegistry_Lineage();
            for (uint256 other; other < k; ++other) {
                if (_of.parents[other] == parent) revert ModelRegistry_Lineage();
            }
            uint8 depth = _records[parent].depth + 1;
            if (depth > depth_) depth_ = depth;
            _parents[_modelVersion].push(parent);
        }
        if (depth_ > MOST_DEPTH) revert ModelRegistry_Lineage();
    }

    /// @dev Writes down whom a version with parents owes the licensor's share to, which is no less than a parent's.
    function _owe(uint64 _modelVersion, Publication calldata _of) internal {
        uint256 parents = _of.parents.length;
        if (parents == 0) return;
        uint16 share = _of.terms.split.licensor;
        address[] storage licensors = _licensors[_modelVersion];
        for (uint256 k; k < parents; ++k) {
            uint64 parent = _of.parents[k];
            if (share < _terms[parent].split.licensor) revert ModelRegistry_Terms();
            address[] memory upstream = licensorsOf(parent);
            for (uint256 each; each < upstream.length; ++each) {
                _addLicensor(licensors, upstream[each]);
            }
            address tuner = _payees[parent].tuner;
            if (tuner != address(0)) _addLicensor(licensors, tuner);
        }
        if (share != 0 && licensors.length == 0) revert ModelRegistry_Terms();
    }

    function _addLicensor(address[] storage _to, address _licensor) internal {
        uint256 length = _to.length;
        for (uint256 k; k < length; ++k) {
            if (_to[k] == _licensor) return;
        }
        if (length == MOST_LICENSORS) revert ModelRegistry_Lineage();
        _to.push(_licensor);
    }

    /// @dev Writes the corpus down, the parents' Datanet versions first and each once; its root.
    function _corpus(uint64 _modelVersion, Publication calldata _of) internal returns (bytes32 root_) {
        DatanetVersion[] storage corpus = _corpora[_modelVersion];
        for (uint256 k; k < _of.parents.length; ++k) {
            DatanetVersion[] storage parents = _corpora[_of.parents[k]];
            uint256 length = parents.length;
            for (uint256 each; each < length; ++each) {
                _add(corpus, parents[each]);
            }
        }
        for (uint256 k; k < _of.corpus.length; ++k) {
            _add(corpus, _of.corpus[k]);
        }
        if (corpus.length == 0) revert ModelRegistry_Corpus(0);
        bytes32[] memory leaves = new bytes32[](corpus.length);
        for (uint256 k; k < leaves.length; ++k) {
            leaves[k] = _leaf(corpus[k]);
        }
        return Trees.rootOf(leaves);
    }

    function _add(DatanetVersion[] storage _to, DatanetVersion memory _of) internal {
        uint256 length = _to.length;
        for (uint256 k; k < length; ++k) {
            if (_to[k].datanet == _of.datanet && _to[k].version == _of.version) return;
        }
        if (length == MOST_CORPUS) revert ModelRegistry_Corpus(_of.datanet);
        _to.push(_of);
    }

    /// @dev The leaf V. Licences never change, and are asked for again with every version all the same: a Datanet's number says nothing of it.
    function _leaf(DatanetVersion memory _of) internal view returns (bytes32 hash_) {
        bytes32 root = IDatanetFacts(address(DATANETS)).versionRootOf(_of.datanet, _of.version);
        uint8 uses = LICENCES.TRAIN() | LICENCES.ANSWER() | LICENCES.COMMERCIAL();
        if (root == 0 || !LICENCES.permits(DATANETS.licenceOf(_of.datanet), uses)) {
            revert ModelRegistry_Corpus(_of.datanet);
        }
        return keccak256(abi.encodePacked(uint8(0), "V", _of.datanet, _of.version, root));
    }

    /// @dev Root and sum of the weights, by one of them: another sum than the tree has can not be stated, and that row can always be paid.
    function _weights(Publication calldata _of) internal pure returns (bytes32 root_, uint128 total_) {
        (, uint128 weight) = Leaves.weight(_of.weightRow);
        Trees.SumPath memory path = Trees.climbSums(Trees.leaf(_of.weightRow), weight, _of.weightProof);
        if (weight == 0 || path.total > MOST_WEIGHT) revert ModelRegistry_Invalid();
        return (path.root, path.total);
    }

    function _checkTerms(Publication calldata _of) internal pure {
        Terms calldata terms = _of.terms;
        SplitTable calldata split = terms.split;
        uint256 whole = uint256(split.licensor) + split.tuner + split.compute + split.stakers + split.data;
        bool inRange = whole == 10_000 && split.data >= LEAST_DATA_BPS && split.licensor <= MOST_UPSTREAM_BPS
            && terms.platformBps != 0 && terms.platformBps <= MOST_PLATFORM_BPS
            && terms.retrievalBps <= MOST_RETRIEVAL_BPS;
        Payees calldata payees = _of.payees;
        // What a version with parents owes is its parents' to say.
        bool isOwed = _of.kind == Kind.BASE
            ? split.licensor == 0 || payees.licensor != address(0)
            : payees.licensor == address(0);
        bool arePaid = isOwed && (split.tuner == 0 || payees.tuner != address(0))
            && (split.compute == 0 || payees.compute != address(0))
            && (split.stakers == 0 || payees.stakers != address(0));
        if (!inRange || !arePaid) revert ModelRegistry_Terms();
    }

    function _checkOwner(uint64 _model) internal view {
        if (_model >= models) revert ModelRegistry_Unknown(_model);
        if (_ownerOf(_model) != msg.sender) revert ModelRegistry_NotOwner();
    }

    function _known(uint64 _modelVersion) internal view returns (Record storage record_) {
        record_ = _records[_modelVersion];
        if (record_.contentHash == 0) revert ModelRegistry_Unknown(_modelVersion);
    }
}
