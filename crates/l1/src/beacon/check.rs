//! Whether a blob is the one with a versioned hash (EIP-4844). All of this is computation, 2 to 50 ms a blob.

use crate::L1Error;
use alloy_eips::eip4844::{Blob, env_settings::EnvKzgSettings, kzg_to_versioned_hash};
use alloy_primitives::{B256, Bytes, FixedBytes};
use rayon::prelude::*;
use serde::Deserialize;
use std::collections::HashMap;

/// Answer of the `blobs` path.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct BlobList(Vec<Bytes>);

/// Answer of the `blob_sidecars` path.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct SidecarList(Vec<Sidecar>);

#[derive(Debug, Deserialize)]
struct Sidecar {
    blob: Bytes,
    kzg_commitment: FixedBytes<48>,
    kzg_proof: FixedBytes<48>,
}

impl BlobList {
    /// The blobs with the wanted hashes.
    pub(super) fn verified(self, wanted: &[B256]) -> Result<HashMap<B256, Box<Blob>>, L1Error> {
        self.0
            .into_par_iter()
            .map(|bytes| {
                let hash = computed_hash(&bytes)?;
                Ok(wanted
                    .contains(&hash)
                    .then(|| Some((hash, blob(&bytes)?)))
                    .flatten())
            })
            .filter_map(Result::transpose)
            .collect()
    }
}

impl SidecarList {
    /// The blobs with the wanted hashes.
    pub(super) fn verified(self, wanted: &[B256]) -> Result<HashMap<B256, Box<Blob>>, L1Error> {
        self.0
            .into_par_iter()
            .filter_map(|sidecar| {
                let claimed = kzg_to_versioned_hash(sidecar.kzg_commitment.as_slice());
                wanted
                    .contains(&claimed)
                    .then(|| sidecar.verified(claimed))
                    .and_then(Result::transpose)
            })
            .collect()
    }
}

impl Sidecar {
    /// The blob, if it is that of its commitment.
    fn verified(&self, claimed: B256) -> Result<Option<(B256, Box<Blob>)>, L1Error> {
        // A proof may be wrong (or be absent in effect, as for blobs with cell proofs) beside the right blob.
        let right = self.proof_holds()? || computed_hash(&self.blob)? == claimed;
        Ok(right.then(|| Some((claimed, blob(&self.blob)?))).flatten())
    }

    fn proof_holds(&self) -> Result<bool, L1Error> {
        let (commitment, proof) = (
            c_kzg::Bytes48::new(self.kzg_commitment.0),
            c_kzg::Bytes48::new(self.kzg_proof.0),
        );
        let holds = EnvKzgSettings::Default.get().verify_blob_kzg_proof(
            &kzg_blob(&self.blob)?,
            &commitment,
            &proof,
        );
        // An error is a proof that is no point of the curve.
        Ok(holds.unwrap_or(false))
    }
}

/// The versioned hash, by the commitment recomputed from the blob.
fn computed_hash(bytes: &[u8]) -> Result<B256, L1Error> {
    let commitment = EnvKzgSettings::Default
        .get()
        .blob_to_kzg_commitment(&kzg_blob(bytes)?)
        .map_err(malformed)?;
    Ok(kzg_to_versioned_hash(commitment.to_bytes().as_ref()))
}

fn kzg_blob(bytes: &[u8]) -> Result<c_kzg::Blob, L1Error> {
    c_kzg::Blob::from_bytes(bytes).map_err(malformed)
}

fn blob(bytes: &[u8]) -> Option<Box<Blob>> {
    let mut blob = Box::<Blob>::default();
    if bytes.len() != blob.len() {
        return None;
    }
    blob.copy_from_slice(bytes);
    Some(blob)
}

fn malformed(error: c_kzg::Error) -> L1Error {
    L1Error::Malformed {
        what: "blobs of a block",
        reason: format!("{error:?}"),
    }
}
