//! What a query touches, told from its tokens: tables read, functions called, names mentioned.
//!
//! A walk without a grammar: it never fails and never recurses, so that a query of any size or depth
//! costs one pass.

use sqlparser::tokenizer::{Token as Lexeme, Word};

use super::name::fold;
use crate::change::{Call, ObjectName};
use crate::engine::Target;
use crate::sql::{Token, is_reserved};

/// What a stretch of tokens reads and calls.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct QueryFacts {
    /// Tables and views read, each once, common table expressions left out.
    pub reads: Vec<ObjectName>,
    /// Functions called, each once.
    pub calls: Vec<Call>,
    /// `FOR UPDATE`, `FOR SHARE`, `LOCK IN SHARE MODE`.
    pub locks_rows: bool,
    /// There is a FROM, JOIN or USING with a table outside every parenthesis.
    pub joined: bool,
    /// A `*` among the columns outside every parenthesis.
    pub star: bool,
}

/// One level of parentheses.
#[derive(Debug, Default, Clone, Copy)]
struct Level {
    /// FROM and the like mean tables here: a query, not the arguments of `extract(… FROM …)`.
    query: bool,
    /// In the list of tables: a comma is followed by a table.
    tables: bool,
    /// A table name comes next.
    expects: bool,
    /// Between SELECT and FROM.
    columns: bool,
    common: Common,
}

/// Where in `WITH name AS (…), name AS (…)` a level is.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Common {
    #[default]
    Outside,
    ExpectsName,
    Named,
    /// In the columns of SEARCH, up to its SET.
    Search,
    /// In CYCLE, up to its USING.
    Cycle,
}

/// Walks the tokens of a query, a statement or a part of one.
pub(crate) fn query_facts(tokens: &[Token], target: Target) -> QueryFacts {
    let mut walk = Walk { tokens, target, facts: QueryFacts::default(), common: Vec::new() };
    walk.run();
    let Walk { mut facts, common, .. } = walk;
    if !common.is_empty() {
        facts.reads.retain(|name| name.schema.is_some() || !common.iter().any(|other| name.name.is(other)));
    }
    facts
}

struct Walk<'a> {
    tokens: &'a [Token],
    target: Target,
    facts: QueryFacts,
    /// Names of common table expressions, as the engine stores them.
    common: Vec<String>,
}

impl<'a> Walk<'a> {
    fn run(&mut self) {
        let mut levels: Vec<Level> = Vec::new();
        let mut level = Level { query: true, ..Level::default() };
        let mut at = 0;
        while let Some(token) = self.tokens.get(at) {
            match &token.token {
                Lexeme::LParen => {
                    let query = self.word(at + 1).is_some_and(|word| is_any(word, QUERY_STARTS)) || level.expects;
                    let inner = Level { query, tables: level.expects, expects: level.expects, ..Level::default() };
                    level.expects = false;
                    levels.push(std::mem::replace(&mut level, inner));
                }
                Lexeme::RParen => level = levels.pop().unwrap_or(Level { query: true, ..Level::default() }),
                Lexeme::Comma if level.common == Common::Named => level.common = Common::ExpectsName,
                Lexeme::Comma => level.expects = level.tables,
                Lexeme::Mul if level.columns && levels.is_empty() => {
                    // `a.*` and `*` stand behind SELECT, a comma or a dot; the product does not.
                    self.facts.star |= at > 0
                        && match &self.tokens[at - 1].token {
                            Lexeme::Comma | Lexeme::Period => true,
                            Lexeme::Word(word) => is_any(&word.value, &["SELECT", "DISTINCT", "ALL"]),
                            _ => false,
                        };
                }
                Lexeme::Word(word) => {
                    at = self.read_word(at, word, &mut level, levels.is_empty());
                    continue;
                }
                // A string where a table must stand: SQLite takes it as a name.
                Lexeme::SingleQuotedString(_) | Lexeme::DoubleQuotedString(_) => level.expects = false,
                _ => {}
            }
            at += 1;
        }
    }

