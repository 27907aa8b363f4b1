//! What a called routine may have done to the schema, where its body could not be followed: nothing
//! it does is certain.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::catalog::{Catalog, Key};
use crate::change::{Action, Call, Change};
use crate::source::Script;

/// What changes the schema, or runs text that may.
const SCHEMA_WORDS: [&str; 8] = ["alter", "create", "drop", "rename", "truncate", "prepare", "execute", "call"];
/// The text it runs is made while it runs.
const DYNAMIC_WORDS: [&str; 3] = ["prepare", "execute", "call"];

/// So much of a script is searched for names before a statement whose text is not known.
const FAR_BACK: usize = 64 * 1024;

impl Catalog {
    /// Doubts the tables that a CALL may have changed: those its text or the routine's body names,
    /// and all of them where neither tells.
    pub(super) fn note_call(&mut self, change: &Change, script: &Script) {
        let name = match &change.action {
            Action::CallRoutine(call) if !call.followed => &call.name,
            Action::Select { calls, .. } => return self.note_selected(calls, change, script),
            Action::DynamicSql { .. } => return self.note_dynamic(change, script),
            _ => return,
        };
        let body = self.routines.get(&self.resolve_routine(name)).and_then(|routine| routine.body.clone());
        let inside = body.as_deref().map(words);
        if inside.as_ref().is_some_and(|inside| !any_of(inside, &SCHEMA_WORDS)) {
            return;
        }
        let says_all = inside.as_ref().is_some_and(|inside| !any_of(inside, &DYNAMIC_WORDS));
        let mut named = words(change.span.slice(&script.text));
        named.extend(inside.unwrap_or_default());
        let keys: Vec<_> = self.tables.keys().cloned().collect();
        let mut doubted: Vec<_> = keys.iter().filter(|key| holds(&named, key)).cloned().collect();
        if doubted.is_empty() && !says_all {
            doubted = keys;
        }
        self.doubt_tables(&doubted);
    }

    /// The text it ran was put together in this script: what the script has named so far may have
    /// been changed, made or dropped by it; anything at all where it has named nothing.
    fn note_dynamic(&mut self, change: &Change, script: &Script) {
        let end = (change.span.end as usize).min(script.text.len());
        let start = (end.saturating_sub(FAR_BACK)..=end).find(|at| script.text.is_char_boundary(*at)).unwrap_or(end);
        let named = words(script.text.get(start..end).unwrap_or_default());
        let is_named = |key: &&Key| holds(&named, key);
        let mut doubted: Vec<Key> = self.tables.keys().filter(is_named).cloned().collect();
        let gone: Vec<Key> = self.dropped.keys().filter(is_named).cloned().collect();
        for key in &gone {
            self.dropped.remove(key);
        }
        if doubted.is_empty() && gone.is_empty() {
            doubted = self.tables.keys().cloned().collect();
        }
        self.doubt_tables(&doubted);
    }

    /// Something ran that cannot be read: any table may have changed.
    pub fn doubt_all(&mut self) {
        let keys: Vec<Key> = self.tables.keys().cloned().collect();
        self.doubt_tables(&keys);
    }

    fn doubt_tables(&mut self, keys: &[Key]) {
        for key in keys {
            // Editing copies what other lanes read too.
            if self.table_at(key).is_some_and(|table| !table.uncertain)
                && let Some(table) = self.tables.edit(key)
            {
                table.uncertain = true;
            }
        }
        self.open_world = true;
    }

    /// A SELECT that calls functions of the history: one that changes the schema makes or alters
    /// what the query names, or what nobody sees.
    fn note_selected(&mut self, calls: &[Call], change: &Change, script: &Script) {
        let changes_schema = |call: &Call| {
            let routine = self.routines.get(&self.resolve_routine(&call.name)).filter(|_| !call.followed);
            routine.and_then(|routine| routine.body.as_deref()).is_some_and(|body| any_of(&words(body), &SCHEMA_WORDS))
        };
        if !calls.iter().any(changes_schema) {
            return;
        }
        let named = words(change.span.slice(&script.text));
        let keys: Vec<_> = self.tables.keys().filter(|key| holds(&named, key)).cloned().collect();
        self.doubt_tables(&keys);
    }
}

/// The words of a text as they are compared: in small letters, each once.
fn words(text: &str) -> HashSet<Cow<'_, str>> {
    let found = text.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '$').filter(|word| !word.is_empty());
    found.map(lower).collect()
}

fn lower(word: &str) -> Cow<'_, str> {
    let plain = word.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
    if plain { Cow::Borrowed(word) } else { Cow::Owned(word.to_lowercase()) }
}

fn any_of(words: &HashSet<Cow<'_, str>>, wanted: &[&str]) -> bool {
    wanted.iter().any(|word| words.contains(*word))
}

fn holds(words: &HashSet<Cow<'_, str>>, key: &Key) -> bool {
    words.contains(lower(&key.name).as_ref())
}
