//! The effects of a change and of a statement.

use super::lock::{Lock, LockMode};
use crate::catalog::Key;
use crate::source::Span;

/// Three-valued truth: what cannot be known stays unknown all the way to the finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Truth {
    #[default]
    No,
    Unknown,
    Yes,
}

impl Truth {
    pub fn and(self, other: Truth) -> Truth {
        self.min(other)
    }

    pub fn or(self, other: Truth) -> Truth {
        self.max(other)
    }

    pub fn possible(self) -> bool {
        self != Truth::No
    }
}

impl std::ops::Not for Truth {
    type Output = Truth;

    fn not(self) -> Truth {
        match self {
            Truth::No => Truth::Yes,
            Truth::Unknown => Truth::Unknown,
            Truth::Yes => Truth::No,
        }
    }
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Truth::Yes } else { Truth::No }
    }
}

/// What one change does. Lists name relations as [`Key`] displays them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Effects {
    /// The strongest lock on each relation that existed before the statement.
    pub locks: Vec<Lock>,
    /// Tables whose data is written anew.
    pub rewrites: Vec<Rewrite>,
    /// Tables read whole, for whatever reason.
    pub scans: Vec<Scan>,
    /// Indexes built or rebuilt.
    pub builds: Vec<Build>,
    /// Work that is done while the strongest lock of this change is held: a scan, rewrite or build
    /// of a table that may be large. `No` means the lock is held for a moment only.
    pub lasting: Truth,
    pub losses: Vec<Loss>,
    pub breaks: Vec<Breakage>,
    pub failures: Vec<Failure>,
    /// MySQL and MariaDB Online DDL.
    pub algorithm: Option<Algorithm>,
    /// The clustered index is rebuilt (in place or by copy).
    pub rebuild: Truth,
    pub dml: Option<Dml>,
    pub transactionality: Transactionality,
    /// MySQL and MariaDB: what this action would be in an ALTER of its own. Where all actions are
    /// lighter alone than the statement is, they are better written apart.
    pub alone: Option<Alone>,
    /// MySQL and MariaDB: the ALGORITHM and LOCK clauses that hold the server to this outcome.
    pub pin: Option<String>,
    /// MySQL and MariaDB: attributes the column has and MODIFY or CHANGE does not repeat, as they are
    /// written: `NOT NULL`, `DEFAULT`, `AUTO_INCREMENT`, `ON UPDATE`, `COMMENT`, `CHARACTER SET` …
    pub lost_attributes: Vec<String>,
    /// MySQL and MariaDB: commits the open transaction, before and after.
    pub implicit_commit: bool,
    /// A down script could bring back what was there, rows included.
    pub reversible: Truth,
    /// What the answer would depend on.
    pub unknowns: Vec<Unknown>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewrite {
    pub table: String,
    pub certain: Truth,
    /// A clause for the message: `now()` …; why it is rewritten.
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scan {
    pub table: String,
    pub reason: ScanReason,
    pub certain: Truth,
    /// Rows are read while this lock on the table is held.
    pub under: Option<LockMode>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScanReason {
    /// Rows are checked against a constraint or a type.
    Verify,
    Rewrite,
    IndexBuild,
    /// UPDATE, DELETE, SELECT, COPY.
    Query,
    /// A foreign key join, on either side.
    ForeignKey,
    Maintenance,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Build {
    pub index: String,
    pub table: String,
    /// It existed and is built anew.
    pub rebuilt: bool,
    pub certain: Truth,
}

/// Data that will be gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    pub kind: LossKind,
    /// What is lost, as said in a message: `orders.email`, `orders`.
    pub object: String,
    pub certain: Truth,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LossKind {
    Table,
    Column,
    Rows,
    Partition,
    Schema,
    /// Values are cut, rounded or refused.
    Values,
    /// The same column dropped and added again.
    Recreated,
}

/// A client that runs now will not run afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breakage {
    pub kind: BreakageKind,
    /// What clients still use: `orders.email`.
    pub object: String,
    pub reason: String,
    pub certain: Truth,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BreakageKind {
    /// A name they use is gone or changed.
    Name,
    /// A view or function fails.
    View,
    /// A trigger fails on every write.
    Trigger,
    /// INSERT of the running version fails.
    Insert,
    /// A guarantee or attribute they rely on is gone.
    Guarantee,
    Type,
}

/// The server will refuse it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// SQLSTATE, MySQL error number, or SQLite result code name.
    pub code: String,
    pub reason: String,
    pub cause: FailureCause,
    pub certain: Truth,
    /// The clause, where it is narrower than the change.
    pub span: Option<Span>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FailureCause {
    /// The schema or the version makes it fail.
    Schema,
    /// The rows make it fail.
    Data,
    /// The syntax is not this engine's or version's.
    Syntax,
    /// ALGORITHM or LOCK cannot be met.
    Assertion,
    /// Inside or outside a transaction, where it must not be.
    Transaction,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Algorithm {
    Instant,
    Inplace,
    Copy,
}

impl Algorithm {
    pub fn name(self) -> &'static str {
        match self {
            Algorithm::Instant => "instant",
            Algorithm::Inplace => "inplace",
            Algorithm::Copy => "copy",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Dml {
    Allowed,
    Blocked,
}

/// An Online DDL answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alone {
    pub algorithm: Algorithm,
    pub rebuild: bool,
    pub dml: Dml,
}

/// Whether the statement may run inside a transaction block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Transactionality {
    #[default]
    Allowed,
    Forbidden,
    Unknown,
}

/// Something that was not known, and what it decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// `the type of orders.total`.
    pub what: String,
    /// `whether the table is rewritten`.
    pub decides: String,
}

/// The effects of each change of a statement, and of the statement as a whole.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StatementEffects {
    /// One for each change, in order.
    pub changes: Vec<Effects>,
    pub whole: Effects,
}

impl Effects {
    /// The strongest lock on a relation.
    pub fn lock_on(&self, relation: &Key) -> Option<LockMode> {
        let name = relation.to_string();
        self.locks.iter().filter(|lock| lock.relation == name).map(|lock| lock.mode).max()
    }

    pub fn strongest_lock(&self) -> Option<&Lock> {
        self.locks.iter().max_by_key(|lock| lock.mode)
    }

    /// The first failure that is certain: what the schema forbids is noticed before any row is.
    pub fn certain_failure(&self) -> Option<&Failure> {
        let certain = || self.failures.iter().filter(|failure| failure.certain == Truth::Yes);
        certain().find(|failure| failure.cause != FailureCause::Data).or_else(|| certain().next())
    }

    /// Joins what another change of the same statement does: lists are united, the worse of two
    /// answers wins.
    pub fn absorb(&mut self, other: &Effects) {
        for lock in &other.locks {
            match self.locks.iter_mut().find(|mine| mine.relation == lock.relation && mine.kind == lock.kind) {
                Some(mine) => mine.mode = mine.mode.max(lock.mode),
                None => self.locks.push(lock.clone()),
            }
        }
        for rewrite in &other.rewrites {
            match self.rewrites.iter_mut().find(|mine| mine.table == rewrite.table) {
                Some(mine) => mine.certain = mine.certain.max(rewrite.certain),
                None => self.rewrites.push(rewrite.clone()),
            }
        }
        for scan in &other.scans {
            match self.scans.iter_mut().find(|mine| mine.table == scan.table && mine.reason == scan.reason) {
                Some(mine) => mine.certain = mine.certain.max(scan.certain),
                None => self.scans.push(scan.clone()),
            }
        }
        for build in &other.builds {
            match self.builds.iter_mut().find(|mine| mine.index == build.index && mine.table == build.table) {
                Some(mine) => mine.certain = mine.certain.max(build.certain),
                None => self.builds.push(build.clone()),
            }
        }
        self.lasting = self.lasting.max(other.lasting);
        self.losses.extend(other.losses.iter().cloned());
        self.breaks.extend(other.breaks.iter().cloned());
        self.failures.extend(other.failures.iter().cloned());
        self.algorithm = self.algorithm.max(other.algorithm);
        self.rebuild = self.rebuild.max(other.rebuild);
        self.dml = self.dml.max(other.dml);
        self.transactionality = match (self.transactionality, other.transactionality) {
            (Transactionality::Forbidden, _) | (_, Transactionality::Forbidden) => Transactionality::Forbidden,
            (Transactionality::Unknown, _) | (_, Transactionality::Unknown) => Transactionality::Unknown,
            (Transactionality::Allowed, Transactionality::Allowed) => Transactionality::Allowed,
        };
        self.implicit_commit |= other.implicit_commit;
        self.pin = self.pin.take().or_else(|| other.pin.clone());
        self.lost_attributes.extend(other.lost_attributes.iter().cloned());
        self.reversible = self.reversible.min(other.reversible);
        self.unknowns.extend(other.unknowns.iter().cloned());
    }
}