    /// Reads the word at `at` and answers where to go on.
    fn read_word(&mut self, at: usize, word: &'a Word, level: &mut Level, outermost: bool) -> usize {
        if level.common == Common::ExpectsName && !(word.quote_style.is_none() && word.value.eq_ignore_ascii_case("RECURSIVE")) {
            if let Some(token) = self.tokens.get(at) {
                self.common.push(fold(word, self.target, token.span).value);
            }
            level.common = Common::Named;
            return at + 1;
        }
        let plain = |other: &str| word.quote_style.is_none() && word.value.eq_ignore_ascii_case(other);
        let common = match level.common {
            Common::Named if plain("SEARCH") => Some(Common::Search),
            Common::Named if plain("CYCLE") => Some(Common::Cycle),
            Common::Search if plain("SET") => Some(Common::Named),
            Common::Cycle if plain("USING") => Some(Common::Named),
            Common::Outside | Common::ExpectsName | Common::Named | Common::Search | Common::Cycle => None,
        };
        if let Some(common) = common {
            level.common = common;
            return at + 1;
        }
        if level.common != Common::Outside && word.quote_style.is_none() && is_any(&word.value, QUERY_STARTS) {
            level.common = Common::Outside;
        }
        if word.quote_style.is_some() || !is_any(&word.value, CLAUSES) {
            return self.name(at, level, outermost);
        }
        let is = |other: &str| word.value.eq_ignore_ascii_case(other);
        if matches!(self.tokens.get(at.wrapping_sub(1)).map(|token| &token.token), Some(Lexeme::Period)) {
            return at + 1;
        }
        if is("FROM") || is("JOIN") || is("STRAIGHT_JOIN") || is("USING") {
            let distinct = is("FROM") && at > 0 && self.word(at - 1).is_some_and(|word| word.eq_ignore_ascii_case("DISTINCT"));
            // JOIN … USING (columns) names no table.
            let join_columns =
                is("USING") && matches!(self.tokens.get(at + 1).map(|token| &token.token), Some(Lexeme::LParen)) && level.tables;
            if level.query && !distinct && !join_columns {
                level.tables = true;
                level.expects = true;
                level.columns = false;
                self.facts.joined |= outermost;
            }
        } else if is("SELECT") {
            *level = Level { query: true, columns: true, ..Level::default() };
        } else if is("WITH") {
            // `WITH` of options and of check clauses has no name behind it that is read.
            let opens = at > 0 && matches!(self.tokens[at - 1].token, Lexeme::LParen);
            if level.query && (!level.tables || opens) {
                *level = Level { query: true, common: Common::ExpectsName, ..Level::default() };
            }
        } else if is("TABLE") {
            // `TABLE t` is a query, `TABLE(f(…))` a call, `INTO TEMP TABLE t` names what is made.
            let made = at > 0 && self.word(at - 1).is_some_and(|word| is_any(word, &["INTO", "TEMP", "TEMPORARY", "UNLOGGED"]));
            level.expects = level.query && !made && !matches!(self.tokens.get(at + 1).map(|token| &token.token), Some(Lexeme::LParen));
        } else if is("FOR") || is("LOCK") {
            let tokens = self.tokens;
            let next = |n: usize, words: &[&str]| word_at(tokens, at + n).is_some_and(|word| is_any(word, words));
            let rows =
                if is("FOR") { next(1, &["UPDATE", "SHARE", "NO", "KEY"]) && level.query } else { next(1, &["IN"]) && next(2, &["SHARE"]) };
            if rows {
                self.facts.locks_rows = true;
                level.tables = false;
                level.expects = false;
                let update = (1..4).find(|&n| next(n, &["UPDATE", "SHARE"])).unwrap_or(1);
                // `OF t` names an alias that was read before.
                return at + update + 1 + usize::from(next(update + 1, &["OF"]));
            }
        } else if is("ONLY") || is("LATERAL") {
            // They stand before the name.
        } else if !is("ON") && !is("AS") {
            // WHERE, GROUP, ORDER, UNION … end the list of tables.
            level.tables = false;
            level.expects = false;
            level.columns = false;
        }
        at + 1
    }

