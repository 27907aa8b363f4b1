//! How volatile an expression is, which decides whether a new column's default rewrites the table.
//!
//! From version 11 a default that is not volatile is stored once (manual, ALTER TABLE, notes).

use super::scene::search_path;
use super::words::{Word, words};
use crate::catalog::{Catalog, Key, Routine};
use crate::change::{Expression, Volatility};
use crate::effect::Truth;

/// What was found out about an expression.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Verdict {
    /// It has to be computed for each row.
    pub volatile: Truth,
    /// The function that makes it so.
    pub because: Option<String>,
    /// Functions this version does not have.
    pub missing: Vec<String>,
    /// Sequences advanced, as named in `nextval('…')`.
    pub sequences: Vec<String>,
}

const MAX_INLINE_DEPTH: u8 = 8;

pub(super) fn judge(catalog: &Catalog, expression: &Expression) -> Verdict {
    let mut verdict = Verdict::default();
    judge_text(catalog, &expression.text, 0, &mut verdict);
    verdict
}

fn judge_text(catalog: &Catalog, text: &str, depth: u8, verdict: &mut Verdict) {
    let words = words(text);
    for (at, word) in words.iter().enumerate() {
        let Word::Name { text: name, called: true, quoted } = word else { continue };
        let schema = match (at.checked_sub(2).and_then(|at| words.get(at)), at.checked_sub(1).and_then(|at| words.get(at))) {
            (Some(Word::Name { text, .. }), Some(Word::Mark('.'))) => Some(text.as_str()),
            _ => None,
        };
        // `x::numeric(10, 2)`: a type, not a call.
        if matches!(at.checked_sub(1).and_then(|at| words.get(at)), Some(Word::Mark(':'))) || (!quoted && is_syntax(name)) {
            continue;
        }
        if matches!(name.as_str(), "nextval" | "setval" | "currval")
            && let Some(Word::Literal(sequence)) = words.get(at + 2)
        {
            verdict.sequences.push(sequence.clone());
        }
        let (volatile, missing) = function(catalog, schema, name, depth);
        if volatile > verdict.volatile {
            verdict.volatile = volatile;
            verdict.because = Some(format!("{name}()"));
        }
        if missing {
            verdict.missing.push(format!("{name}()"));
        }
    }
}

/// Whether a call is volatile, and whether the function is missing in this version.
fn function(catalog: &Catalog, schema: Option<&str>, name: &str, depth: u8) -> (Truth, bool) {
    if schema.is_none_or(|schema| schema != "pg_catalog")
        && let Some(routine) = routine(catalog, schema, name)
    {
        return (routine_volatile(catalog, routine, depth), false);
    }
    let major = catalog.target.version.major;
    if let Some((since, volatile)) = builtin(name) {
        if major < since && !provided_by_extension(catalog, name) {
            return (Truth::from(volatile), !catalog.open_world || catalog.extensions.is_empty());
        }
        return (Truth::from(volatile), false);
    }
    match extension_function(name) {
        Some(volatile) => (Truth::from(volatile), false),
        None => (Truth::Unknown, false),
    }
}

/// A function of that name comes with the server.
pub(super) fn is_builtin(name: &str) -> bool {
    builtin(name).is_some()
}

/// A function that only later versions of the server have, and that nobody else brought.
pub(super) fn comes_later(catalog: &Catalog, name: &str) -> bool {
    let later = builtin(name).is_some_and(|(since, _)| catalog.target.version.major < since);
    later && !catalog.open_world && catalog.extensions.is_empty() && routine(catalog, None, name).is_none()
}

fn provided_by_extension(catalog: &Catalog, name: &str) -> bool {
    name == "gen_random_uuid" && catalog.extensions.contains_key("pgcrypto")
}

pub(super) fn routine<'a>(catalog: &'a Catalog, schema: Option<&str>, name: &str) -> Option<&'a Routine> {
    match schema {
        Some(schema) => catalog.routines.get(&Key::new(schema, name)).map(|routine| routine.as_ref()),
        None => search_path(catalog)
            .into_iter()
            .find_map(|schema| catalog.routines.get(&Key::new(schema, name)))
            .map(|routine| routine.as_ref()),
    }
}

/// From 12 the default is planned before its volatility is judged, so that a simple SQL function
/// is replaced by its body (measured: free from 12, a rewrite on 11).
fn routine_volatile(catalog: &Catalog, routine: &Routine, depth: u8) -> Truth {
    match routine.volatility {
        Volatility::Immutable | Volatility::Stable => return Truth::No,
        Volatility::Volatile => {}
    }
    if catalog.target.version.major < 12 || !routine.language.eq_ignore_ascii_case("sql") || depth >= MAX_INLINE_DEPTH {
        return Truth::Yes;
    }
    let Some(body) = routine.body.as_deref() else { return Truth::Unknown };
    let Some(expression) = simple_body(body) else { return Truth::Yes };
    let mut verdict = Verdict::default();
    judge_text(catalog, expression, depth + 1, &mut verdict);
    verdict.volatile
}

