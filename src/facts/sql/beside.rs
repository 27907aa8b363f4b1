//! A second column beside the one at hand: how it is defined, filled, and what the first still has
//! that it has not.

use super::super::Context;
use super::{line, name, table};
use crate::catalog::{Column, spell};
use crate::change::{Action, ColumnDef, ConstraintKind, DefaultValue, IndexPart};
use crate::engine::Engine;
use crate::sql::one_line;

/// What stands where nobody knows the type.
const UNKNOWN: &str = "...";

/// What lets rows in that leave the column out.
pub(super) fn nullable(cx: &Context<'_>) -> Option<String> {
    let column = name(cx, &cx.column_name()?.value);
    // It numbers the rows that leave it out.
    if cx.column().is_some_and(|was| was.identity.is_some() || was.auto_increment) {
        return None;
    }
    let head = format!("ALTER TABLE {}", table(cx));
    if !cx.target().engine.is_mysql_family() {
        return Some(format!("{head} ALTER COLUMN {column} DROP NOT NULL;"));
    }
    // MODIFY replaces the whole definition: what it does not repeat is gone.
    let known = cx.table().zip(cx.column()).and_then(|(table, was)| {
        let loose = Column { not_null: false, ..was.clone() };
        spell::definition(cx.catalog(), table, &loose)
    });
    let own = known.unwrap_or_else(|| format!("{column} {} NULL", column_type(cx)));
    Some(format!("{head} MODIFY {own};"))
}

/// The column's type, for a column beside it.
pub(super) fn column_type(cx: &Context<'_>) -> String {
    let defined = |definition: &ColumnDef| definition.data_type.as_ref().map(|one| one_line(cx.words(one.span)));
    let written = match &cx.change.action {
        Action::AddColumn { column, .. } => defined(column),
        Action::ModifyColumn { definition, .. } => defined(definition),
        Action::SetType { data_type, .. } => Some(one_line(cx.words(data_type.span))),
        _ => None,
    };
    let known = || {
        let own = cx.column()?.data_type.as_ref()?;
        Some(super::super::column::printed_type(cx, own))
    };
    written.filter(|words| !words.is_empty()).or_else(known).unwrap_or_else(|| UNKNOWN.to_owned())
}

/// The definition of the column beside it, without its name: type, collation and comment. NOT NULL
/// and the default come when it is filled, keys by themselves.
pub(super) fn definition(cx: &Context<'_>) -> String {
    let (Some(whole), Some(was)) = (cx.table(), cx.column()) else { return column_type(cx) };
    let mut second = Column { not_null: false, auto_increment: false, identity: None, ..was.clone() };
    // Under a name of its own no sequence is its.
    second.name = "\u{E002}".to_owned();
    match &cx.change.action {
        Action::SetType { data_type, .. } => {
            second.collation = None;
            second.data_type = Some(data_type.clone());
        }
        Action::ModifyColumn { definition, .. } => {
            let Some(data_type) = &definition.data_type else { return column_type(cx) };
            second.collation = data_type.collation.as_ref().map(|one| one.name.value.clone());
            second.charset = data_type.charset.as_ref().map(|one| one.value.clone());
            second.data_type = Some(data_type.clone());
            second.comment = definition.comment.clone();
            second.default = definition.default.clone();
            second.on_update = definition.on_update.clone();
            second.invisible = definition.invisible.unwrap_or_default();
            second.generated = definition.generated.clone();
        }
        _ => {}
    }
    if !keeps_default(cx) {
        second.default = None;
    } else if cx.target().engine == Engine::Sqlite {
        // Nothing but a new table makes it so later.
        second.not_null = was.not_null;
    }
    // A type of SQLite's may be no word at all.
    let spelt = spell::definition(cx.catalog(), whole, &second)
        .map_or_else(|| UNKNOWN.to_owned(), |text| text.split_once(' ').map_or(String::new(), |(_, own)| own.to_owned()));
    // In the words of the statement, where it has some.
    let plain = second.data_type.as_ref().map(|own| spell::data_type(own, cx.target())).unwrap_or_default();
    match spelt.strip_prefix(&plain) {
        Some(rest) if matches!(cx.change.action, Action::SetType { .. }) => format!("{}{rest}", column_type(cx)),
        _ => spelt,
    }
}

