//! A life that moves everything in a chain: transactions of every type, deposits, every setting.

use crate::{
    Account, Bridge, Call, Deposit, IL1Contracts, Node, TxForm, WOPEN, deposit_call, deposited,
    quantity, transfer_call, until,
};
use alloy_eips::eip2930::{AccessList, AccessListItem};
use alloy_primitives::{Address, B256, Bytes, U256, bytes};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Whom deposits pay.
const RECIPIENT: Address = Address::repeat_byte(0xd1);

/// Whose batches count while the real batcher's do not. It posts none.
const OTHER_BATCHER: Address = Address::repeat_byte(0xba);

/// Creates a contract that answers 42.
const CREATION: Bytes = bytes!("600a600c600039600a6000f3602a60005260206000f3");

/// What [`live`] leaves in the chain: transaction types, and whether they succeeded.
const KINDS: [(&str, bool); 7] = [
    ("0x0", true),
    ("0x1", true),
    ("0x2", true),
    ("0x2", false),
    ("0x4", true),
    ("0x7e", true),
    ("0x7e", false),
];

/// A transaction of every type that an L2 accepts, contracts made and called, and one call that reverts.
async fn transact(node: &Node) -> Result<()> {
    let chain_id = node.deployment.l2.chain_id;
    let (alice, bob, carol) = (
        Account::development(0)?,
        Account::development(1)?,
        Account::development(2)?,
    );
    let reads = AccessList(vec![AccessListItem {
        address: WOPEN,
        storage_keys: vec![B256::ZERO, B256::with_last_byte(1)],
    }]);
    // Carol wraps with code that is not hers; an authorization that does not apply is skipped.
    let nonce = node.l2.nonce(carol.address, "pending").await?;
    let delegations = vec![
        carol.authorize(chain_id, nonce, WOPEN)?,
        carol.authorize(chain_id, nonce + 7, WOPEN)?,
    ];
    let delegated = Call {
        to: Some(carol.address),
        gas: 200_000,
        ..deposit_call(5)
    };
    let pay = || Call::pay(bob.address, 1);
    let calls = [
        (&alice, TxForm::Legacy, pay(), true),
        (&alice, TxForm::Unprotected, pay(), true),
        (&alice, TxForm::DynamicFee, deposit_call(1_000), true),
        (
            &alice,
            TxForm::AccessList(reads),
            transfer_call(bob.address, 10),
            true,
        ),
        (&bob, TxForm::DynamicFee, Call::create(CREATION), true),
        (&alice, TxForm::Legacy, Call::create(CREATION), true),
        (&bob, TxForm::SetCode(delegations), delegated, true),
        // More than there is.
        (
            &bob,
            TxForm::DynamicFee,
            transfer_call(alice.address, u64::MAX),
            false,
        ),
    ];
    for (account, form, call, succeeds) in calls {
        let what = format!("{form:?}");
        let nonce = node.l2.nonce(account.address, "pending").await?;
        let (_, raw) = account.sign_as(form, chain_id, nonce, call)?;
        let receipt = node
            .l2
            .call("eth_sendRawTransactionSync", json!([raw]))
            .await
            .with_context(|| what.clone())?;
        ensure!(
            (receipt["status"] == "0x1") == succeeds,
            "{what}: {receipt}"
        );
    }
    Ok(())
}

/// A deposit that pays, one that fails on the L2, and one that only mints.
async fn deposit(node: &Node, bridge: &Bridge) -> Result<()> {
    let (bob, dave) = (Account::development(1)?, Account::development(3)?);
    bridge.approve(&bob).await?;
    bridge.approve(&dave).await?;
    let before = (
        node.l2.balance(RECIPIENT, "latest").await?,
        node.l2.balance(dave.address, "latest").await?,
    );
    let mint = Deposit {
        value: U256::ZERO,
        ..Deposit::pay(RECIPIENT, 9)
    };
    let poor = Deposit {
        value: U256::MAX,
        ..Deposit::pay(RECIPIENT, 5)
    };
    // Most of them in one L1 block.
    let sent = [
        bridge.deposit(&bob, Deposit::pay(RECIPIENT, 7)).await?,
        bridge.deposit(&bob, poor).await?,
        bridge.deposit(&dave, mint).await?,
    ];
    for hash in sent {
        bridge.mined(hash).await?;
    }
    deposited(&node.l2, RECIPIENT, before.0).await?;
    let minted = deposited(&node.l2, dave.address, before.1).await?;
    ensure!(
        minted == before.1 + U256::from(9),
        "{minted} after {}",
        before.1
    );
    Ok(())
}

