//! Blobs with their commitments and proofs.

use alloy_eips::{
    eip4844::{Blob, BlobTransactionSidecar, Bytes48, env_settings::EnvKzgSettings},
    eip7594::{BlobTransactionSidecarEip7594, CELLS_PER_EXT_BLOB},
};
use alloy_primitives::{Bytes, FixedBytes};
use openledger_primitives::BlobSidecar;
use openledger_protocol::encode_blob;
use rayon::prelude::*;

/// Which proofs blobs come with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SidecarForm {
    /// One for each blob (EIP-4844): up to Prague.
    Blobs,
    /// One for each cell (EIP-7594): from Osaka on.
    Cells,
}

impl SidecarForm {
    pub(super) fn of(sidecar: &BlobSidecar) -> Self {
        match sidecar {
            BlobSidecar::Eip4844(_) => Self::Blobs,
            BlobSidecar::Eip7594(_) => Self::Cells,
        }
    }

    pub(super) fn other(self) -> Self {
        match self {
            Self::Blobs => Self::Cells,
            Self::Cells => Self::Blobs,
        }
    }
}

/// Puts data into blobs and proves them: 100 ms a blob, with cell proofs 250 to 350 ms, on as many cores as there are. To be
/// called where blocking is allowed.
///
/// Fails when there are none, or one's data is too long.
pub(super) fn build_sidecar(data: &[Bytes], form: SidecarForm) -> Result<BlobSidecar, String> {
    if data.is_empty() {
        return Err("it has no blobs".into());
    }
    let proven: Vec<Proven> = data
        .par_iter()
        .map(|data| prove(data, form))
        .collect::<Result<_, _>>()?;
    let commitments = proven.iter().map(|one| one.commitment).collect();
    let proofs = proven.iter().flat_map(|one| one.proofs.iter().copied());
    Ok(match form {
        SidecarForm::Blobs => BlobSidecar::Eip4844(BlobTransactionSidecar {
            proofs: proofs.collect(),
            commitments,
            blobs: blobs(proven),
        }),
        SidecarForm::Cells => BlobSidecar::Eip7594(BlobTransactionSidecarEip7594 {
            cell_proofs: proofs.collect(),
            commitments,
            blobs: blobs(proven),
        }),
    })
}

struct Proven {
    blob: Box<Blob>,
    commitment: Bytes48,
    proofs: Vec<Bytes48>,
}

fn blobs(proven: Vec<Proven>) -> Vec<Blob> {
    let mut blobs = Vec::with_capacity(proven.len());
    blobs.extend(proven.into_iter().map(|one| *one.blob));
    blobs
}

fn prove(data: &[u8], form: SidecarForm) -> Result<Proven, String> {
    let failed = |error: c_kzg::Error| format!("a blob can not be proven: {error:?}");
    let settings = EnvKzgSettings::Default.get();
    let blob = encode_blob(data).map_err(|error| error.to_string())?;
    let kzg_blob = c_kzg::Blob::from_bytes(blob.as_slice()).map_err(failed)?;
    let commitment = settings.blob_to_kzg_commitment(&kzg_blob).map_err(failed)?;
    let commitment = commitment.to_bytes();
    let proofs = match form {
        SidecarForm::Blobs => {
            let proof = settings
                .compute_blob_kzg_proof(&kzg_blob, &commitment)
                .map_err(failed)?;
            vec![FixedBytes(proof.to_bytes().into_inner())]
        }
        SidecarForm::Cells => {
            let (_, proofs) = settings
                .compute_cells_and_kzg_proofs(&kzg_blob)
                .map_err(failed)?;
            let mut all = Vec::with_capacity(CELLS_PER_EXT_BLOB);
            all.extend(
                proofs
                    .iter()
                    .map(|proof| FixedBytes(proof.to_bytes().into_inner())),
            );
            all
        }
    };
    Ok(Proven {
        blob,
        commitment: FixedBytes(commitment.into_inner()),
        proofs,
    })
}
