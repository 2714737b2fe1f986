//! An independent implementation derives our chain from our L1 data and must arrive at the same blocks. It is not part of
//! the test command: it takes minutes to build.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::step::{command, run};
use crate::{contracts, machine, rust};

const MANIFEST: &str = "crates/e2e/judge/Cargo.toml";

/// Builds the judge and the node, sees that the judge finds differences, and tells the stories that end before it.
///
/// # Errors
/// When something is missing, does not build, or the judge finds a difference.
pub fn tell() -> Result<()> {
    machine::ensure_compiler()?;
    // They bring anvil.
    contracts::install()?;
    let target = rust::target().join("judge");
    run("the judge", &mut cargo("build", &target))?;
    let judge = rust::built(&target, "judge")?;
    run("the judge's own tests", &mut cargo("test", &target))?;
    let node = rust::build_node()?;
    rust::stories(
        "stories before the judge",
        &["--features", "openledger-e2e/judge", "--test", "judge"],
        &[("OPENLEDGER_BIN", node), ("OPENLEDGER_JUDGE", judge)],
    )
}

/// cargo in the judge's workspace, by its own lock file, in a target directory of its own: the two share no build.
fn cargo(subcommand: &str, target: &Path) -> Command {
    let arguments = [subcommand, "--locked", "--manifest-path", MANIFEST];
    let mut cargo = command(rust::program(), &arguments, ".");
    cargo.env("CARGO_TARGET_DIR", target);
    cargo
}
