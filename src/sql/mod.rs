//! Text into statements and tokens. sqlparser's tokenizer, expressions and queries are used here
//! and in `change`, nowhere else.

mod token;

pub use token::{Comment, Piece, Token};
