//! Text into statements and tokens. sqlparser's tokenizer, expressions and queries are used here
//! and in `change`, nowhere else.

mod cursor;
pub mod expression;
mod reserved;
mod token;

pub use cursor::{Cursor, Mark, Since, SyntaxError, string_value};
pub use reserved::is_reserved;
pub use token::{Comment, Piece, Token};
