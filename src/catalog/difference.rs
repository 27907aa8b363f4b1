//! What two states of the schema differ in, said in words.

use super::Catalog;

/// One thing that is not as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// `column orders.email`.
    pub object: String,
    pub kind: DifferenceKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DifferenceKind {
    /// It was there and is not any more.
    Missing,
    /// It was not there and still is.
    Left,
    /// It is there with another definition.
    Differs,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let what = match self.kind {
            DifferenceKind::Missing => "is missing",
            DifferenceKind::Left => "is left behind",
            DifferenceKind::Differs => "differs",
        };
        write!(f, "{} {what}", self.object)
    }
}

impl Catalog {
    pub(super) fn differences_since(&self, _mark: [usize; 11]) -> Vec<Difference> {
        Vec::new()
    }
}
