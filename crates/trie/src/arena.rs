//! Nodes by number, in one allocation per kind of node.

use std::num::NonZeroU32;

/// The number of a live item of an [`Arena`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Id(NonZeroU32);

/// A vector with a free list.
///
/// Ids are only held by the trie that owns the arena, which drops an id when it removes the item;
/// so using an id that is not live is a bug here, whatever the database holds.
#[derive(Debug)]
pub(crate) struct Arena<T> {
    slots: Vec<Option<T>>,
    free: Vec<Id>,
}

impl<T> Default for Arena<T> {
    fn default() -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
        }
    }
}

impl<T> Arena<T> {
    /// Live items.
    pub(crate) fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    pub(crate) fn insert(&mut self, item: T) -> Id {
        let id = self.reserve();
        self.restore(id, item);
        id
    }

    /// A number for an item that [`Self::restore`] is going to bring.
    pub(crate) fn reserve(&mut self) -> Id {
        if let Some(id) = self.free.pop() {
            return id;
        }
        self.slots.push(None);
        let number = u32::try_from(self.slots.len())
            .ok()
            .and_then(NonZeroU32::new);
        Id(number.expect("a trie in memory has fewer than 2^32 nodes"))
    }

    pub(crate) fn remove(&mut self, id: Id) -> T {
        let item = self.slot(id).take().expect("id is live");
        self.free.push(id);
        item
    }

    /// Takes the item out for a while: its number stays its own until [`Self::restore`].
    pub(crate) fn borrow(&mut self, id: Id) -> T {
        self.slot(id).take().expect("id is live")
    }

    /// Puts back an item taken by [`Self::borrow`], or in for [`Self::reserve`].
    pub(crate) fn restore(&mut self, id: Id, item: T) {
        *self.slot(id) = Some(item);
    }

    /// Gives up the number of an item taken by [`Self::borrow`].
    pub(crate) fn release(&mut self, id: Id) {
        self.free.push(id);
    }

    pub(crate) fn get(&self, id: Id) -> &T {
        self.slots[index(id)].as_ref().expect("id is live")
    }

    pub(crate) fn get_mut(&mut self, id: Id) -> &mut T {
        self.slot(id).as_mut().expect("id is live")
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.slots.iter().flatten()
    }

    /// Gives memory back when most of the numbers are free at the end.
    pub(crate) fn reset_if_empty(&mut self) {
        if self.len() == 0 {
            *self = Self::default();
        }
    }

    fn slot(&mut self, id: Id) -> &mut Option<T> {
        &mut self.slots[index(id)]
    }
}

fn index(id: Id) -> usize {
    id.0.get() as usize - 1
}
