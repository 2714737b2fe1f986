// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IAttributionVerifier } from "interfaces/pay/IAttributionVerifier.sol";
import { IModelFacts, IPaidAnswers } from "interfaces/pay/IAttributionFacts.sol";
import { IDemandVerifier } from "interfaces/pay/IDemandVerifier.sol";
import { DemandVerifier } from "src/pay/attribution/DemandVerifier.sol";
import { Proofs } from "src/pay/attribution/Proofs.sol";
import { Trees } from "src/pay/attribution/Trees.sol";
import { Test } from "test/utils/Test.sol";
import { WrittenWorld } from "test/utils/WrittenWorld.sol";

/// @title OneDocument
/// @notice An answer of eight words that all stand in the second chunk of a document, of which the leaf says that it has forty.
contract OneDocument is IPaidAnswers, IModelFacts {
    uint64 internal constant SEQ = 1 << 32;

    /// @dev Of a leaf that is alone in its tree.
    bytes internal constant ALONE = abi.encodePacked(uint64(0), uint64(1));

    bytes internal answer = abi.encodePacked(
        bytes1("R"),
        uint64(5),
        uint64(1),
        address(0),
        uint128(9),
        uint64(0),
        uint8(1),
        bytes32(0),
        bytes32(0),
        uint32(8)
    );
    bytes32 internal corpusRoot;

    /// @inheritdoc IPaidAnswers
    function paidOf(uint64 _i) external view returns (bytes32 hash_) {
        if (_i == 5) return this.leaf(answer);
    }

    /// @inheritdoc IPaidAnswers
    function publishedAt(uint64) external pure returns (uint64 timestamp_) {
        return 1;
    }

    /// @inheritdoc IModelFacts
    function termsOf(uint64) external pure returns (Terms memory terms_) { }

    /// @inheritdoc IModelFacts
    function corpusRootOf(uint64) external view returns (bytes32 root_) {
        return corpusRoot;
    }

    /// @inheritdoc IModelFacts
    function boilerplateRootOf(uint64) external pure returns (bytes32 root_) { }

    /// @notice The hash of a leaf.
    function leaf(bytes calldata _encoded) public pure returns (bytes32 hash_) {
        return Trees.leaf(_encoded);
    }

    /// @notice An epoch with a tile of some words, and the response that shows the second chunk with as many.
    function made(
        uint8 _len,
        uint8 _words
    ) external returns (IAttributionVerifier.Epoch memory epoch_, bytes memory response_) {
        Proofs.ChunkResponse memory response;
        response.chunk = new Proofs.ChunkOpening[](1);
        bytes32 first = this.leaf(_chunk(0, 32));
        response.chunk[0] = Proofs.ChunkOpening(_chunk(1, _words), abi.encodePacked(uint64(1), uint64(2), first));
        bytes32 chunkRoot = Trees.root(2, Trees.node(first, this.leaf(response.chunk[0].chunk)));
        response.source = new Proofs.CorpusOpening[](1);
        response.source[0] = Proofs.CorpusOpening(answer, _source(chunkRoot));
        response.tile.leaf = new Proofs.LeafOpening[](1);
        bytes memory tile = abi.encodePacked(bytes1("T"), uint32(0), _len, uint8(0), SEQ, uint16(32));
        uint128 sum = uint128(_len) << 64 | _len;
        response.tile.leaf[0] = Proofs.LeafOpening(tile, sum, ALONE);
        response.row.row =
            abi.encodePacked(bytes1("A"), uint64(5), Trees.sumRoot(1, this.leaf(tile), sum), uint32(1), uint128(4));
        response.row.proof = ALONE;
        (epoch_.first, epoch_.end) = (5, 6);
        epoch_.answersRoot = Trees.root(1, this.leaf(response.row.row));
        return (epoch_, abi.encode(response));
    }

    function _source(bytes32 _chunkRoot) private returns (Proofs.SourceOpening memory source_) {
        bytes memory document = bytes.concat(
            abi.encodePacked(bytes1("D"), SEQ, uint64(0), uint8(0), uint64(0), uint16(40), _chunkRoot, bytes32(0)),
            abi.encodePacked(SEQ, SEQ, uint16(0), uint32(0), bytes32(0), bytes4(0))
        );
        bytes memory batch = abi.encodePacked(bytes1("B"), uint32(1), Trees.root(1, this.leaf(document)));
        bytes memory version = abi.encodePacked(bytes1("V"), uint64(4), uint32(0), Trees.root(1, this.leaf(batch)));
        corpusRoot = Trees.root(1, this.leaf(version));
        return Proofs.SourceOpening(Proofs.DocumentOpening(document, ALONE, batch, ALONE, version), ALONE);
    }

    function _chunk(uint32 _index, uint8 _n) private pure returns (bytes memory chunk_) {
        return bytes.concat(abi.encodePacked(bytes1("C"), _index, bytes32(0), _n), new bytes(512));
    }
}

