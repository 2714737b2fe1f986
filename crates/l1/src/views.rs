//! Reading contracts as of one L1 block.

use crate::{L1Client, L1Error};
use alloy_eips::BlockId;
use alloy_primitives::{Address, B256, Bytes, U64, U256};
use alloy_sol_types::SolCall;
use serde_json::json;

/// Why a contract could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ViewError {
    /// The L1 does not answer.
    #[error(transparent)]
    L1(L1Error),
    /// The contract refuses, or is not what it is taken for.
    #[error("{contract} does not answer {call}: {reason}")]
    Contract {
        /// Its address.
        contract: Address,
        /// The function.
        call: &'static str,
        /// In the endpoint's words.
        reason: String,
    },
}

/// The state of the L1 at a block, by its hash: all answers belong to one chain, whatever the endpoint does meanwhile (EIP-1898).
#[derive(Debug, Clone, Copy)]
pub struct Views<'a> {
    client: &'a L1Client,
    at: B256,
}

impl<'a> Views<'a> {
    /// As of the block with this hash. Nothing is asked yet.
    pub fn new(client: &'a L1Client, at: B256) -> Self {
        Self { client, at }
    }

    /// What a function without side effects answers.
    ///
    /// # Errors
    /// [`ViewError::Contract`] when it reverts or answers with another type; [`ViewError::L1`].
    pub async fn call<C: SolCall>(
        &self,
        contract: Address,
        call: C,
    ) -> Result<C::Return, ViewError> {
        let refused = |reason: String| ViewError::Contract {
            contract,
            call: C::SIGNATURE,
            reason,
        };
        let request = json!({ "to": contract, "input": Bytes::from(call.abi_encode()) });
        let answer: Bytes = self
            .client
            .call("eth_call", (request, BlockId::hash(self.at)))
            .await
            .map_err(|error| match error {
                // Anything else (a block that is gone, a rate limit) says nothing about the contract.
                L1Error::Refused { code, message, .. } if is_revert(code, &message) => {
                    refused(message)
                }
                error => ViewError::L1(error),
            })?;
        C::abi_decode_returns(&answer).map_err(|error| refused(error.to_string()))
    }
}

impl L1Client {
    /// Gas that a call would use as of the newest block; the inner error is why it would revert.
    ///
    /// # Errors
    /// When the endpoint does not answer.
    pub async fn estimate_gas(
        &self,
        from: Address,
        to: Address,
        value: U256,
        data: &Bytes,
    ) -> Result<Result<u64, String>, L1Error> {
        let request = json!({ "from": from, "to": to, "value": value, "input": data });
        match self.call::<_, U64>("eth_estimateGas", (request,)).await {
            Ok(gas) => Ok(Ok(gas.to())),
            Err(L1Error::Refused { code, message, .. }) if is_revert(code, &message) => {
                Ok(Err(message))
            }
            Err(error) => Err(error),
        }
    }
}

/// Whether the EVM refused, and not the endpoint: code 3, or the words that endpoints have for it.
fn is_revert(code: i64, message: &str) -> bool {
    code == 3 || message.to_lowercase().contains("revert")
}
