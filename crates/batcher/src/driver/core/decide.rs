//! When encoding begins, and when it has to begin again.

use super::{Action, ChannelState, Core, DerivationStatus};
use crate::{Encoder, Record};
use openledger_primitives::BlockRef;
use tracing::{info, warn};

impl Core {
    /// Begins, rewinds or skips when derivation asks for it.
    pub(super) fn reconsider(&mut self) {
        let Some(status) = self.derivation else {
            return;
        };
        if self.encoder.is_none() {
            // Nothing is known to be under way. What earlier runs posted shows when derivation has seen all of it.
            if status.current_l1.number >= self.known_from {
                self.begin();
            }
            return;
        }
        if let Some(lost) = self.find_lost(&status) {
            warn!(
                channel = lost,
                safe = status.safe.number,
                current_l1 = status.current_l1.number,
                "derivation did not accept a channel: its blocks are encoded anew"
            );
            self.restart(Some(lost));
        } else if self.uncovered(&status) {
            // Channels beyond the hole can not become safe. Were they kept, encoding would go on after them, and the hole stay for
            // ever.
            let beyond = self.first_unsafe(&status).map(|(seq, _)| seq);
            self.restart(beyond);
        }
        self.skip_derived(&status);
        if self
            .flush
            .is_some_and(|flush| flush.closed && self.posted() >= flush.to)
        {
            self.flush = None;
        }
    }

    /// The first channel that can not become safe any more.
    pub(super) fn find_lost(&self, status: &DerivationStatus) -> Option<u64> {
        let (seq, channel) = self.first_unsafe(status)?;
        let passed = self
            .inclusion(channel)
            .is_some_and(|included| status.current_l1.number > included);
        let timed_out = || {
            let (first, _) = channel.nonces?;
            let opened = self.transactions.get(&first)?.included?;
            let complete = self.inclusion(channel).is_some();
            let timeout = opened.saturating_add(self.rollup.channel_timeout);
            Some(!complete && self.l1.head > timeout)
        };
        (passed || timed_out().unwrap_or(false)).then_some(seq)
    }

    /// The first channel that counts and is not safe yet.
    fn first_unsafe(&self, status: &DerivationStatus) -> Option<(u64, &ChannelState)> {
        let unsafe_yet = |channel: &ChannelState| {
            !channel.abandoned && channel.info.blocks.last.number > status.safe.number
        };
        let mut channels = self.channels.iter();
        channels
            .find(|(_, channel)| unsafe_yet(channel))
            .map(|(seq, channel)| (*seq, channel))
    }

    /// True when blocks after the safe one are neither in a channel nor to be read, or when somebody else has posted further than we.
    pub(super) fn uncovered(&self, status: &DerivationStatus) -> bool {
        let Some(encoder) = &self.encoder else {
            return false;
        };
        let safe = status.safe.number;
        if encoder.tip().number < safe {
            return true;
        }
        let channels = self
            .channels
            .values()
            .filter(|channel| !channel.abandoned)
            .map(|channel| channel.info.blocks);
        let waiting = self
            .uncompressed
            .iter()
            .map(|channel| channel.blocks)
            .chain(self.compressing);
        let first = channels
            .chain(waiting)
            .filter(|blocks| blocks.last.number > safe)
            .map(|blocks| blocks.first())
            .min()
            .unwrap_or(encoder.tip().number + 1 - encoder.open_blocks());
        // What was posted before this run's knowledge begins may only not be derived yet.
        first > safe + 1 && status.current_l1.number > self.known_from
    }

    /// Channels that somebody else has made needless are not posted, if that has not begun.
    pub(super) fn skip_derived(&mut self, status: &DerivationStatus) {
        for (seq, channel) in &mut self.channels {
            if channel.info.blocks.last.number > status.safe.number {
                break;
            }
            if channel.nonces.is_none() && !channel.abandoned {
                channel.abandoned = true;
                self.packer.skip(*seq);
            }
        }
    }

    /// The L1 height at which all of the channel was included; `None` when that is not so.
    pub(super) fn inclusion(&self, channel: &ChannelState) -> Option<u64> {
        let (first, last) = channel.nonces?;
        if !channel.planned() {
            return None;
        }
        self.transactions
            .range(first..=last)
            .try_fold(0, |highest, (_, tx)| {
                tx.included.map(|included| highest.max(included))
            })
    }

    /// Where encoding goes on: after the last channel that counts, or after the safe block.
    pub(super) fn resume_point(&self) -> Option<BlockRef> {
        let safe = self.derivation.map(|status| status.safe);
        let last = self
            .channels
            .values()
            .rev()
            .find(|channel| !channel.abandoned)
            .map(|channel| channel.info.blocks.last);
        match (last, safe) {
            (Some(last), Some(safe)) if last.number <= safe.number => Some(safe),
            (Some(last), _) => Some(last),
            (None, safe) => safe,
        }
    }

    pub(super) fn begin(&mut self) {
        if let Some(parent) = self.resume_point() {
            info!(after = parent.number, "encoding begins");
            self.encoder = Some(Encoder::new(
                self.channel_config.clone(),
                &self.rollup,
                parent,
                self.l1.head,
            ));
        }
    }

    /// Abandons the channels from `from` on and everything that is no channel yet, and goes on where encoding resumes.
    pub(super) fn restart(&mut self, from: Option<u64>) {
        if let Some(from) = from {
            for (_, channel) in self.channels.range_mut(from..) {
                channel.abandoned = true;
            }
            self.packer.abandon(from);
            self.actions
                .push_back(Action::Record(Record::Rewind { from }));
        }
        self.generation += 1;
        self.compressing = None;
        self.uncompressed.clear();
        self.loading = false;
        self.stalled = false;
        if let Some(flush) = &mut self.flush {
            flush.closed = false;
        }
        match (self.resume_point(), &mut self.encoder) {
            (Some(to), Some(encoder)) => {
                info!(to = to.number, "encoding goes on after a rewind");
                encoder.rewind(to);
            }
            // Derivation has not said yet where.
            (_, encoder) => *encoder = None,
        }
    }
}
