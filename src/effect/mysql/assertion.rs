//! ALGORITHM and LOCK clauses against the engine's answer: what runs, or which error comes.

use super::draft::Forced;
use super::server::Server;
use super::verdict::{Answer, Verdict};
use crate::change::StatementModifiers;
use crate::effect::{Algorithm, Dml};

/// ALGORITHM=…
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Asked {
    #[default]
    Default,
    Instant,
    Nocopy,
    Inplace,
    Copy,
}

/// LOCK=…
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Lock {
    #[default]
    Default,
    None,
    Shared,
    Exclusive,
}

/// How the ALTER runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    pub algorithm: Algorithm,
    /// The rows are written anew.
    pub rebuild: bool,
    pub dml: Dml,
}

/// An assertion that cannot be met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub code: u16,
    pub reason: String,
    /// It is the LOCK clause that cannot be met.
    pub lock: bool,
}

pub(super) fn asked(modifiers: &StatementModifiers) -> (Asked, Lock) {
    let algorithm = match modifiers.algorithm.as_ref().map(|assertion| assertion.value.as_str()) {
        Some("instant") => Asked::Instant,
        Some("nocopy") => Asked::Nocopy,
        Some("inplace") => Asked::Inplace,
        Some("copy") => Asked::Copy,
        _ => Asked::Default,
    };
    let lock = match modifiers.lock.as_ref().map(|assertion| assertion.value.as_str()) {
        Some("none") => Lock::None,
        Some("shared") => Lock::Shared,
        Some("exclusive") => Lock::Exclusive,
        _ if modifiers.online => Lock::None,
        _ => Lock::Default,
    };
    (algorithm, lock)
}

const INSTANT: Run = Run { algorithm: Algorithm::Instant, rebuild: false, dml: Dml::Allowed };

fn copied(dml: Dml) -> Run {
    Run { algorithm: Algorithm::Copy, rebuild: true, dml }
}

fn inplace(rebuild: bool, writes: bool, lock: Lock) -> Run {
    let dml = if writes && matches!(lock, Lock::Default | Lock::None) { Dml::Allowed } else { Dml::Blocked };
    Run { algorithm: Algorithm::Inplace, rebuild, dml }
}

fn refused(code: u16, algorithm: &str, needs: &str, lock: bool) -> Refusal {
    Refusal { code, reason: format!("{algorithm} cannot be met here: it needs {needs}"), lock }
}

fn coded(reason: bool) -> u16 {
    if reason { 1846 } else { 1845 }
}

pub(super) fn run(answer: &Answer, algorithm: Asked, lock: Lock, server: Server) -> Result<Run, Refusal> {
    if server.is_mariadb() { mariadb(answer, algorithm, lock, server) } else { mysql(answer, algorithm, lock, server) }
}

fn mysql(answer: &Answer, algorithm: Asked, lock: Lock, server: Server) -> Result<Run, Refusal> {
    match algorithm {
        Asked::Nocopy => return Err(Refusal { code: 1800, reason: "ALGORITHM=NOCOPY is MariaDB's".to_owned(), lock: false }),
        Asked::Instant if !server.has_instant() => {
            return Err(Refusal { code: 1800, reason: "ALGORITHM=INSTANT is known from MySQL 8.0.12".to_owned(), lock: false });
        }
        Asked::Instant if lock != Lock::Default => {
            return Err(Refusal { code: 1221, reason: "ALGORITHM=INSTANT takes no LOCK clause but LOCK=DEFAULT".to_owned(), lock: true });
        }
        _ => {}
    }
    let temporary = matches!(answer.verdict, Verdict::Forced(Forced::Temporary));
    let copy = || match lock {
        _ if temporary => Ok(copied(Dml::Allowed)),
        Lock::None => Err(refused(1846, "LOCK=NONE", "LOCK=SHARED, because the rows are copied", true)),
        _ => Ok(copied(Dml::Blocked)),
    };
    if algorithm == Asked::Copy {
        return if answer.copy_refused {
            Err(refused(1846, "ALGORITHM=COPY", "ALGORITHM=INPLACE, because a column of a foreign key is renamed", false))
        } else {
            copy()
        };
    }
    let (verdict, reason) = match algorithm {
        Asked::Inplace => (answer.inplace, answer.reason_inplace),
        Asked::Instant if answer.instant_on_request => return Ok(INSTANT),
        _ => (answer.verdict, answer.reason),
    };
    match verdict {
        Verdict::Simple => match lock {
            Lock::None | Lock::Shared => Err(refused(1845, "LOCK=NONE/SHARED", "LOCK=EXCLUSIVE", true)),
            _ if server.has_instant() => Ok(INSTANT),
            _ => Ok(Run { algorithm: Algorithm::Inplace, rebuild: false, dml: Dml::Blocked }),
        },
        Verdict::Instant => Ok(INSTANT),
        Verdict::Forced(_) | Verdict::Copy => {
            let forced = matches!(verdict, Verdict::Forced(_));
            let code = if forced { 1845 } else { coded(reason) };
            match algorithm {
                Asked::Instant => Err(refused(code, "ALGORITHM=INSTANT", "ALGORITHM=COPY", false)),
                Asked::Inplace => Err(refused(code, "ALGORITHM=INPLACE", "ALGORITHM=COPY", false)),
                _ if lock == Lock::None && !forced => Err(refused(code, "LOCK=NONE", "LOCK=SHARED, because the rows are copied", true)),
                _ => copy(),
            }
        }
        Verdict::Inplace { rebuild, writes } => match (algorithm, lock) {
            (Asked::Instant, _) if answer.versions_spent => {
                Err(refused(4092, "ALGORITHM=INSTANT", "a rebuild first: the table has no row versions left", false))
            }
            (Asked::Instant, _) => Err(refused(coded(reason), "ALGORITHM=INSTANT", "ALGORITHM=INPLACE", false)),
            (_, Lock::None) if !writes => Err(refused(coded(reason), "LOCK=NONE", "LOCK=SHARED", true)),
            _ => Ok(inplace(rebuild, writes, lock)),
        },
    }
}

