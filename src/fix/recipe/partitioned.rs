//! An index of a partitioned table: the table's own first, with nothing in it, then each partition's
//! CONCURRENTLY, and in the end each takes its place below it (manual, CREATE INDEX, Notes).

use super::{Case, Here, Later, Moved, Proposal, Rewrite, What, refusal, rewrite};
use crate::catalog::{Table, TableKind};
use crate::change::CreateIndex;
use crate::fix::edit::Edit;
use crate::fix::words;
use crate::migration::OutsideFor;
use crate::source::Span;

pub fn build(case: &Case<'_>, index: &CreateIndex) -> Option<Proposal> {
    let (Some(parent), Some(written)) = (case.table(), &case.change.table) else { return None };
    let by = parent.partitioning.as_ref()?;
    let partitions: Vec<&Table> = by.partitions.iter().filter_map(|key| case.before.table_at(key)).collect();
    if partitions.is_empty() || partitions.len() != by.partitions.len() {
        return refusal("its partitions are not known here: CREATE INDEX ... ON ONLY, then CONCURRENTLY on each partition, then ATTACH");
    }
    if partitions.iter().any(|partition| partition.kind != TableKind::Table) {
        return refusal(
            "a partition is partitioned itself, or lies elsewhere: begin with the lowest ones, CONCURRENTLY, and ATTACH upwards",
        );
    }
    let after = case.after();
    let of = |table: &Table| {
        let new = after.table_at(&table.key)?.indexes.iter().find(|index| table.index(&index.name).is_none())?;
        Some(new.name.clone())
    };
    let mut edits = vec![Edit::insert(written.span().start, "ONLY ")];
    let name = match &index.name {
        Some(name) => case.words(name.name.span).to_owned(),
        None => {
            let Some(name) = of(parent).map(|name| case.quoted(&name)) else { return refusal("give the index a name") };
            edits.push(Edit::insert(index.index_keyword.end, format!(" {name}")));
            name
        }
    };
    let bare = index.name.as_ref().map_or_else(|| of(parent).unwrap_or_default(), |name| name.name.value.clone());
    // An index lives in its table's schema.
    let schema = written.schema.as_ref().map(|schema| format!("{}.", case.words(schema.span))).unwrap_or_default();
    let unique = if index.unique { "UNIQUE " } else { "" };
    let rest = case.words(Span::new(written.span().end, case.statement.span.end)).trim_start();
    let mut later = Vec::new();
    let mut attach = Vec::new();
    let mut tables = vec![case.table_name().to_lowercase()];
    for partition in partitions {
        let Some(own) = of(partition) else { return refusal("a partition has a fitting index already: attach that one by hand") };
        let child = case.quoted(&own);
        let (table, at) = (words::key(&partition.key, case.target), words::within(&partition.key.schema, &own, case.target));
        later.push(Later {
            name: format!("create_{own}"),
            up: vec![format!("CREATE {unique}INDEX CONCURRENTLY {child} ON {table} {rest};")],
            down: vec![format!("DROP INDEX CONCURRENTLY IF EXISTS {at};")],
            outside: Some(OutsideFor::Concurrently),
            ..Later::default()
        });
        attach.push(format!("ALTER INDEX {schema}{name} ATTACH PARTITION {at};"));
        tables.push(partition.key.name.to_lowercase());
    }
    later.push(Later {
        name: format!("attach_{bare}"),
        up: attach,
        // What is attached goes with the index above it.
        down: vec![format!("DROP INDEX {schema}{name};"), format!("CREATE {unique}INDEX {name} ON ONLY {} {rest};", case.table_words())],
        comment: Some("-- The index is valid once every partition has its own: those made outside the migrations, too.".to_owned()),
        accepts: Some("-- lockgate:ignore-file asymmetric-down: what is attached goes with the index above it".to_owned()),
        ..Later::default()
    });
    rewrite(Rewrite {
        title: format!(
            "`{bare}` is made ON ONLY, each partition's index CONCURRENTLY in a migration of its own, and then they are attached"
        ),
        here: Here::Edits(edits),
        later,
        undo: None,
        moved: Some(Moved { tables, names: vec![bare.to_lowercase()], columns: Vec::new(), what: What::Index { unique: index.unique } }),
    })
}
