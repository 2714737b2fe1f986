//! `openledger check`: what it finds is so, and what it does not find is not there.

use alloy_primitives::hex;
use anyhow::{Context, Result, ensure};
use openledger_e2e::{Account, CHALLENGER, Exit, Load, Node, NodeOptions, node_binary};
use serde_json::Value;
use std::process::Command;

/// Runs the doctor on a node's chain; its findings, and how it ended.
async fn check(
    node: &Node,
    l1: &str,
    arguments: &[&str],
    key: Option<&str>,
) -> Result<(Vec<Value>, Exit)> {
    let mut command = Command::new(node_binary()?);
    command
        .args(["check", "--json", "--l1-rpc", l1, "--rollup"])
        .arg(node.datadir().join("rollup.json"))
        .args(arguments)
        .env("NO_COLOR", "1");
    if let Some(key) = key {
        command.env("OPENLEDGER_CHALLENGER_KEY", key);
    }
    let output = tokio::task::spawn_blocking(move || command.output()).await??;
    let exit = Exit {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into(),
        stderr: String::from_utf8_lossy(&output.stderr).into(),
    };
    let findings = match exit.stdout.is_empty() {
        true => Vec::new(),
        false => serde_json::from_str(&exit.stdout).with_context(|| format!("{exit:?}"))?,
    };
    Ok((findings, exit))
}

/// The findings about a subject.
fn about<'a>(findings: &'a [Value], subject: &str) -> Vec<&'a Value> {
    let same = |finding: &&Value| finding["subject"] == subject;
    findings.iter().filter(same).collect()
}

fn says(findings: &[Value], subject: &str, level: &str, words: &str) -> Result<()> {
    let found = about(findings, subject).into_iter().any(|finding| {
        finding["level"] == level
            && finding["found"]
                .as_str()
                .unwrap_or_default()
                .contains(words)
    });
    ensure!(
        found,
        "no {level} about {subject} with {words:?}: {findings:#?}"
    );
    Ok(())
}

#[tokio::test]
async fn the_doctor_says_what_is_so() -> Result<()> {
    let node = NodeOptions::new()?
        .with(["--l1-block-time", "1", "--max-channel-duration", "1"])
        .start()
        .await?;
    let mut load = Load::new(node.deployment.l2.chain_id, 41)?;
    let working = load.start(&node.l2);
    node.safe(6).await?;
    load.end(working).await?;
    let l1 = node.l1.url();
    let l2_port = node.l2.url().rsplit(':').next().unwrap_or_default();
    let datadir = node.datadir().display().to_string();

    let (findings, exit) = check(
        &node,
        l1,
        &["--l2-rpc", node.l2.url(), "--datadir", &datadir],
        None,
    )
    .await?;
    ensure!(exit.code == Some(0), "{exit:?}");
    for (subject, words) in [
        ("L1", "chain 900"),
        ("blobs", "answers"),
        ("clock", "agrees"),
        ("delays", "a withdrawal takes at least 10 s"),
        ("upgrades", "time to leave"),
        ("balances", "the proposer"),
    ] {
        says(&findings, subject, "good", words)?;
    }
    // How much there is, is this machine's affair.
    let disk = about(&findings, "disk");
    ensure!(
        matches!(disk[..], [disk] if disk["found"].to_string().contains("GB free")),
        "{disk:?}"
    );
    // The development chain's owner is its guardian too.
    says(
        &findings,
        "roles",
        "warning",
        "guardian and owner of SystemConfig",
    )?;
    let [fees] = about(&findings, "fees")[..] else {
        anyhow::bail!("no comparison of fees: {findings:#?}");
    };
    let text = fees["found"].as_str().unwrap_or_default();
    ensure!(
        !text.contains("L1 fees 0.000000000") && !text.contains("batches 0.000000000"),
        "{text}"
    );

    // Keys are recognised by what they can do, and never printed.
    let challenger = hex::encode(Account::development(CHALLENGER)?.signer.to_bytes());
    let (findings, _) = check(&node, l1, &[], Some(&challenger)).await?;
    says(&findings, "keys", "good", "the key of the challenger")?;
    let nobody = hex::encode(Account::development(9)?.signer.to_bytes());
    let (findings, exit) = check(&node, l1, &["--ports", l2_port], Some(&nobody)).await?;
    says(&findings, "keys", "error", "has no role")?;
    says(&findings, "ports", "error", "can not be used")?;
    ensure!(
        exit.code == Some(1) && exit.stderr.contains("2 things do not work"),
        "{exit:?}"
    );
    ensure!(!exit.stdout.contains(&nobody), "the key is printed");
    let (_, exit) = check(&node, l1, &[], Some("0xnonsense")).await?;
    ensure!(
        exit.code == Some(1) && !exit.stderr.contains("nonsense"),
        "{exit:?}"
    );

    // One of several endpoints is away: nothing fails yet.
    let several = format!("{l1},http://127.0.0.1:1/v3/0123456789abcdef");
    let (findings, exit) = check(&node, &several, &[], None).await?;
    for subject in ["L1", "blobs"] {
        says(&findings, subject, "warning", "127.0.0.1:1")?;
        says(&findings, subject, "good", "answers")?;
    }
    ensure!(exit.code == Some(0), "{exit:?}");
    let said = format!("{}{}", exit.stdout, exit.stderr);
    ensure!(!said.contains("0123456789abcdef"), "the key is printed");

    // Somebody else's L1, and none.
    let (findings, exit) = check(&node, node.l2.url(), &[], None).await?;
    says(&findings, "L1", "error", "chain 901")?;
    ensure!(exit.code == Some(1), "{exit:?}");
    let (findings, _) = check(&node, "http://127.0.0.1:1", &[], None).await?;
    says(&findings, "L1", "error", "can not be used")?;
    Ok(())
}
