//! Objects beside tables and indexes: created, altered, renamed, dropped.

mod alter;
mod comment;
mod create;
mod domain;
mod drop;
mod kind;
mod policy;
mod privilege;
mod sequence;
mod user_type;
mod view;

pub(super) use alter::alter;
pub(super) use comment::comment;
pub(super) use create::{create, import_schema};
pub(super) use domain::{alter_domain, create_domain};
pub(super) use drop::drop_object;
pub(super) use policy::{alter_policy, create_policy, create_rule};
pub(super) use privilege::{privileges, rename_user};
pub(super) use sequence::{alter_sequence, create_sequence};
pub(super) use user_type::{alter_type, create_type};
pub(super) use view::{alter_view, create_view, output_or_star, refresh};
