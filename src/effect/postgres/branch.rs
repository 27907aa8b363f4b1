//! Which statements of a trigger's function are reached for an operation: TG_OP is known, what a row
//! holds is not.

use super::words::{Word, words};

/// Whether a statement is run, as far as the text tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reached {
    Yes,
    No,
    /// A condition on something else than the operation decides.
    Perhaps,
}

/// `at` is where the statement begins; the body is in small letters.
pub(super) fn reached(body: &str, at: usize, operation: &str) -> Reached {
    let Some(before) = body.get(..at) else { return Reached::Perhaps };
    if !by_operation(before, operation) {
        Reached::No
    } else if decided(before) {
        Reached::Yes
    } else {
        Reached::Perhaps
    }
}

/// What is open before a statement.
enum Frame {
    /// BEGIN, and whether its handlers of exceptions have begun.
    Block(bool),
    /// IF, and whether a condition of its branches asks for more than the operation.
    If(bool),
    Loop,
    Case,
}

impl Frame {
    fn is_open(&self) -> bool {
        match self {
            Frame::Block(handler) => *handler,
            Frame::If(open) => *open,
            Frame::Loop | Frame::Case => true,
        }
    }
}

/// Whether nothing but the operation decides that the place after this text is reached.
fn decided(before: &str) -> bool {
    let words = words(before);
    let name = |at: usize| match words.get(at) {
        Some(Word::Name { text, quoted: false, .. }) => Some(text.as_str()),
        _ => None,
    };
    let mut frames: Vec<Frame> = Vec::new();
    let mut returned = false;
    for at in 0..words.len() {
        let begins =
            at == 0 || words.get(at - 1) == Some(&Word::Mark(';')) || matches!(name(at - 1), Some("then" | "else" | "begin" | "loop"));
        match name(at) {
            Some("begin") => frames.push(Frame::Block(false)),
            Some("exception") if begins => {
                if let Some(Frame::Block(handler)) = frames.last_mut() {
                    *handler = true;
                }
            }
            Some("if") if begins => frames.push(Frame::If(!asks_operation(&words, at + 1))),
            Some("elsif" | "elseif") => {
                let more = !asks_operation(&words, at + 1);
                if let Some(Frame::If(open)) = frames.last_mut() {
                    *open |= more;
                }
            }
            Some("loop") if at == 0 || name(at - 1) != Some("end") => frames.push(Frame::Loop),
            Some("case") if at == 0 || name(at - 1) != Some("end") => frames.push(Frame::Case),
            // Of a block, a loop, an IF, or of a CASE within an expression.
            Some("end") => {
                frames.pop();
            }
            Some("return") if begins => returned |= frames.iter().any(Frame::is_open),
            _ => {}
        }
    }
    !returned && !frames.iter().any(Frame::is_open)
}

/// Whether a condition, up to its THEN, asks for the operation and nothing else.
fn asks_operation(words: &[Word], from: usize) -> bool {
    let mut asks = false;
    for word in words.iter().skip(from) {
        match word {
            Word::Name { text, quoted: false, .. } => match text.as_str() {
                "then" => return asks,
                "tg_op" => asks = true,
                "or" | "in" | "not" => {}
                _ => return false,
            },
            Word::Name { .. } => return false,
            Word::Literal(_) | Word::Mark(_) => {}
        }
    }
    false
}

/// Whether a statement is reached as far as conditions on TG_OP tell: one branch for each operation,
/// perhaps with a RETURN at its end, is how such functions are written.
fn by_operation(before: &str, operation: &str) -> bool {
    let Some(last) = before.rfind("tg_op") else { return true };
    let since = before.get(last..).unwrap_or_default();
    let (condition, branch) = since.split_once("then").unwrap_or((since, ""));
    let negated = condition.contains("<>") || condition.contains("!=") || condition.contains(" not ");
    if !branch.contains("end if") && !branch.contains("else") && !branch.contains("elsif") {
        return condition.contains(operation) != negated;
    }
    // Behind the branches: those of this operation may have returned; in ELSE: it has none of its own.
    let own = before.match_indices("tg_op").filter_map(|(at, _)| before.get(at..)).find_map(|rest| {
        let (condition, branch) = rest.split_once("then")?;
        let ends = ["elsif", "else", "end if"].iter().filter_map(|word| branch.find(word)).min()?;
        condition.contains(operation).then(|| branch.get(..ends).unwrap_or_default().to_owned())
    });
    let otherwise = !branch.contains("end if");
    match own {
        Some(_) if otherwise => false,
        Some(branch) => !branch.contains("return"),
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(body: &str, operation: &str, verdict: Reached) -> String {
        let lower = body.to_ascii_lowercase();
        ["a;", "b;", "c;", "d;"]
            .iter()
            .filter(|part| body.contains(**part) && reached(&lower, body.find(*part).unwrap_or_default(), operation) == verdict)
            .map(|part| part.trim_end_matches(';'))
            .collect()
    }

    #[test]
    fn a_branch_belongs_to_its_operation() {
        let body = "BEGIN IF (TG_OP = 'DELETE') THEN a; RETURN OLD; ELSIF TG_OP = 'UPDATE' THEN b; ELSE c; END IF; d; END";
        assert_eq!(places(body, "'delete'", Reached::Yes), "a");
        assert_eq!(places(body, "'update'", Reached::Yes), "bd");
        assert_eq!(places(body, "'insert'", Reached::Yes), "cd");
    }

    #[test]
    fn what_a_row_decides_is_not_known() {
        let body = "BEGIN a; IF NEW.x > 3 THEN b; END IF; c; FOR r IN SELECT 1 LOOP d; END LOOP; END";
        assert_eq!(places(body, "'insert'", Reached::Yes), "ac");
        assert_eq!(places(body, "'insert'", Reached::Perhaps), "bd");
        let early = "BEGIN a; IF NEW.x IS NULL THEN RETURN NEW; END IF; b; END";
        assert_eq!((places(early, "'insert'", Reached::Yes), places(early, "'insert'", Reached::Perhaps)), ("a".into(), "b".into()));
        let mixed = "BEGIN IF TG_OP = 'INSERT' OR NEW.x > OLD.x THEN a; END IF; x := CASE WHEN y THEN 1 END; b; END";
        assert_eq!((places(mixed, "'insert'", Reached::Yes), places(mixed, "'insert'", Reached::Perhaps)), ("b".into(), "a".into()));
    }
}
