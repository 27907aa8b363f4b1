//! The gate: nothing runs that did not pass it.

use super::pending::Problem;
use super::step::Step;
use super::{Plan, PlannedMigration};
use crate::effect::{Loss, LossKind, Truth};
use crate::finding::{Finding, Severity};
use crate::history::Accepted;

/// A plan that may run. Only [`check`] makes one.
#[derive(Debug, Clone)]
pub struct Cleared {
    plan: Plan,
    accepted: Vec<(String, Accepted)>,
}

impl Cleared {
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The risks taken for one migration.
    pub fn accepted(&self, version: &str) -> Vec<Accepted> {
        self.accepted.iter().filter(|(of, _)| of == version).map(|(_, accepted)| accepted.clone()).collect()
    }
}

/// What may pass.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Findings at least this bad stop the run.
    pub fail_on: Severity,
    pub allow: Vec<Allowance>,
    /// What a person typed when asked to confirm the loss of data.
    pub confirmation: Option<Confirmation>,
}

impl Default for Policy {
    fn default() -> Self {
        Policy { fail_on: Severity::Error, allow: Vec::new(), confirmation: None }
    }
}

/// `--allow RULE=REASON`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowance {
    pub rule: String,
    pub reason: String,
}

/// The words typed, and by whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmation {
    pub typed: String,
    pub by: String,
}

/// Why nothing runs.
#[derive(Debug, Clone)]
pub struct Blocked {
    pub blockers: Vec<Blocker>,
    /// Set when nothing but the loss of data stands in the way: the words that confirm it.
    pub phrase: Option<String>,
}

#[derive(Debug, Clone)]
pub enum Blocker {
    Finding(Box<Finding>),
    Problem(Problem),
    /// Data would be gone and nobody said that it may.
    Loss {
        version: String,
        path: String,
        line: u32,
        object: String,
        rule: &'static str,
    },
}

impl Blocker {
    /// What `--allow` would have to name; `None` where nothing helps but a change.
    pub fn rule(&self) -> Option<&str> {
        match self {
            Blocker::Finding(finding) => Some(&finding.rule),
            Blocker::Problem(problem) => problem.kind.acceptable().then(|| problem.kind.rule()),
            Blocker::Loss { rule, .. } => Some(rule),
        }
    }
}

impl std::fmt::Display for Blocker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Blocker::Finding(finding) => {
                write!(f, "{}:{}: {} [{}]", finding.primary.path.display(), finding.primary.start.line, finding.message, finding.rule)
            }
            Blocker::Problem(problem) => write!(f, "{problem} [{}]", problem.kind.rule()),
            Blocker::Loss { path, line, object, rule, .. } => {
                write!(f, "{path}:{line}: destroys {object}, and nobody has accepted that [{rule}]")
            }
        }
    }
}

/// Lets a plan through, or says what stands in its way.
pub fn check(plan: Plan, findings: &[Finding], policy: &Policy) -> Result<Cleared, Blocked> {
    let phrase = phrase(&plan);
    let confirmed = match (&policy.confirmation, &phrase) {
        (Some(confirmation), Some(phrase)) => (confirmation.typed.trim() == phrase).then_some(confirmation),
        _ => None,
    };
    let mut gate = Gate { policy, confirmed, blockers: Vec::new(), accepted: Vec::new(), only_losses: true };
    for problem in &plan.problems {
        gate.problem(problem);
    }
    for finding in findings {
        gate.finding(&plan, finding);
    }
    for (migration, step) in plan.steps() {
        gate.losses(migration, step, findings);
    }
    if gate.blockers.is_empty() {
        let accepted = gate.accepted;
        return Ok(Cleared { plan, accepted });
    }
    let phrase = if gate.only_losses { phrase } else { None };
    Err(Blocked { blockers: gate.blockers, phrase })
}

struct Gate<'a> {
    policy: &'a Policy,
    confirmed: Option<&'a Confirmation>,
    blockers: Vec<Blocker>,
    accepted: Vec<(String, Accepted)>,
    only_losses: bool,
}

