//! Seeds, damaged: by tokens, by characters, by splicing and by repetition.

use lockgate::engine::Target;
use lockgate::source::Span;
use lockgate::sql;

use super::corpus::{Corpus, Seed};

/// Numbers that look random and are the same in every run.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x1234_5678_9abc_def1)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Below `end`, which may be nothing.
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).unwrap_or(0)
    }

    fn one_in(&mut self, chances: usize) -> bool {
        self.below(chances) == 0
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    fn sharp(&mut self) -> &'static str {
        SHARP[self.below(SHARP.len())]
    }
}

/// Longer inputs say nothing that shorter ones do not.
const LONGEST: usize = 200_000;

/// Words and signs at which a reader changes its mind.
const SHARP: &[&str] = &[
    "(",
    ")",
    ",",
    ";",
    "'",
    "\"",
    "`",
    "$$",
    "$a$",
    "--",
    "/*",
    "*/",
    "/*!50000",
    "/*M!",
    "::",
    ".",
    "=",
    ":=",
    "[",
    "]",
    "{",
    "}",
    "{{",
    "}}",
    "{{if .mysql}}",
    "{{if not .Transactional}}",
    "{{else}}",
    "{{end}}",
    "{{range .x}}",
    "{{ addColumn \"a\" \"b\" }}",
    "\\",
    "\0",
    "\r",
    "\n",
    "\u{feff}",
    "é",
    "漢字",
    "\u{200b}",
    "#",
    "@",
    "@@",
    "?",
    "$1",
    ":a",
    "e'\\",
    "U&\"",
    "x'",
    "0x",
    "1e",
    "1e999",
    "99999999999999999999999",
    "-1",
    "NULL",
    "DELIMITER //",
    "COPY t FROM stdin;",
    "\\.",
    "\\c",
    "GO",
    "BEGIN",
    "END",
    "END IF;",
    "COMMIT",
    "CASE",
    "WHEN",
    "IF EXISTS",
    "IF NOT EXISTS",
    "NOT VALID",
    "USING",
    "CASCADE",
    "ONLY",
    "ALTER",
    "TABLE",
    "ADD",
    "DROP",
    "COLUMN",
    "CONSTRAINT",
    "CHECK (",
    "REFERENCES",
    "DEFAULT",
    "GENERATED ALWAYS AS (",
    "PARTITION BY RANGE (",
    "PARTITION OF",
    "INDEX",
    "UNIQUE",
    "TYPE",
    "SET",
    "RENAME TO",
    "RENAME",
    "MODIFY",
    "CHANGE",
    "FIRST",
    "AFTER",
    "ALGORITHM=INPLACE",
    "LOCK=NONE",
    "CONCURRENTLY",
    "WITH (",
    "SELECT",
    "FROM",
    "WHERE",
    "UNION ALL",
    "VALUES",
    "INSERT INTO",
    "UPDATE",
    "DELETE FROM",
    "TRUNCATE",
    "SAVEPOINT a",
    "ROLLBACK TO a",
    "DO $$",
    "CREATE FUNCTION f() RETURNS trigger AS $$",
    "CREATE TRIGGER",
    "CREATE VIEW",
    "EXECUTE '",
    "PRAGMA",
    "-- lockgate:ignore ",
    "-- lockgate:ignore-file ",
    "INHERITS (",
    "ATTACH PARTITION",
    "EXCHANGE PARTITION",
    "temp.",
    "pg_temp.",
    "\"\".",
    "public.",
];

/// A seed after a few accidents.
pub fn input(corpus: &Corpus, dice: &mut Dice) -> Seed {
    let seed = dice.pick(&corpus.seeds);
    let target = if dice.one_in(4) { *dice.pick(&corpus.targets) } else { seed.target };
    let mut text = seed.text.clone();
    for _ in 0..1 + dice.below(6) {
        text = match dice.below(10) {
            0..=4 => tokens(&text, target, corpus, dice),
            5 | 6 => characters(text, dice),
            7 => splice(&text, &dice.pick(&corpus.seeds).text, dice),
            8 => statements(&text, target, dice),
            _ => repeat(&text, target, dice),
        };
    }
    text.truncate(text.floor_char_boundary(LONGEST));
    Seed { text, target }
}

