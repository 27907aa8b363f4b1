//! Text into statements and tokens. sqlparser's tokenizer, expressions and queries are used here
//! and in `change`, nowhere else.
//!
//! A byte scanner cuts a script into statements, as each engine's own client would: it knows
//! quotes, comments, compound bodies, `DELIMITER`, `COPY` data and client commands. Only then is
//! each statement tokenised, so that one broken statement costs itself alone, positions stay exact
//! and bulk data is never turned into tokens.

mod block;
mod conditional;
mod cursor;
pub mod expression;
mod holes;
mod ident;
mod line;
mod quick;
mod quotes;
mod reserved;
mod scan;
mod split;
mod template;
mod token;
mod tokenise;

pub use cursor::{Cursor, Mark, Since, SyntaxError, string_value};
pub use holes::{fold_around, has_hole};
pub use ident::{quoted, quoted_where_needed, without_schema};
pub use line::one_line;
pub use reserved::is_reserved;
pub use split::{Splitter, split};
pub use template::is_template;
pub use token::{Comment, Piece, Split, Token};
pub use tokenise::{tokenise, tokenise_at};
