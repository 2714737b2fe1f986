//! The blobs of the embedded L1's blocks, on disk.

use crate::DevnetError;
use alloy_primitives::Bytes;
use openledger_primitives::BlobSidecar;
use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
};

/// One file for each block that has blobs; kept as long as the chain is.
#[derive(Debug)]
pub struct BlobStore {
    dir: PathBuf,
}

impl BlobStore {
    /// Opens the store, creating the directory.
    pub fn open(dir: impl Into<PathBuf>) -> Result<Self, DevnetError> {
        let dir = dir.into();
        fs::create_dir_all(&dir).map_err(|error| DevnetError::Blobs {
            path: dir.clone(),
            error,
        })?;
        Ok(Self { dir })
    }

    fn path(&self, block: u64) -> PathBuf {
        self.dir.join(format!("{block:012}.json"))
    }

    /// Stores a block's sidecars, one for each blob transaction in order. Durable when it returns.
    pub fn put(&self, block: u64, sidecars: &[Arc<BlobSidecar>]) -> Result<(), DevnetError> {
        let path = self.path(block);
        if sidecars.is_empty() {
            // A crash may have left those of a block of this height that was never finished.
            return match fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    Err(DevnetError::Blobs { path, error })
                }
                _ => Ok(()),
            };
        }
        let write = |path: &Path| -> std::io::Result<()> {
            let encoded: Vec<&BlobSidecar> = sidecars.iter().map(|sidecar| &**sidecar).collect();
            let temporary = path.with_extension("tmp");
            let mut file = fs::File::create(&temporary)?;
            serde_json::to_writer(&mut file, &encoded)?;
            file.flush()?;
            file.sync_data()?;
            fs::rename(&temporary, path)
        };
        write(&path).map_err(|error| DevnetError::Blobs { path, error })
    }

    /// A block's sidecars; empty when it has no blobs.
    pub fn get(&self, block: u64) -> Result<Vec<BlobSidecar>, DevnetError> {
        let path = self.path(block);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(DevnetError::Blobs { path, error }),
        };
        serde_json::from_slice(&bytes).map_err(|error| DevnetError::Blobs {
            path,
            error: error.into(),
        })
    }
}

/// One blob with what proves it.
pub(crate) struct StoredBlob {
    pub(crate) blob: Bytes,
    pub(crate) commitment: Bytes,
    /// Absent for sidecars with cell proofs.
    pub(crate) proof: Option<Bytes>,
    pub(crate) versioned_hash: alloy_primitives::B256,
}

/// All blobs of a block in order.
pub(crate) fn flatten(sidecars: Vec<BlobSidecar>) -> Vec<StoredBlob> {
    let mut blobs = Vec::new();
    for sidecar in sidecars {
        let hashes: Vec<_> = sidecar.versioned_hashes().collect();
        let (data, commitments, proofs) = match sidecar {
            BlobSidecar::Eip4844(s) => (s.blobs, s.commitments, Some(s.proofs)),
            BlobSidecar::Eip7594(s) => (s.blobs, s.commitments, None),
        };
        for (index, blob) in data.into_iter().enumerate() {
            blobs.push(StoredBlob {
                blob: Bytes::copy_from_slice(&blob[..]),
                commitment: commitments
                    .get(index)
                    .map(|c| Bytes::copy_from_slice(&c[..]))
                    .unwrap_or_default(),
                proof: proofs
                    .as_ref()
                    .and_then(|p| p.get(index))
                    .map(|p| Bytes::copy_from_slice(&p[..])),
                versioned_hash: hashes.get(index).copied().unwrap_or_default(),
            });
        }
    }
    blobs
}
