//! What the storage engine answers to an ALTER: InnoDB's `check_if_supported_inplace_alter`, once as
//! MySQL has it and once as MariaDB has it.

use super::draft::{Draft, Forced};
use super::flags::Flags;
use crate::change::IndexKind;

/// The engine's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Only the dictionary changes.
    Instant,
    /// In place; writers go on, or wait.
    Inplace { rebuild: bool, writes: bool },
    /// The engine cannot do it in place.
    Copy,
    /// The SQL layer copies without asking.
    Forced(Forced),
    /// Only RENAME TO or ENABLE/DISABLE KEYS: done by the SQL layer in a moment.
    Simple,
}

/// The answer with what else the checks of ALGORITHM and LOCK look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Answer {
    pub verdict: Verdict,
    /// The answer when ALGORITHM=INPLACE is written (MySQL then does not add columns instantly).
    pub inplace: Verdict,
    /// The engine says why: errors are 1846 instead of 1845.
    pub reason: bool,
    /// The same when LOCK=NONE is written (MariaDB gives some reasons only then).
    pub reason_online: bool,
    /// The same for `inplace`.
    pub reason_inplace: bool,
    /// A copy can let writers go on (MariaDB 11.2).
    pub online_copy: bool,
    /// ALGORITHM=COPY is refused: a column of a foreign key is renamed.
    pub copy_refused: bool,
    /// MySQL: columns were added and dropped instantly as often as a table bears.
    pub versions_spent: bool,
    /// Instant only when ALGORITHM=INSTANT is written (MySQL, spatial indexes).
    pub instant_on_request: bool,
}

impl Answer {
    fn plain(verdict: Verdict, reason: bool) -> Self {
        Answer {
            verdict,
            inplace: verdict,
            reason,
            reason_online: reason,
            reason_inplace: reason,
            online_copy: false,
            copy_refused: false,
            versions_spent: false,
            instant_on_request: false,
        }
    }
}

pub(super) fn answer(draft: &Draft<'_>) -> Answer {
    let mut answer = if draft.simple {
        Answer::plain(Verdict::Simple, false)
    } else if let Some(forced) = draft.forced {
        Answer::plain(Verdict::Forced(forced), false)
    } else if draft.is_foreign_engine() {
        other_engine(draft)
    } else if draft.server.is_mariadb() {
        mariadb(draft)
    } else {
        mysql(draft)
    };
    answer.online_copy = online_copy(draft);
    answer.versions_spent = !draft.server.is_mariadb() && draft.versions_spent() && draft.flags.has(Flags::ADD_STORED | Flags::DROP_STORED);
    answer.copy_refused = draft.facts.renames_foreign && draft.flags.has(Flags::NAME);
    answer
}

/// Engines without a check of their own (`handler::check_if_supported_inplace_alter`): names, defaults
/// and options change in place under an exclusive lock, all else is copied.
fn other_engine(draft: &Draft<'_>) -> Answer {
    let light = Flags::NAME | Flags::DEFAULT | Flags::RENAME | Flags::VISIBILITY | Flags::DROP_CHECK;
    // Only the definition is written anew (measured on MyISAM).
    let seen = if draft.server.is_mariadb() { Flags::NONE } else { Flags::INDEX_VISIBILITY };
    let named = Flags::NAME | Flags::RENAME_INDEX | seen;
    if draft.flags.without(named | Flags::DEFAULT).is_empty() && draft.server.has_instant() {
        Answer::plain(Verdict::Instant, false)
    } else if draft.flags.without(light).is_empty() {
        Answer::plain(Verdict::Inplace { rebuild: false, writes: false }, false)
    } else {
        Answer::plain(Verdict::Copy, false)
    }
}

/// MariaDB 11.2 and newer copy while writers go on, unless (online_alter_check_supported, measured)
/// the table has foreign keys that cascade, AUTO_INCREMENT is added, or history is dropped.
fn online_copy(draft: &Draft<'_>) -> bool {
    let cascades = draft.table.is_some_and(|table| {
        table.foreign_keys().filter_map(|key| key.foreign_key.as_ref()).any(|info| {
            use crate::change::RefAction::{Cascade, SetDefault, SetNull};
            matches!(info.on_delete, Cascade | SetNull | SetDefault) || matches!(info.on_update, Cascade | SetNull | SetDefault)
        })
    });
    let numbered = draft.columns.iter().any(|slot| slot.before.is_none() && slot.auto_increment) || draft.facts.adds_auto_increment;
    draft.server.online_copy()
        && !draft.ignore
        && !draft.facts.takes_numbers
        && !cascades
        && !numbered
        && !draft.flags.has(Flags::DROP_VERSIONING)
}

