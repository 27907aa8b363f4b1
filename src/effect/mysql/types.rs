//! Column types: what is stored, what changes without touching rows, what no longer fits.

use super::charset::{Conversion, Text, conversion};
use super::server::Server;
use crate::change::DataType;

/// A type with the character set it has in its table.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shape {
    pub data_type: DataType,
    pub text: Text,
    pub auto_increment: bool,
}

/// What a type is to the storage engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Integer,
    Float,
    Double,
    Decimal,
    Bit,
    Year,
    Date,
    Time,
    Datetime,
    Timestamp,
    Char,
    Varchar,
    Blob,
    Json,
    Enum,
    Set,
    Geometry,
    Other,
}

impl Shape {
    pub fn family(&self) -> Family {
        family(&self.data_type)
    }

    /// A text column: it has a character set.
    pub fn is_text(&self) -> bool {
        match self.family() {
            Family::Char | Family::Varchar | Family::Blob => !is_binary_name(&self.data_type.name),
            Family::Enum | Family::Set => true,
            _ => false,
        }
    }

    /// Its character set, with `binary` for byte strings.
    pub fn effective_text(&self) -> Text {
        if is_binary_name(&self.data_type.name) {
            Text { charset: Some("binary".to_owned()), collation: Some("binary".to_owned()) }
        } else {
            self.text.clone()
        }
    }

    /// The most bytes a value takes: least and greatest that are possible.
    pub fn bytes(&self) -> (u64, u64) {
        let length = self.data_type.length().unwrap_or(1);
        let (least, most) = self.effective_text().widths();
        match self.family() {
            Family::Char | Family::Varchar => (length.saturating_mul(least), length.saturating_mul(most)),
            Family::Integer => (integer_bytes(&self.data_type.name), integer_bytes(&self.data_type.name)),
            Family::Float => (4, 4),
            Family::Double => (8, 8),
            Family::Decimal => {
                let bytes = self.data_type.length().unwrap_or(10).div_ceil(2) + 1;
                (bytes, bytes)
            }
            Family::Bit => (length.div_ceil(8), length.div_ceil(8)),
            Family::Year => (1, 1),
            Family::Date | Family::Time => (3, 3),
            Family::Datetime => (8, 8),
            Family::Timestamp => (4, 4),
            Family::Enum => (enum_bytes(&self.data_type), enum_bytes(&self.data_type)),
            Family::Set => (set_bytes(&self.data_type), set_bytes(&self.data_type)),
            Family::Blob | Family::Json | Family::Geometry | Family::Other => (0, 65_535),
        }
    }
}

pub(super) fn family(data_type: &DataType) -> Family {
    match data_type.name.as_str() {
        "tinyint" | "bool" | "boolean" | "smallint" | "mediumint" | "int" | "integer" | "bigint" | "serial" => Family::Integer,
        // FLOAT(p) with a precision over 24 is a DOUBLE.
        "float" if data_type.args.len() == 1 && data_type.length().is_some_and(|precision| precision > 24) => Family::Double,
        "float" => Family::Float,
        "double" | "double precision" | "real" => Family::Double,
        "decimal" | "numeric" | "dec" | "fixed" => Family::Decimal,
        "bit" => Family::Bit,
        "year" => Family::Year,
        "date" => Family::Date,
        "time" => Family::Time,
        "datetime" => Family::Datetime,
        "timestamp" => Family::Timestamp,
        "char" | "binary" | "nchar" | "national char" => Family::Char,
        "varchar" | "varbinary" | "nvarchar" | "character varying" => Family::Varchar,
        "tinytext" | "text" | "mediumtext" | "longtext" | "tinyblob" | "blob" | "mediumblob" | "longblob" => Family::Blob,
        "json" => Family::Json,
        "enum" => Family::Enum,
        "set" => Family::Set,
        "geometry" | "point" | "linestring" | "polygon" | "multipoint" | "multilinestring" | "multipolygon" | "geometrycollection"
        | "geomcollection" => Family::Geometry,
        _ => Family::Other,
    }
}