/// The default that the second column is to have.
fn default<'a>(cx: &Context<'a>) -> Option<&'a DefaultValue> {
    let own = match &cx.change.action {
        Action::ModifyColumn { definition, .. } => definition.default.as_ref(),
        _ => cx.column().filter(|column| column.generated.is_none() && column.identity.is_none())?.default.as_ref(),
    };
    own.filter(|default| !default.expression.text.trim().eq_ignore_ascii_case("null"))
}

/// SQLite gives no default to a column that is there, and MySQL none that the clock gives.
fn keeps_default(cx: &Context<'_>) -> bool {
    let by_clock = |default: &DefaultValue| {
        let text = default.expression.text.trim().to_ascii_lowercase();
        !default.parenthesised && ["current_timestamp", "now", "localtime"].iter().any(|word| text.starts_with(word))
    };
    match cx.target().engine {
        Engine::Sqlite => default(cx).is_some_and(|default| is_literal(&default.expression.text)),
        Engine::Mysql | Engine::Mariadb => default(cx).is_some_and(by_clock),
        Engine::Postgres => false,
    }
}

/// A number or text as it stands there.
fn is_literal(text: &str) -> bool {
    let text = text.trim();
    let words = ["true", "false", "null"];
    text.starts_with(['\'', '"', '-', '+'])
        || text.starts_with(|c: char| c.is_ascii_digit())
        || words.iter().any(|one| text.eq_ignore_ascii_case(one))
}

/// What else an UPDATE has to say, so that MySQL's clock leaves the rows' times alone.
pub(super) fn untouched(cx: &Context<'_>) -> Option<String> {
    let by_clock = cx.table()?.columns.iter().filter(|column| column.on_update.is_some());
    let own = cx.column_name().map(|own| own.value.to_lowercase());
    let others = by_clock.filter(|column| Some(column.name.to_lowercase()) != own);
    let said: String = others.map(|column| name(cx, &column.name)).map(|column| format!(", {column} = {column}")).collect();
    (!said.is_empty()).then_some(said)
}

/// A MODIFY with what the column has and the statement forgets.
pub(super) fn repeated(cx: &Context<'_>) -> Option<String> {
    let Action::ModifyColumn { definition, .. } = &cx.change.action else { return None };
    let (whole, was) = (cx.table()?, cx.column()?);
    let data_type = definition.data_type.clone()?;
    let texts = |one: &str| one.contains("char") || one.contains("text") || one == "enum" || one == "set";
    let still_text = texts(&data_type.name);
    let collation = data_type.collation.as_ref().map(|one| one.name.value.clone()).or_else(|| was.collation.clone());
    let charset = data_type.charset.as_ref().map(|one| one.value.clone()).or_else(|| was.charset.clone());
    let kept = Column {
        name: definition.name.value.clone(),
        data_type: Some(crate::change::DataType { charset: None, collation: None, ..data_type }),
        collation: collation.filter(|_| still_text),
        charset: charset.filter(|_| still_text),
        not_null: was.not_null && definition.null.is_none() || definition.not_null.is_some(),
        default: definition.default.clone().or_else(|| was.default.clone()),
        on_update: definition.on_update.clone().or_else(|| was.on_update.clone()),
        comment: definition.comment.clone().or_else(|| was.comment.clone()),
        ..was.clone()
    };
    let verb = if kept.name.eq_ignore_ascii_case(&was.name) { "MODIFY".to_owned() } else { format!("CHANGE {}", name(cx, &was.name)) };
    Some(format!("ALTER TABLE {} {verb} {};", table(cx), spell::definition(cx.catalog(), whole, &kept)?))
}

/// What the second column is called.
fn second(cx: &Context<'_>) -> Option<String> {
    Some(match &cx.change.action {
        Action::RenameColumn { to, .. } => to.value.clone(),
        Action::ModifyColumn { column, definition, .. } if !definition.name.is(&column.value) => definition.name.value.clone(),
        _ => format!("{}_new", cx.column_name()?.value),
    })
}

/// The statement that gives the second column its default.
pub(super) fn kept_default(cx: &Context<'_>) -> Option<String> {
    let own = default(cx).filter(|_| !keeps_default(cx) && cx.target().engine != Engine::Sqlite)?;
    Some(format!("ALTER TABLE {} ALTER COLUMN {} SET {};", table(cx), name(cx, &second(cx)?), one_line(&spell::default_clause(own))))
}

/// The value of the second column, from the first.
pub(super) fn converted(cx: &Context<'_>) -> Option<String> {
    match &cx.change.action {
        Action::SetType { using: Some(using), .. } => Some(line(using)),
        _ => Some(name(cx, &cx.column_name()?.value)),
    }
}

