//! Renaming, carried through everything that names the thing.

use std::sync::Arc;

use super::Step;
use crate::catalog::{Catalog, Column, Key, Table};
use crate::change::{Expression, Ident, IndexPart, ObjectName};
use crate::engine::Engine;

impl Catalog {
    pub(super) fn rename_table(&mut self, name: &ObjectName, to: &ObjectName) {
        let key = self.resolve(name);
        // Unless a schema is written (MySQL), it stays where it is.
        let schema = if to.schema.is_some() { self.key(to).schema } else { key.schema.clone() };
        let new = Key { schema, name: self.fold(&to.name) };
        self.move_relation(&key, &new);
    }

    pub(super) fn set_schema(&mut self, name: &ObjectName, to: &Ident) {
        let key = self.resolve(name);
        let new = Key { schema: self.fold(to), name: key.name.clone() };
        self.move_relation(&key, &new);
    }

    /// Gives a table, view or sequence another key. Nothing happens when the name is taken.
    pub(super) fn move_relation(&mut self, old: &Key, new: &Key) {
        if old == new || self.tables.contains_key(new) || self.views.contains_key(new) || self.sequences.contains_key(new) {
            return;
        }
        if let Some(sequence) = self.sequences.remove(old) {
            let mut sequence = sequence;
            Arc::make_mut(&mut sequence).key = new.clone();
            if let Some((table, _)) = &sequence.owned_by {
                self.links.add(crate::catalog::links::Link::Owned, &table.clone(), new);
            }
            self.sequences.insert(new.clone(), sequence);
        } else if self.views.contains_key(old) || self.tables.contains_key(old) {
            self.move_view_or_table(old, new);
        } else {
            // Not in the history under either name.
            if !self.dropped.contains_key(old) {
                self.open_world = true;
            }
        }
        self.note_rename(old, new);
        self.disappears(old);
        self.appears(new);
    }

    fn move_view_or_table(&mut self, old: &Key, new: &Key) {
        if let Some(mut view) = self.views.remove(old) {
            let view_mut = Arc::make_mut(&mut view);
            view_mut.key = new.clone();
            let reads = view_mut.reads.clone();
            self.views.insert(new.clone(), view);
            for read in reads {
                self.links.add(crate::catalog::links::Link::Read, &read, new);
            }
        }
        let follows = self.follows_rename();
        let foreign: Vec<Key> = self.referencing_foreign_keys(old).iter().map(|(table, _)| table.key.clone()).collect();
        let children: Vec<Key> = self.children(old).iter().map(|table| table.key.clone()).collect();
        let views: Vec<Key> = self.dependent_views(old).iter().map(|view| view.key.clone()).collect();
        let owned: Vec<Key> = self.owned_sequences(old).iter().map(|sequence| sequence.key.clone()).collect();
        let mentions: Vec<Key> = self.triggers_mentioning(old).iter().map(|(table, _)| table.key.clone()).collect();

        if let Some(mut table) = self.tables.remove(old) {
            let moved = Arc::make_mut(&mut table);
            moved.key = new.clone();
            match self.target.engine {
                Engine::Sqlite => rename_autoindexes(moved, old, new),
                Engine::Mysql | Engine::Mariadb => rename_generated(moved, old, new),
                Engine::Postgres => {}
            }
            let indexes: Vec<String> = moved.indexes.iter().map(|index| index.name.clone()).collect();
            let partition_of = moved.partition_of.clone();
            self.tables.insert(new.clone(), table);
            if !self.target.engine.is_mysql_family() {
                for index in indexes {
                    let (before, after) = (self.index_key(old, &index), self.index_key(new, &index));
                    self.index_owners.remove(&before);
                    self.index_owners.insert(after, new.clone());
                }
            }
            if let Some((parent, _)) = partition_of
                && let Some(partitioning) = self.tables.edit(&parent).and_then(|parent| parent.partitioning.as_mut())
            {
                for partition in partitioning.partitions.iter_mut().chain(partitioning.default_partition.iter_mut()) {
                    if partition == old {
                        *partition = new.clone();
                    }
                }
            }
        }
        let foreign_follows = self.foreign_keys_follow_rename();
        for key in foreign {
            let key = if key == *old { new.clone() } else { key };
            // A foreign key of the table on itself always follows.
            if !foreign_follows && key != *new {
                continue;
            }
            if let Some(table) = self.tables.edit(&key) {
                for info in table.constraints.iter_mut().filter_map(|constraint| constraint.foreign_key.as_mut()) {
                    if info.references == *old {
                        info.references = new.clone();
                    }
                }
            }
        }
        for key in children {
            if let Some(table) = self.tables.edit(&key) {
                for parent in table.inherits.iter_mut().chain(table.partition_of.iter_mut().map(|(parent, _)| parent)) {
                    if parent == old {
                        *parent = new.clone();
                    }
                }
            }
            self.relink(&key);
        }
        for key in owned {
            if let Some((table, _)) = self.sequences.edit(&key).and_then(|sequence| sequence.owned_by.as_mut()) {
                *table = new.clone();
            }
            self.links.add(crate::catalog::links::Link::Owned, new, &key);
        }
        if follows {
            for key in views {
                if let Some(view) = self.views.edit(&key) {
                    for read in view.reads.iter_mut().filter(|read| *read == old) {
                        *read = new.clone();
                    }
                    // Its text names the table as it is called now.
                    for mention in view.mentions.iter_mut().filter(|mention| mention.eq_ignore_ascii_case(&old.name)) {
                        *mention = new.name.to_lowercase();
                    }
                }
                self.links.add(crate::catalog::links::Link::Read, new, &key);
            }
            for key in mentions {
                let key = if key == *old { new.clone() } else { key };
                if let Some(table) = self.tables.edit(&key) {
                    for mentioned in table.triggers.iter_mut().flat_map(|trigger| &mut trigger.mentions) {
                        if mentioned == old {
                            *mentioned = new.clone();
                        }
                    }
                }
                self.relink(&key);
            }
        }
        self.relink(new);
        let linked: Vec<Key> = self.links.of(crate::catalog::links::Link::Foreign, old).cloned().collect();
        for key in linked {
            self.links.add(crate::catalog::links::Link::Foreign, new, &key);
        }
    }

