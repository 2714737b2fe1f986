//! The kinds of proofs, and the struct of each: the one list that faults are encoded and decoded by.

use super::{Coded, DecodeError, pieces::top_of, strictly, structs::*};
use crate::{
    Fault, Leaf,
    fault::{
        EarningFault, GoesOnFault, KindFault, MatchFault, PaidPart, RowsFault, TilingFault,
        TreeFault, TreeOpening, WordsFault, is_longer,
    },
    leaf::Tile,
};
use alloy_primitives::B256;
use alloy_sol_types::SolType as _;

/// `kind, struct { fields } = (the fault, of these fields)`. The fault is a pattern when it is encoded and a value when it is decoded.
/// Several kinds of one form are told apart by a condition, on the first of them.
macro_rules! kinds {
    ($(
        $kind:literal, $abi:ident { $($field:ident),+ } = ($($fault:tt)+) $(if $condition:expr)?;
    )+) => {
        /// All kinds.
        pub const KINDS: &[u8] = &[$($kind,)+ ROW_COUNT];

        impl Fault {
            pub(super) fn kind_and_body(&self) -> (u8, Vec<u8>) {
                match self {
                    $($($fault)+ $(if $condition)? => {
                        let abi = $abi { $($field: $field.to_abi()),+ };
                        ($kind, $abi::abi_encode(&abi))
                    })+
                    Fault::Rows(RowsFault::Count { count, top }) => {
                        let (count, top) = (*count, top.unwrap_or_default());
                        (ROW_COUNT, RowCountProof::abi_encode(&RowCountProof { count, top }))
                    }
                }
            }

            pub(super) fn of_kind(kind: u8, body: &[u8]) -> Result<Self, DecodeError> {
                Ok(match kind {
                    $($kind => {
                        let $abi { $($field),+ } = strictly(body)?;
                        $(let $field = Coded::of_abi($field)?;)+
                        $($fault)+
                    })+
                    ROW_COUNT => {
                        let RowCountProof { count, top } = strictly(body)?;
                        let top = top_of::<B256>(count, top)?;
                        Fault::Rows(RowsFault::Count { count, top })
                    }
                    _ => return Err(DecodeError::Kind(Some(kind))),
                })
            }
        }
    };
}

