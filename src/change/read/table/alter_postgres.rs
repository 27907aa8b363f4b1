//! Actions of ALTER TABLE that PostgreSQL alone has.

use sqlparser::tokenizer::Token as Lexeme;

use crate::change::read::{Read, Reading};
use crate::change::{Action, Change, ColumnDef, DataType, Ident, ObjectKind, ObjectName, TriggerScope, TriggerState};
use crate::engine::Engine;
use crate::sql::{Cursor, Mark, Since, SyntaxError};

const fn since(major: u16) -> Since {
    Since(Engine::Postgres, major, 0, 0)
}

/// `ALTER TABLE ALL IN TABLESPACE a [OWNED BY …] SET TABLESPACE b [NOWAIT]`
pub(super) fn all_in_tablespace(reading: &mut Reading, start: Mark) -> Read {
    reading.eat_words(&["ALL", "IN", "TABLESPACE"]);
    let _from = reading.ident()?;
    if reading.eat_words(&["OWNED", "BY"]) {
        reading.comma_list(|cursor| cursor.label())?;
    }
    reading.expect_words(&["SET", "TABLESPACE"])?;
    let tablespace = reading.ident()?;
    reading.modifiers.nowait = reading.eat_word("NOWAIT");
    Ok(vec![Change::free(reading.since(start), Action::SetTablespace { tablespace })])
}

/// One action; `None` when none starts here.
pub(super) fn action(cursor: &mut Cursor) -> Result<Option<Action>, SyntaxError> {
    const FIRST: &[&str] = &[
        "SET", "RESET", "ENABLE", "DISABLE", "FORCE", "NO", "VALIDATE", "ATTACH", "DETACH", "INHERIT", "OF", "NOT", "OWNER", "REPLICA",
        "CLUSTER", "OPTIONS", "SPLIT", "MERGE",
    ];
    let start = cursor.mark();
    let Some(first) = cursor.eat_any_word(FIRST) else { return Ok(None) };
    let action = match first {
        "SET" => set(cursor)?,
        "RESET" => Some(Action::SetStorageParameters { options: cursor.storage_parameters()?, reset: true }),
        "ENABLE" | "DISABLE" => switch(cursor, first == "ENABLE")?,
        "FORCE" => cursor.eat_words(&["ROW", "LEVEL", "SECURITY"]).then_some(Action::RowSecurity { enable: None, force: Some(true) }),
        "NO" if cursor.eat_words(&["FORCE", "ROW", "LEVEL", "SECURITY"]) => Some(Action::RowSecurity { enable: None, force: Some(false) }),
        "NO" => {
            cursor.expect_word("INHERIT")?;
            Some(Action::NoInherit { parent: cursor.object_name()? })
        }
        "VALIDATE" => {
            cursor.expect_word("CONSTRAINT")?;
            Some(Action::ValidateConstraint { name: cursor.ident()? })
        }
        "ATTACH" => {
            cursor.expect_word("PARTITION")?;
            let partition = cursor.object_name()?;
            Some(Action::AttachPartition { partition, bound: cursor.partition_bound()? })
        }
        "DETACH" => {
            cursor.expect_word("PARTITION")?;
            let partition = cursor.object_name()?;
            let clause = cursor.eat_any_word(&["CONCURRENTLY", "FINALIZE"]);
            let span = cursor.previous_span();
            if clause.is_some() {
                cursor.needs(span, &[since(14)]);
            }
            let concurrently = (clause == Some("CONCURRENTLY")).then_some(span);
            Some(Action::DetachPartition { partition, concurrently, finalize: clause == Some("FINALIZE") })
        }
        "SPLIT" | "MERGE" => {
            // Announced for 19 and taken out again before its release.
            let merge = first == "MERGE";
            cursor.expect_word(if merge { "PARTITIONS" } else { "PARTITION" })?;
            while !cursor.is_end() {
                cursor.advance();
            }
            let span = cursor.since(start);
            cursor.refuse(span, "a PostgreSQL newer than 19");
            Some(Action::Opaque { words: vec![first.to_owned(), "PARTITION".to_owned()], name: None })
        }
        "INHERIT" => Some(Action::Inherit { parent: cursor.object_name()? }),
        "OF" => Some(Action::OfType { type_name: Some(cursor.object_name()?) }),
        "NOT" => cursor.eat_word("OF").then_some(Action::OfType { type_name: None }),
        "OWNER" => {
            cursor.expect_word("TO")?;
            Some(Action::Owner { kind: ObjectKind::Table, to: cursor.label()?.value })
        }
        "REPLICA" => {
            cursor.expect_word("IDENTITY")?;
            Some(Action::ReplicaIdentity { value: replica_identity(cursor)? })
        }
        "CLUSTER" => {
            cursor.expect_word("ON")?;
            Some(Action::ClusterOn { index: Some(cursor.ident()?) })
        }
        _ => {
            // OPTIONS of a foreign table.
            cursor.skip_parens()?;
            Some(Action::AlterObject {
                kind: ObjectKind::ForeignTable,
                name: ObjectName::default(),
                columns: Vec::new(),
                what: "options".to_owned(),
            })
        }
    };
    if action.is_none() {
        cursor.restore(start);
        return Ok(None);
    }
    if !cursor.is_postgres() {
        let span = cursor.since(start);
        cursor.needs(span, &[since(0)]);
    }
    Ok(action)
}

