//! From a written name to the key of an object: folding, search path, current database.

use super::{Catalog, Key};
use crate::change::{Ident, ObjectName};
use crate::engine::Engine;

impl Catalog {
    /// A name in the form in which the engine compares it. PostgreSQL names are folded when read.
    pub fn fold(&self, name: &Ident) -> String {
        match self.target.engine {
            Engine::Postgres => name.value.clone(),
            Engine::Mysql | Engine::Mariadb | Engine::Sqlite => name.value.to_lowercase(),
        }
    }

    /// Where an object of this name would be made: the schema written, else the first of the
    /// search path, else the current database.
    pub fn key(&self, name: &ObjectName) -> Key {
        let schema = match &name.schema {
            Some(schema) => self.fold_schema(schema),
            None => self.current_schema(),
        };
        Key { schema, name: self.fold(&name.name) }
    }

    /// The key of the table, view or sequence a name stands for; where nothing of that name is
    /// known, the key it would be made under.
    pub fn resolve(&self, name: &ObjectName) -> Key {
        self.find_key(name, |key| self.has_relation(key))
    }

    /// The key of a type, domain or enum.
    pub fn resolve_type(&self, name: &ObjectName) -> Key {
        self.find_key(name, |key| self.enums.contains_key(key) || self.domains.contains_key(key) || self.types.contains_key(key))
    }

    pub fn resolve_routine(&self, name: &ObjectName) -> Key {
        self.find_key(name, |key| self.routines.contains_key(key))
    }

    /// PostgreSQL index names live beside table names in a schema; SQLite's in the database.
    pub fn resolve_index(&self, name: &ObjectName) -> Key {
        self.find_key(name, |key| self.index_owners.contains_key(key))
    }

    /// The schema in which unqualified names are made.
    pub fn current_schema(&self) -> String {
        self.made_in().to_owned()
    }

    fn made_in(&self) -> &str {
        match self.target.engine {
            // "$user" names a schema that hardly ever exists (manual 5.10.3).
            Engine::Postgres => self
                .session
                .search_path
                .iter()
                .find(|schema| !matches!(schema.as_str(), "$user" | "pg_catalog" | "pg_temp"))
                .map_or("public", String::as_str),
            Engine::Mysql | Engine::Mariadb => self.session.search_path.first().map_or("", String::as_str),
            Engine::Sqlite => "",
        }
    }

    fn fold_schema(&self, schema: &Ident) -> String {
        let folded = self.fold(schema);
        match self.target.engine {
            Engine::Sqlite if folded == "main" => String::new(),
            Engine::Postgres if folded.starts_with("pg_temp") => "pg_temp".to_owned(),
            Engine::Postgres | Engine::Mysql | Engine::Mariadb | Engine::Sqlite => folded,
        }
    }

    fn has_temporary(&self) -> bool {
        self.tables.had_temporary()
            || self.views.had_temporary()
            || self.sequences.had_temporary()
            || self.index_owners.had_temporary()
            || self.types.had_temporary()
            || self.enums.had_temporary()
            || self.domains.had_temporary()
            || self.routines.had_temporary()
    }

    fn has_relation(&self, key: &Key) -> bool {
        self.tables.contains_key(key) || self.views.contains_key(key) || self.sequences.contains_key(key)
    }

    fn find_key(&self, name: &ObjectName, exists: impl Fn(&Key) -> bool) -> Key {
        if self.target.engine == Engine::Postgres && name.schema.is_none() {
            let path = self.session.search_path.iter().map(String::as_str);
            // Temporary objects come first, whatever the path says. One key serves for all schemas:
            // nothing is asked for more often.
            let temporary = self.has_temporary().then_some("pg_temp");
            let mut probe = Key { schema: String::with_capacity(16), name: self.fold(&name.name) };
            let mut look = |schema: &str| {
                probe.schema.clear();
                probe.schema.push_str(schema);
                exists(&probe)
            };
            if !temporary.into_iter().chain(path.filter(|schema| *schema != "$user")).any(&mut look) {
                look(self.made_in());
            }
            return probe;
        }
        let first = self.key(name);
        match (self.target.engine, &name.schema) {
            (Engine::Postgres, _) => first,
            (Engine::Sqlite, _) => {
                let temporary = Key { schema: "temp".to_owned(), name: first.name.clone() };
                if name.schema.is_none() && exists(&temporary) { temporary } else { first }
            }
            (Engine::Mysql | Engine::Mariadb, _) => {
                if exists(&first) {
                    return first;
                }
                // Which database a connection is in is often said outside the files: a name with a
                // database and one without may be the same table.
                if name.schema.is_some() {
                    let bare = Key { schema: String::new(), name: first.name.clone() };
                    if self.session.search_path.is_empty() && exists(&bare) {
                        return bare;
                    }
                    return first;
                }
                if first.schema.is_empty() {
                    for schema in self.schemas.keys() {
                        let key = Key { schema: schema.clone(), name: first.name.clone() };
                        if exists(&key) {
                            return key;
                        }
                    }
                } else {
                    let bare = Key { schema: String::new(), name: first.name.clone() };
                    if exists(&bare) {
                        return bare;
                    }
                }
                first
            }
        }
    }
}
