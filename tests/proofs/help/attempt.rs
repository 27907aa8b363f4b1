//! One help, tried.

use std::cell::Cell;
use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use lockgate::driver::ServerError;
use lockgate::engine::Engine;
use lockgate::rules::RuleSet;
use lockgate::source::{Script, SourceId};

use super::super::case::{Case, is_data_code};
use super::super::lab::{Data, Lab};
use super::advice::{Advice, collect};
use super::dump::{self, Dump};
use super::ends::{self, End, Run};
use super::extract::{Step, shell_words, steps, to_fill_in};
use super::score::Score;

/// What the attempts share.
pub struct Book {
    pub ends: Vec<End>,
    pub score: Score,
    /// What was tried already, on which server.
    tried: Mutex<HashSet<String>>,
}

impl Book {
    pub fn new() -> Result<Self, String> {
        Ok(Book { ends: ends::ends()?, score: Score::default(), tried: Mutex::default() })
    }

    fn is_new(&self, key: String) -> bool {
        self.tried.lock().is_ok_and(|mut tried| tried.insert(key))
    }
}

/// Every help of a case; what did not go well.
pub fn prove(case: &Case, lab: &mut dyn Lab, rules: &Arc<RuleSet>, book: &Book) -> Result<(), String> {
    let mut faults = Vec::new();
    let server = lab.name();
    for advice in collect(case, lab.target(), rules) {
        let steps = steps(&advice.help);
        if !steps.iter().any(|step| matches!(step, Step::Sql { .. } | Step::Shell(_))) {
            continue;
        }
        if !book.is_new(format!("{server} {} {} {} {:?}", advice.rule, advice.help, case.schema, advice.earlier)) {
            continue;
        }
        let attempt = Attempt {
            case,
            advice: &advice,
            end: ends::of(&book.ends, &advice.rule, &advice.help),
            score: &book.score,
            server: &server,
            by_rows: false,
            refused: Cell::new(false),
        };
        match attempt.run(lab, &steps) {
            Ok(()) => {}
            Err(fault) => {
                book.score.count(&server, "failed");
                let sql = advice.statement.split_whitespace().collect::<Vec<_>>().join(" ");
                let help = advice.help.replace('\n', "\n    | ");
                faults.push(format!("  [{}] {sql}\n    | {help}\n    {}", advice.rule, fault.replace('\n', "\n    ")));
            }
        }
        if lab.lost() {
            return Err(format!("the connection broke\n{}", faults.join("\n")));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(format!("{server}\n{}", faults.join("\n"))) }
}

struct Attempt<'a> {
    case: &'a Case,
    advice: &'a Advice,
    end: Option<&'a End>,
    score: &'a Score,
    server: &'a str,
    /// Rows stop the statement itself: they may stop the help as well.
    by_rows: bool,
    /// A statement of it was refused as it is allowed to be.
    refused: Cell<bool>,
}

const DATA: [Data; 4] = [Data::Numbers, Data::Words, Data::Dates, Data::Uuids];

/// A statement that is for the case that another one fails.
fn is_aside(before: &str) -> bool {
    before.ends_with("fails,")
}

