//! MariaDB's system-versioned tables: their history is not altered unless the session allows it.

use super::draft::Draft;
use super::failure;
use crate::change::{Action, ConstraintBody};
use crate::effect::Truth;

impl Draft<'_> {
    pub(super) fn check_versioned(&mut self, action: &Action) {
        if !self.server.is_mariadb() || !self.table.is_some_and(|table| table.system_versioning) {
            return;
        }
        if let Action::SystemVersioning { add: true } = action {
            self.fail(failure::schema(4135, "the table is system-versioned already", Truth::Yes));
            return;
        }
        let keeps = self.catalog.session.setting("system_versioning_alter_history").is_some_and(|value| value.eq_ignore_ascii_case("keep"));
        // Measured on 10.5, 10.11 and 11.8: names, defaults, plain indexes and checks are not minded.
        let minded = match action {
            Action::AddColumn { .. } | Action::DropColumn { .. } | Action::ModifyColumn { .. } => true,
            Action::CreateIndex(index) => index.unique,
            Action::AddConstraint(constraint) => matches!(constraint.body, ConstraintBody::Unique(_) | ConstraintBody::PrimaryKey(_)),
            _ => false,
        };
        if minded && !keeps {
            let reason = "the table keeps its history: SET @@system_versioning_alter_history = KEEP lets it be altered all the same";
            self.fail(failure::schema(4119, reason, Truth::Yes));
        }
    }
}
