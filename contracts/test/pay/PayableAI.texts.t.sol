// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IPayableAI } from "interfaces/pay/IPayableAI.sol";
import { ChunkTree } from "src/pay/attribution/ChunkTree.sol";
import { Leaves } from "src/pay/attribution/Leaves.sol";
import { Trees } from "src/pay/attribution/Trees.sol";
import { ChunkTrees } from "test/mocks/ChunkTrees.sol";
import { PaymentTest } from "test/utils/PaymentTest.sol";
import { Test } from "test/utils/Test.sol";
import { Chunks } from "test/utils/Chunks.sol";
import { Vm } from "test/utils/Vm.sol";

/// @title TextTest
/// @notice A public answer with a prompt and an output.
abstract contract TextTest is PaymentTest {
    /// @dev All that is needed to publish an answer.
    struct Text {
        IPayableAI.Answer of_;
        uint64 i;
        bytes leaf;
        bytes context;
        bytes prompt;
        bytes output;
    }

    /// @dev A text with so many words, which is not paid yet.
    function _text(uint256 _prompt, uint256 _output) internal view returns (Text memory text_) {
        bytes32 promptRoot;
        text_.of_ = _answer();
        (text_.prompt, promptRoot) = Chunks.text(_prompt, "prompt");
        (text_.output, text_.of_.outputRoot) = Chunks.text(_output, "output");
        // With an item: the document, whose it is, and how much of it.
        text_.context = abi.encodePacked(promptRoot, uint64(1) << 32, uint64(0), uint32(3));
        (text_.of_.isPublic, text_.of_.words) = (true, uint32(_output));
        _contextIs(text_, text_.context);
    }

    function _contextIs(Text memory _of, bytes memory _context) internal pure {
        (_of.context, _of.of_.contextRoot) = (_context, keccak256(bytes.concat(hex"05", _context)));
    }

    /// @dev The same, of an answer that is paid.
    function _paid(uint256 _prompt, uint256 _output) internal returns (Text memory text_) {
        text_ = _text(_prompt, _output);
        _payFor(text_);
    }

    function _payFor(Text memory _of) internal {
        _of.i = _pay(_of.of_);
        _of.leaf = _leafR(_of.of_, _of.i, payments.feeOf(_of.of_));
    }

    function _publish(Text memory _of) internal {
        payments.publish(_of.leaf, _of.context, _of.prompt, _of.output);
    }

    /// @dev The chunks of some text from one on and before another.
    function _part(bytes memory _chunks, uint256 _from, uint256 _to) internal pure returns (bytes memory part_) {
        return Chunks.slice(_chunks, _from * Chunks.SIZE, _to * Chunks.SIZE);
    }
}

