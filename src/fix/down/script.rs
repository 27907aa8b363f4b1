//! The text of a way back.

use super::inverse::Inverse;
use crate::migration::Format;

/// How a migration is undone.
#[derive(Debug, Default)]
pub struct Way {
    /// The rule that misses it.
    pub rule: &'static str,
    /// In the order in which they run.
    pub statements: Vec<String>,
    pub notes: Vec<String>,
    pub impossible: Vec<String>,
    /// Rows were copied or rewritten here, and something was dropped.
    pub moves_rows: bool,
    pub drops: bool,
}

impl Way {
    /// Takes the next statement of the way up into account: on the way back it comes first.
    pub fn add(&mut self, inverse: Inverse) {
        self.statements.splice(0..0, inverse.statements);
        for note in inverse.notes {
            if !self.notes.contains(&note) {
                self.notes.push(note);
            }
        }
        for why in inverse.impossible {
            if !self.impossible.contains(&why) {
                self.impossible.push(why);
            }
        }
    }

    pub fn give_up(&mut self, why: String) {
        self.impossible.push(why);
    }

    pub fn title(&self) -> String {
        match self.impossible.first() {
            None if self.notes.is_empty() => "a way back is written".to_owned(),
            None => format!("a way back is written; {}", self.notes.join("; ")),
            Some(why) => format!("there is no way back, and the script says so: {why}"),
        }
    }

    /// As it stands in the script.
    pub fn script(&self, format: &dyn Format) -> String {
        let mut lines = Vec::new();
        if !self.impossible.is_empty() {
            lines.extend(self.impossible.iter().map(|why| format!("-- lockgate:irreversible: {}", one_line(why))));
            return lines.join("\n");
        }
        lines.extend(self.notes.iter().map(|note| format!("-- Not undone: {}", one_line(note))));
        lines.extend(self.statements.iter().map(|statement| format.compound_if_needed(statement)));
        if self.statements.is_empty() {
            lines.push("SELECT 1;".to_owned());
        }
        lines.join("\n")
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
