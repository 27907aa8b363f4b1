//! Indexes and keys: added, dropped, renamed, and what a change of columns does to them.

use super::draft::{Draft, Key, Part, part, same};
use super::failure;
use super::flags::Flags;
use super::types::{Family, Shape};
use crate::change::{CreateIndex, Ident, IndexKind, KeyConstraint};
use crate::effect::Truth;

pub(super) const SECOND_PRIMARY: &str = "the table already has a primary key";

impl Draft<'_> {
    pub(super) fn create_index(&mut self, index: &CreateIndex) {
        let name = index.name.as_ref().map(|name| name.name.value.clone());
        if index.or_replace && name.as_deref().is_some_and(|name| self.keys.iter().any(|key| same(&key.name, name))) {
            self.remove_key(name.as_deref().unwrap_or_default());
        }
        if index.if_not_exists && name.as_deref().is_some_and(|name| self.keys.iter().any(|key| same(&key.name, name))) {
            return;
        }
        if let Some(name) = &name {
            self.check_name(name);
        }
        self.use_key_expressions(name.as_deref().unwrap_or("the index"), &index.keys, index.kind, false);
        let parts: Vec<Part> = index.keys.iter().map(part).collect();
        let method = index.method.clone().unwrap_or_default();
        let (comment, invisible) = (index.comment.clone(), index.invisible);
        self.push_key(name, Key { kind: index.kind, unique: index.unique, parts, method, comment, invisible, ..Key::default() });
    }

    pub(super) fn add_key_constraint(&mut self, name: Option<&Ident>, key: &KeyConstraint, primary: bool, if_not_exists: bool) {
        let name = key.index_name.as_ref().or(name).map(|name| name.value.clone());
        if if_not_exists && name.as_deref().is_some_and(|name| self.keys.iter().any(|key| same(&key.name, name))) {
            return;
        }
        if primary && if_not_exists && self.keys.iter().any(|key| key.primary) {
            return;
        }
        let computed = |part: &crate::change::IndexKey| part.column_name().is_none();
        if primary && !self.server.is_mariadb() && key.columns.iter().any(computed) {
            // Found out before the one that is there (measured).
            self.fail(failure::schema(3756, "the primary key cannot have a functional key part", Truth::Yes));
            return;
        }
        if primary && self.keys.iter().any(|key| key.primary) {
            if self.server.counts_primary_keys_last() && !self.table.is_some_and(|table| table.uncertain) {
                self.second_primary = Some(self.at);
                self.keys.retain(|key| !key.primary);
            } else {
                self.fail(failure::schema(1068, SECOND_PRIMARY, Truth::Yes));
                if !self.forgets_uncertain_key("PRIMARY") {
                    return;
                }
            }
        }
        self.use_key_expressions(name.as_deref().unwrap_or("the key"), &key.columns, IndexKind::Plain, primary);
        let mut parts: Vec<Part> = key.columns.iter().map(part).collect();
        if key.without_overlaps {
            // MariaDB: the last part is a period.
            parts.pop();
        }
        if primary {
            self.primary_not_null(&parts);
        }
        let name = if primary { Some("PRIMARY".to_owned()) } else { name };
        let comment = key.comment.clone();
        let method = key.method.clone().unwrap_or_default();
        self.push_key(name, Key { unique: true, primary, parts, method, comment, invisible: key.invisible, ..Key::default() });
    }

    /// The columns of a new primary key become NOT NULL.
    fn primary_not_null(&mut self, parts: &[Part]) {
        for name in parts.iter().filter_map(|part| part.column.clone()) {
            let Some(at) = self.slot(&name) else { continue };
            let Some(slot) = self.columns.get_mut(at) else { continue };
            if !slot.nullable {
                continue;
            }
            slot.nullable = false;
            if slot.before.is_some() {
                self.flags |= Flags::NOT_NULL;
                if self.rows().possible() {
                    let code = if self.server.is_mariadb() || self.copying { 1265 } else { 1138 };
                    self.fail(failure::data(code, format!("a row with NULL in `{name}` stops it"), Truth::Unknown));
                }
            }
        }
    }

    pub(super) fn add_key(&mut self, name: Option<String>, kind: IndexKind, unique: bool, primary: bool, columns: &[String]) {
        let parts = columns.iter().map(|column| Part { column: Some(column.clone()), prefix: None, descending: false }).collect();
        self.push_key(name, Key { kind, unique, primary, parts, ..Key::default() });
    }

    /// A new key, which gets a name here.
    fn push_key(&mut self, name: Option<String>, key: Key) {
        let mut key = key;
        if key.kind == IndexKind::Plain && !key.unique && self.server.0.at_least(8, 0, 0) && !self.server.is_mariadb() {
            // MySQL: a plain index on a geometry is a SPATIAL one (measured).
            let shape = |part: &Part| self.columns.get(self.slot(part.column.as_deref()?)?)?.shape.clone();
            if let [only] = key.parts.as_slice()
                && only.prefix.is_none()
                && shape(only).is_some_and(|shape| shape.family() == Family::Geometry)
            {
                key.kind = IndexKind::Spatial;
            }
        }
        let Key { kind, unique, ref parts, .. } = key;
        let name = name.unwrap_or_else(|| self.generated_name(parts));
        if !key.primary && same(&name, "primary") {
            self.fail(failure::schema(1280, "only the primary key is called PRIMARY", Truth::Yes));
            return;
        }
        if let Some(empty) = parts.iter().find(|part| part.prefix == Some(0)).and_then(|part| part.column.clone()) {
            self.fail(failure::schema(1391, format!("the prefix of `{empty}` is empty"), Truth::Yes));
        }
        if self.keys.iter().any(|key| same(&key.name, &name)) {
            self.fail(failure::schema(1061, format!("the table already has an index `{name}`"), Truth::Yes));
            if !self.forgets_uncertain_key(&name) {
                return;
            }
        }
        for column in parts.iter().filter_map(|part| part.column.as_deref()) {
            if self.slot(column).is_none() {
                let certain = self.known();
                self.fail(failure::schema(1072, format!("the key column `{column}` does not exist"), certain));
            }
        }
        let named = || parts.iter().enumerate().filter_map(|(at, part)| Some((at, part.column.as_deref()?)));
        if let Some((_, twice)) = named().find(|(at, name)| named().any(|(other, known)| other < *at && same(known, name))) {
            let reason = format!("the column `{twice}` stands twice in the key");
            self.fail(failure::schema(1060, reason, Truth::Yes));
        }
        self.check_parts(kind, parts);
        let key = Key { name, ..key };
        self.check_key(&key);
        if kind == IndexKind::Spatial && !self.server.has_spatial_indexes() && !self.is_foreign_engine() {
            self.fail(failure::schema(1464, "InnoDB has spatial indexes from MySQL 5.7.5", Truth::Yes));
        }
        if unique && self.rows().possible() {
            let all_new = key.parts.iter().all(|part| {
                part.column
                    .as_deref()
                    .and_then(|name| self.slot(name))
                    .and_then(|at| self.columns.get(at))
                    .is_some_and(|slot| slot.before.is_none())
            });
            let numbered = all_new && self.columns.iter().any(|slot| slot.before.is_none() && slot.auto_increment && key.uses(&slot.name));
            let nullable = all_new && self.columns.iter().any(|slot| slot.before.is_none() && slot.nullable && key.uses(&slot.name));
            if !numbered && !nullable {
                self.fail(failure::data(1062, format!("two rows with the same value stop the build of `{}`", key.name), Truth::Unknown));
            }
        }
        self.builds.push((self.at, key.name.clone(), false));
        if self.server.is_mariadb() && self.table.is_some() {
            let spatial = kind == IndexKind::Vector;
            if spatial {
                self.flags |= Flags::ADD_COMPUTED;
                self.cause("a vector index is filled by copying the table");
            }
        }
        self.keys.push(key);
    }

    /// Where the history is not certain that a key is there, the statement that makes it anew tells
    /// that it is not.
    fn forgets_uncertain_key(&mut self, name: &str) -> bool {
        let uncertain = self.table.is_some_and(|table| table.uncertain);
        if uncertain {
            let wanted = |key: &Key| if same(name, "primary") { key.primary } else { same(&key.name, name) };
            self.keys.retain(|key| !wanted(key));
        }
        uncertain
    }

    /// Types that a FULLTEXT or SPATIAL index takes, and prefixes that are shorter than the column.
    fn check_parts(&mut self, kind: IndexKind, parts: &[Part]) {
        for part in parts {
            let Some(name) = &part.column else { continue };
            let Some(shape) = self.slot(name).and_then(|at| self.columns.get(at)).and_then(|slot| slot.shape.clone()) else { continue };
            let family = shape.family();
            let binary = matches!(shape.data_type.name.as_str(), "binary" | "varbinary" | "blob" | "tinyblob" | "mediumblob" | "longblob");
            let text = matches!(family, Family::Char | Family::Varchar | Family::Blob) && !binary;
            match kind {
                IndexKind::Fulltext if !text && family != Family::Other => {
                    self.fail(failure::schema(1283, format!("`{name}` cannot be part of a FULLTEXT index"), Truth::Yes));
                }
                IndexKind::Spatial if !matches!(family, Family::Geometry | Family::Other) => {
                    let code = if self.server.is_mariadb() { 1210 } else { 1687 };
                    self.fail(failure::schema(code, format!("`{name}` is no geometry, which a SPATIAL index needs"), Truth::Yes));
                }
                IndexKind::Plain => {
                    let longer = part.prefix.is_some_and(|prefix| {
                        let length = shape.data_type.length();
                        matches!(family, Family::Char | Family::Varchar) && length.is_some_and(|length| prefix > length)
                            || family == Family::Geometry && !self.server.is_mariadb() && self.server.0.at_least(8, 0, 0)
                            || matches!(family, Family::Integer | Family::Float | Family::Double | Family::Date | Family::Datetime)
                    });
                    if longer {
                        let reason = format!("the prefix of `{name}` is longer than the column, or it is no text");
                        self.fail(failure::schema(1089, reason, Truth::Yes));
                    }
                }
                _ => {}
            }
        }
    }

    /// The columns of a FULLTEXT index have one character set and collation, those of a SPATIAL one
    /// are NOT NULL.
    pub(super) fn check_special_keys(&mut self) {
        for key in self.keys.clone() {
            self.check_computed_key(&key);
            let slots = || key.parts.iter().filter_map(|part| self.columns.get(self.slot(part.column.as_deref()?)?));
            let texts = || slots().filter_map(|slot| slot.shape.as_ref()).map(Shape::effective_text).filter(|text| text.charset.is_some());
            if key.kind == IndexKind::Fulltext && texts().zip(texts().skip(1)).any(|(one, next)| one != next) {
                let reason = format!("the columns of `{}` differ in their character set or collation", key.name);
                self.fail(failure::schema(1283, reason, Truth::Yes));
            } else if key.kind == IndexKind::Spatial && slots().any(|slot| slot.nullable) {
                self.fail(failure::schema(1252, format!("the column of the SPATIAL index `{}` must be NOT NULL", key.name), Truth::Yes));
            }
        }
    }

    /// Keys that a computed column cannot be in (measured).
    fn check_computed_key(&mut self, key: &Key) {
        if key.old {
            return;
        }
        let mariadb = self.server.is_mariadb();
        for name in key.parts.iter().filter_map(|part| part.column.clone()) {
            let Some(slot) = self.slot(&name).and_then(|at| self.columns.get(at)).cloned() else { continue };
            let computed = self.is_computed(&slot);
            let code = match (key.kind, mariadb) {
                (IndexKind::Plain, true) if key.primary && computed => 1903,
                (IndexKind::Plain, false) if key.primary && !slot.stored => 3106,
                (IndexKind::Fulltext | IndexKind::Spatial, true) if !slot.stored => 1907,
                (IndexKind::Fulltext | IndexKind::Spatial, false) if !slot.stored => 3106,
                _ => continue,
            };
            self.fail(failure::schema(code, format!("`{name}` is computed and cannot be in such a key"), Truth::Yes));
        }
    }

    fn generated_name(&self, parts: &[Part]) -> String {
        let base = parts.first().and_then(|part| part.column.clone()).unwrap_or_else(|| "functional_index".to_owned());
        let taken = |name: &str| self.keys.iter().any(|key| same(&key.name, name));
        if !taken(&base) {
            return base;
        }
        (2..).map(|number| format!("{base}_{number}")).find(|name| !taken(name)).unwrap_or(base)
    }

    pub(super) fn drop_index(&mut self, name: &Ident, if_exists: bool) {
        if same(&name.value, "primary") {
            return self.drop_primary(if_exists);
        }
        // Its column may have taken it along already.
        let gone = self.dropped_keys.iter().any(|(_, key)| same(&key.name, &name.value)) && !self.dropped_columns.is_empty();
        if self.remove_key(&name.value) || if_exists || gone {
            return;
        }
        // The server made an index for the foreign key of this name.
        let foreign = self.table.is_some_and(|table| table.foreign_keys().any(|key| same(&key.name, &name.value)));
        let certain = if foreign { Truth::Unknown } else { self.known() };
        self.fail(failure::schema(1091, format!("there is no index `{name}` to drop"), certain));
        if certain != Truth::Yes {
            self.flags |= Flags::DROP_INDEX;
        }
    }

    pub(super) fn drop_primary(&mut self, if_exists: bool) {
        if self.remove_key("PRIMARY") || if_exists {
            return;
        }
        if self.known() == Truth::Yes {
            self.fail(failure::schema(1091, "there is no primary key to drop", Truth::Yes));
        } else {
            self.flags |= Flags::DROP_PRIMARY;
        }
    }

    /// Takes a key out; false when there is none of this name.
    pub(super) fn remove_key(&mut self, name: &str) -> bool {
        let wanted = |key: &Key| if same(name, "primary") { key.primary } else { same(&key.name, name) };
        let Some(at) = self.keys.iter().position(wanted) else { return false };
        let key = self.keys.remove(at);
        if key.old {
            self.dropped_keys.push((self.at, key));
        }
        true
    }

    /// A dropped column leaves its keys; a key without columns goes. MariaDB refuses to shorten a
    /// unique key.
    pub(super) fn drop_from_keys(&mut self, column: &str) {
        let affected: Vec<String> = self.keys.iter().filter(|key| key.old && key.uses(column)).map(|key| key.name.clone()).collect();
        for name in affected {
            // A column of the same name that comes in the same statement stands in for it (measured).
            let stays = self.returning.iter().any(|new| same(new, column)) && same(&name, "primary");
            if stays {
                continue;
            }
            let Some(at) = self.keys.iter().position(|key| same(&key.name, &name)) else { continue };
            let before = self.keys.remove(at);
            let mut after = before.clone();
            after.parts.retain(|part| !part.column.as_deref().is_some_and(|name| same(name, column)));
            self.dropped_keys.push((self.at, before));
            if after.parts.is_empty() {
                continue;
            }
            if self.server.is_mariadb() && after.unique && after.method != "gist" {
                self.fail(failure::schema(1072, format!("`{column}` is in the unique key `{name}`: drop the key first"), Truth::Yes));
            }
            after.old = false;
            self.builds.push((self.at, name.clone(), true));
            self.keys.push(after);
        }
    }

    /// MariaDB builds the indexes on a column again when its collation changes.
    pub(super) fn reindex(&mut self, column: &str) {
        self.facts.reindexes = true;
        // A FULLTEXT index counts as one that comes: nobody writes while it is built (measured).
        let texts = self.keys.iter().filter(|key| key.old && key.uses(column) && key.kind == IndexKind::Fulltext).count();
        self.facts.added_fulltext += u32::try_from(texts).unwrap_or(u32::MAX);
        let names: Vec<(String, bool, bool)> =
            self.keys.iter().filter(|key| key.uses(column)).map(|key| (key.name.clone(), key.primary, key.unique)).collect();
        for (name, primary, unique) in names {
            self.flags |= match (primary, unique) {
                (true, _) => Flags::ADD_PRIMARY | Flags::DROP_PRIMARY,
                (false, true) => Flags::ADD_UNIQUE | Flags::DROP_UNIQUE,
                (false, false) => Flags::ADD_INDEX | Flags::DROP_INDEX,
            };
            self.builds.push((self.at, name, true));
        }
    }

    pub(super) fn rename_index(&mut self, from: &Ident, to: &Ident, if_exists: bool) {
        let Some(at) = self.keys.iter().position(|key| same(&key.name, &from.value)) else {
            if !if_exists {
                let certain = self.known();
                self.fail(failure::schema(1176, format!("there is no index `{from}`"), certain));
                self.flags |= Flags::RENAME_INDEX;
            }
            return;
        };
        if same(&from.value, "primary") || same(&to.value, "primary") {
            self.fail(failure::schema(1280, "the primary key keeps its name, and no other key takes it", Truth::Yes));
        }
        if !same(&from.value, &to.value) && self.keys.iter().any(|key| same(&key.name, &to.value)) {
            self.fail(failure::schema(1061, format!("the table already has an index `{to}`"), Truth::Yes));
        }
        self.flags |= Flags::RENAME_INDEX;
        if let Some(key) = self.keys.get_mut(at) {
            key.name.clone_from(&to.value);
        }
    }

    pub(super) fn set_index_visibility(&mut self, index: &Ident, visible: bool) {
        self.flags |= Flags::INDEX_VISIBILITY;
        match self.keys.iter_mut().find(|key| same(&key.name, &index.value)) {
            Some(key) => key.invisible = !visible,
            None => {
                let certain = self.known();
                self.fail(failure::schema(1176, format!("there is no index `{index}`"), certain));
            }
        }
    }

    /// MySQL: the key that orders the rows, whether it says so or is the first unique one without NULL,
    /// is always used; a new primary key beside it does not help (measured on 8.0 and 9.7).
    pub(super) fn check_visible(&mut self) {
        let hidden = |keys: &[&Key]| {
            let primary = keys.iter().find(|key| key.primary);
            let orders = primary.or_else(|| keys.iter().find(|key| self.is_candidate(key)));
            orders.is_some_and(|key| key.invisible).then_some(primary.is_some())
        };
        let (all, old): (Vec<&Key>, Vec<&Key>) = (self.keys.iter().collect(), self.keys.iter().filter(|key| key.old).collect());
        let found = hidden(&all).or_else(|| hidden(&old)).filter(|_| !self.server.is_mariadb());
        if let Some(explicit) = found {
            let certain = if explicit { Truth::Yes } else { self.known() };
            self.fail(failure::schema(3522, "the key that orders the rows cannot be invisible", certain));
        }
    }
}
