//! Small helps for messages to people.

/// The candidate that a mistyped word most likely means, if any is near enough.
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Nobody mistypes a name this long; the distance would only cost time.
    if word.len() > 100 {
        return None;
    }
    let word = word.to_ascii_lowercase();
    let near = |candidate: &str| {
        let distance = distance(&word, &candidate.to_ascii_lowercase());
        let limit = (word.chars().count().max(candidate.chars().count()) / 3).max(1);
        (distance <= limit).then_some(distance)
    };
    candidates
        .into_iter()
        .filter_map(|candidate| Some((near(candidate)?, candidate)))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Insertions, deletions, substitutions and swaps of neighbours between two words.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let at = |row: &[usize], column: usize| row.get(column).copied().unwrap_or(usize::MAX - 1);
            let mut best = (at(&last, j) + usize::from(x != y)).min(at(&last, j + 1) + 1).min(at(&row, j) + 1);
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x);
            if swapped {
                best = best.min(at(&before, j - 1) + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_recognised_and_strangers_are_not() {
        let known = ["postgres", "mysql", "dropping-column", "dropping-table"];
        assert_eq!(closest("postgers", known), Some("postgres"));
        assert_eq!(closest("droping-colum", known), Some("dropping-column"));
        assert_eq!(closest("DROPPING-TABLES", known), Some("dropping-table"));
        assert_eq!(closest("oracle", known), None);
        assert_eq!(closest("", known), None);
    }
}
