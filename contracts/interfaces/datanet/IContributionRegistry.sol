// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title IDatanetPolicy
/// @notice What the register of contributions asks of the register of Datanets.
interface IDatanetPolicy {
    /// @notice How many Datanets there are.
    function count() external view returns (uint64 count_);

    /// @notice The licence of a Datanet. Reverts where there is none.
    function licenceOf(uint64 datanet) external view returns (uint32 licence_);

    /// @notice Whether a contributor may contribute to a Datanet now; false when there is no such Datanet.
    function mayContribute(uint64 datanet, uint64 contributor) external view returns (bool mayContribute_);
}

/// @title IContributionRegistry
/// @notice Records every contribution: data, labels, prompts, evaluations, tuning, compute, code and governance. Nobody owns this contract, and nothing
///         here can be paused.
/// @dev A contribution is committed to by a hash, which gives it its place in time, and revealed within a window; else it is void. The hash binds who
///      committed, so that neither who sees it waiting nor who orders transactions can have the place for the same words. It is accepted into a
///      Datanet when its window is over: then all that was committed before it is revealed or void, and nothing can come before it any more.
///      No Datanet can keep it from being revealed, and one that does not accept it does not have it: its contributor takes it to another, with its
///      place in time.
///      A bond for each byte comes with the reveal, from the contributor's side; it goes to the contributor's payee on acceptance, and in any case after a
///      time.
interface IContributionRegistry {
    /// @notice What is revealed.
    /// @param datanet Where it is to go.
    /// @param contributor Whose it is; the caller is their key.
    /// @param batchRoot Root of its documents, the leaves D of docs/attribution-method.md.
    /// @param documents How many there are.
    /// @param size Bytes of all of them, each of which has one at least.
    /// @param licence Its licence; zero for that of its Datanet.
    /// @param kinds What is in it, one bit for each of the eight kinds of the method, DATA first.
    /// @param parent The document that it improves, labels or measures, as seq of its leaf D; zero for none. Committed earlier, and revealed.
    /// @param isInline Whether the content stands in the call's data, so that everybody who rebuilds the chain has it.
    struct Batch {
        uint64 datanet;
        uint64 contributor;
        bytes32 batchRoot;
        uint32 documents;
        uint64 size;
        uint32 licence;
        uint8 kinds;
        uint64 parent;
        bool isInline;
    }

    /// @notice What the chain keeps of a contribution.
    /// @param batchRoot Zero until it is revealed.
    /// @param committer Who committed; from the reveal on who revealed, and paid the bond.
    /// @param committedAt In seconds.
    /// @param datanet Where it is to go.
    /// @param contributor Whose it is.
    /// @param documents How many there are.
    /// @param size Bytes of all of them.
    /// @param revealedAt In seconds; zero until then.
    /// @param bond In wei; zero once it went back.
    /// @param isAccepted Whether its Datanet has it.
    /// @param licence Its licence; zero for that of its Datanet.
    /// @param parent The document that it improves, labels or measures; zero for none.
    struct Record {
        bytes32 batchRoot;
        address committer;
        uint64 committedAt;
        uint64 datanet;
        uint64 contributor;
        uint32 documents;
        uint64 size;
        uint64 revealedAt;
        bool isAccepted;
        uint32 licence;
        uint64 parent;
        uint128 bond;
    }

    /// @notice Somebody has a place in time. Read by indexer and attributors.
    event Committed(uint32 indexed commitSeq, address indexed committer, bytes32 commitHash);

    /// @notice A contribution. Read by indexer, explorer and attributors, who take the content from the call or by its CID.
    event Revealed(
        uint32 indexed commitSeq,
        uint64 indexed datanet,
        uint64 indexed contributor,
        Batch batch,
        bytes32 contentHash,
        bytes cid,
        uint256 bond
    );

    /// @notice It is to go to another Datanet. Read by indexer, explorer and who decides for the two.
    event Redirected(uint32 indexed commitSeq, uint64 indexed from, uint64 indexed to);

    /// @notice A Datanet has it. Read by indexer, explorer and wallets.
    event Accepted(uint32 indexed commitSeq, uint64 indexed datanet);

