//! The Rust half: format, lints, documentation, the binary that whole-node tests start, and the tests.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::machine::works;
use crate::step::{command, output, root, run};

/// The cargo that runs us.
pub fn program() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// The workspace's target directory.
pub fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root().join(folder),
        None => root().join("target"),
    }
}

/// A program that was built in the profile of the tests.
///
/// # Errors
/// When it is not there.
pub fn built(target: &Path, name: &str) -> Result<PathBuf> {
    let binary = target
        .join("debug")
        .join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    binary
        .canonicalize()
        .with_context(|| format!("{name} was built, but {} is missing", binary.display()))
}

/// cargo with `arguments`. In continuous integration the committed lock file must be complete.
fn cargo(arguments: &[&str]) -> Command {
    let mut command = command(program(), arguments, ".");
    if std::env::var_os("CI").is_some() && arguments.first() != Some(&"fmt") {
        // After the subcommand's own name, before anything that follows `--`.
        command = self::command(command.get_program(), &[], ".");
        let mut words = arguments.iter();
        command.args(words.next());
        if arguments.first() == Some(&"nextest") {
            command.args(words.next());
        }
        command.arg("--locked").args(words);
    }
    command
}

/// # Errors
/// When a file is not formatted.
pub fn format() -> Result<()> {
    run("format", &mut cargo(&["fmt", "--all", "--check"]))
}

/// # Errors
/// When clippy or the compiler warns.
pub fn lint() -> Result<()> {
    run(
        "lints",
        &mut cargo(&[
            "clippy",
            "--workspace",
            "--all-targets",
            // No crate has any but what leaves out a larger test.
            "--all-features",
            "--",
            "--deny",
            "warnings",
        ]),
    )
}

/// # Errors
/// When rustdoc warns, as it does for a link that leads nowhere.
pub fn document() -> Result<()> {
    let mut command = cargo(&[
        "doc",
        "--workspace",
        "--no-deps",
        "--document-private-items",
    ]);
    run(
        "documentation",
        command.env("RUSTDOCFLAGS", "--deny warnings"),
    )
}

/// Builds the node in the profile of the tests and returns where it is.
///
/// # Errors
/// When it does not build.
pub fn build_node() -> Result<PathBuf> {
    run(
        "the node",
        &mut cargo(&["build", "--package", "openledger"]),
    )?;
    built(&target(), "openledger")
}

/// Runs the tests of the packages that `selection` names, with `environment`. What they print last is the runner's
/// own closing line.
///
/// # Errors
/// When a test fails.
pub fn test(selection: &[&str], environment: &[(&str, PathBuf)]) -> Result<()> {
    let environment = || {
        environment
            .iter()
            .map(|(name, value)| (*name, value.as_path()))
    };
    let documented = [&["test", "--doc", "--quiet"], selection].concat();
    run(
        "tests in the documentation",
        cargo(&documented).envs(environment()),
    )?;
    let runner: &[&str] = if works("cargo-nextest", &["nextest", "--version"]) {
        &["nextest", "run", "--no-fail-fast"]
    } else {
        eprintln!("cargo-nextest is not installed: tests run by `cargo test`");
        &["test", "--no-fail-fast", "--lib", "--bins", "--tests"]
    };
    run(
        "tests",
        cargo(&[runner, selection].concat())
            .envs(environment())
            // A test that returns an error has its chain of causes to show; a backtrace of the runner buries it.
            .env("RUST_LIB_BACKTRACE", "0"),
    )
}

/// Runs the tests that `selection` names one after the other, and shows what they print.
///
/// # Errors
/// When one fails.
pub fn stories(title: &str, selection: &[&str], environment: &[(&str, PathBuf)]) -> Result<()> {
    // With the whole workspace selected, dependencies have the features that they have in every other build.
    let before = ["test", "--workspace"];
    let after = ["--", "--test-threads", "1", "--nocapture"];
    let environment = environment.iter().map(|(name, value)| (name, value));
    run(
        title,
        cargo(&[before.as_slice(), selection, &after].concat())
            .envs(environment)
            .env("RUST_LIB_BACKTRACE", "0"),
    )
}

/// Every dependency that the workspace builds on this platform, with its licence: `name version`, `expression`.
///
/// # Errors
/// When cargo fails.
pub fn dependencies() -> Result<Vec<(String, String)>> {
    let arguments = [
        "tree",
        "--workspace",
        "--edges",
        "normal,build,dev",
        "--prefix",
        "none",
        "--format",
        "{p}\t{l}",
    ];
    let mut listed: Vec<(String, String)> = output(&mut cargo(&arguments))?
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .map(|(package, licence)| {
            let name: Vec<&str> = package.split_whitespace().take(2).collect();
            // cargo marks what it has listed before.
            (
                name.join(" "),
                licence.trim_end_matches(" (*)").trim().to_owned(),
            )
        })
        .collect();
    listed.sort();
    listed.dedup();
    Ok(listed)
}
