//! Table options and character set conversion in ALTER TABLE.

use super::charset::Text;
use super::draft::{Draft, Forced, same};
use super::failure;
use super::flags::Flags;
use super::types::{Family, Shape, TypeChange, compare};
use crate::change::TableOption;
use crate::effect::Truth;

impl Draft<'_> {
    pub(super) fn table_options(&mut self, options: &[TableOption]) {
        for option in options {
            self.table_option(option);
        }
        self.check_format(options);
        if self.own_format.is_some() && !self.creating {
            self.check_lengths();
        }
        self.check_default_text(options);
    }

    /// ROW_FORMAT and KEY_BLOCK_SIZE as they will stand side by side. CREATE TABLE has other numbers.
    fn check_format(&mut self, options: &[TableOption]) {
        let written = |name: &str| options.iter().rev().find(|option| option.name == name).map(|option| option.value.as_str());
        let kept = |name: &str| self.table.and_then(|table| table.option(name));
        let moved = written("engine").is_some_and(|engine| !same(engine, "innodb"));
        let strict = self.server.is_mariadb() || self.server.0.at_least(5, 7, 0);
        let asked = ["row_format", "key_block_size", "page_compressed"].into_iter().any(|name| written(name).is_some());
        if self.creating || self.is_foreign_engine() || moved || !strict || !asked {
            return;
        }
        let format = written("row_format").or_else(|| kept("row_format")).unwrap_or_default().to_ascii_lowercase();
        let size = written("key_block_size").or_else(|| kept("key_block_size")).unwrap_or("0").to_owned();
        let on = |value: &str| matches!(value.to_ascii_lowercase().as_str(), "1" | "on" | "yes");
        let paged = written("page_compressed").or_else(|| kept("page_compressed")).is_some_and(on);
        if self.server.is_mariadb() && paged && (format == "compressed" || format == "redundant" || size != "0") {
            let reason = "PAGE_COMPRESSED needs rows that are neither COMPRESSED nor REDUNDANT";
            self.fail(failure::schema(1478, reason, Truth::Yes));
            return;
        }
        let plain = matches!(format.as_str(), "dynamic" | "compact" | "redundant");
        if plain && size != "0" {
            let reason = format!("only compressed rows have a KEY_BLOCK_SIZE: write KEY_BLOCK_SIZE=0 beside ROW_FORMAT={format}");
            self.fail(failure::schema(1478, reason, Truth::Yes));
        } else if format == "fixed" || !matches!(size.as_str(), "0" | "1" | "2" | "4" | "8" | "16") {
            self.fail(failure::schema(1478, "InnoDB has no such ROW_FORMAT and KEY_BLOCK_SIZE", Truth::Yes));
        }
    }

    /// CHARSET and COLLATE of one list go together.
    fn check_default_text(&mut self, options: &[TableOption]) {
        let place = |collate: bool| {
            let named = |option: &TableOption| {
                option.name.ends_with("collate") == collate
                    && (collate || option.name.ends_with("charset") || option.name.ends_with("character set"))
            };
            options.iter().position(named)
        };
        let value = |at: usize| options.get(at).map(|option| option.value.to_ascii_lowercase());
        let (Some(charset), Some(collate)) = (place(false), place(true)) else { return };
        let before = self.failures.len();
        self.check_charset(value(charset).as_deref(), value(collate).as_deref());
        let found = self.failures.split_off(before);
        for (at, mut failure) in found.into_iter().filter(|(_, failure)| failure.code == "1253") {
            // Measured on 10.5 and not on 10.11: the one that comes second contradicts the first.
            let late = self.server.is_mariadb() && self.server.0.at_least(10, 10, 0);
            if collate < charset && !late {
                failure.code = "1302".to_owned();
            }
            self.failures.push((at, failure));
        }
    }

    fn table_option(&mut self, option: &TableOption) {
        let name = option.name.as_str();
        match name {
            "engine" | "type" => self.engine(&option.value),
            "row_format" | "table_checksum_format" => {
                self.own_format = Some(option.value.to_ascii_lowercase());
                self.flags |= Flags::FORMAT;
                self.facts.format_reason = true;
                self.cause(format!("ROW_FORMAT={} writes the rows anew, even when it is the format they have", option.value));
            }
            "key_block_size" => {
                self.flags |= Flags::FORMAT | Flags::ADD_INDEX | Flags::DROP_INDEX;
                self.cause("KEY_BLOCK_SIZE writes the rows anew");
            }
            "tablespace" => {
                if self.server.is_mariadb() {
                    self.flags |= Flags::OPTIONS;
                } else if self.server.0.at_least(5, 7, 0) {
                    self.flags |= Flags::RECREATE;
                    self.cause(format!("the rows move to the tablespace {}", option.value));
                } else {
                    self.flags |= Flags::OPTIONS;
                }
            }
            "encryption" => self.encryption(&option.value),
            "compression" if self.server.is_mariadb() => {
                self.fail(failure::schema(1911, "MariaDB has no table option COMPRESSION: it is PAGE_COMPRESSED", Truth::Yes));
            }
            "encrypted" | "encryption_key_id" if self.server.is_mariadb() => {
                self.flags |= Flags::FORMAT;
                self.facts.format_reason = true;
                self.cause("encryption writes the rows anew");
            }
            "page_compressed" if self.server.is_mariadb() => self.page_compression(&option.value),
            "default charset" | "default character set" | "charset" | "character set" | "collate" | "default collate" => {
                self.flags |= Flags::OPTIONS;
                let collate = name.ends_with("collate");
                let value = option.value.to_ascii_lowercase();
                let (charset, collation) = if collate { (None, Some(value.as_str())) } else { (Some(value.as_str()), None) };
                self.check_charset(charset, collation);
                self.text = if collate {
                    Text::of(
                        self.text.charset.clone().as_deref().filter(|charset| option.value.starts_with(charset)),
                        Some(&option.value),
                        self.server,
                    )
                } else {
                    Text::of(Some(&option.value), None, self.server)
                };
            }
            // Other engines than InnoDB keep it in the definition alone (measured on MyISAM).
            "comment" if self.is_foreign_engine() => self.flags |= Flags::DEFAULT,
            _ => self.flags |= Flags::OPTIONS,
        }
    }

    fn engine(&mut self, engine: &str) {
        if !ENGINES.iter().any(|known| same(known, engine)) {
            self.fail(failure::schema(1286, format!("there is no storage engine {engine}"), Truth::Yes));
            return;
        }
        if self.creating {
            self.own_engine = Some(engine.to_ascii_lowercase());
            return;
        }
        let partitioned = self.table.is_some_and(|table| table.partitioning.is_some());
        if let Some(refusal) = super::bounds::unnative(Some(engine), self.server).filter(|_| partitioned) {
            self.fail(refusal);
        }
        let now = self.table.and_then(|table| table.option("engine")).unwrap_or("innodb");
        if same(now, engine) {
            self.flags |= Flags::RECREATE;
            self.cause(format!("ENGINE={engine} rebuilds a table that has this engine already"));
        } else {
            self.forced = Some(Forced::Impossible);
            self.cause(format!("the rows move from {now} to {engine}"));
            // Only InnoDB keeps foreign keys, on either side of them (proven).
            let tied = self.table.is_some_and(|table| {
                table.foreign_keys().next().is_some() || !self.catalog.referencing_foreign_keys(&table.key).is_empty()
            });
            if tied && same(now, "innodb") {
                let code = if self.server.is_mariadb() || !self.server.0.at_least(8, 0, 0) { 1217 } else { 3776 };
                let reason = format!("a table that takes part in a foreign key cannot move to {engine}");
                self.failures.push((self.at, failure::schema(code, reason, crate::effect::Truth::Yes)));
            }
        }
    }

    /// Pages are compressed from now on, or every one is written anew without (measured; 10.11 writes
    /// them anew for both).
    fn page_compression(&mut self, value: &str) {
        let on = |value: &str| matches!(value.to_ascii_lowercase().as_str(), "1" | "on" | "yes");
        let before = self.table.and_then(|table| table.option("page_compressed")).is_some_and(on);
        let rebuilds = self.server.0.at_least(10, 6, 0) && !self.server.0.at_least(11, 0, 0);
        if before && !on(value) || !before && on(value) && rebuilds {
            self.flags |= Flags::FORMAT;
            self.facts.format_reason = true;
            self.cause("page compression writes the rows anew");
        } else {
            self.flags |= Flags::OPTIONS;
        }
    }

    fn encryption(&mut self, value: &str) {
        if self.server.is_mariadb() {
            self.fail(failure::schema(1911, "MariaDB has no table option ENCRYPTION: it is ENCRYPTED", Truth::Yes));
            return;
        }
        let now = self.table.and_then(|table| table.option("encryption")).unwrap_or("n");
        if same(now, value) {
            self.flags |= Flags::OPTIONS;
        } else {
            self.flags |= Flags::ENCRYPTION;
            self.cause("encryption writes the rows anew");
            if same(value, "y") {
                self.fail(failure::schema(3185, "there may be no keyring to take the master key from", Truth::Unknown));
            }
        }
    }

    /// MariaDB computes stored values anew, and copies for virtual ones that are in a key (measured).
    fn convert_generated(&mut self, at: usize, change: TypeChange) -> TypeChange {
        let Some(slot) = self.columns.get(at).filter(|_| self.server.is_mariadb()) else { return change };
        let computed = self.is_computed(slot);
        let keyed = self.keyed(&slot.name);
        if computed && (slot.stored || keyed.before) { TypeChange::Convert } else { change }
    }

    /// CONVERT TO CHARACTER SET: each text column, and the table's default.
    pub(super) fn convert_charset(&mut self, charset: &str, collation: Option<&str>) {
        self.check_charset(Some(&charset.to_ascii_lowercase()), collation.map(str::to_ascii_lowercase).as_deref());
        let to = Text::of(Some(charset), collation, self.server);
        self.flags |= Flags::CONVERT;
        let redundant = self.row_format().as_deref() == Some("redundant");
        for at in 0..self.columns.len() {
            let Some(slot) = self.columns.get(at) else { continue };
            let name = slot.name.clone();
            let Some(old) = slot.shape.clone() else { continue };
            if !old.is_text() || (old.family() == Family::Json) {
                continue;
            }
            if self.modified.iter().any(|other| same(other, &name)) {
                continue;
            }
            let new = widened(&old, &to);
            let mut change = compare(&old, &new, self.keyed(&name), redundant, self.server);
            if change == TypeChange::Unknown {
                let table = self.table_name();
                self.unknown(format!("the character set of {table}.{name}"), "whether the table is copied");
                change = if self.optimistic { TypeChange::Same } else { TypeChange::Convert };
            }
            self.facts.converts_columns |= old.text != new.text;
            if old.text != new.text {
                change = self.convert_generated(at, change);
            }
            // Measured on 9.7: what is not a VARCHAR, ENUM or SET is written anew under a lock.
            let padded = !matches!(old.family(), Family::Varchar | Family::Enum | Family::Set);
            if old.text != new.text
                && padded
                && change != TypeChange::Convert
                && self.server.convert_is_light()
                && !self.server.is_mariadb()
            {
                self.facts.converts_alone = true;
                self.flags |= Flags::RECREATE;
                self.cause("CONVERT TO rebuilds the table");
            }
            match change {
                TypeChange::Same => {}
                TypeChange::SamePack => self.flags |= Flags::SAME_PACK,
                TypeChange::Reindex => {
                    self.flags |= Flags::SAME_PACK;
                    self.reindex(&name);
                }
                TypeChange::Convert | TypeChange::Unknown => {
                    self.flags |= Flags::TYPE;
                    let from = old.text.charset.as_deref().unwrap_or("its character set");
                    self.cause(format!("`{name}` is converted from {from} to {charset}"));
                }
            }
            if let Some(slot) = self.columns.get_mut(at) {
                slot.shape = Some(new);
            }
        }
        for at in 0..self.columns.len() {
            if let Some(name) =
                self.columns.get(at).filter(|slot| slot.shape.as_ref().is_some_and(Shape::is_text)).map(|slot| slot.name.clone())
            {
                self.check_longer(&name);
            }
        }
        if self.known() != Truth::Yes && self.columns.is_empty() {
            let table = self.table_name();
            self.unknown(format!("the columns of {table}"), "whether the table is copied");
            if !self.optimistic {
                self.flags |= Flags::TYPE;
                self.cause("its text columns may be converted");
            }
        }
        self.text = to;
    }
}

