//! Functions and procedures.

use std::sync::Arc;

use crate::catalog::{Catalog, Fired, Routine};
use crate::change::{CreateRoutine, DataType, ObjectName, Parameter, RoutineKind};
use crate::engine::Engine;
use crate::source::Script;

/// More routines of one name are not kept apart.
const MOST_OVERLOADS: usize = 32;

impl Catalog {
    pub(super) fn create_routine(&mut self, create: &CreateRoutine, script: &Script) {
        let key = self.key(&create.name);
        let known = self.routines.get(&key).cloned();
        let birth = known.as_ref().map_or(self.now, |known| known.birth);
        let mut overloads = Vec::new();
        if let Some(mut known) = known.filter(|_| self.target.engine == Engine::Postgres) {
            overloads = std::mem::take(&mut Arc::make_mut(&mut known).overloads);
            overloads.push(known);
            overloads.retain(|other| other.arguments != create.arguments || takes_others(&other.parameters, &create.parameters));
            overloads.truncate(MOST_OVERLOADS);
        }
        let routine = Routine {
            key: key.clone(),
            is_procedure: create.kind == RoutineKind::Procedure,
            language: create.language.clone(),
            volatility: create.volatility,
            arguments: create.arguments,
            required: create.required,
            parameters: create.parameters.clone(),
            body: create.body_text.clone(),
            code: create.body.map(|body| (body, script.locate(body))),
            overloads,
            returns: create.returns.clone(),
            atomic: create.atomic,
            search_path: create.search_path.clone(),
            birth,
            fired: Fired::default(),
        };
        self.dropped_routines.remove(&key);
        self.routines.insert(key, Arc::new(routine));
    }

    /// With its arguments written, one of several of a name goes.
    pub(super) fn drop_routine(&mut self, name: &ObjectName, arguments: Option<u32>, types: Option<&[DataType]>, cascade: bool) {
        let key = self.resolve_routine(name);
        let other = |routine: &Routine| types.is_some_and(|types| routine.takes_others_than(types));
        if let Some(known) = self.routines.get(&key)
            && other(known)
            && known.overloads.iter().all(|one| other(one))
        {
            return;
        }
        if cascade {
            self.drop_triggers_calling(&key);
        }
        let Some(mut known) = self.routines.remove(&key) else { return };
        if known.overloads.is_empty() || arguments.is_none() {
            self.dropped_routines.insert(key, self.now);
            return;
        }
        let routine = Arc::make_mut(&mut known);
        let mut left = std::mem::take(&mut routine.overloads);
        if Some(routine.arguments) == arguments && !other(routine) {
            known = left.remove(0);
        } else {
            left.retain(|one| Some(one.arguments) != arguments || other(one));
        }
        Arc::make_mut(&mut known).overloads = left;
        self.routines.insert(key, known);
    }
}

impl Routine {
    /// Whether its inputs are of other types than these, for certain.
    pub fn takes_others_than(&self, types: &[DataType]) -> bool {
        let inputs: Vec<&Parameter> = self.parameters.iter().filter(|one| one.input).collect();
        let differs = |one: &Parameter, wanted: &DataType| {
            one.data_type.as_ref().is_some_and(|known| plain(&known.name) != plain(&wanted.name) || known.array != wanted.array)
        };
        inputs.len() == types.len() && inputs.iter().zip(types).any(|(one, wanted)| differs(one, wanted))
    }
}

/// One name for each of the server's types that have several.
fn plain(name: &str) -> &str {
    match name {
        "int" | "int4" => "integer",
        "int8" => "bigint",
        "int2" => "smallint",
        "varchar" => "character varying",
        "char" | "bpchar" => "character",
        "bool" => "boolean",
        "float8" | "float" => "double precision",
        "float4" => "real",
        "decimal" | "dec" => "numeric",
        "timestamp" => "timestamp without time zone",
        "timestamptz" => "timestamp with time zone",
        "time" => "time without time zone",
        "timetz" => "time with time zone",
        "varbit" => "bit varying",
        other => other,
    }
}

/// Whether two declarations of as many arguments are of two routines: their types differ for certain.
fn takes_others(a: &[Parameter], b: &[Parameter]) -> bool {
    let inputs = |list: &[Parameter]| list.iter().filter(|one| one.input).map(|one| one.data_type.clone()).collect::<Option<Vec<_>>>();
    let (Some(a), Some(b)) = (inputs(a), inputs(b)) else { return false };
    a.iter().zip(&b).any(|(a, b)| a.name != b.name || a.array != b.array)
}
