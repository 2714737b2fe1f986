// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title Proofs
/// @notice The structs of docs/attribution-method.md, "Proofs" and "Demands". A `bytes` is a leaf with its tag, a proof of membership, or siblings.
library Proofs {
    struct AnswerOpening {
        bytes answer;
        bytes row;
        bytes proof;
    }

    struct TileOpening {
        bytes tile;
        bytes proof;
    }

    struct DocumentOpening {
        bytes document;
        bytes inBatch;
        bytes batch;
        bytes inVersion;
        bytes version;
    }

    struct SourceOpening {
        DocumentOpening opening;
        bytes inCorpus;
    }

    struct ChunkOpening {
        bytes chunk;
        bytes proof;
    }

    struct WordsOpening {
        ChunkOpening[] chunks;
    }

    struct RowOpening {
        bytes row;
        bytes proof;
    }

    struct TilePart {
        AnswerOpening answer;
        bytes context;
        TileOpening tile;
        SourceOpening source;
        uint8 hop;
    }

    struct ItemPart {
        AnswerOpening answer;
        bytes context;
        uint8 item;
    }

    struct Absence {
        RowOpening[] left;
        RowOpening[] right;
    }

    struct SumNode {
        bytes32 hash;
        uint128 sum;
    }

    struct SumTop {
        uint64 count;
        SumNode top;
    }

    struct SumFault {
        uint8 level;
        uint64 index;
        uint64 count;
        uint128 stated;
        SumNode left;
        SumNode right;
        bytes siblings;
    }

    struct LeafOpening {
        bytes leaf;
        uint128 stated;
        bytes proof;
    }

    struct TreeOpening {
        uint8 tree;
        bytes opening;
    }

    struct AnswerProof {
        AnswerOpening answer;
    }

    struct TileProof {
        AnswerOpening answer;
        TileOpening tile;
    }

    struct TilesProof {
        AnswerOpening answer;
        TileOpening left;
        TileOpening right;
    }

    struct CountProof {
        AnswerOpening answer;
        SumTop top;
    }

    struct WordProof {
        AnswerOpening answer;
        TileOpening tile;
        SourceOpening source;
        uint8 place;
        WordsOpening output;
        WordsOpening text;
    }

    struct EndProof {
        AnswerOpening answer;
        TileOpening tile;
        SourceOpening source;
    }

    struct MatchProof {
        AnswerOpening answer;
        TileOpening tile;
        TileOpening[] next;
        uint32 start;
        uint8 len;
        SourceOpening source;
        uint16 offset;
        WordsOpening output;
        WordsOpening text;
    }

    struct GoesOnProof {
        AnswerOpening answer;
        TileOpening left;
        TileOpening right;
        SourceOpening source;
        WordsOpening output;
        WordsOpening text;
    }

    struct BoilerProof {
        AnswerOpening answer;
        TileOpening tile;
        WordsOpening output;
        bytes[] phrases;
    }

    struct NotBoilerProof {
        AnswerOpening answer;
        TileOpening tile;
        WordsOpening output;
        uint8 place;
        Absence absence;
    }

    struct EchoProof {
        AnswerOpening answer;
        TileOpening tile;
        uint32 start;
        uint8 len;
        WordsOpening output;
        bytes context;
        uint32 place;
        WordsOpening prompt;
    }

    struct NotEchoProof {
        AnswerOpening answer;
        TileOpening tile;
        uint8 place;
        WordsOpening output;
        bytes context;
        WordsOpening prompt;
    }

    struct EchoGoesOnProof {
        AnswerOpening answer;
        TileOpening left;
        TileOpening right;
        WordsOpening output;
        bytes context;
        WordsOpening prompt;
    }

    struct EchoEndProof {
        AnswerOpening answer;
        TileOpening tile;
        bytes context;
        WordsOpening prompt;
    }

    struct SumProof {
        TreeOpening tree;
        SumFault fault;
    }

    struct LeafProof {
        TreeOpening tree;
        LeafOpening leaf;
    }

    struct OrderProof {
        TreeOpening tree;
        LeafOpening left;
        LeafOpening right;
    }

    struct TileLeafProof {
        AnswerOpening answer;
        LeafOpening leaf;
    }

    struct MissingProof {
        RowOpening payout;
        TilePart part;
        Absence absence;
    }

    struct PartProof {
        RowOpening payout;
        TilePart part;
        RowOpening earning;
    }

    struct MissingItemProof {
        RowOpening payout;
        ItemPart part;
        Absence absence;
    }

    struct ItemProof {
        RowOpening payout;
        ItemPart part;
        RowOpening earning;
    }

    struct EarningProof {
        RowOpening payout;
        RowOpening earning;
    }

    struct NoTileProof {
        RowOpening payout;
        AnswerOpening answer;
        bytes context;
        RowOpening earning;
    }

    struct NoSpanProof {
        RowOpening payout;
        AnswerOpening answer;
        TileOpening tile;
        RowOpening earning;
    }

    struct EarnedProof {
        RowOpening payout;
        SumTop top;
    }

    struct CumulativeProof {
        RowOpening payout;
        RowOpening[] before;
        SumTop top;
    }

    struct RowCountProof {
        uint64 count;
        bytes32 top;
    }

    struct TopProof {
        SumTop top;
    }

    struct RowProof {
        bytes row;
        bytes proof;
    }

    struct ModelSumProof {
        RowOpening model;
        SumTop top;
    }

    struct GiftProof {
        AnswerOpening answer;
        bytes context;
        SumTop tiles;
        RowOpening model;
        RowOpening train;
    }

    struct NoGiftProof {
        AnswerOpening answer;
        bytes context;
        SumTop tiles;
        RowOpening model;
        Absence absence;
    }

    struct NoModelProof {
        AnswerOpening answer;
        bytes context;
        SumTop tiles;
        Absence absence;
    }

    struct NoAnswerProof {
        RowOpening model;
        RowOpening train;
    }

    struct OtherModelProof {
        AnswerOpening answer;
        RowOpening model;
        RowOpening train;
    }

    struct PlaceOpening {
        LeafOpening[] leaf;
        SumTop[] top;
    }

    struct CorpusOpening {
        bytes answer;
        SourceOpening source;
    }

    struct PhraseOpening {
        bytes answer;
        WordsOpening output;
        bytes phrase;
    }

    struct AnswerResponse {
        RowOpening row;
    }

    struct TileResponse {
        RowOpening row;
        PlaceOpening tile;
    }

    struct SourceResponse {
        RowOpening row;
        PlaceOpening tile;
        CorpusOpening[] source;
    }

    struct ChunkResponse {
        RowOpening row;
        PlaceOpening tile;
        CorpusOpening[] source;
        ChunkOpening[] chunk;
    }

    struct PhraseResponse {
        RowOpening row;
        PlaceOpening tile;
        PhraseOpening[] phrase;
    }

    struct ModelResponse {
        PlaceOpening model;
    }

    struct GiftResponse {
        PlaceOpening model;
        PlaceOpening gift;
    }

    struct PayoutResponse {
        LeafOpening payout;
    }

    struct EarningResponse {
        LeafOpening payout;
        PlaceOpening earning;
    }
}
