//! MySQL keeps each functional key part in a hidden virtual column behind all others, in the order of
//! their names (`!hidden!index!part!…`; measured on 8.0 and 9.7): what an ALTER does to their order
//! decides how it runs.

use super::draft::{Draft, Key, Slot, same};
use super::flags::Flags;
use crate::catalog::Table;
use crate::change::{Ident, IndexPart};
use crate::effect::Truth;

const PREFIX: &str = "!hidden!";

impl Draft<'_> {
    pub(super) fn read_hidden(&mut self, table: &Table) {
        if self.server.is_mariadb() {
            return;
        }
        let mut names: Vec<String> = self.keys.iter().flat_map(hidden_names).collect();
        names.sort();
        let first = table.columns.len();
        self.columns.extend(names.into_iter().enumerate().map(|(at, name)| hidden_slot(name, Some(first + at))));
    }

    /// How many columns can be seen: the next one stands there.
    pub(super) fn visible(&self) -> usize {
        self.columns.iter().take_while(|slot| !slot.name.starts_with(PREFIX)).count()
    }

    pub(super) fn hidden_before(&self) -> usize {
        let dropped = self.dropped_keys.iter().map(|(_, key)| key);
        self.keys.iter().filter(|key| key.old).chain(dropped).flat_map(hidden_names).count()
    }

    /// The hidden columns of keys that go, and of keys that come.
    pub(super) fn hide_parts(&mut self) {
        if self.server.is_mariadb() || self.table.is_none() {
            return;
        }
        let gone: Vec<String> = self.dropped_keys.iter().flat_map(|(_, key)| hidden_names(key)).collect();
        if !gone.is_empty() {
            self.flags |= Flags::DROP_VIRTUAL;
            self.columns.retain(|slot| slot.before.is_none() || !gone.contains(&slot.name));
        }
        let new: Vec<String> = self.keys.iter().filter(|key| !key.old).flat_map(hidden_names).collect();
        for name in new {
            let behind =
                self.columns.iter().position(|slot| slot.name.starts_with(PREFIX) && slot.name > name).unwrap_or(self.columns.len());
            self.columns.insert(behind, hidden_slot(name, None));
        }
    }

    /// A functional key part reads the column that is to go or to get another name.
    pub(super) fn check_functional_keys(&mut self, column: &Ident) {
        let Some(table) = self.table else { return };
        let reads = |part: &IndexPart| matches!(part, IndexPart::Expression(expression) if expression.mentions(&column.value));
        let stays = |name: &str| self.keys.iter().any(|key| key.old && same(&key.name, name));
        let index = table.indexes.iter().find(|index| stays(&index.name) && index.keys.iter().any(|key| reads(&key.part)));
        if let Some(name) = index.map(|index| index.name.clone()).filter(|_| !self.server.is_mariadb()) {
            let reason = format!("the functional index `{name}` is computed from `{column}`");
            self.fail(super::failure::schema(3837, reason, Truth::Yes));
        }
    }
}

fn hidden_names(key: &Key) -> impl Iterator<Item = String> {
    let parts = key.parts.iter().enumerate().filter(|(_, part)| part.column.is_none());
    parts.map(|(at, _)| format!("{PREFIX}{}!{at}!0", key.name.to_lowercase()))
}

fn hidden_slot(name: String, before: Option<usize>) -> Slot {
    Slot { before, name, stored: false, nullable: true, auto_increment: false, shape: None }
}
