// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import { IVotes } from "@openzeppelin/contracts/governance/utils/IVotes.sol";

/// @title IDatanetRegistry
/// @notice Datanets: datasets of a community or of a single person, each an ERC-721 token. Who decides for one is its policy; what it decides is which
///         contributions it accepts, and from whom it takes them. Nobody owns this contract.
/// @dev A council's or a token's decision is reached by calls of the same function with the same arguments, each by another who is for it, within 30 days of
///      the first; the last of them does it. Who was for it can take that back until then. Votes are those that a holder had just before the first call,
///      which takes a hundredth of the quorum. With other members of a council all that is undecided begins anew.
///      Accepted batches are a tree that only grows. A version is its root at some time; it names all batches of the version before it and those that
///      came since, and never changes. It is published a delay after the last acceptance, in which a document that nobody has seen can be asked for.
///      Where acceptances do not pause so long, anyone makes a checkpoint, which is published a delay after the last acceptance in it.
interface IDatanetRegistry {
    /// @notice Who decides.
    enum Policy {
        /// The owner of the token.
        INDIVIDUAL,
        /// So many of some members.
        COUNCIL,
        /// So many votes of a token.
        TOKEN
    }

    /// @notice What a Datanet is.
    /// @param domain What it is about.
    /// @param licence The licence of its contributions, of which some may consent to more.
    /// @param policy Who decides.
    /// @param isOpen Whether anyone's work can be accepted, and not only that of who is welcome.
    /// @param members Of a council: 1 to 32 accounts, each once; of others none.
    /// @param votes Of a token.
    /// @param quorum Members, or votes, that a decision takes.
    struct Config {
        string domain;
        uint32 licence;
        Policy policy;
        bool isOpen;
        address[] members;
        IVotes votes;
        uint256 quorum;
    }

    /// @notice There is a new Datanet. Read by indexer and explorer.
    event Created(uint64 indexed datanet, address indexed owner, Config config);

    /// @notice Somebody is for a decision. Read by explorer and wallets.
    /// @param decision Keccak-256 of the call.
    /// @param call What was asked for: the function and its arguments, as the data of a call of this contract.
    event Approved(
        uint64 indexed datanet,
        bytes32 indexed decision,
        address indexed by,
        uint256 approvals,
        bytes call
    );

    /// @notice Somebody is for a decision no more. Read by explorer and wallets.
    event Revoked(uint64 indexed datanet, bytes32 indexed decision, address indexed by, uint256 approvals);

    /// @notice A batch was accepted. Read by indexer and attributors.
    event BatchAccepted(uint64 indexed datanet, uint32 indexed commitSeq, bytes32 batchRoot, uint64 place);

    /// @notice A Datanet is open to everybody, or no more. Read by indexer and wallets.
    event OpenChanged(uint64 indexed datanet, bool isOpen);

    /// @notice A contributor is welcome where not everybody is, or no more. Read by indexer and wallets.
    event WelcomeChanged(uint64 indexed datanet, uint64 indexed contributor, bool isWelcome);

    /// @notice A council has other members. Read by indexer, explorer and wallets.
    event MembersChanged(uint64 indexed datanet, address[] members, uint256 quorum);

    /// @notice What was accepted until now can be published from a time on. Read by who publishes.
    event Checkpointed(uint64 indexed datanet, bytes32 root, uint64 batches, uint64 from);

    /// @notice A version. Read by indexer, attributors and who trains models.
    event Published(uint64 indexed datanet, uint32 indexed version, bytes32 root, uint64 batches);

    /// @notice There is no such Datanet.
    error DatanetRegistry_Unknown(uint64 datanet);

    /// @notice A configuration that decides nothing: no domain, a licence that is not there, members or votes where there must be none, none or too many
    ///         where there must be some, twice the same, the address zero, or a quorum that can not be reached or takes nothing. A token that does not say
    ///         votes of the past is refused, too, with its own error.
    error DatanetRegistry_Config();

    /// @notice The licence of a contribution consents to less than that of the Datanet.
    error DatanetRegistry_Licence(uint32 licence);

    /// @notice The caller has no say in this.
    error DatanetRegistry_NoSay(address caller);

    /// @notice Who begins a decision has a hundredth of the quorum.
    error DatanetRegistry_TooFew(uint256 least, uint256 found);

    /// @notice The caller is for nothing that could be taken back.
    error DatanetRegistry_NotFor(address caller);

    /// @notice The caller is for it already.
    error DatanetRegistry_Twice(address caller);

    /// @notice It is not time yet.
    error DatanetRegistry_TooEarly(uint64 from);

    /// @notice There is a checkpoint that was not published yet.
    error DatanetRegistry_Checkpointed(uint64 from);

    /// @notice Nothing was accepted since the last version.
    error DatanetRegistry_Unchanged();

    /// @notice Creates a Datanet, which is the caller's token.
    /// @return datanet_ The next number, from zero on; the token's id is the same.
    function create(Config calldata config) external returns (uint64 datanet_);

    /// @notice Accepts a contribution, which consents to all that the Datanet does. By decision, which begins when it can be accepted.
    /// @param batchRoot Root of its documents: what is decided on is these.
    /// @return isDecided_ False when the decision takes more.
    function accept(uint64 datanet, uint32 commitSeq, bytes32 batchRoot) external returns (bool isDecided_);

    /// @notice Opens a Datanet to everybody, or closes it to all that are not welcome. By decision.
    function setOpen(uint64 datanet, bool isOpen) external returns (bool isDecided_);

    /// @notice Says whether a contributor is welcome where not everybody is. By decision.
    function setWelcome(uint64 datanet, uint64 contributor, bool isWelcome) external returns (bool isDecided_);

    /// @notice Replaces the members of a council and the quorum. By decision; all that is undecided begins anew.
    function setMembers(
        uint64 datanet,
        address[] calldata members,
        uint256 quorum
    ) external returns (bool isDecided_);

    /// @notice Takes the caller's word for a decision back, while it is undecided.
    /// @param decision See {Approved}.
    function revoke(uint64 datanet, bytes32 decision) external;

    /// @notice Holds what was accepted until now, for {publish}. By anyone, when there is no other that was not published.
    function checkpoint(uint64 datanet) external;

    /// @notice Makes a version of what was accepted. By anyone, a delay after the last acceptance; else of the checkpoint, a delay after its last.
    /// @return version_ The next number, from zero on.
    function publish(uint64 datanet) external returns (uint32 version_);

    /// @notice How many Datanets there are.
    function count() external view returns (uint64 count_);

    /// @notice What a Datanet is.
    function configOf(uint64 datanet) external view returns (Config memory config_);

    /// @notice The licence of a Datanet. Reverts where there is none.
    function licenceOf(uint64 datanet) external view returns (uint32 licence_);

    /// @notice How many versions a Datanet has.
    function versionsOf(uint64 datanet) external view returns (uint32 versions_);

    /// @notice The last checkpoint of a Datanet: its batches and their root, and when it can be published, if it was not.
    function checkpointOf(uint64 datanet) external view returns (uint64 batches_, bytes32 root_, uint64 from_);

    /// @notice How many batches a Datanet has accepted, and the root of their tree.
    function batchesOf(uint64 datanet) external view returns (uint64 batches_, bytes32 root_);
}
