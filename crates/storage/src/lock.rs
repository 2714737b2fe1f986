//! One process at a time.

use std::{
    fs::{File, TryLockError},
    io,
    path::Path,
};

/// The file in a directory that is locked by its owner.
const LOCK_FILE: &str = "lock";

#[derive(Debug)]
pub(crate) enum LockError {
    /// Somebody else holds it.
    Held,
    Io(io::Error),
}

/// Locks a directory against other processes, and other handles of this one, until the file is dropped. The lock ends
/// with the process, however it ends.
pub(crate) fn lock_directory(directory: &Path) -> Result<File, LockError> {
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(directory.join(LOCK_FILE));
    let file = file.map_err(LockError::Io)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(LockError::Held),
        Err(TryLockError::Error(error)) => Err(LockError::Io(error)),
    }
}
