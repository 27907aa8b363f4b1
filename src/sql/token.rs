//! What the splitter hands on: one statement's tokens with exact byte spans.

use sqlparser::tokenizer;

use crate::source::Span;

/// One statement of a script, not yet read.
#[derive(Debug, Clone)]
pub struct Piece {
    /// From the first to the last token; the delimiter is left out.
    pub span: Span,
    /// Without white space and comments.
    pub tokens: Vec<Token>,
    /// Set when a quote or comment is never closed: where and why. `tokens` then holds what came
    /// before.
    pub broken: Option<(Span, String)>,
    /// A program may leave it out, or leave something out of it: it stands in a branch of a template, or
    /// holds one, that is taken by a condition nobody knows here.
    pub doubtful: bool,
    /// Set for statements too large to be worth tokens (bulk INSERT, COPY data): `tokens` then
    /// holds the head only, and for an INSERT what follows its last row.
    pub bulk: bool,
    /// Rows of an INSERT … VALUES, or lines of COPY data; counted where it was cheap.
    pub rows: Option<u64>,
    /// The data lines that follow `COPY … FROM stdin;`, without the closing `\.`.
    pub data: Option<Span>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    pub token: tokenizer::Token,
    pub span: Span,
}

/// A comment outside any statement or inside one, for directives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// With its markers.
    pub span: Span,
    /// Without its markers, trimmed.
    pub text: String,
    /// Nothing but white space stands before it on its line.
    pub own_line: bool,
}

/// A script cut into statements.
#[derive(Debug, Clone, Default)]
pub struct Split {
    pub pieces: Vec<Piece>,
    /// In the order of the text.
    pub comments: Vec<Comment>,
}
