//! The table of hazards in `tests/data/risk-table.toml` against the rules there are: one test a row.

use std::sync::Arc;

use libtest_mimic::{Failed, Trial};
use lockgate::engine::Engine;
use lockgate::rules::Rule;

const TABLE: &str = include_str!("../data/risk-table.toml");

pub fn trials(rules: &[Arc<Rule>]) -> Vec<Trial> {
    let table: toml::Table = match toml::from_str(TABLE) {
        Ok(table) => table,
        Err(error) => {
            let message = error.to_string();
            return vec![Trial::test("table/is-readable", move || Err(Failed::from(message)))];
        }
    };
    let mut trials = Vec::new();
    let mut known = Vec::new();
    for (category, rows) in table.iter().filter(|(name, _)| !["said-by", "waiting"].contains(&name.as_str())) {
        for (id, row) in rows.as_table().into_iter().flatten() {
            known.push(id.clone());
            let rule = rules.iter().find(|rule| rule.id == *id).cloned();
            let (category, row) = (category.clone(), row.as_str().unwrap_or_default().to_owned());
            trials.push(Trial::test(format!("table/{category}/{id}"), move || shown(rule.as_deref(), &category, &row)));
        }
    }
    let strangers: Vec<String> = rules.iter().filter(|rule| !known.contains(&rule.id)).map(|rule| rule.id.clone()).collect();
    trials.push(Trial::test("table/every-rule-has-a-row", move || {
        if strangers.is_empty() { Ok(()) } else { Err(format!("not in tests/data/risk-table.toml: {strangers:?}").into()) }
    }));
    for (key, said) in table.get("said-by").and_then(toml::Value::as_table).into_iter().flatten() {
        let (key, said, rules) = (key.clone(), said.clone(), rules.to_vec());
        trials.push(Trial::test(format!("table/said-by/{}", key.replace(' ', "-")), move || said_by(&rules, &key, &said)));
    }
    let early: Vec<String> = table.get("waiting").and_then(toml::Value::as_table).into_iter().flatten().map(|(id, _)| id.clone()).collect();
    let early: Vec<String> = early.into_iter().filter(|id| rules.iter().any(|rule| rule.id == *id)).collect();
    trials.push(Trial::test("table/those-who-wait-are-not-there", move || {
        if early.is_empty() { Ok(()) } else { Err(format!("they wait no longer: {early:?}").into()) }
    }));
    trials
}

fn shown(rule: Option<&Rule>, category: &str, row: &str) -> Result<(), Failed> {
    let rule = rule.ok_or("no rule reports this hazard")?;
    let severity = if rule.enabled { rule.severity.name() } else { "off" };
    let here = format!("{severity} {}", letters(rule));
    if rule.category != category || here != row {
        return Err(format!("the table says {category}: {row}; the rule {}: {here}", rule.category).into());
    }
    Ok(())
}

fn letters(rule: &Rule) -> String {
    let engines = [(Engine::Postgres, 'P'), (Engine::Mysql, 'M'), (Engine::Mariadb, 'A'), (Engine::Sqlite, 'S')];
    engines.into_iter().filter(|(engine, _)| rule.applies_to(*engine)).map(|(_, letter)| letter).collect()
}

/// `"rule E" = ["other-rule", "why"]`: the other one speaks on that engine, the first does not.
fn said_by(rules: &[Arc<Rule>], key: &str, said: &toml::Value) -> Result<(), Failed> {
    let find = |id: &str| rules.iter().find(|rule| rule.id == id).ok_or_else(|| Failed::from(format!("there is no rule `{id}`")));
    let (id, engine) = key.split_once(' ').ok_or("write `rule-id E`")?;
    let other = said.as_array().and_then(|said| said.first()).and_then(toml::Value::as_str).ok_or("write [rule, why]")?;
    if letters(find(id)?).contains(engine) {
        return Err("it speaks there itself".into());
    }
    if !letters(find(other)?).contains(engine) {
        return Err(format!("`{other}` does not speak there either").into());
    }
    Ok(())
}