    /// Whether views and triggers keep working: PostgreSQL stores them resolved, SQLite rewrites
    /// their text (3.25) unless told not to, MySQL and MariaDB leave the text alone.
    pub fn follows_rename(&self) -> bool {
        match self.target.engine {
            Engine::Postgres => true,
            Engine::Mysql | Engine::Mariadb => false,
            Engine::Sqlite => !self.legacy_alter_table(),
        }
    }

    /// Foreign keys of other tables follow everywhere, except in SQLite with legacy_alter_table
    /// (or before 3.26) while foreign_keys is off (lang_altertable 3).
    pub fn foreign_keys_follow_rename(&self) -> bool {
        match self.target.engine {
            Engine::Postgres | Engine::Mysql | Engine::Mariadb => true,
            Engine::Sqlite => {
                let always = self.target.at_least(3, 26, 0) && !self.legacy_alter_table();
                always || self.session.is_off("foreign_keys") == Some(false)
            }
        }
    }

    pub fn legacy_alter_table(&self) -> bool {
        self.session.is_off("legacy_alter_table") == Some(false)
    }

    pub(super) fn rename_column(&mut self, key: &Key, from: &str, to: &str, _step: Step) {
        let Some(shared) = self.tables.get(key) else { return };
        let known = shared.column(from).map(|column| column.name.clone());
        if known.is_none() {
            // A table that is not known whole has it, or it could not be renamed.
            if shared.complete {
                return;
            }
            if let Some(table) = self.tables.edit(key) {
                table.columns.push(Column::unknown(from.to_owned()));
            }
        }
        let from = known.unwrap_or_else(|| from.to_owned());
        let Some(shared) = self.tables.get(key) else { return };
        if shared.columns.iter().any(|column| column.name != from && column.name == to) {
            return;
        }
        let foreign: Vec<Key> = self.referencing_foreign_keys(key).iter().map(|(table, _)| table.key.clone()).collect();
        let views: Vec<Key> = self.dependent_views_on(key, &from).iter().map(|view| view.key.clone()).collect();
        if let Some(table) = self.tables.edit(key) {
            rename_in_table(table, &from, to);
        }
        for child in foreign {
            if let Some(table) = self.tables.edit(&child) {
                for info in table.constraints.iter_mut().filter_map(|constraint| constraint.foreign_key.as_mut()) {
                    if info.references == *key {
                        rename_all(&mut info.referenced_columns, &from, to);
                    }
                }
            }
        }
        let owned: Vec<Key> = self.owned_sequences(key).iter().map(|sequence| sequence.key.clone()).collect();
        for sequence in owned {
            if let Some((_, column)) = self.sequences.edit(&sequence).and_then(|sequence| sequence.owned_by.as_mut())
                && *column == from
            {
                *column = to.to_owned();
            }
        }
        if self.follows_rename() {
            for view in views {
                // A star goes on taking the column, under its new name.
                if let Some(star) = self.views.edit(&view).and_then(|view| view.star.as_mut())
                    && star.iter().any(|name| name.eq_ignore_ascii_case(&from))
                {
                    star.push(to.to_lowercase());
                }
                let named = |view: &crate::catalog::View| view.mentions.iter().any(|name| name.eq_ignore_ascii_case(&from));
                if self.views.get(&view).is_some_and(|view| named(view))
                    && let Some(view) = self.views.edit(&view)
                    && !view.mentions.iter().any(|name| name == to)
                {
                    // The old name may be meant for another table's column.
                    view.mentions.push(to.to_lowercase());
                }
            }
        }
    }

