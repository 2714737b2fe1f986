// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IAttributionVerifier } from "interfaces/pay/IAttributionVerifier.sol";
import { IDemandVerifier } from "interfaces/pay/IDemandVerifier.sol";
import { IPayableAI } from "interfaces/pay/IPayableAI.sol";
import { ISettlement } from "interfaces/pay/ISettlement.sol";
import { L1Block } from "src/L2/L1Block.sol";
import { ContributorRegistry } from "src/datanet/ContributorRegistry.sol";
import { Predeploys } from "src/libraries/Predeploys.sol";
import { PayoutVault } from "src/pay/PayoutVault.sol";
import { Settlement } from "src/pay/Settlement.sol";
import { TrainingAccumulator } from "src/pay/TrainingAccumulator.sol";
import { Trees } from "src/pay/attribution/Trees.sol";
import { Weights } from "test/mocks/Economy.sol";
import { Judge, Payments } from "test/mocks/Settlements.sol";
import { Test } from "test/utils/Test.sol";

/// @title SettlementTest
/// @notice A settlement with the real vault and accumulator, whose payments a test makes and whose judge does as a proof says.
abstract contract SettlementTest is Test {
    Payments internal payments;
    Judge internal judge;
    ContributorRegistry internal contributors;
    TrainingAccumulator internal accumulator;
    PayoutVault internal vault;
    Settlement internal settlement;

    address internal immutable CAROL = _account("carol");

    uint64 internal constant MODEL = 1;
    uint64 internal constant INTERVAL = 1 hours;
    uint64 internal constant WINDOW = 300;
    uint64 internal constant FALLBACK = 1_000;
    uint128 internal constant BOND = 1_000 ether;
    uint128 internal constant FEE = 1 ether;
    bytes internal constant DATA = "ipfs://rows";

    function setUp() public virtual {
        _place(Predeploys.L1_BLOCK, address(new L1Block()));
        payments = new Payments();
        judge = new Judge();
        contributors = new ContributorRegistry();
        Weights weights = new Weights();
        weights.set(MODEL, Trees.sumRoot(1, "all", 10), 10);
        accumulator = new TrainingAccumulator(weights, contributors);
        address next = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1);
        vault = new PayoutVault(ISettlement(next), contributors, accumulator);
        settlement = _settlement(Settlement.Parameters(INTERVAL, 0, WINDOW, FALLBACK, BOND, FEE));
        vm.assertEq(address(settlement), next);
        vm.warp(1_000_000);
        vm.roll(1_000);
        _toL1(5_000);
        contributors.register(ALICE);
        contributors.register(BOB);
    }

    function _settlement(Settlement.Parameters memory _with) internal virtual returns (Settlement settlement_) {
        return new Settlement(IPayableAI(address(payments)), contributors, vault, accumulator, judge, judge, _with);
    }

    /// @dev The L1's block, as the chain knows it.
    function _toL1(uint64 _number) internal {
        vm.store(Predeploys.L1_BLOCK, 0, bytes32(uint256(_number)));
    }

    function _l1() internal view returns (uint64 number_) {
        return L1Block(Predeploys.L1_BLOCK).number();
    }

    function _passL1(uint64 _blocks) internal {
        _toL1(_l1() + _blocks);
    }

    /// @dev Some answers with a data pool, and the range of them.
    function _cut(uint128 _pool) internal returns (uint64 k_) {
        vm.deal(address(this), _pool);
        payments.pay{ value: _pool }(MODEL, 3);
        vm.warp(block.timestamp + INTERVAL);
        k_ = settlement.cut();
        vm.roll(block.number + 1);
    }

    /// @dev A posting that gives half of the pool to training weights, and the rest to contributors.
    function _posting(uint64 _k, uint64 _parent, bytes32 _salt) internal view returns (ISettlement.Posting memory of_) {
        uint128 before = _parent == 0 ? 0 : settlement.candidateOf(_parent).payoutSum;
        uint128 pool = settlement.rangeOf(_k).pool;
        of_ = ISettlement.Posting({
            k: _k,
            parent: _parent,
            anchor: uint64(block.number) - 1,
            anchorHash: blockhash(block.number - 1),
            answersTop: keccak256(abi.encode("answers", _salt)),
            models: 1,
            modelsTop: keccak256(abi.encode("models", _salt)),
            trainSum: pool / 2,
            payoutsTop: keccak256(abi.encode("payouts", _salt)),
            payoutSum: before + pool - pool / 2
        });
    }

    function _post(address _by, uint64 _k, uint64 _parent, bytes32 _salt) internal returns (uint64 candidate_) {
        ISettlement.Posting memory posting = _posting(_k, _parent, _salt);
        uint256 bond = settlement.bondOf(_k, _parent);
        vm.prank(_by);
        candidate_ = settlement.post{ value: bond }(posting, DATA);
        // What goes on from it names a block that knows it.
        vm.roll(block.number + 1);
    }

    /// @dev A proof that the judge believes.
    function _proof(uint64 _candidate, uint8 _fault) internal view returns (bytes memory proof_) {
        return bytes.concat(bytes1(_fault), keccak256(abi.encode(settlement.epochOf(_candidate))));
    }

    /// @dev Commits to a proof and shows it a block later.
    function _prove(address _by, uint64 _candidate) internal returns (uint8 fault_) {
        bytes memory proof = _proof(_candidate, 2);
        bytes32 hash = settlement.faultHash(_candidate, _by, proof, "salt");
        settlement.commitFault(hash);
        vm.roll(block.number + 1);
        vm.prank(_by);
        return settlement.prove(_candidate, proof, "salt");
    }

    function _demand(uint64 _a) internal pure returns (IDemandVerifier.Demand memory demand_) {
        return IDemandVerifier.Demand(IDemandVerifier.What.ANSWER, _a, 0, 0);
    }

    /// @dev A response that the judge believes.
    function _response(uint64 _candidate, uint64 _a) internal view returns (bytes memory response_) {
        IAttributionVerifier.Epoch memory epoch = settlement.epochOf(_candidate);
        return abi.encode(epoch, _demand(_a));
    }

    function _status(uint64 _candidate) internal view returns (uint256 status_) {
        return uint256(settlement.candidateOf(_candidate).status);
    }

    function _is(uint64 _candidate, ISettlement.Status _status_) internal view {
        vm.assertEq(_status(_candidate), uint256(_status_));
    }

    /// @dev Waits until a candidate's window is over, and makes it final.
    function _finalise(uint64 _candidate) internal {
        _toL1(settlement.windowEndOf(_candidate));
        settlement.finalise(_candidate);
    }
}
