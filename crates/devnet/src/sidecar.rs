//! Blob sidecars in the form that the L1's fork wants.

use alloy_eips::{
    eip4844::{BlobTransactionSidecar, env_settings::EnvKzgSettings},
    eip7594::BlobTransactionSidecarVariant,
};
use alloy_hardforks::EthereumHardforks;
use alloy_primitives::FixedBytes;
use openledger_genesis::ChainSpec;
use openledger_primitives::PooledTx;
use std::sync::Arc;

/// Sidecars with more blobs are left as they are, for the pool to refuse: converting costs 50 to 300 ms a blob.
const MAX_CONVERTED: usize = 9;

/// Converts a sidecar between EIP-4844's blob proofs and EIP-7594's cell proofs, since tools send either regardless of the fork.
///
/// The pool verifies the result: a sidecar that was wrong is wrong afterwards. What can not be converted is returned unchanged.
pub fn convert_sidecar(spec: &ChainSpec, timestamp: u64, pooled: PooledTx) -> PooledTx {
    let Some(sidecar) = &pooled.sidecar else {
        return pooled;
    };
    let osaka = spec.is_osaka_active_at_timestamp(timestamp);
    let converted = match &**sidecar {
        BlobTransactionSidecarVariant::Eip4844(s) if osaka && s.blobs.len() <= MAX_CONVERTED => s
            .clone()
            .try_into_7594(EnvKzgSettings::Default.get())
            .ok()
            .map(BlobTransactionSidecarVariant::Eip7594),
        BlobTransactionSidecarVariant::Eip7594(s) if !osaka && s.blobs.len() <= MAX_CONVERTED => {
            blob_proofs(&s.blobs, &s.commitments).map(|proofs| {
                BlobTransactionSidecarVariant::Eip4844(BlobTransactionSidecar {
                    blobs: s.blobs.clone(),
                    commitments: s.commitments.clone(),
                    proofs,
                })
            })
        }
        _ => None,
    };
    match converted {
        Some(sidecar) => PooledTx {
            tx: pooled.tx,
            sidecar: Some(Arc::new(sidecar)),
        },
        None => pooled,
    }
}

fn blob_proofs(
    blobs: &[alloy_eips::eip4844::Blob],
    commitments: &[alloy_eips::eip4844::Bytes48],
) -> Option<Vec<FixedBytes<48>>> {
    let settings = EnvKzgSettings::Default.get();
    blobs
        .iter()
        .zip(commitments)
        .map(|(blob, commitment)| {
            let blob = c_kzg::Blob::from_bytes(&blob[..]).ok()?;
            let commitment = c_kzg::Bytes48::from_bytes(&commitment[..]).ok()?;
            let proof = settings.compute_blob_kzg_proof(&blob, &commitment).ok()?;
            Some(FixedBytes::from_slice(proof.to_bytes().as_ref()))
        })
        .collect()
}