struct Tables {
    fulltext_before: bool,
    fulltext_after: usize,
    spatial_after: bool,
    /// An index on a virtual column, before or after.
    indexed_virtual_before: bool,
    indexed_virtual_after: bool,
}

fn tables(draft: &Draft<'_>) -> Tables {
    let old_keys = || draft.keys.iter().filter(|key| key.old).chain(draft.dropped_keys.iter().map(|(_, key)| key));
    let is_virtual = |name: &str| draft.slot(name).and_then(|at| draft.columns.get(at)).is_some_and(|slot| !slot.stored);
    let was_virtual = |name: &str| {
        draft
            .table
            .and_then(|table| table.column(name))
            .and_then(|column| column.generated.as_ref())
            .is_some_and(|g| g.kind == crate::change::GeneratedKind::Virtual)
    };
    let uses = |key: &super::draft::Key, test: &dyn Fn(&str) -> bool| key.parts.iter().any(|part| part.column.as_deref().is_some_and(test));
    Tables {
        fulltext_before: old_keys().any(|key| key.kind == IndexKind::Fulltext),
        fulltext_after: draft.keys.iter().filter(|key| key.kind == IndexKind::Fulltext).count(),
        spatial_after: draft.keys.iter().any(|key| key.kind == IndexKind::Spatial),
        indexed_virtual_before: old_keys().any(|key| key.hashed || uses(key, &was_virtual)),
        indexed_virtual_after: draft.keys.iter().any(|key| uses(key, &is_virtual)),
    }
}

fn mysql_rebuild() -> Flags {
    Flags::ADD_PRIMARY
        | Flags::DROP_PRIMARY
        | Flags::FORMAT
        | Flags::NULLABLE
        | Flags::NOT_NULL
        | Flags::STORED_ORDER
        | Flags::DROP_STORED
        | Flags::ADD_STORED
        | Flags::RECREATE
}

fn mysql_ignored() -> Flags {
    Flags::DEFAULT | Flags::RENAME | Flags::DROP_CHECK | Flags::VISIBILITY
}

fn mysql(draft: &Draft<'_>) -> Answer {
    let flags = draft.flags;
    let facts = &draft.facts;
    let here = tables(draft);
    // ALTER IGNORE of 5.6: rows that a new key would refuse are left out (measured).
    if draft.ignore && flags.has(Flags::ADD_UNIQUE | Flags::ADD_PRIMARY) {
        return Answer::plain(Verdict::Copy, false);
    }
    if flags.has(Flags::ENCRYPTION) {
        return Answer::plain(Verdict::Copy, true);
    }
    if flags.has(Flags::ADD_COMPUTED | Flags::TYPE | Flags::VIRTUAL_TYPE | Flags::VIRTUAL_EXPRESSION | Flags::STORED_EXPRESSION) {
        return Answer::plain(Verdict::Copy, flags.has(Flags::TYPE));
    }
    if flags.has(Flags::ADD_FOREIGN) && draft.session.checks_foreign_keys {
        return Answer::plain(Verdict::Copy, true);
    }
    // Measured on 8.0 and 9.7: the column that counts moves in the list of fields.
    let counter = draft.columns.iter().position(|slot| slot.auto_increment && slot.before.is_some());
    if counter.is_some_and(|at| draft.columns.iter().take(at).any(|slot| slot.before.is_none() && !slot.stored)) {
        return Answer::plain(Verdict::Copy, true);
    }
    let work = flags.without(mysql_ignored());
    let instant = draft.server.has_instant();
    if work.is_empty() {
        let verdict = if instant { Verdict::Instant } else { Verdict::Inplace { rebuild: false, writes: true } };
        return Answer::plain(verdict, false);
    }
    let inplace = mysql_inplace(draft, work, &here);
    let mut answer = Answer::plain(inplace.0, inplace.1);
    if instant && !facts.zero_default && mysql_instant(draft, work, &here) {
        answer.verdict = Verdict::Instant;
        answer.reason = false;
        answer.reason_online = false;
        let stored = flags.has(Flags::ADD_STORED | Flags::DROP_STORED);
        if !stored {
            answer.inplace = Verdict::Instant;
        } else if here.spatial_after {
            // Measured on 8.0 and 9.7: a table with a spatial index is rebuilt unless INSTANT is asked for.
            answer.instant_on_request = true;
            answer.verdict = inplace.0;
            answer.reason = inplace.1;
            answer.reason_online = inplace.1;
        }
    }
    answer
}

