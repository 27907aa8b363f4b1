//! Column definitions the server refuses whatever the rows are.

use super::draft::{Draft, same};
use super::failure;
use super::types::{Family, family};
use crate::change::{ColumnDef, ConstraintKind, DataType, DefaultValue, GeneratedKind, Ident};
use crate::effect::Truth;

impl Draft<'_> {
    /// MySQL and MariaDB refuse what is longer (identifier length limits).
    pub(super) fn check_name(&mut self, name: &str) {
        if let Some(failure) = failure::too_long(name) {
            self.fail(failure);
        }
    }

    pub(super) fn check_definition(&mut self, column: &ColumnDef) {
        let name = column.name.value.clone();
        self.check_name(&name);
        if let Some(data_type) = &column.data_type {
            self.check_length(&name, data_type);
            self.check_text(data_type);
            if let Some(twice) = twice(&data_type.labels).filter(|_| self.session.strict) {
                self.fail(failure::schema(1291, format!("`{name}` has the value '{twice}' twice"), Truth::Yes));
            }
            if family(data_type) == Family::Set && data_type.labels.iter().any(|label| label.contains(',')) {
                self.fail(failure::schema(1367, format!("a value of the SET `{name}` has a comma"), Truth::Yes));
            }
            let strings = matches!(family(data_type), Family::Varchar | Family::Blob);
            if data_type.compressed && self.server.is_mariadb() && !strings {
                let reason = format!("the type of `{name}` is none whose values can be COMPRESSED");
                self.fail(failure::syntax(1064, reason, data_type.span));
            }
            let floats = self.server.is_mariadb() || !self.server.0.at_least(8, 4, 0);
            let counts = match family(data_type) {
                Family::Integer => true,
                // MySQL 8.4 took these away.
                Family::Float | Family::Double => floats,
                _ => false,
            };
            if column.auto_increment.is_some() && column.default.is_some() && column.generated.is_none() {
                self.fail(failure::schema(1067, format!("`{name}` is AUTO_INCREMENT and has no default"), Truth::Yes));
            }
            if column.auto_increment.is_some() && !counts {
                self.fail(failure::schema(1063, format!("`{name}` cannot be AUTO_INCREMENT with this type"), Truth::Yes));
            }
        }
        if let Some(default) = &column.default {
            let not_null = column.not_null.is_some() || super::column::has_inline(column, ConstraintKind::PrimaryKey);
            self.check_default(&name, column.data_type.as_ref(), default, not_null);
        }
        // MariaDB: nobody could give it a value.
        let hidden = column.invisible == Some(true) && column.not_null.is_some() && column.auto_increment.is_none();
        if self.server.is_mariadb() && hidden && column.default.is_none() && column.generated.is_none() {
            self.fail(failure::schema(4108, format!("`{name}` is invisible and NOT NULL and needs a default"), Truth::Yes));
        }
        self.check_doc_id(column);
        self.use_expressions_of(column);
        self.check_computed(column);
        self.check_updated(column);
        // MariaDB makes it NOT NULL without a word (measured).
        let nullable = column.null.is_some() && !self.server.is_mariadb();
        if nullable && super::column::has_inline(column, ConstraintKind::PrimaryKey) {
            self.fail(failure::schema(1171, format!("`{name}` is the primary key and cannot be NULL"), Truth::Yes));
        }
    }

    /// InnoDB's own name for the number of a document: MariaDB wants it just so, and where there are
    /// FULLTEXT indexes the rows would all have the same one (measured).
    fn check_doc_id(&mut self, column: &ColumnDef) {
        if !same(&column.name.value, "fts_doc_id") || self.is_foreign_engine() {
            return;
        }
        let fits = column.name.value == "FTS_DOC_ID"
            && column.not_null.is_some()
            && column.data_type.as_ref().is_some_and(|data_type| data_type.name == "bigint" && data_type.unsigned);
        let searched = self.keys.iter().any(|key| key.old && key.kind == crate::change::IndexKind::Fulltext);
        if self.server.is_mariadb() && !fits {
            self.fail(failure::schema(1166, "FTS_DOC_ID is BIGINT UNSIGNED NOT NULL, in capital letters", Truth::Yes));
        } else if fits && searched && self.rows().possible() && !self.creating {
            let code = if self.server.is_mariadb() { 1062 } else { 182 };
            self.fail(failure::data(code, "the rows would all have the same FTS_DOC_ID", self.rows()));
        }
    }

    /// What a generated column cannot be.
    fn check_computed(&mut self, column: &ColumnDef) {
        let Some(generated) = &column.generated else { return };
        let name = &column.name;
        if self.server.is_mariadb() {
            if column.auto_increment.is_some() || super::column::has_inline(column, ConstraintKind::PrimaryKey) {
                let reason = format!("after the expression of `{name}` there is no PRIMARY KEY and no AUTO_INCREMENT");
                self.fail(failure::schema(1064, reason, Truth::Yes));
            }
        } else if column.default.is_some() || column.auto_increment.is_some() {
            self.fail(failure::schema(1221, format!("`{name}` is generated and has no default and no numbers"), Truth::Yes));
        } else if generated.kind == GeneratedKind::Virtual && super::column::has_inline(column, ConstraintKind::PrimaryKey) {
            self.fail(failure::schema(3106, format!("`{name}` is virtual and cannot be the primary key"), Truth::Yes));
        }
    }

    /// ON UPDATE is for DATETIME and TIMESTAMP, with the precision of the column.
    fn check_updated(&mut self, column: &ColumnDef) {
        let (Some(updated), Some(data_type)) = (&column.on_update, &column.data_type) else { return };
        let text = updated.text.trim();
        let asked = text.split_once('(').and_then(|(_, rest)| rest.trim_end_matches(')').trim().parse::<u64>().ok()).unwrap_or(0);
        let timed = matches!(family(data_type), Family::Datetime | Family::Timestamp);
        if !timed || (asked != data_type.length().unwrap_or(0) && !self.server.is_mariadb()) {
            let reason = format!("ON UPDATE of `{}` does not fit its type", column.name);
            self.fail(failure::schema(1294, reason, Truth::Yes));
        }
    }

    /// Character sets and collations that exist, and go together.
    fn check_text(&mut self, data_type: &DataType) {
        let charset = data_type.charset.as_ref().map(|name| name.value.to_ascii_lowercase());
        let collation = data_type.collation.as_ref().map(|name| name.name.value.to_ascii_lowercase());
        self.check_charset(charset.as_deref(), collation.as_deref());
    }

    pub(super) fn check_charset(&mut self, charset: Option<&str>, collation: Option<&str>) {
        if let Some(charset) = charset.filter(|name| *name != "default" && !is_charset(name)) {
            self.fail(failure::schema(1115, format!("there is no character set `{charset}`"), Truth::Yes));
            return;
        }
        let Some(collation) = collation.filter(|name| *name != "default") else { return };
        let prefix = collation.split('_').next().unwrap_or(collation);
        if !is_charset(prefix) && prefix != "uca1400" {
            self.fail(failure::schema(1273, format!("there is no collation `{collation}`"), Truth::Yes));
        } else if let Some(charset) = charset
            && is_charset(prefix)
            && modern(charset) != modern(prefix)
        {
            self.fail(failure::schema(1253, format!("the collation `{collation}` is none of the character set `{charset}`"), Truth::Yes));
        }
    }

    fn check_length(&mut self, name: &str, data_type: &DataType) {
        if data_type.name == "bit" && data_type.length().is_some_and(|length| length > 64) {
            self.fail(failure::schema(1439, format!("`{name}` is wider than 64 bits"), Truth::Yes));
        }
        let Some(length) = data_type.length() else { return };
        match family(data_type) {
            Family::Char if length > 255 => {
                self.fail(failure::schema(
                    1074,
                    format!("`{name}` is longer than 255, the most for CHAR: use VARCHAR or TEXT"),
                    Truth::Yes,
                ));
            }
            Family::Varchar => {
                let text = super::charset::definition_text(data_type, &self.text, self.server);
                let width = if data_type.name == "varbinary" { 1 } else { text.widths().0 };
                // MariaDB takes the two bytes of the length off first (measured).
                let room = if self.server.is_mariadb() { 65_533 } else { 65_535 };
                if length.saturating_mul(width) > room {
                    let most = room / width.max(1);
                    // Outside strict mode it becomes a TEXT.
                    if self.session.strict {
                        self.fail(failure::schema(
                            1074,
                            format!("`{name}` is longer than {most}, the most for VARCHAR: use TEXT"),
                            Truth::Yes,
                        ));
                    }
                }
            }
            Family::Decimal => {
                let scale = data_type.args.get(1).copied().unwrap_or(0);
                if length > 65 {
                    self.fail(failure::schema(1426, format!("`{name}` has more than 65 digits"), Truth::Yes));
                } else if scale > 30 && !(self.server.is_mariadb() && scale <= 38) {
                    self.fail(failure::schema(1425, format!("`{name}` has more decimals than the server takes"), Truth::Yes));
                } else if scale > length {
                    self.fail(failure::schema(1427, format!("`{name}` has more decimals than digits"), Truth::Yes));
                }
            }
            Family::Year if length != 4 && !self.server.is_mariadb() && self.server.0.at_least(5, 7, 0) => {
                self.fail(failure::schema(1818, format!("`{name}` is a YEAR, which has four digits"), Truth::Yes));
            }
            Family::Float | Family::Double if length > 53 && data_type.name == "float" && data_type.args.len() == 1 => {
                self.fail(failure::schema(1063, format!("`{name}` has more than 53 bits of precision"), Truth::Yes));
            }
            Family::Time | Family::Datetime | Family::Timestamp if length > 6 => {
                self.fail(failure::schema(1426, format!("`{name}` has more than 6 fractional digits"), Truth::Yes));
            }
            _ => {}
        }
    }

    pub(super) fn check_default(&mut self, name: &str, data_type: Option<&DataType>, default: &DefaultValue, not_null: bool) {
        let text = default.expression.text.trim();
        let is_null = same(text, "null");
        if is_null {
            if not_null {
                self.fail(failure::schema(1067, format!("`{name}` is NOT NULL and cannot default to NULL"), Truth::Yes));
            }
            return;
        }
        let Some(data_type) = data_type else { return };
        if default.parenthesised {
            return;
        }
        let kind = family(data_type);
        let large = matches!(kind, Family::Blob | Family::Json | Family::Geometry);
        if large && !self.server.is_mariadb() {
            self.fail(failure::schema(1101, format!("`{name}` cannot have a literal default: write it in parentheses"), Truth::Yes));
            return;
        }
        let now =
            ["current_timestamp", "now", "localtime", "localtimestamp"].iter().any(|word| text.to_ascii_lowercase().starts_with(word));
        if now && !matches!(kind, Family::Datetime | Family::Timestamp) && !self.server.is_mariadb() {
            self.fail(failure::schema(
                1067,
                format!("CURRENT_TIMESTAMP is a default for DATETIME and TIMESTAMP only, not for `{name}`"),
                Truth::Yes,
            ));
        }
        if let (Family::Datetime | Family::Timestamp, true) = (kind, now) {
            let asked = text.split_once('(').and_then(|(_, rest)| rest.trim_end_matches(')').trim().parse::<u64>().ok()).unwrap_or(0);
            if asked != data_type.length().unwrap_or(0) && !self.server.is_mariadb() {
                self.fail(failure::schema(1067, format!("the default of `{name}` has another precision than the column"), Truth::Yes));
            }
        }
        if kind == Family::Integer
            && let Ok(number) = text.trim_matches('\'').parse::<i128>()
            && outside(data_type, number)
        {
            self.fail(failure::schema(1067, format!("the default of `{name}` is out of range"), Truth::Yes));
        }
        if let Some(bad) = super::literal::refused(kind, data_type, text, self.server).filter(|_| self.session.strict) {
            self.fail(failure::schema(1067, format!("{bad} for `{name}`"), Truth::Yes));
        } else if let Some(bad) = self.bad_literal(kind, data_type, text) {
            self.fail(failure::schema(1067, format!("{bad} for `{name}`"), Truth::Yes));
        }
    }

    /// A quoted literal that the type cannot hold.
    fn bad_literal(&self, kind: Family, data_type: &DataType, text: &str) -> Option<String> {
        let inner = text.strip_prefix('\'')?.strip_suffix('\'')?;
        match kind {
            Family::Integer | Family::Float | Family::Double | Family::Decimal | Family::Year => {
                inner.trim().parse::<f64>().is_err().then(|| format!("'{inner}' is not a number and no default"))
            }
            Family::Enum => (!data_type.labels.iter().any(|label| same(label, inner)))
                .then(|| format!("'{inner}' is none of the values and no default")),
            Family::Date | Family::Datetime | Family::Timestamp if self.session.no_zero_date && inner.starts_with("0000-00-00") => {
                Some("a zero date is refused as a default".to_owned())
            }
            Family::Char | Family::Varchar => {
                let length = data_type.length().unwrap_or(1);
                (u64::try_from(inner.chars().count()).unwrap_or(0) > length && self.session.strict)
                    .then(|| "the default is longer than the column".to_owned())
            }
            _ => None,
        }
    }

    /// Generated columns, checks and partitions that use a column about to be dropped or renamed.
    pub(super) fn check_dependents(&mut self, column: &Ident, dropped: bool) {
        let Some(table) = self.table else { return };
        let name = &column.value;
        let mariadb = self.server.is_mariadb();
        self.check_functional_keys(column);
        if mariadb && !dropped {
            // MariaDB rewrites expressions that name the column (measured).
            return;
        }
        if let Some(other) = table.generated_from(name).find(|other| self.slot(&other.name).is_some() && !same(&other.name, name)) {
            let code = if mariadb { 1054 } else { 3108 };
            let reason = format!("the generated column `{}` is computed from `{name}`", other.name);
            // It may go in the same statement.
            self.orphans.push((self.at, other.name.clone(), failure::schema(code, reason, Truth::Yes)));
        }
        if self.server.enforces_checks() {
            let checks = table.constraints.iter().filter(|constraint| constraint.kind == ConstraintKind::Check);
            let check = checks
                .filter(|check| {
                    check.columns.iter().any(|used| same(used, name))
                        && !self.dropped_constraints.iter().any(|gone| same(gone, &check.name))
                })
                // A check of this column alone goes with it.
                .find(|check| !dropped || check.columns.iter().any(|used| !same(used, name)))
                .map(|check| check.name.clone());
            if let Some(check) = check {
                let code = if mariadb { 1054 } else { 3959 };
                self.fail(failure::schema(code, format!("the check `{check}` uses `{name}`"), Truth::Yes));
            }
        }
        let partitioned = table.partitioning.as_ref().is_some_and(|partitioning| {
            partitioning.by.keys.iter().any(|key| match &key.part {
                crate::change::IndexPart::Column(column) => column.is(name),
                crate::change::IndexPart::Expression(expression) => expression.mentions(name),
            })
        });
        if partitioned {
            let listed = table.partitioning.as_ref().is_some_and(|it| it.by.strategy.contains("columns") || it.by.strategy.contains("key"));
            let code = match (mariadb, self.server.0.at_least(8, 0, 0)) {
                (true, _) if !listed => 1054,
                (true, _) => 1072,
                (false, true) => 3855,
                (false, false) => 1054,
            };
            self.fail(failure::schema(code, format!("the table is partitioned by `{name}`"), Truth::Yes));
        }
    }

    /// AUTO_INCREMENT: one column, and the first of a key.
    pub(super) fn check_auto_increment(&mut self) {
        let numbered: Vec<String> = self.columns.iter().filter(|slot| slot.auto_increment).map(|slot| slot.name.clone()).collect();
        let Some(first) = numbered.first() else { return };
        let keyed = self.is_foreign_engine() && self.keys.iter().any(|key| key.uses(first))
            || self.keys.iter().any(|key| key.parts.first().and_then(|part| part.column.as_deref()).is_some_and(|name| same(name, first)));
        if numbered.len() > 1 || !keyed {
            let certain = if numbered.len() > 1 { Truth::Yes } else { self.known() };
            if numbered.len() > 1 || certain == Truth::Yes {
                self.fail(failure::schema(
                    1075,
                    format!("`{first}` is AUTO_INCREMENT: there may be one such column, and it must start a key"),
                    certain,
                ));
            }
        }
    }

    /// MySQL's row limit of 65,535 bytes; BLOBs count for their pointer.
    pub(super) fn check_row_size(&mut self) {
        let mut total: u64 = 0;
        for slot in self.columns.iter().filter(|slot| slot.stored) {
            let Some(shape) = &slot.shape else { return };
            total = total.saturating_add(match shape.family() {
                Family::Varchar => shape.bytes().0.saturating_add(2),
                Family::Blob | Family::Json | Family::Geometry | Family::Other => 12,
                _ => shape.bytes().0,
            });
        }
        if total > 65_535 {
            self.fail(failure::schema(1118, "a row would be longer than 65,535 bytes: make some columns TEXT or BLOB", Truth::Yes));
        }
    }

    /// Unique keys of a partitioned table contain the columns it is partitioned by.
    pub(super) fn check_partition_keys(&mut self) {
        let Some(partitioning) = self.table.and_then(|table| table.partitioning.as_ref()) else { return };
        let used = |slot: &super::draft::Slot| {
            partitioning.by.keys.iter().any(|key| match &key.part {
                crate::change::IndexPart::Column(column) => column.is(&slot.name),
                crate::change::IndexPart::Expression(expression) => expression.mentions(&slot.name),
            })
        };
        let columns: Vec<String> = self.columns.iter().filter(|slot| used(slot)).map(|slot| slot.name.clone()).collect();
        if !self.server.is_mariadb() && self.keys.iter().any(|key| !key.old && key.kind == crate::change::IndexKind::Fulltext) {
            self.fail(failure::schema(1214, "a partitioned table has no FULLTEXT indexes", Truth::Yes));
        }
        let bad = self
            .keys
            .iter()
            .filter(|key| !key.old && key.unique)
            .find(|key| columns.iter().any(|column| self.slot(column).is_some() && !key.uses(column)))
            .map(|key| (key.primary, key.name.clone()));
        if let Some((primary, name)) = bad {
            let kind = if primary { "the primary key".to_owned() } else { format!("the unique key `{name}`") };
            self.fail(failure::schema(1503, format!("{kind} must contain every column the table is partitioned by"), Truth::Yes));
        }
    }
}

