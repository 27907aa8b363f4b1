//! PostgreSQL: publications and extended statistics, which are kept with the tables they are about.

use crate::catalog::{Birth, Catalog, Key, Published, Shelf, Table};
use crate::change::{Action, Change, ObjectName};

pub(super) fn rename_in(shelf: &mut Shelf<String, Birth>, from: &String, to: &str) {
    if let Some(birth) = shelf.remove(from) {
        shelf.insert(to.to_owned(), birth);
    }
}

impl Catalog {
    /// `CREATE PUBLICATION … FOR TABLE`, `ALTER PUBLICATION … ADD | SET | DROP TABLE`: one change for
    /// each table.
    pub(super) fn publish(&mut self, change: &Change) {
        let (name, columns, what) = match &change.action {
            Action::CreateObject { name, columns, .. } => (name, columns, "add table"),
            Action::AlterObject { name, columns, what, .. } => (name, columns, what.as_str()),
            _ => return,
        };
        let (publication, now) = (&name.name.value, self.now);
        if matches!(change.action, Action::CreateObject { .. }) {
            self.publications.insert(publication.clone(), now);
        }
        let Some(table) = &change.table else { return };
        if what.starts_with("set table") {
            // The first table of the statement clears the list, the others join it.
            self.edit_tables(
                |table| table.publications.iter().any(|known| known.publication == *publication && known.birth != now),
                |table| table.publications.retain(|known| known.publication != *publication || known.birth == now),
            );
        }
        let key = self.resolve(table);
        let Some(table) = self.tables.edit(&key) else { return };
        table.publications.retain(|known| known.publication != *publication);
        if !what.starts_with("drop table") {
            let columns = columns.iter().map(|column| column.value.clone()).collect();
            table.publications.push(Published { publication: publication.clone(), columns, birth: now });
        }
    }

    pub(super) fn unpublish(&mut self, publication: &str) {
        self.publications.remove(&publication.to_owned());
        self.edit_tables(
            |table| table.publications.iter().any(|known| known.publication == publication),
            |table| table.publications.retain(|known| known.publication != publication),
        );
    }

    pub(super) fn drop_statistics(&mut self, name: &ObjectName) {
        let Some(owner) = self.statistics_owner(name).map(|table| table.key.clone()) else { return };
        let key = self.resolve_statistics(name);
        if let Some(table) = self.tables.edit(&owner) {
            table.extended_statistics.retain(|known| *known != key);
        }
    }

    /// The table that extended statistics are about.
    pub fn statistics_owner(&self, name: &ObjectName) -> Option<&Table> {
        let key = self.resolve_statistics(name);
        self.tables.values().find(|table| table.extended_statistics.contains(&key)).map(AsRef::as_ref)
    }

    /// The tables of a publication.
    pub fn published(&self, publication: &str) -> impl Iterator<Item = &Table> {
        let is_in = move |table: &&Table| table.publications.iter().any(|known| known.publication == publication);
        self.tables.values().map(AsRef::as_ref).filter(is_in)
    }

    fn resolve_statistics(&self, name: &ObjectName) -> Key {
        self.key(name)
    }

    fn edit_tables(&mut self, wanted: impl Fn(&Table) -> bool, edit: impl Fn(&mut Table)) {
        let keys: Vec<Key> = self.tables.iter().filter(|(_, table)| wanted(table)).map(|(key, _)| key.clone()).collect();
        for key in keys {
            if let Some(table) = self.tables.edit(&key) {
                edit(table);
            }
        }
    }
}
