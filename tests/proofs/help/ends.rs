//! How each help is meant: in place of the statement or beside it, and where it ends.

use serde::Deserialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Run {
    /// In place of the statement.
    #[default]
    Instead,
    /// First the help, then the statement.
    Before,
    /// First the statement, then the help.
    After,
    /// On the schema before the statement; the statement is not asked for.
    Alone,
    /// On the schema after it; where that leads is not asked for.
    Aside,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct End {
    pub rule: String,
    /// Only helps that say this.
    #[serde(default)]
    pub says: String,
    #[serde(default)]
    pub run: Run,
    /// What may differ from what the statement makes; `*` stands for anything.
    #[serde(default)]
    pub differs: Vec<String>,
    /// What may refuse a statement of it: a code.
    #[serde(default)]
    pub refused: Vec<String>,
    /// Why it ends elsewhere.
    #[serde(default)]
    pub reason: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    help: Vec<End>,
}

pub fn ends() -> Result<Vec<End>, String> {
    let file: File = toml::from_str(include_str!("ends.toml")).map_err(|error| format!("ends.toml: {error}"))?;
    for end in &file.help {
        let odd = !end.differs.is_empty() || !end.refused.is_empty() || matches!(end.run, Run::Alone | Run::Aside);
        if odd && end.reason.is_empty() {
            return Err(format!("ends.toml: {} ends elsewhere and gives no reason", end.rule));
        }
    }
    Ok(file.help)
}

/// The first that fits.
pub fn of<'e>(ends: &'e [End], rule: &str, help: &str) -> Option<&'e End> {
    ends.iter().find(|end| end.rule == rule && (end.says.is_empty() || help.contains(&end.says)))
}

/// `*` stands for anything.
pub fn fits(pattern: &str, text: &str) -> bool {
    let Some((head, tail)) = pattern.split_once('*') else { return pattern == text };
    let Some(rest) = text.strip_prefix(head) else { return false };
    if tail.is_empty() {
        return true;
    }
    rest.char_indices().map(|(at, _)| at).chain([rest.len()]).any(|at| rest.get(at..).is_some_and(|rest| fits(tail, rest)))
}
