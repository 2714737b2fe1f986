//! Candidates to signed transactions.

use super::{TxCandidate, TxPayload, fees::Fees};
use alloy_consensus::{SignableTransaction, TxEip1559, TxEip4844};
use alloy_primitives::{B256, Signature, TxKind};
use alloy_signer::SignerSync;
use alloy_signer_local::PrivateKeySigner;
use openledger_primitives::{Tx, TxEnvelope};

/// What the signature covers besides the candidate.
#[derive(Debug, Clone)]
pub(super) struct Envelope {
    pub(super) chain_id: u64,
    pub(super) nonce: u64,
    pub(super) fees: Fees,
    /// Versioned hashes of the candidate's blobs.
    pub(super) blobs: Vec<B256>,
}

/// Signs a candidate: type 2, or type 3 when it has blobs. Fails with the signer's reason.
pub(super) fn sign(
    signer: &PrivateKeySigner,
    candidate: &TxCandidate,
    with: Envelope,
) -> Result<Tx, String> {
    let envelope = match &candidate.payload {
        TxPayload::Calldata(data) => {
            let tx = TxEip1559 {
                chain_id: with.chain_id,
                nonce: with.nonce,
                gas_limit: candidate.gas,
                max_fee_per_gas: with.fees.max_fee,
                max_priority_fee_per_gas: with.fees.tip,
                to: TxKind::Call(candidate.to),
                value: candidate.value,
                access_list: Default::default(),
                input: data.clone(),
            };
            let signature = signature(signer, &tx)?;
            TxEnvelope::Eip1559(tx.into_signed(signature))
        }
        TxPayload::Blobs(_) => {
            let tx = TxEip4844 {
                chain_id: with.chain_id,
                nonce: with.nonce,
                gas_limit: candidate.gas,
                max_fee_per_gas: with.fees.max_fee,
                max_priority_fee_per_gas: with.fees.tip,
                to: candidate.to,
                value: candidate.value,
                access_list: Default::default(),
                blob_versioned_hashes: with.blobs,
                max_fee_per_blob_gas: with.fees.blob_fee,
                input: Default::default(),
            };
            let signature = signature(signer, &tx)?;
            TxEnvelope::Eip4844(tx.into_signed(signature))
        }
    };
    Ok(Tx::with_signer(envelope, signer.address()))
}

fn signature(
    signer: &PrivateKeySigner,
    tx: &impl SignableTransaction<Signature>,
) -> Result<Signature, String> {
    signer
        .sign_hash_sync(&tx.signature_hash())
        .map_err(|error| error.to_string())
}
