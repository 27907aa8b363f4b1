//! Actions of ALTER TABLE that MySQL and MariaDB have.

use sqlparser::tokenizer::Token as Lexeme;

use super::mysql_option;
use crate::change::Action;
use crate::engine::Engine;
use crate::sql::{Cursor, Since, SyntaxError};

/// One action; `None` when none starts here.
pub(super) fn action(cursor: &mut Cursor) -> Result<Option<Action>, SyntaxError> {
    let start = cursor.mark();
    let action = if cursor.eat_word("MODIFY") {
        cursor.eat_word("COLUMN");
        let if_exists = if_exists(cursor);
        let definition = cursor.column_definition()?;
        let place = cursor.place()?;
        Action::ModifyColumn { column: definition.name.clone(), definition: Box::new(definition), place, if_exists }
    } else if cursor.eat_word("CHANGE") {
        cursor.eat_word("COLUMN");
        let if_exists = if_exists(cursor);
        let column = cursor.column()?;
        let definition = cursor.column_definition()?;
        let place = cursor.place()?;
        Action::ModifyColumn { column, definition: Box::new(definition), place, if_exists }
    } else if cursor.eat_words(&["CONVERT", "TO"]) {
        if !cursor.eat_word("CHARSET") && !cursor.eat_words(&["CHARACTER", "SET"]) {
            cursor.eat_word("CHAR");
            cursor.expect_word("SET")?;
        }
        let charset = cursor.charset_name()?.value;
        let collation = if cursor.eat_word("COLLATE") { Some(cursor.charset_name()?.value) } else { None };
        Action::ConvertCharset { charset, collation }
    } else if cursor.at_words(&["CONVERT", "PARTITION"]) || cursor.at_words(&["CONVERT", "TABLE"]) {
        return convert_partition(cursor).map(Some);
    } else if cursor.eat_word("FORCE") {
        Action::ForceRebuild
    } else if cursor.eat_words(&["ORDER", "BY"]) {
        // Its list runs on over commas, to the end or the next action's word.
        loop {
            cursor.object_name()?;
            cursor.eat_any_word(&["ASC", "DESC"]);
            let more = cursor.at(&Lexeme::Comma) && continues_order(cursor);
            if !more {
                break;
            }
            cursor.advance();
        }
        if cursor.at(&Lexeme::Comma) {
            let span = cursor.since(start);
            cursor.refuse(span, "ORDER BY as the last action");
        }
        Action::OrderBy
    } else if cursor.eat_words(&["ENABLE", "KEYS"]) {
        Action::Keys { enable: true }
    } else if cursor.eat_words(&["DISABLE", "KEYS"]) {
        Action::Keys { enable: false }
    } else if cursor.eat_words(&["DISCARD", "TABLESPACE"]) {
        Action::TablespaceFile { import: false }
    } else if cursor.eat_words(&["IMPORT", "TABLESPACE"]) {
        Action::TablespaceFile { import: true }
    } else if cursor.eat_any_word(&["SECONDARY_LOAD", "SECONDARY_UNLOAD"]).is_some() {
        if cursor.eat_word("PARTITION") {
            cursor.ident_list()?;
        }
        let span = cursor.since(start);
        cursor.needs(span, &[Since(Engine::Mysql, 8, 0, 13)]);
        Action::TableOptions(Vec::new())
    } else if cursor.eat_words(&["WITH", "SYSTEM", "VERSIONING"]) {
        let span = cursor.since(start);
        cursor.needs(span, &[Since(Engine::Mariadb, 10, 3, 4)]);
        Action::SystemVersioning { add: true }
    } else if cursor.eat_words(&["WITH", "VALIDATION"]) || cursor.eat_words(&["WITHOUT", "VALIDATION"]) {
        let span = cursor.since(start);
        cursor.needs(span, &[Since(Engine::Mysql, 5, 7, 6)]);
        Action::Nothing
    } else {
        let mut options = Vec::new();
        while let Some(option) = mysql_option::read(cursor)? {
            options.push(option);
        }
        if options.is_empty() {
            return Ok(None);
        }
        Action::TableOptions(options)
    };
    if !cursor.is_mysql_family() {
        let span = cursor.since(start);
        cursor.needs(span, &[Since(Engine::Mysql, 0, 0, 0), Since(Engine::Mariadb, 0, 0, 0)]);
    }
    Ok(Some(action))
}

/// MariaDB `MODIFY IF EXISTS`, `CHANGE IF EXISTS`.
fn if_exists(cursor: &mut Cursor) -> bool {
    let exists = cursor.eat_words_at(&["IF", "EXISTS"]);
    if let Some(span) = exists {
        cursor.needs(span, &[Since(Engine::Mariadb, 10, 0, 2)]);
    }
    exists.is_some()
}

/// Whether a column of ORDER BY follows the comma rather than an action.
fn continues_order(cursor: &Cursor) -> bool {
    let next_ends = matches!(cursor.peek_nth(2), None | Some(Lexeme::Comma | Lexeme::Period))
        || cursor.at_word_nth(2, "ASC")
        || cursor.at_word_nth(2, "DESC");
    matches!(cursor.peek_nth(1), Some(Lexeme::Word(_))) && next_ends && !cursor.at_word_nth(1, "FORCE")
}

/// MariaDB 10.7 `CONVERT PARTITION p TO TABLE t`, `CONVERT TABLE t TO PARTITION p …`.
fn convert_partition(cursor: &mut Cursor) -> Result<Action, SyntaxError> {
    let start = cursor.mark();
    cursor.expect_word("CONVERT")?;
    let action = if cursor.eat_word("PARTITION") {
        cursor.ident()?;
        cursor.expect_words(&["TO", "TABLE"])?;
        Action::DetachPartition { partition: cursor.object_name()?, concurrently: None, finalize: false }
    } else {
        cursor.expect_word("TABLE")?;
        let partition = cursor.object_name()?;
        cursor.expect_words(&["TO", "PARTITION"])?;
        cursor.ident()?;
        cursor.skip_item();
        Action::AttachPartition { partition, bound: crate::change::PartitionBound::Default }
    };
    let span = cursor.since(start);
    cursor.needs(span, &[Since(Engine::Mariadb, 10, 7, 1)]);
    Ok(action)
}

/// MariaDB `PERIOD [IF [NOT] EXISTS] FOR`
pub(super) fn at_period(cursor: &Cursor) -> bool {
    cursor.at_words(&["PERIOD", "FOR"])
        || cursor.is_mysql_family()
            && (cursor.at_words(&["PERIOD", "IF", "EXISTS", "FOR"]) || cursor.at_words(&["PERIOD", "IF", "NOT", "EXISTS"]))
}

/// The same with the name that follows.
pub(super) fn period(cursor: &mut Cursor, add: bool) -> Result<Action, SyntaxError> {
    let tolerant = !cursor.at_words(&["PERIOD", "FOR"]);
    while !cursor.eat_word("FOR") && cursor.advance().is_some() {}
    let name = Some(cursor.ident()?).filter(|name| !name.is("system_time"));
    Ok(Action::Period { add, name, tolerant })
}
