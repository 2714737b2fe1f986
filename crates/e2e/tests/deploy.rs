//! `openledger deploy` on an L1 of somebody else's.

use alloy_primitives::{Address, U256, hex};
use anyhow::{Context, Result, ensure};
use openledger_e2e::{Account, Anvil, Exit, address_of, node_binary};
use serde_json::{Value, json};
use std::{path::Path, process::Command};

const L2_CHAIN_ID: u64 = 4_242;

/// Runs the command with a development account's key.
async fn deploy(l1: &Anvil, out: &Path, arguments: &[&str]) -> Result<Exit> {
    let key = Account::development(0)?.signer.to_bytes();
    let mut command = Command::new(node_binary()?);
    command
        .args(["deploy", "--l1-rpc", l1.url(), "--confirmations", "0"])
        .args(["--l2-chain-id", &L2_CHAIN_ID.to_string(), "--out"])
        .arg(out)
        .args(arguments)
        .stdin(std::process::Stdio::null())
        .env("OPENLEDGER_DEPLOYER_KEY", hex::encode(key))
        .env("NO_COLOR", "1");
    let output = tokio::task::spawn_blocking(move || command.output()).await??;
    let exit = Exit {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into(),
        stderr: String::from_utf8_lossy(&output.stderr).into(),
    };
    ensure!(
        !exit.stdout.contains(&hex::encode(key)) && !exit.stderr.contains(&hex::encode(key)),
        "the key is printed"
    );
    Ok(exit)
}

fn read(out: &Path, name: &str) -> Result<Value> {
    let bytes = std::fs::read(out.join(name)).with_context(|| name.to_owned())?;
    serde_json::from_slice(&bytes).with_context(|| name.to_owned())
}

#[tokio::test]
async fn a_deployment_says_its_cost_first_and_leaves_the_chains_files() -> Result<()> {
    let l1 = Anvil::start().await?;
    let folder = tempfile::tempdir()?;
    let out = folder.path().join("chain");
    let account = Account::development(0)?.address;

    let dry = deploy(&l1, &out, &["--dry-run"]).await?;
    ensure!(dry.code == Some(0), "{dry:?}");
    ensure!(
        dry.stdout.contains("OptimismPortal") && dry.stdout.contains("gas at most"),
        "{dry:?}"
    );
    // Without a terminal nobody can be asked.
    let unasked = deploy(&l1, &out, &[]).await?;
    ensure!(
        unasked.code == Some(1) && unasked.stderr.contains("--yes"),
        "{unasked:?}"
    );
    ensure!(
        l1.rpc.nonce(account, "latest").await? == 0,
        "something was sent"
    );

    let done = deploy(&l1, &out, &["--yes"]).await?;
    ensure!(done.code == Some(0), "{done:?}");
    let (deployment, rollup) = (read(&out, "deployment.json")?, read(&out, "rollup.json")?);
    let portal = address_of(&deployment["l1"]["contracts"], "OptimismPortal")?;
    ensure!(
        rollup["deposit_contract_address"] == json!(portal),
        "{rollup}"
    );
    ensure!(rollup["l2_chain_id"] == json!(L2_CHAIN_ID), "{rollup}");
    ensure!(read(&out, "genesis.json")?["config"]["chainId"] == json!(L2_CHAIN_ID));
    let code: String = l1.rpc.get("eth_getCode", json!([portal, "latest"])).await?;
    ensure!(code.len() > 2, "the portal has no code");
    // Whoever said where it is could know before it was there.
    ensure!(dry.stdout.contains(&portal.to_string()), "{}", dry.stdout);

    let sent = l1.rpc.nonce(account, "latest").await?;
    let again = deploy(&l1, &out, &["--yes"]).await?;
    ensure!(
        again.code == Some(0) && again.stdout.contains("nothing was done"),
        "{again:?}"
    );
    ensure!(
        l1.rpc.nonce(account, "latest").await? == sent,
        "something was sent again"
    );
    Ok(())
}

#[tokio::test]
async fn a_deployment_with_bad_input_sends_nothing_and_says_why() -> Result<()> {
    let l1 = Anvil::start().await?;
    let folder = tempfile::tempdir()?;
    let out = folder.path().join("chain");
    let config = folder.path().join("config.json");
    std::fs::write(&config, "{\"gasLimit\": 1}")?;
    let config = config.to_str().context("a path in UTF-8")?;
    for (arguments, words) in [
        (vec!["--yes", "--config", config], "gas limit 1"),
        (vec!["--yes", "--config", "/nowhere.json"], "/nowhere.json"),
        (
            vec![
                "--yes",
                "--token",
                "0x00000000000000000000000000000000000000aa",
            ],
            "decimals",
        ),
    ] {
        let exit = deploy(&l1, &out, &arguments).await?;
        ensure!(
            exit.code == Some(1) && exit.stderr.contains(words),
            "{arguments:?}: {exit:?}"
        );
    }
    let usage = deploy(&l1, &out, &["--token", "gold"]).await?;
    ensure!(usage.code == Some(2), "{usage:?}");
    let account: Address = Account::development(0)?.address;
    ensure!(
        l1.rpc.nonce(account, "latest").await? == 0,
        "something was sent"
    );
    ensure!(l1.rpc.balance(account, "latest").await? > U256::ZERO);
    Ok(())
}
