//! The L1 side of the rollup, as its users and its owner call it.

use crate::{Account, Call, Node, Rpc, hash_of, until};
use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_sol_types::{SolCall, sol};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

sol! {
    /// As far as the stories call them.
    interface IL1Contracts {
        function approve(address spender, uint256 value) external returns (bool);
        function transfer(address to, uint256 value) external returns (bool);
        function balanceOf(address account) external view returns (uint256);
        function depositTransaction(address to, uint256 value, uint64 gasLimit, bool isCreation, bytes data) external payable;
        function depositERC20Transaction(address to, uint256 mint, uint256 value, uint64 gasLimit, bool isCreation, bytes data) external;
        function setGasConfigEcotone(uint32 basefeeScalar, uint32 blobbasefeeScalar) external;
        function setGasLimit(uint64 gasLimit) external;
        function setEIP1559Params(uint32 denominator, uint32 elasticity) external;
        function setOperatorFeeScalars(uint32 operatorFeeScalar, uint64 operatorFeeConstant) external;
        function setMinBaseFee(uint64 minBaseFee) external;
        function setDAFootprintGasScalar(uint16 daFootprintGasScalar) external;
        function setBatcherHash(bytes32 batcherHash) external;
        function setUnsafeBlockSigner(address unsafeBlockSigner) external;
    }
}

use IL1Contracts::{approveCall, depositERC20TransactionCall};

/// Index of the owner's key under the development mnemonic.
pub const OWNER: u32 = 102;

/// Index of the batcher's key under the development mnemonic.
pub const BATCHER: u32 = 100;

/// Gas of a transaction to the L1's contracts: more than any needs.
const L1_GAS: u64 = 2_000_000;

/// A deposit: what to do on the L2.
#[derive(Debug, Clone)]
pub struct Deposit {
    /// Who is called.
    pub to: Address,
    /// OPEN that enters the L2, in wei.
    pub mint: U256,
    /// OPEN that the call carries, in wei.
    pub value: U256,
    /// Its gas limit on the L2.
    pub gas: u64,
    /// The input.
    pub data: Bytes,
}

impl Deposit {
    /// Brings OPEN to an account.
    pub fn pay(to: Address, wei: u64) -> Self {
        Self {
            to,
            mint: U256::from(wei),
            value: U256::from(wei),
            gas: 100_000,
            data: Bytes::new(),
        }
    }
}

/// The L1 of a rollup.
#[derive(Debug, Clone)]
pub struct Bridge {
    /// The L1's JSON-RPC.
    pub l1: Rpc,
    pub(crate) chain_id: u64,
    contracts: Value,
}

impl Bridge {
    /// The L1 under a node.
    ///
    /// # Errors
    /// When the node's deployment can not be read.
    pub async fn of(node: &Node) -> Result<Self> {
        let (_, deployment) = node.api("/api/v1/deployment").await?;
        Ok(Self {
            l1: Rpc::new(&node.deployment.l1.rpc),
            chain_id: node.deployment.l1.chain_id,
            contracts: deployment["l1"]["contracts"].clone(),
        })
    }

    /// All contracts of the L1 by their names in `deployment.json`, as JSON.
    pub fn contracts(&self) -> &Value {
        &self.contracts
    }

    /// The address of a contract by its name in `deployment.json`.
    ///
    /// # Errors
    /// When there is none of this name.
    pub fn contract(&self, name: &str) -> Result<Address> {
        crate::address_of(&self.contracts, name)
    }

