//! Where the programs are that tests start. A missing one is an error that says what installs it, never a skipped test.

use anyhow::{Result, bail};
use std::path::{Path, PathBuf};

/// The node: `OPENLEDGER_BIN`, else the binary beside the test's own folder in the target directory.
///
/// # Errors
/// When it is not there.
pub fn node_binary() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("OPENLEDGER_BIN") {
        let path = PathBuf::from(path);
        if path.is_file() {
            return Ok(path);
        }
        bail!(
            "OPENLEDGER_BIN names {}, which is not there: build it with `cargo build -p openledger`",
            path.display()
        );
    }
    let own = std::env::current_exe()?;
    // target/<profile>/deps/<test>: the binary is one folder up.
    let beside = own
        .ancestors()
        .nth(2)
        .unwrap_or(Path::new("."))
        .join("openledger");
    if beside.is_file() {
        return Ok(beside);
    }
    bail!(
        "the node is not built: `cargo build -p openledger` makes {}",
        beside.display()
    );
}

/// The judge: `OPENLEDGER_JUDGE`. It is built by its own lock file, so no folder of this workspace has it.
///
/// # Errors
/// When it is not there.
pub fn judge_binary() -> Result<PathBuf> {
    let path = std::env::var_os("OPENLEDGER_JUDGE").map(PathBuf::from);
    match path {
        Some(path) if path.is_file() => Ok(path),
        Some(path) => bail!(
            "OPENLEDGER_JUDGE names {}, which is not there: `cargo xtask judge` builds it",
            path.display()
        ),
        None => {
            bail!("the judge is not built: `cargo xtask judge` builds it and tells these stories")
        }
    }
}

/// The folder of the client stories.
pub fn clients_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("clients")
}

/// anvil itself: `OPENLEDGER_ANVIL`, else the native binary that npm installed for the client stories or the contracts. (npm's
/// wrapper script would leave it running when it is killed.)
///
/// # Errors
/// When it is not there.
pub fn anvil_binary() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("OPENLEDGER_ANVIL") {
        return Ok(path.into());
    }
    let arch = if cfg!(target_arch = "aarch64") {
        "arm64"
    } else {
        "amd64"
    };
    let os = if cfg!(target_os = "macos") {
        "darwin"
    } else {
        "linux"
    };
    let package = format!("node_modules/@foundry-rs/anvil-{os}-{arch}/bin/anvil");
    let contracts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../contracts");
    let found = [clients_folder(), contracts]
        .into_iter()
        .map(|folder| folder.join(&package))
        .find(|path| path.is_file());
    match found {
        Some(path) => Ok(path),
        None => bail!("anvil is not installed: `cargo xtask clients` installs it"),
    }
}

/// The Python that has web3.py: `OPENLEDGER_PYTHON`, else the environment that `cargo xtask clients` makes in the cache.
///
/// # Errors
/// When it is not there.
pub fn python() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("OPENLEDGER_PYTHON") {
        return Ok(path.into());
    }
    let home = || std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache"));
    let cache = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(home)
        .unwrap_or_default();
    let python = cache.join("openledger/python/bin/python");
    if python.exists() {
        return Ok(python);
    }
    bail!("web3.py is not installed: `cargo xtask clients` installs it");
}