/// @title PayableAI_Texts_Test
/// @notice Chunks of public answers, put on the chain at once and in parts.
contract PayableAI_Texts_Test is TextTest {
    function _refused(Text memory _of) internal {
        vm.expectRevert(IPayableAI.PayableAI_Text.selector);
        _publish(_of);
        vm.assertEq(payments.publishedAt(_of.i), 0);
    }

    function test_publish_succeeds() public {
        Text memory text = _paid(40, 70);
        vm.expectEmit();
        emit IPayableAI.ChunksPublished(0, BOB, true, 0, text.output);
        vm.expectEmit();
        emit IPayableAI.ChunksPublished(0, BOB, false, 0, text.prompt);
        vm.expectEmit();
        emit IPayableAI.Published(0, BOB, text.context);
        vm.prank(BOB);
        _publish(text);
        vm.assertEq(payments.publishedAt(0), block.timestamp);
    }

    function test_publish_inParts_succeeds() public {
        Text memory text = _paid(33, 32 * 5 + 1);
        vm.startPrank(BOB);
        uint32[3] memory from = [uint32(0), 1, 4];
        for (uint256 k; k < 2; ++k) {
            bytes memory part = _part(text.output, from[k], from[k + 1]);
            vm.expectEmit();
            emit IPayableAI.ChunksPublished(0, BOB, true, from[k], part);
            payments.publishPart(0, true, part);
        }
        payments.publishPart(0, false, _part(text.prompt, 0, 1));
        vm.assertEq(payments.publishedAt(0), 0);
        (text.output, text.prompt) = (_part(text.output, 4, 6), _part(text.prompt, 1, 2));
        vm.expectEmit();
        emit IPayableAI.ChunksPublished(0, BOB, true, 4, text.output);
        vm.expectEmit();
        emit IPayableAI.ChunksPublished(0, BOB, false, 1, text.prompt);
        _publish(text);
        vm.assertEq(payments.publishedAt(0), block.timestamp);
    }

    /// @dev All of it was there before, so that nothing is left to add.
    function test_publish_allInParts_succeeds() public {
        Text memory text = _paid(40, 70);
        payments.publishPart(0, true, text.output);
        payments.publishPart(0, false, text.prompt);
        vm.warp(block.timestamp + 5);
        (text.output, text.prompt) = ("", "");
        _publish(text);
        vm.assertEq(payments.publishedAt(0), block.timestamp);
    }

    /// @dev Who puts a wrong part there does it for themselves.
    function test_publish_partsOfTwo_reverts() public {
        Text memory text = _paid(40, 70);
        bytes memory whole = text.output;
        vm.prank(ALICE);
        payments.publishPart(0, true, _part(whole, 0, 1));
        // Bob does not go on with Alice's.
        vm.prank(BOB);
        vm.expectRevert(ChunkTree.ChunkTree_Text.selector);
        payments.publishPart(0, true, _part(whole, 1, 2));
        text.output = _part(whole, 1, 3);
        vm.prank(BOB);
        vm.expectRevert(ChunkTree.ChunkTree_Text.selector);
        _publish(text);
        vm.prank(BOB);
        payments.publishPart(0, true, Chunks.chunk(0, 32, "wrong"));
        // Nor does Alice with Bob's.
        vm.prank(ALICE);
        _publish(text);
        vm.assertEq(payments.publishedAt(0), block.timestamp);
    }

    /// @dev A part that is not the answer's is noticed in the end, and there is no way back for who put it there.
    function test_publish_wrongPart_reverts() public {
        Text memory text = _paid(40, 70);
        bytes memory whole = text.output;
        vm.startPrank(BOB);
        payments.publishPart(0, true, Chunks.chunk(0, 32, "wrong"));
        text.output = _part(whole, 1, 3);
        _refused(text);
        vm.stopPrank();
        text.output = whole;
        _publish(text);
    }

    function test_publish_twice_reverts() public {
        Text memory text = _paid(40, 70);
        _publish(text);
        vm.warp(block.timestamp + 5);
        vm.expectRevert(IPayableAI.PayableAI_Text.selector);
        _publish(text);
        vm.prank(BOB);
        vm.expectRevert(IPayableAI.PayableAI_Text.selector);
        _publish(text);
        vm.assertEq(payments.publishedAt(0), block.timestamp - 5);
    }

    /// @dev What its payer wants kept is kept.
    function test_publish_sealed_reverts() public {
        Text memory text = _text(40, 70);
        text.of_.isPublic = false;
        _payFor(text);
        _refused(text);
        // Who says that it was public says something else than what was paid.
        text.leaf[61] = 0x01;
        _refused(text);
    }

    function test_publish_notPaid_reverts() public {
        Text memory text = _text(40, 70);
        text.leaf = _leafR(text.of_, 0, FEE);
        _refused(text);
        vm.expectRevert(IPayableAI.PayableAI_Text.selector);
        payments.publishPart(0, true, text.output);
        _payFor(text);
        payments.publishPart(0, true, text.output);
        vm.expectRevert(IPayableAI.PayableAI_Text.selector);
        payments.publishPart(1, true, text.output);
    }

    function test_publish_otherLeaf_reverts() public {
        Text memory text = _paid(40, 70);
        bytes memory right = text.leaf;
        // At another place, for another fee, and what is no leaf R at all.
        text.leaf = _leafR(text.of_, 1, FEE);
        _refused(text);
        text.leaf = _leafR(text.of_, 0, FEE + 1);
        _refused(text);
        bytes[4] memory none = [bytes(""), bytes.concat(right, hex"00"), Chunks.slice(right, 0, 129), right];
        none[3] = bytes.concat("A", Chunks.slice(right, 1, 130));
        for (uint256 k; k < 4; ++k) {
            text.leaf = none[k];
            vm.expectRevert(Leaves.Leaves_NoLeaf.selector);
            _publish(text);
        }
    }

    function test_publish_otherContext_reverts() public {
        Text memory text = _paid(40, 70);
        bytes memory right = text.context;
        text.context = bytes.concat(right, hex"00");
        _refused(text);
        text.context = Chunks.slice(right, 0, 32);
        _refused(text);
        text.context = "";
        _refused(text);
    }

    function test_publish_otherText_reverts() public {
        Text memory text = _paid(40, 70);
        (bytes memory prompt, bytes memory output) = (text.prompt, text.output);
        // Another text with as many words, more and fewer of the same, none, and both exchanged.
        (text.output,) = Chunks.text(70, "another");
        _refused(text);
        text.output = _part(output, 0, 2);
        _refused(text);
        text.output = "";
        _refused(text);
        text.output = prompt;
        _refused(text);
        text.output = output;
        (text.prompt,) = Chunks.text(40, "another");
        _refused(text);
        text.prompt = _part(prompt, 0, 1);
        _refused(text);
        text.prompt = "";
        _refused(text);
        text.prompt = prompt;
        _publish(text);
    }

    /// @dev The gateway attested another number of words than the output has.
    function test_publish_otherWords_reverts() public {
        for (uint32 k; k < 2; ++k) {
            Text memory text = _text(40, 70);
            text.of_.words = 69 + 2 * k;
            _payFor(text);
            _refused(text);
        }
    }

    function test_publishPart_notAText_reverts() public {
        _paid(40, 70);
        bytes memory right = Chunks.chunk(0, 32, "output");
        bytes[9] memory wrong;
        wrong[0] = Chunks.slice(right, 0, 549);
        wrong[1] = bytes.concat(right, hex"43");
        // Not from the first one on, twice the same, one left out, and behind one that is not full.
        wrong[2] = Chunks.chunk(1, 32, "output");
        wrong[3] = bytes.concat(right, right);
        wrong[4] = bytes.concat(right, Chunks.chunk(2, 32, "output"));
        wrong[5] = bytes.concat(Chunks.chunk(0, 31, "output"), Chunks.chunk(1, 32, "output"));
        // Another leaf, no words, and something behind them.
        wrong[6] = bytes.concat("D", Chunks.slice(right, 1, 550));
        wrong[7] = Chunks.chunk(0, 0, "output");
        wrong[8] = Chunks.chunk(0, 31, "output");
        wrong[8][549] = 0x01;
        for (uint256 k; k < 9; ++k) {
            vm.expectRevert(k < 6 ? ChunkTree.ChunkTree_Text.selector : Leaves.Leaves_NoLeaf.selector);
            payments.publishPart(0, true, wrong[k]);
        }
        vm.expectRevert(IPayableAI.PayableAI_Text.selector);
        payments.publishPart(0, true, "");
        bytes memory many = Chunks.chunk(0, 32, "output");
        many[37] = 0x21;
        vm.expectRevert(Leaves.Leaves_NoLeaf.selector);
        payments.publishPart(0, true, many);
        // Behind what is there already it is the same.
        payments.publishPart(0, true, Chunks.chunk(0, 31, "output"));
        vm.expectRevert(ChunkTree.ChunkTree_Text.selector);
        payments.publishPart(0, true, Chunks.chunk(1, 32, "output"));
        // The prompt is another text.
        payments.publishPart(0, false, right);
    }

    /// @dev An answer without words, to a prompt with and without.
    function test_publish_nothing_succeeds() public {
        Text memory text = _paid(40, 0);
        vm.assertEq(text.output.length, 0);
        vm.expectEmit();
        emit IPayableAI.ChunksPublished(0, address(this), false, 0, text.prompt);
        vm.expectEmit();
        emit IPayableAI.Published(0, address(this), text.context);
        _publish(text);
        text = _paid(0, 40);
        _publish(text);
        text = _paid(0, 0);
        _publish(text);
        vm.assertEq(payments.publishedAt(2), block.timestamp);
    }

    /// @dev Of fewer than 32 bytes there is no prompt; what follows the root may be anything.
    function test_publish_context_succeeds() public {
        bytes32 promptRoot;
        bytes[5] memory contexts;
        Text memory text = _text(40, 10);
        (, promptRoot) = Chunks.text(40, "prompt");
        contexts[1] = new bytes(31);
        contexts[2] = abi.encodePacked(Trees.root(0, 0));
        contexts[3] = abi.encodePacked(promptRoot);
        contexts[4] = abi.encodePacked(promptRoot, hex"00");
        bytes memory prompt = text.prompt;
        for (uint256 k; k < 5; ++k) {
            text.prompt = prompt;
            _contextIs(text, contexts[k]);
            _payFor(text);
            if (k < 3) {
                _refused(text);
                text.prompt = "";
            }
            _publish(text);
            vm.assertEq(payments.publishedAt(text.i), block.timestamp);
        }
    }

    /// @dev Sixty-four items, and not a byte more.
    function test_publish_longContext_reverts() public {
        Text memory text = _text(40, 10);
        (, bytes32 promptRoot) = Chunks.text(40, "prompt");
        uint256 most = payments.MOST_CONTEXT();
        vm.assertEq(most, 32 + 64 * 20);
        for (uint256 k = 2; k > 0; --k) {
            _contextIs(text, bytes.concat(promptRoot, new bytes(most - 32 + k - 1)));
            _payFor(text);
            if (k == 2) _refused(text);
            else _publish(text);
        }
        vm.assertEq(payments.publishedAt(text.i), block.timestamp);
    }

    /// @dev In the second of a cut: what was there before it is there for it, and what came behind it is not.
    function test_publish_secondOfACut_succeeds() public {
        Text[3] memory texts = [_paid(1, 1), _paid(1, 2), _paid(1, 3)];
        _publish(texts[0]);
        uint64 cutAt = uint64(block.timestamp);
        payments.cut();
        vm.assertEq(payments.publishedAt(0), cutAt);
        _publish(texts[1]);
        vm.assertEq(payments.publishedAt(1), cutAt + 1);
        vm.warp(cutAt + 1);
        _publish(texts[2]);
        vm.assertEq(payments.publishedAt(2), cutAt + 1);
    }

    /// @dev What is paid and published behind a cut is there for the next one.
    function test_publish_nextRange_succeeds() public {
        payments.cut();
        Text memory text = _paid(1, 1);
        _publish(text);
        vm.warp(block.timestamp + 1);
        payments.cut();
        vm.assertLe(payments.publishedAt(0), block.timestamp);
    }

    /// @dev However a text is divided, it is the same text.
    function testFuzz_publish_succeeds(uint16 _prompt, uint16 _output, uint8[4] memory _cuts) public {
        Text memory text = _paid(_prompt % 100, _output % 700);
        uint256 count = text.output.length / Chunks.SIZE;
        uint256 there;
        bytes memory whole = text.output;
        for (uint256 k; k < 4 && there < count; ++k) {
            uint256 more = _cuts[k] % (count - there + 1);
            if (more == 0) continue;
            payments.publishPart(0, true, _part(whole, there, there + more));
            there += more;
        }
        text.output = _part(whole, there, count);
        _publish(text);
        vm.assertEq(payments.publishedAt(0), block.timestamp);
    }
}

