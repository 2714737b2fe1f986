// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IContributorRegistry } from "interfaces/datanet/IContributorRegistry.sol";
import { IAttributionVerifier } from "interfaces/pay/IAttributionVerifier.sol";
import { IDemandVerifier } from "interfaces/pay/IDemandVerifier.sol";
import { IPayableAI } from "interfaces/pay/IPayableAI.sol";
import { IPayoutVault } from "interfaces/pay/IPayoutVault.sol";
import { ITrainingAccumulator } from "interfaces/pay/ITrainingAccumulator.sol";
import { Candidates } from "src/pay/settlement/Candidates.sol";
import { Disputes } from "src/pay/settlement/Disputes.sol";
import { Ranges } from "src/pay/settlement/Ranges.sol";

/// @title Settlement
/// @notice See {ISettlement}.
contract Settlement is Disputes {
    /// @param cutInterval Seconds from a cut to the next.
    /// @param leastPool Data pools that are worth a bond, in wei: with less a range waits for 24 intervals.
    /// @param window Blocks of the L1 from a posting until it can be final. Demands are made in the first half, each is answered within a sixth, and the last third is
    ///               for proofs alone.
    /// @param fallbackTime Blocks of the L1 from a cut until nobody settles the range any more.
    /// @param leastBond The least bond, in wei.
    /// @param demandFee What a demand costs, in wei.
    struct Parameters {
        uint64 cutInterval;
        uint128 leastPool;
        uint64 window;
        uint64 fallbackTime;
        uint128 leastBond;
        uint128 demandFee;
    }

    constructor(
        IPayableAI _payments,
        IContributorRegistry _contributors,
        IPayoutVault _vault,
        ITrainingAccumulator _accumulator,
        IAttributionVerifier _verifier,
        IDemandVerifier _demandVerifier,
        Parameters memory _parameters
    )
        Ranges(_payments, _contributors, _parameters.cutInterval, _parameters.leastPool)
        Candidates(_vault, _accumulator, _parameters.window, _parameters.fallbackTime, _parameters.leastBond)
        Disputes(_verifier, _demandVerifier, _parameters.demandFee)
    { }
}
