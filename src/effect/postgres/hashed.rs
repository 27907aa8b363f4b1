//! Which partition of PARTITION BY HASH takes a row: the server's own hash of whole numbers and UUIDs
//! (proven by where rows are put). Texts are not kept as they are written, so theirs is not known.

use super::ranges::Point;
use super::scene::Scene;
use super::types::{self, Family};
use crate::catalog::Table;

/// The seed of the hash for partitions.
const SEED: u64 = 0x7A5B_2236_7996_DCFD;

/// Whether a row with these values, one for each column of the key, is of that remainder.
pub(super) fn takes(scene: Scene<'_>, parent: &Table, columns: &[Option<&str>], row: &[Option<Point>], bound: (u64, u64)) -> Option<bool> {
    let (modulus, remainder) = bound;
    if columns.len() != row.len() || modulus == 0 {
        return None;
    }
    let mut whole = 0_u64;
    for (column, value) in columns.iter().zip(row) {
        let data_type = parent.columns.iter().find(|known| Some(known.name.as_str()) == *column)?.data_type.as_ref()?;
        let resolved = types::resolve(scene.catalog, data_type);
        if resolved.array || resolved.family != Family::Builtin || data_type.collation.is_some() {
            return None;
        }
        // Nulls leave the hash as it is.
        if let Some(value) = value {
            whole = combined(whole, hash(&resolved.base, value)?);
        }
    }
    Some(whole % modulus == remainder)
}

fn hash(base: &str, value: &Point) -> Option<u64> {
    match (base, value) {
        ("int2" | "int4" | "int8", Point::Number(number)) if number.fract() == 0.0 && number.abs() < 9.0e15 => {
            #[expect(clippy::cast_possible_truncation, reason = "whole and small enough")]
            let number = *number as i64;
            let bytes = number.to_ne_bytes();
            let halves = u64::from_ne_bytes(bytes);
            let (low, high) = (halves & 0xffff_ffff, halves >> 32);
            // Equal numbers of any width hash alike.
            let folded = if number >= 0 { low ^ high } else { low ^ (!high & 0xffff_ffff) };
            Some(of_number(u32::try_from(folded).ok()?))
        }
        ("uuid", Point::Text(text)) => {
            let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
            let bytes: Option<Vec<u8>> =
                digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect();
            bytes.filter(|bytes| bytes.len() == 16).map(|bytes| of_bytes(&bytes))
        }
        _ => None,
    }
}

fn combined(one: u64, other: u64) -> u64 {
    one ^ other.wrapping_add(0x49a0_f4dd_15e5_a8e3).wrapping_add(one << 54).wrapping_add(one >> 7)
}

/// Three words that are mixed (Bob Jenkins, lookup3).
struct Words(u32, u32, u32);

impl Words {
    fn seeded(length: u32) -> Words {
        let start = 0x9e37_79b9_u32.wrapping_add(length).wrapping_add(3_923_095);
        let mut words = Words(start, start, start);
        let [high, low] = [SEED >> 32, SEED & 0xffff_ffff].map(|half| u32::try_from(half).unwrap_or_default());
        words.0 = words.0.wrapping_add(high);
        words.1 = words.1.wrapping_add(low);
        words.mix();
        words
    }

    fn mix(&mut self) {
        let Words(mut a, mut b, mut c) = *self;
        a = a.wrapping_sub(c) ^ c.rotate_left(4);
        c = c.wrapping_add(b);
        b = b.wrapping_sub(a) ^ a.rotate_left(6);
        a = a.wrapping_add(c);
        c = c.wrapping_sub(b) ^ b.rotate_left(8);
        b = b.wrapping_add(a);
        a = a.wrapping_sub(c) ^ c.rotate_left(16);
        c = c.wrapping_add(b);
        b = b.wrapping_sub(a) ^ a.rotate_left(19);
        a = a.wrapping_add(c);
        c = c.wrapping_sub(b) ^ b.rotate_left(4);
        b = b.wrapping_add(a);
        *self = Words(a, b, c);
    }

    fn done(self) -> u64 {
        let Words(mut a, mut b, mut c) = self;
        c = (c ^ b).wrapping_sub(b.rotate_left(14));
        a = (a ^ c).wrapping_sub(c.rotate_left(11));
        b = (b ^ a).wrapping_sub(a.rotate_left(25));
        c = (c ^ b).wrapping_sub(b.rotate_left(16));
        a = (a ^ c).wrapping_sub(c.rotate_left(4));
        b = (b ^ a).wrapping_sub(a.rotate_left(14));
        c = (c ^ b).wrapping_sub(b.rotate_left(24));
        u64::from(b) << 32 | u64::from(c)
    }
}

fn of_number(number: u32) -> u64 {
    let mut words = Words::seeded(4);
    words.0 = words.0.wrapping_add(number);
    words.done()
}

fn of_bytes(bytes: &[u8]) -> u64 {
    let mut words = Words::seeded(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
    let word = |bytes: &[u8]| bytes.iter().rev().fold(0_u32, |word, byte| word << 8 | u32::from(*byte));
    let mut rest = bytes;
    while let Some((twelve, tail)) = rest.split_at_checked(12) {
        let mut fours = twelve.chunks(4).map(word);
        words.0 = words.0.wrapping_add(fours.next().unwrap_or_default());
        words.1 = words.1.wrapping_add(fours.next().unwrap_or_default());
        words.2 = words.2.wrapping_add(fours.next().unwrap_or_default());
        words.mix();
        rest = tail;
    }
    // The lowest byte of the last word is for the length.
    let mut fours = rest.chunks(4).map(word);
    words.0 = words.0.wrapping_add(fours.next().unwrap_or_default());
    words.1 = words.1.wrapping_add(fours.next().unwrap_or_default());
    words.2 = words.2.wrapping_add(fours.next().unwrap_or_default() << 8);
    words.done()
}
