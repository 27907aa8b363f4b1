//! Keys before and after an ALTER: which went, which came, which only seem to.

use super::draft::{Draft, Key, same};
use super::flags::Flags;
use crate::change::IndexKind;

impl Draft<'_> {
    /// Compares the keys before and after as the SQL layer does, primary and candidate keys counted.
    pub(super) fn key_flags(&mut self) {
        let new: Vec<Key> = self.keys.iter().filter(|key| !key.old).cloned().collect();
        let gone: Vec<Key> = self.dropped_keys.iter().map(|(_, key)| key.clone()).collect();
        let pairs = self.remade(&gone, &new);
        let paired = |number: usize, side: fn(&(usize, usize)) -> usize| pairs.iter().any(|pair| side(pair) == number);
        let rest = |keys: &[Key], side: fn(&(usize, usize)) -> usize| -> Vec<Key> {
            keys.iter().enumerate().filter(|(number, _)| !paired(*number, side)).map(|(_, key)| key.clone()).collect()
        };
        let (dropped, added) = (rest(&gone, |pair| pair.0), rest(&new, |pair| pair.1));
        if self.server.is_mariadb() && pairs.iter().any(|(was, is)| gone.get(*was).zip(new.get(*is)).is_some_and(|(a, b)| a.name != b.name))
        {
            self.flags |= Flags::RENAME_INDEX;
        }
        self.builds.retain(|(_, name, _)| !pairs.iter().filter_map(|(_, is)| new.get(*is)).any(|key| same(&key.name, name)));
        let moved = self.loses_order(&gone, &new, &pairs);
        let mut candidates = self.keys.iter().filter(|key| key.old && self.is_candidate(key)).count()
            + dropped.iter().filter(|key| self.was_candidate(key)).count();
        let had_candidates = candidates > 0;
        let explicit = self.keys.iter().any(|key| key.old && key.primary) || dropped.iter().any(|key| key.primary);
        let mut flags = Flags::NONE;
        for key in &dropped {
            let mut last = key.primary;
            if self.was_candidate(key) {
                candidates = candidates.saturating_sub(1);
                last |= candidates == 0;
            }
            flags |= match (last, key.unique && !key.hashed) {
                (true, _) => Flags::DROP_PRIMARY,
                (false, true) => Flags::DROP_UNIQUE,
                (false, false) => Flags::DROP_INDEX,
            };
            if last {
                self.causes.push((self.at_of(key), format!("the rows are ordered by `{}`, which goes", key.name)));
            }
        }
        for key in &added {
            let candidate = key.primary || self.is_candidate(key);
            let mut clustered = candidate && (key.primary || candidates == 0);
            // Nearly every table has a primary key; of one the history did not make nobody knows.
            if let Some(table) = self.table.filter(|table| !table.complete && clustered && !key.primary && !explicit) {
                self.unknown(format!("whether {} has a primary key", table.key), "whether its rows are ordered anew");
                clustered = !self.optimistic;
            }
            candidates += usize::from(candidate);
            let like_implicit = key.primary
                && !explicit
                && self.server.is_mariadb()
                && self.keys.iter().any(|old| old.old && old.unique && old.parts == key.parts && self.is_candidate(old));
            flags |= match (clustered && !like_implicit, key.unique) {
                (true, _) => Flags::ADD_PRIMARY,
                (false, true) => Flags::ADD_UNIQUE,
                (false, false) => Flags::ADD_INDEX,
            };
            if clustered && !like_implicit && self.table.is_some() {
                self.causes.push((self.at_of(key), format!("the rows are ordered anew by `{}`", key.name)));
            }
            self.facts.added_fulltext += u32::from(key.kind == IndexKind::Fulltext);
            self.facts.added_spatial += u32::from(key.kind == IndexKind::Spatial);
            for part in &key.parts {
                let Some(name) = &part.column else {
                    // A functional key part is a hidden virtual column.
                    flags |= Flags::ADD_VIRTUAL;
                    self.facts.virtual_key = true;
                    continue;
                };
                let Some(slot) = self.slot(name).and_then(|at| self.columns.get(at)) else { continue };
                if slot.before.is_none() {
                    self.facts.auto_increment_key |= slot.auto_increment;
                    self.facts.virtual_key |= !slot.stored;
                }
            }
        }
        if let Some(name) = moved.filter(|_| !flags.has(Flags::ADD_PRIMARY | Flags::DROP_PRIMARY)) {
            flags |= Flags::DROP_PRIMARY;
            self.cause(format!("the rows are ordered by `{name}`, which goes"));
        }
        let lost = had_candidates && !explicit && candidates == 0;
        if self.flags.has(Flags::NULLABLE) && !explicit && !lost {
            let still = self.keys.iter().any(|key| self.is_candidate(key));
            let before = self.keys.iter().any(|key| key.old && self.was_candidate(key));
            if before && !still {
                flags |= Flags::DROP_PRIMARY;
            }
        }
        self.flags |= flags;
    }

    /// The unique key that orders the rows of a table without a primary key: the first one without
    /// NULL.
    pub(super) fn implicit_order(&self) -> Option<String> {
        // Every column and every pair of keys asks, and the answer is about the table as it was.
        self.order.get_or_init(|| self.find_order()).clone()
    }

    fn find_order(&self) -> Option<String> {
        let table = self.table.filter(|table| table.primary_key().is_none())?;
        let known = || self.keys.iter().filter(|key| key.old).chain(self.dropped_keys.iter().map(|(_, key)| key));
        let orders = |name: &str| known().any(|key| same(&key.name, name) && !key.primary && self.was_candidate(key));
        let unique = table.indexes.iter().filter(|index| index.unique);
        unique.map(|index| index.name.clone()).find(|name| orders(name))
    }

    /// That key goes, and another one takes its place (measured on every server).
    fn loses_order(&self, gone: &[Key], new: &[Key], pairs: &[(usize, usize)]) -> Option<String> {
        let name = self.implicit_order()?;
        let place = gone.iter().position(|key| same(&key.name, &name))?;
        let again = pairs.iter().find(|pair| pair.0 == place).and_then(|pair| new.get(pair.1));
        let heir = self.keys.iter().find(|key| key.primary).or_else(|| self.keys.iter().find(|key| self.is_candidate(key)))?;
        (again.is_none_or(|key| !same(&key.name, &heir.name))).then_some(name)
    }

    /// Keys that are dropped and made again, which the SQL layer takes for the ones that are there:
    /// nothing is built (measured). MySQL wants the same name, written the same way
    /// (`has_index_def_changed`); MariaDB looks by name first, then takes another name for a rename
    /// (`compare_keys_but_name`).
    fn remade(&self, gone: &[Key], new: &[Key]) -> Vec<(usize, usize)> {
        let mariadb = self.server.is_mariadb();
        let mut pairs: Vec<(usize, usize)> = Vec::new();
        for by_name in [true, false] {
            for (was, key) in gone.iter().enumerate().filter(|_| by_name || mariadb) {
                let free = |at: usize, pairs: &[(usize, usize)]| pairs.iter().all(|pair| pair.0 != was && pair.1 != at);
                let named = |other: &Key| !by_name || if mariadb { same(&key.name, &other.name) } else { key.name == other.name };
                let found = new.iter().enumerate().find(|(at, other)| free(*at, &pairs) && named(other) && self.is_same_key(key, other));
                if let Some((is, _)) = found {
                    pairs.push((was, is));
                }
            }
        }
        pairs
    }

    fn is_same_key(&self, a: &Key, b: &Key) -> bool {
        let sorts = self.server.sorts_keys_down();
        let parts = || {
            a.parts.iter().zip(&b.parts).all(|(a, b)| {
                a.prefix == b.prefix
                    && (!sorts || a.descending == b.descending)
                    && a.column.as_deref().zip(b.column.as_deref()).is_some_and(|(a, b)| same(a, b))
            })
        };
        // MariaDB tells an index it made for a foreign key from one that was asked for.
        let implied = |key: &Key| self.table.and_then(|table| table.index(&key.name)).is_some_and(|index| index.implied);
        a.kind == b.kind
            && !(self.server.is_mariadb() && implied(a))
            && self.server.knows_key_again(a.kind)
            // MySQL makes a BTREE of a HASH before it compares, MariaDB tells BTREE from nothing written.
            && (!self.server.is_mariadb() || a.method == b.method)
            && (a.comment == b.comment || self.server.is_mariadb() && same(&a.name, &b.name))
            && a.unique == b.unique
            // MariaDB: the unique key that orders the rows becomes the primary key by name alone.
            && (a.primary == b.primary
                || self.server.is_mariadb() && b.primary && self.implicit_order().is_some_and(|name| same(&name, &a.name)))
            && a.parts.len() == b.parts.len()
            && parts()
    }

    fn at_of(&self, key: &Key) -> usize {
        let built = self.builds.iter().find(|(_, name, _)| same(name, &key.name)).map(|(at, _, _)| *at);
        self.dropped_keys.iter().find(|(_, dropped)| same(&dropped.name, &key.name)).map(|(at, _)| *at).or(built).unwrap_or(self.at)
    }

    /// Unique, without NULL, without a prefix: what InnoDB may order the rows by.
    pub(super) fn is_candidate(&self, key: &Key) -> bool {
        may_order(key, |name| self.slot(name).and_then(|at| self.columns.get(at)).is_some_and(|slot| !slot.nullable))
    }

    fn was_candidate(&self, key: &Key) -> bool {
        let Some(table) = self.table else { return false };
        let primary = |name: &str| table.primary_key().is_some_and(|key| key.columns.iter().any(|column| same(column, name)));
        may_order(key, |name| primary(name) || key.primary || table.column(name).is_some_and(|column| column.not_null))
    }
}

fn may_order(key: &Key, is_never_null: impl Fn(&str) -> bool) -> bool {
    let plain = key.parts.iter().all(|part| part.prefix.is_none() && part.column.as_deref().is_some_and(&is_never_null));
    key.unique && key.kind == IndexKind::Plain && plain
}
