//! Who hangs on whom, backwards: from a table to the foreign keys, views, children and sequences
//! that name it. Links are only ever added; every lookup checks that they still hold, so renames,
//! drops and rollbacks need no bookkeeping.

use std::collections::{BTreeMap, BTreeSet};

use super::Key;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Link {
    /// The first is referenced by a foreign key of the second.
    Foreign,
    /// The first is read by the view that is the second.
    Read,
    /// The second is a partition of the first or inherits from it.
    Child,
    /// The second is a sequence owned by a column of the first.
    Owned,
    /// A trigger of the second mentions the first.
    Mention,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Links(BTreeMap<Link, BTreeMap<Key, BTreeSet<Key>>>);

impl Links {
    pub(super) fn add(&mut self, link: Link, from: &Key, to: &Key) {
        self.0.entry(link).or_default().entry(from.clone()).or_default().insert(to.clone());
    }

    pub(super) fn of<'a>(&'a self, link: Link, from: &Key) -> impl Iterator<Item = &'a Key> + use<'a> {
        self.0.get(&link).and_then(|links| links.get(from)).into_iter().flatten()
    }
}