    /// Sends a transaction to the L1; its hash.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn send(&self, from: &Account, to: Address, input: Vec<u8>) -> Result<B256> {
        self.send_with_value(from, to, input, U256::ZERO).await
    }

    /// Sends a transaction with ether to the L1; its hash.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn send_with_value(
        &self,
        from: &Account,
        to: Address,
        input: Vec<u8>,
        value: U256,
    ) -> Result<B256> {
        let nonce = self.l1.nonce(from.address, "pending").await?;
        let call = Call {
            to: Some(to),
            value,
            input: input.into(),
            gas: L1_GAS,
        };
        let (hash, raw) = from.sign(self.chain_id, nonce, call)?;
        self.l1
            .call("eth_sendRawTransaction", json!([raw]))
            .await
            .with_context(|| format!("{hash} to {to} on the L1"))?;
        Ok(hash)
    }

    /// Waits until a transaction is in an L1 block; fails when it reverted.
    ///
    /// # Errors
    /// When it takes too long, or reverted.
    pub async fn mined(&self, hash: B256) -> Result<Value> {
        let receipt = self.l1.mined(hash).await?;
        ensure!(
            receipt["status"] == "0x1",
            "{hash} reverted on the L1: {receipt}"
        );
        Ok(receipt)
    }

    /// Allows the portal to take an account's OPEN, without a limit.
    ///
    /// # Errors
    /// When it is refused or reverts.
    pub async fn approve(&self, account: &Account) -> Result<()> {
        let hash = self.approve_later(account).await?;
        self.mined(hash).await.map(drop)
    }

    /// The same without waiting for it; the L1 transaction's hash.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn approve_later(&self, account: &Account) -> Result<B256> {
        let input = approveCall {
            spender: self.contract("OptimismPortal")?,
            value: U256::MAX,
        };
        self.send(account, self.contract("OPEN")?, input.abi_encode())
            .await
    }

    /// Sends a deposit that [`approve`](Self::approve) allows; the L1 transaction's hash.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn deposit(&self, from: &Account, deposit: Deposit) -> Result<B256> {
        let input = depositERC20TransactionCall {
            to: deposit.to,
            mint: deposit.mint,
            value: deposit.value,
            gasLimit: deposit.gas,
            isCreation: false,
            data: deposit.data,
        };
        self.send(from, self.contract("OptimismPortal")?, input.abi_encode())
            .await
    }

    /// Changes the system configuration as its owner.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn configure(&self, call: impl SolCall) -> Result<B256> {
        let owner = Account::development(OWNER)?;
        self.send(&owner, self.contract("SystemConfig")?, call.abi_encode())
            .await
    }
}

/// What the batcher has on the L1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Posted {
    /// Transactions with calldata.
    pub calldata: u64,
    /// Transactions with blobs.
    pub blobs: u64,
}

impl Posted {
    /// Transactions of both kinds.
    pub fn all(self) -> u64 {
        self.calldata + self.blobs
    }
}

impl Bridge {
    /// Counts the batcher's transactions in the L1's blocks up to its head, and checks that none
    /// of them failed, that their nonces have no hole and that no two carry the same.
    ///
    /// # Errors
    /// The first transaction of which that is not true.
    pub async fn posted(&self) -> Result<Posted> {
        let batcher = Account::development(BATCHER)?.address;
        let mut posted = Posted::default();
        let mut next = 0;
        let mut carried = std::collections::HashSet::new();
        for number in 0..=self.l1.height().await? {
            for tx in &self.l1.transactions(number).await? {
                if crate::address_of(tx, "from")? != batcher {
                    continue;
                }
                let nonce = crate::quantity(tx, "nonce")?;
                ensure!(nonce == next, "{tx} follows nonce {next}");
                next += 1;
                let payload = format!("{} {}", tx["input"], tx["blobVersionedHashes"]);
                ensure!(
                    carried.insert(payload),
                    "{tx} carries what was posted before"
                );
                self.mined(hash_of(tx, "hash")?).await?;
                match crate::quantity(tx, "type")? {
                    2 => posted.calldata += 1,
                    3 => posted.blobs += 1,
                    _ => anyhow::bail!("the batcher sent {tx}"),
                }
            }
        }
        Ok(posted)
    }
}

/// The balance of an account on the L2, once a deposit has brought it above `after`.
///
/// # Errors
/// When the L2 does not have it in time.
pub async fn deposited(l2: &Rpc, to: Address, after: U256) -> Result<U256> {
    until(&format!("a deposit to {to}"), async || {
        let balance = l2.balance(to, "latest").await?;
        Ok((balance > after).then_some(balance))
    })
    .await
}
