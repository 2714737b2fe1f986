//! After a restart: from the database's head to where the log ends. See `docs/block-log.md`.

use crate::{
    SequencerConfig, SequencerError,
    attributes::logged_attributes,
    builder::{Open, Parent, include_forced, include_logged},
};
use alloy_consensus::Header;
use alloy_primitives::B256;
use openledger_chain::{Chain, ChainError, PendingBuilder};
use openledger_derivation::L2Head;
use openledger_execution::{BlockExecution, verify_block};
use openledger_primitives::{Block, BlockRef, SealedHeader, Tx};
use openledger_protocol::L1Block;
use openledger_storage::{BlockStart, ExecutedBlock, LogRecord};
use std::sync::Arc;
use tracing::info;

/// One block of the log.
#[derive(Debug)]
pub(crate) struct LoggedBlock {
    pub(crate) start: BlockStart,
    pub(crate) transactions: Vec<Tx>,
    pub(crate) seal: Option<SealedHeader>,
}

/// Brings records into blocks. Retracted blocks are left out; the lowest retracted height above which the database may
/// still have blocks is returned.
pub(crate) fn collect(records: Vec<LogRecord>) -> (Vec<LoggedBlock>, Option<u64>) {
    let mut blocks: Vec<LoggedBlock> = Vec::new();
    let mut retracted: Option<u64> = None;
    for record in records {
        match record {
            LogRecord::Start(start) => {
                blocks.push(LoggedBlock {
                    start,
                    transactions: Vec::new(),
                    seal: None,
                });
            }
            // The reader checked that each belongs to a started block.
            LogRecord::Group {
                number,
                transactions,
                ..
            } => {
                if let Some(block) = blocks
                    .iter_mut()
                    .rev()
                    .find(|block| block.start.number == number)
                {
                    block.transactions.extend(transactions);
                }
            }
            LogRecord::Seal { number, header } => {
                if let Some(block) = blocks
                    .iter_mut()
                    .rev()
                    .find(|block| block.start.number == number)
                {
                    block.seal = Some(header);
                }
            }
            LogRecord::Retract { number, .. } => {
                blocks.retain(|block| block.start.number < number);
                retracted = Some(retracted.map_or(number, |lowest| lowest.min(number)));
            }
        }
    }
    (blocks, retracted)
}

/// Executes the log's blocks above the database's head. Returns the open block, if there is one, to resume.
///
/// `origin_of` finds the L1 block of the open block's origin. `seal` makes a block the head that was complete, but whose seal is
/// not in the log: the block after it was open already, so nothing may join it any more.
pub(crate) fn replay(
    chain: &Arc<Chain>,
    config: &SequencerConfig,
    blocks: Vec<LoggedBlock>,
    retracted: Option<u64>,
    verified: Option<BlockRef>,
    origin_of: impl Fn(&BlockStart) -> Result<Option<L1Block>, SequencerError>,
    seal: impl Fn(Arc<ExecutedBlock>) -> Result<(), SequencerError>,
) -> Result<Option<Open>, SequencerError> {
    if let Some(lowest) = retracted {
        unwind_retracted(chain, &blocks, lowest)?;
    }
    let verified = verified_up_to(chain, &blocks, verified)?;
    let mut replayed = 0_usize;
    let mut blocks = blocks.into_iter().peekable();
    while let Some(block) = blocks.next() {
        let head = chain.head();
        let number = block.start.number;
        if number <= head.number() {
            check_stored(chain, &block)?;
            if number > verified {
                verify_stored(chain, number)?;
            }
            continue;
        }
        if number != head.number() + 1 {
            return Err(SequencerError::Gap {
                log: number,
                database: head.number(),
            });
        }
        let open = reopen(chain, config, &block)?;
        match block.seal {
            Some(header) => {
                let sealed = chain.seal(open.execution.finish()?)?;
                let expected = header.seal();
                if sealed.hash() != expected {
                    return Err(SequencerError::Recovery {
                        number,
                        reason: format!(
                            "the log has hash {expected}, re-execution gives {}: {}",
                            sealed.hash(),
                            differing_field(header.inner(), sealed.block.header.inner())
                        ),
                    });
                }
                chain.append(sealed)?;
                replayed += 1;
            }
            None if blocks.peek().is_some() => {
                seal(chain.seal(open.execution.finish()?)?)?;
                replayed += 1;
            }
            None => {
                let mut open = open;
                if let Some(origin) = origin_of(&block.start)? {
                    open.origin = origin;
                }
                info!(
                    number,
                    transactions = open.pending.len(),
                    replayed,
                    "resuming the open block"
                );
                return Ok(Some(open));
            }
        }
    }
    if replayed > 0 {
        info!(
            blocks = replayed,
            head = chain.head().number(),
            "blocks recovered from the block log"
        );
    }
    Ok(None)
}

/// A crash between a retract record and the unwinding leaves the database with retracted blocks.
fn unwind_retracted(
    chain: &Arc<Chain>,
    blocks: &[LoggedBlock],
    lowest: u64,
) -> Result<(), SequencerError> {
    let head = chain.head().number();
    if head < lowest {
        return Ok(());
    }
    // Blocks sealed after the retraction at the same heights are in `blocks`; if the database has those, all is well.
    let mut keep = lowest - 1;
    for block in blocks.iter().filter(|block| block.start.number >= lowest) {
        let stored = chain
            .header(block.start.number)?
            .map(|header| header.seal());
        match &block.seal {
            Some(header) if stored == Some(header.seal()) => keep = block.start.number,
            _ => break,
        }
    }
    chain.unwind_to(keep)?;
    Ok(())
}

