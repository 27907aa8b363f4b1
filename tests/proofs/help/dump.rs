//! All that a schema is, in lines that can be compared, and the rows of its tables.

use std::collections::BTreeSet;

use lockgate::engine::Engine;

use super::super::lab::Lab;

pub type Dump = BTreeSet<String>;

pub fn take(lab: &mut dyn Lab) -> Result<Dump, String> {
    match lab.target().engine {
        Engine::Postgres => postgres(lab),
        Engine::Mysql | Engine::Mariadb => mysql(lab),
        Engine::Sqlite => sqlite(lab),
    }
}

/// What one has and the other has not.
pub fn differences(wanted: &Dump, made: &Dump) -> Vec<String> {
    let missing = wanted.difference(made).map(|line| format!("- {line}"));
    missing.chain(made.difference(wanted).map(|line| format!("+ {line}"))).collect()
}

fn ask(lab: &mut dyn Lab, query: &str) -> Result<Vec<Vec<String>>, String> {
    lab.ask(query).map_err(|error| format!("{error}: {query}"))
}

fn add(lab: &mut dyn Lab, query: &str, dump: &mut Dump) -> Result<(), String> {
    dump.extend(ask(lab, query)?.into_iter().map(|row| row.join(" ").split_whitespace().collect::<Vec<_>>().join(" ")));
    Ok(())
}

/// The rows, whatever order the columns are in: one line for each column.
fn rows(lab: &mut dyn Lab, table: &str, query: &str, columns: &[String], dump: &mut Dump) -> Result<(), String> {
    let rows = ask(lab, query)?;
    for (at, column) in columns.iter().enumerate() {
        let mut values: Vec<&str> = rows.iter().filter_map(|row| row.get(at)).map(String::as_str).collect();
        values.sort_unstable();
        let empty = values.iter().filter(|value| value.is_empty()).count();
        let shown: Vec<&str> = values.iter().copied().take(2).collect();
        let hash =
            values.iter().flat_map(|value| value.bytes().chain([0])).fold(17u64, |hash, byte| hash.wrapping_mul(31) ^ u64::from(byte));
        dump.insert(format!("rows {table}.{column}: {} values, {empty} empty, {} … {hash:x}", values.len(), shown.join(", ")));
    }
    Ok(())
}

const OWN: &str = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'";