    /// @notice A bond went back. Read by wallets.
    event BondReturned(uint32 indexed commitSeq, address indexed to, uint256 amount);

    /// @notice There is no such commit.
    error ContributionRegistry_Unknown(uint32 commitSeq);

    /// @notice It is not what was committed to by who sent the commit.
    error ContributionRegistry_OtherCommit();

    /// @notice It was revealed before, or its window is over.
    error ContributionRegistry_Closed(uint32 commitSeq);

    /// @notice The caller is not the contributor's key.
    error ContributionRegistry_NotKey(uint64 contributor);

    /// @notice There is no such Datanet.
    error ContributionRegistry_NoDatanet(uint64 datanet);

    /// @notice The Datanet does not take this contributor's work.
    error ContributionRegistry_NotWelcome(uint64 datanet, uint64 contributor);

    /// @notice The contributor is in recovery: who has the key may be a thief, and who is paid may change.
    error ContributionRegistry_InRecovery(uint64 contributor);

    /// @notice A field is out of range: no root, no document, fewer bytes than documents, no kind, a licence that is not there, a CID of another
    ///         form than 36 bytes of CIDv1 with SHA-256, or another size than the content has.
    error ContributionRegistry_Invalid();

    /// @notice The parent is no document of an earlier commit that was revealed.
    error ContributionRegistry_Parent(uint64 parent);

    /// @notice The parent's licence does not permit the contribution's; each of them its own, or that of its Datanet.
    error ContributionRegistry_Licence(uint32 parents, uint32 its);

    /// @notice The value that comes with a reveal is not the bond.
    error ContributionRegistry_Bond(uint256 expected, uint256 found);

    /// @notice Only the register of Datanets accepts.
    error ContributionRegistry_NotDatanets();

    /// @notice It is not time yet.
    error ContributionRegistry_TooEarly(uint64 from);

    /// @notice It can not be accepted, or go elsewhere: not revealed, for another Datanet, or accepted before.
    error ContributionRegistry_NotAcceptable(uint32 commitSeq);

    /// @notice Takes a place in time. By anyone.
    /// @param commitHash See {commitHashOf}.
    /// @return commitSeq_ The place, from one on.
    function commit(bytes32 commitHash) external returns (uint32 commitSeq_);

    /// @notice Says what was committed to. By the contributor's key of now, which need not be the one that committed, within the window, while no recovery runs; with
    ///         the bond as value.
    /// @param content The documents where they are inline, else their CID.
    function reveal(uint32 commitSeq, Batch calldata batch, bytes calldata content, bytes32 salt) external payable;

    /// @notice Takes a contribution that was not accepted to another Datanet; its place in time stays. By the contributor's key, while no
    ///         recovery runs. Its parent's licence is asked for again; what was derived from it is not.
    function redirect(uint32 commitSeq, uint64 datanet) external;

    /// @notice Takes a contribution into its Datanet. By the register of Datanets, when {checkAcceptable} has nothing against it.
    /// @return batchRoot_ What its version holds.
    function accept(uint32 commitSeq, uint64 datanet) external returns (bytes32 batchRoot_);

    /// @notice Reverts unless a contribution can be accepted: it was revealed for this Datanet, which takes its contributor's work, and the window after
    ///         its commit is over.
    /// @return licence_ Its licence; zero for that of its Datanet.
    function checkAcceptable(uint32 commitSeq, uint64 datanet) external view returns (uint32 licence_);

    /// @notice Gives a bond back, to the contributor's payee of now, when the contribution was accepted or the time of the bond is over. By anyone, while no
    ///         recovery runs.
    function returnBond(uint32 commitSeq) external;

    /// @notice The hash to commit to.
    function commitHashOf(
        address committer,
        Batch calldata batch,
        bytes calldata content,
        bytes32 salt
    ) external view returns (bytes32 hash_);

    /// @notice How many commits there are.
    function commits() external view returns (uint32 commits_);

    /// @notice What the chain keeps of a contribution. Reverts for a place that nobody has.
    function recordOf(uint32 commitSeq) external view returns (Record memory record_);

    /// @notice Whether a commit is void: its window is over, and nothing was revealed.
    function isVoid(uint32 commitSeq) external view returns (bool isVoid_);
}
