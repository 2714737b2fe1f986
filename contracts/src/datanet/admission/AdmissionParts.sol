// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import { Proofs } from "src/pay/attribution/Proofs.sol";

/// @title AdmissionParts
/// @notice The structs of docs/attribution-method.md, "Admission". A `bytes` is a leaf with its tag, a proof of membership, or an encoded sketch.
library AdmissionParts {
    /// @notice A leaf D, and where it stands below the root that is stated.
    struct Placed {
        bytes document;
        bytes proof;
    }

    /// @notice A leaf O, and where it stands below the root that was committed to.
    struct Content {
        bytes content;
        bytes proof;
    }

    struct DocumentResponse {
        Placed document;
        bytes inContent;
    }

    struct ChunkResponse {
        Placed document;
        Proofs.ChunkOpening[] chunk;
    }

    struct SketchResponse {
        Placed document;
        bytes sketch;
    }

    struct LeafProof {
        Placed document;
    }

    struct ContentProof {
        Placed document;
        Content content;
    }

    struct SketchProof {
        Placed document;
        Proofs.ChunkOpening[] chunks;
    }

    struct NearerProof {
        Placed document;
        bytes sketch;
        uint32 commitSeq;
        Content earlier;
        bytes earlierSketch;
    }

    struct GoneProof {
        Placed document;
    }

    struct ContainmentProof {
        Placed document;
        bytes sketch;
        Content parent;
        bytes parentSketch;
    }

    struct RootProof {
        Placed document;
        Placed parent;
    }
}
