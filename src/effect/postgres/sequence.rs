//! The numbers of a sequence, which have to fit one another.

use super::outcome::Outcome;
use super::scene::Scene;
use super::types::{self, Family};
use crate::change::{CreateSequence, SequenceNumbers};

/// What is not written takes the value the manual gives (CREATE SEQUENCE); all of it is 22023.
pub(super) fn create(scene: Scene<'_>, create: &CreateSequence, out: &mut Outcome) {
    let (lowest, highest) = match &create.data_type {
        None => (i128::from(i64::MIN), i128::from(i64::MAX)),
        Some(data_type) => {
            let resolved = types::resolve(scene.catalog, data_type);
            match resolved.base.as_str() {
                "int2" => (i128::from(i16::MIN), i128::from(i16::MAX)),
                "int4" => (i128::from(i32::MIN), i128::from(i32::MAX)),
                "int8" => (i128::from(i64::MIN), i128::from(i64::MAX)),
                _ => {
                    if resolved.family == Family::Builtin && resolved.domain.is_none() {
                        out.refuse("22023", "the type of a sequence must be smallint, integer or bigint");
                    }
                    return;
                }
            }
        }
    };
    let numbers = &create.numbers;
    let outside = [numbers.minimum, numbers.maximum].into_iter().flatten().find(|number| !(lowest..=highest).contains(number));
    if let Some(number) = outside {
        out.refuse("22023", format!("{number} is out of range for the type of the sequence"));
        return;
    }
    let rises = numbers.increment.is_none_or(|increment| increment > 0);
    let minimum = numbers.minimum.unwrap_or(if rises { 1 } else { lowest });
    let maximum = numbers.maximum.unwrap_or(if rises { highest } else { -1 });
    let start = numbers.start.unwrap_or(if rises { minimum } else { maximum });
    fit(&SequenceNumbers { minimum: Some(minimum), maximum: Some(maximum), start: Some(start), ..*numbers }, out);
}

/// Those that stand in one statement; what the sequence has already is not known here.
pub(super) fn fit(numbers: &SequenceNumbers, out: &mut Outcome) {
    if numbers.increment == Some(0) {
        out.refuse("22023", "INCREMENT must not be zero");
        return;
    }
    if let (Some(minimum), Some(maximum)) = (numbers.minimum, numbers.maximum)
        && minimum >= maximum
    {
        out.refuse("22023", format!("MINVALUE ({minimum}) must be less than MAXVALUE ({maximum})"));
        return;
    }
    for (word, number) in [("START", numbers.start), ("RESTART", numbers.restart)] {
        let Some(number) = number else { continue };
        if numbers.minimum.is_some_and(|minimum| number < minimum) || numbers.maximum.is_some_and(|maximum| number > maximum) {
            out.refuse("22023", format!("{word} value ({number}) lies outside MINVALUE and MAXVALUE"));
            return;
        }
    }
    if let Some(cache) = numbers.cache.filter(|cache| *cache <= 0) {
        out.refuse("22023", format!("CACHE ({cache}) must be greater than zero"));
    }
}
