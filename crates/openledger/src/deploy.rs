//! `openledger deploy`.

use crate::args::DeployArgs;
use alloy_signer_local::PrivateKeySigner;
use anyhow::{Context, Result, bail};
use indicatif::{ProgressBar, ProgressStyle};
use openledger_deployer::{
    DeployFile, Outcome, Plan, Progress, RunOptions, Survey, read_files, write_files,
};
use openledger_l1::{L1Client, L1Options, shown_url};
use std::io::{BufRead, IsTerminal, Write};

/// Deploys a rollup's L1 contracts: says what it costs, asks, carries out what is left, writes the chain's files.
pub fn run(arguments: DeployArgs) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the runtime can not be started")?;
    runtime.block_on(deploy(arguments))
}

async fn deploy(arguments: DeployArgs) -> Result<()> {
    let out = arguments.out.clone();
    if read_files(&out)?.is_some() {
        println!(
            "{} has the files of a complete deployment; nothing was done",
            out.display()
        );
        return Ok(());
    }
    // Its error would repeat the key.
    let signer: PrivateKeySigner = arguments
        .private_key
        .parse()
        .map_err(|_| anyhow::anyhow!("the deployer's key is not 32 bytes in hexadecimal"))?;
    let client = L1Client::of(&arguments.l1.l1_rpc, L1Options::default()).context("--l1-rpc")?;
    let chain_id = client.check().await.with_context(|| {
        let urls: Vec<_> = arguments
            .l1
            .l1_rpc
            .iter()
            .map(|url| shown_url(url))
            .collect();
        format!("the L1 at {} can not be used", urls.join(", "))
    })?;
    let file = match &arguments.config {
        Some(path) => DeployFile::read(path).context("--config")?,
        None => DeployFile::default(),
    };
    let (yes, dry_run, confirmations) = (arguments.yes, arguments.dry_run, arguments.confirmations);
    let config = file
        .overridden_by(arguments.file())
        .config(chain_id, signer.address())?;
    let plan = Plan::new(
        &config,
        &Survey::of(&client, &config).await?,
        signer.address(),
    )?;
    println!("Deployer {} on L1 chain {chain_id}\n", plan.deployer());
    for (name, address) in plan.contracts().by_name() {
        println!("{name:<20} {address}");
    }
    let cost = plan.cost(&client).await?;
    println!("\n{cost}");
    if dry_run {
        return Ok(());
    }
    if cost.steps > 0 && !yes && !confirmed()? {
        bail!("nothing was sent");
    }
    let bar = progress_bar(cost.total);
    let options = RunOptions {
        estimate: true,
        confirmations,
        ..RunOptions::default()
    };
    let outcome = plan
        .run(&client, &signer, &options, |progress| show(&bar, progress))
        .await;
    bar.finish_and_clear();
    let l1 = match outcome? {
        Outcome::Complete(l1) => l1,
        Outcome::Stopped { left } => bail!("{left} steps are left; run it again"),
    };
    let mut l2 = plan.l2_genesis(&l1)?;
    let genesis = l2.seal()?;
    write_files(&out, &plan.deployment_file(), &l2)?;
    println!(
        "\nThe L2 begins with block {} on L1 block {}. Written to {}: deployment.json, genesis.json, rollup.json",
        genesis.hash,
        l1.number,
        out.display()
    );
    Ok(())
}

/// Asks on the terminal; elsewhere only `--yes` is a yes.
fn confirmed() -> Result<bool> {
    if !std::io::stdin().is_terminal() {
        bail!("this spends ether: say --yes");
    }
    print!("\nDeploy? [y/N] ");
    std::io::stdout().flush().context("standard output")?;
    let mut answer = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut answer)
        .context("standard input")?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

fn progress_bar(steps: usize) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(steps as u64);
    match ProgressStyle::with_template("{pos} of {len} steps {wide_bar} {msg} {elapsed_precise}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

fn show(bar: &ProgressBar, progress: Progress<'_>) {
    match progress {
        Progress::Found { done, .. } => bar.set_position(done as u64),
        Progress::Sent { step, hash } => {
            tracing::info!(step = %step.name, %hash, "sent");
            bar.set_message(step.name.clone());
        }
        Progress::Included {
            step,
            block,
            gas_used,
        } => {
            tracing::info!(step = %step.name, block, gas_used, "done");
            bar.inc(1);
        }
        Progress::Confirming => bar.set_message("waiting for confirmations"),
    }
}