/// @title ChunkTree_Test
/// @notice The tree of a text's chunks, beside that of all its leaves at once.
contract ChunkTree_Test is Test {
    ChunkTrees internal trees = new ChunkTrees();

    function test_root_succeeds() public {
        vm.assertEq(trees.root(), Trees.root(0, 0));
        for (uint32 k; k < 40; ++k) {
            trees.push(Chunks.chunk(k, 32, "text"));
            (, bytes32 root) = Chunks.text(32 * (k + 1), "text");
            vm.assertEq(trees.root(), root);
        }
    }

    function testFuzz_root_succeeds(uint16 _words, uint8 _parts) public {
        (bytes memory chunks, bytes32 root) = Chunks.text(_words % 2_000, "text");
        uint256 count = chunks.length / Chunks.SIZE;
        uint256 from;
        for (uint256 left = _parts % 4 + 1; left > 0; --left) {
            uint256 to = left == 1 ? count : from + (count - from) / left;
            trees.push(Chunks.slice(chunks, from * Chunks.SIZE, to * Chunks.SIZE));
            from = to;
        }
        vm.assertEq(trees.root(), root);
        (uint64 words, uint64 size) = trees.size();
        vm.assertEq(words, _words % 2_000);
        vm.assertEq(size, count);
    }

    /// @dev An index has four bytes.
    function test_push_full_reverts() public {
        uint64 last = type(uint32).max;
        trees.set((last - 1) * 32, last - 1);
        trees.push(Chunks.chunk(uint32(last) - 1, 32, "text"));
        vm.expectRevert(ChunkTree.ChunkTree_Text.selector);
        trees.push(Chunks.chunk(uint32(last), 32, "text"));
    }
}

