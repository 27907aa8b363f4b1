//! The steps of a help: SQL, commands for a shell, and what only people can do.

/// One step, in the order in which it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    Sql {
        text: String,
        /// Words before it on its line, and behind it up to the next statement.
        before: String,
        after: String,
    },
    /// `gh-ost …`, `pt-online-schema-change …`, `pg_repack …`.
    Shell(String),
    Prose(String),
}

const VERBS: [&str; 25] = [
    "ALTER TABLE ",
    "ALTER INDEX ",
    "ALTER DOMAIN ",
    "ALTER TYPE ",
    "ANALYZE ",
    "COMMENT ON ",
    "CREATE TABLE ",
    "CREATE INDEX ",
    "CREATE UNIQUE INDEX ",
    "CREATE SEQUENCE ",
    "CREATE VIEW ",
    "CREATE OR REPLACE ",
    "CREATE TRIGGER ",
    "CREATE FUNCTION ",
    "DELETE FROM ",
    "DROP TABLE ",
    "DROP INDEX ",
    "DROP VIEW ",
    "INSERT INTO ",
    "PRAGMA ",
    "REFRESH MATERIALIZED ",
    "REINDEX ",
    "RENAME TABLE ",
    "SELECT ",
    "UPDATE ",
];

const TOOLS: [&str; 3] = ["gh-ost --", "pt-online-schema-change --", "pg_repack --"];

pub fn steps(help: &str) -> Vec<Step> {
    let mut found: Vec<Step> = Vec::new();
    let lines: Vec<&str> = help.lines().collect();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        at += 1;
        let bare = unnumbered(line);
        let is_step = line.starts_with("  ") || bare.len() < line.trim().len();
        if let Some(command) = TOOLS.iter().find_map(|tool| bare.find(tool)).and_then(|start| bare.get(start..)) {
            found.push(Step::Shell(command.to_owned()));
            continue;
        }
        let mut text = bare.to_owned();
        // A statement on several lines.
        while is_step && opens(&text) && !has_end(&text) && !text.contains("   ") {
            let Some(next) = lines.get(at).filter(|next| next.starts_with("  ") && unnumbered(next).len() == next.trim().len()) else {
                break;
            };
            if opens(next.trim()) {
                break;
            }
            text = format!("{text}\n{}", next.trim());
            at += 1;
        }
        split(&text, is_step, &mut found);
    }
    found
}

/// Without the number of the step.
fn unnumbered(line: &str) -> &str {
    let line = line.trim();
    match line.split_once(". ") {
        Some((number, rest)) if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) => rest,
        _ => line,
    }
}

fn verbs() -> impl Iterator<Item = &'static str> {
    VERBS.into_iter().chain(["SET "])
}

fn opens(text: &str) -> bool {
    verbs().any(|verb| text.starts_with(verb))
}

fn has_end(text: &str) -> bool {
    end(text).is_some()
}

/// Where the statement's semicolon stands, outside of quotes.
fn end(text: &str) -> Option<usize> {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"' | '`') => quote = Some(c),
            (None, ';') => return Some(at),
            (Some(_) | None, _) => {}
        }
    }
    None
}

/// The statements of a line and the words between them.
fn split(text: &str, is_step: bool, found: &mut Vec<Step>) {
    let mut rest = text;
    let mut before = String::new();
    let mut any = false;
    loop {
        let start = verbs().flat_map(|verb| rest.match_indices(verb).map(|(at, _)| at)).filter(|at| begins_word(rest, *at)).min();
        let Some(start) = start else { break };
        let (words, sql) = (rest.get(..start).unwrap_or_default(), rest.get(start..).unwrap_or_default());
        let whole = is_step && !any && words.is_empty();
        let length = match end(sql) {
            Some(at) if is_statement(sql.get(..at).unwrap_or_default()) => at,
            _ if whole => sql.find("   ").unwrap_or(sql.len()),
            _ => {
                // The verb stands in prose.
                let (head, tail) = rest.split_at(start + 1);
                before.push_str(head);
                rest = tail;
                continue;
            }
        };
        before.push_str(words);
        let (sql, tail) = sql.split_at(length);
        match found.last_mut() {
            Some(Step::Sql { after, .. }) if any => after.push_str(&before),
            _ => {}
        }
        found.push(Step::Sql { text: sql.trim().to_owned(), before: std::mem::take(&mut before).trim().to_owned(), after: String::new() });
        any = true;
        rest = tail.strip_prefix(';').unwrap_or(tail);
    }
    before.push_str(rest);
    match found.last_mut() {
        Some(Step::Sql { after, .. }) if any => after.push_str(before.trim()),
        _ if before.trim().is_empty() => {}
        _ => found.push(Step::Prose(before.trim().to_owned())),
    }
}

/// Not a verb in prose, with the semicolon of another statement behind it.
fn is_statement(text: &str) -> bool {
    let another = verbs().any(|verb| text.get(1..).is_some_and(|rest| rest.contains(&format!(", {verb}"))));
    let index = text.starts_with("CREATE INDEX ") || text.starts_with("CREATE UNIQUE INDEX ");
    !another && (!index || text.contains(" ON ")) && (!text.starts_with("UPDATE ") || text.contains(" SET "))
}

/// Not within a word, a name in quotes or `code` of the prose, nor behind a bracket.
fn begins_word(text: &str, at: usize) -> bool {
    text.get(..at).and_then(|head| head.chars().next_back()).is_none_or(|before| before == ' ' || before == '\n')
}

/// A name or value that a person has to put in. Texts in quotes are values.
pub fn to_fill_in(sql: &str) -> bool {
    let outside: String = sql.split('\'').step_by(2).collect();
    outside.contains("...") || sql.contains("<key>") || outside.contains('…')
}

/// The words of a command as a shell parts them.
pub fn shell_words(command: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    let mut chars = command.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some('"'), '\\') => word.extend(chars.next()),
            (Some('"'), '$' | '`') | (None, '$' | '`' | '&' | '|' | ';' | '(' | ')' | '<' | '>') => {
                return Err(format!("a shell would take `{c}` for its own in: {command}"));
            }
            (Some(_), c) => word.push(c),
            (None, '\'' | '"') => quote = Some(c),
            (None, ' ') => words.push(std::mem::take(&mut word)),
            (None, c) => word.push(c),
        }
    }
    if quote.is_some() {
        return Err(format!("a quote is left open in: {command}"));
    }
    words.push(word);
    Ok(words.into_iter().filter(|word| !word.is_empty()).collect())
}
