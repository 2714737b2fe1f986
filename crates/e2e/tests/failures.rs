//! What breaks on real machines: each a clear sentence, and nothing lost.

use anyhow::{Context, Result, ensure};
use openledger_e2e::{Load, Node, NodeOptions, until};
use std::{
    fs::{self, File},
    net::TcpListener,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

/// Length of a page of the database.
const PAGE: u64 = 4096;

fn contains(sentence: &str, words: &[&str]) -> Result<()> {
    let missing: Vec<_> = words
        .iter()
        .filter(|word| !sentence.contains(**word))
        .collect();
    ensure!(missing.is_empty(), "{sentence:?} lacks {missing:?}");
    Ok(())
}

/// A data directory that a node has used: with blocks and transactions that were acknowledged.
async fn used() -> Result<(NodeOptions, Load)> {
    let mut node = Node::start().await?;
    let mut load = Load::new(node.deployment.l2.chain_id, 1)?;
    let working = load.start(&node.l2);
    node.l2.reach(2).await?;
    load.end(working).await?;
    let exit = node.terminate().await?;
    ensure!(exit.code == Some(0), "{exit:?}");
    Ok((node.options().clone(), load))
}

/// The promises of `load` hold on a node that starts on its data directory now, and new ones are made.
async fn goes_on(options: &NodeOptions, load: &mut Load) -> Result<Node> {
    let node = options.start().await?;
    let working = load.start(&node.l2);
    node.l2.reach(node.l2.height().await? + 1).await?;
    load.end(working).await?;
    let accounts = load.accounts();
    let mut ledger = std::mem::take(&mut *load.ledger.lock());
    ledger.settle(&node.l2, &accounts).await?;
    *load.ledger.lock() = ledger;
    Ok(node)
}

/// The newest segment of the block log.
fn log_file(datadir: &Path) -> Result<PathBuf> {
    let entries = fs::read_dir(datadir.join("l2/log"))?.collect::<Result<Vec<_>, _>>()?;
    let logs = entries
        .into_iter()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|e| e == "log"));
    logs.max().context("there is no log")
}

#[tokio::test]
async fn a_port_in_use_is_named_with_the_flag_that_changes_it() -> Result<()> {
    let taken = TcpListener::bind("127.0.0.1:0")?;
    let port = taken.local_addr()?.port().to_string();
    for flag in [
        "--l1-port",
        "--l2-port",
        "--api-port",
        "--metrics-port",
        "--admin-port",
    ] {
        let sentence = NodeOptions::new()?.with([flag, &port]).refused().await?;
        contains(
            &sentence,
            &[&format!("port {port}"), flag, "choose another"],
        )?;
    }
    Ok(())
}

