// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title IAdmissionProofs
/// @notice Documents of a contribution can be shown to be wrong before a Datanet can accept it. By the method of docs/attribution-method.md, "Admission".
/// @dev Who states something answers with the bond for what was settled then. What rests on what was not settled has to be stated anew, and costs nothing.
interface IAdmissionProofs {
    /// @notice Somebody will show a proof. Read by nobody: it says nothing.
    event ProofCommitted(bytes32 indexed hash);

    /// @notice A contribution was wrong, and is expelled. Read by attributors and watchers.
    event Refuted(uint32 indexed commitSeq, uint8 indexed kind, address indexed by, uint256 reward);

    /// @notice What a contribution states is wrong by what was not settled when it was stated: it is to be stated anew. Read by its contributor.
    event Outdated(uint32 indexed commitSeq, uint8 indexed kind, address indexed by, bytes32 batchRoot, uint64 statedAt);

    /// @notice A proof is shown by who committed to it, a block later or more.
    error Admission_NotCommitted();

    /// @notice That something else is to be stated was shown before.
    error Admission_OutOfDate(uint32 commitSeq);

    /// @notice The proof is of no kind that the method has.
    error Admission_Kind();

    /// @notice All of it is shown, and nothing of it is wrong.
    error Admission_NoFault();

    /// @notice Keeps a hash, {proofHash}, so that who copies a proof comes too late. By anyone.
    function commitProof(bytes32 hash) external;

    /// @notice Shows that something that a contribution states is wrong. By who committed to it in an earlier block, in its time of admission.
    /// @param proof Its kind and the ABI encoding of the kind's struct; see the method.
    /// @return isExpelled_ Whether the contribution is expelled, and its reward the caller's; else it is to be stated anew.
    function prove(uint32 commitSeq, bytes calldata proof, bytes32 salt) external returns (bool isExpelled_);

    /// @notice What {commitProof} takes.
    function proofHash(
        uint32 commitSeq,
        address caller,
        bytes calldata proof,
        bytes32 salt
    ) external view returns (bytes32 hash_);
}
