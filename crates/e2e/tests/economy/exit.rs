//! A claim that leaves to the L1.

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_sol_types::{SolCall, SolValue, sol};
use anyhow::{Context, Result};
use openledger_contracts::{IL2ToL1MessagePasser::MessagePassed, addresses};
use openledger_e2e::{Account, Bridge, Economy, IExit, Node, OnChainGame, Receipt, hash_of, until};
use serde_json::{Value, json};

sol! {
    interface IERC20 {
        function balanceOf(address account) external view returns (uint256);
    }
}

/// Proves a withdrawal and finalizes it; its target has the coins on the L1.
pub async fn arrives(
    node: &Node,
    economy: &Economy,
    receipt: &Receipt,
    target: Address,
    amount: U256,
) -> Result<()> {
    let bridge = Bridge::of(node).await?;
    let portal = bridge.contract("OptimismPortal")?;
    let passed: MessagePassed = receipt.event()?;
    let withdrawal = IExit::WithdrawalTransaction {
        nonce: passed.nonce,
        sender: passed.sender,
        target: passed.target,
        value: passed.value,
        gasLimit: passed.gasLimit,
        data: passed.data.clone(),
    };
    let block = receipt.block()?;
    let (index, game): (usize, OnChainGame) = until("an output root holds it", async || {
        let games = bridge.games().await?;
        Ok(games
            .into_iter()
            .enumerate()
            .find(|(_, game)| game.number >= block))
    })
    .await?;
    let passer = addresses::L2_TO_L1_MESSAGE_PASSER;
    let slot = keccak256((passed.withdrawalHash, U256::ZERO).abi_encode());
    let number = format!("{:#x}", game.number);
    let params = json!([passer, [slot], number]);
    let proof: Value = economy.l2.get("eth_getProof", params).await?;
    let at = economy.l2.block(game.number).await?;
    let output = IExit::OutputRootProof {
        version: B256::ZERO,
        stateRoot: hash_of(&at, "stateRoot")?,
        messagePasserStorageRoot: hash_of(&proof, "storageHash")?,
        latestBlockhash: hash_of(&at, "hash")?,
    };
    let nodes: Vec<Bytes> = serde_json::from_value(proof["storageProof"][0]["proof"].clone())?;
    let anyone = Account::development(9)?;
    let prove = IExit::proveWithdrawalTransactionCall {
        withdrawal: withdrawal.clone(),
        disputeGameIndex: U256::from(index),
        outputRootProof: output,
        withdrawalProof: nodes,
    };
    let sent = bridge.send(&anyone, portal, prove.abi_encode()).await?;
    bridge.mined(sent).await.context("it is not proven")?;
    let token = bridge.contract("OPEN")?;
    let before = bridge
        .view(token, IERC20::balanceOfCall { account: target })
        .await?;
    let finalize = IExit::finalizeWithdrawalTransactionCall { withdrawal };
    let finalize = finalize.abi_encode();
    until("it can be finalized", async || {
        let request =
            json!({"from": anyone.address, "to": portal, "data": Bytes::from(finalize.clone())});
        let outcome = bridge.l1.call("eth_call", json!([request, "latest"])).await;
        Ok(outcome.ok())
    })
    .await?;
    let sent = bridge.send(&anyone, portal, finalize.clone()).await?;
    bridge.mined(sent).await.context("it is not finalized")?;
    let after = bridge
        .view(token, IERC20::balanceOfCall { account: target })
        .await?;
    anyhow::ensure!(after - before == amount, "{after} - {before} != {amount}");
    Ok(())
}