fn is_binary_name(name: &str) -> bool {
    matches!(name, "binary" | "varbinary" | "tinyblob" | "blob" | "mediumblob" | "longblob")
}

fn integer_bytes(name: &str) -> u64 {
    match name {
        "tinyint" | "bool" | "boolean" => 1,
        "smallint" => 2,
        "mediumint" => 3,
        "bigint" | "serial" => 8,
        _ => 4,
    }
}

fn enum_bytes(data_type: &DataType) -> u64 {
    if data_type.labels.len() > 255 { 2 } else { 1 }
}

fn set_bytes(data_type: &DataType) -> u64 {
    match data_type.labels.len() {
        0..=8 => 1,
        9..=16 => 2,
        17..=24 => 3,
        25..=32 => 4,
        _ => 8,
    }
}

fn blob_rank(name: &str) -> u8 {
    match name {
        "tinytext" | "tinyblob" => 0,
        "text" | "blob" => 1,
        "mediumtext" | "mediumblob" => 2,
        _ => 3,
    }
}

/// What a change of type means for the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TypeChange {
    /// Only the dictionary changes, or nothing.
    Same,
    /// Another type with the same bytes: in place without a rebuild.
    SamePack,
    /// The same bytes in another order: indexes on the column are built again (MariaDB).
    Reindex,
    /// Every row is written anew.
    Convert,
    /// It depends on what is not known.
    Unknown,
}

/// The keys a column is in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Keyed {
    /// Before the ALTER, dropped ones counted.
    pub before: bool,
    /// … with a prefix of the column.
    pub prefix_before: bool,
    /// … and in the one that orders the rows.
    pub orders_before: bool,
    /// After the ALTER, new ones counted.
    pub after: bool,
}

/// Compares as `Field::is_equal` of the servers does. `redundant`: ROW_FORMAT=REDUNDANT.
pub(super) fn compare(old: &Shape, new: &Shape, keyed: Keyed, redundant: bool, server: Server) -> TypeChange {
    let (from, to) = (old.family(), new.family());
    if from != to || from == Family::Other {
        if from == Family::Other && old.data_type.name == new.data_type.name && old.data_type.args == new.data_type.args {
            return TypeChange::Same;
        }
        return json_alias(old, new, server).unwrap_or(TypeChange::Convert);
    }
    let (a, b) = (&old.data_type, &new.data_type);
    if a.compressed != b.compressed {
        return TypeChange::Convert;
    }
    match from {
        Family::Integer => {
            // Display width and ZEROFILL are not stored (both servers compare the packed length).
            let sign = is_unsigned(a) == is_unsigned(b);
            let increment = old.auto_increment == new.auto_increment || (server.is_mariadb() && !new.auto_increment);
            same(sign && increment && integer_bytes(&a.name) == integer_bytes(&b.name))
        }
        Family::Float | Family::Double => same(is_unsigned(a) == is_unsigned(b) && old.auto_increment == new.auto_increment),
        Family::Decimal => {
            let digits = |of: &DataType| (of.length().unwrap_or(10), of.args.get(1).copied().unwrap_or(0));
            same(digits(a) == digits(b) && is_unsigned(a) == is_unsigned(b) && a.zerofill == b.zerofill)
        }
        Family::Bit => same(a.length().unwrap_or(1) == b.length().unwrap_or(1)),
        Family::Time | Family::Datetime | Family::Timestamp => same(a.length().unwrap_or(0) == b.length().unwrap_or(0)),
        Family::Year | Family::Date | Family::Json => TypeChange::Same,
        // MariaDB: any geometry is a GEOMETRY (measured).
        Family::Geometry => same(a.name == b.name || server.is_mariadb() && b.name == "geometry"),
        Family::Enum | Family::Set => labels(old, new, server),
        Family::Char => strings(old, new, keyed, server, |old, new| same(old == new)),
        Family::Blob if blob_rank(&a.name) != blob_rank(&b.name) => TypeChange::Convert,
        Family::Blob => strings(old, new, keyed, server, |_, _| TypeChange::Same),
        Family::Varchar => strings(old, new, keyed, server, |old, new| grown(old, new, redundant || a.compressed, server)),
        Family::Other => TypeChange::Convert,
    }
}