impl Draft<'_> {
    /// A renamed column may not take the name of one that stays.
    fn check_renamed(&mut self) {
        let Some(table) = self.table else { return };
        let renamed = |slot: &super::draft::Slot| {
            slot.before.and_then(|before| table.columns.get(before)).is_some_and(|old| !same(&old.name, &slot.name))
        };
        let taken = self
            .columns
            .iter()
            .enumerate()
            .find(|(at, slot)| {
                renamed(slot) && self.columns.iter().enumerate().any(|(other, column)| other != *at && same(&column.name, &slot.name))
            })
            .map(|(_, slot)| slot.name.clone());
        if let Some(name) = taken {
            self.fail(failure::schema(1060, format!("the table already has a column `{name}`"), Truth::Yes));
        }
    }

    /// What other engines than InnoDB cannot keep (measured on MySQL 8.0 and 9.7).
    fn check_engine(&mut self) {
        let Some(engine) = self.engine_name().map(str::to_ascii_lowercase) else { return };
        let new = |slot: &super::draft::Slot| slot.before.is_none();
        let large = |slot: &super::draft::Slot| {
            slot.shape.as_ref().is_some_and(|shape| matches!(shape.family(), Family::Blob | Family::Json | Family::Geometry))
        };
        let keyed = self.keys.iter().find(|key| !key.old);
        let refusal = match engine.as_str() {
            "memory" | "heap" if self.columns.iter().any(|slot| new(slot) && large(slot)) => {
                Some((1163, "the engine MEMORY keeps no BLOB, TEXT or JSON"))
            }
            "csv" if self.columns.iter().any(|slot| new(slot) && slot.nullable) => Some((1178, "the engine CSV keeps no NULL")),
            "csv" if keyed.is_some() => Some((1069, "the engine CSV has no keys")),
            "memory" | "heap" | "archive" | "csv" if keyed.is_some_and(|key| key.kind == crate::change::IndexKind::Fulltext) => {
                Some((1214, "this engine has no FULLTEXT indexes"))
            }
            _ => None,
        };
        if let Some((code, reason)) = refusal {
            self.fail(failure::schema(code, reason, Truth::Yes));
        }
    }

    /// Checks that need the whole table as it would be.
    pub(super) fn check_whole(&mut self) {
        for (at, column, failure) in std::mem::take(&mut self.orphans) {
            if self.slot(&column).is_some() {
                self.failures.push((at, failure));
            }
        }
        self.check_renamed();
        self.check_engine();
        self.check_expressions();
        self.check_auto_increment();
        self.check_row_size();
        self.check_partition_keys();
        self.check_special_keys();
        self.check_visible();
        if let Some(at) = self.second_primary {
            self.failures.push((at, failure::schema(1068, super::key::SECOND_PRIMARY, Truth::Yes)));
        }
        self.check_foreign_keys();
    }
}

