//! Transactions and settings.

use super::Step;
use crate::catalog::{Catalog, Setting};
use crate::change::{Action, Change, ObjectKind, Pragma, SetVariable, SettingScope, Statement};
use crate::engine::Engine;

impl Catalog {
    /// MySQL and MariaDB commit the open transaction before most of what is not DML (manual 15.3.3).
    pub(super) fn commit_implicitly(&mut self, statement: &Statement) {
        if self.session.transaction.is_some()
            && self.target.engine.is_mysql_family()
            && statement.changes.iter().any(|change| commits_implicitly(&change.action))
        {
            self.commit();
            self.next_statement();
        }
    }

    /// `false` when the action is about neither.
    pub(super) fn apply_session(&mut self, change: &Change, step: Step) -> bool {
        match &change.action {
            Action::Begin { .. } => self.begin(true, Some(step.at)),
            Action::Commit { chain } => {
                self.commit();
                if *chain {
                    self.begin(true, Some(step.at));
                }
            }
            Action::Rollback { chain } => {
                self.roll_back();
                if *chain {
                    self.begin(true, Some(step.at));
                }
            }
            Action::Savepoint { name } => {
                // SQLite opens a transaction for it (lang_savepoint 2).
                if self.session.transaction.is_none() && self.target.engine == Engine::Sqlite {
                    self.begin(true, Some(step.at));
                }
                self.savepoint(&name.value);
            }
            Action::ReleaseSavepoint { name } => self.release_savepoint(&name.value),
            Action::RollbackToSavepoint { name } => self.roll_back_to(&name.value),
            Action::SetVariable(set) => self.set_variable(set),
            Action::Pragma(pragma) => self.pragma(pragma),
            Action::UseDatabase { name } => {
                let database = self.fold(name);
                let now = self.now;
                if !self.schemas.contains_key(&database) {
                    self.schemas.insert(database.clone(), now);
                }
                self.session.search_path = vec![database];
            }
            Action::SetConstraints { deferred } => {
                if let Some(transaction) = &mut self.session.transaction {
                    transaction.checks_at_once = !deferred;
                    if !deferred {
                        transaction.unchecked.clear();
                    }
                }
            }
            Action::Cluster { index: Some(index), .. } => {
                if let Some(key) = change.table.as_ref().map(|name| self.resolve(name))
                    && let Some(table) = self.tables.edit(&key)
                {
                    table.clustered_on = Some(index.value.clone());
                }
            }
            Action::LockTables(_)
            | Action::Cluster { index: None, .. }
            | Action::UnlockTables
            | Action::Vacuum { .. }
            | Action::Analyze { .. }
            | Action::Optimize
            | Action::CheckTable
            | Action::RepairTable
            | Action::Flush { .. }
            | Action::Checkpoint
            | Action::AlterSystem { .. }
            | Action::AttachDatabase { .. } => {}
            _ => return false,
        }
        true
    }

    fn set_variable(&mut self, set: &SetVariable) {
        let local = match set.scope {
            SettingScope::Session => false,
            // Outside a transaction SET LOCAL does nothing but warn.
            SettingScope::Local if self.session.transaction.is_none() => return,
            SettingScope::Local => true,
            SettingScope::Global => return,
            // @old = @@foreign_key_checks: the variable is remembered by name, its value is not.
            SettingScope::User => false,
        };
        let name = if set.scope == SettingScope::User { format!("@{}", set.name.trim_start_matches('@')) } else { set.name.clone() };
        if name == "autocommit" && self.target.engine.is_mysql_family() {
            self.set_autocommit(set.value.as_deref());
        }
        if local && !self.session.hidden.contains_key(&name) {
            let hidden = self.session.settings.get(&name).filter(|setting| !setting.local).cloned();
            self.session.hidden.insert(name.clone(), hidden);
        }
        match self.written_value(set) {
            Some(value) => {
                let setting = Setting { value, local, birth: self.now };
                self.session.settings.insert(name.clone(), setting);
            }
            None => {
                self.session.settings.remove(&name);
            }
        }
        if name == "search_path" && self.target.engine == Engine::Postgres {
            if set.value.is_some() && !set.values.is_empty() {
                self.session.search_path = set.values.iter().filter(|schema| !schema.is_empty()).cloned().collect();
            } else {
                self.session.read_search_path();
            }
        }
    }

    /// `SET foreign_key_checks = @old` gives back what was there before, which is on as far as
    /// anybody knows.
    fn written_value(&self, set: &SetVariable) -> Option<String> {
        let value = set.value.clone()?;
        if set.scope != SettingScope::User && value.starts_with('@') && self.target.engine.is_mysql_family() {
            return match value.strip_prefix("@@") {
                Some(_) => None,
                None => self.session.setting(&value.to_lowercase()).filter(|known| !known.starts_with('@')).map(str::to_owned),
            };
        }
        Some(value)
    }

    fn set_autocommit(&mut self, value: Option<&str>) {
        let off = value.is_some_and(|value| matches!(value.to_ascii_lowercase().as_str(), "0" | "off"));
        if !off {
            self.commit();
        }
    }

    /// Inside a transaction SQLite ignores `foreign_keys` (pragma.html#pragma_foreign_keys).
    fn pragma(&mut self, pragma: &Pragma) {
        let Some(value) = &pragma.value else { return };
        if pragma.name == "foreign_keys" && self.session.transaction.is_some() {
            return;
        }
        let setting = Setting { value: value.clone(), local: false, birth: self.now };
        self.session.settings.insert(pragma.name.clone(), setting);
    }
}

/// Whether MySQL and MariaDB commit before the statement.
fn commits_implicitly(action: &Action) -> bool {
    match action {
        Action::CreateTable(create) => create.persistence != crate::change::Persistence::Temporary,
        Action::DropTable { temporary, .. } => !temporary,
        Action::DropObject { kind, .. } => *kind != ObjectKind::Other,
        Action::Insert(_)
        | Action::Update(_)
        | Action::Delete(_)
        | Action::Copy(_)
        | Action::Merge { .. }
        | Action::Select { .. }
        | Action::Commit { .. }
        | Action::Rollback { .. }
        | Action::Savepoint { .. }
        | Action::ReleaseSavepoint { .. }
        | Action::RollbackToSavepoint { .. }
        | Action::SetVariable(_)
        | Action::Pragma(_)
        | Action::UseDatabase { .. }
        | Action::UnlockTables
        | Action::SetConstraints { .. }
        | Action::CallRoutine { .. }
        | Action::Vacuum { .. }
        | Action::Block { .. }
        | Action::DynamicSql { .. }
        | Action::Explain { .. }
        | Action::Nothing
        | Action::Opaque { .. }
        | Action::AttachDatabase { .. } => false,
        _ => true,
    }
}
