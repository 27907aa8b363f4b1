//! Row security policies and rewrite rules.

use sqlparser::tokenizer::Token as Lexeme;

use crate::change::read::mentions::row_columns;
use crate::change::read::{Read, Reading, read_part};
use crate::change::{Action, Change, CreatePolicy, CreateRule, Ident, ObjectKind, ObjectName};
use crate::sql::SyntaxError;

/// What a rule can do (manual, CREATE RULE).
const COMMANDS: &[&str] = &["SELECT", "INSERT", "UPDATE", "DELETE", "NOTIFY", "VALUES", "WITH"];

/// `CREATE POLICY name ON table …`
pub(in crate::change::read) fn create_policy(reading: &mut Reading) -> Read {
    reading.past_noun("POLICY")?;
    let name = reading.ident()?;
    reading.expect_word("ON")?;
    let table = reading.object_name()?;
    let mut policy = CreatePolicy { name, permissive: true, using: None, with_check: None };
    if reading.eat_word("AS") {
        match reading.eat_any_word(&["PERMISSIVE", "RESTRICTIVE"]) {
            Some(word) => policy.permissive = word == "PERMISSIVE",
            None => return Err(reading.error("PERMISSIVE or RESTRICTIVE")),
        }
    }
    let mut command = Some("ALL");
    if reading.eat_word("FOR") {
        command = reading.eat_any_word(&["ALL", "SELECT", "INSERT", "UPDATE", "DELETE"]);
    }
    let at = reading.span();
    conditions(reading, &mut policy)?;
    let expected = match command {
        None => Some("ALL, SELECT, INSERT, UPDATE or DELETE"),
        Some("INSERT") if policy.using.is_some() => Some("WITH CHECK alone: there is no row yet that USING could look at"),
        Some("SELECT" | "DELETE") if policy.with_check.is_some() => Some("USING alone: no row is written that WITH CHECK could look at"),
        Some(_) => None,
    };
    if let Some(expected) = expected {
        return Err(SyntaxError { at, expected: expected.into() });
    }
    reading.expect_end()?;
    Ok(vec![Change::on(table, reading.whole, Action::CreatePolicy(policy))])
}

/// `[TO roles] [USING (…)] [WITH CHECK (…)]`
fn conditions(reading: &mut Reading, policy: &mut CreatePolicy) -> Result<(), SyntaxError> {
    if reading.eat_word("TO") {
        reading.comma_list(|cursor| cursor.account())?;
    }
    if reading.eat_word("USING") {
        policy.using = Some(reading.paren_expression()?);
    }
    if reading.eat_words(&["WITH", "CHECK"]) {
        policy.with_check = Some(reading.paren_expression()?);
    }
    Ok(())
}

/// `ALTER POLICY name ON table …`
pub(in crate::change::read) fn alter_policy(reading: &mut Reading) -> Read {
    reading.past_noun("POLICY")?;
    let name = reading.ident()?;
    reading.expect_word("ON")?;
    let table = reading.object_name()?;
    if reading.eat_words(&["RENAME", "TO"]) {
        let to = ObjectName::bare(reading.ident()?);
        reading.expect_end()?;
        let action = Action::RenameObject { kind: ObjectKind::Policy, name: ObjectName::bare(name), to, if_exists: false };
        return Ok(vec![Change::on(table, reading.whole, action)]);
    }
    let mut policy = CreatePolicy { name: Ident::default(), permissive: true, using: None, with_check: None };
    conditions(reading, &mut policy)?;
    reading.expect_end()?;
    Ok(vec![Change::on(table, reading.whole, Action::AlterPolicy { name })])
}

/// `CREATE RULE name AS ON event TO table [WHERE …] DO [ALSO | INSTEAD] …`
pub(in crate::change::read) fn create_rule(reading: &mut Reading) -> Read {
    let before = reading.past_noun("RULE")?;
    let name = reading.ident()?;
    reading.expect_words(&["AS", "ON"])?;
    let Some(event) = reading.eat_any_word(&["SELECT", "INSERT", "UPDATE", "DELETE"]) else {
        return Err(reading.error("SELECT, INSERT, UPDATE or DELETE"));
    };
    reading.expect_word("TO")?;
    let table = reading.object_name()?;
    let condition = reading.mark();
    let conditional = reading.eat_word("WHERE");
    if conditional {
        reading.expression_until(&["DO"])?;
    }
    let reads = reading.facts_between(condition, reading.mark()).reads;
    reading.expect_word("DO")?;
    let instead = reading.eat_any_word(&["ALSO", "INSTEAD"]) == Some("INSTEAD");
    let mut commands = Vec::new();
    let mut named = Vec::new();
    if !reading.eat_word("NOTHING") {
        if reading.is_end() {
            return Err(reading.error("NOTHING or a command"));
        }
        let mut range = None;
        if reading.at(&Lexeme::LParen) && !reading.at_word_nth(1, "SELECT") {
            range = Some(reading.skip_parens()?);
        }
        let start = reading.mark();
        reading.skip_rest();
        let (from, to) = range.unwrap_or((start, reading.mark()));
        let tokens = reading.tokens_between(from, to);
        named = row_columns(tokens);
        for command in tokens.split(|token| token.token == Lexeme::SemiColon).filter(|command| !command.is_empty()) {
            let begins = |token: &crate::sql::Token| match &token.token {
                Lexeme::Word(word) => COMMANDS.iter().any(|verb| word.value.eq_ignore_ascii_case(verb)),
                _ => token.token == Lexeme::LParen,
            };
            if !command.first().is_some_and(begins) {
                return Err(SyntaxError {
                    at: command.first().map_or(reading.whole, |token| token.span),
                    expected: "SELECT, INSERT, UPDATE, DELETE or NOTIFY".into(),
                });
            }
            commands.push(read_part(reading.text(), command, reading.target()));
        }
    }
    reading.expect_end()?;
    let event = event.to_ascii_lowercase();
    let rule = CreateRule { name, or_replace: before.or_replace, event, instead, conditional, reads, row_columns: named, commands };
    Ok(vec![Change::on(table, reading.whole, Action::CreateRule(rule))])
}