fn postgres(lab: &mut dyn Lab) -> Result<Dump, String> {
    let major = lab.target().version.major;
    let mut dump = Dump::new();
    let generated = if major >= 12 { "a.attgenerated" } else { "''" };
    let without_extensions = "NOT EXISTS (SELECT 1 FROM pg_depend x WHERE x.objid = c.oid AND x.deptype = 'e')";
    let queries = [
        format!(
            "SELECT 'column', format('%I.%I.%I', n.nspname, c.relname, a.attname), format_type(a.atttypid, a.atttypmod), \
             CASE WHEN a.attnotnull THEN 'NOT NULL' END, 'DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), \
             'identity ' || nullif(a.attidentity::text, ''), 'generated ' || nullif({generated}::text, ''), \
             (SELECT 'COLLATE ' || o.collname FROM pg_collation o WHERE o.oid = a.attcollation AND o.collname <> 'default'), \
             'COMMENT ' || col_description(a.attrelid, a.attnum), 'statistics ' || nullif(nullif(a.attstattarget, -1), 0)::text, \
             'storage ' || a.attstorage::text, a.attacl::text, a.attoptions::text \
             FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
             LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum \
             WHERE {OWN} AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c')"
        ),
        format!(
            "SELECT 'order', format('%I.%I', n.nspname, c.relname), string_agg(a.attname, ', ' ORDER BY a.attnum) \
             FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
             WHERE {OWN} AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p') GROUP BY 1, 2"
        ),
        format!(
            "SELECT 'relation', c.relkind, format('%I.%I', n.nspname, c.relname), c.relpersistence, c.reloptions::text, c.relacl::text, \
             'security ' || c.relrowsecurity::text || c.relforcerowsecurity::text, 'replica ' || c.relreplident::text, c.relispopulated, \
             'COMMENT ' || obj_description(c.oid, 'pg_class'), pg_get_expr(c.relpartbound, c.oid), \
             (SELECT string_agg(p.inhparent::regclass::text, ',') FROM pg_inherits p WHERE p.inhrelid = c.oid), \
             (SELECT 'TABLESPACE ' || t.spcname FROM pg_tablespace t WHERE t.oid = c.reltablespace), \
             (SELECT string_agg('OWNED BY ' || x.refobjid::regclass::text || '.' || x.refobjsubid::text, ' ') FROM pg_depend x \
              WHERE x.objid = c.oid AND c.relkind = 'S' AND x.refobjsubid > 0 AND x.deptype IN ('a', 'i')), \
             CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END, \
             (SELECT concat_ws(' ', format_type(s.seqtypid, NULL), s.seqincrement, s.seqmin, s.seqmax, s.seqcycle) FROM pg_sequence s WHERE s.seqrelid = c.oid) \
             FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {OWN} AND c.relkind <> 'i' AND c.relkind <> 'I' AND {without_extensions}"
        ),
        format!(
            "SELECT 'index', pg_get_indexdef(i.indexrelid), CASE WHEN NOT i.indisvalid THEN 'INVALID' END, i.indisprimary, i.indisreplident, \
             i.indisclustered, i.indimmediate, 'COMMENT ' || obj_description(c.oid, 'pg_class'), \
             (SELECT 'TABLESPACE ' || t.spcname FROM pg_tablespace t WHERE t.oid = c.reltablespace), \
             (SELECT string_agg(p.inhparent::regclass::text, ',') FROM pg_inherits p WHERE p.inhrelid = c.oid) \
             FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {OWN}"
        ),
        format!(
            "SELECT 'constraint', CASE WHEN k.conrelid <> 0 THEN k.conrelid::regclass::text ELSE k.contypid::regtype::text END, \
             quote_ident(k.conname), pg_get_constraintdef(k.oid), CASE WHEN NOT k.convalidated THEN 'UNVALIDATED' END, \
             CASE WHEN NOT k.conislocal THEN 'inherited' END, CASE WHEN k.connoinherit THEN 'NO INHERIT' END, \
             'COMMENT ' || obj_description(k.oid, 'pg_constraint') \
             FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace WHERE {OWN} AND k.contype <> 't'"
        ),
        format!(
            "SELECT 'trigger', pg_get_triggerdef(t.oid), t.tgenabled FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid \
             JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {OWN} AND NOT t.tgisinternal"
        ),
        format!(
            "SELECT 'type', format('%I.%I', n.nspname, t.typname), t.typtype, t.typnotnull, t.typdefault, \
             CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) END, \
             (SELECT string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid) \
             FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE {OWN} AND t.typtype IN ('d', 'e', 'r')"
        ),
        format!(
            "SELECT 'routine', p.oid::regprocedure, md5(p.prosrc), p.provolatile, l.lanname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace \
             JOIN pg_language l ON l.oid = p.prolang WHERE {OWN} AND NOT EXISTS (SELECT 1 FROM pg_depend x WHERE x.objid = p.oid AND x.deptype = 'e')"
        ),
        "SELECT 'policy', p::text FROM pg_policies p".to_owned(),
        "SELECT 'rule', r::text FROM pg_rules r WHERE r.schemaname NOT IN ('pg_catalog', 'information_schema')".to_owned(),
        "SELECT 'publication', p::text FROM pg_publication_tables p".to_owned(),
        "SELECT 'extension', extname FROM pg_extension".to_owned(),
        "SELECT 'schema', nspname FROM pg_namespace WHERE nspname !~ '^pg_'".to_owned(),
    ];
    for query in &queries {
        add(lab, query, &mut dump)?;
    }
    let tables = format!(
        "SELECT format('%I.%I', n.nspname, c.relname), a.attname, quote_ident(a.attname) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid \
         JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {OWN} AND a.attnum > 0 AND NOT a.attisdropped \
         AND c.relkind IN ('r', 'p') ORDER BY 1, 2"
    );
    each_table(ask(lab, &tables)?, lab, &mut dump)?;
    Ok(dump)
}

