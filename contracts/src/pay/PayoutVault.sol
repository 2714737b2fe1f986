// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { Address } from "@openzeppelin/contracts/utils/Address.sol";

import { IL2ToL1MessagePasser } from "interfaces/L2/IL2ToL1MessagePasser.sol";
import { IContributorRegistry } from "interfaces/datanet/IContributorRegistry.sol";
import { IFinalEpochs, IPayoutVault } from "interfaces/pay/IPayoutVault.sol";
import { ITrainingAccumulator } from "interfaces/pay/ITrainingAccumulator.sol";
import { Predeploys } from "src/libraries/Predeploys.sol";
import { Leaves } from "src/pay/attribution/Leaves.sol";
import { Trees } from "src/pay/attribution/Trees.sol";

/// @title PayoutVault
/// @notice See {IPayoutVault}.
contract PayoutVault is IPayoutVault {
    /// @notice Most gas for the call on the L1.
    uint256 public constant MOST_L1_GAS = 10_000_000;

    /// @notice Who knows which epochs are final.
    IFinalEpochs public immutable EPOCHS;

    /// @notice Who knows contributors and their payees.
    IContributorRegistry public immutable CONTRIBUTORS;

    /// @notice Who divides what is left for training weights.
    ITrainingAccumulator public immutable ACCUMULATOR;

    /// @inheritdoc IPayoutVault
    mapping(uint64 contributor => uint128) public claimedOf;

    /// @inheritdoc IPayoutVault
    mapping(uint64 k => mapping(uint64 modelVersion => bool)) public isFed;

    constructor(IFinalEpochs _epochs, IContributorRegistry _contributors, ITrainingAccumulator _accumulator) {
        EPOCHS = _epochs;
        CONTRIBUTORS = _contributors;
        ACCUMULATOR = _accumulator;
    }

    /// @notice Takes the data pools that a range of answers has. Gifts are welcome and are nobody's.
    receive() external payable {
        emit Received(msg.sender, msg.value);
    }

    /// @inheritdoc IPayoutVault
    function claim(uint64 _k, bytes calldata _row, bytes calldata _proof) external returns (uint256 amount_) {
        uint64 contributor;
        (contributor, amount_) = _due(_k, _row, _proof);
        bool allowed = CONTRIBUTORS.canClaimFor(contributor) || _isKey(contributor);
        if (!allowed) revert PayoutVault_NotAllowed(contributor);
        if (amount_ == 0) return 0;
        address payee = CONTRIBUTORS.payeeOf(contributor);
        emit Claimed(contributor, _k, payee, amount_, false);
        // The state is settled: a payee that calls back finds nothing due.
        Address.sendValue(payable(payee), amount_);
    }

    /// @inheritdoc IPayoutVault
    function claimToL1(
        uint64 _k,
        bytes calldata _row,
        bytes calldata _proof,
        address _target,
        uint256 _gasLimit
    ) external returns (uint256 amount_) {
        if (_target == address(0) || _gasLimit > MOST_L1_GAS) {
            revert PayoutVault_L1Call(_target, _gasLimit);
        }
        uint64 contributor;
        (contributor, amount_) = _due(_k, _row, _proof);
        if (!_isKey(contributor)) revert PayoutVault_NotAllowed(contributor);
        if (amount_ == 0) return 0;
        emit Claimed(contributor, _k, _target, amount_, true);
        IL2ToL1MessagePasser(payable(Predeploys.L2_TO_L1_MESSAGE_PASSER)).initiateWithdrawal{ value: amount_ }(
            _target, _gasLimit, ""
        );
    }

    /// @inheritdoc IPayoutVault
    function feed(uint64 _k, bytes calldata _row, bytes calldata _proof) external {
        bytes32 root = EPOCHS.finalModelsRootOf(_k);
        if (root == 0) revert PayoutVault_NotFinal(_k);
        (bool isLeaf, Leaves.ModelRow memory row) = Leaves.tryModel(_row);
        if (!isLeaf) revert Leaves.Leaves_NoLeaf();
        if (Trees.climbSums(Trees.leaf(_row), row.train, _proof).root != root) revert PayoutVault_NotShown();
        if (isFed[_k][row.modelVersion]) revert PayoutVault_FedBefore(_k, row.modelVersion);
        isFed[_k][row.modelVersion] = true;
        emit Fed(row.modelVersion, _k, row.train);
        ACCUMULATOR.feed{ value: row.train }(row.modelVersion);
    }

    /// @dev Books what a row says as paid: whose it is, and what was not paid before. An epoch before the last one that paid has nothing to add.
    function _due(
        uint64 _k,
        bytes calldata _row,
        bytes calldata _proof
    ) internal returns (uint64 contributor_, uint256 amount_) {
        bytes32 root = EPOCHS.finalPayoutRootOf(_k);
        if (root == 0) revert PayoutVault_NotFinal(_k);
        (bool isLeaf, Leaves.PayoutRow memory row) = Leaves.tryPayout(_row);
        if (!isLeaf) revert Leaves.Leaves_NoLeaf();
        contributor_ = row.contributor;
        Trees.SumPath memory path = Trees.climbSums(Trees.leaf(_row), row.cumulative, _proof);
        if (path.root != root || path.index != contributor_) revert PayoutVault_NotShown();
        uint128 claimed = claimedOf[contributor_];
        if (row.cumulative <= claimed) return (contributor_, 0);
        claimedOf[contributor_] = row.cumulative;
        amount_ = row.cumulative - claimed;
    }

    /// @dev Whether the caller speaks for a contributor, and nobody says that the key is lost or stolen.
    function _isKey(uint64 _contributor) internal view returns (bool isKey_) {
        return msg.sender == CONTRIBUTORS.keyOf(_contributor) && !CONTRIBUTORS.inRecovery(_contributor);
    }
}