#[tokio::test]
async fn bad_arguments_end_with_code_2_and_the_usage() -> Result<()> {
    for arguments in [
        vec!["--no-such-flag"],
        vec!["--block-time", "0"],
        vec!["--block-time", "soon"],
        vec!["--l2-port", "70000"],
        vec!["--fork", "frontier"],
        vec!["--slice-interval", "5 minutes"],
        vec!["--l1-beacon", "http://127.0.0.1:1"],
        vec!["--gas-limit", "1"],
        vec!["--admin-host", "127.0.0.1"],
        vec!["--admin-token-file", "token"],
    ] {
        let exit = NodeOptions::new()?.with(arguments.clone()).run().await?;
        ensure!(exit.code == Some(2), "{arguments:?}: {exit:?}");
        contains(&exit.stderr, &["error: ", "--help"])?;
        ensure!(exit.stdout.is_empty(), "{arguments:?}: {exit:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_data_directory_that_can_not_be_written_is_named() -> Result<()> {
    // A file in the way stops everybody, the system's administrator too.
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("file");
    fs::write(&file, "not a directory")?;
    for place in [file.clone(), file.join("below")] {
        let sentence = NodeOptions::on(&place).refused().await?;
        contains(
            &sentence,
            &[
                "the data directory",
                &place.display().to_string(),
                "can not be created",
            ],
        )?;
    }
    Ok(())
}

#[tokio::test]
async fn an_l1_that_does_not_answer_is_named() -> Result<()> {
    let unused = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let url = format!("http://{unused}");
    let sentence = NodeOptions::new()?
        .with(["--l1-rpc", &url])
        .refused()
        .await?;
    contains(&sentence, &[&url, "is it running?"])
}

#[tokio::test]
async fn a_damaged_database_is_refused_whatever_part_is_damaged() -> Result<()> {
    let (options, mut load) = used().await?;
    let path = options.datadir().join("l2/db/mdbx.dat");
    let whole = fs::read(&path)?;
    let garbage = [0xa5; PAGE as usize];
    let folder = options.datadir().join("l2/db").display().to_string();
    let check = async |damage: &str| {
        let sentence = options.refused().await.with_context(|| damage.to_owned())?;
        contains(&sentence, &[&folder, "damaged", "restore a backup"])
            .with_context(|| damage.to_owned())
    };
    let overwrite = |pages: std::ops::Range<u64>| -> Result<()> {
        let file = File::options().write(true).open(&path)?;
        pages
            .into_iter()
            .try_for_each(|page| file.write_all_at(&garbage, page * PAGE))?;
        Ok(())
    };
    overwrite(0..3)?;
    check("its first pages").await?;
    fs::write(&path, &whole)?;
    // All of them: a chain's genesis alone fills hundreds.
    overwrite(3..whole.len() as u64 / PAGE)?;
    check("everything but its first pages").await?;
    fs::write(&path, &whole[..100_000])?;
    check("cut short").await?;
    fs::write(&path, "something else")?;
    check("another file").await?;
    fs::write(&path, &whole)?;
    drop(goes_on(&options, &mut load).await?);
    Ok(())
}

#[tokio::test]
async fn a_log_damaged_in_the_middle_is_refused_with_the_place() -> Result<()> {
    let (options, mut load) = used().await?;
    let path = log_file(options.datadir())?;
    let whole = fs::read(&path)?;
    let middle = whole.len() / 2;
    let mut damaged = whole.clone();
    damaged[middle..middle + 16].fill(0xff);
    let mut cut = whole.clone();
    cut.drain(middle..middle + 16);
    for bytes in [damaged, cut] {
        fs::write(&path, bytes)?;
        let sentence = options.refused().await?;
        contains(
            &sentence,
            &[
                &path.display().to_string(),
                "offset",
                "restore the file from a backup",
            ],
        )?;
    }
    fs::write(&path, whole)?;
    drop(goes_on(&options, &mut load).await?);
    Ok(())
}

#[tokio::test]
async fn a_log_with_a_torn_tail_recovers_with_everything_acknowledged() -> Result<()> {
    let (options, mut load) = used().await?;
    // What an interrupted write leaves: the length of a record, and not all of it.
    let path = log_file(options.datadir())?;
    let mut bytes = fs::read(&path)?;
    bytes.extend([0x40, 0x01, 0, 0, 1, 2, 3, 4, 2, 9, 9, 9]);
    fs::write(&path, &bytes)?;
    drop(goes_on(&options, &mut load).await?);

    // A disk that loses what it had confirmed: the database knows more than the log.
    for lost in [3, 3_000] {
        let bytes = fs::read(&path)?;
        fs::write(&path, &bytes[..bytes.len() - lost])?;
        let mut node = goes_on(&options, &mut load)
            .await
            .with_context(|| format!("{lost} bytes lost"))?;
        let exit = node.terminate().await?;
        ensure!(exit.code == Some(0), "{lost} bytes lost: {exit:?}");
    }
    Ok(())
}

#[tokio::test]
async fn files_that_do_not_belong_together_are_refused() -> Result<()> {
    let (options, _) = used().await?;
    let (genesis, rollup) = (
        options.datadir().join("genesis.json"),
        options.datadir().join("rollup.json"),
    );
    let (whole_genesis, whole_rollup) =
        (fs::read_to_string(&genesis)?, fs::read_to_string(&rollup)?);
    let rejected = async |words: &[&str]| {
        let sentence = options.refused().await?;
        contains(&sentence, words)
    };
    fs::write(&rollup, "{")?;
    rejected(&["rollup.json is malformed"]).await?;
    fs::write(
        &rollup,
        whole_rollup.replace("\"l1_chain_id\": 900", "\"l1_chain_id\": 1"),
    )?;
    rejected(&["belongs to an L2 on L1 chain 1", "is chain 900"]).await?;
    fs::write(&rollup, &whole_rollup)?;

    let mut other: serde_json::Value = serde_json::from_str(&whole_genesis)?;
    other["timestamp"] = "0x1".into();
    fs::write(&genesis, other.to_string())?;
    rejected(&["genesis"]).await?;
    fs::remove_file(&genesis)?;
    rejected(&["rollup.json but no genesis.json"]).await?;
    fs::write(&genesis, &whole_genesis)?;

    fs::remove_dir_all(options.datadir().join("l1"))?;
    rejected(&["belongs to an L2 on another L1"]).await
}

#[tokio::test]
async fn on_a_full_disk_the_node_stays_readable_and_loses_nothing() -> Result<()> {
    let mut node = Node::start().await?;
    let mut load = Load::new(node.deployment.l2.chain_id, 2)?;
    let working = load.start(&node.l2);
    node.l2.reach(2).await?;
    // The log and the journal may still grow a little; the database's file has its size already, but most of its pages lie beyond.
    let log = fs::metadata(log_file(node.datadir())?)?.len();
    let journal = fs::metadata(node.datadir().join("l2/pool.journal"))?.len();
    node.process
        .limit_files(Some(log.max(journal) + 16 * 1024))?;
    let problems = until("the node's complaint", async || {
        let (status, ready) = node.api("/readyz").await?;
        Ok((status == 503).then(|| ready["problems"].to_string()))
    })
    .await?;
    contains(&problems, &["the disk is full"])?;
    let refusal = load
        .end(working)
        .await
        .err()
        .map(|error| format!("{error:#}"))
        .unwrap_or_default();
    // The journal may have room left: then transactions are still taken, for the time when there is room for blocks.
    ensure!(
        refusal.is_empty() || refusal.contains("journal can not be written"),
        "{refusal}"
    );

    // Reading goes on, and nothing that was promised is gone.
    let mut ledger = std::mem::take(&mut *load.ledger.lock());
    ensure!(!ledger.is_empty());
    ledger.check(&node.l2).await?;
    *load.ledger.lock() = ledger;
    let (status, _) = node.api("/livez").await?;
    ensure!(status == 200);

    // The operator makes room and starts the node again.
    node.process.limit_files(None)?;
    let exit = node.terminate().await?;
    ensure!(exit.code == Some(1), "{exit:?}");
    contains(
        exit.stderr.lines().last().unwrap_or_default(),
        &["openledger: ", "the disk is full"],
    )?;
    let options = node.options().clone();
    drop(goes_on(&options, &mut load).await?);
    Ok(())
}
