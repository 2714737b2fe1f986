//! `openledger db`.

use crate::args::DbCommand;
use anyhow::Result;
use openledger_node::maintenance;

/// Runs a maintenance command and prints what it found.
pub fn run(command: DbCommand) -> Result<()> {
    let report = match command {
        DbCommand::Stats(args) => maintenance::stats(&args.datadir)?,
        DbCommand::Check(args) => maintenance::check(&args.datadir)?,
        DbCommand::Rebuild(args) => maintenance::rebuild(&args.datadir)?,
    };
    print!("{report}");
    Ok(())
}
