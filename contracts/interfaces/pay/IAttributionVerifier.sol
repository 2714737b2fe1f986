// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title IAttributionVerifier
/// @notice Says whether a proof shows a fault of an epoch, by the method of docs/attribution-method.md. It holds nothing and nobody owns it.
interface IAttributionVerifier {
    /// @notice What was posted for a range of answers, and what the chain knew when the range was cut.
    /// @param first The first answer of the range.
    /// @param end One more than the last.
    /// @param cutAt When it was cut, in seconds: what was published later does not count.
    /// @param contributors How many there were then.
    /// @param payoutsBefore Root of the payouts of the epoch that this one goes on from; of no rows for the first.
    /// @param answersRoot Root of the rows A.
    /// @param modelsRoot Root of the rows M.
    /// @param payoutRoot Root of the rows P.
    struct Epoch {
        uint64 first;
        uint64 end;
        uint64 cutAt;
        uint64 contributors;
        bytes32 payoutsBefore;
        bytes32 answersRoot;
        bytes32 modelsRoot;
        bytes32 payoutRoot;
    }

    /// @notice The proof is of no kind that the method has.
    error AttributionVerifier_Kind();

    /// @notice Bytes are not what they should be: a leaf, a proof of membership, a struct.
    error AttributionVerifier_Encoding();

    /// @notice Something is not in its tree, or not known to the chain.
    error AttributionVerifier_NotShown();

    /// @notice The parts of the proof do not belong together.
    error AttributionVerifier_Other();

    /// @notice All of it is shown, and nothing of it is wrong.
    error AttributionVerifier_NoFault();

    /// @notice Passes when the proof shows a fault of the epoch. The effort is bounded by the proof's length.
    /// @param epoch What is accused.
    /// @param proof Its kind and the ABI encoding of the kind's struct; see the method, "Proofs".
    /// @return fault_ The number of the fault, 1 to 10.
    function verify(Epoch calldata epoch, bytes calldata proof) external view returns (uint8 fault_);
}
