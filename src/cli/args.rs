//! The command line as it is typed. What it means is decided in each command's file.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::engine::{Target, TargetRange};
use crate::report::Format;

/// Keeps database migrations from taking production down.
///
/// Lockgate reads a project's migrations, says before they run what each statement will do to the
/// live database (locks, rewrites, scans, data lost, clients broken), refuses what is dangerous,
/// shows the safe way, and runs what passed. PostgreSQL, MySQL, MariaDB and SQLite.
#[derive(Debug, Parser)]
#[command(name = "lockgate", version, max_term_width = 100, arg_required_else_help = true)]
#[command(after_help = "Exit codes: 0 clean, applied or nothing to do; 1 findings, or refused with nothing executed; \
2 usage, configuration or unreadable input, nothing executed; 3 a migration failed or was interrupted, the database may have changed.")]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
    #[command(flatten)]
    pub global: Global,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Read this configuration instead of the nearest lockgate.toml
    #[arg(long, global = true, value_name = "FILE", env = "LOCKGATE_CONFIG")]
    pub config: Option<PathBuf>,
    /// Read no configuration file
    #[arg(long, global = true, conflicts_with = "config")]
    pub no_config: bool,
    /// When to use colour
    #[arg(long, global = true, value_enum, default_value_t = Colour::Auto, value_name = "WHEN")]
    pub color: Colour,
    /// Say only what must be said
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Say what was read, and why
    #[arg(long, short, global = true, conflicts_with = "quiet")]
    pub verbose: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check migrations; never opens a connection
    Lint(Box<LintArgs>),
    /// Part dangerous migrations into several that are safe, or write missing down scripts
    ///
    /// Where `lint --fix` edits one file in place, this writes the further migrations which the safe way
    /// needs, in the project's own layout and naming: VALIDATE CONSTRAINT after NOT VALID, CONCURRENTLY
    /// outside a transaction, a constraint over an index that was built first, SET NOT NULL after its
    /// proof, updates in batches. Nothing is written without --write, no file is ever replaced by a new
    /// one, and migrations up to `start-after` are left alone.
    Fix(Box<FixArgs>),
    /// Show what is pending on a database, what it will do, and whether it may run
    Plan(Box<PlanArgs>),
    /// Check what is pending and run it if it passes: lint && apply in one command
    Apply(Box<ApplyArgs>),
    /// Run the down scripts of the newest applied migrations, checked the same way
    Rollback(Box<RollbackArgs>),
    /// Show which migrations are applied, pending, changed or failed
    Status(StatusArgs),
    /// Measure a database's tables into a small file, so that lint knows small from large
    Stats(StatsArgs),
    /// Explain a rule: what it reports, why, and the safe way
    Explain(ExplainArgs),
    /// List the rules, start a new one, or run rule files' examples
    Rules(RulesArgs),
    /// Show every change and its facts, as the rules see them
    Facts(FactsArgs),
    /// Print the SQL that would run, statement by statement
    Sql(SqlArgs),
    /// Write a lockgate.toml for this project
    Init(InitArgs),
    /// Print shell completions
    Completions {
        /// The shell to complete for
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

/// What is looked at and how: shared by every command that reads migrations.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Reading")]
pub struct ReadArgs {
    /// The database that will run it, as in postgres@16, mysql@8.0.36, mariadb@10.11, sqlite@3.45;
    /// a range, as in postgres@14..18, reports what holds on any version of it
    #[arg(long, value_name = "ENGINE[@VERSION]", env = "LOCKGATE_ENGINE")]
    pub engine: Option<TargetRange>,
    /// The migration system, when it is not to be detected: goose, dbmate, sqlx, diesel, prisma ...
    #[arg(long, value_name = "NAME")]
    pub system: Option<String>,
    /// How the runner wraps a file that does not say so itself
    #[arg(long, value_enum, value_name = "MODE")]
    pub transaction: Option<WrapMode>,
    /// A dump of the schema that the history starts from: pg_dump --schema-only, mysqldump --no-data,
    /// sqlite3 .schema, structure.sql, schema.sql. Migrations it lists as applied are not replayed over it
    #[arg(long, value_name = "FILE")]
    pub schema: Option<PathBuf>,
    /// The newest migration that dump holds, where it has no list of them; '' when it holds none
    /// [default: start-after, else none]
    #[arg(long, value_name = "VERSION")]
    pub schema_at: Option<String>,
    /// Table sizes written by `lockgate stats`
    #[arg(long, value_name = "FILE")]
    pub stats: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum WrapMode {
    /// BEGIN and COMMIT around each migration
    PerMigration,
    /// Every statement on its own
    None,
}

/// Which rules: shared by every command that judges.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Rules")]
pub struct RuleArgs {
    /// Check only these rules or categories
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub select: Vec<String>,
    /// Check these too, also rules that are off
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub extend_select: Vec<String>,
    /// Leave these rules or categories out
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub ignore: Vec<String>,
}

#[derive(Debug, Args)]
pub struct LintArgs {
    /// Files or directories; `-` is standard input [default: the configured directory, else here]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    #[command(flatten)]
    pub read: ReadArgs,
    #[command(flatten)]
    pub rules: RuleArgs,
    #[command(flatten)]
    pub output: OutputArgs,
    /// Report only migrations changed since this git revision; the others are context
    #[arg(long, value_name = "REF")]
    pub since: Option<String>,
    /// The path that standard input stands for
    #[arg(long, value_name = "PATH")]
    pub stdin_filename: Option<PathBuf>,
    /// Leave files out that the configuration excludes, even when they are named
    #[arg(long)]
    pub force_exclude: bool,
    /// Finding nothing to check is not an error
    #[arg(long)]
    pub allow_no_files: bool,
}

/// What happens to findings.
#[derive(Debug, Args)]
#[command(next_help_heading = "Reporting")]
pub struct OutputArgs {
    /// How to print findings
    #[arg(long, value_enum, default_value_t = Format::Human, env = "LOCKGATE_FORMAT", value_name = "FORMAT")]
    pub format: Format,
    /// Write the report to a file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub output_file: Option<PathBuf>,
    /// The least severity that makes the exit code 1 [default: warning]
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub fail_on: Option<FailOn>,
    /// Show accepted findings too
    #[arg(long)]
    pub include_suppressed: bool,
    /// Apply safe fixes to the files
    #[arg(long)]
    pub fix: bool,
    /// With --fix or --diff: fixes whose outcome a person must look at, too
    #[arg(long)]
    pub unsafe_fixes: bool,
    /// Print what --fix would change, as a diff, and change nothing
    #[arg(long)]
    pub diff: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    Error,
    Warning,
    Note,
    Never,
}

#[derive(Debug, Args)]
pub struct FixArgs {
    /// Files or directories [default: the configured directory, else here]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Change and create the files; without it they are only shown
    #[arg(long, conflicts_with = "diff")]
    pub write: bool,
    /// Print nothing but the changes, as a diff that `git apply` takes
    #[arg(long)]
    pub diff: bool,
    /// Write the down scripts that are missing, from what the history knows, and nothing else
    #[arg(long)]
    pub down: bool,
    /// Touch only migrations changed since this git revision
    #[arg(long, value_name = "REF")]
    pub since: Option<String>,
    /// Leave files out that the configuration excludes, even when they are named
    #[arg(long)]
    pub force_exclude: bool,
    #[command(flatten)]
    pub read: ReadArgs,
    #[command(flatten)]
    pub rules: RuleArgs,
}

/// Where the migrations and the database are: shared by the commands that connect.
#[derive(Debug, Clone, Args)]
pub struct TargetArgs {
    /// The directory of migrations [default: the configured directory, else here]
    #[arg(value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// The database: postgres://user@host/db, mysql://..., mariadb://..., sqlite:app.db
    #[arg(long, value_name = "URL", env = "DATABASE_URL", hide_env_values = true)]
    pub database: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PlainFormat {
    Human,
    Json,
}

#[derive(Debug, Args)]
pub struct PlanArgs {
    #[command(flatten)]
    pub target: TargetArgs,
    #[command(flatten)]
    pub read: ReadArgs,
    #[command(flatten)]
    pub rules: RuleArgs,
    /// Stop after this version
    #[arg(long, value_name = "VERSION")]
    pub to: Option<String>,
    /// How to print the plan
    #[arg(long, value_enum, default_value_t = PlainFormat::Human, value_name = "FORMAT")]
    pub format: PlainFormat,
}

/// What is accepted in spite of a finding.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Accepting risk")]
pub struct AcceptArgs {
    /// Accept a rule's findings for this run; the reason goes into the history, as in
    /// --allow 'dropping-column=unused since 4.1'
    #[arg(long, value_name = "RULE=REASON")]
    pub allow: Vec<String>,
}

#[derive(Debug, Args)]
pub struct ApplyArgs {
    #[command(flatten)]
    pub target: TargetArgs,
    #[command(flatten)]
    pub read: ReadArgs,
    #[command(flatten)]
    pub rules: RuleArgs,
    #[command(flatten)]
    pub accept: AcceptArgs,
    /// Stop after this version
    #[arg(long, value_name = "VERSION")]
    pub to: Option<String>,
    /// Plan, check and print, but execute nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Record everything up to this version as applied, without running it
    #[arg(long, value_name = "VERSION", conflicts_with_all = ["to", "dry_run"])]
    pub baseline: Option<String>,
    /// After a crash: take the statement whose outcome is unknown as done
    #[arg(long, conflicts_with = "assume_not_done")]
    pub assume_done: bool,
    /// After a crash: run the statement whose outcome is unknown again
    #[arg(long)]
    pub assume_not_done: bool,
    /// How to print progress and the result
    #[arg(long, value_enum, default_value_t = PlainFormat::Human, value_name = "FORMAT")]
    pub format: PlainFormat,
}

#[derive(Debug, Args)]
pub struct RollbackArgs {
    #[command(flatten)]
    pub target: TargetArgs,
    #[command(flatten)]
    pub read: ReadArgs,
    #[command(flatten)]
    pub rules: RuleArgs,
    #[command(flatten)]
    pub accept: AcceptArgs,
    /// Roll back everything after this version [default: the newest applied migration only]
    #[arg(long, value_name = "VERSION")]
    pub to: Option<String>,
    /// Plan, check and print, but execute nothing
    #[arg(long)]
    pub dry_run: bool,
    /// How to print progress and the result
    #[arg(long, value_enum, default_value_t = PlainFormat::Human, value_name = "FORMAT")]
    pub format: PlainFormat,
}

#[derive(Debug, Args)]
pub struct StatusArgs {
    #[command(flatten)]
    pub target: TargetArgs,
    #[command(flatten)]
    pub read: ReadArgs,
    /// How to print it
    #[arg(long, value_enum, default_value_t = PlainFormat::Human, value_name = "FORMAT")]
    pub format: PlainFormat,
}

#[derive(Debug, Args)]
pub struct StatsArgs {
    /// The database to measure
    #[arg(long, value_name = "URL", env = "DATABASE_URL", hide_env_values = true)]
    pub database: String,
    /// Where to write; `-` is standard output
    #[arg(long, short, value_name = "FILE", default_value = "lockgate-stats.json")]
    pub output_file: PathBuf,
}

#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The rule's id
    #[arg(value_name = "RULE")]
    pub rule: String,
}

#[derive(Debug, Args)]
pub struct RulesArgs {
    #[command(subcommand)]
    pub command: Option<RulesCommand>,
    /// How to print the list
    #[arg(long, value_enum, default_value_t = PlainFormat::Human, value_name = "FORMAT")]
    pub format: PlainFormat,
}

#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// Start a new rule file from a template
    New {
        /// Category and id, as in locking/my-rule
        #[arg(value_name = "CATEGORY/ID")]
        name: String,
        /// The folder of your rules
        #[arg(long, value_name = "DIR", default_value = "lockgate-rules")]
        dir: PathBuf,
    },
    /// Run the examples of rule files
    Test {
        /// Rule files or folders [default: the configured rule paths, else the built-in rules]
        #[arg(value_name = "PATH")]
        paths: Vec<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub struct FactsArgs {
    /// Migration files or directories
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    #[command(flatten)]
    pub read: ReadArgs,
    /// List the facts that rules can use, with types and meaning
    #[arg(long)]
    pub list: bool,
    /// How to print them
    #[arg(long, value_enum, default_value_t = PlainFormat::Human, value_name = "FORMAT")]
    pub format: PlainFormat,
}

#[derive(Debug, Args)]
pub struct SqlArgs {
    /// Migration files or directories
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    #[command(flatten)]
    pub read: ReadArgs,
    /// Print the down scripts instead
    #[arg(long)]
    pub down: bool,
}

#[derive(Debug, Args)]
pub struct InitArgs {
    /// The project's directory
    #[arg(value_name = "DIR", default_value = ".")]
    pub dir: PathBuf,
    /// The database and version, when it is not to be detected
    #[arg(long, value_name = "ENGINE[@VERSION]")]
    pub engine: Option<Target>,
    /// Replace an existing lockgate.toml
    #[arg(long)]
    pub force: bool,
    /// Print it instead of writing it
    #[arg(long)]
    pub dry_run: bool,
    /// Print a JSON Schema of lockgate.toml, for editors, and do nothing else
    #[arg(long)]
    pub json_schema: bool,
}
