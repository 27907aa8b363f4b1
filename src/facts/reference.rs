//! The facts as a page of Markdown, for rule authors.

use std::fmt::Write as _;

use super::GROUPS;

/// One table per group. `rules/README.md` holds it between two markers, and a test compares.
pub fn reference() -> String {
    let mut page = String::new();
    for (group, about, facts) in GROUPS {
        let _ = writeln!(page, "### `{group}`: {about}\n\n| fact | type | meaning |\n|---|---|---|");
        for fact in *facts {
            let _ = writeln!(page, "| `{}` | {} | {} |", fact.name, fact.kind.title(), fact.doc.replace('|', "\\|"));
        }
        page.push('\n');
    }
    page.truncate(page.trim_end().len());
    page.push('\n');
    page
}