impl Draft<'_> {
    /// MySQL before 9.7 rebuilds the table where CONVERT TO changes anything.
    pub(super) fn finish_convert(&mut self) {
        let converts = self.flags.has(Flags::CONVERT) && self.facts.converts_columns;
        if converts && !self.server.convert_is_light() && !self.flags.has(Flags::TYPE) {
            self.flags |= Flags::RECREATE;
            self.cause("CONVERT TO rebuilds the table");
        }
    }
}

/// TEXT grows to MEDIUMTEXT when a character may take more bytes, so that every value still fits.
fn widened(old: &Shape, to: &Text) -> Shape {
    let mut new = Shape { text: to.clone(), ..old.clone() };
    if old.family() == Family::Blob && to.widths().1 > old.text.widths().1 {
        new.data_type.name = match old.data_type.name.as_str() {
            "tinytext" => "text",
            "text" => "mediumtext",
            other => other,
        }
        .to_owned();
        if old.data_type.name == "mediumtext" {
            new.data_type.name = "longtext".to_owned();
        }
    }
    new
}

const ENGINES: &[&str] = &[
    "innodb",
    "myisam",
    "memory",
    "heap",
    "csv",
    "archive",
    "blackhole",
    "merge",
    "mrg_myisam",
    "federated",
    "federatedx",
    "ndb",
    "ndbcluster",
    "example",
    "performance_schema",
    "aria",
    "columnstore",
    "connect",
    "mroonga",
    "myrocks",
    "rocksdb",
    "oqgraph",
    "s3",
    "sequence",
    "sphinx",
    "spider",
    "tokudb",
    "mongodb",
    "cassandra",
    "xpand",
    "default",
];
