//! Which rules are asked about what: nearly all look at a few kinds of change only.

use super::rule::{Asked, Subject};
use super::selection::Active;
use crate::facts::ElementKind;

/// Positions of active rules by what they look at.
#[derive(Debug)]
pub(super) struct Candidates {
    pub by_kind: Vec<Vec<u16>>,
    pub by_element: [Vec<u16>; ElementKind::ALL.len()],
}

impl Candidates {
    /// Those that are asked at one time.
    pub fn asked(when: Asked, active: &[Active]) -> Self {
        let mut by_kind = vec![Vec::new(); crate::change::ChangeKind::ALL.len()];
        let mut by_element: [Vec<u16>; ElementKind::ALL.len()] = Default::default();
        for (position, one) in active.iter().enumerate().filter(|(_, one)| one.rule.asked == when) {
            let position = u16::try_from(position).unwrap_or(u16::MAX);
            let (kinds, all) = match &one.rule.subject {
                Subject::Changes(kinds) => (kinds, kinds.is_empty()),
                Subject::Elements(elements, kinds) => {
                    for (kind, list) in ElementKind::ALL.into_iter().zip(&mut by_element) {
                        if elements.contains(&kind) {
                            list.push(position);
                        }
                    }
                    (kinds, false)
                }
                Subject::Migration | Subject::History | Subject::Elsewhere => continue,
            };
            for (kind, list) in by_kind.iter_mut().enumerate() {
                if all || kinds.iter().any(|wanted| *wanted as usize == kind) {
                    list.push(position);
                }
            }
        }
        Candidates { by_kind, by_element }
    }

    pub fn is_empty(&self) -> bool {
        self.by_kind.iter().chain(&self.by_element).all(Vec::is_empty)
    }
}
