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

/// @title IAdmission
/// @notice What the register of contributions asks of who judges their documents.
interface IAdmission {
    /// @notice Whether what a contribution states stands: nothing that was asked of it is still to be shown, and nothing showed that it has to state something
    ///         else.
    function isClear(uint32 commitSeq) external view returns (bool isClear_);

    /// @notice Whether something that was asked of a contribution is still to be shown, so that its bond may still be lost.
    function isAsked(uint32 commitSeq) external view returns (bool isAsked_);

    /// @notice Whether it was shown that a contribution has to state something else.
    function isOutOfDate(uint32 commitSeq) external view returns (bool isOutOfDate_);
}

/// @title IContributionRegistry
/// @notice Records every contribution: data, labels, prompts, evaluations, tuning, compute, code and governance. Nobody owns this contract, and nothing
///         here can be paused.
/// @dev A contribution is committed to by a hash, which gives it its place in time, and revealed within a window; else it is void. The hash binds who
///      committed, so that neither who sees it waiting nor who orders transactions can have the place for the same words.
///      The hash binds what is in each document: without that, who learns another's words from their reveal could say that they were in an earlier
///      commit. But the leaves of the documents, and so their root, name the place, and the earlier documents that they were made of, which may come to light
///      after it: the hash does not bind this root. It is stated with the reveal, and can be stated anew until it is accepted, but not while it is judged:
///      else who states what is wrong could be gone whenever somebody is about to show it.
///      When its window is over all that was committed before it is revealed or void, and nothing can come before it any more. Then, or from its last
///      statement on, its time of admission begins, in which documents can be asked for and shown to be wrong ({IAdmission}). Afterwards a Datanet can accept it.
///      No Datanet can keep it from being revealed, and one that does not accept it does not have it: its contributor takes it to another, with its
///      place in time.
///      A bond for each byte comes with the reveal, from the contributor's side; it goes to the contributor's payee on acceptance, and in any case after a
///      time.
interface IContributionRegistry {
    /// @notice What is revealed.
    /// @param contentRoot Root of what is in its documents, wherever they stand: the leaves O of docs/attribution-method.md.
    /// @param datanet Where it is to go.
    /// @param contributor Whose it is; the caller is their key.
    /// @param documents How many documents it has.
    /// @param size Bytes of all of them, each of which has one at least.
    /// @param licence Its licence; zero for that of its Datanet.
    /// @param kinds What is in it, one bit for each of the eight kinds of the method, DATA first.
    /// @param parent The document that it improves, labels or measures, as seq of its leaf D; zero for none. Committed earlier, and revealed.
    /// @param isInline Whether the content stands in the call's data, so that everybody who rebuilds the chain has it.
    struct Batch {
        bytes32 contentRoot;
        uint64 datanet;
        uint64 contributor;
        uint32 documents;
        uint64 size;
        uint32 licence;
        uint8 kinds;
        uint64 parent;
        bool isInline;
    }

    /// @notice What the chain keeps of a contribution.
    /// @param batchRoot Root of its documents, as it was stated last: the leaves D of docs/attribution-method.md. Zero until it is revealed.
    /// @param contentRoot Root of what is in them; zero until it is revealed.
    /// @param committer Who committed; from the reveal on who revealed, and paid the bond.
    /// @param committedAt In seconds.
    /// @param datanet Where it is to go.
    /// @param contributor Whose it is.
    /// @param documents How many there are.
    /// @param size Bytes of all of them.
    /// @param revealedAt In seconds; zero until then.
    /// @param statedAt When the root was stated last, in seconds; zero until it is revealed.
    /// @param expelledAt When its documents were wrong, or not shown, in seconds: no Datanet can have it. Zero of others.
    /// @param bond In wei; zero once it went back or was lost.
    /// @param isAccepted Whether its Datanet has it.
    /// @param licence Its licence; zero for that of its Datanet.
    /// @param parent The document that it improves, labels or measures; zero for none.
    /// @param kinds What is in it, one bit for each kind.
    struct Record {
        bytes32 batchRoot;
        bytes32 contentRoot;
        address committer;
        uint64 committedAt;
        uint64 datanet;
        uint64 contributor;
        uint32 documents;
        uint64 size;
        uint64 revealedAt;
        uint64 statedAt;
        uint64 expelledAt;
        bool isAccepted;
        uint32 licence;
        uint64 parent;
        uint8 kinds;
        uint128 bond;
    }

    /// @notice Somebody has a place in time. Read by indexer and attributors.
    event Committed(uint32 indexed commitSeq, address indexed committer, bytes32 commitHash);

    /// @notice A contribution. Read by indexer, explorer and attributors.
    /// @param content Its documents, or the CID of a file with the same bytes.
    event Revealed(
        uint32 indexed commitSeq,
        uint64 indexed datanet,
        uint64 indexed contributor,
        Batch batch,
        bytes32 batchRoot,
        bytes content,
        uint256 bond
    );

    /// @notice A contribution's documents were stated anew. Read by attributors, and by who decides for its Datanet.
    /// @param bond What was paid again, where it had gone back.
    event Restated(uint32 indexed commitSeq, bytes32 batchRoot, uint256 bond);

    /// @notice A contribution's documents were wrong, or not shown. Read by indexer, explorer and attributors.
    event Expelled(uint32 indexed commitSeq, uint256 burned, uint256 reward);

    /// @notice It is to go to another Datanet. Read by indexer, explorer and who decides for the two.
    event Redirected(uint32 indexed commitSeq, uint64 indexed from, uint64 indexed to);

