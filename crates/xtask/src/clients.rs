//! What the client stories of `crates/e2e/clients` run with: npm packages, a Python environment, compiled contracts.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::machine;
use crate::step::{command, output, root, run};

const FOLDER: &str = "crates/e2e/clients";

/// hardhat and its native part refuse an older Node.js; npm's `node` package brings this one.
const HARDHAT_NODE: (u32, u32) = (22, 13);

/// Installs and compiles whatever is not there yet; returns the Python interpreter that has web3.py.
///
/// # Errors
/// When a tool is missing that cannot be installed, or an installation or the compilation fails.
pub fn prepare() -> Result<PathBuf> {
    machine::ensure_clients()?;
    install_npm(FOLDER, machine::node_version()? < HARDHAT_NODE)?;
    let python = install_python()?;
    run(
        "client contracts",
        &mut command("bash", &["build.sh"], FOLDER),
    )?;
    Ok(python)
}

/// `npm ci` in `folder`, unless what its lock file names is installed already. With `by_installed_node`, a second
/// pass by the Node.js that the first one installed adds the optional packages that npm leaves out on an older one.
///
/// # Errors
/// When npm fails, or the lock file names a registry's host (another registry could then not serve it).
pub fn install_npm(folder: &str, by_installed_node: bool) -> Result<()> {
    let lock = root().join(folder).join("package-lock.json");
    let wanted =
        fs::read_to_string(&lock).with_context(|| format!("cannot read {}", lock.display()))?;
    if wanted.contains("\"resolved\"") {
        bail!(
            "{folder}/package-lock.json names download addresses: recreate it with omit-lockfile-registry-resolved"
        );
    }
    let modules = root().join(folder).join("node_modules");
    let stamp = modules.join(".installed-lock");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    run(
        &format!("npm packages of {folder}"),
        &mut command("npm", &["ci", "--no-audit", "--no-fund"], folder),
    )?;
    if by_installed_node {
        let own = std::env::var("PATH").unwrap_or_default();
        let path = format!("{}:{own}", modules.join(".bin").display());
        let arguments = ["install", "--no-save", "--no-audit", "--no-fund"];
        run(
            &format!("npm packages of {folder}, by its own Node.js"),
            command("npm", &arguments, folder).env("PATH", path),
        )?;
    }
    fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))
}

/// The folder of a native Foundry tool. The wrapper in `node_modules/.bin` is of no use in a test: it ends with 0
/// whatever the tool ended with.
///
/// # Errors
/// When the tool has no build for this platform, or `folder`'s packages are not installed.
pub fn foundry(tool: &str, folder: &str) -> Result<PathBuf> {
    let arch = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => bail!("Foundry has no npm build for {other}"),
    };
    let os = if cfg!(target_os = "macos") {
        "darwin"
    } else {
        std::env::consts::OS
    };
    let binary = root().join(folder).join(format!(
        "node_modules/@foundry-rs/{tool}-{os}-{arch}/bin/{tool}"
    ));
    if !binary.exists() {
        bail!("{} is missing: run `npm ci` in {folder}", binary.display());
    }
    Ok(binary)
}

/// A virtual environment in the cache with what `requirements.txt` names; returns its interpreter.
fn install_python() -> Result<PathBuf> {
    let requirements = root().join(FOLDER).join("requirements.txt");
    let wanted = fs::read_to_string(&requirements)
        .with_context(|| format!("cannot read {}", requirements.display()))?;
    let environment = machine::cache()?.join("python");
    let python = environment.join("bin/python");
    let stamp = environment.join("requirements.txt");
    if python.exists() && fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    let place = environment.to_string_lossy();
    run(
        "Python environment",
        &mut command("python3", &["-m", "venv", "--clear", &place], "."),
    )?;
    let arguments = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "-r",
        "requirements.txt",
    ];
    run("Python packages", &mut command(&python, &arguments, FOLDER))?;
    output(&mut command(&python, &["-c", "import web3"], FOLDER))
        .context("web3.py is installed but does not load")?;
    fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(python)
}
