//! `lockgate lint`: check, report, fix.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;

use super::args::{FailOn, LintArgs, OutputArgs};
use super::exit::Exit;
use super::terminal::Terminal;
use super::workspace::{Checked, Workspace, listed};
use crate::discover::{self, STDIN, Stdin};
use crate::finding::{Finding, Severity, apply_fixes};
use crate::report::{self, Report, RuleInfo, Style};

pub fn lint(args: &LintArgs, workspace: &Workspace, terminal: &Terminal) -> anyhow::Result<Exit> {
    let stdin = args.paths.iter().any(|path| path.as_os_str() == STDIN).then(|| read_stdin(args)).transpose()?;
    let text = stdin.as_ref().map(|stdin| stdin.bytes.clone());
    let options = discover::Options { since: args.since.clone(), force_exclude: args.force_exclude, stdin, ..discover::Options::default() };
    let discovery = workspace.discover(&args.paths, &args.read, options)?;
    if discovery.is_empty() && !args.allow_no_files {
        anyhow::bail!("no migrations were found in {}; name a directory of migrations, or pass --allow-no-files", listed(&args.paths));
    }
    let checked = workspace.check(&discovery, &args.read, &args.rules, args.since.is_some(), terminal)?;
    let load = |path: &Path| load(path, args, text.as_deref());
    if args.output.fix || args.output.diff {
        return fix(args, workspace, &checked, &load, terminal);
    }
    print(&args.output, &checked, &load, terminal)?;
    Ok(exit(&checked, workspace.fail_on(args.output.fail_on)))
}

fn read_stdin(args: &LintArgs) -> anyhow::Result<Stdin> {
    let mut bytes = Vec::new();
    io::Read::read_to_end(&mut io::stdin().lock(), &mut bytes).context("cannot read standard input")?;
    Ok(Stdin { bytes, path: args.stdin_filename.clone() })
}

/// The text that findings point into: standard input stands in front of the file it is for.
fn load(path: &Path, args: &LintArgs, stdin: Option<&[u8]>) -> Option<Arc<str>> {
    let stands_for_stdin = match &args.stdin_filename {
        Some(name) => crate::source::shown(&std::path::absolute(name).ok()?) == crate::source::shown(&std::path::absolute(path).ok()?),
        None => path == Path::new(discover::STDIN_NAME),
    };
    match stdin {
        Some(bytes) if stands_for_stdin => Some(crate::migration::decode(bytes)),
        _ => Some(crate::migration::decode(&std::fs::read(path).ok()?)),
    }
}

fn print(output: &OutputArgs, checked: &Checked, load: report::Load<'_>, terminal: &Terminal) -> anyhow::Result<()> {
    let rules: Vec<RuleInfo> = checked.rules.rules().map(|rule| info(rule)).collect();
    let report = Report {
        findings: &checked.findings,
        suppressed: &checked.suppressed,
        problems: &checked.problems,
        rules: &rules,
        summary: checked.summary,
        include_suppressed: output.include_suppressed,
    };
    match &output.output_file {
        Some(path) => {
            let mut bytes = Vec::new();
            report::write(output.format, &report, load, Style::default(), &mut bytes)?;
            std::fs::write(path, bytes).with_context(|| format!("cannot write the report to `{}`", path.display()))
        }
        None => {
            let mut out = io::BufWriter::new(io::stdout().lock());
            report::write(output.format, &report, load, terminal.style, &mut out)?;
            out.flush()?;
            Ok(())
        }
    }
}

pub fn info(rule: &crate::rules::Rule) -> RuleInfo {
    RuleInfo {
        id: rule.id.clone(),
        category: rule.category.clone(),
        severity: rule.severity,
        summary: rule.summary.clone(),
        help: rule.prose().to_owned(),
        url: Some(format!("https://github.com/lockgate/lockgate/blob/main/rules/{}/{}.md", rule.category, rule.id)),
    }
}

/// Unreadable files are a failure of their own: what they hide nobody has seen.
fn exit(checked: &Checked, fail_on: Option<Severity>) -> Exit {
    if checked.problems.iter().any(|problem| problem.fatal) {
        return Exit::Failure;
    }
    let fails = |finding: &Finding| fail_on.is_some_and(|least| finding.severity >= least);
    let refused = checked.problems.iter().any(|problem| fail_on.is_some_and(|least| problem.severity >= least));
    if refused || checked.findings.iter().any(fails) { Exit::Findings } else { Exit::Success }
}

pub fn least(fail_on: FailOn) -> Option<Severity> {
    match fail_on {
        FailOn::Error => Some(Severity::Error),
        FailOn::Warning => Some(Severity::Warning),
        FailOn::Note => Some(Severity::Note),
        FailOn::Never => None,
    }
}

fn fix(args: &LintArgs, workspace: &Workspace, checked: &Checked, load: report::Load<'_>, terminal: &Terminal) -> anyhow::Result<Exit> {
    let mut by_path: BTreeMap<&PathBuf, Vec<&Finding>> = BTreeMap::new();
    for finding in checked.findings.iter().filter(|finding| finding.fix.is_some()) {
        by_path.entry(&finding.primary.path).or_default().push(finding);
    }
    let mut applied = 0;
    let mut out = io::stdout().lock();
    for (path, findings) in by_path {
        let Some(text) = load(path) else { continue };
        let (fixed, count) = apply_fixes(&text, findings.iter().copied(), args.output.unsafe_fixes);
        if count == 0 {
            continue;
        }
        applied += count;
        if args.output.diff {
            let name = crate::source::display_path(path);
            let diff = similar::TextDiff::from_lines(&*text, &fixed);
            write!(out, "{}", diff.unified_diff().context_radius(3).header(&format!("a/{name}"), &format!("b/{name}")))?;
        } else {
            std::fs::write(path, fixed).with_context(|| format!("cannot write `{}`", path.display()))?;
        }
    }
    if args.output.diff {
        return Ok(if applied > 0 { Exit::Findings } else { Exit::Success });
    }
    drop(out);
    terminal.note(&format!("{applied} fix{} applied", if applied == 1 { "" } else { "es" }));
    // What is left is reported, and decides the exit code.
    let options = discover::Options { since: args.since.clone(), force_exclude: args.force_exclude, ..discover::Options::default() };
    let discovery = workspace.discover(&args.paths, &args.read, options)?;
    let checked = workspace.check(&discovery, &args.read, &args.rules, args.since.is_some(), terminal)?;
    print(&args.output, &checked, load, terminal)?;
    Ok(exit(&checked, workspace.fail_on(args.output.fail_on)))
}
