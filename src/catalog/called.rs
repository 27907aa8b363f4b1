//! What a statement's calls run: the bodies of routines the history made, read like any other SQL.
//!
//! A routine of the same script is read where it stands, so that everything said about its body
//! points there. The body of one from elsewhere is put behind the script's own text; what is said
//! about it is said at the call.

use std::sync::Arc;

use super::{Catalog, Key, Routine};
use crate::change::{
    Action, Call, Change, InsertSource, Parsing, SetVariable, SettingScope, Statement, StatementModifiers, Within, read_routine,
};
use crate::source::{Location, Script, Span};

/// Calls inside called routines are followed so deep.
const DEEPEST: usize = 12;
/// So many changes of bodies are looked at in one script; what is called beyond them stays unknown.
const MOST_CHANGES: usize = 5_000;
/// More text than this is not put behind a script.
const LONGEST: usize = 32 * 1024 * 1024;

/// A script together with the routines it calls.
#[derive(Debug)]
pub struct Callees {
    script: Script,
    /// The length of the script's own text.
    own: u32,
    foreign: Vec<Foreign>,
    /// So many changes may still be looked at.
    left: usize,
}

/// A body that was put behind the script.
#[derive(Debug)]
struct Foreign {
    span: Span,
    at: Location,
}

impl Callees {
    pub fn of(script: &Script) -> Callees {
        let own = u32::try_from(script.text.len()).unwrap_or(u32::MAX);
        Callees { script: script.clone(), own, foreign: Vec::new(), left: MOST_CHANGES }
    }

    /// The script as the spans of followed statements need it: with the bodies from elsewhere.
    pub fn script(&self) -> &Script {
        &self.script
    }

    /// Whether a span lies in a body from elsewhere.
    pub fn is_elsewhere(&self, span: Span) -> bool {
        span.start >= self.own && self.foreign.iter().any(|foreign| foreign.span.contains(Span::new(span.start, span.start)))
    }

    /// Where a span of such a body stands.
    pub fn place(&self, span: Span) -> Option<Location> {
        let foreign = self.foreign.iter().find(|foreign| foreign.span.start <= span.start && span.start < foreign.span.end)?;
        let exact = foreign.at.span.end - foreign.at.span.start == foreign.span.end - foreign.span.start;
        if !exact {
            return Some(foreign.at);
        }
        let moved = |offset: u32| foreign.at.span.start + (offset.min(foreign.span.end) - foreign.span.start);
        Some(Location { source: foreign.at.source, span: Span::new(moved(span.start), moved(span.end)) })
    }

    /// The statement with what its calls run; `None` when it calls nothing that is known here.
    pub fn follow(&mut self, statement: &Statement, catalog: &Catalog) -> Option<Statement> {
        let called = |change: &Change| calls(change).iter().chain(&change.computed).any(|call| catalog.called(call).is_some());
        if self.left == 0 || catalog.routines.is_empty() || !statement.changes.iter().any(called) {
            return None;
        }
        let mut whole = Statement { changes: Vec::new(), parts: Vec::new(), ..statement.clone() };
        let parts = statement.taken_apart().unwrap_or_else(|| vec![statement.clone()]);
        for part in parts {
            self.include(&mut whole, part, catalog, &mut Vec::new(), &catalog.session.search_path);
        }
        Some(whole)
    }

