//! The data directory's layout.

use anyhow::{Context, Result};
use serde::{Serialize, de::DeserializeOwned};
use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

/// A data directory; a temporary one is removed when this is dropped.
#[derive(Debug)]
pub(crate) struct DataDir {
    root: PathBuf,
    temporary: Option<tempfile::TempDir>,
}

impl DataDir {
    pub(crate) fn open(path: Option<&Path>) -> Result<Self> {
        match path {
            Some(path) => {
                fs::create_dir_all(path).with_context(|| {
                    format!("the data directory {} can not be created", path.display())
                })?;
                Ok(Self {
                    root: path.to_owned(),
                    temporary: None,
                })
            }
            None => {
                let temporary = tempfile::Builder::new()
                    .prefix("openledger-dev-")
                    .tempdir()
                    .context(
                        "no temporary data directory can be created; name one with --datadir",
                    )?;
                Ok(Self {
                    root: temporary.path().to_owned(),
                    temporary: Some(temporary),
                })
            }
        }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// True when it goes with the process.
    pub(crate) fn is_temporary(&self) -> bool {
        self.temporary.is_some()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Reads a JSON file; `None` when it is not there.
    pub(crate) fn read<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        let path = self.path(name);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(error).with_context(|| format!("{} can not be read", path.display()));
            }
        };
        serde_json::from_slice(&bytes)
            .map(Some)
            .with_context(|| format!("{} is malformed", path.display()))
    }

    /// Writes a JSON file so that a crash leaves the old one or the new one.
    pub(crate) fn write<T: Serialize>(&self, name: &str, value: &T) -> Result<()> {
        let path = self.path(name);
        let write = || -> std::io::Result<()> {
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            let temporary = path.with_extension("tmp");
            let mut file = std::io::BufWriter::new(fs::File::create(&temporary)?);
            serde_json::to_writer_pretty(&mut file, value)?;
            file.write_all(b"\n")?;
            file.flush()?;
            file.get_ref().sync_all()?;
            fs::rename(&temporary, &path)
        };
        write().with_context(|| format!("{} can not be written", path.display()))
    }
}