/// Every setting: configuration updates 1 to 5, and 6 and 7 where Jovian's rules read them.
async fn configure(bridge: &Bridge, gas_limit: u64, jovian: bool) -> Result<()> {
    let mut sent = vec![
        bridge
            .configure(IL1Contracts::setGasConfigEcotoneCall {
                basefeeScalar: 5_000,
                blobbasefeeScalar: 900_000,
            })
            .await?,
        bridge
            .configure(IL1Contracts::setGasLimitCall {
                gasLimit: gas_limit,
            })
            .await?,
        bridge
            .configure(IL1Contracts::setUnsafeBlockSignerCall {
                unsafeBlockSigner: Address::repeat_byte(0x51),
            })
            .await?,
        bridge
            .configure(IL1Contracts::setEIP1559ParamsCall {
                denominator: 100,
                elasticity: 4,
            })
            .await?,
        bridge
            .configure(IL1Contracts::setOperatorFeeScalarsCall {
                operatorFeeScalar: 1,
                operatorFeeConstant: 3,
            })
            .await?,
    ];
    if jovian {
        sent.push(
            bridge
                .configure(IL1Contracts::setMinBaseFeeCall { minBaseFee: 1_000 })
                .await?,
        );
        sent.push(
            bridge
                .configure(IL1Contracts::setDAFootprintGasScalarCall {
                    daFootprintGasScalar: 300,
                })
                .await?,
        );
    }
    for hash in sent {
        bridge.mined(hash).await?;
    }
    Ok(())
}

/// Everything that moves a chain: transactions of every type and outcome, deposits of every outcome, a change of every setting but
/// the batcher ([`rotate_batcher`]), and transactions again under the new settings.
///
/// # Errors
/// When something is refused, has another outcome, or does not happen in time.
pub async fn live(node: &Node, gas_limit: u64) -> Result<()> {
    let bridge = Bridge::of(node).await?;
    let rollup = node.l2.call("optimism_rollupConfig", json!([])).await?;
    transact(node).await?;
    deposit(node, &bridge).await?;
    configure(&bridge, gas_limit, rollup["jovian_time"].is_u64()).await?;
    until("the new gas limit", async || {
        let block = node.l2.block("latest").await?;
        Ok((quantity(&block, "gasLimit")? == gas_limit).then_some(()))
    })
    .await?;
    transact(node).await
}

/// Counts the transactions of the blocks after genesis up to a height, and checks that everything that [`live`] does is among them.
///
/// # Errors
/// When a kind of transaction is missing.
pub async fn lived(node: &Node, to: u64) -> Result<u64> {
    let mut census: BTreeMap<(String, bool), u64> = BTreeMap::new();
    for number in 1..=to {
        let receipts: Vec<Value> = node
            .l2
            .get("eth_getBlockReceipts", json!([format!("{number:#x}")]))
            .await?;
        for receipt in receipts {
            let kind = receipt["type"].as_str().context("no type")?;
            let kind = (kind.to_owned(), receipt["status"] == "0x1");
            *census.entry(kind).or_default() += 1;
        }
    }
    println!("on the L2: {census:?}");
    for (kind, succeeded) in KINDS {
        ensure!(
            census.contains_key(&(kind.to_owned(), succeeded)),
            "no {kind} with success {succeeded}: {census:?}"
        );
    }
    Ok(census.values().sum())
}

/// Configuration update 0: names another batcher until batches of the real one went for nothing, then the real one again.
/// They are posted once more; the height that is safe after that, above everything so far.
///
/// # Errors
/// When batches of a batcher that is not named count, or the chain does not go on with the one that is.
pub async fn rotate_batcher(node: &Node) -> Result<u64> {
    let bridge = &Bridge::of(node).await?;
    let real = node.deployment.batcher;
    let away = name_batcher(bridge, OTHER_BATCHER).await?;
    let sent = bridge.l1.nonce(real, "latest").await?;
    until("batches that do not count", async || {
        Ok((bridge.l1.nonce(real, "latest").await? >= sent + 2).then_some(()))
    })
    .await?;
    let back = name_batcher(bridge, real).await?;
    let safe = safe(node, node.l2.height().await?, back).await?;
    let (before, during) = (
        safe_head_at(node, away - 1).await?,
        safe_head_at(node, back - 1).await?,
    );
    ensure!(
        before == during,
        "{real}'s batches counted in L1 blocks {away} to {back}: {before}, then {during}"
    );
    Ok(safe)
}

/// The L1 block from which on this batcher's batches count.
async fn name_batcher(bridge: &Bridge, batcher: Address) -> Result<u64> {
    let call = IL1Contracts::setBatcherHashCall {
        batcherHash: batcher.into_word(),
    };
    let receipt = bridge.mined(bridge.configure(call).await?).await?;
    quantity(&receipt, "blockNumber")
}

async fn safe_head_at(node: &Node, l1_block: u64) -> Result<Value> {
    let params = json!([format!("{l1_block:#x}")]);
    let found = node.l2.call("optimism_safeHeadAtL1Block", params).await?;
    Ok(found["safeHead"].clone())
}

/// Waits until this height is safe, and a block whose origin is this L1 block or a later one; the safe height.
async fn safe(node: &Node, height: u64, origin: u64) -> Result<u64> {
    until(
        &format!("block {height} and L1 block {origin} are safe"),
        async || {
            let status = node.l2.call("optimism_syncStatus", json!([])).await?;
            let block = &status["safe_l2"];
            let number = block["number"].as_u64().context("no safe block")?;
            let l1 = block["l1origin"]["number"]
                .as_u64()
                .context("no L1 origin")?;
            Ok((number >= height && l1 >= origin).then_some(number))
        },
    )
    .await
}
