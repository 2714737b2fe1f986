//! `openledger verify`.

use crate::{args::VerifyArgs, limits};
use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressStyle};
use openledger_node::{Progress, verify};
use std::io::{IsTerminal, Write};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Rebuilds a chain from its L1 and prints what it found as one JSON line.
pub fn run(arguments: VerifyArgs) -> Result<()> {
    limits::raise_open_files();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("tokio")
        .build()
        .context("the runtime can not be started")?;
    let bar = progress_bar();
    let config = arguments.config()?;
    let outcome = runtime.block_on(async {
        let stop = CancellationToken::new();
        tokio::spawn(stop_on_signal(stop.clone()));
        verify(config, stop, |progress| show(&bar, progress)).await
    });
    bar.finish_and_clear();
    let found = outcome?;
    let line = serde_json::to_string(&found).context("the result can not be written")?;
    writeln!(std::io::stdout(), "{line}").context("standard output")
}

fn progress_bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template(
        "L1 block {pos} of {len} {wide_bar} L2 block {msg} {elapsed_precise}",
    );
    match style {
        Ok(style) => ProgressBar::new(0).with_style(style),
        Err(_) => ProgressBar::new(0),
    }
}

fn show(bar: &ProgressBar, progress: Progress) {
    bar.set_length(progress.l1_head);
    bar.set_position(progress.l1_block);
    bar.set_message(format!(
        "{} ({} transactions)",
        progress.block, progress.transactions
    ));
}

/// An interrupted run is continued by the next one; a watcher has no other end.
async fn stop_on_signal(stop: CancellationToken) {
    let (Ok(mut terminate), Ok(mut interrupt)) = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
    ) else {
        return;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    stop.cancel();
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    // What is derived is in the database.
    std::process::exit(1);
}
