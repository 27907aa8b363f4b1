//! Names, types and words of a condition, looked up and checked.

use std::ops::Range;

use super::error::WhenError;
use super::parser::{Shape, Tree};
use super::{Literal, Method, Node, Operator, OptionValue, Options, Pattern};
use crate::engine::Version;
use crate::facts::{self, Fact, FactType};

pub(super) fn check(tree: &Tree<'_>, options: &Options) -> Result<Node, WhenError> {
    match &tree.shape {
        Shape::Name("true") => Ok(Node::Literal(true)),
        Shape::Name("false") => Ok(Node::Literal(false)),
        Shape::Name(name) => flag(name, &tree.span, options),
        Shape::Text(_) | Shape::Number(_) => {
            Err(WhenError::new(tree.span.clone(), "a value alone decides nothing: compare a fact with it"))
        }
        Shape::Not(inner) => Ok(Node::Not(Box::new(check(inner, options)?))),
        Shape::And(parts) => Ok(Node::And(parts.iter().map(|part| check(part, options)).collect::<Result<_, _>>()?)),
        Shape::Or(parts) => Ok(Node::Or(parts.iter().map(|part| check(part, options)).collect::<Result<_, _>>()?)),
        Shape::Compare(left, operator, right) => compare(left, *operator, right, options),
        Shape::In(left, items) => membership(left, items, options),
        Shape::Call(left, name, arguments) => call(left, name, arguments, &tree.span, options),
    }
}

fn flag(name: &str, span: &Range<usize>, options: &Options) -> Result<Node, WhenError> {
    if let Some(value) = option(name, span, options)? {
        return match value {
            OptionValue::Flag(flag) => Ok(Node::Literal(*flag)),
            OptionValue::Number(_) | OptionValue::Text(_) | OptionValue::List(_) => {
                Err(WhenError::new(span.clone(), format!("the option `{name}` is not a flag: compare a fact with it")))
            }
        };
    }
    let fact = find(name, span)?;
    match fact.kind {
        FactType::Flag => Ok(Node::Flag(fact)),
        FactType::Number | FactType::Text | FactType::Names | FactType::Level(_) | FactType::Version => {
            Err(WhenError::new(span.clone(), format!("`{name}` is not a flag: compare it with something")).help(example(fact)))
        }
    }
}

fn compare(left: &Tree<'_>, operator: Operator, right: &Tree<'_>, options: &Options) -> Result<Node, WhenError> {
    let fact = subject(left)?;
    let ordered = match fact.kind {
        FactType::Flag => {
            return Err(WhenError::new(left.span.clone(), format!("`{}` is a flag and cannot be compared", fact.name))
                .help(format!("write `{0}` or `!{0}`", fact.name)));
        }
        FactType::Names => {
            return Err(WhenError::new(left.span.clone(), format!("`{}` is a list of names", fact.name)).help(example(fact)));
        }
        FactType::Number | FactType::Version => true,
        FactType::Text => false,
        FactType::Level(scale) => scale.ordered,
    };
    if !ordered && !matches!(operator, Operator::Equal | Operator::NotEqual) {
        return Err(WhenError::new(left.span.clone(), format!("`{}` has no order: use `==`, `!=` or `in`", fact.name)));
    }
    Ok(Node::Compare(fact, operator, literal(fact, right, options)?))
}

fn membership(left: &Tree<'_>, items: &[Tree<'_>], options: &Options) -> Result<Node, WhenError> {
    let fact = subject(left)?;
    if matches!(fact.kind, FactType::Flag | FactType::Names) {
        return Err(WhenError::new(left.span.clone(), format!("`{}` cannot be looked up in a list", fact.name)).help(example(fact)));
    }
    // A single name may be an option that holds the whole list.
    if let [Tree { shape: Shape::Name(name), span }] = items
        && let Some(OptionValue::List(words)) = option(name, span, options)?
    {
        let literals: Result<Vec<Literal>, WhenError> = words.iter().map(|word| word_literal(fact, word, span)).collect();
        return Ok(Node::In(fact, literals?));
    }
    Ok(Node::In(fact, items.iter().map(|item| literal(fact, item, options)).collect::<Result<_, _>>()?))
}

fn call(left: &Tree<'_>, name: &str, arguments: &[Tree<'_>], span: &Range<usize>, options: &Options) -> Result<Node, WhenError> {
    let fact = subject(left)?;
    if !matches!(fact.kind, FactType::Text | FactType::Names) {
        return Err(WhenError::new(left.span.clone(), format!("`{}` is no text and has no methods", fact.name)).help(example(fact)));
    }
    if name == "containsAll" {
        return contains_all(fact, arguments, span, options);
    }
    let text = match arguments {
        [Tree { shape: Shape::Text(text), .. }] => text.clone(),
        [Tree { shape: Shape::Name(name), span }] => match option(name, span, options)? {
            Some(OptionValue::Text(text)) => text.clone(),
            Some(_) | None => return Err(WhenError::new(span.clone(), "expected a text in quotes or an option that is one")),
        },
        _ => return Err(WhenError::new(span.clone(), format!("`{name}` takes one text in quotes"))),
    };
    let method = match name {
        "matches" => Method::Matches(Pattern::new(&text).map_err(|reason| WhenError::new(span.clone(), format!("bad pattern: {reason}")))?),
        "startsWith" => Method::StartsWith(text),
        "endsWith" => Method::EndsWith(text),
        "contains" => Method::Contains(text),
        _ => {
            let error = WhenError::new(span.clone(), format!("there is no method `{name}`"));
            let known = ["matches", "startsWith", "endsWith", "contains", "containsAll"];
            return Err(match facts::nearest_of(name, known.into_iter()) {
                Some(near) => error.help(format!("did you mean `{near}`?")),
                None => error.help("the methods are `matches`, `startsWith`, `endsWith`, `contains` and `containsAll`"),
            });
        }
    };
    Ok(Node::Method(fact, method))
}

