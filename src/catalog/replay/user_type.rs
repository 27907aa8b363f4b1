//! Types of the user's own: enums, composites, domains.

use std::sync::Arc;

use crate::catalog::{Catalog, Domain, DomainCheck, EnumLabel, Key, UserType};
use crate::change::{ColumnDef, CreateDomain, DataType, DomainChange, EnumValuePlace, Ident, ObjectName};

impl Catalog {
    /// A composite type has attributes; range and base types have none.
    pub(super) fn create_type(&mut self, name: &ObjectName, attributes: Option<&[ColumnDef]>) {
        let typed = |column: &ColumnDef| Some((column.name.value.clone(), column.data_type.clone()?));
        let attributes = attributes.map(|all| all.iter().filter_map(typed).collect());
        self.types.insert(self.key(name), Arc::new(UserType { attributes, birth: self.now }));
    }

    pub(super) fn alter_attribute(
        &mut self,
        name: &ObjectName,
        attribute: &Ident,
        what: &str,
        data_type: Option<&DataType>,
        to: Option<&Ident>,
    ) {
        let key = self.resolve_type(name);
        let Some(attributes) = self.types.edit(&key).and_then(|known| known.attributes.as_mut()) else { return };
        match (what, data_type) {
            ("add", Some(data_type)) => attributes.push((attribute.value.clone(), data_type.clone())),
            ("drop", _) => attributes.retain(|(known, _)| *known != attribute.value),
            _ => {
                for (known, known_type) in attributes.iter_mut().filter(|(known, _)| *known == attribute.value) {
                    if let Some(to) = to {
                        known.clone_from(&to.value);
                    }
                    if let Some(data_type) = data_type {
                        known_type.clone_from(data_type);
                    }
                }
            }
        }
    }

    pub(super) fn add_enum_value(&mut self, name: &ObjectName, value: &str, place: Option<&EnumValuePlace>) {
        let key = self.resolve_type(name);
        let now = self.now;
        let Some(known) = self.enums.edit(&key) else {
            self.open_world = true;
            return;
        };
        if known.labels.iter().any(|label| label.value == value) {
            return;
        }
        let find = |wanted: &str| known.labels.iter().position(|label| label.value == wanted);
        let at = match place {
            Some(EnumValuePlace::Before(before)) => find(before),
            Some(EnumValuePlace::After(after)) => find(after).map(|at| at + 1),
            None => None,
        };
        let at = at.unwrap_or(known.labels.len());
        known.labels.insert(at, EnumLabel { value: value.to_owned(), birth: now });
    }

    pub(super) fn create_domain(&mut self, create: &CreateDomain) {
        let key = self.key(&create.name);
        if self.domains.contains_key(&key) {
            return;
        }
        let mut checks: Vec<DomainCheck> = Vec::new();
        for (name, check) in &create.checks {
            let name = name.as_ref().map_or_else(|| domain_check_name(&key, &checks), |name| name.value.clone());
            checks.push(DomainCheck { name, check: check.clone(), valid: true, birth: self.now });
        }
        let domain = Domain {
            key: key.clone(),
            base: create.base.clone(),
            not_null: create.not_null,
            default: create.default.clone(),
            checks,
            birth: self.now,
        };
        self.domains.insert(key, Arc::new(domain));
    }

    pub(super) fn alter_domain(&mut self, name: &ObjectName, change: &DomainChange) {
        let key = self.resolve_type(name);
        let now = self.now;
        let Some(domain) = self.domains.edit(&key) else {
            self.open_world = true;
            return;
        };
        match change {
            DomainChange::AddCheck { name, check, not_valid } => {
                let name = name.as_ref().map_or_else(|| domain_check_name(&key, &domain.checks), |name| name.value.clone());
                domain.checks.push(DomainCheck { name, check: check.clone(), valid: !not_valid, birth: now });
            }
            DomainChange::DropConstraint { name, .. } => domain.checks.retain(|check| check.name != name.value),
            DomainChange::ValidateConstraint { name } => {
                for check in domain.checks.iter_mut().filter(|check| check.name == name.value) {
                    check.valid = true;
                }
            }
            DomainChange::RenameConstraint { from, to } => {
                for check in domain.checks.iter_mut().filter(|check| check.name == from.value) {
                    check.name.clone_from(&to.value);
                }
            }
            DomainChange::AddNotNull { .. } | DomainChange::SetNotNull => domain.not_null = true,
            DomainChange::DropNotNull => domain.not_null = false,
            DomainChange::SetDefault(default) => domain.default = Some(default.clone()),
            DomainChange::DropDefault => domain.default = None,
        }
    }

    pub(super) fn drop_type(&mut self, name: &ObjectName, cascade: bool) {
        let key = self.resolve_type(name);
        let users: Vec<(Key, String)> =
            self.columns_of_type(&key).iter().map(|(table, column)| (table.key.clone(), column.name.clone())).collect();
        if !users.is_empty() && !cascade {
            return;
        }
        for (table, column) in users {
            let column = crate::change::Ident { value: column, quoted: true, span: name.span() };
            self.drop_column(&table, &column, true);
        }
        self.enums.remove(&key);
        self.domains.remove(&key);
        self.types.remove(&key);
    }
}

/// PostgreSQL: `domain_check`, numbered.
fn domain_check_name(domain: &Key, checks: &[DomainCheck]) -> String {
    let mut number = 0u32;
    loop {
        let name = if number == 0 { format!("{}_check", domain.name) } else { format!("{}_check{number}", domain.name) };
        if !checks.iter().any(|check| check.name == name) {
            return name;
        }
        number += 1;
    }
}
