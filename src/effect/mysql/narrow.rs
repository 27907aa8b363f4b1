//! Values that may no longer fit, and what a type is called in a message.

use super::charset::width;
use super::types::{Family, Shape};

/// Why values can be cut, rounded or refused, with the error of strict mode; `None` when every old
/// value fits. An error of 0: the server rounds without a word.
pub(super) fn narrowing(old: &Shape, new: &Shape) -> Option<(u16, String)> {
    let (from, to) = (old.family(), new.family());
    let (a, b) = (&old.data_type, &new.data_type);
    let arg = |data_type: &crate::change::DataType, at: usize, otherwise: u64| data_type.args.get(at).copied().unwrap_or(otherwise);
    match (from, to) {
        (Family::Integer, Family::Integer) => {
            let (signed, unsigned) = (!old.data_type.unsigned, new.data_type.unsigned);
            if signed && unsigned {
                return Some((1264, "negative numbers do not fit".to_owned()));
            }
            let (before, after) = (old.bytes().1, new.bytes().1);
            let smaller = after < before || (after == before && a.unsigned && !b.unsigned);
            smaller.then(|| (1264, "large numbers do not fit".to_owned()))
        }
        (Family::Decimal, Family::Decimal) => {
            let (digits, scale) = ((arg(a, 0, 10), arg(b, 0, 10)), (arg(a, 1, 0), arg(b, 1, 0)));
            if digits.1.saturating_sub(scale.1) < digits.0.saturating_sub(scale.0) {
                return Some((1264, "large numbers do not fit".to_owned()));
            }
            if scale.1 < scale.0 {
                return Some((0, "decimals are rounded away, in strict mode as well".to_owned()));
            }
            (b.unsigned && !a.unsigned).then(|| (1264, "negative numbers do not fit".to_owned()))
        }
        (Family::Time | Family::Datetime | Family::Timestamp, Family::Time | Family::Datetime | Family::Timestamp) if from == to => {
            (arg(b, 0, 0) < arg(a, 0, 0)).then(|| (0, "fractions of a second are rounded away".to_owned()))
        }
        (Family::Datetime, Family::Timestamp) => Some((1292, "dates outside 1970 to 2038 do not fit".to_owned())),
        (Family::Datetime | Family::Timestamp, Family::Date) => Some((0, "the time of day is cut off".to_owned())),
        (Family::Datetime | Family::Timestamp, Family::Time) => Some((0, "the date is cut off".to_owned())),
        (Family::Double, Family::Float) => Some((1264, "digits are rounded away".to_owned())),
        (Family::Float | Family::Double | Family::Decimal, Family::Integer) => Some((0, "decimals are rounded away".to_owned())),
        (Family::Float | Family::Double, Family::Decimal) => Some((1264, "large numbers do not fit and decimals are rounded".to_owned())),
        (Family::Decimal | Family::Integer, Family::Float) => Some((0, "digits beyond the seventh are rounded away".to_owned())),
        (Family::Bit, Family::Bit) => (arg(b, 0, 1) < arg(a, 0, 1)).then(|| (1406, "high bits do not fit".to_owned())),
        (Family::Enum, Family::Enum) | (Family::Set, Family::Set) => {
            let gone: Vec<&str> = a.labels.iter().filter(|label| !b.labels.contains(label)).map(String::as_str).collect();
            (!gone.is_empty()).then(|| (1265, format!("rows with '{}' do not fit", gone.join("', '"))))
        }
        (Family::Char | Family::Varchar | Family::Blob, Family::Char | Family::Varchar | Family::Blob) => strings(old, new),
        (Family::Char | Family::Varchar | Family::Blob, Family::Json) => Some((3140, "text that is not JSON is refused".to_owned())),
        (Family::Char | Family::Varchar | Family::Blob, Family::Enum | Family::Set) => {
            Some((1265, "values not in the list do not fit".to_owned()))
        }
        (Family::Char | Family::Varchar | Family::Blob | Family::Enum | Family::Set, _) if is_numeric(to) => {
            Some((1366, "text that is not a number does not fit".to_owned()))
        }
        (
            Family::Char | Family::Varchar | Family::Blob,
            Family::Date | Family::Time | Family::Datetime | Family::Timestamp | Family::Year,
        ) => Some((1292, "text that is not a date does not fit".to_owned())),
        (Family::Enum | Family::Set, Family::Char | Family::Varchar) => {
            let longest = a.labels.iter().map(|label| label.chars().count()).max().unwrap_or(0);
            let capacity = usize::try_from(arg(b, 0, 1)).unwrap_or(usize::MAX);
            (capacity < longest).then(|| (1265, "long values are cut".to_owned()))
        }
        (Family::Json, Family::Char | Family::Varchar) => Some((1406, "long documents do not fit".to_owned())),
        (Family::Integer | Family::Decimal | Family::Float | Family::Double, Family::Char | Family::Varchar) => {
            let capacity = arg(b, 0, 1);
            (capacity < 20).then(|| (1406, "long numbers do not fit".to_owned()))
        }
        _ if from == to => None,
        (Family::Date, Family::Datetime) | (_, Family::Blob) => None,
        (Family::Timestamp, Family::Datetime) => None,
        (Family::Integer, Family::Double | Family::Decimal) | (Family::Float, Family::Double) => None,
        (Family::Date | Family::Time | Family::Datetime | Family::Timestamp | Family::Year, Family::Char | Family::Varchar) => None,
        _ => Some((1366, "values may not be convertible".to_owned())),
    }
}

