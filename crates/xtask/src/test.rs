//! The test command. What is quick to find comes first; the tests, with their runner's closing line, come last.

use std::path::PathBuf;

use anyhow::Result;

use crate::{clients, contracts, licenses, machine, rust};

/// Everything that must hold of a change before it is taken.
///
/// # Errors
/// The first thing that does not hold, or what is missing on this machine.
pub fn everything() -> Result<()> {
    machine::ensure_compiler()?;
    rust::format()?;
    licenses::check()?;
    contracts::check()?;
    let python = clients::prepare()?;
    rust::lint()?;
    rust::document()?;
    let node = rust::build_node()?;
    rust::test(&["--workspace"], &environment(node, python))
}

/// What a change in Rust code can break, without Node.js and without whole nodes.
///
/// # Errors
/// As [`everything`].
pub fn quick() -> Result<()> {
    machine::ensure_compiler()?;
    rust::format()?;
    licenses::check()?;
    rust::lint()?;
    rust::test(&["--workspace", "--exclude", "openledger-e2e"], &[])
}

/// Where the tests of whole nodes find the binary and the interpreter that has web3.py.
fn environment(node: PathBuf, python: PathBuf) -> [(&'static str, PathBuf); 2] {
    [("OPENLEDGER_BIN", node), ("OPENLEDGER_PYTHON", python)]
}