/// The rows that still want it.
pub(super) fn unfilled(cx: &Context<'_>) -> Option<String> {
    let to = name(cx, &second(cx)?);
    if !keeps_default(cx) {
        return Some(format!("{to} IS NULL"));
    }
    let from = converted(cx)?;
    Some(if cx.target().engine == Engine::Sqlite { format!("{to} IS NOT {from}") } else { format!("NOT {to} <=> {from}") })
}

/// What the first column has that nobody has made on the second yet.
pub(super) fn carried(cx: &Context<'_>) -> Option<String> {
    let (table, was) = (cx.table()?, cx.column()?);
    let mut found = Vec::new();
    if was.not_null && !(cx.target().engine == Engine::Sqlite && keeps_default(cx)) {
        found.push("NOT NULL".to_owned());
    }
    if cx.target().engine == Engine::Sqlite && default(cx).is_some() && !keeps_default(cx) {
        found.push("DEFAULT".to_owned());
    }
    for index in table.indexes.iter().filter(|index| !index.primary) {
        let names = |part: &IndexPart| match part {
            IndexPart::Column(column) => column.is(&was.name),
            IndexPart::Expression(expression) => mentions(&expression.text, &was.name),
        };
        let by_condition = index.predicate.as_ref().is_some_and(|one| mentions(&one.text, &was.name));
        if by_condition || index.keys.iter().any(|key| names(&key.part)) {
            found.push(index.name.clone());
        }
    }
    for constraint in &table.constraints {
        let other = match constraint.kind {
            ConstraintKind::Check | ConstraintKind::ForeignKey => true,
            // They stand there as indexes, or are no constraint of their own.
            ConstraintKind::PrimaryKey | ConstraintKind::Unique | ConstraintKind::Exclusion | ConstraintKind::NotNull => false,
        };
        if other && constraint.columns.iter().any(|one| one.eq_ignore_ascii_case(&was.name)) {
            found.push(if constraint.name.is_empty() { "its CHECK".to_owned() } else { constraint.name.clone() });
        }
    }
    for other in table.columns.iter().filter(|other| !other.name.eq_ignore_ascii_case(&was.name)) {
        if other.generated.as_ref().is_some_and(|generated| mentions(&generated.expression.text, &was.name)) {
            found.push(format!("the computed column {}", other.name));
        }
    }
    found.retain(|name| !name.is_empty());
    (!found.is_empty()).then(|| format!("; then make on it what `{}` has: {}", was.name, found.join(", ")))
}

fn mentions(text: &str, column: &str) -> bool {
    let words = text.split(|c: char| c != '_' && !c.is_alphanumeric());
    words.into_iter().any(|word| word.eq_ignore_ascii_case(column))
}

/// A default as the server's ALTER COLUMN … SET DEFAULT takes it.
pub(super) fn written_default(cx: &Context<'_>) -> Option<String> {
    let own = match &cx.change.action {
        Action::SetDefault { default, .. } => default,
        _ => super::super::column::definition(cx)?.default.as_ref()?,
    };
    let clause = one_line(&spell::default_clause(own));
    let text = clause.strip_prefix("DEFAULT ").unwrap_or(&clause).to_owned();
    // MySQL takes a literal, or an expression in parentheses.
    let bare = text.starts_with('(') || is_literal(&text) || cx.target().engine != Engine::Mysql;
    Some(if bare { text } else { format!("({text})") })
}

/// A type that numbers rows, as the type of the numbers.
pub(super) fn counted(cx: &Context<'_>) -> Option<String> {
    let own = super::super::column::definition(cx)?.data_type.as_ref()?;
    Some(match own.name.as_str() {
        "smallserial" => "smallint".to_owned(),
        "serial" => "integer".to_owned(),
        "bigserial" => "bigint".to_owned(),
        _ => column_type(cx),
    })
}

/// `table_column_seq`, in the table's schema and in quotes inside the text that names it.
pub(super) fn sequence(cx: &Context<'_>) -> Option<String> {
    let own = cx.spelled_table_name();
    let bare = crate::sql::without_schema(&own);
    let sequence = name(cx, &format!("{bare}_{}_seq", cx.column_name()?.value));
    let schema = own.strip_suffix(bare).unwrap_or_default().trim_end_matches('.');
    let qualified = if schema.is_empty() { sequence } else { format!("{}.{sequence}", name(cx, schema)) };
    Some(qualified.replace('\'', "''"))
}