fn is_numeric(family: Family) -> bool {
    matches!(family, Family::Integer | Family::Decimal | Family::Float | Family::Double | Family::Bit)
}

fn strings(old: &Shape, new: &Shape) -> Option<(u16, String)> {
    if let (Some(from), Some(to)) = (&old.effective_text().charset, &new.effective_text().charset) {
        let universal = matches!(to.as_str(), "utf8mb4" | "utf32" | "utf16" | "utf16le" | "gb18030" | "binary");
        let ascii = from == "ascii";
        let grows = to == "utf8mb3" && width(from) < 4;
        if from != to && !universal && !ascii && !grows {
            return Some((1366, format!("characters that {to} does not have are refused")));
        }
    }
    let capacity = |shape: &Shape| match shape.data_type.name.as_str() {
        "tinytext" | "tinyblob" => 255,
        "text" | "blob" => 65_535,
        "mediumtext" | "mediumblob" => 16_777_215,
        "longtext" | "longblob" => u64::MAX,
        _ => shape.data_type.length().unwrap_or(1),
    };
    let binary = new.effective_text().charset.as_deref() == Some("binary");
    let code = if old.family() == Family::Blob || binary { 1406 } else { 1265 };
    (capacity(new) < capacity(old)).then(|| (code, "long values do not fit".to_owned()))
}

/// The two types as words, with the character set where that is what differs.
pub(super) fn describe(old: &Shape, new: &Shape) -> (String, String) {
    let (a, b) = (written(old), written(new));
    if a != b {
        return (a, b);
    }
    let charset = |shape: &Shape| {
        let text = shape.effective_text();
        match (text.charset, text.collation) {
            (_, Some(collation)) => collation,
            (Some(charset), None) => charset,
            (None, None) => "an unknown character set".to_owned(),
        }
    };
    if old.auto_increment != new.auto_increment {
        let word = |on: bool| if on { "AUTO_INCREMENT" } else { "no AUTO_INCREMENT" }.to_owned();
        return (word(old.auto_increment), word(new.auto_increment));
    }
    (charset(old), charset(new))
}

fn written(shape: &Shape) -> String {
    let data_type = &shape.data_type;
    let mut text = data_type.name.clone();
    if !data_type.labels.is_empty() {
        let labels: Vec<String> = data_type.labels.iter().take(8).map(|label| format!("'{label}'")).collect();
        let more = if data_type.labels.len() > 8 { ", …" } else { "" };
        text = format!("{text}({}{more})", labels.join(", "));
    } else if !data_type.args.is_empty() {
        let args: Vec<String> = data_type.args.iter().map(u64::to_string).collect();
        text = format!("{text}({})", args.join(", "));
    }
    if data_type.unsigned {
        text.push_str(" unsigned");
    }
    text
}