fn same(equal: bool) -> TypeChange {
    if equal { TypeChange::Same } else { TypeChange::Convert }
}

/// MariaDB's JSON is a LONGTEXT with a collation and a CHECK of its own.
fn json_alias(old: &Shape, new: &Shape, server: Server) -> Option<TypeChange> {
    let pair = (old.family(), new.family());
    let other = match pair {
        (Family::Json, Family::Blob) => new,
        (Family::Blob, Family::Json) => old,
        _ => return None,
    };
    let is_json = other.data_type.name == "longtext" && other.text.collation.as_deref() == Some("utf8mb4_bin");
    (server.is_mariadb() && is_json).then_some(TypeChange::Same)
}

fn is_unsigned(data_type: &DataType) -> bool {
    data_type.unsigned || data_type.zerofill || data_type.name == "serial"
}

/// ENUM and SET: values may be appended while the number of bytes stays.
fn labels(old: &Shape, new: &Shape, server: Server) -> TypeChange {
    let (a, b) = (&old.data_type, &new.data_type);
    // Labels compare as their collation has it (`compare_type_names`, `is_equal` of MariaDB).
    let sensitive = ["_bin", "_cs", "binary"].iter().any(|tail| old.text.collation.as_deref().is_some_and(|name| name.ends_with(tail)));
    let alike = |old: &String, new: &String| if sensitive { old == new } else { old.to_lowercase() == new.to_lowercase() };
    let prefix = b.labels.len() >= a.labels.len() && a.labels.iter().zip(&b.labels).all(|(old, new)| alike(old, new));
    let bytes = match old.family() {
        Family::Enum => enum_bytes(a) == enum_bytes(b),
        _ => set_bytes(a) == set_bytes(b),
    };
    if !prefix || !bytes {
        return TypeChange::Convert;
    }
    match conversion(&old.text, &new.text, server) {
        Conversion::Same | Conversion::Unknown => TypeChange::Same,
        // The rows hold numbers: MySQL minds the labels alone (measured).
        Conversion::Rename | Conversion::Resort | Conversion::Convert if !server.is_mariadb() && server.converts_charset_in_place() => {
            TypeChange::Same
        }
        Conversion::Rename | Conversion::Resort | Conversion::Convert => TypeChange::Convert,
    }
}

/// Strings: first the character set, then the length in bytes.
fn strings(old: &Shape, new: &Shape, keyed: Keyed, server: Server, by_length: impl Fn((u64, u64), (u64, u64)) -> TypeChange) -> TypeChange {
    let (from, to) = (old.effective_text(), new.effective_text());
    let length = |scaled: bool| {
        // CHAR compares characters, VARCHAR bytes.
        if scaled {
            by_length(old.bytes(), new.bytes())
        } else {
            let count = |shape: &Shape| shape.data_type.length().unwrap_or(1);
            by_length((count(old), count(old)), (count(new), count(new)))
        }
    };
    let scaled = old.family() == Family::Varchar || new.effective_text().charset.as_deref() == Some("binary");
    let change = conversion(&from, &to, server);
    match change {
        Conversion::Convert => TypeChange::Convert,
        Conversion::Unknown => {
            if length(scaled) == TypeChange::Convert {
                TypeChange::Convert
            } else {
                TypeChange::Unknown
            }
        }
        // Both inherit the same unknown default: the width is one and the same.
        Conversion::Same if from.charset.is_none() && old.family() == Family::Varchar => inherited(old, new, &by_length),
        Conversion::Same => length(scaled),
        Conversion::Rename | Conversion::Resort => match length(scaled) {
            TypeChange::Convert => TypeChange::Convert,
            _ if refuses_collation(old.family(), change, keyed, server) => TypeChange::Convert,
            _ if change == Conversion::Resort && keyed.after && server.reindexes_collation() => TypeChange::Reindex,
            _ => TypeChange::SamePack,
        },
    }
}

