//! Sets of values on an ordered line.

use std::cmp::Ordering;

/// A value of a partition key or of a CHECK: a number, or a text compared as written (dates in ISO
/// form compare well that way).
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Point {
    Number(f64),
    Text(String),
}

impl Point {
    pub fn number(text: &str) -> Option<Point> {
        text.parse::<f64>().ok().filter(|number| number.is_finite()).map(Point::Number)
    }

    /// A quoted literal: a number where it looks like one, a day without its midnight.
    pub fn text(text: &str) -> Point {
        let trimmed = text.trim();
        if let Some(number) = Point::number(trimmed) {
            return number;
        }
        let day = trimmed.strip_suffix("00:00:00").or_else(|| trimmed.strip_suffix("00:00:00+00")).unwrap_or(trimmed);
        Point::Text(day.trim_end_matches(['T', ' ']).to_owned())
    }

    pub fn compare(&self, other: &Point) -> Option<Ordering> {
        match (self, other) {
            (Point::Number(one), Point::Number(other)) => one.partial_cmp(other),
            (Point::Text(one), Point::Text(other)) => Some(one.cmp(other)),
            (Point::Number(_), Point::Text(_)) | (Point::Text(_), Point::Number(_)) => None,
        }
    }
}

/// One end of a stretch: the point, and whether it belongs to it. `None` is without end.
type End = Option<(Point, bool)>;

#[derive(Debug, Clone, PartialEq)]
struct Stretch {
    low: End,
    high: End,
}

/// A union of stretches. Points that cannot be compared make the whole unusable.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ranges {
    stretches: Vec<Stretch>,
    /// Numbers and texts were mixed.
    muddled: bool,
}

const MAX_STRETCHES: usize = 4096;

impl Ranges {
    pub fn none() -> Self {
        Ranges { stretches: Vec::new(), muddled: false }
    }

    pub fn all() -> Self {
        Ranges { stretches: vec![Stretch { low: None, high: None }], muddled: false }
    }

    pub fn only(point: Point) -> Self {
        Ranges { stretches: vec![Stretch { low: Some((point.clone(), true)), high: Some((point, true)) }], muddled: false }
    }

    pub fn at_least(point: Point) -> Self {
        Ranges { stretches: vec![Stretch { low: Some((point, true)), high: None }], muddled: false }
    }

    pub fn at_most(point: Point) -> Self {
        Ranges { stretches: vec![Stretch { low: None, high: Some((point, true)) }], muddled: false }
    }

    pub fn below(point: Point) -> Self {
        Ranges { stretches: vec![Stretch { low: None, high: Some((point, false)) }], muddled: false }
    }

    /// The one value in it.
    pub fn single(&self) -> Option<&Point> {
        match self.stretches.as_slice() {
            [Stretch { low: Some((low, true)), high: Some((high, true)) }] if low == high && !self.muddled => Some(low),
            _ => None,
        }
    }

    pub fn union(mut self, other: &Ranges) -> Ranges {
        self.muddled |= other.muddled || self.stretches.len() + other.stretches.len() > MAX_STRETCHES;
        if !self.muddled {
            self.stretches.extend(other.stretches.iter().cloned());
        }
        self
    }

    pub fn intersect(&self, other: &Ranges) -> Ranges {
        let mut muddled = self.muddled || other.muddled || self.stretches.len() * other.stretches.len() > MAX_STRETCHES;
        let mut stretches = Vec::new();
        if !muddled {
            for one in &self.stretches {
                for two in &other.stretches {
                    match common(one, two) {
                        Ok(Some(stretch)) => stretches.push(stretch),
                        Ok(None) => {}
                        Err(Incomparable) => muddled = true,
                    }
                }
            }
        }
        Ranges { stretches, muddled }
    }

    pub fn complement(&self) -> Ranges {
        let mut rest = Ranges::all();
        rest.muddled = self.muddled;
        for stretch in &self.stretches {
            let mut outside = Ranges::none();
            if let Some((point, inside)) = &stretch.low {
                outside.stretches.push(Stretch { low: None, high: Some((point.clone(), !inside)) });
            }
            if let Some((point, inside)) = &stretch.high {
                outside.stretches.push(Stretch { low: Some((point.clone(), !inside)), high: None });
            }
            rest = rest.intersect(&outside);
        }
        rest
    }

    /// No value is in both, for certain.
    pub fn disjoint(&self, other: &Ranges) -> bool {
        let both = self.intersect(other);
        !both.muddled && both.stretches.is_empty()
    }

    /// The two can be compared at all.
    pub fn comparable(&self, other: &Ranges) -> bool {
        !self.intersect(other).muddled
    }

    /// Every value of this is in the other, for certain.
    pub fn within(&self, other: &Ranges) -> bool {
        self.disjoint(&other.complement())
    }
}

struct Incomparable;

fn common(one: &Stretch, two: &Stretch) -> Result<Option<Stretch>, Incomparable> {
    let low = tighter(&one.low, &two.low, Ordering::Greater)?;
    let high = tighter(&one.high, &two.high, Ordering::Less)?;
    if let (Some((low_point, low_in)), Some((high_point, high_in))) = (&low, &high) {
        match low_point.compare(high_point).ok_or(Incomparable)? {
            Ordering::Greater => return Ok(None),
            Ordering::Equal if !(*low_in && *high_in) => return Ok(None),
            Ordering::Equal | Ordering::Less => {}
        }
    }
    Ok(Some(Stretch { low, high }))
}

fn tighter(one: &End, two: &End, wins: Ordering) -> Result<End, Incomparable> {
    match (one, two) {
        (None, end) | (end, None) => Ok(end.clone()),
        (Some((a, a_in)), Some((b, b_in))) => {
            let order = a.compare(b).ok_or(Incomparable)?;
            Ok(Some(if order == Ordering::Equal {
                (a.clone(), *a_in && *b_in)
            } else if order == wins {
                (a.clone(), *a_in)
            } else {
                (b.clone(), *b_in)
            }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(low: f64, high: f64) -> Ranges {
        Ranges::at_least(Point::Number(low)).intersect(&Ranges::below(Point::Number(high)))
    }

    #[test]
    fn a_part_is_within_and_a_neighbour_is_not() {
        assert!(between(6000.0, 8000.0).within(&between(6000.0, 8000.0)));
        assert!(!between(5999.0, 8000.0).within(&between(6000.0, 8000.0)));
        assert!(between(0.0, 10.0).disjoint(&between(10.0, 20.0)));
        assert!(between(6000.0, 8000.0).complement().disjoint(&between(6000.0, 8000.0)));
    }

    #[test]
    fn unlike_values_prove_nothing() {
        let texts = Ranges::only(Point::text("a"));
        assert!(!texts.within(&between(0.0, 1.0)));
    }
}
