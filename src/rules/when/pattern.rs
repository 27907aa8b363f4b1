//! A small regular expression that matches the whole text: `[a-z][a-z0-9_]*`, `(idx|uq)_.+`.
//!
//! Literals, `.`, classes, `* + ?`, groups and `|`, run as a set of states, so that no pattern can
//! make it slow. Naming conventions need no more, and no crate.

/// A compiled pattern.
#[derive(Debug)]
pub struct Pattern {
    steps: Vec<Step>,
}

#[derive(Debug)]
enum Step {
    Take(Taken),
    /// Go on at both.
    Fork(usize, usize),
    Jump(usize),
    Accept,
}

#[derive(Debug)]
enum Taken {
    Any,
    Char(char),
    Class { ranges: Vec<(char, char)>, negated: bool },
}

/// Longer patterns are a mistake.
const LONGEST: usize = 500;

impl Pattern {
    pub fn new(text: &str) -> Result<Pattern, &'static str> {
        let text = text.strip_prefix('^').unwrap_or(text);
        let text = if text.ends_with("\\$") { text } else { text.strip_suffix('$').unwrap_or(text) };
        if text.len() > LONGEST {
            return Err("it is too long");
        }
        let mut compiler = Compiler { chars: text.chars().collect(), at: 0, steps: Vec::new(), depth: 0 };
        compiler.alternatives()?;
        if compiler.at < compiler.chars.len() {
            return Err("a `)` too many");
        }
        compiler.steps.push(Step::Accept);
        Ok(Pattern { steps: compiler.steps })
    }

    pub fn matches(&self, text: &str) -> bool {
        let (mut now, mut next, mut open) = (Vec::new(), Vec::new(), Vec::new());
        let mut seen = vec![false; self.steps.len()];
        self.follow(0, &mut now, &mut seen, &mut open);
        for c in text.chars() {
            seen.fill(false);
            for &state in &now {
                if let Some(Step::Take(taken)) = self.steps.get(state)
                    && taken.takes(c)
                {
                    self.follow(state + 1, &mut next, &mut seen, &mut open);
                }
            }
            std::mem::swap(&mut now, &mut next);
            next.clear();
        }
        now.iter().any(|&state| matches!(self.steps.get(state), Some(Step::Accept)))
    }

    /// Adds a state and all that is reached from it without taking a character; `open` is room to
    /// work in.
    fn follow(&self, state: usize, states: &mut Vec<usize>, seen: &mut [bool], open: &mut Vec<usize>) {
        open.push(state);
        while let Some(state) = open.pop() {
            match seen.get_mut(state) {
                Some(done) if !*done => *done = true,
                Some(_) | None => continue,
            }
            match self.steps.get(state) {
                Some(Step::Fork(a, b)) => open.extend([*b, *a]),
                Some(Step::Jump(to)) => open.push(*to),
                Some(Step::Take(_) | Step::Accept) => states.push(state),
                None => {}
            }
        }
    }
}

impl Taken {
    fn takes(&self, c: char) -> bool {
        match self {
            Taken::Any => true,
            Taken::Char(own) => *own == c,
            Taken::Class { ranges, negated } => ranges.iter().any(|(from, to)| (*from..=*to).contains(&c)) != *negated,
        }
    }
}

struct Compiler {
    chars: Vec<char>,
    at: usize,
    steps: Vec<Step>,
    depth: usize,
}

impl Compiler {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn take(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        Some(c)
    }