/// @title DemandVerifier_Test
/// @notice The responses of `crates/attribution/vectors/demands.json`: what answers a demand, and what does not.
contract DemandVerifier_Test is Test {
    /// @dev In the order in which the JSON is decoded: that of the names.
    struct Written {
        uint256 a;
        bytes32 answersRoot;
        uint256 b;
        uint256 c;
        bytes32 modelsRoot;
        string name;
        bytes32 payoutsRoot;
        bytes response;
        uint256 what;
    }

    struct NoResponse {
        uint256 a;
        bool anotherEncoding;
        uint256 b;
        bytes encoded;
        uint256 c;
        string name;
        uint256 what;
    }

    uint256 internal constant WHATS = 9;

    DemandVerifier internal verifier;
    IAttributionVerifier.Epoch internal right;
    string internal json;

    error DemandVerifier_Test_Verdict(string name);

    function setUp() public {
        WrittenWorld world = new WrittenWorld(7, 2, 3);
        verifier = new DemandVerifier(world, world);
        right = world.right();
        json = vm.readFile("../crates/attribution/vectors/demands.json");
    }

    function _written(string memory _list) internal view returns (Written[] memory written_) {
        return abi.decode(vm.parseJson(json, _list), (Written[]));
    }

    /// @dev A number of each of what can not be demanded.
    function _numbers(string memory _of) internal view returns (uint256[] memory numbers_) {
        return abi.decode(vm.parseJson(json, string.concat(".not_demanded[*].", _of)), (uint256[]));
    }

    /// @dev The epoch with the roots that somebody posted.
    function _posted(Written memory _of) internal view returns (IAttributionVerifier.Epoch memory epoch_) {
        epoch_ = right;
        epoch_.answersRoot = _of.answersRoot;
        epoch_.modelsRoot = _of.modelsRoot;
        epoch_.payoutRoot = _of.payoutsRoot;
    }

    function _demand(
        uint256 _what,
        uint256 _a,
        uint256 _b,
        uint256 _c
    ) internal pure returns (IDemandVerifier.Demand memory demand_) {
        return IDemandVerifier.Demand(IDemandVerifier.What(_what), uint64(_a), uint64(_b), uint64(_c));
    }

    function _demandOf(Written memory _of) internal pure returns (IDemandVerifier.Demand memory demand_) {
        return _demand(_of.what, _of.a, _of.b, _of.c);
    }

    function _isAnswered(
        IAttributionVerifier.Epoch memory _epoch,
        IDemandVerifier.Demand memory _of,
        bytes memory _response
    ) internal view returns (bool isAnswered_) {
        try verifier.verify(_epoch, _of, _response) {
            return true;
        } catch (bytes memory reason) {
            // Whatever the bytes are, nothing panics: see `Panic(uint256)`.
            if (bytes4(reason) == bytes4(0x4e487b71)) revert DemandVerifier_Test_Verdict("a panic");
        }
    }

    function test_verify_writtenResponses_succeeds() public view {
        Written[] memory answered = _written(".answered");
        vm.assertGt(answered.length, 80);
        for (uint256 k; k < answered.length; ++k) {
            Written memory one = answered[k];
            verifier.check(_posted(one), _demandOf(one));
            if (!_isAnswered(_posted(one), _demandOf(one), one.response)) revert DemandVerifier_Test_Verdict(one.name);
        }
    }

    function test_verify_refusedResponses_reverts() public view {
        Written[] memory refused = _written(".refused");
        vm.assertGt(refused.length, 120);
        for (uint256 k; k < refused.length; ++k) {
            Written memory one = refused[k];
            verifier.check(_posted(one), _demandOf(one));
            if (_isAnswered(_posted(one), _demandOf(one), one.response)) revert DemandVerifier_Test_Verdict(one.name);
        }
    }

    function test_verify_noResponses_reverts() public view {
        NoResponse[] memory none = abi.decode(vm.parseJson(json, ".no_responses"), (NoResponse[]));
        for (uint256 k; k < none.length; ++k) {
            IDemandVerifier.Demand memory demand = _demand(none[k].what, none[k].a, none[k].b, none[k].c);
            // What says the same may be taken.
            bool answered = _isAnswered(right, demand, none[k].encoded);
            if (answered && !none[k].anotherEncoding) revert DemandVerifier_Test_Verdict(none[k].name);
        }
    }

    function test_check_notDemanded_reverts() public {
        // One by one: there is another struct with the same members, and which of the two the decoder follows is not said.
        uint256[] memory what = _numbers("what");
        uint256[] memory a = _numbers("a");
        uint256[] memory b = _numbers("b");
        uint256[] memory c = _numbers("c");
        vm.assertGt(what.length, 20);
        bytes memory response = _written(".answered")[0].response;
        for (uint256 k; k < what.length; ++k) {
            IDemandVerifier.Demand memory demand = _demand(what[k], a[k], b[k], c[k]);
            vm.expectRevert(IDemandVerifier.DemandVerifier_Range.selector);
            verifier.check(right, demand);
            vm.expectRevert(IDemandVerifier.DemandVerifier_Range.selector);
            verifier.verify(right, demand, response);
        }
    }

    /// @dev Whatever is of no kind is refused by the decoder.
    function test_check_unknownWhat_reverts() public {
        bytes memory call = abi.encodeCall(IDemandVerifier.check, (right, _demand(5, 0, 0, 0)));
        // The epoch has eight words.
        call[4 + 32 * 8 + 31] = bytes1(uint8(WHATS));
        (bool success, bytes memory reason) = address(verifier).staticcall(call);
        vm.assertFalse(success);
        vm.assertEq(reason.length, 0);
    }

    /// @dev The demand of a model's row or of what is below it can always be made.
    function testFuzz_check_models_succeeds(uint64 _a, uint64 _b) public view {
        verifier.check(right, _demand(5, _a, 0, 0));
        verifier.check(right, _demand(6, _a, _b, 0));
    }

    /// @dev The numbers that a demand may have, one by one.
    function testFuzz_check_succeeds(uint8 _what, uint64 _a, uint64 _b, uint64 _c) public view {
        uint256 what = _what % WHATS;
        uint256 most = type(uint64).max;
        bool isThere = _a >= right.first && _a < right.end;
        if (what >= 5) isThere = what < 7 || _a < right.contributors;
        uint256 mostB = what == 6 || what == 8 ? most : what >= 1 && what <= 4 ? type(uint32).max : 0;
        uint256 mostC = what == 3 ? 15 : what == 4 ? 56 : 0;
        bool passes = isThere && _b <= mostB && _c <= mostC;
        try verifier.check(right, _demand(what, _a, _b, _c)) {
            vm.assertTrue(passes);
        } catch {
            vm.assertFalse(passes);
        }
    }

    /// @dev With bits that are others nothing panics, and nothing answers where it stands in no tree. That nothing answers where it stood is tested
    ///      beside the other implementation, which knows what is padding.
    function testFuzz_verify_changedResponses_reverts(uint256 _which, uint256 _place, uint8 _with) public view {
        Written[] memory answered = _written(".answered");
        Written memory one = answered[_which % answered.length];
        bytes memory response = bytes.concat(one.response);
        response[_place % response.length] ^= bytes1(_with);
        // Against roots that nobody posted it answers nothing, whatever it is.
        IAttributionVerifier.Epoch memory other = right;
        (other.answersRoot, other.modelsRoot, other.payoutRoot) = (bytes32("A"), bytes32("M"), bytes32("P"));
        vm.assertFalse(_isAnswered(other, _demandOf(one), response));
        _isAnswered(_posted(one), _demandOf(one), response);
    }

    /// @dev Bytes that nobody made for it: no panic, and nothing is answered.
    function testFuzz_verify_anyBytes_reverts(uint8 _what, bytes memory _response, uint8 _words) public view {
        IDemandVerifier.Demand memory demand = _demand(_what % WHATS, _what % WHATS < 5 ? right.first : 0, 0, 0);
        vm.assertFalse(_isAnswered(right, demand, _response));
        // Offsets that lead to each other, and small numbers.
        bytes memory offsets = abi.encodePacked(uint256(32));
        for (uint256 k; k < _words % 40; ++k) {
            uint256 word = uint256(keccak256(abi.encode(_response, k)));
            offsets = bytes.concat(offsets, bytes32(word % 3 == 0 ? word % 3 : word % 24 * 32));
        }
        vm.assertFalse(_isAnswered(right, demand, offsets));
    }

    /// @dev Who hashed garbage can not show it, and who hashed a tree of many leaves that are nowhere is asked for the first.
    function test_verify_garbage_reverts() public view {
        IAttributionVerifier.Epoch memory epoch = right;
        bytes32 top = keccak256("nobody knows what is below");
        epoch.modelsRoot = Trees.sumRoot(3, top, 7);
        bytes memory response = _topOf(3, top, 7);
        vm.assertTrue(_isAnswered(epoch, _demand(5, 3, 0, 0), response));
        vm.assertFalse(_isAnswered(epoch, _demand(5, 2, 0, 0), response));
        vm.assertFalse(_isAnswered(epoch, _demand(5, 3, 0, 0), _topOf(4, top, 7)));
        vm.assertFalse(_isAnswered(epoch, _demand(5, 3, 0, 0), _topOf(3, top, 8)));
        // Above no leaves there is nothing.
        epoch.modelsRoot = Trees.sumRoot(0, top, 7);
        vm.assertFalse(_isAnswered(epoch, _demand(5, 0, 0, 0), _topOf(0, top, 7)));
        epoch.modelsRoot = Trees.sumRoot(0, 0, 0);
        vm.assertTrue(_isAnswered(epoch, _demand(5, 0, 0, 0), _topOf(0, 0, 0)));
    }

    /// @dev Of a document that has fewer words than its leaf says the words of the tile are asked for, and no others: who names words that are not
    ///      there can not show them, and who names those that are there need not have the rest.
    function test_verify_fewerWordsThanSaid_succeeds() public {
        OneDocument world = new OneDocument();
        DemandVerifier judge = new DemandVerifier(world, world);
        IDemandVerifier.Demand memory demand = _demand(3, 5, 0, 1);
        for (uint8 len = 1; len <= 8; ++len) {
            for (uint8 words = 1; words <= 8; ++words) {
                (IAttributionVerifier.Epoch memory epoch, bytes memory response) = world.made(len, words);
                if (words < len) vm.expectRevert(IAttributionVerifier.AttributionVerifier_NotShown.selector);
                judge.verify(epoch, demand, response);
            }
        }
    }

    /// @dev A ModelResponse that shows the top of a tree.
    function _topOf(uint64 _count, bytes32 _top, uint128 _sum) internal pure returns (bytes memory response_) {
        return abi.encodePacked(
            uint256(32),
            // The place; its leaf and its top.
            uint256(32),
            abi.encode(uint256(64), uint256(96), uint256(0), uint256(1), _count, _top, _sum)
        );
    }

    /// @dev What a transaction costs whose data is the demand and the longest response to one of its kind; see the proofs.
    function test_verify_gas_succeeds() public {
        Written[] memory answered = _written(".answered");
        string[9] memory names = ["ANSWER", "TILE", "SOURCE", "CHUNK", "PHRASE", "MODEL", "GIFT", "PAYOUT", "EARNING"];
        for (uint256 what; what < WHATS; ++what) {
            uint256 most;
            for (uint256 k; k < answered.length; ++k) {
                if (answered[k].what != what) continue;
                uint256 gas = _gas(answered[k]);
                if (gas > most) most = gas;
            }
            vm.snapshotValue("DemandVerifier", names[what], most);
            vm.assertLe(most, 200_000);
        }
    }

    function _gas(Written memory _of) internal view returns (uint256 gas_) {
        verifier.verify(_posted(_of), _demandOf(_of), _of.response);
        gas_ = vm.lastCallGas().gasTotalUsed;
        uint256 floor;
        for (uint256 k; k < _of.response.length; ++k) {
            gas_ += _of.response[k] == 0 ? 4 : 16;
            floor += _of.response[k] == 0 ? 10 : 40;
        }
        return 21_000 + (gas_ > floor ? gas_ : floor);
    }
}
