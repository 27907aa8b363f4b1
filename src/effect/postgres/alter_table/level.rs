//! The lock each action of ALTER TABLE asks for (manual, ALTER TABLE; measured on 10 to 18).

use crate::change::{Action, ConstraintBody, TableOption};
use crate::effect::LockMode;
use crate::effect::postgres::scene::Scene;

pub(super) fn of(scene: &Scene<'_>, action: &Action) -> LockMode {
    match action {
        Action::AddConstraint(constraint) => match constraint.body {
            ConstraintBody::ForeignKey(_) => LockMode::ShareRowExclusive,
            ConstraintBody::PrimaryKey(_)
            | ConstraintBody::Unique(_)
            | ConstraintBody::Check(_)
            | ConstraintBody::Exclusion(_)
            | ConstraintBody::NotNull { .. } => LockMode::AccessExclusive,
        },
        Action::SetTriggerState { .. } => LockMode::ShareRowExclusive,
        Action::ValidateConstraint { .. } | Action::ClusterOn { .. } => LockMode::ShareUpdateExclusive,
        Action::SetColumnAttribute { attribute, .. } => column_attribute(attribute),
        // SET WITHOUT OIDS.
        Action::SetStorageParameters { options, reset: false } if options.is_empty() => LockMode::AccessExclusive,
        Action::SetStorageParameters { options, .. } => storage_parameters(options),
        Action::AttachPartition { .. } => {
            if scene.at_least(12) {
                LockMode::ShareUpdateExclusive
            } else {
                LockMode::AccessExclusive
            }
        }
        Action::DetachPartition { concurrently, finalize, .. } => {
            if concurrently.is_some() || *finalize {
                LockMode::ShareUpdateExclusive
            } else {
                LockMode::AccessExclusive
            }
        }
        _ => LockMode::AccessExclusive,
    }
}

fn column_attribute(attribute: &str) -> LockMode {
    let attribute = attribute.to_lowercase();
    if attribute.contains("storage") || attribute.contains("compression") {
        LockMode::AccessExclusive
    } else {
        LockMode::ShareUpdateExclusive
    }
}

/// The strongest lock of the parameters set; most are read by vacuum and planner alone.
pub(super) fn storage_parameters(options: &[TableOption]) -> LockMode {
    options.iter().map(|option| storage_parameter(&option.name)).max().unwrap_or(LockMode::ShareUpdateExclusive)
}

fn storage_parameter(name: &str) -> LockMode {
    match name.to_lowercase().as_str() {
        "user_catalog_table"
        | "oids"
        | "security_barrier"
        | "security_invoker"
        | "check_option"
        | "fastupdate"
        | "buffering"
        | "gin_pending_list_limit"
        | "pages_per_range"
        | "autosummarize" => LockMode::AccessExclusive,
        _ => LockMode::ShareUpdateExclusive,
    }
}

/// Parameters of tables and their TOAST tables.
pub(super) fn known_parameter(name: &str) -> bool {
    let bare = name.trim_start_matches("toast.");
    bare.starts_with("autovacuum_")
        || bare.starts_with("vacuum_")
        || matches!(
            bare,
            "fillfactor"
                | "parallel_workers"
                | "toast_tuple_target"
                | "user_catalog_table"
                | "log_autovacuum_min_duration"
                | "oids"
                | "security_barrier"
                | "security_invoker"
                | "check_option"
        )
}

/// Since which version a storage parameter of a table exists.
pub(super) fn parameter_since(name: &str) -> u16 {
    match name.to_lowercase().trim_start_matches("toast.") {
        "toast_tuple_target" => 11,
        "vacuum_index_cleanup" | "vacuum_truncate" => 12,
        "autovacuum_vacuum_insert_threshold" | "autovacuum_vacuum_insert_scale_factor" | "deduplicate_items" => 13,
        "autovacuum_vacuum_max_threshold" | "vacuum_max_eager_freeze_failure_rate" => 18,
        _ => 10,
    }
}
