//! A block log that knows less than the database.
//!
//! What is in the database was in the log first, so this is the work of a disk that lost synced writes, or of a hand that cut the
//! file. Nothing is missing: the database has the blocks. But the log's next record would not follow its last one.

use crate::SequencerError;
use openledger_chain::Chain;
use openledger_storage::{BlockLog, LogRecord, Recovered};
use std::path::Path;
use tracing::warn;

/// Opens the log and brings it to where the database is: a seal that it lacks is added; when it lacks whole blocks, its segments
/// are set aside under the ending `behind`, and it begins anew.
///
/// Fails like [`BlockLog::open`], when a segment can not be renamed, or the log not be written.
pub(crate) fn open_log(
    directory: &Path,
    chain: &Chain,
) -> Result<(BlockLog, Recovered), SequencerError> {
    let (mut log, recovered) = BlockLog::open(directory)?;
    let head = chain.head();
    let (number, state) = (head.number(), log.state());
    let lacks_blocks = state.top().is_some_and(|top| top < number);
    if lacks_blocks {
        drop(log);
        warn!(
            log = state.top(),
            database = number,
            "the block log ends before the database: it is set aside"
        );
        set_aside(directory).map_err(|error| SequencerError::Backup(error.to_string()))?;
        return Ok(BlockLog::open(directory)?);
    }
    let unsealed = state.sealing.or(state.open.map(|(open, _)| open));
    if unsealed == Some(number) {
        warn!(
            number,
            "the block log lacks the seal of a block that the database has: it is added"
        );
        log.append(&LogRecord::Seal {
            number,
            header: head.block.header.clone(),
        })?;
        log.sync()?;
    }
    Ok((log, recovered))
}

fn set_aside(directory: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "log") {
            std::fs::rename(&path, path.with_extension("behind"))?;
        }
    }
    Ok(())
}
