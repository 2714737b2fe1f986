//! The Solidity half: forge's tests, and the committed artifacts that the Rust crates embed.

use anyhow::{Result, bail};
use std::{collections::BTreeMap, fs};

use crate::clients::{foundry, install_npm};
use crate::machine;
use crate::step::{command, root, run};

const FOLDER: &str = "contracts";
const ARTIFACTS: &str = "script/artifacts.mjs";

/// Gas figures, which the tests write.
const SNAPSHOTS: &str = "contracts/snapshots";

/// Builds and tests the contracts, and compares gas figures and artifacts with the committed ones.
///
/// # Errors
/// When a tool is missing, a test fails, gas has changed, or an artifact is stale.
pub fn check() -> Result<()> {
    install()?;
    let before = snapshots()?;
    run(
        "contract tests",
        &mut command(foundry("forge", FOLDER)?, &["test"], FOLDER),
    )?;
    // forge's own comparison passes over what tests write by name.
    let after = snapshots()?;
    let changed = after
        .iter()
        .filter(|(file, text)| before.get(*file) != Some(text));
    let changed: Vec<&str> = changed.map(|(file, _)| file.as_str()).collect();
    if !changed.is_empty() {
        bail!(
            "gas has changed: {SNAPSHOTS} has other figures in {} than before; look at them and commit them",
            changed.join(", ")
        );
    }
    run(
        "contract artifacts are fresh",
        &mut command("node", &[ARTIFACTS, "--check"], FOLDER),
    )
}

/// Gas figures as they stand, by file.
fn snapshots() -> Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(root().join(SNAPSHOTS))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        files.insert(name, fs::read_to_string(entry.path())?);
    }
    Ok(files)
}

/// Rebuilds the committed artifacts.
///
/// # Errors
/// When a tool is missing or the contracts do not compile.
pub fn rebuild() -> Result<()> {
    install()?;
    run(
        "contract artifacts",
        &mut command("node", &[ARTIFACTS], FOLDER),
    )
}

/// Installs Foundry and the contracts' other packages, unless they are there.
///
/// # Errors
/// When a tool is missing that cannot be installed, or npm fails.
pub fn install() -> Result<()> {
    machine::ensure_clients()?;
    install_npm(FOLDER, false)
}
