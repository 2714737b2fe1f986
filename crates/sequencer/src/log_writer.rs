//! The thread that makes work durable, and only then visible.

use crate::{SequencerError, halt::Halt, metrics};
use alloy_primitives::{Address, B256};
use crossbeam_channel::{Receiver, Sender};
use openledger_chain::{Chain, PendingBlock};
use openledger_execution::StateSource;
use openledger_pool::{AccountCode, AccountView, Executed, Pool};
use openledger_primitives::Tx;
use openledger_storage::{BlockLog, BlockStart, ExecutedBlock, LogRecord};
use std::{collections::VecDeque, ops::Range, sync::Arc, time::Instant};

/// Messages that one fdatasync covers at most.
const MAX_COALESCED: usize = 512;

/// What the other threads ask for, in the order in which it is to become durable.
pub(crate) enum LogMessage {
    /// A block was opened; its forced transactions are in `pending`.
    Start {
        start: BlockStart,
        pending: Arc<PendingBlock>,
    },
    /// Transactions were executed.
    Group(Group),
    /// A block was sealed.
    Seal(Arc<ExecutedBlock>),
    /// Blocks from `number` on are to be taken back. Answered when the record is durable and everything before it done.
    Retract {
        number: u64,
        reason: String,
        done: Sender<()>,
    },
    /// Answered when everything before it is done.
    Flush(Sender<()>),
}

/// Executed transactions of the open block.
pub(crate) struct Group {
    pub(crate) number: u64,
    pub(crate) transactions: Vec<Tx>,
    pub(crate) executed: Vec<Executed>,
    pub(crate) pending: Arc<PendingBlock>,
    /// Positions in the block.
    pub(crate) positions: Range<usize>,
}

struct Publication {
    pending: Arc<PendingBlock>,
    positions: Range<usize>,
    executed: Vec<Executed>,
}

pub(crate) struct LogWriter {
    pub(crate) log: BlockLog,
    pub(crate) chain: Arc<Chain>,
    pub(crate) pool: Arc<Pool>,
    pub(crate) to_verify: Sender<Arc<ExecutedBlock>>,
    pub(crate) halt: Halt,
    /// Publications of the block after the one that is being sealed.
    pub(crate) withheld: Withheld,
}

/// Publications that wait for their parent's seal.
#[derive(Default)]
pub(crate) struct Withheld(VecDeque<Publication>);

impl LogWriter {
    pub(crate) fn run(mut self, receiver: &Receiver<LogMessage>) {
        while let Ok(first) = receiver.recv() {
            let mut messages = vec![first];
            while messages.len() < MAX_COALESCED {
                let Ok(message) = receiver.try_recv() else {
                    break;
                };
                messages.push(message);
            }
            if let Err(error) = self.process(messages) {
                self.halt.fail(&error);
                // Nothing may be acknowledged any more. What still comes is dropped one by one, not left in the channel, which
                // would keep it: whoever waits for an answer learns that there is none.
                receiver.iter().for_each(drop);
                return;
            }
        }
    }

    fn process(&mut self, messages: Vec<LogMessage>) -> Result<(), SequencerError> {
        let start = Instant::now();
        let mut records = 0;
        for message in &messages {
            records += usize::from(self.append(message)?);
        }
        if records > 0 {
            self.log.sync()?;
            metrics::log_sync(start.elapsed(), records);
        }
        messages
            .into_iter()
            .try_for_each(|message| self.publish(message))
    }

    fn append(&mut self, message: &LogMessage) -> Result<bool, SequencerError> {
        let record = match message {
            LogMessage::Start { start, .. } => LogRecord::Start(start.clone()),
            LogMessage::Group(group) => LogRecord::Group {
                number: group.number,
                first: u32::try_from(group.positions.start).unwrap_or(u32::MAX),
                transactions: group.transactions.clone(),
            },
            LogMessage::Seal(block) => LogRecord::Seal {
                number: block.number(),
                header: block.block.header.clone(),
            },
            LogMessage::Retract { number, reason, .. } => LogRecord::Retract {
                number: *number,
                reason: reason.clone(),
            },
            LogMessage::Flush(_) => return Ok(false),
        };
        self.log.append(&record)?;
        Ok(true)
    }

