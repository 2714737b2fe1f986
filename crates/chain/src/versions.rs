//! A value and what it was before, for readers who look at an earlier moment.

use alloy_primitives::map::HashMap;
use std::hash::{BuildHasher, Hash};

/// The values that something had, each from a version on.
#[derive(Debug)]
pub(crate) struct Versions<T> {
    last: (u32, T),
    /// Ascending by version, all below the last one's. Most values are written once in a block.
    earlier: Vec<(u32, T)>,
}

impl<T> Versions<T> {
    /// Writes what a map has under a key.
    pub(crate) fn write<K, S>(map: &mut HashMap<K, Self, S>, key: K, version: u32, value: T)
    where
        K: Eq + Hash,
        S: BuildHasher,
    {
        match map.get_mut(&key) {
            Some(versions) => versions.set(version, value),
            None => {
                map.insert(
                    key,
                    Self {
                        last: (version, value),
                        earlier: Vec::new(),
                    },
                );
            }
        }
    }

    /// The value from `version` on, which is not below an earlier call's.
    pub(crate) fn set(&mut self, version: u32, value: T) {
        let before = std::mem::replace(&mut self.last, (version, value));
        if before.0 < version {
            self.earlier.push(before);
        }
    }

    /// The value at a version; `None` when it was first written later.
    pub(crate) fn at(&self, version: u32) -> Option<&T> {
        if self.last.0 <= version {
            return Some(&self.last.1);
        }
        let later = self.earlier.partition_point(|(from, _)| *from <= version);
        self.earlier
            .get(later.checked_sub(1)?)
            .map(|(_, value)| value)
    }

    /// The value as written last.
    pub(crate) fn last(&self) -> &T {
        &self.last.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_version_sees_what_was_written_up_to_it() {
        let mut map: HashMap<(), Versions<char>> = HashMap::default();
        for (version, value) in [(1, 'a'), (1, 'b'), (4, 'c'), (6, 'd'), (6, 'e')] {
            Versions::write(&mut map, (), version, value);
        }
        let versions = &map[&()];
        let seen: Vec<_> = (0..8)
            .map(|version| versions.at(version).copied())
            .collect();
        let b = Some('b');
        assert_eq!(
            seen,
            [None, b, b, b, Some('c'), Some('c'), Some('e'), Some('e')]
        );
        assert_eq!(*versions.last(), 'e');
    }
}