impl Attempt<'_> {
    fn run(&self, lab: &mut dyn Lab, steps: &[Step]) -> Result<(), String> {
        // What the statement itself makes, on rows that it takes.
        let mut reached: Option<(Data, Result<Dump, ServerError>)> = None;
        for data in DATA {
            if let Some(why) = self.prepare(lab, data)? {
                self.score.left_out(self.server, why);
                return Ok(());
            }
            let ran = lab.run(&self.advice.statement);
            let by_rows = ran.as_ref().is_err_and(|error| is_data_code(&error.code));
            let outcome = match ran {
                Ok(_) => Ok(dump::take(lab)?),
                Err(error) => Err(error),
            };
            if reached.is_none() || outcome.is_ok() {
                reached = Some((data, outcome));
            }
            if !by_rows {
                break;
            }
        }
        let Some((data, wanted)) = reached else { return Ok(()) };
        let run = self.end.map(|end| end.run).unwrap_or_default();
        if matches!(self.advice.rule.as_str(), "failing-on-data" | "changing-charset") {
            for data in [data, Data::Hostile] {
                self.finds(lab, steps, data)?;
            }
        }
        self.prepare(lab, data)?;
        if matches!(run, Run::After | Run::Aside) {
            if let Err(error) = lab.run(&self.advice.statement) {
                self.score.left_out(self.server, format!("the statement itself fails ({})", error.code));
                return Ok(());
            }
        } else if run == Run::Instead
            && let Some(first) = &self.advice.first
        {
            let _ = lab.run(first);
        }
        let own = Attempt { by_rows: wanted.as_ref().is_err_and(|error| is_data_code(&error.code)), refused: Cell::new(false), ..*self };
        let complete = match own.steps(lab, steps) {
            Ok(complete) => complete,
            // Nobody can say what the right way is to something that is wrong.
            Err(_) if wanted.is_err() => {
                self.score.count(self.server, "refused, and so is the statement");
                return Ok(());
            }
            Err(fault) if fault.contains("has no handler") => {
                self.score.left_out(self.server, "a foreign table that nobody serves".to_owned());
                return Ok(());
            }
            Err(fault) => return Err(fault),
        };
        let by_tool = steps.iter().any(|step| matches!(step, Step::Shell(_)));
        if run == Run::Instead
            && !by_tool
            && let Some(last) = &self.advice.last
        {
            let _ = lab.run(last);
        }
        if run == Run::Before
            && let Err(error) = lab.run(&self.advice.statement)
            && wanted.is_ok()
        {
            return Err(format!("after it the statement fails: {error}"));
        }
        if !complete {
            self.score.count(self.server, "with words to fill in");
            return Ok(());
        }
        let Ok(wanted) = wanted else {
            self.score.count(self.server, "ran, the statement does not");
            return Ok(());
        };
        let made = dump::take(lab)?;
        self.asides(lab, steps, data)?;
        if matches!(run, Run::Alone | Run::Aside) {
            self.score.count(self.server, "ran");
            return Ok(());
        }
        let differences = dump::differences(&wanted, &made);
        let allowed = self.end.map(|end| end.differs.as_slice()).unwrap_or_default();
        let mut differences = differences;
        if differences.iter().any(|line| line.contains(" rows ")) {
            // Values that are never twice the same tell nothing.
            self.prepare(lab, data)?;
            let _ = lab.run(&self.advice.statement);
            let again = dump::differences(&wanted, &dump::take(lab)?);
            let column = |line: &str| line.split(": ").next().map(|head| head.trim_start_matches(['-', '+']).trim().to_owned());
            let moving: Vec<Option<String>> = again.iter().map(|line| column(line)).collect();
            differences.retain(|line| !moving.contains(&column(line)));
        }
        let wrong: Vec<&String> = differences.iter().filter(|line| !allowed.iter().any(|pattern| ends::fits(pattern, line))).collect();
        if own.refused.get() {
            self.score.count(self.server, "refused as it says itself");
            return Ok(());
        }
        if wrong.is_empty() {
            self.score.count(self.server, if differences.is_empty() { "the same end" } else { "the end that is meant" });
            return Ok(());
        }
        let listed: Vec<&str> = wrong.iter().map(|line| line.as_str()).collect();
        Err(format!("it does not make what the statement makes (- missing, + too much):\n  {}", listed.join("\n  ")))
    }

    /// The schema, its rows, and what ran before the statement. `Some` says why not.
    fn prepare(&self, lab: &mut dyn Lab, data: Data) -> Result<Option<String>, String> {
        lab.reset()?;
        let script = Script::whole(SourceId(0), self.case.schema.as_str().into());
        for statement in &lockgate::change::read(&script, lab.target()) {
            if lab.prepare(self.case.schema.get(statement.span.range()).unwrap_or_default()).is_err() {
                return Ok(Some("where this server cannot make the schema".to_owned()));
            }
        }
        if lab.fill(data).is_err() {
            return Ok(Some("where the tables cannot be filled".to_owned()));
        }
        for sql in &self.advice.earlier {
            if lab.run(sql).is_err() {
                return Ok(Some("where an earlier statement fails".to_owned()));
            }
        }
        Ok(None)
    }

    /// The queries that are to find the rows in the way find some where rows stop the statement, and
    /// none where they do not.
    fn finds(&self, lab: &mut dyn Lab, steps: &[Step], data: Data) -> Result<(), String> {
        let queries: Vec<&str> = (steps.iter())
            .filter_map(|step| match step {
                Step::Sql { text, .. } if text.starts_with("SELECT ") && !to_fill_in(text) => Some(text.as_str()),
                _ => None,
            })
            .collect();
        if queries.is_empty() || self.prepare(lab, data)?.is_some() {
            return Ok(());
        }
        let mut found = false;
        for query in &queries {
            let rows = lab.ask(query).map_err(|error| format!("the server refuses: {error}\n  {query}"))?;
            found |= rows.iter().any(|row| row.len() > 1 || row.first().is_some_and(|count| count != "0"));
        }
        let ran = lab.run(&self.advice.statement);
        let stopped = match &ran {
            Ok(()) => false,
            Err(error) if is_data_code(&error.code) => true,
            Err(_) => return Ok(()),
        };
        self.score.count(self.server, "query compared");
        if found == stopped {
            return Ok(());
        }
        let said = ran.err().map_or("works".to_owned(), |error| format!("fails: {error}"));
        Err(format!(
            "with {data:?} the query finds {}, and the statement {said}\n  {}",
            if found { "rows" } else { "nothing" },
            queries.join("\n  ")
        ))
    }

    /// What is to be done where the statement fails, after it: where it went well there is as much to do.
    fn asides(&self, lab: &mut dyn Lab, steps: &[Step], data: Data) -> Result<(), String> {
        for step in steps {
            if let Step::Sql { text, before, after } = step
                && is_aside(before)
            {
                self.prepare(lab, data)?;
                lab.run(&self.advice.statement).map_err(|error| error.to_string())?;
                self.sql(lab, text, after)?;
            }
        }
        Ok(())
    }

    /// Whether all of it could be executed.
    fn steps(&self, lab: &mut dyn Lab, steps: &[Step]) -> Result<bool, String> {
        let mut complete = true;
        for step in steps {
            match step {
                Step::Prose(_) => {}
                Step::Shell(command) => self.shell(lab, command)?,
                Step::Sql { text, before, after } => {
                    if text.starts_with("UPDATE ") && text.contains(" = ...") {
                        self.score.to_fill_in(self.server, &self.advice.rule, text);
                        self.fill(lab, text)?;
                    } else if to_fill_in(text) {
                        self.score.to_fill_in(self.server, &self.advice.rule, text);
                        complete = false;
                    } else if is_aside(before) {
                        continue;
                    } else {
                        match self.sql(lab, text, after) {
                            Ok(true) => {}
                            Ok(false) => return Ok(complete),
                            // It builds on what a person has to fill in.
                            Err(_) if !complete => return Ok(false),
                            Err(fault) => return Err(fault),
                        }
                    }
                }
            }
        }
        Ok(complete)
    }

    /// A value that only a person knows: any that the column takes, in every row another.
    fn fill(&self, lab: &mut dyn Lab, text: &str) -> Result<(), String> {
        let mut last = None;
        for value in ["id", "1", "'1'", "'2024-01-01'", "true", "'{}'", "'a'"] {
            match lab.run(&text.replace("...", value)) {
                Ok(()) => return Ok(()),
                Err(error) => last = Some(error),
            }
        }
        Err(format!("no value fits: {}\n  {text}", last.map(|error| error.to_string()).unwrap_or_default()))
    }

    /// What is before every key of the table, whatever its type.
    fn lowest(&self, lab: &mut dyn Lab, text: &str) -> &'static str {
        let inner = text.split("FROM (").nth(1).and_then(|rest| rest.split(") b").next()).unwrap_or_default();
        let fits = |value: &&str| lab.ask(&inner.replace(":last", value)).is_ok_and(|rows| !rows.is_empty());
        ["0", "''", "'00000000-0000-0000-0000-000000000000'", "'0001-01-01'"].into_iter().find(fits).unwrap_or("0")
    }

    fn sql(&self, lab: &mut dyn Lab, text: &str, after: &str) -> Result<bool, String> {
        let outside = text.contains("CONCURRENTLY") && !text.starts_with("REFRESH");
        if outside && !self.advice.help.contains("outside") {
            return Err(format!("it does not say that this runs outside a transaction: {text}"));
        }
        if outside {
            // What the script opened itself.
            let _ = lab.run("COMMIT");
        }
        let mut last = 0u64;
        let counted = !text.contains("LIMIT 5000");
        // A batch is repeated until all rows are behind it; of keys that cannot be counted one batch takes all.
        for _ in 0..40 {
            let sql = match counted {
                true => text.replace(":last", &last.to_string()).replace("5000", "100"),
                false => text.replace(":last", self.lowest(lab, text)),
            };
            let inside = lab.target().engine == Engine::Postgres && !outside;
            if inside {
                let _ = lab.run("BEGIN");
            }
            let ran = lab.run(&sql).and_then(|_| if inside { lab.run("COMMIT") } else { Ok(()) });
            if let Err(error) = ran {
                if inside {
                    let _ = lab.run("ROLLBACK");
                }
                let expected = self.end.is_some_and(|end| end.refused.contains(&error.code));
                if expected {
                    self.refused.set(true);
                    return Ok(true);
                }
                if self.by_rows && is_data_code(&error.code) {
                    return Ok(false);
                }
                let note = if after.is_empty() { String::new() } else { format!("   {after}") };
                return Err(format!("the server refuses: {error}\n  {sql}{note}"));
            }
            self.score.statements(self.server, 1);
            if !counted || !text.contains(":last") {
                break;
            }
            last += 100;
        }
        Ok(true)
    }

    /// A tool that works in the background: its words, and what it alters.
    fn shell(&self, lab: &mut dyn Lab, command: &str) -> Result<(), String> {
        let words = shell_words(command)?;
        let mut clause = None;
        let mut table = None;
        for (at, word) in words.iter().enumerate() {
            if word == "--alter" {
                clause = words.get(at + 1).cloned();
            }
            clause = word.strip_prefix("--alter=").map(str::to_owned).or(clause);
            table = word.strip_prefix("--table=").map(str::to_owned).or(table);
            table = word.split_once(",t=").map(|(_, name)| name.to_owned()).or(table);
        }
        let (Some(clause), Some(table)) = (clause, table) else {
            return if words.first().is_some_and(|tool| tool == "pg_repack") {
                Ok(())
            } else {
                Err(format!("it names no table and no clause: {command}"))
            };
        };
        let database = words.iter().find_map(|word| {
            word.strip_prefix("--database=").or_else(|| word.strip_prefix("D=").and_then(|word| word.split_once(',')).map(|(name, _)| name))
        });
        let place = match database {
            Some("your_database") | None => format!("`{table}`"),
            Some(name) => format!("`{name}`.`{table}`"),
        };
        // Both tools alter an empty copy: here the table itself, and the state before again.
        let sql = format!("ALTER TABLE {place} {clause}");
        self.prepare(lab, Data::Numbers)?;
        let own = lab.run(&self.advice.statement).map(|()| dump::take(lab)).ok().transpose()?;
        self.prepare(lab, Data::Numbers)?;
        let ran = lab.run(&sql);
        self.score.statements(self.server, 1);
        match (own, ran) {
            (None, _) => Ok(()),
            (Some(_), Err(error)) => Err(format!("the server refuses what the tool is told: {error}\n  {sql}")),
            (Some(own), Ok(())) => {
                let differences = dump::differences(&own, &dump::take(lab)?);
                if differences.is_empty() {
                    Ok(())
                } else {
                    Err(format!("the tool would make something else:\n  {}\n  {sql}", differences.join("\n  ")))
                }
            }
        }
    }
}