/// A label that stands twice in an ENUM or SET.
fn twice(labels: &[String]) -> Option<&String> {
    labels.iter().enumerate().find(|(at, label)| labels.iter().take(*at).any(|other| same(other, label))).map(|(_, label)| label)
}

fn modern(charset: &str) -> &str {
    if charset == "utf8" { "utf8mb3" } else { charset }
}

fn is_charset(name: &str) -> bool {
    CHARSETS.contains(&name)
}

const CHARSETS: &[&str] = &[
    "armscii8", "ascii", "big5", "binary", "cp1250", "cp1251", "cp1256", "cp1257", "cp850", "cp852", "cp866", "cp932", "dec8", "eucjpms",
    "euckr", "filename", "gb18030", "gb2312", "gbk", "geostd8", "greek", "hebrew", "hp8", "keybcs2", "koi8r", "koi8u", "latin1", "latin2",
    "latin5", "latin7", "macce", "macroman", "sjis", "swe7", "tis620", "ucs2", "ujis", "utf16", "utf16le", "utf32", "utf8", "utf8mb3",
    "utf8mb4",
];

/// A number that the integer type cannot hold.
fn outside(data_type: &DataType, number: i128) -> bool {
    let bits = match data_type.name.as_str() {
        "tinyint" => 8,
        "smallint" => 16,
        "mediumint" => 24,
        "int" => 32,
        "bigint" => 64,
        _ => return false,
    };
    let (low, high) = if data_type.unsigned { (0, (1i128 << bits) - 1) } else { (-(1i128 << (bits - 1)), (1i128 << (bits - 1)) - 1) };
    number < low || number > high
}
