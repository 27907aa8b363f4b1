//! What the tests of this room ask of a script.

use super::predict;
use crate::catalog::Catalog;
use crate::source::{Script, SourceId};

/// The code with which the last statement fails after the ones before it, or `ok`.
pub(super) fn code(target: &str, sql: &str) -> String {
    let script = Script::whole(SourceId(0), sql.into());
    let mut catalog = Catalog::new(target.parse().unwrap());
    let statements = crate::change::read(&script, catalog.target);
    let (last, earlier) = statements.split_last().unwrap();
    earlier.iter().for_each(|statement| catalog.apply(statement, &script));
    predict(last, &catalog).whole.certain_failure().map_or_else(|| "ok".to_owned(), |failure| failure.code.clone())
}
