//! What the journal and the L1's transaction count leave to do, and nonces that must not stay empty.

use super::{Action, ChannelState, Core, TxState};
use crate::{DaKind, Entry, Record, Transaction};
use tracing::warn;

impl Core {
    pub(super) fn recover(&mut self, entry: Entry) {
        match entry {
            Entry::Channel(seq, info) => {
                self.next_channel = self.next_channel.max(seq.saturating_add(1));
                self.channels.insert(seq, ChannelState::new(info));
            }
            Entry::Transaction(transaction) => {
                self.next_nonce = self.next_nonce.max(transaction.nonce.saturating_add(1));
                self.note_planned(&transaction);
                self.transactions.insert(
                    transaction.nonce,
                    TxState {
                        transaction,
                        included: None,
                    },
                );
            }
            Entry::Rewind { from } => {
                for (_, channel) in self.channels.range_mut(from..) {
                    channel.abandoned = true;
                }
            }
        }
    }

    /// Decides, by the L1's transaction count, what is done and what is sent again.
    pub(super) fn resume(&mut self, nonce: u64) {
        for (_, tx) in self.transactions.range_mut(..nonce) {
            // When exactly is not known; that it was not later than now is.
            tx.included = Some(self.l1.head);
        }
        for (_, tx) in self.transactions.range_mut(nonce..) {
            let lost = tx
                .transaction
                .pieces()
                .any(|piece| !self.channels.contains_key(&piece.channel));
            if lost {
                warn!(
                    nonce = tx.transaction.nonce,
                    "the journal has lost what this nonce carried: it is filled"
                );
                tx.transaction.payloads = vec![Vec::new()];
            }
        }
        for hole in nonce..self.next_nonce {
            if self.transactions.contains_key(&hole) {
                self.actions.push_back(Action::Send(hole));
            } else {
                self.fill(hole);
            }
        }
        for (seq, channel) in &self.channels {
            if !channel.abandoned {
                self.packer
                    .push(*seq, channel.info.len, channel.cut, channel.frames);
            }
        }
        self.kind = self.in_flight_kind();
        if self.channels.values().any(|channel| !channel.abandoned) {
            self.begin();
        }
    }

    /// A nonce that nothing is known of must not stay empty, or no later one is included: it carries nothing.
    pub(super) fn fill(&mut self, nonce: u64) {
        warn!(nonce, "a nonce before the journal's is free: it is filled");
        let transaction = Transaction {
            nonce,
            kind: self.in_flight_kind().unwrap_or(DaKind::Calldata),
            payloads: vec![Vec::new()],
        };
        self.commit(transaction);
    }

    /// Records a transaction, then sends it.
    pub(super) fn commit(&mut self, transaction: Transaction) {
        let nonce = transaction.nonce;
        self.actions
            .push_back(Action::Record(Record::Transaction(transaction.clone())));
        self.actions.push_back(Action::Send(nonce));
        self.transactions.insert(
            nonce,
            TxState {
                transaction,
                included: None,
            },
        );
    }

    pub(super) fn note_planned(&mut self, transaction: &Transaction) {
        for piece in transaction.pieces() {
            if let Some(channel) = self.channels.get_mut(&piece.channel) {
                channel.cut = channel.cut.max(piece.start.saturating_add(piece.len));
                channel.frames = channel.frames.max(piece.frame.saturating_add(1));
                let first = channel.nonces.map_or(transaction.nonce, |(first, _)| first);
                channel.nonces = Some((first, transaction.nonce));
            }
        }
    }
}
