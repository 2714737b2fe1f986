// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IAttributionVerifier } from "interfaces/pay/IAttributionVerifier.sol";
import { IDemandVerifier } from "interfaces/pay/IDemandVerifier.sol";
import { IPayableAI } from "interfaces/pay/IPayableAI.sol";
import { IPayoutVault } from "interfaces/pay/IPayoutVault.sol";
import { ISettlement } from "interfaces/pay/ISettlement.sol";
import { ITrainingAccumulator } from "interfaces/pay/ITrainingAccumulator.sol";
import { L1Block } from "src/L2/L1Block.sol";
import { ContributorRegistry } from "src/datanet/ContributorRegistry.sol";
import { Predeploys } from "src/libraries/Predeploys.sol";
import { AttributionVerifier } from "src/pay/AttributionVerifier.sol";
import { Settlement } from "src/pay/Settlement.sol";
import { EpochVerifier } from "src/pay/attribution/EpochVerifier.sol";
import { TilingVerifier } from "src/pay/attribution/TilingVerifier.sol";
import { Test } from "test/utils/Test.sol";
import { Vm } from "test/utils/Vm.sol";
import { WrittenWorld } from "test/utils/WrittenWorld.sol";

/// @title WrittenSettlement
/// @notice A settlement that takes epochs as roots, as the written ones are, where a posting has their tops.
contract WrittenSettlement is Settlement {
    constructor(IAttributionVerifier _verifier)
        Settlement(
            IPayableAI(address(1)),
            new ContributorRegistry(),
            IPayoutVault(address(2)),
            ITrainingAccumulator(address(3)),
            _verifier,
            IDemandVerifier(address(4)),
            Parameters(1, 0, 6, 6, 1, 0)
        )
    { }

    /// @notice A candidate for an epoch, which goes on from the payouts before it.
    function put(IAttributionVerifier.Epoch calldata _epoch) external payable returns (uint64 candidate_) {
        cuts = 2;
        Range storage range = _ranges[1];
        (range.first, range.end, range.cutAt) = (_epoch.first, _epoch.end, _epoch.cutAt);
        range.contributors = _epoch.contributors;
        _candidates[1].payoutRoot = _epoch.payoutsBefore;
        _candidates[1].status = Status.FINAL;
        _outcomes[0].settled = 1;
        if (candidates == 0) candidates = 1;
        candidate_ = ++candidates;
        Candidate storage candidate = _candidates[candidate_];
        (candidate.k, candidate.parent, candidate.status) = (1, 1, Status.OPEN);
        (candidate.poster, candidate.bond) = (msg.sender, uint128(msg.value));
        candidate.answersRoot = _epoch.answersRoot;
        candidate.modelsRoot = _epoch.modelsRoot;
        candidate.payoutRoot = _epoch.payoutRoot;
        ++_openOn[1];
    }
}

/// @title Settlement_Faults_Test
/// @notice The written epochs through the settlement: each wrong one is overturned by one transaction, and the right one by none.
contract Settlement_Faults_Test is Test {
    /// @dev In the order in which the JSON is decoded: that of the names.
    struct Written {
        bytes32 answersRoot;
        string fault;
        bytes kind;
        bytes32 modelsRoot;
        string name;
        bytes32 payoutsRoot;
        bytes proof;
    }

    WrittenSettlement internal settlement;
    IAttributionVerifier.Epoch internal right;
    string internal json;

    uint256 internal constant BOND = 1_000 ether;

    error Settlement_Faults_Test_Verdict(string name);

    function setUp() public {
        _place(Predeploys.L1_BLOCK, address(new L1Block()));
        WrittenWorld world = new WrittenWorld(7, 2, 3);
        settlement = new WrittenSettlement(
            new AttributionVerifier(new TilingVerifier(world, world), new EpochVerifier(world, world, world))
        );
        right = world.right();
        json = vm.readFile("../crates/attribution/vectors/faults.json");
        vm.roll(100);
    }

    function _written(string memory _list) internal view returns (Written[] memory written_) {
        return abi.decode(vm.parseJson(json, _list), (Written[]));
    }

    function _put(Written memory _of) internal returns (uint64 candidate_) {
        IAttributionVerifier.Epoch memory epoch = right;
        (epoch.answersRoot, epoch.modelsRoot, epoch.payoutRoot) = (_of.answersRoot, _of.modelsRoot, _of.payoutsRoot);
        vm.prank(ALICE);
        return settlement.put{ value: BOND }(epoch);
    }

    /// @dev Commits to a proof, and shows it a block later; 255 where it is refused.
    function _prove(uint64 _candidate, bytes memory _proof) internal returns (uint8 fault_) {
        settlement.commitFault(settlement.faultHash(_candidate, BOB, _proof, "salt"));
        vm.roll(block.number + 1);
        vm.prank(BOB);
        try settlement.prove(_candidate, _proof, "salt") returns (uint8 fault) {
            return fault;
        } catch {
            return 255;
        }
    }

    function test_prove_writtenFaults_succeeds() external {
        vm.prank(ALICE);
        uint64 honest = settlement.put{ value: BOND }(right);
        Written[] memory proven = _written(".proven");
        bool[11] memory seen;
        for (uint256 k; k < proven.length; ++k) {
            uint64 candidate = _put(proven[k]);
            uint256 before = settlement.creditOf(BOB);
            bool stands = _prove(honest, proven[k].proof) == 255;
            uint8 fault = _prove(candidate, proven[k].proof);
            bool isOver = settlement.candidateOf(candidate).status == ISettlement.Status.FAULTED
                && settlement.creditOf(BOB) == before + BOND / 2;
            bool isIts =
                keccak256(bytes(proven[k].fault)) == keccak256(bytes(string.concat("F", vm.toString(uint256(fault)))));
            if (!isIts || !isOver || !stands) revert Settlement_Faults_Test_Verdict(proven[k].name);
            seen[fault] = true;
        }
        for (uint256 fault = 1; fault <= 10; ++fault) {
            vm.assertTrue(seen[fault]);
        }
        vm.assertTrue(settlement.candidateOf(honest).status == ISettlement.Status.OPEN);
    }

    function test_prove_refusedProofs_reverts() external {
        vm.prank(ALICE);
        uint64 honest = settlement.put{ value: BOND }(right);
        Written[] memory refused = _written(".refused");
        for (uint256 k; k < refused.length; ++k) {
            bool stands = _prove(_put(refused[k]), refused[k].proof) == 255;
            stands = stands && _prove(honest, refused[k].proof) == 255;
            if (!stands) revert Settlement_Faults_Test_Verdict(refused[k].name);
        }
    }

    /// @dev What a transaction costs that overturns an epoch, by the dearest written proof of each fault.
    function test_prove_gas_succeeds() external {
        Written[] memory proven = _written(".proven");
        uint256[11] memory most;
        // Who proves has had coins here before.
        _prove(_put(proven[0]), proven[0].proof);
        for (uint256 k; k < proven.length; ++k) {
            uint64 candidate = _put(proven[k]);
            uint8 fault = _prove(candidate, proven[k].proof);
            uint256 gas =
                _transactionGas(abi.encodeCall(settlement.prove, (candidate, proven[k].proof, bytes32("salt"))));
            if (gas > most[fault]) most[fault] = gas;
        }
        for (uint256 fault = 1; fault <= 10; ++fault) {
            vm.snapshotValue("Settlement", string.concat("prove F", vm.toString(fault)), most[fault]);
            if (!vm.isContext(Vm.ForgeContext.Coverage)) vm.assertLe(most[fault], 400_000);
        }
    }
}
