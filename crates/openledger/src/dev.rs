//! `openledger dev`.

use crate::{args::DevArgs, limits};
use anyhow::{Context, Result};
use openledger_node::DevNode;
use std::io::Write;
use tokio::signal::unix::{SignalKind, signal};

/// Runs the development chain until it is told to stop.
pub fn run(arguments: Box<DevArgs>) -> Result<()> {
    limits::raise_open_files();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("tokio")
        .build()
        .context("the runtime can not be started")?;
    runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate()).context("signals")?;
        let mut interrupt = signal(SignalKind::interrupt()).context("signals")?;
        let node = DevNode::start(arguments.config()).await?;
        // Whoever reads the banner through a pipe may have gone; the node goes on.
        let _ = writeln!(std::io::stdout(), "{}", node.banner());
        let _ = std::io::stdout().flush();
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping; a second signal stops at once");
        tokio::spawn(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            // Everything acknowledged is in the log and the journal already.
            std::process::exit(1);
        });
        node.stop().await
    })
}
