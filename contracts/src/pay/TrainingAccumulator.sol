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
        // Of a model version that nothing weighs in, which the register has not, all is carried.
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
        (uint64 contributor, uint128 weight) = _weight(_modelVersion, _row, _proof);
        address payee = CONTRIBUTORS.payeeFor(contributor, msg.sender);
        if (payee == address(0)) revert TrainingAccumulator_NotAllowed(contributor);
        // Less than what was fed, which is below 2^128.
        uint128 earned = weight * accumulatorOf[_modelVersion].perWeight;
        uint128 claimed = claimedOf[_modelVersion][contributor];
        // A publisher may have declared two rows of one contributor: the greater one counts.
        if (earned <= claimed) return 0;
        amount_ = earned - claimed;
        claimedOf[_modelVersion][contributor] = earned;
        emit Claimed(_modelVersion, contributor, payee, amount_);
        // The state is settled: a payee that calls back finds nothing due.
        Address.sendValue(payable(payee), amount_);
    }

    /// @dev Whose a row of a model version's weights is, and what it weighs.
    function _weight(
        uint64 _modelVersion,
        bytes calldata _row,
        bytes calldata _proof
    ) internal view returns (uint64 contributor_, uint128 weight_) {
        (bytes32 root, uint128 total,) = MODELS.weightsOf(_modelVersion);
        if (root == 0) revert TrainingAccumulator_NoModel(_modelVersion);
        (contributor_, weight_) = Leaves.weight(_row);
        Trees.SumPath memory path = Trees.climbSums(Trees.leaf(_row), weight_, _proof);
        // The sum that everything fed was divided by. The register has it from the tree; were it less, its rows would earn what others were fed.
        if (path.root != root || path.total != total) revert TrainingAccumulator_NotShown();
    }
}