fn spans(text: &str, target: Target) -> Vec<Span> {
    let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
    sql::tokenise(text, Span::new(0, end), target).iter().map(|token| token.span).filter(|span| !span.slice(text).is_empty()).collect()
}

/// One token is lost, doubled, swapped, or becomes another.
fn tokens(text: &str, target: Target, corpus: &Corpus, dice: &mut Dice) -> String {
    let spans = spans(text, target);
    if spans.is_empty() {
        return text.to_owned();
    }
    let mut out = text.to_owned();
    let span = *dice.pick(&spans);
    match dice.below(6) {
        0 => out.replace_range(span.range(), ""),
        1 => out.insert_str(span.range().end, &format!(" {} ", span.slice(text))),
        2 => {
            let other = *dice.pick(&spans);
            let (first, second) = if span.start < other.start { (span, other) } else { (other, span) };
            if first.end <= second.start {
                out.replace_range(second.range(), first.slice(text));
                out.replace_range(first.range(), second.slice(text));
            }
        }
        3 => {
            let stranger = &dice.pick(&corpus.seeds).text;
            let theirs = self::spans(stranger, target);
            if !theirs.is_empty() {
                out.replace_range(span.range(), dice.pick(&theirs).slice(stranger));
            }
        }
        4 => out.replace_range(span.range(), dice.sharp()),
        _ => out.insert_str(span.range().start, &format!("{} ", dice.sharp())),
    }
    out
}

fn characters(mut text: String, dice: &mut Dice) -> String {
    let at = text.floor_char_boundary(dice.below(text.len() + 1));
    match dice.below(4) {
        0 => text.truncate(at),
        1 => text.insert_str(at, dice.sharp()),
        2 => {
            let end = text.ceil_char_boundary((at + 1 + dice.below(8)).min(text.len()));
            text.replace_range(at..end, "");
        }
        _ => text.insert(at, char::from(u8::try_from(dice.below(128)).unwrap_or(b' '))),
    }
    text
}

/// The head of one and the tail of another.
fn splice(text: &str, other: &str, dice: &mut Dice) -> String {
    let (head, tail) = (text.floor_char_boundary(dice.below(text.len())), other.floor_char_boundary(dice.below(other.len())));
    format!("{}{}", &text[..head], &other[tail..])
}

/// Whole statements change places, come twice, or go.
fn statements(text: &str, target: Target, dice: &mut Dice) -> String {
    let pieces = sql::split(text, target).pieces;
    let mut parts: Vec<&str> = pieces.iter().map(|piece| piece.span.slice(text)).collect();
    if parts.is_empty() {
        return text.to_owned();
    }
    let (one, other) = (dice.below(parts.len()), dice.below(parts.len()));
    match dice.below(3) {
        0 => parts.swap(one, other),
        1 => parts.insert(one, parts[other]),
        _ => drop(parts.remove(one)),
    }
    parts.join(";\n")
}

/// A run of tokens, over and over.
fn repeat(text: &str, target: Target, dice: &mut Dice) -> String {
    let spans = spans(text, target);
    if spans.is_empty() {
        return text.to_owned();
    }
    let from = dice.below(spans.len());
    let to = (from + dice.below(6)).min(spans.len() - 1);
    let run = &text[spans[from].range().start..spans[to].range().end.max(spans[from].range().start)];
    let most = if dice.one_in(20) { 5_000 } else { 40 };
    let times = (1 + dice.below(most)).min(LONGEST / (run.len() + 1) + 1);
    let mut out = text.to_owned();
    out.insert_str(spans[from].range().start, &format!("{run} ").repeat(times));
    out
}
