// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import { IModelFacts } from "interfaces/pay/IAttributionFacts.sol";

/// @title IModelRegistry
/// @notice Models, each an ERC-721 token, and their versions: what a version was made of, on which terms it answers, and who is paid. A version never
///         changes once it is published. Nobody owns this contract.
interface IModelRegistry is IModelFacts {
    /// @notice How a version came to be.
    enum Kind {
        /// From data alone.
        BASE,
        /// By tuning one other version.
        ADAPTER,
        /// Of several other versions.
        MERGE
    }

    /// @notice A Datanet as a corpus holds it.
    struct DatanetVersion {
        uint64 datanet;
        uint32 version;
    }

    /// @notice Who gets the fixed shares of a fee.
    /// @param licensor Of a BASE. Zero of versions with parents, which owe it to whom {licensorsOf} says.
    struct Payees {
        address licensor;
        address tuner;
        address compute;
        address stakers;
    }

    /// @notice What is published.
    /// @param kind How it came to be.
    /// @param parents The versions that it was made of: none of a BASE, one of an ADAPTER, 2 to 8 of a MERGE; all of them active.
    /// @param corpus Datanet versions that it was made of besides those of its parents.
    /// @param contentHash Keccak-256 of the model's weights.
    /// @param boilerplateRoot Root of the phrases G that are nobody's own. It counts if {showPhrases} has shown them before the version is active; else there are none.
    /// @param weightRow A training weight W of the version's, above zero.
    /// @param weightProof That it is among the version's weights, of which root and sum follow from it; their sum is 10^15 at most.
    /// @param declared Whether the weights are the publisher's word, and not a count that anyone can make again; by the publisher's own account.
    /// @param terms How a fee is divided. The licensor's share is no less than that of any parent.
    /// @param payees Who gets the fixed shares.
    /// @param gateway Whose signature an answer has.
    /// @param settlement The contract that settles its answers.
    struct Publication {
        Kind kind;
        uint64[] parents;
        DatanetVersion[] corpus;
        bytes32 contentHash;
        bytes32 boilerplateRoot;
        bytes weightRow;
        bytes weightProof;
        bool declared;
        Terms terms;
        Payees payees;
        address gateway;
        address settlement;
    }

    /// @notice What the chain keeps of a version, besides terms and payees.
    /// @param model The token.
    /// @param depth 0 of a BASE, else one more than the deepest parent's.
    /// @param activeFrom When it may answer.
    /// @param isRetired Whether it answers no more.
    /// @param retiredAt When that was said.
    /// @param weightsRoot Root of the training weights W.
    /// @param weightsTotal Their sum.
    /// @param bond What its publisher is bonded with, in wei.
    struct Record {
        uint64 model;
        Kind kind;
        uint8 depth;
        bool declared;
        bool isRetired;
        uint64 activeFrom;
        uint64 retiredAt;
        bytes32 contentHash;
        bytes32 corpusRoot;
        bytes32 boilerplateRoot;
        bytes32 weightsRoot;
        uint128 weightsTotal;
        uint128 bond;
        address publisher;
        address settlement;
    }

    /// @notice There is a new model. Read by indexer and explorer.
    event ModelCreated(uint64 indexed model, address indexed owner, string name);

    /// @notice There is a new version. Read by indexer, explorer and attributors.
    /// @param record What the chain keeps of it: publisher, depth, bond, roots and when it may answer.
    event VersionPublished(
        uint64 indexed modelVersion,
        uint64 indexed model,
        address indexed publisher,
        Record record,
        Publication publication
    );

    /// @notice The phrases of a version's boilerplate. Read by attributors, and by whose words they are.
    /// @param phrases Eight word ids each, one behind the other, in order.
    event PhrasesShown(uint64 indexed modelVersion, bytes phrases);

    /// @notice Another key signs a version's answers. Read by gateways and wallets.
    event GatewayChanged(uint64 indexed modelVersion, address indexed gateway);

    /// @notice A version answers no more. Read by gateways and explorer.
    event VersionRetired(uint64 indexed modelVersion);

