// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IOptimismPortal } from "interfaces/L1/IOptimismPortal.sol";
import { OptimismPortal } from "src/L1/OptimismPortal.sol";
import { Proxy } from "src/universal/Proxy.sol";
import { StorageTrie } from "test/utils/StorageTrie.sol";
import { WithdrawalTest } from "test/utils/WithdrawalTest.sol";

/// @notice What the way in and out costs, on a chain whose coin is ether. Everything that a call touches is cold, as in a
///         transaction of its own.
abstract contract OptimismPortal_Gas is WithdrawalTest {
    /// @dev Full levels above a withdrawal in the storage trie: there are millions of others.
    uint256 internal constant LEVELS = 6;

    Proven internal unproven;
    Proven internal finalizable;

    function setUp() external virtual {
        vm.warp(START - 1);
        _deploy(address(0), GENESIS);
        vm.warp(START);
        _usePortal();
        finalizable = _amongMany(_withdrawal(BOB, 1 ether, 100_000, ""));
        _prove(finalizable);
        _mature(finalizable);
        unproven = _amongMany(_withdrawal(BOB, 1 ether, 100_000, ""));
        vm.fee(10 gwei);
    }

    /// @dev Which portal is measured, and under which name.
    function _usePortal() internal virtual;

    function _group() internal pure virtual returns (string memory);

    /// @dev A withdrawal of a chain with a history.
    function _amongMany(IOptimismPortal.WithdrawalTransaction memory _tx) internal returns (Proven memory proven_) {
        proven_.tx = _tx;
        proven_.hash = _hash(_tx);
        (proven_.output.messagePasserStorageRoot, proven_.proof) =
            StorageTrie.proveAmongMany(_slot(proven_.hash), LEVELS);
        proven_.index = factory.gameCount();
        proven_.game = _propose(_outputRoot(proven_.output), nextBlock++);
        vm.warp(proven_.game.createdAt() + 1);
    }

    function test_depositTransaction_gas_succeeds() external {
        vm.prank(ALICE, ALICE);
        portal.depositTransaction{ value: 1 ether }(BOB, 1 ether, 100_000, false, "");
        vm.snapshotGasLastCall(_group(), "depositTransaction");
    }

    function test_proveWithdrawalTransaction_gas_succeeds() external {
        Proven memory proven = unproven;
        _prove(proven);
        vm.snapshotGasLastCall(_group(), "proveWithdrawalTransaction");
        vm.assertEq(portal.proofSubmitters(proven.hash, 0), ALICE);
    }

    function test_finalizeWithdrawalTransaction_gas_succeeds() external {
        Proven memory proven = finalizable;
        uint256 before = BOB.balance;
        vm.prank(ALICE, ALICE);
        portal.finalizeWithdrawalTransaction(proven.tx);
        vm.snapshotGasLastCall(_group(), "finalizeWithdrawalTransaction");
        vm.assertEq(BOB.balance, before + 1 ether);
    }

    /// @dev Both portals agree about what is a proof: with one bit of difference it is none.
    function testFuzz_proveWithdrawalTransaction_alteredProof_reverts(uint256 _node, uint256 _bit) external {
        Proven memory proven = unproven;
        bytes memory node = proven.proof[_node % proven.proof.length];
        node[(_bit / 8) % node.length] ^= bytes1(uint8(1 << (_bit % 8)));
        vm.prank(ALICE, ALICE);
        vm.expectRevert();
        portal.proveWithdrawalTransaction(proven.tx, proven.index, proven.output, proven.proof);
    }

    /// @dev And so is the trie of a few withdrawals, one.
    function testFuzz_proveWithdrawalTransaction_succeeds(uint8 _neighbours) external {
        neighbours = _neighbours % 40;
        Proven memory proven = _proven(_withdrawal(BOB, 1 ether, 100_000, abi.encode(_neighbours)));
        vm.assertEq(portal.proofSubmitters(proven.hash, 0), ALICE);
    }
}

contract OptimismPortal_Gas_Test is OptimismPortal_Gas {
    function _usePortal() internal override { }

    function _group() internal pure override returns (string memory) {
        return "OptimismPortal.withdrawals";
    }
}

/// @notice The functions of the official portal of bedrock 0.17.3 that have no counterpart here.
interface IOptimismPortal2 {
    function initialize(
        address _disputeGameFactory,
        address _systemConfig,
        address _superchainConfig,
        uint32 _initialRespectedGameType
    ) external;
}

/// @notice The same calls on the official portal of bedrock 0.17.3, with this project's factory, games and configuration. It
///         asks no registry, which came later, and counts no coins.
contract OptimismPortal2_Gas_Test is OptimismPortal_Gas {
    string internal constant ARTIFACT =
        "node_modules/@eth-optimism/contracts-bedrock/forge-artifacts/OptimismPortal2.sol/OptimismPortal2.json";

    function _usePortal() internal override {
        bytes memory code = abi.encodePacked(vm.getCode(ARTIFACT), abi.encode(PROOF_MATURITY_DELAY, FINALITY_DELAY));
        address implementation;
        assembly {
            implementation := create(0, add(code, 0x20), mload(code))
        }
        Proxy proxy = new Proxy(address(this));
        proxy.upgradeToAndCall(
            implementation,
            abi.encodeCall(
                IOptimismPortal2.initialize,
                (address(factory), address(systemConfig), address(superchainConfig), GAME_TYPE)
            )
        );
        vm.deal(address(proxy), GENESIS);
        portal = OptimismPortal(payable(address(proxy)));
        vm.warp(START + 1);
    }

    function _group() internal pure override returns (string memory) {
        return "bedrock-0.17.3.OptimismPortal2";
    }
}