    /// @notice A Datanet has it. Read by indexer, explorer and wallets.
    event Accepted(uint32 indexed commitSeq, uint64 indexed datanet);

    /// @notice A bond went back. Read by wallets.
    event BondReturned(uint32 indexed commitSeq, address indexed to, uint256 amount);

    /// @notice There is no such commit; or, where it is asked whose it is, nothing was revealed.
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

    /// @notice A field is out of range: no root, no document, a size of 2^40 and more, fewer bytes than documents, no kind, a licence that is not there, a CID of another
    ///         form than 36 bytes of CIDv1 with SHA-256, or another size than the content has.
    error ContributionRegistry_Invalid();

    /// @notice The parent is no document of an earlier commit that was revealed.
    error ContributionRegistry_Parent(uint64 parent);

    /// @notice The parent's licence does not permit the contribution's; each of them its own, or that of its Datanet.
    error ContributionRegistry_Licence(uint32 parents, uint32 its);

    /// @notice The value that comes with a reveal is not the bond; or with a statement, where the bond is still there, not zero.
    error ContributionRegistry_Bond(uint256 expected, uint256 found);

    /// @notice Only the register of Datanets accepts.
    error ContributionRegistry_NotDatanets();

    /// @notice It is not time yet.
    error ContributionRegistry_TooEarly(uint64 from);

    /// @notice What is stated of its documents is judged, and stays until then.
    error ContributionRegistry_Judged(uint64 until);

    /// @notice Only who judges documents expels.
    error ContributionRegistry_NotAdmission();

    /// @notice It can not be accepted, go elsewhere or be stated anew: not revealed, for another Datanet, with another root, expelled, or accepted before.
    error ContributionRegistry_NotAcceptable(uint32 commitSeq);

    /// @notice Something that was asked of its documents is still to be shown.
    error ContributionRegistry_Contested(uint32 commitSeq);

    /// @notice Takes a place in time. By anyone.
    /// @param commitHash See {commitHashOf}.
    /// @return commitSeq_ The place, from one on.
    function commit(bytes32 commitHash) external returns (uint32 commitSeq_);

    /// @notice Says what was committed to. By the contributor's key of now, which need not be the one that committed, within the window and while no
    ///         recovery runs; with the bond as value.
    /// @param content The documents where they are inline, else their CID.
    /// @param batchRoot Root of the documents.
    function reveal(
        uint32 commitSeq,
        Batch calldata batch,
        bytes calldata content,
        bytes32 salt,
        bytes32 batchRoot
    ) external payable;

    /// @notice States another root: what was committed to earlier has come to light, and the documents have other parents. Their time of admission begins
    ///         anew. By the contributor's key, while no recovery runs, until it is accepted; with the bond as value where it went back. What was stated when everything
    ///         earlier was revealed or void stays until its time of admission is over, or somebody shows that it is out of date; what was stated before can be
    ///         replaced at any time.
    function restate(uint32 commitSeq, bytes32 batchRoot) external payable;

    /// @notice Expels a contribution that was not accepted: half of its bond is destroyed, the other half goes to the caller. By who judges documents.
    /// @return reward_ What was sent.
    function expel(uint32 commitSeq) external returns (uint256 reward_);

    /// @notice Takes a contribution that was not accepted to another Datanet; its place in time stays. By the contributor's key, while no
    ///         recovery runs. Its parent's licence is asked for again; what was derived from it is not.
    /// @param batchRoot Root of its documents. It is another where they had the Datanet's licence and the other one's differs; with another root, or another licence
    ///                  for its documents, this is a statement as {restate} makes one.
    function redirect(uint32 commitSeq, uint64 datanet, bytes32 batchRoot) external payable;

    /// @notice Takes a contribution into its Datanet. By the register of Datanets, when {checkAcceptable} has nothing against it.
    function accept(uint32 commitSeq, uint64 datanet, bytes32 batchRoot) external;

    /// @notice Reverts unless a contribution can be accepted: it was revealed for this Datanet, which takes its contributor's work, with this root, and its
    ///         time of admission is over, with nothing left to be shown.
    /// @return licence_ Its licence; zero for that of its Datanet.
    function checkAcceptable(
        uint32 commitSeq,
        uint64 datanet,
        bytes32 batchRoot
    ) external view returns (uint32 licence_);

    /// @notice A contribution's time of admission, in seconds; both zero of one that was not revealed, was expelled or accepted.
    function admissionOf(uint32 commitSeq) external view returns (uint64 from_, uint64 until_);

    /// @notice Gives a bond back, to the contributor's payee of now, when the contribution was accepted; or when the time of the bond and that of admission are
    ///         over, with nothing left to be shown. By anyone, while no recovery runs.
    function returnBond(uint32 commitSeq) external;

    /// @notice The hash to commit to.
    function commitHashOf(
        address committer,
        Batch calldata batch,
        bytes calldata content,
        bytes32 salt
    ) external view returns (bytes32 hash_);

    /// @notice Seconds from a commit to the end of its reveal.
    function REVEAL_WINDOW() external view returns (uint64 seconds_);

    /// @notice Seconds in which documents are judged.
    function ADMISSION_TIME() external view returns (uint64 seconds_);

    /// @notice How many commits there are.
    function commits() external view returns (uint32 commits_);

    /// @notice What the chain keeps of a contribution. Reverts for a place that nobody has.
    function recordOf(uint32 commitSeq) external view returns (Record memory record_);

    /// @notice Whether a commit is void: its window is over, and nothing was revealed.
    function isVoid(uint32 commitSeq) external view returns (bool isVoid_);
}
