//! Functions called in an expression, and how far their values hold.

use super::server::Server;

/// Names before an opening parenthesis, lower case, outside quotes, and those that need none.
pub(super) fn called(text: &str) -> Vec<String> {
    let mut found: Vec<String> = words(text).filter(|word| BARE.contains(&word.as_str())).collect();
    let mut word = String::new();
    let mut ended = false;
    let mut quote: Option<char> = None;
    for c in text.chars() {
        if let Some(open) = quote {
            if c == open {
                quote = None;
            }
            continue;
        }
        match c {
            '\'' | '"' | '`' => {
                quote = Some(c);
                word.clear();
            }
            '(' => {
                if !word.is_empty() {
                    found.push(std::mem::take(&mut word));
                }
            }
            c if c.is_alphanumeric() || c == '_' => {
                if std::mem::take(&mut ended) {
                    word.clear();
                }
                word.extend(c.to_lowercase());
            }
            c if c.is_whitespace() => ended = true,
            _ => word.clear(),
        }
    }
    found
}

/// Names before a parenthesis and names that are calls without one, as `CURRENT_DATE`.
fn words(text: &str) -> impl Iterator<Item = String> {
    let mut outside = String::new();
    let mut quote: Option<char> = None;
    for c in text.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if matches!(c, '\'' | '"' | '`') => {
                quote = Some(c);
                outside.push(' ');
            }
            None => outside.extend(c.to_lowercase()),
        }
    }
    let words: Vec<String> = outside
        .split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '@' | '$' | '.')))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    words.into_iter()
}

/// A subquery stands somewhere in it.
pub(super) fn has_query(text: &str) -> bool {
    words(text).any(|word| word == "select")
}

/// `@user` or `@@system` variables.
pub(super) fn has_variable(text: &str) -> bool {
    words(text).any(|word| word.starts_with('@'))
}

/// How far the value of a function holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// It follows from its arguments.
    Anywhere,
    /// It is another at another time or for somebody else.
    Statement,
    /// It is another for every row.
    Row,
    /// It does something, or says what was done: barred from every expression a table keeps.
    Nowhere,
}

/// Functions that MySQL bars (each tried on 8.0 and 9.7). `Row`: not minded in a CHECK.
pub(super) fn reach_in_mysql(function: &str) -> Reach {
    match function {
        "benchmark" | "found_rows" | "get_lock" | "is_free_lock" | "is_used_lock" | "last_insert_id" | "load_file" | "master_pos_wait"
        | "source_pos_wait" | "release_all_locks" | "release_lock" | "row_count" | "sleep" | "updatexml" | "values" | "version"
        | "icu_version" | "against" => Reach::Nowhere,
        "sysdate" | "random_bytes" | "statement_digest" | "statement_digest_text" => Reach::Row,
        "uuid" | "uuid_short" | "rand" | "roles_graphml" => Reach::Statement,
        other if of_the_moment(other) => Reach::Statement,
        _ => Reach::Anywhere,
    }
}

/// Functions that MariaDB bars (each tried on 10.5, 10.11 and 11.8).
pub(super) fn reach_in_mariadb(function: &str, text: &str) -> Reach {
    match function {
        "benchmark" | "found_rows" | "get_lock" | "is_free_lock" | "is_used_lock" | "last_insert_id" | "load_file" | "master_pos_wait"
        | "release_all_locks" | "release_lock" | "row_count" | "sleep" | "values" | "name_const" | "rownum" | "against" => Reach::Nowhere,
        "nextval" | "lastval" => Reach::Row,
        // Without an argument it is the time.
        "unix_timestamp" => {
            let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_lowercase();
            if compact.contains("unix_timestamp()") { Reach::Statement } else { Reach::Anywhere }
        }
        "version" | "sysdate" | "random_bytes" | "uuid" | "uuid_short" | "uuid_v4" | "uuid_v7" | "sys_guid" | "rand" | "kdf" => {
            Reach::Statement
        }
        // They speak the language of the session, or count its weeks.
        "date_format" | "dayname" | "monthname" | "from_unixtime" | "week" | "natural_sort_key" | "to_char" => Reach::Statement,
        other if of_the_moment(other) => Reach::Statement,
        _ => Reach::Anywhere,
    }
}

/// The time, the session, the user.
fn of_the_moment(function: &str) -> bool {
    matches!(
        function,
        "connection_id"
            | "curdate"
            | "current_date"
            | "current_role"
            | "current_time"
            | "current_timestamp"
            | "current_user"
            | "curtime"
            | "database"
            | "schema"
            | "localtime"
            | "localtimestamp"
            | "now"
            | "session_user"
            | "system_user"
            | "unix_timestamp"
            | "user"
            | "utc_date"
            | "utc_time"
            | "utc_timestamp"
    )
}

/// Those of them that are called without parentheses.
const BARE: &[&str] = &[
    "current_date",
    "current_time",
    "current_timestamp",
    "current_user",
    "localtime",
    "localtimestamp",
    "utc_date",
    "utc_time",
    "utc_timestamp",
];

pub(super) fn aggregates(function: &str) -> bool {
    matches!(
        function,
        "count"
            | "sum"
            | "max"
            | "min"
            | "avg"
            | "std"
            | "stddev"
            | "stddev_pop"
            | "stddev_samp"
            | "variance"
            | "var_pop"
            | "var_samp"
            | "group_concat"
            | "bit_and"
            | "bit_or"
            | "bit_xor"
            | "json_arrayagg"
            | "json_objectagg"
    )
}

/// MySQL 9.6 moved these to a component that is not there by default (measured on 9.7).
pub(super) fn taken_away(function: &str, server: Server) -> bool {
    let old = matches!(function, "encode" | "decode" | "encrypt" | "old_password" | "des_encrypt" | "des_decrypt");
    let hashes = matches!(function, "md5" | "sha" | "sha1");
    old && server.0.at_least(8, 0, 3) || hashes && server.0.at_least(9, 6, 0)
}

/// MySQL refuses to fill rows with it: the statement could not be replicated (error 1674; each
/// function that a DEFAULT may call was tried on 8.0 and 9.7).
pub(super) fn is_unsafe(function: &str) -> bool {
    matches!(
        function,
        "uuid"
            | "uuid_short"
            | "rand"
            | "random_bytes"
            | "sysdate"
            | "user"
            | "current_user"
            | "session_user"
            | "system_user"
            | "aes_encrypt"
            | "aes_decrypt"
            | "wait_for_executed_gtid_set"
    )
}

/// MariaDB computes it for every row (VCOL_NON_DETERMINISTIC); RAND() and USER() are session
/// functions, evaluated once.
pub(super) fn differs_by_row(function: &str) -> bool {
    matches!(function, "uuid" | "uuid_v4" | "uuid_v7" | "uuid_short" | "sys_guid" | "random_bytes" | "nextval" | "lastval" | "setval")
}

#[cfg(test)]
mod tests {
    #[test]
    fn calls_are_found_outside_quotes() {
        assert_eq!(super::called("(concat('uuid(', UUID()) + a)"), ["concat", "uuid"]);
    }
}