    fn alternatives(&mut self) -> Result<(), &'static str> {
        let start = self.steps.len();
        self.sequence()?;
        let mut ends = Vec::new();
        while self.peek() == Some('|') {
            self.at += 1;
            // Fork in front of what was compiled, jump over what follows.
            self.insert(start, Step::Fork(start + 1, 0), &mut ends);
            ends.push(self.steps.len());
            self.steps.push(Step::Jump(0));
            let other = self.steps.len();
            if let Some(Step::Fork(_, to)) = self.steps.get_mut(start) {
                *to = other;
            }
            self.sequence()?;
        }
        let end = self.steps.len();
        for jump in ends {
            if let Some(Step::Jump(to)) = self.steps.get_mut(jump) {
                *to = end;
            }
        }
        Ok(())
    }

    fn sequence(&mut self) -> Result<(), &'static str> {
        while let Some(c) = self.peek().filter(|c| !matches!(c, '|' | ')')) {
            let start = self.steps.len();
            self.at += 1;
            match c {
                '(' => {
                    self.depth += 1;
                    if self.depth > 20 {
                        return Err("groups are nested too deeply");
                    }
                    if self.peek() == Some('?') && self.chars.get(self.at + 1) == Some(&':') {
                        self.at += 2;
                    }
                    self.alternatives()?;
                    if self.take() != Some(')') {
                        return Err("a `(` is never closed");
                    }
                    self.depth -= 1;
                }
                '[' => {
                    let class = self.class()?;
                    self.steps.push(Step::Take(class));
                }
                '.' => self.steps.push(Step::Take(Taken::Any)),
                '\\' => {
                    let escaped = self.escape()?;
                    self.steps.push(Step::Take(escaped));
                }
                '*' | '+' | '?' | '{' => return Err("nothing stands before the repetition"),
                c => self.steps.push(Step::Take(Taken::Char(c))),
            }
            self.repetition(start)?;
        }
        Ok(())
    }

    fn repetition(&mut self, start: usize) -> Result<(), &'static str> {
        match self.peek() {
            Some('*') => {
                self.insert(start, Step::Fork(start + 1, 0), &mut []);
                self.steps.push(Step::Jump(start));
                let end = self.steps.len();
                if let Some(Step::Fork(_, out)) = self.steps.get_mut(start) {
                    *out = end;
                }
            }
            Some('+') => {
                let end = self.steps.len() + 1;
                self.steps.push(Step::Fork(start, end));
            }
            Some('?') => {
                self.insert(start, Step::Fork(start + 1, 0), &mut []);
                let end = self.steps.len();
                if let Some(Step::Fork(_, out)) = self.steps.get_mut(start) {
                    *out = end;
                }
            }
            Some('{') => return Err("`{n}` is not known here: write the repetition out"),
            Some(_) | None => return Ok(()),
        }
        self.at += 1;
        Ok(())
    }

    /// Puts a step before those from `start` on, which all move by one.
    fn insert(&mut self, start: usize, step: Step, ends: &mut [usize]) {
        let moved = |to: &mut usize| {
            if *to >= start {
                *to += 1;
            }
        };
        for step in self.steps.get_mut(start..).into_iter().flatten() {
            match step {
                Step::Fork(a, b) => {
                    moved(a);
                    moved(b);
                }
                Step::Jump(to) => moved(to),
                Step::Take(_) | Step::Accept => {}
            }
        }
        ends.iter_mut().for_each(moved);
        self.steps.insert(start, step);
    }

    fn escape(&mut self) -> Result<Taken, &'static str> {
        let class = |ranges: &[(char, char)]| Taken::Class { ranges: ranges.to_vec(), negated: false };
        match self.take() {
            Some('d') => Ok(class(&[('0', '9')])),
            Some('w') => Ok(class(&[('a', 'z'), ('A', 'Z'), ('0', '9'), ('_', '_')])),
            Some(c) if c.is_ascii_alphanumeric() => Err("only `\\d` and `\\w` are known"),
            Some(c) => Ok(Taken::Char(c)),
            None => Err("it ends in a backslash"),
        }
    }

    fn class(&mut self) -> Result<Taken, &'static str> {
        let negated = self.peek() == Some('^');
        self.at += usize::from(negated);
        let mut ranges = Vec::new();
        loop {
            match self.take() {
                None => return Err("a `[` is never closed"),
                Some(']') => return Ok(Taken::Class { ranges, negated }),
                Some('\\') => match self.escape()? {
                    Taken::Char(c) => ranges.push((c, c)),
                    Taken::Class { ranges: more, .. } => ranges.extend(more),
                    Taken::Any => {}
                },
                Some(from) => {
                    let is_range = self.peek() == Some('-') && self.chars.get(self.at + 1).is_some_and(|c| *c != ']');
                    if is_range {
                        self.at += 1;
                        let to = self.take().ok_or("a `[` is never closed")?;
                        ranges.push((from, to));
                    } else {
                        ranges.push((from, from));
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    fn matches(pattern: &str, text: &str) -> bool {
        Pattern::new(pattern).unwrap().matches(text)
    }

    #[test]
    fn whole_texts_match() {
        assert!(matches("[a-z][a-z0-9_]*", "orders_2"));
        assert!(!matches("[a-z][a-z0-9_]*", "Orders"));
        assert!(matches("^(idx|uq|fk)_.+$", "uq_orders"));
        assert!(!matches("(idx|uq|fk)_.+", "uq_"));
        assert!(matches("(a|b|c)*d?", "abcabc"));
        assert!(matches("(ab)+", "abab"));
        assert!(!matches("(ab)+", "aba"));
        assert!(matches("x(a?|b)y", "xy"));
        assert!(matches(r"\d\w*\.\$", "1a_.$"));
    }

    #[test]
    fn faults_are_told_and_repetition_is_never_slow() {
        for bad in ["(a", "a)", "[a", "*a", "a{2}", "\\"] {
            assert!(Pattern::new(bad).is_err(), "{bad}");
        }
        assert!(!matches("(a*)*b", &"a".repeat(5000)));
    }
}