    /// A name: a table where one is expected, else a function if a parenthesis follows.
    fn name(&mut self, at: usize, level: &mut Level, outermost: bool) -> usize {
        let (name, next) = self.object_name(at);
        let called = matches!(self.tokens.get(next).map(|token| &token.token), Some(Lexeme::LParen));
        if level.expects {
            level.expects = false;
            if called {
                self.call(name, next);
            } else if !(name.schema.is_none() && self.word(at).is_some_and(|word| is_any(word, &["ROWS", "UNNEST", "JSON_TABLE"]))) {
                self.facts.joined |= outermost;
                push(&mut self.facts.reads, name);
            }
        } else if called {
            let named = at > 0 && self.word(at - 1).is_some_and(|word| is_any(word, &["AS", "INTO"]));
            let plain = self.word(at).is_some_and(|word| is_any(word, NOT_FUNCTIONS) || is_reserved(word, self.target));
            if !named && (name.schema.is_some() || !plain) {
                self.call(name, next);
            }
        }
        next
    }

    /// A call whose parenthesis stands at `open`.
    fn call(&mut self, name: ObjectName, open: usize) {
        let call = Call { name, arguments: count_arguments(self.tokens.get(open..).unwrap_or_default()), followed: false };
        if self.facts.calls.len() < MOST_NAMES && !self.facts.calls.contains(&call) {
            self.facts.calls.push(call);
        }
    }

    fn object_name(&self, at: usize) -> (ObjectName, usize) {
        let mut name = ObjectName::default();
        let mut next = at;
        while let Some(token) = self.tokens.get(next) {
            let Lexeme::Word(word) = &token.token else { break };
            let part = fold(word, self.target, token.span);
            if next > at {
                name.schema = Some(std::mem::take(&mut name.name));
            }
            name.name = part;
            next += 1;
            if !matches!(self.tokens.get(next).map(|token| &token.token), Some(Lexeme::Period)) {
                return (name, next);
            }
            next += 1;
        }
        (name, next.max(at + 1))
    }

    fn word(&self, at: usize) -> Option<&'a str> {
        word_at(self.tokens, at)
    }
}

/// The word without quotes at a place.
fn word_at(tokens: &[Token], at: usize) -> Option<&str> {
    match tokens.get(at).map(|token| &token.token) {
        Some(Lexeme::Word(Word { value, quote_style: None, .. })) => Some(value),
        _ => None,
    }
}

/// How many arguments stand in the parentheses that the tokens begin with; `None` for `(*)`, for
/// VARIADIC and where there are too many to be a routine's.
pub(crate) fn count_arguments(tokens: &[Token]) -> Option<u32> {
    let (mut depth, mut commas, mut any) = (0u32, 0u32, false);
    for token in tokens.iter().take(MOST_NAMES) {
        match &token.token {
            Lexeme::LParen | Lexeme::LBracket | Lexeme::LBrace => {
                any |= depth > 0;
                depth += 1;
            }
            Lexeme::RParen | Lexeme::RBracket | Lexeme::RBrace => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(if any { commas + 1 } else { 0 });
                }
            }
            Lexeme::Comma if depth == 1 => commas += 1,
            Lexeme::Mul if depth == 1 && !any => return None,
            Lexeme::Word(word) if depth == 1 && word.quote_style.is_none() && word.value.eq_ignore_ascii_case("VARIADIC") => return None,
            _ => any = true,
        }
    }
    None
}

/// More names than this no person wrote; the walk stays linear.
const MOST_NAMES: usize = 1_000;

fn push(names: &mut Vec<ObjectName>, name: ObjectName) {
    if names.len() < MOST_NAMES && !names.contains(&name) {
        names.push(name);
    }
}

fn is_any(word: &str, words: &[&str]) -> bool {
    words.iter().any(|other| word.eq_ignore_ascii_case(other))
}

