//! MySQL's and MariaDB's partitioning: the clause and the actions of ALTER TABLE.

use sqlparser::tokenizer::Token as Lexeme;

use crate::change::{Action, Expression, Ident, IndexKey, IndexPart, PartitionAction, PartitionBound, PartitionBy, PartitionDef};
use crate::engine::Engine;
use crate::sql::{Cursor, Since, SyntaxError};

/// The unit of an interval: `DAY`, `HOUR_MINUTE`.
fn is_unit(word: &str) -> bool {
    const UNITS: &[&str] = &["MICROSECOND", "SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "QUARTER", "YEAR"];
    word.split('_').all(|part| UNITS.iter().any(|unit| part.eq_ignore_ascii_case(unit)))
}

impl Cursor<'_> {
    /// `PARTITION BY … [PARTITIONS n] [SUBPARTITION BY …] [(definitions)]`
    pub(super) fn mysql_partition_by(&mut self) -> Result<PartitionBy, SyntaxError> {
        let start = self.mark();
        self.expect_words(&["PARTITION", "BY"])?;
        let (strategy, keys) = self.mysql_strategy()?;
        let count = if self.eat_word("PARTITIONS") { Some(self.number()?) } else { None };
        if self.eat_words(&["SUBPARTITION", "BY"]) {
            self.mysql_strategy()?;
            if self.eat_word("SUBPARTITIONS") {
                self.number()?;
            }
        }
        let partitions = if self.at(&Lexeme::LParen) { self.mysql_partition_definitions()? } else { Vec::new() };
        Ok(PartitionBy { strategy, keys, partitions, count, span: self.since(start) })
    }

    fn mysql_strategy(&mut self) -> Result<(String, Vec<IndexKey>), SyntaxError> {
        let linear = self.eat_word("LINEAR");
        let Some(word) = self.eat_any_word(&["HASH", "KEY", "RANGE", "LIST", "SYSTEM_TIME"]) else {
            return Err(self.error("HASH, KEY, RANGE or LIST"));
        };
        let mut strategy = word.to_ascii_lowercase();
        if linear {
            strategy.insert_str(0, "linear ");
        }
        if word == "SYSTEM_TIME" {
            let span = self.previous_span();
            self.needs(span, &[Since(Engine::Mariadb, 10, 3, 4)]);
            // INTERVAL 1 WEEK, LIMIT 1000, STARTS …, AUTO: no table hangs on it.
            if self.eat_word("INTERVAL") {
                while !self.is_end() && !self.peek_word().is_some_and(is_unit) {
                    if self.at(&Lexeme::LParen) {
                        self.skip_parens()?;
                    } else {
                        self.advance();
                    }
                }
            }
            while !self.is_end() && !self.at(&Lexeme::LParen) && !self.at_any_word(&["PARTITIONS", "SUBPARTITION"]) {
                if let Some(span) = self.eat_word_at("AUTO") {
                    self.needs(span, &[Since(Engine::Mariadb, 10, 9, 1)]);
                    continue;
                }
                self.advance();
            }
            return Ok((strategy, Vec::new()));
        }
        if word == "KEY" && self.eat_word("ALGORITHM") {
            self.expect(&Lexeme::Eq)?;
            self.number()?;
        }
        let columns = self.eat_word("COLUMNS") || word == "KEY";
        if columns {
            if word != "KEY" {
                strategy.push_str(" columns");
            }
            if self.at_empty_parens() {
                self.skip_parens()?;
                return Ok((strategy, Vec::new()));
            }
            return Ok((strategy, self.ident_list()?.into_iter().map(IndexKey::column).collect()));
        }
        let (from, to) = self.skip_parens()?;
        let mut inside = self.part(from, to);
        let key = match inside.column() {
            Ok(column) if inside.is_end() => IndexKey::column(column),
            _ => {
                let expression = self.expression_between(from, to);
                IndexKey { span: expression.span, part: IndexPart::Expression(expression), ..IndexKey::column(Ident::default()) }
            }
        };
        Ok((strategy, vec![key]))
    }

    /// `( PARTITION name …, … )`
    fn mysql_partition_definitions(&mut self) -> Result<Vec<PartitionDef>, SyntaxError> {
        self.paren_list(|cursor| {
            // MariaDB lets the word be left out.
            if !cursor.eat_word("PARTITION") {
                if !cursor.at_ident() || !cursor.at_word_nth(1, "VALUES") && !cursor.is_mariadb() {
                    return Err(cursor.error("PARTITION"));
                }
                cursor.needs(cursor.span(), &[Since(Engine::Mariadb, 0, 0, 0)]);
            }
            let name = cursor.ident()?;
            const CLAUSES: &[&str] = &[
                "VALUES",
                "ENGINE",
                "STORAGE",
                "COMMENT",
                "DATA",
                "INDEX",
                "MAX_ROWS",
                "MIN_ROWS",
                "TABLESPACE",
                "NODEGROUP",
                "HISTORY",
                "CURRENT",
                "DEFAULT",
            ];
            let border = cursor.at(&Lexeme::Comma) || cursor.at(&Lexeme::RParen) || cursor.at(&Lexeme::LParen);
            let option = cursor.is_mariadb() && cursor.at_nth(1, &Lexeme::Eq);
            if !border && !option && !cursor.at_any_word(CLAUSES) {
                return Err(cursor.error("VALUES"));
            }
            let bound = cursor.mysql_partition_bound()?;
            cursor.skip_item();
            Ok(PartitionDef { name, bound })
        })
    }

    /// `VALUES LESS THAN {(values) | MAXVALUE}`, `VALUES IN (values)`; none where there is none, or
    /// one for system versioning.
    fn mysql_partition_bound(&mut self) -> Result<Option<PartitionBound>, SyntaxError> {
        if self.eat_words(&["VALUES", "IN"]) {
            return Ok(Some(PartitionBound::List(self.mysql_bound_values()?)));
        }
        if !self.eat_words(&["VALUES", "LESS", "THAN"]) {
            return Ok(None);
        }
        let to = if self.at(&Lexeme::LParen) {
            self.mysql_bound_values()?
        } else {
            let from = self.mark();
            self.expect_word("MAXVALUE")?;
            let to = self.mark();
            vec![self.expression_between(from, to)]
        };
        Ok(Some(PartitionBound::Range { from: Vec::new(), to }))
    }

    fn mysql_bound_values(&mut self) -> Result<Vec<Expression>, SyntaxError> {
        self.paren_list(|cursor| {
            let from = cursor.mark();
            cursor.skip_item();
            let to = cursor.mark();
            Ok(cursor.expression_between(from, to))
        })
    }

    /// A list of partitions; empty for ALL.
    fn partition_names(&mut self) -> Result<Vec<Ident>, SyntaxError> {
        if self.eat_word("ALL") { Ok(Vec::new()) } else { self.comma_list(|cursor| cursor.ident()) }
    }

    /// One partition action of ALTER TABLE; `None` when none starts here.
    pub(super) fn mysql_partition_action(&mut self) -> Result<Option<Action>, SyntaxError> {
        let action = if self.at_words(&["PARTITION", "BY"]) {
            PartitionAction::By(self.mysql_partition_by()?)
        } else if self.eat_words(&["REMOVE", "PARTITIONING"]) {
            PartitionAction::Remove
        } else if self.eat_words(&["ADD", "PARTITION"]) {
            if let Some(span) = self.eat_words_at(&["IF", "NOT", "EXISTS"]) {
                self.needs(span, &[Since(Engine::Mariadb, 10, 0, 2)]);
            }
            self.eat_any_word(&["NO_WRITE_TO_BINLOG", "LOCAL"]);
            if self.eat_word("PARTITIONS") {
                PartitionAction::Add { partitions: Vec::new(), count: Some(self.number()?) }
            } else if self.is_end() {
                // Of a table that makes its partitions up by itself (NDB).
                PartitionAction::Add { partitions: Vec::new(), count: None }
            } else {
                PartitionAction::Add { partitions: self.mysql_partition_definitions()?, count: None }
            }
        } else if self.eat_words(&["DROP", "PARTITION"]) {
            let exists = self.eat_words_at(&["IF", "EXISTS"]);
            if let Some(span) = exists {
                self.needs(span, &[Since(Engine::Mariadb, 10, 0, 2)]);
            }
            PartitionAction::Drop { names: self.partition_names()?, if_exists: exists.is_some() }
        } else if self.eat_words(&["COALESCE", "PARTITION"]) {
            self.eat_any_word(&["NO_WRITE_TO_BINLOG", "LOCAL"]);
            PartitionAction::Coalesce { count: self.number()? }
        } else if self.eat_words(&["EXCHANGE", "PARTITION"]) {
            let name = self.ident()?;
            self.expect_words(&["WITH", "TABLE"])?;
            let with = self.object_name()?;
            let validation = self.eat_any_word(&["WITH", "WITHOUT"]);
            if validation.is_some() {
                self.expect_word("VALIDATION")?;
                let span = self.previous_span();
                self.needs(span, &[Since(Engine::Mysql, 5, 7, 5), Since(Engine::Mariadb, 11, 4, 0)]);
            }
            PartitionAction::Exchange { name, with, without_validation: validation == Some("WITHOUT") }
        } else if self.eat_words(&["REORGANIZE", "PARTITION"]) {
            self.eat_any_word(&["NO_WRITE_TO_BINLOG", "LOCAL"]);
            if self.is_end() {
                return Ok(Some(Action::Partition(PartitionAction::Reorganize { names: Vec::new(), into: Vec::new() })));
            }
            let names = self.partition_names()?;
            self.expect_word("INTO")?;
            PartitionAction::Reorganize { names, into: self.mysql_partition_definitions()? }
        } else if self.at_word_nth(1, "PARTITION") {
            match self.maintenance()? {
                Some(action) => action,
                None => return Ok(None),
            }
        } else {
            return Ok(None);
        };
        Ok(Some(Action::Partition(action)))
    }

    fn maintenance(&mut self) -> Result<Option<PartitionAction>, SyntaxError> {
        const WORDS: &[&str] = &["TRUNCATE", "REBUILD", "ANALYZE", "CHECK", "OPTIMIZE", "REPAIR", "DISCARD", "IMPORT"];
        let Some(word) = self.eat_any_word(WORDS) else { return Ok(None) };
        self.expect_word("PARTITION")?;
        self.eat_any_word(&["NO_WRITE_TO_BINLOG", "LOCAL"]);
        let names = self.partition_names()?;
        Ok(Some(match word {
            "TRUNCATE" => PartitionAction::Truncate { names },
            "REBUILD" => PartitionAction::Rebuild { names },
            "ANALYZE" => PartitionAction::Analyze { names },
            "OPTIMIZE" => PartitionAction::Optimize { names },
            "CHECK" => {
                while self.eat_any_word(&["QUICK", "FAST", "MEDIUM", "EXTENDED", "CHANGED"]).is_some() {}
                self.eat_words(&["FOR", "UPGRADE"]);
                PartitionAction::Check { names }
            }
            "REPAIR" => {
                while self.eat_any_word(&["QUICK", "EXTENDED", "USE_FRM"]).is_some() {}
                PartitionAction::Repair { names }
            }
            word => {
                let span = self.expect_word("TABLESPACE")?;
                self.needs(span, &[Since(Engine::Mysql, 5, 7, 4)]);
                if word == "DISCARD" { PartitionAction::Discard { names } } else { PartitionAction::Import { names } }
            }
        }))
    }
}
