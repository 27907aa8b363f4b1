//! The columns, constraints, indexes and triggers of a table.

use std::sync::Arc;

/// A list whose copies share their items until one is changed: a table is copied whenever a record
/// of its former state is kept, and most of its parts stay as they are. Reads like a `Vec`.
#[derive(Debug, Clone, PartialEq)]
pub struct Parts<T>(Vec<Arc<T>>);

type Iter<'a, T> = std::iter::Map<std::slice::Iter<'a, Arc<T>>, fn(&'a Arc<T>) -> &'a T>;
type IterMut<'a, T> = std::iter::Map<std::slice::IterMut<'a, Arc<T>>, fn(&'a mut Arc<T>) -> &'a mut T>;

impl<T> Parts<T> {
    pub fn iter(&self) -> Iter<'_, T> {
        self.0.iter().map(AsRef::as_ref)
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn get(&self, at: usize) -> Option<&T> {
        self.0.get(at).map(AsRef::as_ref)
    }

    pub fn first(&self) -> Option<&T> {
        self.get(0)
    }

    pub fn last(&self) -> Option<&T> {
        self.0.last().map(AsRef::as_ref)
    }

    pub fn push(&mut self, part: T) {
        self.0.push(Arc::new(part));
    }

    pub fn insert(&mut self, at: usize, part: T) {
        self.0.insert(at, Arc::new(part));
    }

    pub fn retain(&mut self, mut stays: impl FnMut(&T) -> bool) {
        self.0.retain(|part| stays(part));
    }
}

impl<T: Clone> Parts<T> {
    /// Parts for changing, in order. Each one that is reached becomes this list's own: look for the
    /// right one first.
    pub fn iter_mut(&mut self) -> IterMut<'_, T> {
        self.0.iter_mut().map(Arc::make_mut)
    }

    /// The first part that is meant, for changing.
    pub fn find_mut(&mut self, is_meant: impl FnMut(&T) -> bool) -> Option<&mut T> {
        let at = self.iter().position(is_meant)?;
        self.get_mut(at)
    }

    /// Every part that is meant, for changing.
    pub fn filter_mut(&mut self, mut is_meant: impl FnMut(&T) -> bool) -> impl Iterator<Item = &mut T> {
        self.0.iter_mut().filter(move |part| is_meant(part)).map(Arc::make_mut)
    }

    pub fn get_mut(&mut self, at: usize) -> Option<&mut T> {
        self.0.get_mut(at).map(Arc::make_mut)
    }

    pub fn last_mut(&mut self) -> Option<&mut T> {
        self.0.last_mut().map(Arc::make_mut)
    }

    pub fn remove(&mut self, at: usize) -> T {
        Arc::unwrap_or_clone(self.0.remove(at))
    }
}

impl<T> Default for Parts<T> {
    fn default() -> Self {
        Parts(Vec::new())
    }
}

impl<T> FromIterator<T> for Parts<T> {
    fn from_iter<I: IntoIterator<Item = T>>(parts: I) -> Self {
        Parts(parts.into_iter().map(Arc::new).collect())
    }
}

impl<T> Extend<T> for Parts<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, parts: I) {
        self.0.extend(parts.into_iter().map(Arc::new));
    }
}

impl<'a, T> IntoIterator for &'a Parts<T> {
    type Item = &'a T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a, T: Clone> IntoIterator for &'a mut Parts<T> {
    type Item = &'a mut T;
    type IntoIter = IterMut<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}
