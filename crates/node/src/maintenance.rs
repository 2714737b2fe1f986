//! What an operator does with a stopped node's data directory.

use crate::datadir::DataDir;
use alloy_genesis::Genesis;
use anyhow::{Context, Result, bail};
use openledger_chain::{Chain, ChainConfig};
use openledger_genesis::RollupConfig;
use openledger_sequencer::{Clock, SequencerConfig};
use openledger_storage::{Database, DatabaseOptions};
use std::{fmt::Write, path::Path, sync::Arc};

/// The chains that a data directory holds.
const CHAINS: [(&str, &str); 2] = [("L1", "l1/db"), ("L2", "l2/db")];

fn databases(datadir: &Path) -> Result<Vec<(&'static str, Database)>> {
    let mut found = Vec::new();
    for (name, place) in CHAINS {
        let path = datadir.join(place);
        if path.exists() {
            let db = Database::open(&path, &DatabaseOptions::default())
                .with_context(|| format!("the database {} can not be opened", path.display()))?;
            found.push((name, db));
        }
    }
    if found.is_empty() {
        bail!("{} holds no chain", datadir.display());
    }
    Ok(found)
}

/// Entries and bytes of every table.
pub fn stats(datadir: &Path) -> Result<String> {
    let mut out = String::new();
    for (name, db) in databases(datadir)? {
        let head = db.reader()?.head()?;
        let _ = writeln!(out, "{name}: head {} ({})", head.number, head.hash);
        for table in db.stats()? {
            let _ = writeln!(
                out,
                "  {:<16} {:>12} entries {:>14} bytes",
                table.table.name(),
                table.entries,
                table.bytes
            );
        }
    }
    Ok(out)
}

/// Compares the stored state with the head's state root.
pub fn check(datadir: &Path) -> Result<String> {
    let mut out = String::new();
    for (name, db) in databases(datadir)? {
        db.check(true)
            .with_context(|| format!("{name}: the database is damaged"))?;
        let head = db.reader()?.head()?;
        let _ = writeln!(
            out,
            "{name}: head {} ({}): state and tries agree with its state root",
            head.number, head.hash
        );
    }
    Ok(out)
}

/// Verifies the L2's blocks from its log, and rebuilds those that do not stand re-execution.
pub fn rebuild(datadir: &Path) -> Result<String> {
    let dir = DataDir::open(Some(datadir))?;
    let genesis: Genesis = dir
        .read("genesis.json")?
        .context("the data directory has no genesis.json")?;
    let rollup: RollupConfig = dir
        .read("rollup.json")?
        .context("the data directory has no rollup.json")?;
    let path = dir.path("l2/db");
    let db = Database::open(&path, &DatabaseOptions::default())
        .with_context(|| format!("the database {} can not be opened", path.display()))?;
    let chain = Chain::open(db, &genesis, ChainConfig::default())?;
    let config = SequencerConfig {
        rollup: Arc::new(rollup),
        log_dir: dir.path("l2/log"),
        l1_confs: 0,
        max_group: 64,
        clock: Clock::wall(),
        producing: false,
        da_limits: None,
        on_verified: None,
        on_failed: None,
    };
    let rebuilt = openledger_sequencer::rebuild(&config, &chain)?;
    let mut out = String::new();
    let Some(from) = rebuilt.from else {
        return Ok("every block of the log stands re-execution; nothing was changed\n".into());
    };
    let _ = writeln!(
        out,
        "{} blocks rebuilt from block {from} on; {} receipts changed",
        rebuilt.blocks,
        rebuilt.changed.len()
    );
    let show = |receipt: Option<(bool, u64, usize)>| match receipt {
        Some((status, gas, logs)) => format!("status {status}, cumulative gas {gas}, {logs} logs"),
        None => "none".into(),
    };
    for change in &rebuilt.changed {
        let (before, after) = (show(change.before), show(change.after));
        let _ = writeln!(
            out,
            "  block {} transaction {} {}: {before} -> {after}",
            change.number, change.index, change.hash
        );
    }
    Ok(out)
}