/// The expression of a body of the form `SELECT expression` (or `RETURN expression`).
fn simple_body(body: &str) -> Option<&str> {
    let body = body.trim().trim_end_matches(';').trim();
    let rest = strip_word(body, "select").or_else(|| strip_word(body, "return"))?;
    let blocked = words(rest).iter().any(|word| match word {
        Word::Name { text, quoted: false, .. } => {
            matches!(
                text.as_str(),
                "from"
                    | "where"
                    | "limit"
                    | "group"
                    | "having"
                    | "union"
                    | "order"
                    | "with"
                    | "intersect"
                    | "except"
                    | "select"
                    | "distinct"
                    | "into"
                    | "offset"
                    | "for"
            )
        }
        Word::Mark(';') => true,
        Word::Name { .. } | Word::Literal(_) | Word::Mark(_) => false,
    });
    if blocked { None } else { Some(rest) }
}

fn strip_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let head = text.get(..word.len())?;
    let rest = text.get(word.len()..)?;
    (head.eq_ignore_ascii_case(word) && rest.starts_with(char::is_whitespace)).then_some(rest)
}

/// Keywords and type names that are written with parentheses and are no functions.
fn is_syntax(name: &str) -> bool {
    matches!(
        name,
        "cast"
            | "coalesce"
            | "nullif"
            | "greatest"
            | "least"
            | "extract"
            | "position"
            | "substring"
            | "overlay"
            | "trim"
            | "row"
            | "array"
            | "exists"
            | "in"
            | "any"
            | "all"
            | "some"
            | "not"
            | "and"
            | "or"
            | "case"
            | "when"
            | "then"
            | "else"
            | "is"
            | "between"
            | "like"
            | "ilike"
            | "similar"
            | "values"
            | "over"
            | "filter"
            | "within"
            | "treat"
            | "normalize"
            | "collation"
            | "grouping"
            | "default"
            | "numeric"
            | "decimal"
            | "dec"
            | "varchar"
            | "character"
            | "char"
            | "varying"
            | "nchar"
            | "bit"
            | "varbit"
            | "time"
            | "timestamp"
            | "timestamptz"
            | "timetz"
            | "interval"
            | "float"
            | "current_timestamp"
            | "current_time"
            | "localtime"
            | "localtimestamp"
            | "xmlelement"
            | "xmlforest"
            | "xmlconcat"
            | "json_object"
            | "json_array"
            | "check"
            | "as"
            | "select"
            | "precision"
            | "zone"
    )
}