fn set(cursor: &mut Cursor) -> Result<Option<Action>, SyntaxError> {
    if cursor.at(&Lexeme::LParen) {
        return Ok(Some(Action::SetStorageParameters { options: cursor.storage_parameters()?, reset: false }));
    }
    let mark = cursor.mark();
    Ok(Some(match cursor.eat_any_word(&["SCHEMA", "TABLESPACE", "LOGGED", "UNLOGGED", "ACCESS", "WITHOUT", "WITH"]) {
        Some("SCHEMA") => Action::SetSchema { to: cursor.ident()? },
        Some("TABLESPACE") => Action::SetTablespace { tablespace: cursor.ident()? },
        Some(word @ ("LOGGED" | "UNLOGGED")) => Action::SetLogged { logged: word == "LOGGED" },
        Some("ACCESS") => {
            cursor.expect_word("METHOD")?;
            let span = cursor.since(mark);
            if cursor.eat_word("DEFAULT") {
                cursor.needs(span, &[since(17)]);
                Action::SetAccessMethod { method: None }
            } else {
                cursor.needs(span, &[since(15)]);
                Action::SetAccessMethod { method: Some(cursor.ident()?) }
            }
        }
        Some("WITHOUT") => {
            if cursor.eat_word("CLUSTER") {
                Action::ClusterOn { index: None }
            } else {
                cursor.expect_word("OIDS")?;
                Action::SetStorageParameters { options: Vec::new(), reset: false }
            }
        }
        Some(_) => {
            cursor.expect_word("OIDS")?;
            let span = cursor.since(mark);
            if cursor.target().at_least(12, 0, 0) {
                cursor.refuse(span, "PostgreSQL 11 or older");
            }
            let name = Ident::new("oid", span);
            let data_type = Some(DataType { name: "oid".to_owned(), span, ..DataType::default() });
            let column = ColumnDef { name, data_type, not_null: Some(span), span, ..ColumnDef::default() };
            Action::AddColumn { column: Box::new(column), if_not_exists: false, place: None }
        }
        None => return Ok(None),
    }))
}

/// ENABLE and DISABLE of triggers, rules and row security.
fn switch(cursor: &mut Cursor, enable: bool) -> Result<Option<Action>, SyntaxError> {
    if cursor.eat_words(&["ROW", "LEVEL", "SECURITY"]) {
        return Ok(Some(Action::RowSecurity { enable: Some(enable), force: None }));
    }
    let state = match cursor.eat_any_word(&["REPLICA", "ALWAYS"]) {
        _ if !enable => TriggerState::Disable,
        Some("REPLICA") => TriggerState::EnableReplica,
        Some(_) => TriggerState::EnableAlways,
        None => TriggerState::Enable,
    };
    if cursor.eat_word("RULE") {
        return Ok(Some(Action::SetRuleState { rule: cursor.ident()?, state }));
    }
    if !cursor.eat_word("TRIGGER") {
        return Ok(None);
    }
    // ALL and USER are words of the grammar here, not names.
    let trigger = match cursor.eat_any_word(&["ALL", "USER"]) {
        Some("ALL") => TriggerScope::All,
        Some(_) => TriggerScope::User,
        None => TriggerScope::Named(cursor.ident()?),
    };
    Ok(Some(Action::SetTriggerState { trigger, state }))
}

fn replica_identity(cursor: &mut Cursor) -> Result<String, SyntaxError> {
    if cursor.eat_words(&["USING", "INDEX"]) {
        return Ok(format!("using index {}", cursor.ident()?.value));
    }
    match cursor.eat_any_word(&["FULL", "NOTHING", "DEFAULT"]) {
        Some(word) => Ok(word.to_ascii_lowercase()),
        None => Err(cursor.error("FULL, NOTHING, DEFAULT or USING INDEX")),
    }
}
