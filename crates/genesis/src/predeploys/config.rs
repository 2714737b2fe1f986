//! What a chain chooses about its predeploys.

use super::economy::{EconomyConfig, EconomyError};
use crate::OpFork;
use alloy_primitives::{Address, B256, Bytes, U256};

/// What a chain chooses about its predeploys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PredeployConfig {
    /// EIP-155 id of the L2.
    pub chain_id: u64,
    /// Newest fork that is active at genesis.
    pub fork: OpFork,
    /// Who may upgrade the proxied predeploys and redirect the fee vaults. Not zero.
    pub proxy_admin_owner: Address,
    /// Where fees go.
    pub fee_vaults: FeeVaults,
    /// The L1 token that is the native coin of the L2; `None` where ether is.
    pub gas_paying_token: Option<GasPayingToken>,
    /// Who speaks for the L1.
    pub l1_peers: L1Peers,
    /// Times and prices of the economy.
    pub economy: EconomyConfig,
}

/// The contracts of the L1 that the L2's believe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct L1Peers {
    /// L1CrossDomainMessenger: what it sends is a message from the L1.
    pub cross_domain_messenger: Address,
    /// L1StandardBridge: what it says is locked is minted here.
    pub standard_bridge: Address,
}

/// Where each kind of fee goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeeVaults {
    /// Priority fees.
    pub sequencer: VaultConfig,
    /// Base fees.
    pub base_fee: VaultConfig,
    /// L1 data fees.
    pub l1_fee: VaultConfig,
    /// Operator fees.
    pub operator_fee: VaultConfig,
}

impl FeeVaults {
    /// All fees to one recipient on the L2, in withdrawals of any size.
    pub fn all_to(recipient: Address) -> Self {
        let vault = VaultConfig {
            recipient,
            min_withdrawal: U256::ZERO,
            network: WithdrawalNetwork::L2,
        };
        Self {
            sequencer: vault,
            base_fee: vault,
            l1_fee: vault,
            operator_fee: vault,
        }
    }
}

/// Where one kind of fee goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VaultConfig {
    /// Who is paid. Not zero.
    pub recipient: Address,
    /// Least balance that can be paid out, in wei.
    pub min_withdrawal: U256,
    /// Where the recipient is paid.
    pub network: WithdrawalNetwork,
}

/// The layer on which a recipient is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WithdrawalNetwork {
    /// By a withdrawal to the L1.
    L1,
    /// By a transfer on the L2.
    L2,
}

/// An ERC-20 of the L1 that is the native coin of the L2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GasPayingToken {
    /// Its address on the L1.
    pub address: Address,
    /// Its decimals; 18, since the L2 knows nothing else.
    pub decimals: u8,
    /// Its name, at most 32 bytes.
    pub name: String,
    /// Its symbol, at most 32 bytes.
    pub symbol: String,
}

/// Why the predeploys could not be built.
#[derive(Debug, thiserror::Error)]
pub enum PredeployError {
    /// The economy is out of bounds.
    #[error(transparent)]
    Economy(#[from] EconomyError),
    /// A contract refused its configuration; the data is its Solidity error.
    #[error("the contract at {address} refused its configuration: {data}")]
    Reverted {
        /// Where it happened.
        address: Address,
        /// Revert data.
        data: Bytes,
    },
    /// A contract did not run to its end: the embedded code is broken.
    #[error("the contract at {address} did not run to its end: {reason}")]
    Halted {
        /// Where it happened.
        address: Address,
        /// What the EVM says.
        reason: String,
    },
    /// A text does not fit the 32 bytes that the contract has for it.
    #[error("{0:?} is longer than 32 bytes")]
    TextTooLong(String),
}

/// A text as a left-aligned, zero-padded word.
pub(super) fn short_text(text: &str) -> Result<B256, PredeployError> {
    if text.len() > 32 {
        return Err(PredeployError::TextTooLong(text.to_owned()));
    }
    Ok(B256::right_padding_from(text.as_bytes()))
}
