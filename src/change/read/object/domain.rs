//! Domains.

use crate::change::read::{Read, Reading};
use crate::change::{Action, Change, CheckConstraint, CreateDomain, DomainChange, ObjectKind};
use crate::engine::Engine;
use crate::sql::{Since, SyntaxError};

/// Words that end a domain's default.
const STOPS: &[&str] = &["CONSTRAINT", "NOT", "NULL", "CHECK", "COLLATE", "DEFAULT", "UNIQUE", "PRIMARY", "REFERENCES"];

/// `CREATE DOMAIN name [AS] type …`
pub(in crate::change::read) fn create_domain(reading: &mut Reading) -> Read {
    reading.past_noun("DOMAIN")?;
    let name = reading.object_name()?;
    reading.eat_word("AS");
    let mut domain = CreateDomain { name, base: reading.data_type()?, not_null: false, default: None, checks: Vec::new() };
    while !reading.is_end() {
        if reading.eat_word("COLLATE") {
            domain.base.collation = Some(reading.object_name()?);
            continue;
        }
        if reading.eat_word("DEFAULT") {
            domain.default = Some(reading.expression_until(STOPS)?);
            continue;
        }
        let constraint_name = if reading.eat_word("CONSTRAINT") { Some(reading.ident()?) } else { None };
        if reading.eat_words(&["NOT", "NULL"]) {
            domain.not_null = true;
        } else if reading.eat_word("NULL") {
            domain.not_null = false;
        } else if reading.eat_word("CHECK") {
            let expression = reading.paren_expression()?;
            domain.checks.push((constraint_name, CheckConstraint { expression }));
            reading.eat_words(&["NO", "INHERIT"]);
        } else {
            return Err(reading.error("NOT NULL, NULL, CHECK, DEFAULT or COLLATE"));
        }
    }
    Ok(vec![Change::free(reading.whole, Action::CreateDomain(Box::new(domain)))])
}

/// `ALTER DOMAIN name …`
pub(in crate::change::read) fn alter_domain(reading: &mut Reading) -> Read {
    reading.past_noun("DOMAIN")?;
    let name = reading.object_name()?;
    let action = match domain_change(reading)? {
        Some(change) => {
            reading.expect_end()?;
            Action::AlterDomain { name, change }
        }
        None => reading.object_action(ObjectKind::Domain, &name, false)?,
    };
    Ok(vec![Change::free(reading.whole, action)])
}

fn domain_change(reading: &mut Reading) -> Result<Option<DomainChange>, SyntaxError> {
    Ok(Some(if reading.eat_word("ADD") {
        let name = if reading.eat_word("CONSTRAINT") { Some(reading.ident()?) } else { None };
        if let Some(span) = reading.eat_words_at(&["NOT", "NULL"]) {
            reading.needs(span, &[Since(Engine::Postgres, 17, 0, 0)]);
            DomainChange::AddNotNull { name }
        } else {
            reading.expect_word("CHECK")?;
            let check = CheckConstraint { expression: reading.paren_expression()? };
            DomainChange::AddCheck { name, check, not_valid: reading.eat_words(&["NOT", "VALID"]) }
        }
    } else if reading.eat_words(&["DROP", "CONSTRAINT"]) {
        let if_exists = reading.eat_if_exists();
        let name = reading.ident()?;
        DomainChange::DropConstraint { name, if_exists, cascade: reading.drop_behaviour() }
    } else if reading.eat_words(&["VALIDATE", "CONSTRAINT"]) {
        DomainChange::ValidateConstraint { name: reading.ident()? }
    } else if reading.eat_words(&["RENAME", "CONSTRAINT"]) {
        let from = reading.ident()?;
        reading.expect_word("TO")?;
        DomainChange::RenameConstraint { from, to: reading.ident()? }
    } else if reading.eat_words(&["SET", "NOT", "NULL"]) {
        DomainChange::SetNotNull
    } else if reading.eat_words(&["DROP", "NOT", "NULL"]) {
        DomainChange::DropNotNull
    } else if reading.eat_words(&["SET", "DEFAULT"]) {
        DomainChange::SetDefault(reading.expression_until(&[])?)
    } else if reading.eat_words(&["DROP", "DEFAULT"]) {
        DomainChange::DropDefault
    } else if reading.at_words(&["RENAME", "TO"]) || reading.at_words(&["OWNER", "TO"]) || reading.at_words(&["SET", "SCHEMA"]) {
        return Ok(None);
    } else {
        return Err(reading.error("ADD, DROP, SET, RENAME, VALIDATE or OWNER TO"));
    }))
}
