//! The files of the log.

use super::LogError;
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

/// A segment of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) path: PathBuf,
    /// The first block in it, its name.
    pub(super) first: u64,
    /// The highest block with a record in it.
    pub(super) highest: u64,
}

impl Segment {
    pub(super) fn new(directory: &Path, first: u64) -> Self {
        Self {
            path: directory.join(format!("{first:012}.log")),
            first,
            highest: 0,
        }
    }

    /// The segments in a directory, in order.
    pub(super) fn list(directory: &Path) -> Result<Vec<Self>, LogError> {
        let mut segments = Vec::new();
        for entry in fs::read_dir(directory).map_err(LogError::io("listing", directory))? {
            let path = entry.map_err(LogError::io("listing", directory))?.path();
            let stem = path.file_stem().and_then(|stem| stem.to_str());
            let number = stem
                .filter(|stem| stem.len() >= 12)
                .and_then(|stem| stem.parse().ok());
            if let Some(first) = number
                && path.extension().is_some_and(|extension| extension == "log")
            {
                segments.push(Self {
                    path,
                    first,
                    highest: 0,
                });
            }
        }
        segments.sort_unstable_by_key(|segment| segment.first);
        Ok(segments)
    }

    /// Opens the file for writing; it is there.
    pub(super) fn open(&self) -> Result<File, LogError> {
        File::options()
            .write(true)
            .open(&self.path)
            .map_err(LogError::io("opening", &self.path))
    }

    /// Creates the file, and its name durably.
    pub(super) fn create(&self, directory: &Path) -> Result<File, LogError> {
        let file = File::options()
            .write(true)
            .create_new(true)
            .open(&self.path);
        let file = file.map_err(LogError::io("creating", &self.path))?;
        sync_directory(directory)?;
        Ok(file)
    }

    /// Removes the file durably.
    pub(super) fn remove(&self, directory: &Path) -> Result<(), LogError> {
        fs::remove_file(&self.path).map_err(LogError::io("removing", &self.path))?;
        sync_directory(directory)
    }
}

pub(crate) fn sync_directory(directory: &Path) -> Result<(), LogError> {
    File::open(directory)
        .and_then(|directory| directory.sync_all())
        .map_err(LogError::io("syncing", directory))
}
