// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { Leaves } from "src/pay/attribution/Leaves.sol";
import { Sketches } from "src/pay/attribution/Sketches.sol";

/// @title AdmissionLibraries
/// @notice The libraries of admission with functions that a test can call.
contract AdmissionLibraries {
    function make(bytes calldata _ids) external pure returns (bytes memory sketch_) {
        return Sketches.make(_ids);
    }

    function hash(bytes calldata _sketch) external pure returns (bytes32 hash_) {
        return Sketches.hash(_sketch);
    }

    function check(bytes calldata _sketch) external pure {
        Sketches.check(_sketch);
    }

    function containment(bytes calldata _one, bytes calldata _other) external pure returns (uint256 bps_) {
        return Sketches.containment(_one, _other);
    }

    function tryDocument(bytes calldata _leaf) external pure returns (bool isLeaf_, Leaves.Document memory leaf_) {
        return Leaves.tryDocument(_leaf);
    }

    function tryContent(bytes calldata _leaf) external pure returns (bool isLeaf_, bytes32 sketchHash_) {
        return Leaves.tryContent(_leaf);
    }

    function contentOf(bytes calldata _leaf) external pure returns (bytes32 hash_) {
        return Leaves.contentOf(_leaf);
    }

    /// @dev As the verifiers of epochs read it.
    function document(bytes calldata _leaf) external pure returns (Leaves.Document memory leaf_) {
        return Leaves.document(_leaf);
    }
}
