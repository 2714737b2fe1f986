// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IModelFacts } from "interfaces/pay/IAttributionFacts.sol";
import { IModelGate, IPayableAI } from "interfaces/pay/IPayableAI.sol";
import { PayableAI } from "src/pay/PayableAI.sol";
import { Models } from "test/mocks/Models.sol";
import { PaymentTest } from "test/utils/PaymentTest.sol";

/// @title PayableAI_Vectors_Test
/// @notice `crates/attribution/vectors`: answers that are paid and published here are, to the byte and to the wei, what another implementation of the
///         attribution method has.
contract PayableAI_Vectors_Test is PaymentTest {
    Models internal register;
    uint32 internal sheets;

    function setUp() public override {
        super.setUp();
        register = new Models();
        // Prices count at once, so that each answer can have its own.
        payments = new PayableAI(IModelGate(address(register)), address(this), address(router), wopen, 0, CLOSE_TIME);
    }

    function _at(string memory _list, uint256 _place, string memory _field) internal pure returns (string memory) {
        return string.concat(_list, "[", vm.toString(_place), "]", _field);
    }

    function _set(uint64 _modelVersion, IModelFacts.Terms memory _terms) internal {
        Models.Version memory version;
        (version.isThere, version.owner, version.terms) = (true, ALICE, _terms);
        (version.gateway, version.settlement) = (gateway, address(this));
        register.set(_modelVersion, version);
    }

    /// @dev A leaf R, taken apart.
    function _decoded(bytes memory _leaf) internal pure returns (IPayableAI.Answer memory of_, uint64 i_, uint72 fee_) {
        i_ = uint64(_number(_leaf, 1, 8));
        fee_ = uint72(_number(_leaf, 37, 16));
        of_ = IPayableAI.Answer({
            modelVersion: uint64(_number(_leaf, 9, 8)),
            payer: address(uint160(_number(_leaf, 17, 20))),
            sheet: 0,
            tokensIn: uint32(_number(_leaf, 53, 4)),
            tokensOut: uint32(_number(_leaf, 57, 4)),
            isPublic: _number(_leaf, 61, 1) == 1,
            contextRoot: bytes32(_number(_leaf, 62, 32)),
            outputRoot: bytes32(_number(_leaf, 94, 32)),
            words: uint32(_number(_leaf, 126, 4))
        });
    }

    function _number(bytes memory _of, uint256 _from, uint256 _bytes) internal pure returns (uint256 number_) {
        for (uint256 k; k < _bytes; ++k) {
            number_ = number_ << 8 | uint8(_of[_from + k]);
        }
    }

    /// @dev Pays for the answer of a leaf, with its fee as its only price.
    function _payFor(bytes memory _leaf) internal returns (uint64 i_) {
        (IPayableAI.Answer memory of_,, uint72 fee) = _decoded(_leaf);
        vm.prank(ALICE);
        of_.sheet = payments.setPrices(of_.modelVersion, IPayableAI.Prices(0, 0, fee));
        vm.deal(of_.payer, fee);
        return _pay(of_);
    }

    function test_leaves_written_succeeds() public {
        string memory json = vm.readFile("../crates/attribution/vectors/leaves.json");
        uint256 found;
        for (uint256 k; k < 20; ++k) {
            bytes memory leaf = vm.parseJsonBytes(json, _at(".leaves", k, ".encoded"));
            if (leaf[0] != "R") continue;
            (IPayableAI.Answer memory of_, uint64 i,) = _decoded(leaf);
            _set(of_.modelVersion, models.termsOfOL2025());
            // The millionth answer, without those before it.
            _answersAre(i);
            vm.assertEq(_payFor(leaf), i);
            vm.assertEq(payments.paidOf(i), vm.parseJsonBytes32(json, _at(".leaves", k, ".hash")));
            ++found;
        }
        vm.assertEq(found, 2);
    }

    /// @dev As if there had been so many answers; the range's number and pool are as they were.
    function _answersAre(uint64 _count) internal {
        bytes32 slot = vm.load(address(payments), 0);
        vm.store(address(payments), 0, bytes32((uint256(slot) >> 64 << 64) | _count));
        vm.assertEq(payments.answers(), _count);
    }

    /// @dev A whole range: its answers, their texts and data pools.
    function test_epochs_written_succeeds() public {
        string memory json = vm.readFile("../crates/attribution/vectors/epochs.json");
        for (uint256 k; k < 2; ++k) {
            _set(uint64(vm.parseJsonUint(json, _at(".models", k, ".model_version"))), _terms(json, k));
        }
        uint64 first = uint64(vm.parseJsonUint(json, ".first_answer"));
        _answersAre(first);
        uint256[3] memory pools;
        for (uint256 k; k < 7; ++k) {
            uint64 i = _paidAndPublished(json, k);
            vm.assertEq(i, first + k);
            (, uint256 dataPool) = _row(vm.parseJsonBytes(json, _at(".epoch.answers", k, ".row")), i);
            (IPayableAI.Answer memory of_,,) = _decoded(vm.parseJsonBytes(json, _at(".answers", k, ".answer")));
            pools[of_.modelVersion] += dataPool;
            (uint128 data,) = payments.accruedOf(0, of_.modelVersion);
            vm.assertEq(data, pools[of_.modelVersion]);
        }
        (uint64 end, uint128 pool) = payments.cut();
        vm.assertEq(end, first + 7);
        vm.assertEq(pool, vm.parseJsonUint(json, ".epoch.data_pools"));
    }

    function _terms(string memory _json, uint256 _k) internal pure returns (IModelFacts.Terms memory terms_) {
        uint256[] memory split = vm.parseJsonUintArray(_json, _at(".models", _k, ".split_bps"));
        terms_.platformBps = uint16(vm.parseJsonUint(_json, _at(".models", _k, ".platform_bps")));
        terms_.retrievalBps = uint16(vm.parseJsonUint(_json, _at(".models", _k, ".retrieval_bps")));
        terms_.split = IModelFacts.SplitTable(
            uint16(split[0]), uint16(split[1]), uint16(split[2]), uint16(split[3]), uint16(split[4])
        );
    }

    /// @dev A leaf A: its answer's data pool.
    function _row(bytes memory _leaf, uint64 _i) internal pure returns (uint256 tiles_, uint256 dataPool_) {
        vm.assertEq(_number(_leaf, 1, 8), _i);
        return (_number(_leaf, 41, 4), _number(_leaf, 45, 16));
    }

    function _paidAndPublished(string memory _json, uint256 _k) internal returns (uint64 i_) {
        bytes memory leaf = vm.parseJsonBytes(_json, _at(".answers", _k, ".answer"));
        i_ = _payFor(leaf);
        vm.assertEq(payments.paidOf(i_), vm.parseJsonBytes32(_json, _at(".answers", _k, ".hash")));
        bytes memory context = vm.parseJsonBytes(_json, _at(".answers", _k, ".context"));
        bytes memory prompt = _joined(vm.parseJsonBytesArray(_json, _at(".answers", _k, ".prompt")));
        bytes memory output = _joined(vm.parseJsonBytesArray(_json, _at(".answers", _k, ".output")));
        (IPayableAI.Answer memory of_,,) = _decoded(leaf);
        if (!of_.isPublic) vm.expectRevert(IPayableAI.PayableAI_Text.selector);
        payments.publish(leaf, context, prompt, output);
        vm.assertEq(payments.publishedAt(i_), of_.isPublic ? block.timestamp : 0);
    }

    function _joined(bytes[] memory _of) internal pure returns (bytes memory all_) {
        for (uint256 k; k < _of.length; ++k) {
            all_ = bytes.concat(all_, _of[k]);
        }
    }
}
