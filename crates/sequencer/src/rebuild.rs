//! The way out after a failed re-execution: the same ordered list of transactions, executed afresh.

use crate::{
    SequencerConfig, SequencerError,
    recovery::{self, LoggedBlock},
    verifier::VerifiedMark,
};
use alloy_primitives::B256;
use openledger_chain::{Chain, ChainError};
use openledger_execution::{TxError, verify_block};
use openledger_primitives::Receipt;
use openledger_storage::{BlockLog, LogRecord};
use std::{path::Path, sync::Arc};

/// A receipt that is not what users were given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedReceipt {
    /// The block.
    pub number: u64,
    /// Position in the block before.
    pub index: usize,
    /// The transaction.
    pub hash: B256,
    /// What was given: status, gas used up to it, number of logs. `None` when the node does not have it any more.
    pub before: Option<(bool, u64, usize)>,
    /// What it is now. `None`: the transaction is invalid at its place and no longer in the block.
    pub after: Option<(bool, u64, usize)>,
}

/// What [`rebuild`] did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rebuilt {
    /// The first block that did not stand re-execution; `None`: all did, and nothing was changed.
    pub from: Option<u64>,
    /// Blocks that were replaced.
    pub blocks: u64,
    /// Receipts that changed.
    pub changed: Vec<ChangedReceipt>,
}

/// Verifies every block of the log from its parent's state; from the first that fails on, replaces blocks by what the same
/// transactions in the same order give, in the database and in the log. Run it while the node is stopped.
///
/// The log as it was is copied to `before-rebuild/` in its directory first. Until the new records are written at the end the
/// log is untouched, so an interrupted run is simply run again.
pub fn rebuild(config: &SequencerConfig, chain: &Arc<Chain>) -> Result<Rebuilt, SequencerError> {
    let (mut log, recovered) = BlockLog::open(&config.log_dir)?;
    let (blocks, _) = recovery::collect(recovered.records);
    let mut report = Rebuilt::default();
    let Some(first_bad) = first_failure(chain, &blocks)? else {
        return Ok(report);
    };
    report.from = Some(first_bad);
    back_up(&config.log_dir).map_err(|error| SequencerError::Backup(error.to_string()))?;

    let before: Vec<Option<Arc<Vec<Receipt>>>> = blocks
        .iter()
        .map(|block| chain.receipts(block.start.number))
        .collect::<Result<_, _>>()?;
    chain.unwind_to(first_bad - 1)?;
    let mut records = vec![LogRecord::Retract {
        number: first_bad,
        reason: "rebuilt after a failed re-execution".into(),
    }];
    let mut bad = blocks
        .iter()
        .zip(before)
        .filter(|(block, _)| block.start.number >= first_bad)
        .peekable();
    while let Some((block, before)) = bad.next() {
        // One that others follow is complete, with or without its seal.
        let complete = block.seal.is_some() || bad.peek().is_some();
        rebuild_block(
            config,
            chain,
            &mut records,
            block,
            complete,
            before.as_deref(),
            &mut report,
        )?;
    }
    chain.flush()?;
    for record in &records {
        log.append(record)?;
    }
    log.sync()?;
    VerifiedMark::new(&config.log_dir).write(chain.head().block_ref());
    Ok(report)
}

fn back_up(log_dir: &Path) -> std::io::Result<()> {
    let target = log_dir.join("before-rebuild");
    std::fs::create_dir_all(&target)?;
    for entry in std::fs::read_dir(log_dir)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            std::fs::copy(entry.path(), target.join(entry.file_name()))?;
        }
    }
    Ok(())
}

/// The lowest sealed block of the log that is not what re-execution gives, or not what the database has.
fn first_failure(
    chain: &Arc<Chain>,
    blocks: &[LoggedBlock],
) -> Result<Option<u64>, SequencerError> {
    for block in blocks {
        let Some(seal) = &block.seal else { continue };
        let number = block.start.number;
        // What the database does not have, recovery would execute, and compare with the seal.
        let Some(stored) = chain.block(number)? else {
            return Ok(Some(number));
        };
        let parent = match chain.state_at(number - 1) {
            Ok(state) => state,
            // The log can reach further back than the states do; what is that old was verified.
            Err(ChainError::HistoryPruned { .. }) => continue,
            Err(error) => return Err(error.into()),
        };
        if stored.hash() != seal.seal()
            || verify_block(chain.spec(), parent, &stored, None).is_err()
        {
            return Ok(Some(number));
        }
    }
    Ok(None)
}

fn rebuild_block(
    config: &SequencerConfig,
    chain: &Arc<Chain>,
    records: &mut Vec<LogRecord>,
    block: &LoggedBlock,
    complete: bool,
    before: Option<&Vec<Receipt>>,
    report: &mut Rebuilt,
) -> Result<(), SequencerError> {
    let number = block.start.number;
    let empty = LoggedBlock {
        start: block.start.clone(),
        transactions: Vec::new(),
        seal: None,
    };
    let mut open = recovery::reopen(chain, config, &empty)?;
    let forced = open.pending.len();
    let mut kept = Vec::with_capacity(block.transactions.len());
    for (offset, tx) in block.transactions.iter().enumerate() {
        let index = forced + offset;
        let old = before.and_then(|receipts| receipts.get(index)).map(summary);
        let new = match open.execution.execute(tx) {
            Ok(_) => {
                kept.push(tx.clone());
                open.execution.receipts().last().map(summary)
            }
            Err(TxError::Fatal(error)) => return Err(error.into()),
            Err(_) => None,
        };
        if (old.is_some() && old != new) || new.is_none() {
            report.changed.push(ChangedReceipt {
                number,
                index,
                hash: tx.hash(),
                before: old,
                after: new,
            });
        }
    }
    records.push(LogRecord::Start(block.start.clone()));
    if !kept.is_empty() {
        let first = u32::try_from(forced).unwrap_or(u32::MAX);
        records.push(LogRecord::Group {
            number,
            first,
            transactions: kept,
        });
    }
    if complete {
        let sealed = chain.seal(open.execution.finish()?)?;
        records.push(LogRecord::Seal {
            number,
            header: sealed.block.header.clone(),
        });
        chain.append(sealed)?;
        report.blocks += 1;
    }
    Ok(())
}

fn summary(receipt: &Receipt) -> (bool, u64, usize) {
    (
        receipt.success(),
        receipt.cumulative_gas_used,
        receipt.logs.len(),
    )
}
