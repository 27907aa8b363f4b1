//! MySQL's and MariaDB's executable comments: `/*!50110 … */`, `/*M!100500 … */`.

use crate::engine::{Engine, Target, Version};

/// An executable comment's opening mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Opening {
    /// After the mark and its version.
    pub end: usize,
    /// Whether the server would run what stands inside.
    pub runs: bool,
}

/// The opening mark at `at`, if one stands there.
pub(super) fn opening(bytes: &[u8], at: usize, target: Target) -> Option<Opening> {
    let rest = bytes.get(at..)?;
    let (mark, mariadb_only) = if rest.starts_with(b"/*!") {
        (3, false)
    } else if rest.starts_with(b"/*M!") {
        (4, true)
    } else {
        return None;
    };
    let digits = rest.get(mark..)?.iter().take(6).take_while(|byte| byte.is_ascii_digit()).count();
    // A version has five digits (80013) or six (101100); fewer are not a version but code.
    let digits = if digits >= 5 { digits } else { 0 };
    let number = rest[mark..mark + digits].iter().fold(0u32, |number, &byte| number * 10 + u32::from(byte - b'0'));
    let for_this_server = match target.engine {
        Engine::Mariadb => true,
        _ => !mariadb_only,
    };
    // MariaDB split off at 5.5: it skips what is meant for MySQL 5.7 and later.
    let for_mysql_only = target.engine == Engine::Mariadb && !mariadb_only && (50_700..100_000).contains(&number);
    let runs = for_this_server && !for_mysql_only && number <= id(target.version);
    Some(Opening { end: at + mark + digits, runs })
}

/// The end of a skipped comment, its closing mark included; one level of plain comments may stand
/// inside.
pub(super) fn skipped_end(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    let mut inner = false;
    while let Some(&byte) = bytes.get(at) {
        match (byte, bytes.get(at + 1)) {
            (b'*', Some(b'/')) if inner => {
                inner = false;
                at += 2;
            }
            (b'*', Some(b'/')) => return Some(at + 2),
            (b'/', Some(b'*')) => {
                inner = true;
                at += 2;
            }
            _ => at += 1,
        }
    }
    None
}

/// A version as these comments write it: 8.0.13 is 80013, 10.11.6 is 101106.
fn id(version: Version) -> u32 {
    let part = |part: u16| u32::from(part).min(99);
    u32::from(version.major) * 10_000 + part(version.minor) * 100 + part(version.patch)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(text: &str, target: &str) -> bool {
        opening(text.as_bytes(), 0, target.parse().unwrap()).unwrap().runs
    }

    #[test]
    fn versions_decide() {
        assert!(runs("/*!40101 x */", "mysql@5.6"));
        assert!(!runs("/*!80013 x */", "mysql@8.0.12"));
        assert!(runs("/*!80013 x */", "mysql@8.0.13"));
        assert!(!runs("/*!80013 x */", "mariadb@10.11"));
        assert!(runs("/*!100100 x */", "mariadb@10.11"));
        assert!(!runs("/*!100100 x */", "mysql@8.0"));
        assert!(runs("/*M! x */", "mariadb"));
        assert!(!runs("/*M!100100 x */", "mysql"));
        assert!(runs("/*! x */", "mysql"));
    }
}
