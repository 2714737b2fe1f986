//! The bytes of a segment: a mapped file, or memory.

use memmap2::Mmap;
use std::{fs::File, io, ops::Deref};

#[derive(Debug)]
pub(crate) enum Data {
    Mapped(Mmap),
    Owned(Vec<u8>),
}

impl Data {
    /// Maps a file, whole and read only.
    ///
    /// # Errors
    /// When the operating system can not map it.
    #[allow(unsafe_code)]
    pub(crate) fn map(file: &File) -> io::Result<Self> {
        // SAFETY: a mapping is unsound when its file changes while it is read. Segments are written to a temporary file that
        // is renamed into place when it is complete, and never written to again; a new one of the same name is another file.
        // What is read is treated as untrusted all the same: no value from the file is used as an index unchecked. A file
        // that another program shortens ends the process (SIGBUS), which is named in the crate's documentation.
        let map = unsafe { Mmap::map(file)? };
        Ok(Self::Mapped(map))
    }
}

impl Deref for Data {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Mapped(map) => map,
            Self::Owned(bytes) => bytes,
        }
    }
}
