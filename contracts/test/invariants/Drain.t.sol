// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IOptimismPortal } from "interfaces/L1/IOptimismPortal.sol";
import { OPEN } from "src/L1/OPEN.sol";
import { PermissionedDisputeGame } from "src/L1/PermissionedDisputeGame.sol";
import { StorageTrie } from "test/utils/StorageTrie.sol";
import { Vm } from "test/utils/Vm.sol";
import { WithdrawalTest } from "test/utils/WithdrawalTest.sol";

/// @notice A thief against honest games. The L2 has registered some withdrawals; whatever calldata the thief forms, nothing is
///         proven and nothing is paid but these, each as it was registered.
abstract contract Drain_Test is WithdrawalTest {
    uint256 internal constant REGISTERED = 12;

    IOptimismPortal.WithdrawalTransaction[] internal registered;
    mapping(bytes32 withdrawalHash => bool) internal isRegistered;
    bytes32[] internal slots;
    IOptimismPortal.OutputRootProof internal output;
    PermissionedDisputeGame internal game;

    uint256 internal entropy;

    function _start(address _token) internal {
        vm.warp(START - 1);
        _deploy(_token, GENESIS);
        vm.warp(START);
        for (uint256 i; i < REGISTERED; ++i) {
            IOptimismPortal.WithdrawalTransaction memory withdrawal = _withdrawal(BOB, i * 1 ether, 21_000, "");
            registered.push(withdrawal);
            isRegistered[_hash(withdrawal)] = true;
            slots.push(_slot(_hash(withdrawal)));
        }
        (output.messagePasserStorageRoot,) = StorageTrie.prove(slots, slots[0]);
        (output.stateRoot, output.latestBlockhash) = (keccak256("state"), keccak256("block"));
        game = _propose(_outputRoot(output), 1);
        // What the first five are worth: the others are proven by nobody.
        vm.warp(START + 1);
        for (uint256 i; i < 5; ++i) {
            (, bytes[] memory proof) = StorageTrie.prove(slots, slots[i]);
            vm.prank(ALICE, ALICE);
            portal.proveWithdrawalTransaction(registered[i], 0, output, proof);
        }
        _resolve(game);
        vm.warp(game.resolvedAt() + PROOF_MATURITY_DELAY + 1);
        vm.recordLogs();
    }

    function _held() internal view virtual returns (uint256);

    function _random() internal returns (uint256) {
        entropy = uint256(keccak256(abi.encode(entropy)));
        return entropy;
    }

    function _randomBytes(uint256 _most) internal returns (bytes memory bytes_) {
        bytes_ = new bytes(_random() % (_most + 1));
        for (uint256 i; i < bytes_.length; ++i) {
            bytes_[i] = bytes1(uint8(_random()));
        }
    }

    /// @dev A registered withdrawal, changed a little, or anything at all.
    function _forgeWithdrawal() internal returns (IOptimismPortal.WithdrawalTransaction memory withdrawal_) {
        withdrawal_ = registered[_random() % REGISTERED];
        uint256 way = _random() % 8;
        if (way == 0) withdrawal_.nonce = _random();
        if (way == 1) withdrawal_.sender = address(uint160(_random()));
        if (way == 2) withdrawal_.target = address(uint160(_random()));
        if (way == 3) withdrawal_.value = _bound(_random(), 0, GENESIS);
        if (way == 4) withdrawal_.gasLimit = _bound(_random(), 0, 1_000_000);
        if (way == 5) withdrawal_.data = _randomBytes(100);
        if (way == 6) {
            withdrawal_ = IOptimismPortal.WithdrawalTransaction(
                _random(), ALICE, ALICE, _bound(_random(), 0, GENESIS), _random() % 1e6, _randomBytes(100)
            );
        }
    }

    /// @dev An honest proof, of this withdrawal if it is registered, with some changes.
    function _forgeProof(bytes32 _withdrawalHash) internal returns (bytes[] memory proof_) {
        (, proof_) = StorageTrie.prove(slots, _slot(_withdrawalHash));
        if (!isRegistered[_withdrawalHash]) {
            uint256 base = _random() % 3;
            if (base == 0) (, proof_) = StorageTrie.prove(slots, slots[_random() % REGISTERED]);
            if (base == 1) return _grafted(_withdrawalHash, proof_);
        }
        for (uint256 changes = _random() % 4; changes > 0 && proof_.length > 0; --changes) {
            uint256 at = _random() % proof_.length;
            uint256 way = _random() % 6;
            if (way == 0) proof_[at] = _randomBytes(600);
            if (way == 1 && proof_[at].length > 0) {
                proof_[at][_random() % proof_[at].length] = bytes1(uint8(_random()));
            }
            if (way == 2) proof_ = _resized(proof_, _random() % (proof_.length + 3));
            if (way == 3) proof_[at] = proof_[_random() % proof_.length];
            if (way == 4) proof_[at] = abi.encodePacked(proof_[at], _randomBytes(40));
            if (way == 5) proof_[at] = _leafFor(_withdrawalHash);
        }
    }

    /// @dev The thief's own trie, which has the withdrawal, below the uppermost nodes of the honest one.
    function _grafted(bytes32 _withdrawalHash, bytes[] memory _honest) internal returns (bytes[] memory proof_) {
        bytes32[] memory own = new bytes32[](REGISTERED + 1);
        for (uint256 i; i < REGISTERED; ++i) {
            own[i] = slots[i];
        }
        own[REGISTERED] = _slot(_withdrawalHash);
        (, proof_) = StorageTrie.prove(own, own[REGISTERED]);
        uint256 kept = 1 + _random() % 2;
        for (uint256 i; i < kept && i < _honest.length && i < proof_.length; ++i) {
            proof_[i] = _honest[i];
        }
    }

    function _resized(bytes[] memory _proof, uint256 _length) internal pure returns (bytes[] memory proof_) {
        proof_ = new bytes[](_length);
        for (uint256 i; i < _length; ++i) {
            proof_[i] = i < _proof.length ? _proof[i] : _proof[_proof.length - 1];
        }
    }

    /// @dev What would prove the withdrawal if it were alone.
    function _leafFor(bytes32 _withdrawalHash) internal pure returns (bytes memory) {
        bytes32[] memory one = new bytes32[](1);
        one[0] = _slot(_withdrawalHash);
        (, bytes[] memory proof) = StorageTrie.prove(one, one[0]);
        return proof[0];
    }

    /// @dev The honest claim's parts, one of them replaced now and then, also so that the thief's own trie stands there.
    function _forgeOutput(bytes32 _withdrawalHash) internal returns (IOptimismPortal.OutputRootProof memory output_) {
        output_ = output;
        uint256 way = _random() % 10;
        if (way == 0) output_.version = bytes32(_random());
        if (way == 1) output_.stateRoot = bytes32(_random());
        if (way == 2) output_.messagePasserStorageRoot = keccak256(_leafFor(_withdrawalHash));
        if (way == 3) output_.latestBlockhash = bytes32(_random());
        if (way == 4) (output_.stateRoot, output_.latestBlockhash) = (output_.latestBlockhash, output_.stateRoot);
    }

    /// @dev Every event of the portal is about a withdrawal that is registered, and the coins that left are those withdrawals'.
    function _assertHonest() internal {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        uint256 paid;
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].emitter != address(portal)) continue;
            vm.assertTrue(isRegistered[logs[i].topics[1]]);
            if (logs[i].topics[0] != IOptimismPortal.WithdrawalFinalized.selector) continue;
            for (uint256 k; k < REGISTERED; ++k) {
                if (_hash(registered[k]) == logs[i].topics[1]) paid += registered[k].value;
            }
        }
        vm.assertEq(portal.lockedBalance(), GENESIS - paid);
        vm.assertEq(_held(), GENESIS - paid);
    }

    function testFuzz_drain_forgedProof_neverSucceeds(uint256 _seed, uint256 _index) external {
        entropy = _seed;
        IOptimismPortal.WithdrawalTransaction memory withdrawal = _forgeWithdrawal();
        bytes32 hash = _hash(withdrawal);
        uint256 index = _random() % 8 == 0 ? _index : 0;
        bytes memory call_ = abi.encodeCall(
            IOptimismPortal.proveWithdrawalTransaction, (withdrawal, index, _forgeOutput(hash), _forgeProof(hash))
        );
        vm.prank(BOB, BOB);
        (bool success,) = address(portal).call(call_);
        if (success) vm.assertTrue(isRegistered[hash]);
        vm.warp(block.timestamp + PROOF_MATURITY_DELAY + 1);
        vm.prank(BOB, BOB);
        try portal.finalizeWithdrawalTransaction(withdrawal) {
            vm.assertTrue(success);
        } catch { }
        _assertHonest();
    }

    /// @dev Whatever is finalized was proven as it is, and is paid once.
    function testFuzz_drain_forgedFinalization_neverSucceeds(uint256 _seed, bool _twice) external {
        for (uint256 i; i < (_twice ? 2 : 1); ++i) {
            entropy = _seed;
            IOptimismPortal.WithdrawalTransaction memory withdrawal = _forgeWithdrawal();
            address submitter = _random() % 4 == 0 ? address(uint160(_random())) : ALICE;
            (, uint64 provenAt) = portal.provenWithdrawals(_hash(withdrawal), submitter);
            vm.prank(BOB, BOB);
            try portal.finalizeWithdrawalTransactionExternalProof(withdrawal, submitter) {
                vm.assertTrue(provenAt != 0 && i == 0);
            } catch { }
        }
        _assertHonest();
    }

    /// @dev Not the encoding of anything: an honest call with bytes changed, offsets and lengths included.
    function testFuzz_drain_alteredCalldata_neverSucceeds(uint256 _seed, bool _prove) external {
        entropy = _seed;
        bytes memory call_;
        if (_prove) {
            uint256 i = _random() % REGISTERED;
            (, bytes[] memory proof) = StorageTrie.prove(slots, slots[i]);
            call_ = abi.encodeCall(IOptimismPortal.proveWithdrawalTransaction, (registered[i], 0, output, proof));
        } else {
            call_ = abi.encodeCall(
                IOptimismPortal.finalizeWithdrawalTransactionExternalProof, (registered[_random() % 5], ALICE)
            );
        }
        for (uint256 changes = 1 + _random() % 4; changes > 0; --changes) {
            // Heads and lengths are small numbers at the ends of words.
            uint256 at = 4 + (_random() % 2 == 0 ? _random() % (call_.length - 4) : 31 + 32 * (_random() % 14));
            if (at < call_.length) call_[at] = bytes1(uint8(_random()) & (_random() % 3 == 0 ? 0xff : 0xe0));
        }
        vm.prank(BOB, BOB);
        address(portal).call(call_);
        _assertHonest();
    }

    /// @dev The thief has nothing to compare with that never succeeds: as they are, the calls above do.
    function test_drain_honestCalls_succeed() external {
        for (uint256 i; i < REGISTERED; ++i) {
            (, bytes[] memory proof) = StorageTrie.prove(slots, slots[i]);
            vm.prank(BOB, BOB);
            portal.proveWithdrawalTransaction(registered[i], 0, output, proof);
        }
        vm.warp(block.timestamp + PROOF_MATURITY_DELAY + 1);
        for (uint256 i; i < REGISTERED; ++i) {
            vm.prank(BOB, BOB);
            portal.finalizeWithdrawalTransaction(registered[i]);
        }
        vm.assertEq(portal.lockedBalance(), GENESIS - REGISTERED * (REGISTERED - 1) / 2 * 1 ether);
        _assertHonest();
    }
}

/// forge-config: default.fuzz.runs = 512
contract Drain_Ether_Test is Drain_Test {
    function setUp() external {
        _start(address(0));
    }

    function _held() internal view override returns (uint256) {
        return address(portal).balance;
    }
}

/// forge-config: default.fuzz.runs = 512
contract Drain_Token_Test is Drain_Test {
    OPEN internal open = new OPEN(DEPLOYER);

    function setUp() external {
        _start(address(open));
    }

    function _held() internal view override returns (uint256) {
        return open.balanceOf(address(portal));
    }
}