fn check_stored(chain: &Arc<Chain>, block: &LoggedBlock) -> Result<(), SequencerError> {
    let Some(header) = &block.seal else {
        return Ok(());
    };
    let number = block.start.number;
    let stored = chain.header(number)?.map(|header| header.seal());
    // Pruned by a snapshot or not: what is there must be what was sealed.
    if stored.is_some_and(|stored| stored != header.seal()) {
        return Err(SequencerError::Recovery {
            number,
            reason: "the database holds another block: log and database do not belong together"
                .into(),
        });
    }
    Ok(())
}

/// Up to where an earlier run verified this chain. The database may be behind the marked block, which the log then has.
fn verified_up_to(
    chain: &Arc<Chain>,
    blocks: &[LoggedBlock],
    mark: Option<BlockRef>,
) -> Result<u64, SequencerError> {
    let Some(mark) = mark else { return Ok(0) };
    let logged = blocks
        .iter()
        .find(|block| block.start.number == mark.number)
        .and_then(|block| block.seal.as_ref());
    let hash = match logged {
        Some(header) => Some(header.seal()),
        None => chain.header(mark.number)?.map(|header| header.seal()),
    };
    Ok(if hash == Some(mark.hash) {
        mark.number
    } else {
        0
    })
}

/// A block that reached the database before it was verified is verified now: a restart must not launder it.
fn verify_stored(chain: &Arc<Chain>, number: u64) -> Result<(), SequencerError> {
    let Some(parent) = number.checked_sub(1) else {
        return Ok(());
    };
    let (Some(block), Some(receipts)) = (chain.block(number)?, chain.receipts(number)?) else {
        return Ok(());
    };
    let parent = match chain.state_at(parent) {
        Ok(state) => state,
        // The log can reach further back than the states do. A block this old has descendants, which it only got when it was
        // verified.
        Err(ChainError::HistoryPruned { .. }) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let payload = verify_block(chain.spec(), parent, &block, None)?;
    // The header commits to the receipts by their root; comparing them again names the first that differs.
    match receipts
        .iter()
        .zip(&payload.receipts)
        .position(|(stored, ours)| stored != ours)
    {
        Some(index) => Err(SequencerError::Recovery {
            number,
            reason: format!(
                "the stored receipt of transaction {index} is not what re-execution gives"
            ),
        }),
        None => Ok(()),
    }
}

pub(crate) fn reopen(
    chain: &Arc<Chain>,
    config: &SequencerConfig,
    block: &LoggedBlock,
) -> Result<Open, SequencerError> {
    let head = chain.head();
    let state = chain.state_at(head.number())?;
    let attributes = logged_attributes(&block.start, head.hash());
    let mut open = Open {
        execution: BlockExecution::begin(chain.spec().clone(), state.clone(), attributes.clone())?,
        pending: PendingBuilder::new(attributes, state),
        origin: L1Block {
            number: block.start.l1_origin.number,
            hash: block.start.l1_origin.hash,
            parent_hash: Default::default(),
            timestamp: config.rollup.genesis.l2_time,
            base_fee: 0,
            excess_blob_gas: None,
            blob_base_fee: 1,
            prev_randao: block.start.prev_randao,
            parent_beacon_block_root: block.start.parent_beacon_root.unwrap_or_default(),
            receipts_root: Default::default(),
            gas_limit: 0,
        },
        place: place_of_logged(config, &block.start)?,
        parent: Parent::Sealed,
        forced_only: false,
        da_bytes: 0,
    };
    include_forced(&mut open, &block.start.forced)?;
    for tx in &block.transactions {
        include_logged(&mut open, tx)?;
    }
    Ok(open)
}

/// Where a logged block stands, and the system configuration that it was opened with: its own L1-info deposit and header say so.
fn place_of_logged(config: &SequencerConfig, start: &BlockStart) -> Result<L2Head, SequencerError> {
    let header = Header {
        number: start.number,
        timestamp: start.timestamp,
        gas_limit: start.gas_limit,
        extra_data: start.extra_data.clone(),
        ..Header::default()
    };
    let block = Block::new(header, start.forced.clone(), None);
    let mut place = L2Head::of_block(&block, &config.rollup)?;
    // It is not sealed, so nobody knows its hash.
    place.block.hash = B256::ZERO;
    Ok(place)
}

fn differing_field(logged: &Header, ours: &Header) -> String {
    macro_rules! first {
        ($($field:ident),+) => {
            $(if logged.$field != ours.$field {
                return format!("{} is {:?} in the log and {:?} by re-execution", stringify!($field), logged.$field, ours.$field);
            })+
        };
    }
    first!(
        parent_hash,
        timestamp,
        gas_used,
        receipts_root,
        transactions_root,
        state_root,
        blob_gas_used,
        withdrawals_root,
        logs_bloom,
        extra_data,
        base_fee_per_gas
    );
    "headers differ".into()
}
