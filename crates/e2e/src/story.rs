//! Running a client's story (`clients/`) against a node.

use crate::{Node, clients_folder};
use anyhow::{Context, Result, bail};
use std::process::{Command, Stdio};

/// Runs a program in the folder of the stories with the node's addresses in its environment. Its output goes to the test's.
///
/// # Errors
/// When the program is missing, with the command that installs it, or ends with anything but success; then with what the
/// node logged.
pub async fn tell(node: &Node, program: &str, arguments: &[&str]) -> Result<()> {
    tell_with(node, program, arguments, &[]).await
}

/// The same with more variables in its environment.
///
/// # Errors
/// As [`tell`].
pub async fn tell_with(
    node: &Node,
    program: &str,
    arguments: &[&str],
    environment: &[(&str, &str)],
) -> Result<()> {
    let folder = clients_folder();
    if !folder.join("node_modules/.installed-lock").is_file() {
        bail!(
            "the client stories' packages are not installed: `cargo xtask clients` installs them"
        );
    }
    // Clients look at the newest block first, and genesis has no transactions.
    node.l2.reach(1).await?;
    let mut command = Command::new(program);
    command
        .args(arguments)
        .current_dir(&folder)
        .stdin(Stdio::null())
        .env("L2_RPC", node.l2.url())
        .env("L1_RPC", node.l1.url())
        .env("CHAIN_ID", node.deployment.l2.chain_id.to_string())
        .env("L1_CHAIN_ID", node.deployment.l1.chain_id.to_string())
        .env("OP_STACK", "1")
        .envs(environment.iter().copied());
    let mut child = command.spawn().with_context(|| {
        format!(
            "{program} can not be started: `cargo xtask clients` installs what the stories need"
        )
    })?;
    // The child writes to the test's own output; a blocking wait must not hold up the runtime.
    let status = tokio::task::spawn_blocking(move || child.wait()).await??;
    if !status.success() {
        bail!(
            "{program} {} ended with {status}; the node's log:\n{}",
            arguments.join(" "),
            node.process.stderr()
        );
    }
    Ok(())
}
