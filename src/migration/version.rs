//! Versions: how systems compare them, and what the next one is called.

use std::cmp::Ordering;

/// How a system orders its versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VersionOrder {
    /// As whole numbers, of any length.
    Numeric,
    /// Part by part, each a number: `1.10` after `1.9`, `1` equal to `1.0`.
    Parts,
    /// As text, byte by byte.
    Text,
    /// By the number in front, then as text; what has none comes last.
    NumberThenText,
    /// By the whole file name as text; the version is only its beginning.
    FileName,
    /// As a journal or plan lists them.
    Listed,
}

impl VersionOrder {
    pub fn compare(self, a: &str, b: &str) -> Ordering {
        match self {
            VersionOrder::Numeric => compare_numbers(a, b),
            VersionOrder::Parts => compare_parts(a, b),
            VersionOrder::NumberThenText => {
                let number = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
                let split = |text: &str| text.split_at_checked(number(text)).map(|(number, _)| number.to_owned()).unwrap_or_default();
                compare_numbers(&split(a), &split(b)).then_with(|| a.cmp(b))
            }
            VersionOrder::Text | VersionOrder::FileName | VersionOrder::Listed => a.cmp(b),
        }
    }
}

/// Whole numbers as text, with an optional sign; text that is none comes after, as text.
fn compare_numbers(a: &str, b: &str) -> Ordering {
    fn parse(text: &str) -> Option<(bool, &str)> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text),
        };
        let number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let digits = digits.trim_start_matches('0');
        number.then_some((negative && !digits.is_empty(), digits))
    }
    match (parse(a), parse(b)) {
        (Some((false, a)), Some((false, b))) => compare_digits(a, b),
        (Some((true, a)), Some((true, b))) => compare_digits(b, a),
        (Some((negative, _)), Some(_)) => {
            if negative {
                Ordering::Less
            } else {
                Ordering::Greater
            }
        }
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => a.cmp(b),
    }
}

fn compare_digits(a: &str, b: &str) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

/// Release by release first, where versions stand in directories: `1.9/02` before `1.9.1/01`.
fn compare_parts(a: &str, b: &str) -> Ordering {
    match (a.split_once('/'), b.split_once('/')) {
        (Some((one, a)), Some((other, b))) => compare_releases(one, other).then_with(|| compare_dotted(a, b)),
        _ => compare_dotted(a, b),
    }
}

/// Names of releases: numbers as numbers, and before words: `9_to_10`, `10_to_11`, `i1.0`, `i1.0z`.
fn compare_releases(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.trim_start_matches(['v', 'V']), b.trim_start_matches(['v', 'V']));
    loop {
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let order = match (digits(a), digits(b)) {
            (0, 0) => {
                let (mut ones, mut others) = (a.chars(), b.chars());
                let (one, other) = (ones.next(), others.next());
                if one.is_none() || other.is_none() {
                    return one.cmp(&other);
                }
                (a, b) = (ones.as_str(), others.as_str());
                one.cmp(&other)
            }
            (0, _) => return if a.is_empty() { Ordering::Less } else { Ordering::Greater },
            (_, 0) => return if b.is_empty() { Ordering::Greater } else { Ordering::Less },
            (ones, others) => {
                let (one, more) = a.split_at_checked(ones).unwrap_or((a, ""));
                let (other, others) = b.split_at_checked(others).unwrap_or((b, ""));
                (a, b) = (more, others);
                compare_digits(one.trim_start_matches('0'), other.trim_start_matches('0'))
            }
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

fn compare_dotted(a: &str, b: &str) -> Ordering {
    let split = |text: &str| -> Vec<String> {
        let mut parts: Vec<String> = text
            .split(|c: char| !c.is_ascii_digit())
            .filter(|part| !part.is_empty())
            .map(|part| part.trim_start_matches('0').to_owned())
            .collect();
        while parts.last().is_some_and(String::is_empty) {
            parts.pop();
        }
        parts
    };
    let (a, b) = (split(a), split(b));
    for (a, b) in a.iter().zip(&b) {
        let order = compare_digits(a, b);
        if order != Ordering::Equal {
            return order;
        }
    }
    a.len().cmp(&b.len())
}

/// How the versions of a project are numbered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numbering {
    /// `0001`, `0002`: the width with leading zeros, and the newest.
    Sequence { width: usize, newest: u64 },
    /// `YYYYMMDDhhmmss`.
    Timestamp,
}

impl Numbering {
    /// Looks at the versions there are; without any, the system's own habit.
    pub fn of<'a>(versions: impl IntoIterator<Item = &'a str>, habit: Numbering) -> Numbering {
        let mut found = habit;
        let mut newest = 0;
        for version in versions {
            if version.len() >= 8 && version.bytes().all(|byte| byte.is_ascii_digit()) {
                return Numbering::Timestamp;
            }
            if let Ok(number) = version.parse::<u64>()
                && number >= newest
            {
                newest = number;
                let width = if version.starts_with('0') || version.len() > 1 { version.len() } else { 1 };
                found = Numbering::Sequence { width, newest };
            }
        }
        found
    }

    /// The version after all others; `now` is `YYYYMMDDhhmmss`.
    pub fn next(self, now: &str) -> String {
        match self {
            Numbering::Sequence { width, newest } => format!("{:0width$}", newest.saturating_add(1)),
            Numbering::Timestamp => now.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_any_length() {
        let order = VersionOrder::Numeric;
        assert_eq!(order.compare("9", "10"), Ordering::Less);
        assert_eq!(order.compare("-5", "0001"), Ordering::Less);
        assert_eq!(order.compare("0001", "1"), Ordering::Equal);
        assert_eq!(order.compare("99999999999999999999999", "20240101000000"), Ordering::Greater);
    }

    #[test]
    fn parts_ignore_trailing_zeros() {
        let order = VersionOrder::Parts;
        assert_eq!(order.compare("1.10", "1.9"), Ordering::Greater);
        assert_eq!(order.compare("1.0", "1"), Ordering::Equal);
        assert_eq!(order.compare("1.9/12_b", "1.9.1/01_a"), Ordering::Less);
        assert_eq!(order.compare("2/01_a", "10/01_a"), Ordering::Less);
        let releases = ["v1.9", "1.10", "331b-340s", "340s-351a", "i1.0a-i1.0b", "i1.0z", "i9", "iD10"].map(|name| format!("{name}/01"));
        assert!(releases.windows(2).all(|pair| order.compare(&pair[0], &pair[1]) == Ordering::Less));
        assert_eq!(order.compare("2024-01-31-120000", "2024-02-01-000000"), Ordering::Less);
    }

    #[test]
    fn text_puts_ten_before_two() {
        assert_eq!(VersionOrder::Text.compare("0.10.0", "0.2.0"), Ordering::Less);
    }

    #[test]
    fn the_next_version_follows_the_habit_of_the_project() {
        let habit = Numbering::Timestamp;
        assert_eq!(Numbering::of(["0001", "0009"], habit).next("20261120055247"), "0010");
        assert_eq!(Numbering::of(["1", "9"], habit).next("20261120055247"), "10");
        assert_eq!(Numbering::of(["20240101000000"], habit).next("20261120055247"), "20261120055247");
        assert_eq!(Numbering::of([], Numbering::Sequence { width: 4, newest: 0 }).next(""), "0001");
    }
}
