//! A map that can be put back as it was: reads are those of a `BTreeMap`, writes are recorded.
//!
//! A rollback, and the comparison of a down script with the state before its up script, need the
//! catalog as it was. Copying it for every migration would cost more than everything else together,
//! so each write remembers what it replaced, once per transaction or savepoint.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;
use std::sync::Arc;

#[derive(Debug, Clone)]
pub struct Shelf<K: Ord, V> {
    map: BTreeMap<K, V>,
    /// Something temporary has been here: nearly never, and else nobody need look for it.
    had_temporary: bool,
    /// What was there before, in order of writing.
    log: Vec<(K, Option<V>)>,
    /// Keys already remembered since the last mark.
    touched: BTreeSet<K>,
}

impl<K: Ord, V> Default for Shelf<K, V> {
    fn default() -> Self {
        Shelf { map: BTreeMap::new(), had_temporary: false, log: Vec::new(), touched: BTreeSet::new() }
    }
}

impl<K: Ord, V> Deref for Shelf<K, V> {
    type Target = BTreeMap<K, V>;

    fn deref(&self) -> &Self::Target {
        &self.map
    }
}

/// What things on a shelf are found by.
pub trait Shelved: Ord + Clone {
    fn is_temporary(&self) -> bool;
}

impl<K: Ord, V> Shelf<K, V> {
    pub(super) fn had_temporary(&self) -> bool {
        self.had_temporary
    }
}

impl<K: Shelved, V: Clone> Shelf<K, V> {
    pub(super) fn insert(&mut self, key: K, value: V) {
        self.had_temporary |= key.is_temporary();
        let before = self.map.insert(key.clone(), value);
        if self.touched.insert(key.clone()) {
            self.log.push((key, before));
        }
    }

    pub(super) fn remove(&mut self, key: &K) -> Option<V> {
        let before = self.map.remove(key)?;
        if self.touched.insert(key.clone()) {
            self.log.push((key.clone(), Some(before.clone())));
        }
        Some(before)
    }

    /// Keys written since a mark, each with what stood there at the mark.
    pub(super) fn since(&self, mark: usize) -> BTreeMap<&K, Option<&V>> {
        let mut first = BTreeMap::new();
        for (key, before) in self.log.iter().skip(mark) {
            first.entry(key).or_insert(before.as_ref());
        }
        first
    }
}

impl<K: Ord + Clone, T: Clone> Shelf<K, Arc<T>> {
    /// The object for changing; copied when a record of it is kept.
    pub(super) fn edit(&mut self, key: &K) -> Option<&mut T> {
        let value = self.map.get_mut(key)?;
        if self.touched.insert(key.clone()) {
            self.log.push((key.clone(), Some(Arc::clone(value))));
        }
        Some(Arc::make_mut(value))
    }

    /// The object out of the shelf, to be worked on while the rest is asked questions; a stand-in
    /// keeps its place until it is put back.
    pub(super) fn take(&mut self, key: &K, stand_in: Arc<T>) -> Option<Arc<T>> {
        let value = std::mem::replace(self.map.get_mut(key)?, stand_in);
        if self.touched.insert(key.clone()) {
            self.log.push((key.clone(), Some(Arc::clone(&value))));
        }
        Some(value)
    }

    pub(super) fn put_back(&mut self, key: &K, value: Arc<T>) {
        if let Some(slot) = self.map.get_mut(key) {
            *slot = value;
        }
    }
}

/// What the journal does with every shelf, whatever is on it.
pub(super) trait Recorded {
    /// The present point, to come back to.
    fn mark(&mut self) -> usize;
    fn unwind(&mut self, mark: usize);
    fn forget(&mut self);
}

impl<K: Ord + Clone, V: Clone> Recorded for Shelf<K, V> {
    fn mark(&mut self) -> usize {
        self.touched.clear();
        self.log.len()
    }

    fn unwind(&mut self, mark: usize) {
        while self.log.len() > mark {
            if let Some((key, before)) = self.log.pop() {
                match before {
                    Some(value) => self.map.insert(key, value),
                    None => self.map.remove(&key),
                };
            }
        }
        self.touched.clear();
    }

    fn forget(&mut self) {
        self.log.clear();
        self.touched.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Shelved for u8 {
        fn is_temporary(&self) -> bool {
            false
        }
    }

    #[test]
    fn unwinding_restores_each_mark() {
        let mut shelf: Shelf<u8, Arc<u32>> = Shelf::default();
        shelf.insert(1, Arc::new(10));
        let first = shelf.mark();
        *shelf.edit(&1).unwrap() = 11;
        *shelf.edit(&1).unwrap() = 12;
        let second = shelf.mark();
        shelf.remove(&1);
        shelf.insert(2, Arc::new(20));
        assert_eq!(shelf.since(first).into_iter().map(|(k, v)| (*k, v.map(|v| **v))).collect::<Vec<_>>(), [(1, Some(10)), (2, None)]);
        shelf.unwind(second);
        assert_eq!(shelf.get(&1).map(|v| **v), Some(12));
        assert!(!shelf.contains_key(&2));
        shelf.unwind(first);
        assert_eq!(shelf.get(&1).map(|v| **v), Some(10));
    }
}