/// `innobase_support_instant`.
fn mysql_instant(draft: &Draft<'_>, work: Flags, here: &Tables) -> bool {
    let server = draft.server;
    let virtuals = Flags::ADD_VIRTUAL | Flags::DROP_VIRTUAL;
    let orders = Flags::STORED_ORDER | Flags::VIRTUAL_ORDER;
    if work.without(Flags::NAME).is_empty() {
        return server.instant_rename() && !draft.facts.renames_referenced;
    }
    let moved = virtuals | Flags::VIRTUAL_ORDER;
    if work.without(moved).is_empty() {
        // Measured: a virtual column that goes from between others moves them.
        return !work.has(Flags::VIRTUAL_ORDER) && draft.virtual_order_kept();
    }
    let allowed = Flags::NAME | virtuals | orders | Flags::ADD_STORED | Flags::DROP_STORED;
    if !work.without(allowed).is_empty() || !work.has(Flags::ADD_STORED | Flags::DROP_STORED) {
        return false;
    }
    // Measured: a virtual column dropped while a stored one is added makes it a copy.
    if work.has(Flags::ADD_STORED) && work.has(Flags::DROP_VIRTUAL) {
        return false;
    }
    if draft.versions_spent() {
        return false;
    }
    if draft.is_compressed() || here.fulltext_before || here.fulltext_after > 0 || draft.is_temporary() {
        return false;
    }
    if work.has(Flags::NAME) && draft.facts.renames_referenced {
        return false;
    }
    // Before 8.0.29: columns are appended, nothing else.
    server.instant_anywhere() || !(work.has(Flags::DROP_STORED | Flags::STORED_ORDER | Flags::NAME))
}

/// The rest of the check: in place or not, with or without writers. With whether a reason is given.
fn mysql_inplace(draft: &Draft<'_>, work: Flags, here: &Tables) -> (Verdict, bool) {
    let flags = draft.flags;
    let facts = &draft.facts;
    if flags.has(Flags::NOT_NULL) && !draft.session.strict {
        return (Verdict::Copy, true);
    }
    if flags.has(Flags::DROP_PRIMARY) && !flags.has(Flags::ADD_PRIMARY) {
        return (Verdict::Copy, true);
    }
    let virtuals = Flags::ADD_VIRTUAL | Flags::DROP_VIRTUAL | Flags::VIRTUAL_ORDER;
    if flags.has(virtuals) && needs_doc_id(draft, here) {
        return (Verdict::Copy, true);
    }
    if flags.has(virtuals) {
        let other = work.without(virtuals | Flags::ADD_INDEX | Flags::DROP_INDEX);
        let kept = draft.virtual_order_kept() || !flags.has(Flags::ADD_VIRTUAL | Flags::VIRTUAL_ORDER);
        if !other.is_empty() || draft.is_partitioned() || !kept || (!draft.server.counts_virtual_apart() && moves_virtual_alone(flags)) {
            return (Verdict::Copy, true);
        }
        if facts.virtual_key && flags.has(Flags::DROP_VIRTUAL) {
            return (Verdict::Copy, true);
        }
    }
    let weighty = draft.server.options_weigh() && work.has(Flags::OPTIONS) && !work.without(Flags::OPTIONS).is_empty();
    let rebuild = weighty || work.has(mysql_rebuild()) || (facts.added_fulltext > 0 && !here.fulltext_before && !has_doc_id(draft));
    let mut reason = facts.renames_referenced && flags.has(Flags::NAME) && draft.server.has_instant();
    let mut writes = true;
    if facts.auto_increment_key || facts.virtual_key || facts.added_spatial > 0 {
        writes = false;
        reason = true;
    }
    if work.has(mysql_rebuild()) && (here.fulltext_after > 0 || here.spatial_after) {
        if writes && here.fulltext_before && here.fulltext_after > 0 {
            return (Verdict::Copy, true);
        }
        writes = false;
        reason = true;
    } else if facts.added_fulltext > 0 {
        writes = false;
        reason = true;
    }
    (Verdict::Inplace { rebuild, writes: writes && !facts.converts_alone }, reason)
}