    /// Adds a statement, and then what it calls. `path` is the search path it runs under.
    fn include(&mut self, whole: &mut Statement, mut part: Statement, catalog: &Catalog, running: &mut Vec<Key>, path: &[String]) {
        let mut bodies = Vec::new();
        for change in &mut part.changes {
            let (span, mut conditional) = (change.span, change.conditional);
            // A query over a table may find no row to call it for.
            conditional |= matches!(&change.action, Action::Select { reads, .. } if !reads.is_empty());
            let call_at = change.within.as_ref().map_or(span, |within| within.call);
            // For every row, which may be none.
            let mut computed: Vec<Call> = change.computed.iter().filter(|call| catalog.called(call).is_some()).cloned().collect();
            let rows = !matches!(&change.action, Action::Insert(rows) if matches!(rows.source, InsertSource::Values { .. }));
            conditional |= !computed.is_empty() && rows;
            for call in calls_mut(change).iter_mut().chain(&mut computed) {
                let Some(routine) = catalog.called(call) else { continue };
                if running.len() >= DEEPEST || running.contains(&routine.key) {
                    continue;
                }
                let Some(body) = self.body(routine, catalog) else { continue };
                let changes: usize = body.iter().map(|statement| statement.changes.len()).sum();
                if changes > self.left {
                    self.left = 0;
                    continue;
                }
                self.left -= changes;
                call.followed = true;
                bodies.push((routine.key.clone(), body, call_at, conditional, routine.search_path.clone()));
            }
        }
        whole.include(part);
        for (key, body, call, conditional, own_path) in bodies {
            let within = Within { routine: key.to_string(), call };
            let open = catalog.session.transaction.is_some();
            running.push(key);
            let mut moved = own_path.is_some();
            if let Some(own) = &own_path {
                whole.include(set_path(own, &within, open));
            }
            for mut inner in body {
                for change in &mut inner.changes {
                    change.conditional |= conditional;
                    change.within = Some(Box::new(within.clone()));
                    if let Action::SetVariable(set) = &mut change.action
                        && set.scope == SettingScope::Local
                        && !open
                    {
                        // A body always runs in a transaction: here it is the statement's own.
                        set.scope = SettingScope::Session;
                        moved |= set.name == "search_path";
                    }
                }
                for inner in inner.taken_apart().unwrap_or_else(|| vec![inner]) {
                    self.include(whole, inner, catalog, running, own_path.as_deref().unwrap_or(path));
                }
            }
            if moved {
                whole.include(set_path(path, &within, open));
            }
            running.pop();
        }
    }

    /// The statements of a routine's body, with spans in this script.
    fn body(&mut self, routine: &Routine, catalog: &Catalog) -> Option<Vec<Statement>> {
        let text = routine.body.as_deref()?;
        let (span, at) = routine.code?;
        let here = at.source == self.script.source && span.end <= self.own && is_body(span.slice(&self.script.text), text);
        let span = if here { span } else { self.borrow(text, at)? };
        read_routine(&self.script.text, span, &routine.language, catalog.target)
    }

    /// Puts a body from elsewhere behind the script, once.
    fn borrow(&mut self, body: &str, at: Location) -> Option<Span> {
        if let Some(known) = self.foreign.iter().find(|known| known.at == at && known.span.slice(&self.script.text) == body) {
            return Some(known.span);
        }
        if self.script.text.len() + body.len() > LONGEST {
            return None;
        }
        let mut text = String::with_capacity(self.script.text.len() + body.len() + 1);
        text.push_str(&self.script.text);
        text.push('\n');
        let start = u32::try_from(text.len()).ok()?;
        text.push_str(body);
        let span = Span::new(start, u32::try_from(text.len()).ok()?);
        self.script.text = Arc::from(text);
        self.foreign.push(Foreign { span, at });
        Some(span)
    }
}

/// The search path of a routine, or the one it gives back.
fn set_path(path: &[String], within: &Within, open: bool) -> Statement {
    let scope = if open { SettingScope::Local } else { SettingScope::Session };
    let set = SetVariable { name: "search_path".to_owned(), scope, value: Some(path.join(", ")), values: path.to_vec(), span: within.call };
    let mut change = Change::free(within.call, Action::SetVariable(set));
    change.within = Some(Box::new(within.clone()));
    Statement {
        span: within.call,
        verb: "SET".to_owned(),
        changes: vec![change],
        modifiers: StatementModifiers::default(),
        parsing: Parsing::Complete,
        parts: Vec::new(),
    }
}

/// Whether a stretch of the script is this body, its quotes doubled or not.
fn is_body(raw: &str, body: &str) -> bool {
    raw == body || (raw.len() > body.len() && raw.replace("''", "'") == body)
}

