//! Asking a condition about one change, in Kleene's three-valued logic.

use super::{Literal, Method, Node, Operator};
use crate::effect::Truth;
use crate::facts::{Context, Value};

impl Node {
    pub(super) fn ask(&self, context: &Context<'_>) -> Truth {
        match self {
            Node::Literal(value) => Truth::from(*value),
            Node::Flag(fact) => match (fact.get)(context) {
                Value::Flag(truth) => truth,
                Value::Unknown | Value::Number(_) | Value::Text(_) | Value::Names(_) | Value::Level(_) | Value::Version(_) => {
                    Truth::Unknown
                }
            },
            Node::Not(inner) => !inner.ask(context),
            Node::And(parts) => {
                let mut all = Truth::Yes;
                for part in parts {
                    all = all.and(part.ask(context));
                    if all == Truth::No {
                        break;
                    }
                }
                all
            }
            Node::Or(parts) => {
                let mut any = Truth::No;
                for part in parts {
                    any = any.or(part.ask(context));
                    if any == Truth::Yes {
                        break;
                    }
                }
                any
            }
            Node::Compare(fact, operator, literal) => compare(&(fact.get)(context), *operator, literal),
            Node::In(fact, literals) => {
                let value = (fact.get)(context);
                literals.iter().map(|literal| compare(&value, Operator::Equal, literal)).max().unwrap_or(Truth::No)
            }
            Node::Method(fact, method) => match (fact.get)(context) {
                Value::Text(text) => Truth::from(method.holds(&text)),
                Value::Names(names) => Truth::from(method.holds_of(&names)),
                Value::Unknown | Value::Flag(_) | Value::Number(_) | Value::Level(_) | Value::Version(_) => Truth::Unknown,
            },
        }
    }
}

fn compare(value: &Value<'_>, operator: Operator, literal: &Literal) -> Truth {
    let order = match (value, literal) {
        (Value::Number(a), Literal::Number(b)) => a.cmp(b),
        (Value::Level(a), Literal::Level(b)) => a.cmp(b),
        (Value::Version(a), Literal::Version(b)) => a.cmp(b),
        (Value::Text(a), Literal::Text(b)) => a.as_ref().cmp(b.as_str()),
        _ => return Truth::Unknown,
    };
    Truth::from(match operator {
        Operator::Equal => order.is_eq(),
        Operator::NotEqual => order.is_ne(),
        Operator::Less => order.is_lt(),
        Operator::LessOrEqual => order.is_le(),
        Operator::Greater => order.is_gt(),
        Operator::GreaterOrEqual => order.is_ge(),
    })
}

impl Method {
    fn holds(&self, text: &str) -> bool {
        match self {
            Method::Matches(pattern) => pattern.matches(text),
            Method::StartsWith(head) => text.starts_with(head.as_str()),
            Method::EndsWith(tail) => text.ends_with(tail.as_str()),
            Method::Contains(part) => text.contains(part.as_str()),
            Method::ContainsAll(parts) => parts.iter().all(|part| text.contains(part.as_str())),
        }
    }

    /// Of a list, one name is enough, unless all of several are asked for.
    fn holds_of(&self, names: &[std::borrow::Cow<'_, str>]) -> bool {
        match self {
            Method::ContainsAll(wanted) => wanted.iter().all(|wanted| names.iter().any(|name| name.eq_ignore_ascii_case(wanted))),
            Method::Contains(_) | Method::Matches(_) | Method::StartsWith(_) | Method::EndsWith(_) => {
                names.iter().any(|name| self.holds_name(name))
            }
        }
    }

    /// Of a list, `contains` asks for a whole name.
    fn holds_name(&self, name: &str) -> bool {
        match self {
            Method::Contains(part) => name == part,
            Method::Matches(_) | Method::StartsWith(_) | Method::EndsWith(_) | Method::ContainsAll(_) => self.holds(name),
        }
    }
}