    /// @notice A bond went back. Read by wallets.
    event BondReturned(uint64 indexed modelVersion, address indexed to, uint256 amount);

    /// @notice There is no such model or version.
    error ModelRegistry_Unknown(uint64 id);

    /// @notice The caller does not own the model.
    error ModelRegistry_NotOwner();

    /// @notice Parents are of another number than the kind has, not active, or one of them twice; or the lineage is deeper than 8, or owes more than 16.
    error ModelRegistry_Lineage();

    /// @notice No Datanet version, more than 64, one that is not there, or one whose licence does not consent to training and paid answers.
    error ModelRegistry_Corpus(uint64 datanet);

    /// @notice Terms beyond what no vote can cross: shares that are not the whole, less than 3,000 for data, more than 3,000 for the base's licensor
    ///         or for retrieval, nothing or more than 2,000 for the platform; or a share without a payee. Of a version with parents also less for
    ///         the licensor than a parent has, or a licensor of its own.
    error ModelRegistry_Terms();

    /// @notice No content, no gateway, no settlement, no boilerplate, a training weight of nothing, or weights of more than 10^15.
    error ModelRegistry_Invalid();

    /// @notice The value is not the bond.
    error ModelRegistry_Bond(uint256 expected, uint256 found);

    /// @notice It is not time yet.
    error ModelRegistry_TooEarly(uint64 from);

    /// @notice The version is active, and what it was made of does not change any more.
    error ModelRegistry_TooLate(uint64 until);

    /// @notice The phrases are not those that the version was published with.
    error ModelRegistry_OtherPhrases();

    /// @notice Creates a model, which is the caller's token.
    function create(string calldata name) external returns (uint64 model_);

    /// @notice Publishes a version, which is active after a notice, in which its boilerplate and weights can be looked at. By the model's owner; with the
    ///         bond as value.
    /// @return modelVersion_ The next number over all models, from one on.
    function publish(uint64 model, Publication calldata publication) external payable returns (uint64 modelVersion_);

    /// @notice Shows the phrases of a version's boilerplate, as many as one transaction holds, which are some 900. By anyone, before the version is active: a list that
    ///         nobody has seen would be one that nobody can attribute by.
    /// @param phrases Eight word ids of 16 bytes each, one behind the other, strictly in order.
    function showPhrases(uint64 modelVersion, bytes calldata phrases) external;

    /// @notice Has another key sign a version's answers from now on. By the model's owner.
    function setGateway(uint64 modelVersion, address gateway) external;

    /// @notice Ends a version's answers. What was paid for is settled. By the model's owner; not taken back.
    function retire(uint64 modelVersion) external;

    /// @notice Gives the bond of a version back to who published it, a time after it was retired. By anyone.
    function returnBond(uint64 modelVersion) external;

    /// @notice The terms that reproduce OpenLedger's published formula: what the platform leaves is for the model, the stakers and the contributors.
    function termsOfOL2025() external pure returns (Terms memory terms_);

    /// @notice How many versions there are; their ids are one to this.
    function versions() external view returns (uint64 versions_);

    /// @notice Whether a version answers: its notice is over, and it was not retired.
    function isActive(uint64 modelVersion) external view returns (bool isActive_);

    /// @notice What the chain keeps of a version.
    function recordOf(uint64 modelVersion) external view returns (Record memory record_);

    /// @notice The Datanet versions of a version, its parents' first, each once.
    function corpusOf(uint64 modelVersion) external view returns (DatanetVersion[] memory corpus_);

    /// @notice The versions that it was made of.
    function parentsOf(uint64 modelVersion) external view returns (uint64[] memory parents_);

    /// @notice To whom a version owes the licensor's share, in equal parts, each once and 16 at most. Of a BASE its licensor, if there is a share; of
    ///         others whom their parents owe it to, and the parents' tuners.
    function licensorsOf(uint64 modelVersion) external view returns (address[] memory licensors_);

    /// @notice Who gets the fixed shares.
    function payeesOf(uint64 modelVersion) external view returns (Payees memory payees_);

    /// @notice Whose signature an answer has.
    function gatewayOf(uint64 modelVersion) external view returns (address gateway_);
}
