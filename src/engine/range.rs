//! Ranges of versions, as in `postgres@14..18`: what holds on any of them.

use std::fmt;
use std::str::FromStr;

use super::{Engine, Target, TargetError, Version, changes};

/// An engine at one version, or at all versions from one to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TargetRange {
    pub engine: Engine,
    /// As written: its first release counts.
    pub oldest: Version,
    /// As written: its last release counts.
    pub newest: Version,
}

impl From<Target> for TargetRange {
    fn from(target: Target) -> Self {
        TargetRange { engine: target.engine, oldest: target.version, newest: target.version }
    }
}

impl TargetRange {
    /// The one version there is, or the newest.
    pub fn newest(self) -> Target {
        Target::new(self.engine, self.newest)
    }

    /// The one version there is, or the newest of those that behave like the oldest.
    pub fn oldest(self) -> Target {
        self.steps().first().copied().unwrap_or_else(|| self.newest())
    }

    pub fn is_single(self) -> bool {
        self.oldest == self.newest
    }

    /// Whether a server's version lies in it.
    pub fn contains(self, version: Version) -> bool {
        changes::first_of(self.engine, self.oldest) <= version && version <= self.newest
    }

    /// One version for each stretch of the range in which nothing changes that Lockgate knows of,
    /// the oldest first: the newest of its stretch.
    pub fn steps(self) -> Vec<Target> {
        if self.is_single() {
            return vec![self.newest()];
        }
        let newest = self.changes().into_iter().map(|change| changes::before(self.engine, change)).chain([self.newest]);
        newest.map(|version| Target::new(self.engine, version)).collect()
    }

    /// The versions for which an answer holds, that is given for each step.
    pub fn held_on(self, steps: &[bool]) -> Versions {
        let changes = self.changes();
        let mut runs: Vec<(Version, Version)> = Vec::new();
        let mut open: Option<Version> = None;
        for (at, holds) in steps.iter().enumerate() {
            match (holds, open) {
                (true, None) => {
                    open = Some(at.checked_sub(1).and_then(|at| changes.get(at)).map_or(self.oldest, |change| short(self.engine, *change)))
                }
                (false, Some(from)) => {
                    let end = at.checked_sub(1).and_then(|at| changes.get(at));
                    runs.push((from, end.map_or(self.newest, |change| changes::before(self.engine, *change))));
                    open = None;
                }
                (true, Some(_)) | (false, None) => {}
            }
        }
        runs.extend(open.map(|from| (from, self.newest)));
        Versions { engine: self.engine, runs }
    }

    /// Where something changes inside the range.
    fn changes(self) -> Vec<Version> {
        let first = changes::first_of(self.engine, self.oldest);
        changes::of(self.engine).into_iter().filter(|change| first < *change && *change <= self.newest).collect()
    }
}

impl fmt::Display for TargetRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Versions { engine: self.engine, runs: vec![(self.oldest, self.newest)] }.fmt(f)
    }
}

impl FromStr for TargetRange {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        let Some((oldest, newest)) = text.split_once("..") else { return Ok(text.parse::<Target>()?.into()) };
        let Some((engine, oldest)) = oldest.split_once('@') else { return Err(TargetError::Range(text.to_owned())) };
        let engine: Engine = engine.parse()?;
        let range = TargetRange { engine, oldest: oldest.parse()?, newest: newest.parse()? };
        if changes::first_of(engine, range.oldest) > range.newest {
            return Err(TargetError::Range(text.to_owned()));
        }
        Ok(range)
    }
}

/// The versions on which something holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versions {
    pub engine: Engine,
    /// From one to another, the oldest first.
    runs: Vec<(Version, Version)>,
}

impl From<Target> for Versions {
    fn from(target: Target) -> Self {
        Versions { engine: target.engine, runs: vec![(target.version, target.version)] }
    }
}

