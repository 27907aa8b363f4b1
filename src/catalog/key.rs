//! The key an object is found under.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use super::shelf::Shelved;

/// Schema (empty where the engine has one schema per connection and none was written) and name,
/// in the form in which the engine compares them: PostgreSQL as folded, the others lower-cased.
#[derive(Debug, Clone, Eq)]
pub struct Key {
    pub schema: String,
    pub name: String,
}

impl Key {
    pub fn new(schema: impl Into<String>, name: impl Into<String>) -> Self {
        Key { schema: schema.into(), name: name.into() }
    }
}

/// By schema, then by name. Empty schemas, which MySQL's and SQLite's names have as a rule, are compared
/// by their length alone: in a profile of a MySQL history `memcmp` of two of them, which has nothing to
/// read, was a third of all samples (glibc's variant for AVX-512).
impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        let schemas = match (self.schema.is_empty(), other.schema.is_empty()) {
            (false, false) => self.schema.cmp(&other.schema),
            (ours, theirs) => theirs.cmp(&ours),
        };
        schemas.then_with(|| self.name.cmp(&other.name))
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.schema.len() == other.schema.len() && (self.schema.is_empty() || self.schema == other.schema)
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.schema.hash(state);
        self.name.hash(state);
    }
}

impl Shelved for Key {
    fn is_temporary(&self) -> bool {
        self.schema == "pg_temp"
    }
}

/// Schemas, extensions and their like.
impl Shelved for String {
    fn is_temporary(&self) -> bool {
        false
    }
}

impl fmt::Display for Key {
    /// The name as people say it: `public.` and the unnamed schema are left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.schema.is_empty() || self.schema == "public" || self.schema == "main" {
            f.write_str(&self.name)
        } else {
            write!(f, "{}.{}", self.schema, self.name)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_ordered_by_schema_then_name() {
        let keys = [("", "a"), ("", "b"), ("a", ""), ("a", "a"), ("b", "a"), ("b", "b")].map(|(schema, name)| Key::new(schema, name));
        for (i, one) in keys.iter().enumerate() {
            for (j, other) in keys.iter().enumerate() {
                assert_eq!(one.cmp(other), i.cmp(&j), "{one:?} {other:?}");
                assert_eq!(one == other, i == j, "{one:?} {other:?}");
            }
        }
    }
}