/// The keys of a column whose bytes stay under another collation may ask for a copy all the same:
/// any key it is in afterwards, and since MariaDB 10.6.9 (`can_convert_string`, `can_convert_varstring`,
/// `can_convert_blob`; measured) one that it was in: the primary key when the order changes, one of a
/// prefix when only the length does, any key of a TEXT.
fn refuses_collation(family: Family, change: Conversion, keyed: Keyed, server: Server) -> bool {
    let text_before = server.is_mariadb() && family == Family::Blob && keyed.before;
    let rest = match (server.reindexes_collation(), change) {
        (false, _) => keyed.after,
        (true, Conversion::Rename) => keyed.prefix_before,
        (true, _) => keyed.orders_before,
    };
    text_before || rest
}

/// The answer for each possible width of an unknown character set, if they agree.
fn inherited(old: &Shape, new: &Shape, by_length: &impl Fn((u64, u64), (u64, u64)) -> TypeChange) -> TypeChange {
    let count = |shape: &Shape| shape.data_type.length().unwrap_or(1);
    let mut answers = (1..=4).map(|width| {
        let (a, b) = (count(old).saturating_mul(width), count(new).saturating_mul(width));
        by_length((a, a), (b, b))
    });
    let first = answers.next().unwrap_or(TypeChange::Unknown);
    if answers.all(|answer| answer == first) { first } else { TypeChange::Unknown }
}

/// VARCHAR keeps its length in one byte up to 255 bytes and in two above. MariaDB's rows also take
/// the change from one to two while the old column holds at most 127 bytes, or with
/// ROW_FORMAT=REDUNDANT always (Field_varstring::is_equal; measured).
fn grown(old: (u64, u64), new: (u64, u64), redundant: bool, server: Server) -> TypeChange {
    let (old, new) = (old.1, new.1);
    if old == new {
        return TypeChange::Same;
    }
    if new < old || !server.grows_varchar() {
        return TypeChange::Convert;
    }
    let same_class = (old <= 255) == (new <= 255);
    if same_class || (server.is_mariadb() && (old <= 127 || redundant)) { TypeChange::SamePack } else { TypeChange::Convert }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(name: &str, length: u64, charset: &str, server: Server) -> Shape {
        let data_type = DataType { name: name.to_owned(), args: vec![length], ..DataType::default() };
        Shape { data_type, text: Text::of(Some(charset), None, server), auto_increment: false }
    }

    #[test]
    fn varchar_grows_by_bytes() {
        let mysql = Server("mysql@8.0".parse().unwrap());
        let maria = Server("mariadb@10.11".parse().unwrap());
        let grow = |from: u64, to: u64, charset: &str, server| {
            compare(
                &shape("varchar", from, charset, server),
                &shape("varchar", to, charset, server),
                Keyed { after: true, ..Keyed::default() },
                false,
                server,
            )
        };
        assert_eq!(grow(50, 63, "utf8mb4", mysql), TypeChange::SamePack);
        assert_eq!(grow(63, 64, "utf8mb4", mysql), TypeChange::Convert);
        assert_eq!(grow(64, 500, "utf8mb4", mysql), TypeChange::SamePack);
        assert_eq!(grow(50, 256, "latin1", mysql), TypeChange::Convert);
        assert_eq!(grow(50, 256, "latin1", maria), TypeChange::SamePack);
        assert_eq!(grow(50, 20, "latin1", maria), TypeChange::Convert);
    }
}
