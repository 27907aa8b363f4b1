//! A case: a schema, the statements that run on it, and what is claimed of them.

use std::ops::Range;

use lockgate::engine::{Engine, Version};
use lockgate::migration::TransactionMode;
use lockgate::rules::builtin;
use lockgate::rules::example::{self, Claim, Mark};

#[derive(Debug, Clone)]
pub struct Case {
    pub name: String,
    pub engine: Engine,
    /// Only servers of this version are asked about the marks.
    pub version: Option<Version>,
    pub schema: String,
    pub sql: String,
    /// Byte ranges of the migrations in `sql`.
    pub migrations: Vec<Range<usize>>,
    pub mode: TransactionMode,
    pub marks: Vec<Mark>,
    /// Each statement is tried alone, on the schema as it stands.
    pub apart: bool,
    /// Only one in so many of those statements.
    pub stride: usize,
}

impl Case {
    /// A failure that rows cause is claimed.
    pub fn wants_bad_rows(&self) -> bool {
        self.marks.iter().any(|mark| matches!(&mark.claim, Claim::Fails(code) if is_data_code(code)))
    }
}

/// Codes by which servers complain of rows.
pub fn is_data_code(code: &str) -> bool {
    if code.starts_with("SQLITE") {
        return code.starts_with("SQLITE_CONSTRAINT") || code == "SQLITE_MISMATCH";
    }
    let mysql =
        ["1048", "1062", "1136", "1138", "1264", "1265", "1292", "1366", "1406", "1452", "1526", "1690", "1830", "3140", "3819", "4025"];
    code.len() == 5 && (code.starts_with("22") || code.starts_with("23")) || mysql.contains(&code)
}

/// Every example of every rule.
pub fn rule_examples() -> Result<Vec<Case>, String> {
    let mut cases = Vec::new();
    for rule in builtin().map_err(|error| error.to_string())? {
        for one in example::examples(rule).map_err(|error| format!("{}: {error}", rule.id))? {
            let target = one.setting.target;
            let version = (target.version != target.engine.default_version()).then_some(target.version);
            cases.push(Case {
                name: one.name.clone(),
                engine: target.engine,
                version,
                schema: one.schema.clone(),
                migrations: example::migrations(&one.sql).into_iter().map(|(_, span)| span.range()).collect(),
                sql: one.sql,
                mode: one.setting.transaction,
                marks: one.marks,
                apart: false,
                stride: 1,
            });
        }
    }
    Ok(cases)
}

/// A file of statements: `-- scene: name` begins a schema, `-- try` the statements that are tried on
/// it one by one, each on the schema as it was. `-- rows` between them marks what fills tables.
pub fn scenes(engine: Engine, file: &str, text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for part in text.split("-- scene:").skip(1) {
        let (name, body) = part.split_once('\n').unwrap_or((part, ""));
        let (schema, sql) = body.split_once("-- try\n").unwrap_or(("", body));
        cases.push(Case {
            name: format!("{file}/{}", name.trim().replace(' ', "-")),
            engine,
            version: None,
            schema: schema.to_owned(),
            sql: sql.to_owned(),
            migrations: std::iter::once(0..sql.len()).collect(),
            mode: TransactionMode::None,
            marks: Vec::new(),
            apart: true,
            stride: 1,
        });
    }
    cases
}