/// MySQL 8.0 takes a virtual column's move for more than it is (measured on 8.0.45).
fn moves_virtual_alone(flags: Flags) -> bool {
    flags.has(Flags::VIRTUAL_ORDER) && !flags.has(Flags::ADD_VIRTUAL | Flags::DROP_VIRTUAL)
}

/// The first FULLTEXT index of a table adds a hidden column, which no virtual column may accompany.
fn needs_doc_id(draft: &Draft<'_>, here: &Tables) -> bool {
    draft.facts.added_fulltext > 0 && !here.fulltext_before && !has_doc_id(draft)
}

fn has_doc_id(draft: &Draft<'_>) -> bool {
    draft.columns.iter().any(|slot| slot.before.is_some() && slot.name.eq_ignore_ascii_case("FTS_DOC_ID"))
}

fn mariadb(draft: &Draft<'_>) -> Answer {
    let flags = draft.flags;
    let facts = &draft.facts;
    let here = tables(draft);
    // Rows that a new key would refuse are left out: only a copy does that (proven).
    if draft.ignore && flags.has(Flags::ADD_UNIQUE | Flags::ADD_PRIMARY) {
        return Answer::plain(Verdict::Copy, false);
    }
    // The SQL layer computes stored values that may change (measured: NOT NULL beside a STORED or an
    // indexed VIRTUAL column).
    let stored_generated = draft.table.is_some_and(|table| {
        table.columns.iter().any(|column| column.generated.as_ref().is_some_and(|g| g.kind == crate::change::GeneratedKind::Stored))
    });
    if flags.has(Flags::ADD_COMPUTED | Flags::TYPE | Flags::VIRTUAL_TYPE | Flags::STORED_EXPRESSION | Flags::ADD_CHECK | Flags::ENCRYPTION)
    {
        return Answer::plain(Verdict::Copy, flags.has(Flags::TYPE));
    }
    if flags.has(Flags::NOT_NULL) && (stored_generated || here.indexed_virtual_before) {
        return Answer::plain(Verdict::Copy, false);
    }
    if flags.has(Flags::ADD_VERSIONING) || facts.rehashes {
        return Answer::plain(Verdict::Copy, true);
    }
    if flags.has(Flags::ADD_FOREIGN) && draft.session.checks_foreign_keys {
        return Answer::plain(Verdict::Copy, true);
    }
    let ignored = Flags::DEFAULT
        | Flags::RENAME
        | Flags::DROP_CHECK
        | Flags::VISIBILITY
        | Flags::VIRTUAL_EXPRESSION
        | Flags::CONVERT
        | Flags::INDEX_VISIBILITY
        | Flags::OPTIONS;
    let work = flags.without(ignored);
    if work.is_empty() && !(flags.has(Flags::OPTIONS) && flags.has(Flags::INDEX_VISIBILITY)) {
        return Answer::plain(Verdict::Instant, false);
    }
    // Another unique key without NULL takes its place (measured).
    let ordered = draft.keys.iter().any(|key| draft.is_candidate(key));
    if flags.has(Flags::DROP_PRIMARY) && !flags.has(Flags::ADD_PRIMARY) && !ordered {
        return Answer::plain(Verdict::Copy, true);
    }
    if facts.row_default {
        return Answer::plain(Verdict::Copy, false);
    }
    if facts.timestamp_default {
        return Answer::plain(Verdict::Copy, true);
    }
    let indexes = Flags::ADD_INDEX | Flags::DROP_INDEX | Flags::ADD_UNIQUE | Flags::DROP_UNIQUE;
    let supports_instant = mariadb_instant(draft, work, &here);
    let mut need_rebuild = work.has(mysql_rebuild() | Flags::DROP_VERSIONING);
    if flags.has(Flags::ADD_VIRTUAL | Flags::DROP_VIRTUAL | Flags::VIRTUAL_ORDER) && needs_doc_id(draft, &here) {
        return Answer::plain(Verdict::Copy, true);
    }
    if flags.has(Flags::ADD_VIRTUAL | Flags::DROP_VIRTUAL | Flags::VIRTUAL_ORDER) {
        let mut other =
            work.without(Flags::ADD_VIRTUAL | Flags::DROP_VIRTUAL | Flags::VIRTUAL_ORDER | Flags::ADD_INDEX | Flags::DROP_INDEX);
        if supports_instant {
            other = other.without(Flags::DROP_STORED | Flags::STORED_ORDER);
        }
        if !other.is_empty()
            || flags.has(Flags::OPTIONS)
            || draft.is_partitioned()
            || !draft.virtual_order_kept()
            || moves_virtual_in_mariadb(draft)
        {
            return Answer::plain(Verdict::Copy, true);
        }
        if facts.virtual_key && flags.has(Flags::DROP_VIRTUAL) {
            return Answer::plain(Verdict::Copy, true);
        }
    }
    if supports_instant && !work.has(indexes) && !facts.auto_increment_key {
        return Answer::plain(Verdict::Instant, false);
    }
    let mut writes = true;
    // reason: whatever LOCK is; reason_online: with LOCK=NONE.
    let (mut reason, mut reason_online) = (facts.format_reason && work.without(Flags::FORMAT).is_empty(), false);
    if facts.auto_increment_key {
        writes = false;
        reason_online = true;
        need_rebuild = true;
    }
    if facts.virtual_key {
        writes = false;
        reason_online = true;
    }
    if need_rebuild && (here.fulltext_after > 0 || here.spatial_after || here.indexed_virtual_after) {
        if here.fulltext_after > 1 {
            return Answer::plain(Verdict::Copy, true);
        }
        reason_online = true;
        writes = false;
    }
    let mut doc_id_rebuild = false;
    if facts.added_fulltext > 1 {
        return Answer::plain(Verdict::Copy, true);
    }
    if facts.added_fulltext == 1 {
        writes = false;
        reason_online = true;
        doc_id_rebuild = !here.fulltext_before && !has_doc_id(draft);
    }
    if facts.added_spatial > 0 || flags.has(Flags::DROP_VERSIONING) {
        writes = false;
        reason_online = true;
    }
    let rebuild = (need_rebuild && !supports_instant) || doc_id_rebuild;
    if !rebuild {
        // "ADD INDEX", "DROP INDEX"
        reason = true;
    }
    let verdict = Verdict::Inplace { rebuild, writes };
    Answer { reason_online: reason_online || reason, ..Answer::plain(verdict, reason) }
}

