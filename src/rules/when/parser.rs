//! Tokens as a tree, names not yet looked up.

use std::ops::Range;

use super::Operator;
use super::error::WhenError;
use super::lexer::{Kind, Token};

#[derive(Debug)]
pub(super) struct Tree<'a> {
    pub shape: Shape<'a>,
    pub span: Range<usize>,
}

#[derive(Debug)]
pub(super) enum Shape<'a> {
    Name(&'a str),
    Text(String),
    Number(i64),
    Not(Box<Tree<'a>>),
    And(Vec<Tree<'a>>),
    Or(Vec<Tree<'a>>),
    Compare(Box<Tree<'a>>, Operator, Box<Tree<'a>>),
    /// The list, or one name that stands for a list.
    In(Box<Tree<'a>>, Vec<Tree<'a>>),
    Call(Box<Tree<'a>>, &'a str, Vec<Tree<'a>>),
}

/// Deeper than anybody writes, shallow enough for any stack.
const DEPTH: usize = 64;

pub(super) fn parse<'a>(tokens: &[Token<'a>], end: usize) -> Result<Tree<'a>, WhenError> {
    let mut parser = Parser { tokens, at: 0, end, depth: 0 };
    let tree = parser.any()?;
    match parser.peek() {
        None => Ok(tree),
        Some(token) => Err(WhenError::new(token.span.clone(), "expected `&&`, `||` or the end")),
    }
}

struct Parser<'t, 'a> {
    tokens: &'t [Token<'a>],
    at: usize,
    end: usize,
    depth: usize,
}

impl<'a> Parser<'_, 'a> {
    fn peek(&self) -> Option<&Token<'a>> {
        self.tokens.get(self.at)
    }

    fn here(&self) -> Range<usize> {
        self.peek().map_or(self.end..self.end, |token| token.span.clone())
    }

    fn sign(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Some(Token { kind: Kind::Sign(found), .. }) if *found == sign);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, sign: &str) -> Result<(), WhenError> {
        if self.sign(sign) { Ok(()) } else { Err(WhenError::new(self.here(), format!("expected `{sign}`"))) }
    }

    fn any(&mut self) -> Result<Tree<'a>, WhenError> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(WhenError::new(self.here(), "this condition is nested too deeply"));
        }
        let mut parts = vec![self.all()?];
        while self.sign("||") {
            parts.push(self.all()?);
        }
        self.depth -= 1;
        Ok(join(parts, Shape::Or))
    }

    fn all(&mut self) -> Result<Tree<'a>, WhenError> {
        let mut parts = vec![self.unary()?];
        while self.sign("&&") {
            parts.push(self.unary()?);
        }
        Ok(join(parts, Shape::And))
    }

    fn unary(&mut self) -> Result<Tree<'a>, WhenError> {
        let start = self.here().start;
        let mut negations = 0usize;
        while self.sign("!") {
            negations += 1;
        }
        let inner = self.comparison()?;
        let span = start..inner.span.end;
        Ok(if negations % 2 == 1 { Tree { shape: Shape::Not(Box::new(inner)), span } } else { inner })
    }

    fn comparison(&mut self) -> Result<Tree<'a>, WhenError> {
        let left = self.operand()?;
        let operator = match self.peek().map(|token| &token.kind) {
            Some(Kind::Sign("==")) => Operator::Equal,
            Some(Kind::Sign("!=")) => Operator::NotEqual,
            Some(Kind::Sign("<")) => Operator::Less,
            Some(Kind::Sign("<=")) => Operator::LessOrEqual,
            Some(Kind::Sign(">")) => Operator::Greater,
            Some(Kind::Sign(">=")) => Operator::GreaterOrEqual,
            Some(Kind::Name("in")) => {
                self.at += 1;
                return self.membership(left);
            }
            _ => return Ok(left),
        };
        self.at += 1;
        let right = self.operand()?;
        let span = left.span.start..right.span.end;
        Ok(Tree { shape: Shape::Compare(Box::new(left), operator, Box::new(right)), span })
    }

    fn membership(&mut self, left: Tree<'a>) -> Result<Tree<'a>, WhenError> {
        let start = left.span.start;
        let items = if self.sign("[") {
            let items = self.list("]")?;
            self.expect("]")?;
            items
        } else {
            vec![self.operand()?]
        };
        let end = self.tokens.get(self.at.saturating_sub(1)).map_or(self.end, |token| token.span.end);
        Ok(Tree { shape: Shape::In(Box::new(left), items), span: start..end })
    }

    fn list(&mut self, close: &str) -> Result<Vec<Tree<'a>>, WhenError> {
        let mut items = Vec::new();
        while !matches!(self.peek(), Some(Token { kind: Kind::Sign(sign), .. }) if *sign == close) {
            items.push(self.operand()?);
            if !self.sign(",") {
                break;
            }
        }
        Ok(items)
    }

    fn operand(&mut self) -> Result<Tree<'a>, WhenError> {
        let Some(token) = self.peek().cloned() else {
            return Err(WhenError::new(self.end..self.end, "expected a fact, a value or `(`"));
        };
        self.at += 1;
        let mut tree = match token.kind {
            Kind::Name(name) => Tree { shape: Shape::Name(name), span: token.span },
            Kind::Text(text) => Tree { shape: Shape::Text(text), span: token.span },
            Kind::Number(number) => Tree { shape: Shape::Number(number), span: token.span },
            Kind::Sign("(") => {
                let inner = self.any()?;
                self.expect(")")?;
                inner
            }
            Kind::Sign(sign) => return Err(WhenError::new(token.span, format!("expected a fact, a value or `(`, not `{sign}`"))),
        };
        if self.sign(".") {
            let method = self.here();
            let Some(Token { kind: Kind::Name(name), .. }) = self.peek() else {
                return Err(WhenError::new(method, "expected a method such as `startsWith`"));
            };
            let name = *name;
            self.at += 1;
            self.expect("(")?;
            let arguments = self.list(")")?;
            let end = self.here().end;
            self.expect(")")?;
            let span = tree.span.start..end;
            tree = Tree { shape: Shape::Call(Box::new(tree), name, arguments), span };
        }
        Ok(tree)
    }
}

fn join<'a>(mut parts: Vec<Tree<'a>>, shape: fn(Vec<Tree<'a>>) -> Shape<'a>) -> Tree<'a> {
    if parts.len() > 1 {
        let start = parts.first().map_or(0, |part| part.span.start);
        let end = parts.last().map_or(0, |part| part.span.end);
        return Tree { shape: shape(parts), span: start..end };
    }
    parts.pop().unwrap_or(Tree { shape: Shape::Name("true"), span: 0..0 })
}
