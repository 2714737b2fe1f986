//! Whether contributors earn what the rules make.

use super::{Evidence, NotChecked, Search, absence, no_leaf, order, prove, top};
use crate::{
    Epoch, Fault, Leaf, SumTree,
    epoch::{PayoutPart, tree},
    fault::{EarningFault, ItemPart, LeafOpening, PaidPart, TilePart, TreeFault, TreeOpening},
    leaf::{Earning, PayoutRow},
    opening::{EarningOpening, PayoutOpening},
    pay,
    tree::SortedLeaf,
};

impl<E: Evidence> Search<'_, E> {
    pub(crate) fn payout(&self, contributor: usize) -> Result<PayoutOpening, NotChecked> {
        Ok(PayoutOpening {
            row: self.epoch.payouts[contributor].row.clone(),
            proof: prove(&self.trees.payouts, contributor as u64)?,
        })
    }

    pub(super) fn payouts(&self, right: &Epoch) -> Result<Option<Fault>, NotChecked> {
        let mut parts = self.epoch.payouts.iter().zip(&right.payouts).enumerate();
        let Some((contributor, (part, right))) = parts.find(|(_, (part, right))| part != right)
        else {
            return Ok(None);
        };
        let row = &part.row;
        let tree = &self.trees.earnings[contributor];
        let leaf = || -> Result<_, NotChecked> {
            Ok(LeafOpening {
                bytes: row.encode(),
                stated: row.cumulative,
                proof: prove(&self.trees.payouts, contributor as u64)?,
            })
        };
        if row.check().is_err() {
            let fault = TreeFault::Leaf(leaf()?);
            return Ok(Some(Fault::Tree(TreeOpening::Payouts, fault)));
        }
        if row.contributor != contributor as u64 {
            let fault = TreeFault::Place(leaf()?);
            return Ok(Some(Fault::Tree(TreeOpening::Payouts, fault)));
        }
        let payout = self.payout(contributor)?;
        let fault = match no_leaf(&part.earnings, tree)? {
            None => order(&part.earnings, tree)?,
            fault => fault,
        };
        if let Some(fault) = fault {
            return Ok(Some(Fault::Tree(TreeOpening::Earnings(payout), fault)));
        }
        if let Some(fault) = self.earnings(part, right, tree, &payout)? {
            return Ok(Some(fault));
        }
        let fault = if row.earned != tree.sum() {
            EarningFault::Earned(top(tree))
        } else {
            self.cumulative(row)?
        };
        Ok(Some(Fault::Earning(payout, fault)))
    }

    fn cumulative(&self, row: &PayoutRow) -> Result<EarningFault, NotChecked> {
        let rows = |epoch: &Epoch| -> Vec<_> {
            let row = |part: &PayoutPart| part.row.clone();
            epoch.payouts.iter().map(row).collect()
        };
        let rows = self.before.map(rows).unwrap_or_default();
        let tree = tree(&rows)?;
        let before = rows.get(row.contributor as usize).map(|row| {
            let proof = prove(&tree, row.contributor)?;
            Ok::<_, NotChecked>(PayoutOpening {
                row: row.clone(),
                proof,
            })
        });
        Ok(EarningFault::Cumulative(before.transpose()?, top(&tree)))
    }

    /// The first difference between what a contributor is said to have earned and what is right.
    fn earnings(
        &self,
        part: &PayoutPart,
        right: &PayoutPart,
        tree: &SumTree,
        payout: &PayoutOpening,
    ) -> Result<Option<Fault>, NotChecked> {
        for (place, earning) in part.earnings.iter().enumerate() {
            let key = |earning: &Earning| earning.key();
            let expected = right.earnings.binary_search_by_key(&earning.key(), key);
            if expected.is_ok_and(|place| right.earnings[place] == *earning) {
                continue;
            }
            let opening = EarningOpening {
                earning: *earning,
                proof: prove(tree, place as u64)?,
            };
            let wrong = |fault| Ok(Some(Fault::Earning(payout.clone(), fault)));
            let Some(at) = self.place(earning.i) else {
                return wrong(EarningFault::NoAnswer(opening));
            };
            let tiles = &self.epoch.answers[at].1;
            let tile = tiles.get(earning.tile as usize);
            if tile.is_none() {
                let answer = self.answer(at)?;
                let context = self.context(&answer.answer)?.unwrap_or_default();
                let item = earning.tile as usize - tiles.len();
                if item >= self.pool(&answer, &context)?.items().len() || earning.hop > 0 {
                    return wrong(EarningFault::NoTile(answer, context, opening));
                }
            }
            if tile.is_some_and(|tile| tile.weight() == 0) {
                let (answer, tile) = (self.answer(at)?, self.tile(at, earning.tile as usize)?);
                return wrong(EarningFault::NoSpan(answer, tile, opening));
            }
            let (paid, payee) = self.paid(at, earning.tile as usize, earning.hop)?;
            return match payee {
                Some(payee) if payee != part.row.contributor => {
                    Ok(Some(Fault::Payee(payout.clone(), paid, opening)))
                }
                _ => wrong(EarningFault::Amount(paid, opening)),
            };
        }
        let missing = right.earnings.iter().find(|earning| {
            let there = part
                .earnings
                .binary_search_by_key(&earning.key(), Earning::key);
            there.is_err()
        });
        let Some(missing) = missing else {
            return Ok(None);
        };
        let at = self.place(missing.i).ok_or(NotChecked::Unexplained)?;
        let (paid, _) = self.paid(at, missing.tile as usize, missing.hop)?;
        let absence = absence(&part.earnings, tree, &missing.key());
        let fault = EarningFault::Missing(paid, absence);
        Ok(Some(Fault::Earning(payout.clone(), fault)))
    }

    /// How many items the context of an answer has.
    pub(crate) fn items(&self, at: usize) -> Result<usize, NotChecked> {
        let answer = self.answer(at)?;
        let context = self.context(&answer.answer)?.unwrap_or_default();
        Ok(self.pool(&answer, &context)?.items().len())
    }

    /// A part, and whose it is; `None` when there is none by this hop. Beyond the tiles are the items of the context.
    pub(crate) fn paid(
        &self,
        at: usize,
        index: usize,
        hop: u8,
    ) -> Result<(PaidPart, Option<u64>), NotChecked> {
        let tiles = &self.epoch.answers[at].1;
        let answer = self.answer(at)?;
        let context = self.context(&answer.answer)?.unwrap_or_default();
        let pool = self.pool(&answer, &context)?;
        if let Some(item) = index.checked_sub(tiles.len()) {
            let found = pool.items().get(item);
            let found = found.ok_or(NotChecked::Missing("item", item as u64))?;
            let payee = (pool.item(item) > 0).then_some(found.contributor);
            let part = ItemPart {
                answer,
                context,
                // There are fewer than 256.
                item: item as u8,
            };
            return Ok((PaidPart::Item(part), payee));
        }
        let tile = self.tile(at, index)?;
        let (source, _) = self.source(answer.answer.model_version, tile.tile.seq)?;
        let amount = pool.tile(pay::weight_of_all(&tiles[..index]), tile.tile.weight());
        let document = source.document();
        let part = pay::parts(document, amount).find(|part| part.hop == hop);
        let payee = part.map(|part| {
            let whose = |commit_seq| self.evidence.contributor_of(commit_seq);
            let payee = part.payee(document, whose);
            payee.ok_or(NotChecked::Missing("contribution", part.seq >> 32))
        });
        let paid = TilePart {
            answer,
            context,
            tile,
            source,
            hop,
        };
        Ok((PaidPart::Tile(paid), payee.transpose()?))
    }
}