const QUERY_STARTS: &[&str] = &["SELECT", "WITH", "VALUES", "TABLE", "INSERT", "UPDATE", "DELETE", "MERGE"];

const CLAUSES: &[&str] = &[
    "FROM",
    "JOIN",
    "STRAIGHT_JOIN",
    "USING",
    "SELECT",
    "WITH",
    "TABLE",
    "FOR",
    "LOCK",
    "ONLY",
    "LATERAL",
    "ON",
    "AS",
    "WHERE",
    "GROUP",
    "HAVING",
    "ORDER",
    "LIMIT",
    "OFFSET",
    "FETCH",
    "WINDOW",
    "UNION",
    "INTERSECT",
    "EXCEPT",
    "SET",
    "VALUES",
    "RETURNING",
    "WHEN",
];

/// Words before a parenthesis that are no functions.
const NOT_FUNCTIONS: &[&str] = &[
    "IN",
    "EXISTS",
    "ANY",
    "ALL",
    "SOME",
    "AND",
    "OR",
    "NOT",
    "OVER",
    "FILTER",
    "WITHIN",
    "VALUES",
    "ROW",
    "ARRAY",
    "CASE",
    "THEN",
    "ELSE",
    "BETWEEN",
    "LIKE",
    "IS",
    "BY",
    "DISTINCT",
    "PARTITION",
    "INDEX",
    "KEY",
    "AGAINST",
    "INTERVAL",
    "CAST",
    "EXTRACT",
    "COALESCE",
    "NULLIF",
    "GREATEST",
    "LEAST",
    "VARCHAR",
    "CHAR",
    "NUMERIC",
    "DECIMAL",
    "MATERIALIZED",
    "CONFLICT",
    "KEYS",
    "ROLLUP",
    "CUBE",
    "SETS",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;
    use crate::sql::tokenise;

    fn facts(text: &str) -> (String, String) {
        let target = "postgres".parse().unwrap();
        let tokens = tokenise(text, Span::new(0, text.len() as u32), target);
        let facts = query_facts(&tokens, target);
        let list = |names: &[ObjectName]| names.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        let calls: Vec<ObjectName> = facts.calls.iter().map(|call| call.name.clone()).collect();
        (list(&facts.reads), list(&calls))
    }

    #[test]
    fn tables_are_told_from_aliases_and_functions() {
        let reads = |text: &str| facts(text).0;
        assert_eq!(
            reads("SELECT a.x FROM s.a AS b, ONLY c d JOIN e USING (id), LATERAL (SELECT 1 FROM f) g WHERE x IN (SELECT y FROM h, i)"),
            "s.a c e f h i"
        );
        assert_eq!(reads("WITH x AS (SELECT * FROM a), y (n) AS (SELECT 1 FROM x) SELECT * FROM y JOIN b ON y.n = b.n, c"), "a b c");
        assert_eq!(reads("SELECT * FROM (WITH x AS (SELECT * FROM a) SELECT * FROM x) y JOIN b ON true"), "a b");
        let searched =
            "WITH RECURSIVE x (f, t) AS (SELECT * FROM a) SEARCH DEPTH FIRST BY f, t SET s CYCLE f, t SET c USING p, y AS (SELECT 1)";
        assert_eq!(reads(&format!("{searched} SELECT * FROM x, y, t, f")), "a t f");
        assert_eq!(reads("WITH x AS (SELECT 1) SELECT * INTO TEMP TABLE made FROM a, x"), "a");
        assert_eq!(reads("SELECT extract(epoch FROM t), a IS DISTINCT FROM b FROM c FOR UPDATE OF c"), "c");
        assert_eq!(reads("SELECT * FROM ((a JOIN b ON true) CROSS JOIN c) UNION ALL TABLE d ORDER BY 1"), "a b c d");
        assert_eq!(facts("SELECT f(1), s.g(x) FROM h(2) t, a WHERE count(*) > 0 AND x IN (1)"), ("a".into(), "f s.g h count".into()));
    }
}
