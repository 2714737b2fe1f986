// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import { IAttributionVerifier } from "interfaces/pay/IAttributionVerifier.sol";

/// @title IDemandVerifier
/// @notice Says whether something of an epoch can be demanded, and whether a response shows it, by the method of docs/attribution-method.md,
///         "Demands". It holds nothing and nobody owns it.
/// @dev Who posted an epoch and is asked for a part of it shows that part or is at fault (F0). What is shown may be wrong: that is for
///      {IAttributionVerifier}, whose proofs are made of what demands bring to light.
interface IDemandVerifier {
    /// @notice What can be demanded.
    enum What {
        ANSWER,
        TILE,
        SOURCE,
        CHUNK,
        PHRASE,
        MODEL,
        GIFT,
        PAYOUT,
        EARNING
    }

    /// @notice A demand. Numbers that it has no use for are zero, so that the same is demanded in one way only.
    /// @param what What is demanded.
    /// @param a The answer, by its place among all; of MODEL and GIFT the place of the model's row; of PAYOUT and EARNING the contributor.
    /// @param b The tile's place in the answer; of GIFT and EARNING the place in the tree of the row.
    /// @param c Of CHUNK the chunk's place in the tile's document; of PHRASE the words of the tile before the phrase.
    struct Demand {
        What what;
        uint64 a;
        uint64 b;
        uint64 c;
    }

    /// @notice There can be no such thing.
    error DemandVerifier_Range();

    /// @notice Passes when there can be such a thing as far as the chain knows; else reverts with DemandVerifier_Range.
    /// @param epoch Of what it is demanded.
    /// @param demand What is demanded.
    function check(IAttributionVerifier.Epoch calldata epoch, Demand calldata demand) external view;

    /// @notice Passes when the response shows what is demanded, or that there is no such thing in the tree. Whatever is right can be shown. The
    ///         effort is bounded by the response's length.
    /// @param epoch Of what it is demanded.
    /// @param demand What is demanded, which {check} passes.
    /// @param response The ABI encoding of its struct; see the method, "Demands".
    function verify(
        IAttributionVerifier.Epoch calldata epoch,
        Demand calldata demand,
        bytes calldata response
    ) external view;
}