kinds! {
    0x10, TileProof { answer, tile } = (Fault::Tiling(answer, TilingFault::First(tile)));
    0x11, TilesProof { answer, left, right } = (Fault::Tiling(answer, TilingFault::Apart(left, right)));
    0x12, TileProof { answer, tile } = (Fault::Tiling(answer, TilingFault::Last(tile)));
    0x13, AnswerProof { answer } = (Fault::Tiling(answer, TilingFault::Count));
    0x14, CountProof { answer, top } = (Fault::Tiling(answer, TilingFault::Tiles(top)));
    0x15, TileLeafProof { answer, leaf } = (Fault::Tree(TreeOpening::Tiling(answer), TreeFault::Leaf(leaf)))
        if Tile::decode(&leaf.bytes).is_err();
    0x20, WordProof { answer, tile, source, at, output, text }
        = (Fault::Words(answer, WordsFault::Differ { tile, source, at, output, text }));
    0x21, EndProof { answer, tile, source } = (Fault::Words(answer, WordsFault::Beyond(tile, source)));
    0x30, MatchProof { answer, tile, next, start, len, source, offset, output, text }
        = (Fault::Match(answer, MatchFault { tile, next, start, len, source, offset, output, text }))
        if is_longer(tile, *len);
    0x31, GoesOnProof { answer, left, right, source, output, text }
        = (Fault::GoesOn(answer, GoesOnFault { left, right, source, output, text }));
    0x40, MatchProof { answer, tile, next, start, len, source, offset, output, text }
        = (Fault::Match(answer, MatchFault { tile, next, start, len, source, offset, output, text }));
    0x50, BoilerProof { answer, tile, output, phrases }
        = (Fault::Kind(answer, KindFault::Boilerplate { tile, output, phrases }));
    0x51, NotBoilerProof { answer, tile, output, at, absence }
        = (Fault::Kind(answer, KindFault::NotBoilerplate { tile, output, at, absence }));
    0x52, EchoProof { answer, tile, start, len, output, context, at, prompt }
        = (Fault::Kind(answer, KindFault::Echo { tile, start, len, output, context, at, prompt }));
    0x53, NotEchoProof { answer, tile, at, output, context, prompt }
        = (Fault::Kind(answer, KindFault::NotEcho { tile, at, output, context, prompt }));
    0x54, EchoGoesOnProof { answer, left, right, output, context, prompt }
        = (Fault::Kind(answer, KindFault::EchoGoesOn { left, right, output, context, prompt }));
    0x55, EchoEndProof { answer, tile, context, prompt }
        = (Fault::Kind(answer, KindFault::EchoEnd { tile, context, prompt }));
    0x60, AnswerProof { answer } = (Fault::Pool(answer));
    0x70, SumProof { tree, fault } = (Fault::Tree(tree, TreeFault::Sum(fault)));
    0x71, LeafProof { tree, leaf } = (Fault::Tree(tree, TreeFault::Leaf(leaf)));
    0x72, OrderProof { tree, left, right } = (Fault::Tree(tree, TreeFault::Order(left, right)));
    0x73, LeafProof { tree, leaf } = (Fault::Tree(tree, TreeFault::Place(leaf)));
    0x80, MissingProof { payout, part, absence }
        = (Fault::Earning(payout, EarningFault::Missing(PaidPart::Tile(part), absence)));
    0x81, PartProof { payout, part, earning }
        = (Fault::Earning(payout, EarningFault::Amount(PaidPart::Tile(part), earning)));
    0x82, EarningProof { payout, earning } = (Fault::Earning(payout, EarningFault::NoAnswer(earning)));
    0x83, NoTileProof { payout, answer, context, earning }
        = (Fault::Earning(payout, EarningFault::NoTile(answer, context, earning)));
    0x84, NoSpanProof { payout, answer, tile, earning }
        = (Fault::Earning(payout, EarningFault::NoSpan(answer, tile, earning)));
    0x85, EarnedProof { payout, top } = (Fault::Earning(payout, EarningFault::Earned(top)));
    0x86, CumulativeProof { payout, before, top }
        = (Fault::Earning(payout, EarningFault::Cumulative(before, top)));
    0x87, MissingItemProof { payout, part, absence }
        = (Fault::Earning(payout, EarningFault::Missing(PaidPart::Item(part), absence)));
    0x88, ItemProof { payout, part, earning }
        = (Fault::Earning(payout, EarningFault::Amount(PaidPart::Item(part), earning)));
    0x90, PartProof { payout, part, earning } = (Fault::Payee(payout, PaidPart::Tile(part), earning));
    0x91, ItemProof { payout, part, earning } = (Fault::Payee(payout, PaidPart::Item(part), earning));
    0xa1, TopProof { top } = (Fault::Rows(RowsFault::Payouts(top)));
    0xa2, RowProof { row, proof } = (Fault::Rows(RowsFault::Row(row, proof)));
    0xa3, ModelSumProof { model, top } = (Fault::Rows(RowsFault::ModelSum(model, top)));
    0xa4, GiftProof { answer, context, tiles, model, train }
        = (Fault::Rows(RowsFault::Train { answer, context, tiles, model, train }));
    0xa5, NoGiftProof { answer, context, tiles, model, absence }
        = (Fault::Rows(RowsFault::TrainMissing { answer, context, tiles, model, absence }));
    0xa6, NoModelProof { answer, context, tiles, absence }
        = (Fault::Rows(RowsFault::ModelMissing { answer, context, tiles, absence }));
    0xa7, NoAnswerProof { model, train } = (Fault::Rows(RowsFault::NoAnswer(model, train)));
    0xa8, OtherModelProof { answer, model, train }
        = (Fault::Rows(RowsFault::OtherModel(answer, model, train)));
}

/// The one whose top is there or not by the count.
const ROW_COUNT: u8 = 0xa0;