/// A virtual column that is moved by itself: MariaDB copies (measured), although one that is shifted
/// by a dropped column is fine.
fn moves_virtual_in_mariadb(draft: &Draft<'_>) -> bool {
    let flags = draft.flags;
    flags.has(Flags::VIRTUAL_ORDER)
        && !flags.has(Flags::ADD_VIRTUAL | Flags::DROP_VIRTUAL | Flags::DROP_STORED | Flags::STORED_ORDER | Flags::ADD_STORED)
}

/// `instant_alter_column_possible`.
fn mariadb_instant(draft: &Draft<'_>, work: Flags, here: &Tables) -> bool {
    let columns = Flags::STORED_ORDER | Flags::DROP_STORED | Flags::ADD_STORED;
    if work.has(columns) && (here.fulltext_before || here.fulltext_after > 0 || here.indexed_virtual_before) {
        return false;
    }
    if work.has(columns | Flags::NULLABLE) && draft.is_compressed() {
        return false;
    }
    if work.has(Flags::FORMAT | Flags::RECREATE | Flags::NOT_NULL | Flags::ADD_PRIMARY | Flags::DROP_PRIMARY | Flags::DROP_VERSIONING) {
        return false;
    }
    if work.has(columns | Flags::NULLABLE) && work.has(Flags::ADD_INDEX | Flags::ADD_UNIQUE) {
        return false;
    }
    if work.has(Flags::NULLABLE) && draft.row_format().as_deref() != Some("redundant") {
        return false;
    }
    // An option of the table beside anything else (measured).
    if draft.flags.has(Flags::OPTIONS) && !work.has(columns | Flags::NULLABLE) {
        return false;
    }
    !work.has(Flags::ADD_INDEX | Flags::ADD_UNIQUE)
}
