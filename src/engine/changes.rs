//! The versions with which something changed that Lockgate knows of: in syntax, locks, algorithms,
//! names, refusals. Between two of them one answer holds.
//!
//! `tests/engine.rs` looks for every version that the source and the rules compare with.

use super::{Engine, Version};

/// In order.
pub(super) fn of(engine: Engine) -> Vec<Version> {
    let parts: &[(u16, u16, u16)] = match engine {
        // A feature release each.
        Engine::Postgres => return [(9, 5), (9, 6)].map(|(a, b)| Version::new(a, b, 0)).into_iter().chain((10..40).map(major)).collect(),
        Engine::Mysql => MYSQL,
        Engine::Mariadb => MARIADB,
        Engine::Sqlite => SQLITE,
    };
    parts.iter().map(|(major, minor, patch)| Version::new(*major, *minor, *patch)).collect()
}

fn major(major: u16) -> Version {
    Version::new(major, 0, 0)
}

const MYSQL: &[(u16, u16, u16)] = &[
    (5, 6, 0),
    (5, 7, 0),
    (5, 7, 1),
    (5, 7, 4),
    (5, 7, 5),
    (5, 7, 6),
    (5, 7, 8),
    (5, 7, 11),
    (8, 0, 0),
    (8, 0, 1),
    (8, 0, 2),
    (8, 0, 3),
    (8, 0, 12),
    (8, 0, 13),
    (8, 0, 16),
    (8, 0, 19),
    (8, 0, 21),
    (8, 0, 23),
    (8, 0, 28),
    (8, 0, 29),
    (8, 0, 31),
    (8, 4, 0),
    (9, 0, 0),
    (9, 1, 0),
    (9, 2, 0),
    (9, 4, 0),
    (9, 7, 0),
];

const MARIADB: &[(u16, u16, u16)] = &[
    (5, 2, 0),
    (10, 0, 0),
    (10, 0, 2),
    (10, 0, 8),
    (10, 1, 3),
    (10, 1, 4),
    (10, 2, 1),
    (10, 2, 2),
    (10, 2, 7),
    (10, 3, 0),
    (10, 3, 4),
    (10, 4, 0),
    (10, 4, 3),
    (10, 5, 0),
    (10, 5, 2),
    (10, 5, 3),
    (10, 6, 0),
    (10, 6, 9),
    (10, 7, 0),
    (10, 7, 1),
    (10, 8, 0),
    (10, 9, 1),
    (10, 10, 0),
    (11, 0, 0),
    (11, 2, 0),
    (11, 4, 0),
    (11, 5, 0),
    (11, 7, 0),
    (11, 8, 0),
    (12, 0, 0),
    (12, 1, 0),
    (13, 0, 0),
];

const SQLITE: &[(u16, u16, u16)] =
    &[(3, 8, 0), (3, 8, 2), (3, 25, 0), (3, 26, 0), (3, 30, 0), (3, 31, 0), (3, 33, 0), (3, 35, 0), (3, 37, 0), (3, 46, 0), (3, 53, 0)];

/// The first release of a series that was fit for production.
pub(super) fn first_of(engine: Engine, series: Version) -> Version {
    let first = |part: u16| if part == u16::MAX { 0 } else { part };
    let patch = match (engine, series.major, series.minor, series.patch) {
        (Engine::Mysql, 5, 6, u16::MAX) => 10,
        (Engine::Mysql, 5, 7, u16::MAX) => 9,
        (Engine::Mysql, 8, 0 | u16::MAX, u16::MAX) => 11,
        (_, _, _, patch) => first(patch),
    };
    Version::new(series.major, first(series.minor), patch)
}

/// The newest version before another one.
pub(super) fn before(engine: Engine, version: Version) -> Version {
    let Version { major, minor, patch } = version;
    if patch > 0 {
        return Version::new(major, minor, patch - 1);
    }
    if minor > 0 {
        return Version::series(&[major, minor - 1]);
    }
    match (engine, major) {
        (Engine::Postgres, 10) => Version::series(&[9, 6]),
        (Engine::Mysql, 8) => Version::series(&[5, 7]),
        (Engine::Mysql, 9) => Version::series(&[8, 4]),
        (Engine::Mariadb, 10) => Version::series(&[5, 5]),
        (Engine::Mariadb, 11) => Version::series(&[10, 11]),
        (Engine::Mariadb, 12) => Version::series(&[11, 8]),
        (_, major) => Version::series(&[major.saturating_sub(1)]),
    }
}
