// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { Address } from "@openzeppelin/contracts/utils/Address.sol";

import { IL2ToL1MessagePasser } from "interfaces/L2/IL2ToL1MessagePasser.sol";
import { IContributorRegistry } from "interfaces/datanet/IContributorRegistry.sol";
import { IPayoutVault } from "interfaces/pay/IPayoutVault.sol";
import { ISettlement } from "interfaces/pay/ISettlement.sol";
import { ITrainingAccumulator } from "interfaces/pay/ITrainingAccumulator.sol";
import { Predeploys } from "src/libraries/Predeploys.sol";
import { Leaves } from "src/pay/attribution/Leaves.sol";
import { Trees } from "src/pay/attribution/Trees.sol";

/// @title PayoutVault
/// @notice See {IPayoutVault}.
contract PayoutVault is IPayoutVault {
    /// @notice Most gas for the call on the L1.
    uint256 public constant MOST_L1_GAS = 10_000_000;

    /// @notice Who says which epochs are final.
    ISettlement public immutable SETTLEMENT;

    /// @notice Who knows contributors and their payees.
    IContributorRegistry public immutable CONTRIBUTORS;

    /// @notice Who divides what is left for training weights.
    ITrainingAccumulator public immutable ACCUMULATOR;

    /// @inheritdoc IPayoutVault
    mapping(uint64 k => bytes32) public payoutRootOf;

    /// @inheritdoc IPayoutVault
    mapping(uint64 k => bytes32) public modelsRootOf;

    /// @inheritdoc IPayoutVault
    mapping(uint64 contributor => uint256) public claimedOf;

    /// @inheritdoc IPayoutVault
    mapping(uint64 k => mapping(uint64 modelVersion => bool)) public isFed;

    constructor(ISettlement _settlement, IContributorRegistry _contributors, ITrainingAccumulator _accumulator) {
        SETTLEMENT = _settlement;
        CONTRIBUTORS = _contributors;
        ACCUMULATOR = _accumulator;
    }

    /// @inheritdoc IPayoutVault
    function settle(uint64 _k, bytes32 _payoutRoot, bytes32 _modelsRoot) external payable {
        if (msg.sender != address(SETTLEMENT)) revert PayoutVault_NotSettlement();
        payoutRootOf[_k] = _payoutRoot;
        modelsRootOf[_k] = _modelsRoot;
        emit Settled(_k, _payoutRoot, _modelsRoot, msg.value);
    }

    /// @inheritdoc IPayoutVault
    function claim(uint64 _k, bytes calldata _row, bytes calldata _proof) external returns (uint256 amount_) {
        uint64 contributor;
        (contributor, amount_) = _due(_k, _row, _proof);
        address payee = CONTRIBUTORS.payeeFor(contributor, msg.sender);
        if (payee == address(0)) revert PayoutVault_NotAllowed(contributor);
        if (amount_ == 0) return 0;
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
        // The key speaks for the contributor as long as nobody says that it is lost or stolen.
        bool isKey = msg.sender == CONTRIBUTORS.keyOf(contributor) && !CONTRIBUTORS.inRecovery(contributor);
        if (!isKey) revert PayoutVault_NotAllowed(contributor);
        if (amount_ == 0) return 0;
        emit Claimed(contributor, _k, _target, amount_, true);
        IL2ToL1MessagePasser(payable(Predeploys.L2_TO_L1_MESSAGE_PASSER)).initiateWithdrawal{ value: amount_ }(
            _target, _gasLimit, ""
        );
    }

    /// @inheritdoc IPayoutVault
    function feed(uint64 _k, bytes calldata _row, bytes calldata _proof) external {
        bytes32 root = modelsRootOf[_k];
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
        bytes32 root = payoutRootOf[_k];
        if (root == 0) revert PayoutVault_NotFinal(_k);
        (bool isLeaf, Leaves.PayoutRow memory row) = Leaves.tryPayout(_row);
        if (!isLeaf) revert Leaves.Leaves_NoLeaf();
        contributor_ = row.contributor;
        Trees.SumPath memory path = Trees.climbSums(Trees.leaf(_row), row.cumulative, _proof);
        if (path.root != root || path.index != contributor_) revert PayoutVault_NotShown();
        uint256 claimed = claimedOf[contributor_];
        if (row.cumulative <= claimed) return (contributor_, 0);
        claimedOf[contributor_] = row.cumulative;
        amount_ = row.cumulative - claimed;
    }
}
