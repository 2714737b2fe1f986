//! The structs, as Solidity has them. A `bytes` is a leaf, or a proof of membership, as `docs/attribution-method.md` writes it; an
//! array that is no list of words or phrases holds none or one.

alloy_sol_types::sol! {
    #[derive(Debug, PartialEq, Eq)]
    struct AnswerOpening { bytes answer; bytes row; bytes proof; }
    #[derive(Debug, PartialEq, Eq)]
    struct TileOpening { bytes tile; bytes proof; }
    #[derive(Debug, PartialEq, Eq)]
    struct DocumentOpening { bytes document; bytes inBatch; bytes batch; bytes inVersion; bytes version; }
    #[derive(Debug, PartialEq, Eq)]
    struct SourceOpening { DocumentOpening opening; bytes inCorpus; }
    #[derive(Debug, PartialEq, Eq)]
    struct ChunkOpening { bytes chunk; bytes proof; }
    #[derive(Debug, PartialEq, Eq)]
    struct WordsOpening { ChunkOpening[] chunks; }
    /// Of a model version, an answer's gift, a contributor, an earning, or a leaf beside one that is absent.
    #[derive(Debug, PartialEq, Eq)]
    struct RowOpening { bytes row; bytes proof; }
    #[derive(Debug, PartialEq, Eq)]
    struct TilePart { AnswerOpening answer; bytes context; TileOpening tile; SourceOpening source; uint8 hop; }
    #[derive(Debug, PartialEq, Eq)]
    struct ItemPart { AnswerOpening answer; bytes context; uint8 item; }
    #[derive(Debug, PartialEq, Eq)]
    struct Absence { RowOpening[] left; RowOpening[] right; }
    #[derive(Debug, PartialEq, Eq)]
    struct SumNode { bytes32 hash; uint128 sum; }
    #[derive(Debug, PartialEq, Eq)]
    struct SumTop { uint64 count; SumNode top; }
    /// `siblings` are written as in a proof of membership.
    #[derive(Debug, PartialEq, Eq)]
    struct SumFault { uint8 level; uint64 index; uint64 count; uint128 stated; SumNode left; SumNode right; bytes siblings; }
    #[derive(Debug, PartialEq, Eq)]
    struct LeafOpening { bytes leaf; uint128 stated; bytes proof; }
    /// `opening` is the encoding of an `AnswerOpening` (tree 0), a `RowOpening` (2, 4), or empty (1, 3).
    #[derive(Debug, PartialEq, Eq)]
    struct TreeOpening { uint8 tree; bytes opening; }

    #[derive(Debug, PartialEq, Eq)]
    struct AnswerProof { AnswerOpening answer; }
    #[derive(Debug, PartialEq, Eq)]
    struct TileProof { AnswerOpening answer; TileOpening tile; }
    #[derive(Debug, PartialEq, Eq)]
    struct TilesProof { AnswerOpening answer; TileOpening left; TileOpening right; }
    #[derive(Debug, PartialEq, Eq)]
    struct CountProof { AnswerOpening answer; SumTop top; }
    #[derive(Debug, PartialEq, Eq)]
    struct WordProof { AnswerOpening answer; TileOpening tile; SourceOpening source; uint8 at; WordsOpening output; WordsOpening text; }
    #[derive(Debug, PartialEq, Eq)]
    struct EndProof { AnswerOpening answer; TileOpening tile; SourceOpening source; }
    #[derive(Debug, PartialEq, Eq)]
    struct MatchProof { AnswerOpening answer; TileOpening tile; TileOpening[] next; uint32 start; uint8 len; SourceOpening source; uint16 offset; WordsOpening output; WordsOpening text; }
    #[derive(Debug, PartialEq, Eq)]
    struct GoesOnProof { AnswerOpening answer; TileOpening left; TileOpening right; SourceOpening source; WordsOpening output; WordsOpening text; }
    #[derive(Debug, PartialEq, Eq)]
    struct BoilerProof { AnswerOpening answer; TileOpening tile; WordsOpening output; bytes[] phrases; }
    #[derive(Debug, PartialEq, Eq)]
    struct NotBoilerProof { AnswerOpening answer; TileOpening tile; WordsOpening output; uint8 at; Absence absence; }
    #[derive(Debug, PartialEq, Eq)]
    struct EchoProof { AnswerOpening answer; TileOpening tile; uint32 start; uint8 len; WordsOpening output; bytes context; uint32 at; WordsOpening prompt; }
    #[derive(Debug, PartialEq, Eq)]
    struct NotEchoProof { AnswerOpening answer; TileOpening tile; uint8 at; WordsOpening output; bytes context; WordsOpening prompt; }
    #[derive(Debug, PartialEq, Eq)]
    struct EchoGoesOnProof { AnswerOpening answer; TileOpening left; TileOpening right; WordsOpening output; bytes context; WordsOpening prompt; }
    #[derive(Debug, PartialEq, Eq)]
    struct EchoEndProof { AnswerOpening answer; TileOpening tile; bytes context; WordsOpening prompt; }
    #[derive(Debug, PartialEq, Eq)]
    struct SumProof { TreeOpening tree; SumFault fault; }
    #[derive(Debug, PartialEq, Eq)]
    struct LeafProof { TreeOpening tree; LeafOpening leaf; }
    #[derive(Debug, PartialEq, Eq)]
    struct OrderProof { TreeOpening tree; LeafOpening left; LeafOpening right; }
    #[derive(Debug, PartialEq, Eq)]
    struct TileLeafProof { AnswerOpening answer; LeafOpening leaf; }
    #[derive(Debug, PartialEq, Eq)]
    struct MissingProof { RowOpening payout; TilePart part; Absence absence; }
    #[derive(Debug, PartialEq, Eq)]
    struct PartProof { RowOpening payout; TilePart part; RowOpening earning; }
    #[derive(Debug, PartialEq, Eq)]
    struct MissingItemProof { RowOpening payout; ItemPart part; Absence absence; }
    #[derive(Debug, PartialEq, Eq)]
    struct ItemProof { RowOpening payout; ItemPart part; RowOpening earning; }
    #[derive(Debug, PartialEq, Eq)]
    struct EarningProof { RowOpening payout; RowOpening earning; }
    #[derive(Debug, PartialEq, Eq)]
    struct NoTileProof { RowOpening payout; AnswerOpening answer; bytes context; RowOpening earning; }
    #[derive(Debug, PartialEq, Eq)]
    struct NoSpanProof { RowOpening payout; AnswerOpening answer; TileOpening tile; RowOpening earning; }
    #[derive(Debug, PartialEq, Eq)]
    struct EarnedProof { RowOpening payout; SumTop top; }
    #[derive(Debug, PartialEq, Eq)]
    struct CumulativeProof { RowOpening payout; RowOpening[] before; SumTop top; }
    #[derive(Debug, PartialEq, Eq)]
    struct RowCountProof { uint64 count; bytes32 top; }
    #[derive(Debug, PartialEq, Eq)]
    struct TopProof { SumTop top; }
    #[derive(Debug, PartialEq, Eq)]
    struct RowProof { bytes row; bytes proof; }
    #[derive(Debug, PartialEq, Eq)]
    struct ModelSumProof { RowOpening model; SumTop top; }
    #[derive(Debug, PartialEq, Eq)]
    struct GiftProof { AnswerOpening answer; bytes context; SumTop tiles; RowOpening model; RowOpening train; }
    #[derive(Debug, PartialEq, Eq)]
    struct NoGiftProof { AnswerOpening answer; bytes context; SumTop tiles; RowOpening model; Absence absence; }
    #[derive(Debug, PartialEq, Eq)]
    struct NoModelProof { AnswerOpening answer; bytes context; SumTop tiles; Absence absence; }
    #[derive(Debug, PartialEq, Eq)]
    struct NoAnswerProof { RowOpening model; RowOpening train; }
    #[derive(Debug, PartialEq, Eq)]
    struct OtherModelProof { AnswerOpening answer; RowOpening model; RowOpening train; }

    #[derive(Debug, PartialEq, Eq)]
    struct PlaceOpening { LeafOpening[] leaf; SumTop[] top; }
    #[derive(Debug, PartialEq, Eq)]
    struct CorpusOpening { bytes answer; SourceOpening source; }
    #[derive(Debug, PartialEq, Eq)]
    struct PhraseOpening { bytes answer; WordsOpening output; bytes phrase; }
    #[derive(Debug, PartialEq, Eq)]
    struct AnswerResponse { RowOpening row; }
    #[derive(Debug, PartialEq, Eq)]
    struct TileResponse { RowOpening row; PlaceOpening tile; }
    #[derive(Debug, PartialEq, Eq)]
    struct SourceResponse { RowOpening row; PlaceOpening tile; CorpusOpening[] source; }
    #[derive(Debug, PartialEq, Eq)]
    struct ChunkResponse { RowOpening row; PlaceOpening tile; CorpusOpening[] source; ChunkOpening[] chunk; }
    #[derive(Debug, PartialEq, Eq)]
    struct PhraseResponse { RowOpening row; PlaceOpening tile; PhraseOpening[] phrase; }
    #[derive(Debug, PartialEq, Eq)]
    struct ModelResponse { PlaceOpening model; }
    #[derive(Debug, PartialEq, Eq)]
    struct GiftResponse { PlaceOpening model; PlaceOpening gift; }
    #[derive(Debug, PartialEq, Eq)]
    struct PayoutResponse { LeafOpening payout; }
    #[derive(Debug, PartialEq, Eq)]
    struct EarningResponse { LeafOpening payout; PlaceOpening earning; }
}
