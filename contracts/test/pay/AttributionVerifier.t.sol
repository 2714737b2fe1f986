// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IAttributionVerifier } from "interfaces/pay/IAttributionVerifier.sol";
import { AttributionVerifier } from "src/pay/AttributionVerifier.sol";
import { EpochVerifier } from "src/pay/attribution/EpochVerifier.sol";
import { TilingVerifier } from "src/pay/attribution/TilingVerifier.sol";
import { Test } from "test/utils/Test.sol";
import { WrittenWorld } from "test/utils/WrittenWorld.sol";

/// @title AttributionVerifier_Test
/// @notice The proofs of `crates/attribution/vectors/faults.json`: what shows a fault, and what does not.
contract AttributionVerifier_Test is Test {
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

    struct NoProof {
        bool anotherEncoding;
        bytes encoded;
        string name;
    }

    AttributionVerifier internal verifier;
    IAttributionVerifier.Epoch internal right;
    string internal json;

    /// @dev Those that show a fault.
    bytes[] internal proofs;

    error AttributionVerifier_Test_Verdict(string name);

    function setUp() public {
        WrittenWorld world = new WrittenWorld(7, 2, 3);
        verifier = new AttributionVerifier(new TilingVerifier(world, world), new EpochVerifier(world, world, world));
        right = world.right();
        json = vm.readFile("../crates/attribution/vectors/faults.json");
        Written[] memory proven = _written(".proven");
        for (uint256 k; k < proven.length; ++k) {
            proofs.push(proven[k].proof);
        }
    }

    function _written(string memory _list) internal view returns (Written[] memory written_) {
        return abi.decode(vm.parseJson(json, _list), (Written[]));
    }

    /// @dev The epoch with the roots that somebody posted.
    function _posted(Written memory _of) internal view returns (IAttributionVerifier.Epoch memory epoch_) {
        epoch_ = right;
        epoch_.answersRoot = _of.answersRoot;
        epoch_.modelsRoot = _of.modelsRoot;
        epoch_.payoutRoot = _of.payoutsRoot;
    }

    /// @dev Whether a proof shows a fault, and of which number.
    function _verdict(
        IAttributionVerifier.Epoch memory _epoch,
        bytes memory _proof
    ) internal view returns (uint8 fault_) {
        try verifier.verify(_epoch, _proof) returns (uint8 fault) {
            return fault;
        } catch { }
    }

    function test_verify_writtenProofs_succeeds() public view {
        Written[] memory proven = _written(".proven");
        vm.assertGt(proven.length, 90);
        for (uint256 k; k < proven.length; ++k) {
            Written memory one = proven[k];
            uint8 fault = _verdict(_posted(one), one.proof);
            bool its = keccak256(bytes(one.fault)) == keccak256(bytes(string.concat("F", vm.toString(fault))));
            if (!its || _verdict(right, one.proof) != 0) revert AttributionVerifier_Test_Verdict(one.name);
        }
    }

    function test_verify_refusedProofs_reverts() public view {
        Written[] memory refused = _written(".refused");
        vm.assertGt(refused.length, 150);
        for (uint256 k; k < refused.length; ++k) {
            Written memory one = refused[k];
            if (_verdict(_posted(one), one.proof) != 0 || _verdict(right, one.proof) != 0) {
                revert AttributionVerifier_Test_Verdict(one.name);
            }
        }
    }

    function test_verify_noProofs_reverts() public view {
        NoProof[] memory none = abi.decode(vm.parseJson(json, ".no_proofs"), (NoProof[]));
        for (uint256 k; k < none.length; ++k) {
            // Of the right epoch nothing shows a fault, however it is encoded.
            if (_verdict(right, none[k].encoded) != 0) revert AttributionVerifier_Test_Verdict(none[k].name);
        }
    }

    /// @dev What is of no kind shows nothing, whatever stands behind it.
    function test_verify_unknownKinds_reverts() public {
        vm.expectRevert(IAttributionVerifier.AttributionVerifier_Kind.selector);
        verifier.verify(right, "");
        bool[256] memory known;
        for (uint256 k; k < proofs.length; ++k) {
            known[uint8(proofs[k][0])] = true;
        }
        for (uint256 kind; kind < 256; ++kind) {
            bytes memory proof = abi.encodePacked(uint8(kind), uint256(32), new bytes(2_000));
            if (known[kind]) {
                vm.assertEq(_verdict(right, proof), 0);
                continue;
            }
            vm.expectRevert(IAttributionVerifier.AttributionVerifier_Kind.selector);
            verifier.verify(right, proof);
        }
    }

    /// @dev Each half judges its own faults alone.
    function test_verify_anothersFault_reverts() public {
        for (uint256 k; k < proofs.length; ++k) {
            bool first = uint8(proofs[k][0]) < 0x60;
            IAttributionVerifier other = first ? verifier.EPOCH_VERIFIER() : verifier.TILING_VERIFIER();
            vm.expectRevert();
            other.verify(right, proofs[k]);
        }
    }

    /// @dev A byte that is another never makes a proof against the right epoch.
    function testFuzz_verify_changedProofs_reverts(uint256 _which, uint256 _place, uint8 _with) public view {
        bytes memory proof = proofs[_which % proofs.length];
        proof[_place % proof.length] ^= bytes1(_with);
        vm.assertEq(_verdict(right, proof), 0);
    }

    /// @dev What a transaction with the longest written proof of each kind costs, of which the proof is the data: all gas, with that of the data at
    ///      the prices of EIP-2028 and with the floor of EIP-7623.
    function test_verify_gas_succeeds() public {
        Written[] memory proven = _written(".proven");
        for (uint256 kind; kind < 256; ++kind) {
            (uint256 most, bool any) = (0, false);
            for (uint256 k; k < proven.length; ++k) {
                if (uint8(proven[k].kind[0]) != kind) continue;
                any = true;
                uint256 gas = _gas(proven[k]);
                if (gas > most) most = gas;
            }
            if (!any) continue;
            bytes memory name = abi.encodePacked(uint8(kind));
            vm.snapshotValue("AttributionVerifier", vm.toString(name), most);
            vm.assertLe(most, 400_000);
        }
    }

    function _gas(Written memory _of) internal view returns (uint256 gas_) {
        verifier.verify(_posted(_of), _of.proof);
        gas_ = vm.lastCallGas().gasTotalUsed;
        uint256 floor;
        for (uint256 k; k < _of.proof.length; ++k) {
            gas_ += _of.proof[k] == 0 ? 4 : 16;
            floor += _of.proof[k] == 0 ? 10 : 40;
        }
        return 21_000 + (gas_ > floor ? gas_ : floor);
    }
}