impl Catalog {
    /// The routine that a call means: of those with its name the one that takes so many arguments.
    fn called(&self, call: &Call) -> Option<&Routine> {
        let known = self.routine(&call.name)?;
        let takes = |routine: &&Routine| call.arguments.is_none_or(|count| (routine.required..=routine.arguments).contains(&count));
        std::iter::once(known).chain(known.overloads.iter().map(Arc::as_ref)).find(takes)
    }
}

/// The calls that a change makes.
fn calls(change: &Change) -> &[Call] {
    match &change.action {
        Action::CallRoutine(call) => std::slice::from_ref(call),
        Action::Select { calls, .. } => calls,
        _ => &[],
    }
}

fn calls_mut(change: &mut Change) -> &mut [Call] {
    match &mut change.action {
        Action::CallRoutine(call) => std::slice::from_mut(call),
        Action::Select { calls, .. } => calls,
        _ => &mut [],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::read;
    use crate::source::SourceId;

    /// The kinds of change of a script's last statement, with what its calls run.
    fn followed(target: &str, earlier: &str, sql: &str) -> Vec<String> {
        let target = target.parse().unwrap();
        let mut catalog = Catalog::new(target);
        let mut last = Vec::new();
        for (source, text) in [(0, earlier), (1, sql)] {
            let script = Script::whole(SourceId(source), text.into());
            let mut callees = Callees::of(&script);
            for written in read(&script, target) {
                let statement = callees.follow(&written, &catalog).unwrap_or(written);
                last = statement.changes.iter().map(|change| told(change, &callees)).collect();
                catalog.apply(&statement, callees.script());
            }
        }
        last
    }

    fn told(change: &Change, callees: &Callees) -> String {
        let words = change.span.slice(&callees.script().text);
        let place = callees.place(change.span).map_or(String::new(), |place| format!(" at {}", place.span.start));
        format!("{words}{place}{}", if change.conditional { "?" } else { "" })
    }

    #[test]
    fn a_call_runs_the_body_that_takes_its_arguments() {
        let sql = "CREATE FUNCTION f(a int) RETURNS void LANGUAGE sql AS 'DROP TABLE a';
            CREATE FUNCTION f(a int, b int DEFAULT 2) RETURNS void LANGUAGE plpgsql AS $$ BEGIN IF a > b THEN DROP TABLE b; END IF; PERFORM g(); END $$;
            CREATE OR REPLACE FUNCTION g() RETURNS void LANGUAGE plpgsql AS 'begin x := f(1, 2); execute ''drop table c''; end';\n";
        let after = |call: &str| followed("postgres", "", &format!("{sql}{call}")).split_off(1);
        assert_eq!(after("SELECT f(1)"), ["DROP TABLE b?", "PERFORM g()", "f(1, 2)", "drop table c"]);
        assert_eq!(after("DROP FUNCTION f(int, int); SELECT f(1)"), ["DROP TABLE a"]);
        assert_eq!(after("SELECT f(1, 2, 3)"), [""; 0]);
        assert_eq!(after("SELECT g() FROM t"), ["f(1, 2)?", "DROP TABLE b?", "PERFORM g()?", "drop table c?"]);
        assert_eq!(after("DROP FUNCTION g(); SELECT g()"), [""; 0]);
    }

    #[test]
    fn a_body_from_an_earlier_migration_keeps_its_place() {
        let earlier = "CREATE PROCEDURE p() BEGIN ALTER TABLE t ADD c int; UPDATE t SET c = 1; END";
        let statement = followed("mysql", earlier, "CALL p");
        assert_eq!(statement, ["CALL p", "ADD c int at 41", "UPDATE t SET c = 1 at 52"]);
    }

    #[test]
    fn calls_in_a_circle_come_to_an_end() {
        let body = "BEGIN SELECT a(), b(), c(), d() INTO x; DROP TABLE t; END";
        let make = |name: &str| format!("CREATE FUNCTION {name}() RETURNS int LANGUAGE plpgsql AS $$ {body} $$;\n");
        let sql = ["a", "b", "c", "d"].map(make).concat() + &"SELECT a();\n".repeat(10_000);
        assert!(followed("postgres", "", &sql).len() < MOST_CHANGES);
    }
}