/// Rows of `table, column, column as it is written`.
fn each_table(listed: Vec<Vec<String>>, lab: &mut dyn Lab, dump: &mut Dump) -> Result<(), String> {
    let mut rest = listed.as_slice();
    while let Some(table) = rest.first().and_then(|row| row.first()) {
        let own = rest.iter().take_while(|row| row.first() == Some(table)).count();
        let (mine, others) = rest.split_at(own);
        let written: Vec<&str> = mine.iter().filter_map(|row| row.get(2)).map(String::as_str).collect();
        let names: Vec<String> = mine.iter().filter_map(|row| row.get(1)).cloned().collect();
        rows(lab, table, &format!("SELECT {} FROM {table}", written.join(", ")), &names, dump)?;
        rest = others;
    }
    Ok(())
}

fn mysql(lab: &mut dyn Lab) -> Result<Dump, String> {
    let mut dump = Dump::new();
    let own = "NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema', 'test', 'lockgate_marker')";
    let tables = ask(lab, &format!("SELECT table_schema, table_name, table_type FROM information_schema.tables WHERE table_schema {own}"))?;
    for row in tables {
        let [schema, table, kind] = row.as_slice() else { continue };
        let kind = if kind.contains("VIEW") { "VIEW" } else { "TABLE" };
        let shown = ask(lab, &format!("SHOW CREATE {kind} `{schema}`.`{table}`"))?;
        let text = shown.first().and_then(|row| row.get(1)).cloned().unwrap_or_default();
        let mut order = Vec::new();
        for line in text.lines() {
            let line = line.trim().trim_end_matches(',');
            // The next number is no part of the schema.
            let words: Vec<&str> = line.split(' ').filter(|word| !(line.starts_with(')') && word.starts_with("AUTO_INCREMENT="))).collect();
            if let Some(name) = line.strip_prefix('`') {
                order.push(name.split('`').next().unwrap_or_default().to_owned());
            }
            dump.insert(format!("{table}: {}", words.join(" ")));
        }
        dump.insert(format!("order {table}: {}", order.join(", ")));
    }
    let triggers = format!(
        "SELECT 'trigger', trigger_name, event_object_table, action_timing, event_manipulation, action_statement FROM information_schema.triggers \
         WHERE trigger_schema {own}"
    );
    add(lab, &triggers, &mut dump)?;
    add(
        lab,
        &format!("SELECT 'schema', schema_name, default_collation_name FROM information_schema.schemata WHERE schema_name {own}"),
        &mut dump,
    )?;
    let columns = format!(
        "SELECT CONCAT('`', c.table_schema, '`.`', c.table_name, '`'), c.column_name, CONCAT('`', c.column_name, '`') \
         FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name) \
         WHERE c.table_schema {own} AND t.table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') ORDER BY 1, 2"
    );
    each_table(ask(lab, &columns)?, lab, &mut dump)?;
    Ok(dump)
}

fn sqlite(lab: &mut dyn Lab) -> Result<Dump, String> {
    let mut dump = Dump::new();
    add(lab, "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE type <> 'table' AND sql IS NOT NULL", &mut dump)?;
    let tables = "SELECT t.name FROM pragma_table_list t WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%'";
    for row in ask(lab, tables)? {
        let table = row.concat();
        let text = format!("'{}'", table.replace('\'', "''"));
        let listed = format!("SELECT 'column', {text}, name, type, \"notnull\", dflt_value, pk, hidden FROM pragma_table_xinfo({text})");
        add(lab, &listed, &mut dump)?;
        add(
            lab,
            &format!(
                "SELECT 'key', {text}, id, seq, \"table\", \"from\", \"to\", on_update, on_delete FROM pragma_foreign_key_list({text})"
            ),
            &mut dump,
        )?;
        add(
            lab,
            &format!(
                "SELECT 'unique', {text}, group_concat(i.name), l.origin, l.partial FROM pragma_index_list({text}) l, pragma_index_info(l.name) i WHERE l.\"unique\" GROUP BY l.name"
            ),
            &mut dump,
        )?;
        add(lab, &format!("SELECT 'table', name, sql FROM sqlite_schema WHERE type = 'table' AND name = {text}"), &mut dump)?;
        let columns = format!("SELECT '\"{table}\"', name, '\"' || name || '\"' FROM pragma_table_info({text}) ORDER BY 2");
        each_table(ask(lab, &columns)?, lab, &mut dump)?;
    }
    Ok(dump)
}