    pub(super) fn rename_constraint(&mut self, key: &Key, from: &str, to: &str) {
        let Some(table) = self.tables.edit(key) else { return };
        let Some(constraint) = table.constraints.find_mut(|known| known.name == from) else { return };
        constraint.name = to.to_owned();
        let inherited = !constraint.no_inherit && constraint.index.is_none();
        if let Some(index) = constraint.index.clone() {
            self.rename_index_of(key, &index, to);
        }
        if inherited && self.target.engine == Engine::Postgres {
            let children: Vec<Key> = self.children(key).iter().map(|child| child.key.clone()).collect();
            for child in children {
                self.rename_constraint(&child, from, to);
            }
        }
    }
}

fn rename_in_table(table: &mut Table, from: &str, to: &str) {
    for known in &mut table.publications {
        rename_all(&mut known.columns, from, to);
    }
    for column in &mut table.columns {
        if column.name == from {
            column.name = to.to_owned();
        }
        if let Some(generated) = &mut column.generated {
            rename_in(&mut generated.expression, from, to);
        }
    }
    for constraint in &mut table.constraints {
        rename_all(&mut constraint.columns, from, to);
        rename_all(constraint.column.as_mut_slice(), from, to);
        if let Some(expression) = &mut constraint.expression {
            rename_in(expression, from, to);
        }
        if let Some(info) = &mut constraint.foreign_key
            && info.references == table.key
        {
            rename_all(&mut info.referenced_columns, from, to);
        }
    }
    for index in &mut table.indexes {
        for key in &mut index.keys {
            match &mut key.part {
                IndexPart::Column(name) if name.is(from) => name.value = to.to_owned(),
                IndexPart::Column(_) => {}
                IndexPart::Expression(expression) => rename_in(expression, from, to),
            }
        }
        rename_all(&mut index.include, from, to);
        if let Some(predicate) = &mut index.predicate {
            rename_in(predicate, from, to);
        }
    }
    for key in table.partitioning.iter_mut().flat_map(|partitioning| &mut partitioning.by.keys) {
        match &mut key.part {
            IndexPart::Column(name) if name.is(from) => name.value = to.to_owned(),
            IndexPart::Column(_) => {}
            IndexPart::Expression(expression) => rename_in(expression, from, to),
        }
    }
}

fn rename_all(names: &mut [String], from: &str, to: &str) {
    for name in names.iter_mut().filter(|name| name.eq_ignore_ascii_case(from)) {
        *name = to.to_owned();
    }
}

/// Writes the new name into an expression's text; its tree no longer fits and is let go.
fn rename_in(expression: &mut Expression, from: &str, to: &str) {
    if !expression.mentions(from) {
        return;
    }
    let base = expression.text.as_ptr() as usize;
    let places: Vec<(usize, usize)> =
        expression.names().filter(|name| name.eq_ignore_ascii_case(from)).map(|name| (name.as_ptr() as usize - base, name.len())).collect();
    let mut text = String::with_capacity(expression.text.len());
    let mut at = 0;
    for (start, length) in places {
        text.push_str(expression.text.get(at..start).unwrap_or(""));
        text.push_str(to);
        at = start + length;
    }
    text.push_str(expression.text.get(at..).unwrap_or(""));
    expression.text = text.into();
    expression.tree = None;
}

/// Names MySQL and MariaDB made up from the table's name follow it (measured on 8.0 and 10.11).
fn rename_generated(table: &mut Table, old: &Key, new: &Key) {
    for infix in ["_ibfk_", "_chk_"] {
        let prefix = format!("{}{infix}", old.name);
        for constraint in &mut table.constraints {
            if let Some(number) = constraint.name.strip_prefix(&prefix).filter(|rest| rest.parse::<u32>().is_ok()) {
                constraint.name = format!("{}{infix}{number}", new.name);
            }
        }
    }
}

/// SQLite names automatic indexes after their table.
fn rename_autoindexes(table: &mut Table, old: &Key, new: &Key) {
    let prefix = format!("sqlite_autoindex_{}_", old.name);
    for index in &mut table.indexes {
        if let Some(number) = index.name.strip_prefix(&prefix) {
            index.name = format!("sqlite_autoindex_{}_{number}", new.name);
        }
    }
    for constraint in &mut table.constraints {
        if let Some(number) = constraint.index.as_ref().and_then(|index| index.strip_prefix(&prefix)).map(str::to_owned) {
            constraint.index = Some(format!("sqlite_autoindex_{}_{number}", new.name));
        }
    }
}
