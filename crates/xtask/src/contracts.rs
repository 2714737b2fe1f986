//! The Solidity half: forge's tests, and the committed artifacts that the Rust crates embed.

use anyhow::Result;

use crate::clients::{foundry, install_npm};
use crate::machine;
use crate::step::{command, run};

const FOLDER: &str = "contracts";
const ARTIFACTS: &str = "script/artifacts.mjs";

/// Builds and tests the contracts, and compares the committed artifacts with a fresh build.
///
/// # Errors
/// When a tool is missing, a test fails, or an artifact is stale.
pub fn check() -> Result<()> {
    install()?;
    run(
        "contract tests",
        &mut command(foundry("forge", FOLDER)?, &["test"], FOLDER),
    )?;
    run(
        "contract artifacts are fresh",
        &mut command("node", &[ARTIFACTS, "--check"], FOLDER),
    )
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