    fn publish(&mut self, message: LogMessage) -> Result<(), SequencerError> {
        match message {
            LogMessage::Start { pending, .. } => {
                let positions = 0..pending.transactions.len();
                self.release(Publication {
                    pending,
                    positions,
                    executed: Vec::new(),
                });
            }
            LogMessage::Group(group) => self.release(Publication {
                pending: group.pending,
                positions: group.positions,
                executed: group.executed,
            }),
            LogMessage::Seal(block) => {
                self.chain.append(block.clone())?;
                let included: Vec<B256> = block.block.transactions.iter().map(Tx::hash).collect();
                self.pool
                    .on_block(block.number(), &included, &changed_accounts(&block));
                for publication in std::mem::take(&mut self.withheld.0) {
                    self.release(publication);
                }
                self.log.remove_persisted(self.chain.persisted())?;
                // The verifier ends last; if it is gone it has told why.
                let _ = self.to_verify.send(block);
            }
            LogMessage::Retract { done, .. } => {
                self.withheld.0.clear();
                let _ = done.send(());
            }
            LogMessage::Flush(done) => {
                let _ = done.send(());
            }
        }
        Ok(())
    }

    fn release(&mut self, publication: Publication) {
        let head = self.chain.head();
        if publication.pending.number() > head.number() + 1 {
            self.withheld.0.push_back(publication);
            return;
        }
        let mut pending = publication.pending;
        if pending.attributes.parent_hash == B256::ZERO {
            let mut named = PendingBlock::clone(&pending);
            named.attributes.parent_hash = head.hash();
            pending = Arc::new(named);
        }
        self.chain.publish_pending(pending, publication.positions);
        if !publication.executed.is_empty() {
            self.pool.on_executed(&publication.executed);
        }
    }
}

/// The pool's view of what a block changed. Accounts whose code changed are read as code-less unless they have a hash.
fn changed_accounts(block: &ExecutedBlock) -> Vec<(Address, AccountView)> {
    let code_of = |hash: B256| block.changes.codes.get(&hash);
    block
        .changes
        .accounts
        .iter()
        .filter_map(|change| {
            let account = change.after.unwrap_or_default();
            let code = if account.code_hash == alloy_primitives::KECCAK256_EMPTY {
                AccountCode::None
            } else if let Some(code) = code_of(account.code_hash) {
                kind_of(code)
            } else if change
                .before
                .is_some_and(|before| before.nonce != account.nonce)
            {
                // It has code from before and its nonce moved: a delegated account (a contract that created one is in no pool).
                AccountCode::Delegated
            } else {
                return None;
            };
            Some((
                change.address,
                AccountView {
                    nonce: account.nonce,
                    balance: account.balance,
                    code,
                },
            ))
        })
        .collect()
}

/// Which kind of code this is.
pub(crate) fn kind_of(code: &[u8]) -> AccountCode {
    if code.is_empty() {
        AccountCode::None
    } else if code.len() == 23 && code.starts_with(&[0xef, 0x01, 0x00]) {
        AccountCode::Delegated
    } else {
        AccountCode::Contract
    }
}

/// The pool's view of an account in a state.
pub(crate) fn view_in(
    state: &dyn StateSource,
    address: Address,
) -> Result<AccountView, SequencerError> {
    let Some(account) = state.account(address)? else {
        return Ok(AccountView::default());
    };
    let code = if account.code_hash == alloy_primitives::KECCAK256_EMPTY {
        AccountCode::None
    } else {
        kind_of(&state.code(account.code_hash)?)
    };
    Ok(AccountView {
        nonce: account.nonce,
        balance: account.balance,
        code,
    })
}