/// Built-in functions by name: since which version, and whether they are volatile (`pg_proc`).
fn builtin(name: &str) -> Option<(u16, bool)> {
    let volatile = |since| Some((since, true));
    let steady = |since| Some((since, false));
    match name {
        "random"
        | "clock_timestamp"
        | "timeofday"
        | "nextval"
        | "setval"
        | "currval"
        | "lastval"
        | "setseed"
        | "pg_sleep"
        | "set_config"
        | "pg_notify"
        | "pg_advisory_lock"
        | "pg_advisory_xact_lock"
        | "pg_try_advisory_lock"
        | "pg_try_advisory_xact_lock"
        | "pg_switch_wal"
        | "lo_create"
        | "lo_import"
        | "pg_reload_conf"
        | "pg_stat_reset"
        | "pg_current_wal_lsn"
        | "pg_sleep_for"
        | "pg_sleep_until"
        | "query_to_xml"
        | "pg_export_snapshot"
        | "pg_is_in_recovery"
        | "pg_relation_size"
        | "pg_total_relation_size"
        | "pg_table_size"
        | "pg_database_size" => volatile(10),
        "gen_random_uuid" => volatile(13),
        "random_normal" => volatile(16),
        "uuidv7" | "uuidv4" => volatile(18),
        "uuid_extract_timestamp" | "uuid_extract_version" | "to_bin" | "to_oct" | "unicode_version" => steady(17),
        "casefold" | "array_sort" | "array_reverse" | "crc32" | "crc32c" => steady(18),
        "pg_current_xact_id" | "pg_snapshot_xmin" => steady(13),
        "sha224" | "sha256" | "sha384" | "sha512" | "websearch_to_tsquery" => steady(11),
        "now"
        | "transaction_timestamp"
        | "statement_timestamp"
        | "current_setting"
        | "txid_current"
        | "current_database"
        | "current_schema"
        | "current_schemas"
        | "version"
        | "pg_backend_pid"
        | "inet_client_addr"
        | "inet_server_addr"
        | "to_char"
        | "to_date"
        | "to_timestamp"
        | "date_trunc"
        | "date_part"
        | "age"
        | "timezone"
        | "to_regclass"
        | "to_json"
        | "to_jsonb"
        | "row_to_json"
        | "json_build_object"
        | "jsonb_build_object"
        | "json_build_array"
        | "jsonb_build_array"
        | "concat"
        | "concat_ws"
        | "format"
        | "quote_literal"
        | "quote_nullable"
        | "quote_ident"
        | "array_to_string"
        | "string_to_array"
        | "to_tsvector"
        | "to_tsquery"
        | "plainto_tsquery"
        | "phraseto_tsquery"
        | "setweight"
        | "pg_typeof"
        | "has_table_privilege"
        | "txid_current_snapshot"
        | "pg_postmaster_start_time"
        | "session_user"
        | "obj_description" => steady(10),
        "lower"
        | "upper"
        | "initcap"
        | "length"
        | "char_length"
        | "character_length"
        | "octet_length"
        | "bit_length"
        | "md5"
        | "left"
        | "right"
        | "lpad"
        | "rpad"
        | "ltrim"
        | "rtrim"
        | "btrim"
        | "replace"
        | "repeat"
        | "reverse"
        | "split_part"
        | "strpos"
        | "substr"
        | "translate"
        | "ascii"
        | "chr"
        | "encode"
        | "decode"
        | "regexp_replace"
        | "regexp_match"
        | "regexp_matches"
        | "regexp_split_to_array"
        | "abs"
        | "ceil"
        | "ceiling"
        | "floor"
        | "round"
        | "trunc"
        | "sign"
        | "mod"
        | "power"
        | "sqrt"
        | "exp"
        | "ln"
        | "log"
        | "pi"
        | "sin"
        | "cos"
        | "tan"
        | "degrees"
        | "radians"
        | "div"
        | "to_hex"
        | "to_number"
        | "make_date"
        | "make_time"
        | "make_timestamp"
        | "make_interval"
        | "make_timestamptz"
        | "justify_days"
        | "justify_hours"
        | "justify_interval"
        | "isfinite"
        | "array_append"
        | "array_prepend"
        | "array_cat"
        | "array_length"
        | "array_fill"
        | "array_remove"
        | "array_replace"
        | "array_position"
        | "array_upper"
        | "array_lower"
        | "cardinality"
        | "jsonb_set"
        | "jsonb_insert"
        | "jsonb_pretty"
        | "jsonb_strip_nulls"
        | "json_strip_nulls"
        | "jsonb_typeof"
        | "json_typeof"
        | "jsonb_array_length"
        | "json_array_length"
        | "jsonb_extract_path"
        | "jsonb_extract_path_text"
        | "json_extract_path"
        | "jsonb_object"
        | "int4range"
        | "int8range"
        | "numrange"
        | "tsrange"
        | "tstzrange"
        | "daterange"
        | "isempty"
        | "int4"
        | "int8"
        | "int2"
        | "text"
        | "date"
        | "uuid"
        | "bool"
        | "float8"
        | "float4"
        | "inet"
        | "cidr"
        | "host"
        | "masklen"
        | "network"
        | "hashtext"
        | "num_nonnulls"
        | "num_nulls"
        | "point"
        | "box"
        | "circle"
        | "polygon"
        | "path"
        | "lseg"
        | "line"
        | "starts_with"
        | "width_bucket"
        | "scale"
        | "get_byte"
        | "set_byte"
        | "convert_to"
        | "convert_from"
        | "regexp_count"
        | "regexp_like"
        | "jsonb"
        | "json"
        | "unaccent_immutable" => steady(10),
        _ => None,
    }
}

/// Functions of well-known extensions.
fn extension_function(name: &str) -> Option<bool> {
    match name {
        "uuid_generate_v1" | "uuid_generate_v1mc" | "uuid_generate_v4" | "gen_random_bytes" | "gen_salt" | "uuid_generate_v7"
        | "dblink" | "dblink_exec" => Some(true),
        "uuid_generate_v3" | "uuid_generate_v5" | "uuid_nil" | "uuid_ns_dns" | "uuid_ns_url" | "digest" | "hmac" | "crypt" | "unaccent"
        | "similarity" | "hstore" | "st_point" | "st_makepoint" | "st_setsrid" | "st_geomfromtext" | "earth" | "ll_to_earth" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simple_bodies_are_inlined() {
        assert_eq!(simple_body("SELECT 1").map(str::trim), Some("1"));
        assert_eq!(simple_body("select x from t"), None);
    }

    #[test]
    fn tables_tell_stable_from_volatile() {
        assert_eq!(builtin("now"), Some((10, false)));
        assert_eq!(builtin("random"), Some((10, true)));
        assert_eq!(builtin("uuidv7"), Some((18, true)));
    }
}
