//! The marks behind a line of an example: findings that are expected, and proofs.

use crate::finding::Severity;

/// A mark and the line of the example (from 1) it stands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    pub line: u32,
    pub claim: Claim,
}

/// What an example claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// `-- error`, `-- warning?`, `-- note: [other-rule]`. A question mark: it is possible only.
    Finding { severity: Severity, rule: Option<String>, possible: bool },
    /// `-- lock: orders AccessExclusiveLock`
    Lock { relation: String, mode: String },
    /// `-- rewrite: orders`
    Rewrite(String),
    /// `-- scan: orders`
    Scan(String),
    /// `-- fails: 23502`
    Fails(String),
    /// `-- algorithm: copy`
    Algorithm(String),
}

/// Reads the marks of an example. Several stand on one line, each behind its own `--`.
pub(super) fn marks(sql: &str) -> Result<Vec<Mark>, (u32, String)> {
    let mut found = Vec::new();
    for (number, line) in sql.lines().enumerate() {
        let number = u32::try_from(number + 1).unwrap_or(u32::MAX);
        let Some(comment) = comment_of(line) else { continue };
        for words in comment.split("--") {
            if let Some(claim) = claim(words.trim()).map_err(|message| (number, message))? {
                found.push(Mark { line: number, claim });
            }
        }
    }
    Ok(found)
}

/// The text without its marks: what a fix is compared with, and what people are shown.
pub fn without_marks(sql: &str) -> String {
    let mut text = String::new();
    for line in sql.trim().lines() {
        text.push_str(bare(line).trim_end());
        text.push('\n');
    }
    text
}

/// A line up to its first mark. Prose in front of it, a directive among it, stays.
fn bare(line: &str) -> &str {
    let Some(comment) = comment_of(line) else { return line };
    let start = line.len() - comment.len();
    let mut end = start.saturating_sub(2);
    for (number, words) in comment.split("--").enumerate() {
        if matches!(claim(words.trim()), Ok(Some(_))) {
            return line.get(..end).unwrap_or(line);
        }
        end = if number == 0 { start + words.len() } else { end + 2 + words.len() };
    }
    line
}

/// What stands behind the first `-- ` outside quotes.
fn comment_of(line: &str) -> Option<&str> {
    let mut quote = None;
    let mut previous = ' ';
    for (at, c) in line.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"' | '`') => quote = Some(c),
            (None, '-') if previous == '-' => return line.get(at + 1..),
            (None, _) => {}
        }
        previous = c;
    }
    None
}

/// A comment that is no mark is prose.
fn claim(words: &str) -> Result<Option<Claim>, String> {
    let (key, value) = words.split_once(':').map_or((words, ""), |(key, value)| (key.trim(), value.trim()));
    let owned = |value: &str| value.to_owned();
    let (bare, possible) = key.strip_suffix('?').map_or((key, false), |bare| (bare, true));
    if let Some(severity) = Severity::from_name(bare) {
        let rule = match value {
            "" => None,
            value => Some(value.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).ok_or("write the rule as [rule-id]")?.to_owned()),
        };
        return Ok(Some(Claim::Finding { severity, rule, possible }));
    }
    Ok(match key {
        "lock" => {
            let (relation, mode) = value.rsplit_once(' ').ok_or("write `lock: table Mode`")?;
            Some(Claim::Lock { relation: owned(relation.trim()), mode: owned(mode) })
        }
        "rewrite" => Some(Claim::Rewrite(owned(value))),
        "scan" => Some(Claim::Scan(owned(value))),
        "fails" => Some(Claim::Fails(owned(value))),
        "algorithm" => Some(Claim::Algorithm(owned(value))),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_stand_behind_their_lines() {
        let sql =
            "SELECT '-- error';\nDROP TABLE a; -- error -- lock: a AccessExclusiveLock\n-- prose: not a mark\nx -- warning?: [other]\n";
        let found = marks(sql).unwrap();
        assert_eq!(found.iter().map(|mark| mark.line).collect::<Vec<_>>(), [2, 2, 4]);
        assert_eq!(found[1].claim, Claim::Lock { relation: "a".into(), mode: "AccessExclusiveLock".into() });
        assert_eq!(found[2].claim, Claim::Finding { severity: Severity::Warning, rule: Some("other".into()), possible: true });
        assert!(marks("x -- error: other").is_err());
    }

    #[test]
    fn only_marks_are_taken_away() {
        assert_eq!(without_marks("x; -- error -- lock: a B\n-- prose -- more -- note\ny; -- said"), "x;\n-- prose -- more\ny; -- said\n");
    }
}