fn mariadb(answer: &Answer, algorithm: Asked, lock: Lock, server: Server) -> Result<Run, Refusal> {
    let temporary = matches!(answer.verdict, Verdict::Forced(Forced::Temporary));
    let copy = |lock: Lock| match lock {
        _ if temporary => Ok(copied(Dml::Allowed)),
        Lock::None if !answer.online_copy => Err(refused(1846, "LOCK=NONE", "LOCK=SHARED, because the rows are copied", true)),
        Lock::None | Lock::Default if answer.online_copy => Ok(copied(Dml::Allowed)),
        _ => Ok(copied(Dml::Blocked)),
    };
    if algorithm == Asked::Copy && answer.copy_refused {
        return Err(refused(1846, "ALGORITHM=COPY", "ALGORITHM=INPLACE, because a column of a foreign key is renamed", false));
    }
    if algorithm == Asked::Copy {
        return copy(lock);
    }
    let names = match algorithm {
        Asked::Instant => "ALGORITHM=INSTANT",
        Asked::Nocopy => "ALGORITHM=NOCOPY",
        _ => "ALGORITHM=INPLACE",
    };
    let reason = if lock == Lock::None { answer.reason_online } else { answer.reason };
    match answer.verdict {
        Verdict::Simple => match lock {
            Lock::None | Lock::Shared => Err(refused(1845, "LOCK=NONE/SHARED", "LOCK=EXCLUSIVE", true)),
            _ => Ok(INSTANT),
        },
        Verdict::Instant => Ok(INSTANT),
        Verdict::Forced(forced) => match algorithm {
            Asked::Inplace => Err(refused(1845, names, "ALGORITHM=COPY", false)),
            Asked::Instant | Asked::Nocopy if !(server.ignores_impossible_algorithm() && forced != Forced::Check) => {
                Err(refused(1845, names, "ALGORITHM=COPY", false))
            }
            _ => copy(lock),
        },
        Verdict::Copy => match algorithm {
            Asked::Default if lock == Lock::None && !answer.online_copy => Err(refused(coded(reason), "LOCK=NONE", "LOCK=SHARED", true)),
            Asked::Default => copy(lock),
            _ => Err(refused(coded(reason), names, "ALGORITHM=COPY", false)),
        },
        Verdict::Inplace { rebuild, writes } => match algorithm {
            Asked::Instant if !rebuild => Err(refused(coded(reason), names, "ALGORITHM=NOCOPY", false)),
            Asked::Instant | Asked::Nocopy if rebuild => Err(refused(coded(reason), names, "ALGORITHM=INPLACE", false)),
            _ if lock == Lock::None && !writes => {
                if algorithm == Asked::Default && answer.online_copy {
                    copy(lock)
                } else {
                    Err(refused(coded(reason), "LOCK=NONE", "LOCK=SHARED", true))
                }
            }
            _ => Ok(inplace(rebuild, writes, lock)),
        },
    }
}