impl Gate<'_> {
    fn allowed(&self, rule: &str) -> Option<String> {
        let named = |allowance: &&Allowance| allowance.rule == rule && !allowance.reason.trim().is_empty();
        self.policy.allow.iter().find(named).map(|allowance| allowance.reason.clone())
    }

    fn accept(&mut self, version: &str, rule: &str, reason: String, line: Option<u32>) {
        let accepted = Accepted { rule: rule.to_owned(), reason, line };
        if !self.accepted.iter().any(|(of, known)| of == version && *known == accepted) {
            self.accepted.push((version.to_owned(), accepted));
        }
    }

    fn problem(&mut self, problem: &Problem) {
        let reason = problem.kind.acceptable().then(|| self.allowed(problem.kind.rule())).flatten();
        match reason {
            Some(reason) => self.accept(&problem.version, problem.kind.rule(), reason, None),
            None => {
                self.only_losses = false;
                self.blockers.push(Blocker::Problem(problem.clone()));
            }
        }
    }

    fn finding(&mut self, plan: &Plan, finding: &Finding) {
        let place = plan.steps().find(|(_, step)| is_on(finding, step));
        let version = place.map_or("", |(migration, _)| migration.version.as_str());
        if let Some(suppression) = &finding.suppression {
            let reason = suppression.reason.clone().unwrap_or_else(|| "suppressed in the source".to_owned());
            self.accept(version, &finding.rule, reason, Some(finding.statement_line));
            return;
        }
        if finding.severity < self.policy.fail_on {
            return;
        }
        if let Some(reason) = self.allowed(&finding.rule) {
            self.accept(version, &finding.rule, reason, Some(finding.statement_line));
            return;
        }
        let about_loss = place.is_some_and(|(_, step)| destroys(step).any(|loss| rule(loss.kind) == finding.rule));
        match self.confirmed {
            Some(confirmation) if about_loss => {
                let reason = format!("confirmed at the terminal by {}", confirmation.by);
                self.accept(version, &finding.rule, reason, Some(finding.statement_line));
            }
            _ => {
                self.only_losses &= about_loss;
                self.blockers.push(Blocker::Finding(Box::new(finding.clone())));
            }
        }
    }

    fn losses(&mut self, migration: &PlannedMigration, step: &Step, findings: &[Finding]) {
        let taken = findings.iter().any(|finding| is_on(finding, step) && finding.suppression.is_some());
        for loss in destroys(step) {
            let rule = rule(loss.kind);
            let here = |finding: &&Finding| is_on(finding, step) && self.allowed(&finding.rule).is_some();
            let reason = self.allowed(rule).or_else(|| findings.iter().find(here).and_then(|finding| self.allowed(&finding.rule)));
            if taken
                || self
                    .blockers
                    .iter()
                    .any(|blocker| matches!(blocker, Blocker::Finding(finding) if is_on(finding, step) && finding.rule == rule))
            {
                continue;
            }
            match (reason, self.confirmed) {
                (Some(reason), _) => self.accept(&migration.version, rule, reason, Some(step.line)),
                (None, Some(confirmation)) => {
                    let reason = format!("confirmed at the terminal by {}", confirmation.by);
                    self.accept(&migration.version, rule, reason, Some(step.line));
                }
                (None, None) => self.blockers.push(Blocker::Loss {
                    version: migration.version.clone(),
                    path: step.path.clone(),
                    line: step.line,
                    object: loss.object.clone(),
                    rule,
                }),
            }
        }
    }
}

fn is_on(finding: &Finding, step: &Step) -> bool {
    finding.statement_line == step.line && finding.primary.path.to_string_lossy().replace('\\', "/").trim_start_matches("./") == step.path
}

/// The losses that somebody must have said yes to. Rows and values that may go by a bounded
/// statement are the author's purpose.
fn destroys(step: &Step) -> impl Iterator<Item = &Loss> {
    step.losses.iter().filter(|loss| match loss.kind {
        LossKind::Table | LossKind::Column | LossKind::Partition | LossKind::Schema | LossKind::Recreated => loss.certain != Truth::No,
        LossKind::Rows | LossKind::Values => loss.certain == Truth::Yes,
    })
}

fn rule(kind: LossKind) -> &'static str {
    match kind {
        LossKind::Table => "dropping-table",
        LossKind::Column => "dropping-column",
        LossKind::Rows => "truncating-table",
        LossKind::Partition => "dropping-partition",
        LossKind::Schema => "dropping-schema",
        LossKind::Values => "lossy-type-change",
        LossKind::Recreated => "recreating-column",
    }
}

/// What must be typed: the first thing that would be lost, and how many more.
fn phrase(plan: &Plan) -> Option<String> {
    let mut objects: Vec<&str> = Vec::new();
    for (_, step) in plan.steps() {
        for loss in destroys(step) {
            if !objects.contains(&loss.object.as_str()) {
                objects.push(&loss.object);
            }
        }
    }
    let (first, rest) = objects.split_first()?;
    Some(if rest.is_empty() { format!("lose {first}") } else { format!("lose {first} and {} more", rest.len()) })
}
