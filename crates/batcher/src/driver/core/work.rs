//! The steps of a block's way: read, compressed, planned, forgotten.

use super::{Action, Core};
use crate::driver::price::{Shape, choose};
use crate::{CloseReason, DaKind, Packed, Transaction};

/// Blocks that are read from the database at once.
const LOAD: u64 = 32;
/// Closed channels that wait for compression, at which no more blocks are taken in.
const MAX_UNCOMPRESSED: usize = 3;

impl Core {
    pub(super) fn take_closed(&mut self) {
        if let Some(encoder) = &mut self.encoder {
            self.uncompressed
                .extend(std::iter::from_fn(|| encoder.next_closed()));
        }
    }

    pub(super) fn flush_open(&mut self) {
        if let (Some(flush), Some(encoder)) = (&mut self.flush, &mut self.encoder)
            && !flush.closed
            && encoder.tip().number >= flush.to
        {
            flush.closed = true;
            encoder.close(CloseReason::Flush);
            self.take_closed();
        }
    }

    pub(super) fn compress(&mut self) -> Option<Action> {
        if self.compressing.is_some() {
            return None;
        }
        let channel = self.uncompressed.pop_front()?;
        self.compressing = Some(channel.blocks);
        Some(Action::Compress {
            generation: self.generation,
            channel,
        })
    }

    pub(super) fn load(&mut self) -> Option<Action> {
        let tip = self.encoder.as_ref()?.tip().number;
        let room = self.packer.pending_bytes() < self.posting.max_queued_bytes
            && self.uncompressed.len() < MAX_UNCOMPRESSED;
        if self.loading || self.stalled || self.paused || !room || tip >= self.verified {
            return None;
        }
        self.loading = true;
        Some(Action::Load {
            generation: self.generation,
            from: tip + 1,
            to: self.verified.min(tip + LOAD),
        })
    }

    pub(super) fn in_flight_kind(&self) -> Option<DaKind> {
        let mut in_flight = self.transactions.values().rev();
        in_flight
            .find(|tx| tx.included.is_none())
            .map(|tx| tx.transaction.kind)
    }

    /// Plans the next transaction when there is enough for one, or what there is has waited for long enough.
    pub(super) fn plan(&mut self) -> bool {
        let in_flight = self
            .transactions
            .values()
            .filter(|tx| tx.included.is_none());
        if self.paused || in_flight.count() >= self.posting.max_in_flight {
            return false;
        }
        let shape = Shape {
            blobs_per_tx: self.posting.blobs_per_tx.max(1),
            calldata_bytes: Packed::capacity(DaKind::Calldata, self.posting.calldata_bytes),
        };
        let kind = choose(
            self.posting.mode,
            self.kind,
            self.packer.pending_bytes(),
            &self.l1,
            shape,
            self.posting.switch_margin,
        );
        // The L1's pools do not hold both kinds of one sender, nor is one replaced by the other.
        let other_in_flight = self
            .transactions
            .values()
            .any(|tx| tx.included.is_none() && tx.transaction.kind != kind);
        if self.packer.is_empty() || other_in_flight {
            return false;
        }
        let payloads = match kind {
            DaKind::Blobs => shape.blobs_per_tx,
            DaKind::Calldata => 1,
        };
        let capacity = Packed::capacity(kind, shape.calldata_bytes);
        let packed = self.packer.peek(payloads, capacity);
        if packed.payloads.is_empty() || !(packed.full || self.due()) {
            return false;
        }
        self.packer.take(&packed);
        self.kind = Some(kind);
        let transaction = Transaction {
            nonce: self.next_nonce,
            kind,
            payloads: packed.payloads,
        };
        self.next_nonce += 1;
        self.note_planned(&transaction);
        self.commit(transaction);
        true
    }

    /// True when what waits is posted even though it does not fill its payloads.
    pub(super) fn due(&self) -> bool {
        // More is about to come that fills them.
        if self.compressing.is_some() || !self.uncompressed.is_empty() {
            return false;
        }
        let flushing = self.flush.is_some_and(|flush| flush.closed);
        let oldest = self.packer.channels().next();
        let oldest = oldest.and_then(|seq| self.channels.get(&seq));
        flushing
            || oldest.is_none_or(|channel| {
                let age = self.l1.head.saturating_sub(channel.info.opened_at);
                channel.info.reason != CloseReason::Size
                    || age >= self.channel_config.max_duration.max(1)
            })
    }

    /// Forgets what derivation has passed by so many L1 blocks that no reorganisation brings it back.
    pub(super) fn prune(&mut self) -> Option<Action> {
        let status = self.derivation?;
        let settled = |included: Option<u64>| {
            included.is_some_and(|included| {
                included.saturating_add(self.posting.retain) <= status.current_l1.number
            })
        };
        let mut pruned = false;
        while let Some(first) = self.channels.first_entry() {
            let channel = first.get();
            let posted = channel.nonces.is_none_or(|(first, last)| {
                let mut range = self.transactions.range(first..=last);
                range.all(|(_, tx)| settled(tx.included))
            });
            let derived =
                channel.planned() && channel.info.blocks.last.number <= status.safe.number;
            if !posted || !(channel.abandoned || derived) {
                break;
            }
            if let Some((_, last)) = channel.nonces {
                let included = self.transactions.get(&last).and_then(|tx| tx.included);
                self.known_from = self.known_from.max(included.unwrap_or(0));
            }
            first.remove();
            pruned = true;
        }
        let channels = self
            .channels
            .first_key_value()
            .map_or(self.next_channel, |(seq, _)| *seq);
        while let Some(first) = self.transactions.first_entry() {
            let tx = first.get();
            let needed = tx
                .transaction
                .pieces()
                .any(|piece| piece.channel >= channels);
            if !settled(tx.included) || needed {
                break;
            }
            first.remove();
            pruned = true;
        }
        let nonces = self
            .transactions
            .first_key_value()
            .map_or(self.next_nonce, |(nonce, _)| *nonce);
        pruned.then_some(Action::Prune { channels, nonces })
    }
}
