// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { Address } from "@openzeppelin/contracts/utils/Address.sol";

import { IContributorRegistry } from "interfaces/datanet/IContributorRegistry.sol";
import { IModelWeights, ITrainingAccumulator } from "interfaces/pay/ITrainingAccumulator.sol";
import { Leaves } from "src/pay/attribution/Leaves.sol";
import { Trees } from "src/pay/attribution/Trees.sol";

/// @title TrainingAccumulator
/// @notice See {ITrainingAccumulator}.
contract TrainingAccumulator is ITrainingAccumulator {
    /// @notice Who knows the weights of a model version.
    IModelWeights public immutable MODELS;

    /// @notice Who knows contributors and their payees.
    IContributorRegistry public immutable CONTRIBUTORS;

    struct Accumulator {
        uint128 perWeight;
        uint128 carry;
    }

    /// @inheritdoc ITrainingAccumulator
    mapping(uint64 modelVersion => Accumulator) public accumulatorOf;

    /// @inheritdoc ITrainingAccumulator
    mapping(uint64 modelVersion => mapping(uint64 contributor => uint128)) public claimedOf;

    constructor(IModelWeights _models, IContributorRegistry _contributors) {
        MODELS = _models;
        CONTRIBUTORS = _contributors;
    }

    /// @inheritdoc ITrainingAccumulator
    function feed(uint64 _modelVersion) external payable {
        (bytes32 root, uint128 total,) = MODELS.weightsOf(_modelVersion);
        if (root == 0) revert TrainingAccumulator_NoModel(_modelVersion);
        Accumulator storage accumulator = accumulatorOf[_modelVersion];
        uint256 carry = accumulator.carry + msg.value;
        uint256 perWeight = accumulator.perWeight;
        // Of a model version that nothing weighs in, all is carried.
        if (total != 0) {
            perWeight += carry / total;
            carry %= total;
        }
        // What was fed in all is less, so that no weight's earnings run over.
        if (perWeight * total + carry > type(uint128).max) revert TrainingAccumulator_Overflow();
        (accumulator.perWeight, accumulator.carry) = (uint128(perWeight), uint128(carry));
        emit Fed(_modelVersion, msg.sender, msg.value, uint128(perWeight), uint128(carry));
    }

    /// @inheritdoc ITrainingAccumulator
    function claim(
        uint64 _modelVersion,
        bytes calldata _row,
        bytes calldata _proof
    ) external returns (uint256 amount_) {
        (bytes32 root,,) = MODELS.weightsOf(_modelVersion);
        if (root == 0) revert TrainingAccumulator_NoModel(_modelVersion);
        (uint64 contributor, uint128 weight) = Leaves.weight(_row);
        if (Trees.climbSums(Trees.leaf(_row), weight, _proof).root != root) revert TrainingAccumulator_NotShown();
        bool allowed = CONTRIBUTORS.canClaimFor(contributor) || msg.sender == CONTRIBUTORS.keyOf(contributor)
            && !CONTRIBUTORS.inRecovery(contributor);
        if (!allowed) revert TrainingAccumulator_NotAllowed(contributor);
        // Less than what was fed, which is below 2^128.
        uint128 earned = weight * accumulatorOf[_modelVersion].perWeight;
        amount_ = earned - claimedOf[_modelVersion][contributor];
        if (amount_ == 0) return 0;
        claimedOf[_modelVersion][contributor] = earned;
        address payee = CONTRIBUTORS.payeeOf(contributor);
        emit Claimed(_modelVersion, contributor, payee, amount_);
        // The state is settled: a payee that calls back finds nothing due.
        Address.sendValue(payable(payee), amount_);
    }
}
