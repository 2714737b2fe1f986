//! `openledger check`.

use crate::args::CheckArgs;
use anyhow::{Context, Result, bail};
use openledger_node::{Finding, Level, check};
use std::io::Write;

/// Prints what it finds, and fails when something does not work.
pub fn run(arguments: CheckArgs) -> Result<()> {
    let json = arguments.json;
    let config = arguments.config()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the runtime can not be started")?;
    let findings = runtime.block_on(check(&config))?;
    let mut out = std::io::stdout().lock();
    if json {
        let text = serde_json::to_string_pretty(&findings).context("JSON")?;
        writeln!(out, "{text}").context("standard output")?;
    } else {
        for finding in &findings {
            print(&mut out, finding).context("standard output")?;
        }
    }
    let broken = findings
        .iter()
        .filter(|finding| finding.level == Level::Error);
    match broken.count() {
        0 => Ok(()),
        1 => bail!("one thing does not work"),
        several => bail!("{several} things do not work"),
    }
}

fn print(out: &mut impl Write, finding: &Finding) -> std::io::Result<()> {
    let level = match finding.level {
        Level::Good => "good",
        Level::Warning => "WARNING",
        Level::Error => "ERROR",
    };
    writeln!(out, "{level:<8} {:<10} {}", finding.subject, finding.found)?;
    match &finding.remedy {
        Some(remedy) => writeln!(out, "{:<8} {:<10} -> {remedy}", "", ""),
        None => Ok(()),
    }
}
