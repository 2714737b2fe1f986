//! What the tests need of the machine: found, installed where that is possible, or named in one sentence.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::step::{command, output, run};

/// A program, how it shows that it is there, and the Debian packages that bring it.
struct Need {
    program: &'static str,
    probe: &'static [&'static str],
    packages: &'static [&'static str],
}

/// The C compiler for the crates that carry C code (MDBX, KZG, secp256k1).
const COMPILER: Need = Need {
    program: "cc",
    probe: &["--version"],
    packages: &["gcc", "libc6-dev"],
};

const CLIENTS: &[Need] = &[
    Need {
        program: "node",
        probe: &["--version"],
        packages: &["nodejs"],
    },
    Need {
        program: "npm",
        probe: &["--version"],
        packages: &["npm"],
    },
    // `ensurepip` is what Debian splits off into python3-venv.
    Need {
        program: "python3",
        probe: &["-c", "import venv, ensurepip"],
        packages: &["python3", "python3-venv"],
    },
];

/// The oldest Node.js that runs the contract scripts and the client stories.
const NODE_MAJOR: u32 = 20;

/// Makes sure of what building the Rust crates takes.
///
/// # Errors
/// When something is missing and cannot be installed: one sentence that names the packages.
pub fn ensure_compiler() -> Result<()> {
    ensure(&[COMPILER])
}

/// Makes sure of what contracts and client stories take: Node.js with npm, and Python.
///
/// # Errors
/// As [`ensure_compiler`]; also when Node.js is too old.
pub fn ensure_clients() -> Result<()> {
    ensure(CLIENTS)?;
    let (major, ..) = node_version()?;
    if major < NODE_MAJOR {
        bail!("Node.js {NODE_MAJOR} or newer is needed, and `node --version` says {major}");
    }
    Ok(())
}

/// The version of the `node` on the path: major and minor.
///
/// # Errors
/// When it does not answer with a version.
pub fn node_version() -> Result<(u32, u32)> {
    let printed = output(&mut command("node", &["--version"], "."))?;
    let mut numbers = printed
        .trim()
        .trim_start_matches('v')
        .split('.')
        .map(str::parse);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => Ok((major, minor)),
        _ => bail!("`node --version` printed {printed:?}"),
    }
}

/// Where installations that outlive a clone are kept: `$XDG_CACHE_HOME/openledger` or `~/.cache/openledger`.
///
/// # Errors
/// When neither variable says where home is.
pub fn cache() -> Result<PathBuf> {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache"));
    Ok(cache
        .or_else(home)
        .context("neither XDG_CACHE_HOME nor HOME is set")?
        .join("openledger"))
}

/// Whether `program` runs and ends well.
pub fn works(program: &str, arguments: &[&str]) -> bool {
    let mut probe = Command::new(program);
    probe
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    probe.status().is_ok_and(|status| status.success())
}

fn ensure(needs: &[Need]) -> Result<()> {
    let missing = |needs: &[Need]| -> Vec<&'static str> {
        let absent = needs.iter().filter(|need| !works(need.program, need.probe));
        absent.flat_map(|need| need.packages).copied().collect()
    };
    let packages = missing(needs);
    if packages.is_empty() {
        return Ok(());
    }
    let by_hand = format!(
        "missing on this machine: install the packages {}",
        packages.join(" ")
    );
    let root = output(&mut command("id", &["-u"], ".")).is_ok_and(|id| id.trim() == "0");
    if !root || !works("apt-get", &["--version"]) {
        bail!("{by_hand}");
    }
    let mut install = vec!["install", "--yes", "--no-install-recommends"];
    install.extend(&packages);
    run(
        "package lists",
        command("apt-get", &["update"], ".").env("DEBIAN_FRONTEND", "noninteractive"),
    )?;
    run(
        "system packages",
        command("apt-get", &install, ".").env("DEBIAN_FRONTEND", "noninteractive"),
    )?;
    if missing(needs).is_empty() {
        Ok(())
    } else {
        bail!("{by_hand}")
    }
}