/// `table.columns.containsAll(option.columns)`
fn contains_all(fact: &'static Fact, arguments: &[Tree<'_>], span: &Range<usize>, options: &Options) -> Result<Node, WhenError> {
    match arguments {
        [Tree { shape: Shape::Name(name), span }] => match option(name, span, options)? {
            Some(OptionValue::List(words)) => Ok(Node::Method(fact, Method::ContainsAll(words.clone()))),
            Some(_) | None => Err(WhenError::new(span.clone(), "expected an option that is a list of texts")),
        },
        _ => Err(WhenError::new(span.clone(), "`containsAll` takes an option that is a list of texts")),
    }
}

/// The fact on the left of a comparison.
fn subject(tree: &Tree<'_>) -> Result<&'static Fact, WhenError> {
    match &tree.shape {
        Shape::Name(name) => find(name, &tree.span),
        _ => Err(WhenError::new(tree.span.clone(), "expected a fact on the left of a comparison")),
    }
}

fn find(name: &str, span: &Range<usize>) -> Result<&'static Fact, WhenError> {
    facts::find(name).ok_or_else(|| {
        let error = WhenError::new(span.clone(), format!("there is no fact `{name}`"));
        match facts::nearest(name) {
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None => error.help("`lockgate facts --list` shows them all"),
        }
    })
}

fn option<'o>(name: &str, span: &Range<usize>, options: &'o Options) -> Result<Option<&'o OptionValue>, WhenError> {
    let Some(key) = name.strip_prefix("option.") else { return Ok(None) };
    match options.get(key) {
        Some(value) => Ok(Some(value)),
        None => {
            let error = WhenError::new(span.clone(), format!("the rule has no option `{key}`"));
            Err(match facts::nearest_of(key, options.keys().map(String::as_str)) {
                Some(near) => error.help(format!("did you mean `option.{near}`?")),
                None => error.help("give it a default under `[options]` in the record"),
            })
        }
    }
}

fn literal(fact: &'static Fact, tree: &Tree<'_>, options: &Options) -> Result<Literal, WhenError> {
    match &tree.shape {
        Shape::Text(text) => word_literal(fact, text, &tree.span),
        Shape::Number(number) => number_literal(fact, *number, &tree.span),
        Shape::Name(name) => match option(name, &tree.span, options)? {
            Some(OptionValue::Number(number)) => number_literal(fact, *number, &tree.span),
            Some(OptionValue::Text(text)) => word_literal(fact, text, &tree.span),
            Some(OptionValue::Flag(_) | OptionValue::List(_)) => Err(mismatch(fact, &tree.span)),
            None => Err(WhenError::new(tree.span.clone(), "a fact is compared with a value, not with another fact").help(example(fact))),
        },
        _ => Err(mismatch(fact, &tree.span)),
    }
}

fn number_literal(fact: &'static Fact, number: i64, span: &Range<usize>) -> Result<Literal, WhenError> {
    match fact.kind {
        FactType::Number => Ok(Literal::Number(number)),
        FactType::Version => {
            u16::try_from(number).map(|major| Literal::Version(Version::new(major, 0, 0))).map_err(|_| mismatch(fact, span))
        }
        FactType::Flag | FactType::Text | FactType::Names | FactType::Level(_) => Err(mismatch(fact, span)),
    }
}

fn word_literal(fact: &'static Fact, word: &str, span: &Range<usize>) -> Result<Literal, WhenError> {
    match fact.kind {
        FactType::Text => Ok(Literal::Text(word.to_owned())),
        FactType::Level(scale) => scale.rank(word).map(Literal::Level).ok_or_else(|| {
            let error = WhenError::new(span.clone(), format!("`{}` is never \"{word}\"", fact.name));
            match facts::nearest_of(word, scale.words.iter().copied()) {
                Some(near) => error.help(format!("did you mean \"{near}\"?")),
                None => error.help(format!("it is one of {}", scale.words.join(", "))),
            }
        }),
        // A version's missing parts are zero here: `>= "8.0.29"`, `>= "11"`.
        FactType::Version => {
            exact_version(word).map(Literal::Version).ok_or_else(|| WhenError::new(span.clone(), format!("\"{word}\" is no version")))
        }
        FactType::Flag | FactType::Number | FactType::Names => Err(mismatch(fact, span)),
    }
}

fn exact_version(text: &str) -> Option<Version> {
    let mut parts = [0u16; 3];
    let mut pieces = text.split('.');
    for part in &mut parts {
        match pieces.next() {
            Some(piece) => *part = piece.parse().ok()?,
            None => break,
        }
    }
    let [major, minor, patch] = parts;
    pieces.next().is_none().then_some(Version::new(major, minor, patch))
}

fn mismatch(fact: &Fact, span: &Range<usize>) -> WhenError {
    WhenError::new(span.clone(), format!("`{}` cannot be compared with this", fact.name)).help(example(fact))
}

/// How a fact of this type is used.
fn example(fact: &Fact) -> String {
    match fact.kind {
        FactType::Flag => format!("write `{0}` or `!{0}`", fact.name),
        FactType::Number => format!("for example `{} > 1`", fact.name),
        FactType::Text => format!("for example `{} == \"orders\"`", fact.name),
        FactType::Names => format!("for example `{}.contains(\"orders\")`", fact.name),
        FactType::Version => format!("for example `{} >= \"8.0.29\"`", fact.name),
        FactType::Level(scale) => format!("for example `{} == \"{}\"`", fact.name, scale.words.last().copied().unwrap_or_default()),
    }
}
