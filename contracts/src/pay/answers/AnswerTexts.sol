// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IPayableAI } from "interfaces/pay/IPayableAI.sol";
import { ChunkTree } from "src/pay/attribution/ChunkTree.sol";
import { Leaves } from "src/pay/attribution/Leaves.sol";
import { Trees } from "src/pay/attribution/Trees.sol";
import { PaidAnswers } from "src/pay/answers/PaidAnswers.sol";

/// @title AnswerTexts
/// @notice The part of {IPayableAI} that takes the texts of public answers.
abstract contract AnswerTexts is PaidAnswers {
    using ChunkTree for ChunkTree.Text;

    /// @notice Most bytes of a context: the prompt's root and 64 items. With a longer one, of which nothing more would count, proofs would be longer than transactions.
    uint256 public constant MOST_CONTEXT = 32 + 64 * 20;

    /// @dev Texts of which a part is there: by answer, who puts it there, and whether it is the output.
    mapping(uint64 i => mapping(address by => mapping(bool isOutput => ChunkTree.Text))) internal _parts;

    mapping(uint64 i => uint64) internal _publishedAt;

    /// @inheritdoc IPayableAI
    function publishPart(uint64 _i, bool _isOutput, bytes calldata _chunks) external {
        if (_paid[_i] == 0 || _chunks.length == 0) revert PayableAI_Text();
        _push(_i, _isOutput, _chunks).store(_parts[_i][msg.sender][_isOutput]);
    }

    /// @inheritdoc IPayableAI
    function publish(
        bytes calldata _answer,
        bytes calldata _context,
        bytes calldata _prompt,
        bytes calldata _output
    ) external {
        Leaves.Answer memory of_ = Leaves.answer(_answer);
        bool mayBe = _paid[of_.i] == Trees.leaf(_answer) && of_.isPublic && _publishedAt[of_.i] == 0
            && _context.length <= MOST_CONTEXT && keccak256(bytes.concat(hex"05", _context)) == of_.contextRoot;
        if (!mayBe) revert PayableAI_Text();
        bytes32 promptRoot = _context.length < 32 ? Trees.root(0, 0) : bytes32(_context[:32]);
        ChunkTree.Text memory output = _push(of_.i, true, _output);
        bool isIts = output.root() == of_.outputRoot && output.words == of_.words
            && _push(of_.i, false, _prompt).root() == promptRoot;
        if (!isIts) revert PayableAI_Text();
        // What is published behind a cut is later than it, in the same second too.
        _publishedAt[of_.i] = uint64(block.timestamp) + (_cutAt == block.timestamp ? 1 : 0);
        emit Published(of_.i, msg.sender, _context);
    }

    /// @notice See {IPaidAnswers}.
    function publishedAt(uint64 _i) external view returns (uint64 timestamp_) {
        return _publishedAt[_i];
    }

    /// @dev What the caller has put there of a text, and what comes behind it.
    function _push(uint64 _i, bool _isOutput, bytes calldata _chunks) private returns (ChunkTree.Text memory text_) {
        text_ = ChunkTree.load(_parts[_i][msg.sender][_isOutput]);
        if (_chunks.length == 0) return text_;
        emit ChunksPublished(_i, msg.sender, _isOutput, uint32(text_.count), _chunks);
        text_.push(_chunks);
    }
}