impl Versions {
    /// The newest of them.
    pub fn newest(&self) -> Target {
        let newest = self.runs.last().map_or(self.engine.default_version(), |(_, newest)| *newest);
        Target::new(self.engine, newest)
    }

    /// `14 to 16`, `14 and 17 to 18`.
    pub fn prose(&self) -> String {
        let runs = self.runs.iter().map(|(from, to)| if from == to { from.to_string() } else { format!("{from} to {to}") });
        runs.collect::<Vec<_>>().join(" and ")
    }
}

impl fmt::Display for Versions {
    /// `postgres@14`, `postgres@14..16`, `postgres@14,17..18`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@", self.engine)?;
        for (at, (from, to)) in self.runs.iter().enumerate() {
            let comma = if at > 0 { "," } else { "" };
            if from == to { write!(f, "{comma}{from}")? } else { write!(f, "{comma}{from}..{to}")? }
        }
        Ok(())
    }
}

/// The first release of a series is called by the series' name.
fn short(engine: Engine, version: Version) -> Version {
    match (engine, version.minor, version.patch) {
        (Engine::Postgres, 0, 0) if version.major >= 10 => Version::series(&[version.major]),
        (_, _, 0) => Version::series(&[version.major, version.minor]),
        _ => version,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(text: &str) -> TargetRange {
        text.parse().unwrap()
    }

    #[test]
    fn a_range_reads_and_shows() {
        for text in ["postgres@14..18", "mysql@8.0..9", "mariadb@10.6..11.8", "sqlite@3.35..3.50", "postgres@16", "mysql@8.0.36"] {
            assert_eq!(range(text).to_string(), text);
        }
        assert_eq!(range("postgres").to_string(), "postgres@14");
        for wrong in ["postgres@18..14", "postgres@14..", "14..18", "postgres..18", "mysql@8.0.40..8.0.11"] {
            assert!(wrong.parse::<TargetRange>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_change_is_a_step() {
        let steps = |text: &str| range(text).steps().iter().map(|target| target.version.to_string()).collect::<Vec<_>>();
        assert_eq!(steps("postgres@14..18"), ["14", "15", "16", "17", "18"]);
        assert_eq!(steps("postgres@16"), ["16"]);
        let mysql = steps("mysql@8.0..9");
        assert!(mysql.starts_with(&["8.0.11".to_owned()]) && mysql.ends_with(&["9".to_owned()]), "{mysql:?}");
        assert!(mysql.contains(&"8.0.28".to_owned()), "INSTANT came to every place with 8.0.29: {mysql:?}");
        let all = range("mysql@5.6..9").steps();
        assert!(all.is_sorted_by(|a, b| a.version < b.version), "{all:?}");
    }

    #[test]
    fn what_holds_is_said_in_versions() {
        let range = range("postgres@14..18");
        assert_eq!(range.held_on(&[true, true, true, false, false]).prose(), "14 to 16");
        assert_eq!(range.held_on(&[false, false, false, false, true]).prose(), "18");
        assert_eq!(range.held_on(&[true, false, false, true, true]).to_string(), "postgres@14,17..18");
        let mysql: TargetRange = "mysql@8.0..9".parse().unwrap();
        let old: Vec<bool> = mysql.steps().iter().map(|step| !step.at_least(8, 0, 29)).collect();
        assert_eq!(mysql.held_on(&old).prose(), "8.0 to 8.0.28");
        let new: Vec<bool> = old.iter().map(|old| !old).collect();
        assert_eq!(mysql.held_on(&new).prose(), "8.0.29 to 9");
    }

    #[test]
    fn a_server_is_inside_or_not() {
        assert!(range("postgres@14..18").contains(Version::new(14, 0, 0)) && range("postgres@14..18").contains(Version::new(18, 3, 0)));
        assert!(!range("postgres@14..18").contains(Version::new(13, 9, 0)) && !range("mysql@8.0..8.4").contains(Version::new(9, 0, 0)));
    }
}
