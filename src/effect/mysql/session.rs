//! Session settings that decide how statements run.

use crate::catalog::Catalog;
use crate::engine::Engine;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Session {
    /// `foreign_key_checks`.
    pub checks_foreign_keys: bool,
    /// STRICT_TRANS_TABLES or STRICT_ALL_TABLES.
    pub strict: bool,
    /// Zero dates are refused.
    pub no_zero_date: bool,
}

impl Session {
    pub fn of(catalog: &Catalog) -> Self {
        let session = &catalog.session;
        let checks_foreign_keys = session.is_off("foreign_key_checks") != Some(true);
        let mysql = catalog.target.engine == Engine::Mysql && catalog.target.at_least(5, 7, 0);
        match session.setting("sql_mode").map(str::to_ascii_uppercase) {
            // An expression such as CONCAT(@@sql_mode, …) keeps what is there.
            Some(mode) if !mode.contains('@') => {
                let traditional = mode.contains("TRADITIONAL");
                let strict = traditional || mode.contains("STRICT");
                Session { checks_foreign_keys, strict, no_zero_date: strict && (traditional || mode.contains("NO_ZERO_DATE")) }
            }
            _ => Session { checks_foreign_keys, strict: true, no_zero_date: mysql },
        }
    }
}
