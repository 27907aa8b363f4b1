//! Functions called in an expression.

/// Names before an opening parenthesis, lower case, outside quotes.
pub(super) fn called(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut word = String::new();
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
            c if c.is_alphanumeric() || c == '_' => word.extend(c.to_lowercase()),
            c if c.is_whitespace() => {}
            _ => word.clear(),
        }
    }
    found
}

/// MySQL refuses to fill rows with it: the statement could not be replicated (error 1674).
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
            | "version"
            | "found_rows"
            | "row_count"
            | "load_file"
            | "get_lock"
            | "release_lock"
            | "is_free_lock"
            | "is_used_lock"
            | "sleep"
            | "master_pos_wait"
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
