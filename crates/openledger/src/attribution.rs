//! `openledger attribution`: the method at hand, without a chain.

mod index;
mod ledger;
mod lines;
mod settle;
mod trace;

use anyhow::{Context, Result, bail};
use clap::Subcommand;
use index::IndexArgs;
use openledger_attribution::Segment;
use settle::{ProveArgs, SettleArgs, VerifyArgs};
use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};
use trace::TraceArgs;

/// Bytes of a row, an answer or a prompt: what a Datanet takes of a file.
const MOST_BYTES: u64 = 5_000_000;

/// `openledger attribution`.
#[derive(Debug, Subcommand)]
pub enum AttributionCommand {
    /// Makes a segment, the searchable form of a Datanet version, of texts in JSON lines: {"text": "…", "commit": 7}.
    Index(IndexArgs),
    /// Shows where the words of an answer stand in segments.
    Trace(TraceArgs),
    /// Settles an epoch of a ledger in files: who earns what by its answers.
    Settle(SettleArgs),
    /// Writes the proof of one payout.
    Prove(ProveArgs),
    /// Checks the proof of a payout.
    Verify(VerifyArgs),
    /// Reads segments from end to end and finds damage.
    Check {
        /// The segments.
        #[arg(required = true, value_name = "SEGMENT")]
        segments: Vec<PathBuf>,
    },
}

/// Carries out a command.
pub fn run(command: AttributionCommand) -> Result<()> {
    match command {
        AttributionCommand::Index(arguments) => index::index(&arguments),
        AttributionCommand::Trace(arguments) => trace::trace(&arguments),
        AttributionCommand::Settle(arguments) => settle::settle(&arguments),
        AttributionCommand::Prove(arguments) => settle::prove(&arguments),
        AttributionCommand::Verify(arguments) => settle::verify(&arguments),
        AttributionCommand::Check { segments } => {
            for path in segments {
                let shown = path.display();
                let segment = Segment::open(&path).with_context(|| shown.to_string())?;
                segment.verify().with_context(|| shown.to_string())?;
                println!(
                    "{shown}: {} documents, {} words, as they were written",
                    segment.documents(),
                    segment.words()
                );
            }
            Ok(())
        }
    }
}

/// The bytes of a text.
fn read(path: &Path) -> Result<Vec<u8>> {
    let shown = path.display();
    let file = File::open(path).with_context(|| format!("{shown} can not be read"))?;
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1)
        .read_to_end(&mut bytes)
        .with_context(|| format!("{shown} can not be read"))?;
    if bytes.len() as u64 > MOST_BYTES {
        bail!("{shown} has more than {MOST_BYTES} bytes");
    }
    Ok(bytes)
}
