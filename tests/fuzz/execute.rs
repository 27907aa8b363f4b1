//! The whole way of a text: split, read, predicted, judged, replayed, taken back, reported.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use lockgate::catalog::{Callees, Catalog};
use lockgate::discover::{self, Stdin};
use lockgate::engine::Target;
use lockgate::finding::apply_fixes;
use lockgate::lint;
use lockgate::report::{self, Format, Report, Style, Summary};
use lockgate::rules::{RuleSet, Selection, builtin};
use lockgate::schema::{SchemaDump, StandsAt};
use lockgate::source::{Script, SourceId};

/// Answers the size of the reports, so that nothing can be left out.
pub fn lint(text: &str, target: Target) -> usize {
    there_and_back(text, target);
    let stdin = Stdin { bytes: text.as_bytes().to_vec(), path: None };
    let options = discover::Options { stdin: Some(stdin), ..discover::Options::default() };
    let discovery = discover::discover(&[discover::STDIN.into()], &options).expect("standard input");
    let pick = |_: &Path| Arc::clone(rules());
    let options = lint::Options::new(target, &pick);
    // The text as a dump that holds itself: read, and taken back out again.
    let dump = SchemaDump::in_memory("dump.sql", text, StandsAt::Version(discover::STDIN_NAME.to_owned()));
    let mut bytes = Vec::new();
    for project in &discovery.projects {
        lint::check(project, &lint::Options { schema: Some(&dump), judge: false, ..options }, &mut ());
        let outcome = lint::check(project, &options, &mut ());
        let report = Report {
            findings: &outcome.findings,
            suppressed: &outcome.suppressed,
            problems: &outcome.problems,
            rules: &[],
            summary: Summary::default(),
            include_suppressed: true,
        };
        let shared: Arc<str> = text.into();
        let load = |_: &Path| Some(Arc::clone(&shared));
        for format in [Format::Human, Format::Json] {
            report::write(format, &report, &load, Style::default(), &mut bytes).expect("a report");
        }
        bytes.extend(apply_fixes(text, &outcome.findings, true).0.bytes());
    }
    bytes.len()
}

/// The text as a migration of its own, and again as the way back from it.
fn there_and_back(text: &str, target: Target) {
    let script = Script::whole(SourceId(0), text.into());
    let statements = lockgate::change::read(&script, target);
    let mut catalog = Catalog::new(target);
    catalog.begin_migration(true);
    let mut callees = Callees::of(&script);
    for written in &statements {
        let followed = callees.follow(written, &catalog);
        let statement = followed.as_ref().unwrap_or(written);
        let effects = lockgate::effect::predict(statement, &catalog);
        assert_eq!(effects.changes.len(), statement.changes.len(), "an effect for each change");
        catalog.apply(statement, callees.script());
    }
    catalog.end_migration();
    let copy = catalog.clone();
    catalog.begin_down(false);
    for statement in &statements {
        lockgate::effect::predict(statement, &catalog);
        catalog.apply(statement, &script);
    }
    catalog.end_down();
    assert!(catalog.differences_from(&copy).is_empty(), "a way back that was only looked at leaves nothing");
}

/// All rules, conventions too.
fn rules() -> &'static Arc<RuleSet> {
    static RULES: OnceLock<Arc<RuleSet>> = OnceLock::new();
    RULES.get_or_init(|| {
        let extend = builtin().expect("the rules").iter().map(|rule| rule.id.clone()).collect();
        Arc::new(RuleSet::select(&Selection { extend, ..Selection::default() }).expect("a selection"))
    })
}
