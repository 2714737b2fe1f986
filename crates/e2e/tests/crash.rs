//! kill -9 under load: what was acknowledged is there afterwards.

use alloy_primitives::U256;
use anyhow::{Context, Result, ensure};
use openledger_e2e::{Load, Node, WOPEN, WORKERS};
use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::json;
use std::time::Duration;

/// Lives of the node, by `OPENLEDGER_KILLS`.
const KILLS: u32 = 50;

/// How long a life lasts, in milliseconds: some end before the first block of it is sealed, some after.
const LIFE: std::ops::RangeInclusive<u64> = 20..=1_200;

fn from_environment<T: std::str::FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_kill_9_at_any_moment() -> Result<()> {
    let kills = from_environment("OPENLEDGER_KILLS").unwrap_or(KILLS);
    let seed = from_environment("OPENLEDGER_SEED").unwrap_or_else(rand::random);
    tell(kills, seed)
        .await
        .with_context(|| format!("repeat with OPENLEDGER_SEED={seed}"))
}

async fn tell(kills: u32, seed: u64) -> Result<()> {
    let mut random = StdRng::seed_from_u64(seed);
    let mut node = Node::start().await?;
    let mut load = Load::new(node.deployment.l2.chain_id, seed)?;
    let accounts = load.accounts();
    for life in 1..=kills {
        let span = Duration::from_millis(random.random_range(LIFE));
        async {
            let working = load.start(&node.l2);
            // Somebody looks at the newest block all the time, until the moment comes.
            let watching = async {
                loop {
                    let block = node.l2.block("latest").await?;
                    load.ledger.lock().saw_block(&block)?;
                }
            };
            let watched: Result<Result<()>, _> = tokio::time::timeout(span, watching).await;
            node.kill9();
            load.end(working).await?;
            if let Ok(ended) = watched {
                return ended;
            }
            node.restart().await?;
            let mut ledger = std::mem::take(&mut *load.ledger.lock());
            ledger.check(&node.l2).await?;
            *load.ledger.lock() = ledger;
            Ok(())
        }
        .await
        .with_context(|| format!("life {life}, which lasted {} ms", span.as_millis()))?;
    }
    let mut ledger = std::mem::take(&mut *load.ledger.lock());
    ledger.settle(&node.l2, &accounts).await?;
    println!(
        "{kills} kills, {} acknowledged, {} of them by receipt",
        ledger.len(),
        ledger.receipts()
    );
    ensure!(
        ledger.receipts() > 0 && ledger.len() > ledger.receipts(),
        "both kinds of acknowledgement were tested"
    );

    // Wrapped is what was deposited, once each.
    let supply: U256 = node
        .l2
        .get(
            "eth_call",
            json!([{"to": WOPEN, "data": "0x18160ddd"}, "latest"]),
        )
        .await?;
    ensure!(
        supply == U256::from(1_000_000 * u64::from(WORKERS))
            && supply == node.l2.balance(WOPEN, "latest").await?
    );
    Ok(())
}
