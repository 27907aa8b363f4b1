//! A written column definition as a column.

use std::sync::Arc;

use super::naming::Label;
use crate::catalog::links::Link;
use crate::catalog::{Catalog, Column, Key, Parts, Sequence, Table};
use crate::change::{ColumnDef, ConstraintBody, DataType, DefaultValue, Expression, Ident};
use crate::engine::Engine;
use crate::source::Span;

impl Catalog {
    /// The column as the engine stores it, constraints left aside. `serial` becomes an integer with
    /// a sequence behind it.
    pub(super) fn column_from(&mut self, table: &Table, def: &ColumnDef) -> Column {
        let mut column = Column {
            name: def.name.value.clone(),
            data_type: def.data_type.clone(),
            not_null: def.not_null.is_some(),
            default: def.default.clone(),
            generated: def.generated.clone(),
            identity: def.identity.clone(),
            auto_increment: def.auto_increment.is_some(),
            on_update: def.on_update.clone(),
            comment: def.comment.clone(),
            invisible: def.invisible.unwrap_or(false),
            charset: None,
            collation: None,
            birth: self.now,
        };
        match self.target.engine {
            Engine::Postgres => {
                if def.identity.is_some() {
                    column.not_null = true;
                    self.own_sequence(table, &column.name);
                }
                if let Some(integer) = def.data_type.as_ref().and_then(serial_base) {
                    let sequence = self.own_sequence(table, &column.name);
                    column.not_null = true;
                    column.data_type = Some(integer);
                    column.default = Some(next_value(&sequence, def.span));
                }
            }
            Engine::Mysql | Engine::Mariadb => {
                column.not_null |= column.auto_increment;
                if let Some(data_type) = &mut column.data_type {
                    // SERIAL stands for BIGINT UNSIGNED NOT NULL AUTO_INCREMENT UNIQUE.
                    if data_type.name == "serial" {
                        data_type.name = "bigint".to_owned();
                        data_type.unsigned = true;
                        column.not_null = true;
                        column.auto_increment = true;
                    }
                }
                inherit_charset(&mut column, table);
            }
            Engine::Sqlite => {}
        }
        if def.constraints.iter().any(|constraint| matches!(constraint.body, ConstraintBody::PrimaryKey(_))) {
            column.not_null |= self.primary_key_is_not_null(table, &column);
        }
        column
    }

    /// Key columns are NOT NULL, except in SQLite: there only the rowid's alias and the keys of
    /// WITHOUT ROWID tables are (lang_createtable 3.5).
    pub(super) fn primary_key_is_not_null(&self, table: &Table, column: &Column) -> bool {
        match self.target.engine {
            Engine::Postgres | Engine::Mysql | Engine::Mariadb => true,
            Engine::Sqlite => {
                table.without_rowid || column.data_type.as_ref().is_some_and(|data_type| data_type.name.eq_ignore_ascii_case("integer"))
            }
        }
    }

    /// The sequence behind a serial or identity column.
    pub(super) fn own_sequence(&mut self, table: &Table, column: &str) -> Key {
        let name = self.postgres_name(table, column, Label::Sequence);
        let key = Key { schema: table.key.schema.clone(), name };
        let sequence = Sequence { key: key.clone(), owned_by: Some((table.key.clone(), column.to_owned())), birth: self.now };
        self.sequences.insert(key.clone(), Arc::new(sequence));
        self.links.add(Link::Owned, &table.key, &key);
        self.appears(&key);
        key
    }
}

/// MySQL columns take the table's character set when they are made and keep it.
pub(super) fn inherit_charset(column: &mut Column, table: &Table) {
    let Some(data_type) = &column.data_type else { return };
    if !is_text(data_type) {
        return;
    }
    let collation = data_type.collation.as_ref().map(|name| name.name.value.to_ascii_lowercase());
    let charset = data_type.charset.as_ref().map(|name| name.value.to_ascii_lowercase());
    let implied = collation.as_deref().map(|name| name.split('_').next().unwrap_or(name).to_owned());
    let own = charset.is_some() || collation.is_some();
    column.charset = charset.or(implied).or_else(|| table.charset.clone());
    column.collation = if own { collation } else { table.collation.clone() };
}

/// Types that have a character set.
pub(super) fn is_text(data_type: &DataType) -> bool {
    matches!(
        data_type.name.as_str(),
        "char" | "varchar" | "text" | "tinytext" | "mediumtext" | "longtext" | "enum" | "set" | "nchar" | "nvarchar"
    )
}

fn serial_base(data_type: &DataType) -> Option<DataType> {
    let name = match data_type.name.as_str() {
        "serial" | "serial4" => "integer",
        "bigserial" | "serial8" => "bigint",
        "smallserial" | "serial2" => "smallint",
        _ => return None,
    };
    Some(DataType { name: name.to_owned(), ..data_type.clone() })
}

fn next_value(sequence: &Key, span: Span) -> DefaultValue {
    let text = format!("nextval('{sequence}'::regclass)");
    DefaultValue { expression: Expression { text: text.into(), tree: None, span }, span, parenthesised: false }
}

/// The columns an expression may mean, out of those the table has.
pub(super) fn columns_in(expression: &Expression, columns: &Parts<Column>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for name in expression.names() {
        if let Some(column) = columns.iter().find(|column| column.name.eq_ignore_ascii_case(name))
            && !found.contains(&column.name)
        {
            found.push(column.name.clone());
        }
    }
    found
}

pub(super) fn names(idents: &[Ident]) -> Vec<String> {
    idents.iter().map(|ident| ident.value.clone()).collect()
}
