//! Arrays of little-endian numbers in a mapped file.

/// An array of `u32` wherever the file holds it: read in the file's byte order, which is the same on every machine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct U32s<'a>(&'a [[u8; 4]]);

impl<'a> U32s<'a> {
    /// Bytes after the last whole number are left out.
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes.as_chunks().0)
    }

    pub(crate) fn len(self) -> usize {
        self.0.len()
    }

    pub(crate) fn get(self, index: usize) -> Option<u32> {
        self.0.get(index).map(|bytes| u32::from_le_bytes(*bytes))
    }

    /// The numbers of a range, none when it is not inside the array.
    pub(crate) fn part(self, range: std::ops::Range<usize>) -> Self {
        Self(self.0.get(range).unwrap_or_default())
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = u32> + 'a {
        self.0.iter().map(|bytes| u32::from_le_bytes(*bytes))
    }

    /// How many numbers, from the first on, are at most `bound`. The array is ascending.
    pub(crate) fn count_up_to(self, bound: u32) -> usize {
        self.0
            .partition_point(|bytes| u32::from_le_bytes(*bytes) <= bound)
    }
}

/// An array of `u64`, as [`U32s`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct U64s<'a>(&'a [[u8; 8]]);

impl<'a> U64s<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes.as_chunks().0)
    }

    pub(crate) fn len(self) -> usize {
        self.0.len()
    }

    pub(crate) fn get(self, index: usize) -> Option<u64> {
        self.0.get(index).map(|bytes| u64::from_le_bytes(*bytes))
    }

    /// Where `value` is. The array is strictly ascending.
    pub(crate) fn find(self, value: u64) -> Option<usize> {
        self.0
            .binary_search_by(|bytes| u64::from_le_bytes(*bytes).cmp(&value))
            .ok()
    }
}
