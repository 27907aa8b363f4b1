//! The key an object is found under.

use std::fmt;

use super::shelf::Shelved;

/// Schema (empty where the engine has one schema per connection and none was written) and name,
/// in the form in which the engine compares them: PostgreSQL as folded, the others lower-cased.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    pub schema: String,
    pub name: String,
}

impl Key {
    pub fn new(schema: impl Into<String>, name: impl Into<String>) -> Self {
        Key { schema: schema.into(), name: name.into() }
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
