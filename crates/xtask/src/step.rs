//! Running programs: each with a title, its time, and an error that names the command to repeat by hand.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

/// The workspace's root folder.
pub fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    // crates/xtask is two folders below the root.
    own.ancestors().nth(2).unwrap_or(own).to_path_buf()
}

/// A command in `folder` (relative to the root) with nothing on its standard input.
pub fn command(program: impl AsRef<OsStr>, arguments: &[&str], folder: &str) -> Command {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .current_dir(root().join(folder))
        .stdin(Stdio::null());
    command
}

/// Runs `command` under `title`, its output going where ours goes.
///
/// # Errors
/// When the program cannot be started, or ends with anything but success.
pub fn run(title: &str, command: &mut Command) -> Result<()> {
    eprintln!("── {title}");
    let started = Instant::now();
    let status = command
        .status()
        .with_context(|| format!("{title}: cannot start {}", shown(command)))?;
    if !status.success() {
        bail!("{title}: {} ended with {status}", shown(command));
    }
    eprintln!("   {:.1} s", started.elapsed().as_secs_f32());
    Ok(())
}

/// What `command` prints on its standard output.
///
/// # Errors
/// As [`run`]; also when the output is not UTF-8.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start {}", shown(command)))?;
    if !output.status.success() {
        bail!("{} ended with {}", shown(command), output.status);
    }
    String::from_utf8(output.stdout)
        .with_context(|| format!("{} printed something that is not text", shown(command)))
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    format!(
        "`{}`",
        words
            .map(|word| word.to_string_lossy())
            .collect::<Vec<_>>()
            .join(" ")
    )
}
