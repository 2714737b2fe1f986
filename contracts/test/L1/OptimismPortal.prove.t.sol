// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IDisputeGame } from "interfaces/L1/IDisputeGame.sol";
import { IOptimismPortal } from "interfaces/L1/IOptimismPortal.sol";
import { OPEN } from "src/L1/OPEN.sol";
import { PermissionedDisputeGame } from "src/L1/PermissionedDisputeGame.sol";
import { WithdrawalTest } from "test/utils/WithdrawalTest.sol";

contract OptimismPortal_Prove_Test is WithdrawalTest {
    function setUp() external {
        vm.warp(START - 1);
        _deploy(address(0), GENESIS);
        vm.warp(START);
    }

    function _some() internal returns (IOptimismPortal.WithdrawalTransaction memory) {
        return _withdrawal(BOB, 1 ether, 100_000, hex"1234");
    }

    function _proveReverts(Proven memory _proven, bytes4 _error) internal {
        vm.prank(ALICE, ALICE);
        vm.expectRevert(_error);
        portal.proveWithdrawalTransaction(_proven.tx, _proven.index, _proven.output, _proven.proof);
        vm.assertEq(portal.numProofSubmitters(_proven.hash), 0);
    }

    function test_delays_succeeds() external view {
        vm.assertEq(portal.proofMaturityDelaySeconds(), PROOF_MATURITY_DELAY);
        vm.assertEq(portal.disputeGameFinalityDelaySeconds(), FINALITY_DELAY);
        vm.assertEq(address(portal.disputeGameFactory()), address(factory));
        vm.assertEq(portal.respectedGameType(), GAME_TYPE);
        vm.assertEq(portal.respectedGameTypeUpdatedAt(), START - 1);
        vm.assertEq(portal.l2Sender(), 0x000000000000000000000000000000000000dEaD);
    }

    /// @dev Any withdrawal, among any number of others.
    function testFuzz_prove_succeeds(
        uint256 _nonce,
        address _sender,
        address _target,
        uint256 _value,
        uint256 _gasLimit,
        bytes calldata _data,
        uint8 _neighbours
    ) external {
        vm.assume(_target != address(portal));
        neighbours = _neighbours % 40;
        Proven memory proven =
            _claimed(IOptimismPortal.WithdrawalTransaction(_nonce, _sender, _target, _value, _gasLimit, _data));
        vm.expectEmit();
        emit IOptimismPortal.WithdrawalProven(proven.hash, _sender, _target);
        vm.expectEmit();
        emit IOptimismPortal.WithdrawalProvenExtension1(proven.hash, ALICE);
        _prove(proven);

        (IDisputeGame game, uint64 timestamp) = portal.provenWithdrawals(proven.hash, ALICE);
        vm.assertEq(address(game), address(proven.game));
        vm.assertEq(timestamp, block.timestamp);
        vm.assertEq(portal.numProofSubmitters(proven.hash), 1);
        vm.assertEq(portal.proofSubmitters(proven.hash, 0), ALICE);
        vm.assertFalse(portal.finalizedWithdrawals(proven.hash));
        (, timestamp) = portal.provenWithdrawals(proven.hash, BOB);
        vm.assertEq(timestamp, 0);
    }

    /// @dev A game that nobody has resolved yet, and one that the defender has won.
    function test_prove_resolvedGame_succeeds() external {
        Proven memory proven = _claimed(_some());
        _resolve(proven.game);
        _prove(proven);
    }

    /// @dev Everybody has a proof of their own, and is listed once.
    function test_prove_again_replacesOwnProof_succeeds() external {
        Proven memory proven = _proven(_some());
        uint256 first = block.timestamp;
        vm.prank(BOB, BOB);
        portal.proveWithdrawalTransaction(proven.tx, proven.index, proven.output, proven.proof);

        vm.warp(first + 100);
        proven.index = factory.gameCount();
        PermissionedDisputeGame next = _propose(_outputRoot(proven.output), 1000);
        vm.warp(first + 101);
        _prove(proven);
        (IDisputeGame game, uint64 timestamp) = portal.provenWithdrawals(proven.hash, ALICE);
        vm.assertEq(address(game), address(next));
        vm.assertEq(timestamp, first + 101);
        (game, timestamp) = portal.provenWithdrawals(proven.hash, BOB);
        vm.assertEq(address(game), address(proven.game));
        vm.assertEq(timestamp, first);
        vm.assertEq(portal.numProofSubmitters(proven.hash), 2);
        vm.assertEq(portal.proofSubmitters(proven.hash, 0), ALICE);
        vm.assertEq(portal.proofSubmitters(proven.hash, 1), BOB);
    }

    function test_prove_finalized_reverts() external {
        Proven memory proven = _finalizable(_withdrawal(BOB, 1 ether, 100_000, ""));
        _finalize(proven);
        vm.prank(ALICE, ALICE);
        vm.expectRevert(IOptimismPortal.OptimismPortal_AlreadyFinalized.selector);
        portal.proveWithdrawalTransaction(proven.tx, proven.index, proven.output, proven.proof);
    }

    function test_prove_paused_reverts() external {
        Proven memory proven = _claimed(_some());
        _pause();
        _proveReverts(proven, IOptimismPortal.OptimismPortal_CallPaused.selector);
        vm.warp(block.timestamp + PAUSE_DURATION);
        _prove(proven);
    }

    function test_prove_badTarget_reverts() external {
        _proveReverts(
            _claimed(_withdrawal(address(portal), 0, 0, "")), IOptimismPortal.OptimismPortal_BadTarget.selector
        );
    }

    function test_prove_unknownGame_reverts() external {
        Proven memory proven = _claimed(_some());
        proven.index = 1;
        vm.prank(ALICE, ALICE);
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x32));
        portal.proveWithdrawalTransaction(proven.tx, proven.index, proven.output, proven.proof);
    }

    function test_prove_improperGame_reverts() external {
        Proven memory proven = _claimed(_some());
        uint256 state = vm.snapshotState();
        _blacklist(proven.game);
        _proveReverts(proven, IOptimismPortal.OptimismPortal_ImproperDisputeGame.selector);
        vm.revertToState(state);
        vm.prank(GUARDIAN);
        registry.updateRetirementTimestamp();
        _proveReverts(proven, IOptimismPortal.OptimismPortal_ImproperDisputeGame.selector);
    }

    function test_prove_notRespectedGame_reverts() external {
        vm.prank(GUARDIAN);
        registry.setRespectedGameType(2);
        _proveReverts(_claimed(_some()), IOptimismPortal.OptimismPortal_InvalidDisputeGame.selector);
    }

    function test_prove_rejectedGame_reverts() external {
        Proven memory proven = _claimed(_some());
        _challenge(proven.game);
        _proveReverts(proven, IOptimismPortal.OptimismPortal_InvalidDisputeGame.selector);
    }

    function test_prove_inTheGamesBlock_reverts() external {
        Proven memory proven = _claimed(_some());
        vm.warp(proven.game.createdAt());
        _proveReverts(proven, IOptimismPortal.OptimismPortal_InvalidProofTimestamp.selector);
    }

    /// @dev Each part of the root counts.
    function testFuzz_prove_otherOutputRoot_reverts(uint8 _part, bytes32 _difference) external {
        vm.assume(_difference != 0);
        Proven memory proven = _claimed(_some());
        if (_part % 3 == 0) proven.output.stateRoot ^= _difference;
        if (_part % 3 == 1) proven.output.messagePasserStorageRoot ^= _difference;
        if (_part % 3 == 2) proven.output.latestBlockhash ^= _difference;
        _proveReverts(proven, IOptimismPortal.OptimismPortal_InvalidOutputRootProof.selector);
    }

    /// @dev Even where the claim is of that version.
    function testFuzz_prove_otherVersion_reverts(bytes32 _version) external {
        vm.assume(_version != 0);
        Proven memory proven = _claimed(_some());
        proven.output.version = _version;
        _proveReverts(proven, IOptimismPortal.OptimismPortal_InvalidOutputRootProof.selector);
        proven.index = factory.gameCount();
        _propose(_outputRoot(proven.output), nextBlock++);
        vm.warp(block.timestamp + 1);
        _proveReverts(proven, IOptimismPortal.OptimismPortal_InvalidOutputRootProof.selector);
    }

    /// @dev A withdrawal that differs in anything is another one.
    function testFuzz_prove_otherWithdrawal_reverts(uint8 _part, uint160 _difference) external {
        vm.assume(_difference != 0);
        Proven memory proven = _claimed(_some());
        if (_part % 6 == 0) proven.tx.nonce ^= _difference;
        if (_part % 6 == 1) proven.tx.sender = address(uint160(proven.tx.sender) ^ _difference);
        if (_part % 6 == 2) proven.tx.target = address(uint160(proven.tx.target) ^ _difference);
        if (_part % 6 == 3) proven.tx.value ^= _difference;
        if (_part % 6 == 4) proven.tx.gasLimit ^= _difference;
        if (_part % 6 == 5) proven.tx.data = abi.encode(_difference);
        vm.assume(proven.tx.target != address(portal));
        proven.hash = _hash(proven.tx);
        _proveReverts(proven, IOptimismPortal.OptimismPortal_InvalidMerkleProof.selector);
    }

    /// @dev One bit of any node.
    function testFuzz_prove_alteredProof_reverts(uint256 _node, uint256 _bit) external {
        neighbours = 20;
        Proven memory proven = _claimed(_some());
        bytes memory node = proven.proof[_node % proven.proof.length];
        node[(_bit / 8) % node.length] ^= bytes1(uint8(1 << (_bit % 8)));
        _proveReverts(proven, IOptimismPortal.OptimismPortal_InvalidMerkleProof.selector);
    }

    function test_prove_wrongNumberOfNodes_reverts() external {
        neighbours = 20;
        Proven memory proven = _claimed(_some());
        bytes[] memory whole = proven.proof;
        proven.proof = new bytes[](0);
        _proveReverts(proven, IOptimismPortal.OptimismPortal_InvalidMerkleProof.selector);
        proven.proof = new bytes[](whole.length - 1);
        for (uint256 i; i < proven.proof.length; ++i) {
            proven.proof[i] = whole[i];
        }
        _proveReverts(proven, IOptimismPortal.OptimismPortal_InvalidMerkleProof.selector);
        proven.proof = new bytes[](whole.length + 1);
        for (uint256 i; i < proven.proof.length; ++i) {
            proven.proof[i] = whole[i < whole.length ? i : 0];
        }
        _proveReverts(proven, IOptimismPortal.OptimismPortal_InvalidMerkleProof.selector);
    }

    /// @dev A claim about a trie whose root is no node at all.
    function testFuzz_prove_noTrie_reverts(bytes calldata _root) external {
        IOptimismPortal.WithdrawalTransaction memory withdrawal = _some();
        Proven memory proven = _claimed(withdrawal);
        proven.proof = new bytes[](1);
        proven.proof[0] = abi.encodePacked(hex"7f", _root);
        proven.output.messagePasserStorageRoot = keccak256(proven.proof[0]);
        proven.index = factory.gameCount();
        _propose(_outputRoot(proven.output), nextBlock++);
        vm.warp(block.timestamp + 1);
        _proveReverts(proven, IOptimismPortal.OptimismPortal_InvalidMerkleProof.selector);
    }
}

contract OptimismPortal_Prove_Token_Test is WithdrawalTest {
    OPEN internal open = new OPEN(DEPLOYER);

    function setUp() external {
        vm.warp(START - 1);
        _deploy(address(open), GENESIS);
        vm.warp(START);
    }

    /// @dev A withdrawal that made the portal call the token could approve everybody's coins away.
    function test_prove_badTarget_reverts() external {
        address[2] memory targets = [address(portal), address(open)];
        for (uint256 i; i < targets.length; ++i) {
            Proven memory proven =
                _claimed(_withdrawal(targets[i], 0, 100_000, abi.encodeCall(open.approve, (ALICE, GENESIS))));
            vm.expectRevert(IOptimismPortal.OptimismPortal_BadTarget.selector);
            portal.proveWithdrawalTransaction(proven.tx, proven.index, proven.output, proven.proof);
        }
    }

    function test_prove_succeeds() external {
        Proven memory proven = _proven(_withdrawal(BOB, 1 ether, 100_000, ""));
        vm.assertEq(portal.proofSubmitters(proven.hash, 0), ALICE);
    }
}