/// @title PayableAI_Texts_Gas_Test
/// @notice What publishing costs. More than 200 chunks do not fit into one transaction of 128 KiB.
contract PayableAI_Texts_Gas_Test is TextTest {
    function setUp() public override {
        super.setUp();
        _paid(30, 30);
        _paid(30, 32 * 32);
        _paid(30, 199 * 32);
    }

    function _measure(string memory _name, uint64 _i, uint256 _words, uint256 _most) internal {
        Text memory text = _text(30, _words);
        bytes memory leaf = _leafR(text.of_, _i, FEE);
        payments.publish(leaf, text.context, text.prompt, text.output);
        uint256 gas =
            _transactionGas(abi.encodeCall(IPayableAI.publish, (leaf, text.context, text.prompt, text.output)));
        // What is counted for coverage is not optimized.
        if (vm.isContext(Vm.ForgeContext.Coverage)) return;
        vm.snapshotValue("PayableAI", _name, gas);
        vm.assertLe(gas, _most);
    }

    function test_publish_gas_succeeds() public {
        _measure("publish an output of 1 chunk, and a prompt of 1", 0, 30, 120_000);
    }

    function test_publish_gas_many_succeeds() public {
        _measure("publish an output of 32 chunks, and a prompt of 1", 1, 32 * 32, 900_000);
    }

    function test_publish_gas_most_succeeds() public {
        _measure("publish an output of 199 chunks, and a prompt of 1", 2, 199 * 32, 5_000_000);
    }
}
