//! The keys of a column, how long they may be, and MariaDB's unique keys that are too long for an index: a hash of their
//! values in a hidden virtual column takes their place (measured on 10.5, 10.11 and 11.8).

use super::draft::{Draft, Key, Part, same};
use super::failure;
use super::types::{Family, Keyed, Shape};
use crate::change::IndexKind;
use crate::effect::Truth;

/// The most bytes of a whole key.
const WHOLE: u64 = 3072;
/// The most bytes of a part in COMPACT and REDUNDANT rows.
const OLD_PART: u64 = 767;

impl Draft<'_> {
    /// The keys of a column by the name it has now.
    pub fn keyed(&self, column: &str) -> Keyed {
        let slot = self.slot(column).and_then(|at| self.columns.get(at));
        let old_name = slot.and_then(|slot| Some(self.table?.columns.get(slot.before?)?.name.as_str())).unwrap_or(column);
        let named = |part: &Part, name: &str| part.column.as_deref().is_some_and(|other| same(other, name));
        let stayed = self.keys.iter().filter(|key| key.old).map(|key| (key, column));
        let gone = self.dropped_keys.iter().map(|(_, key)| (key, old_name));
        let before: Vec<(&Key, &Part)> = (stayed.chain(gone))
            .flat_map(|(key, name)| key.parts.iter().filter(move |part| named(part, name)).map(move |part| (key, part)))
            .collect();
        let order = self.implicit_order();
        let whole = slot.and_then(|slot| slot.shape.as_ref()).and_then(|shape| shape.data_type.length());
        Keyed {
            before: !before.is_empty(),
            prefix_before: before.iter().any(|(_, part)| part.prefix.is_some() && part.prefix != whole),
            orders_before: (before.iter().filter(|(_, part)| part.prefix.is_none()))
                .any(|(key, _)| key.primary || order.as_deref().is_some_and(|name| same(name, &key.name))),
            after: self.keys.iter().any(|key| key.uses(column)) || self.coming_parts.iter().any(|name| same(name, column)),
        }
    }

    fn part_shape(&self, part: &Part) -> Option<&Shape> {
        self.columns.get(self.slot(part.column.as_deref()?)?)?.shape.as_ref()
    }

    /// The bytes a part takes: least and most that are possible.
    fn part_bytes(&self, part: &Part) -> Option<(u64, u64)> {
        let shape = self.part_shape(part)?;
        Some(match (part.prefix, shape.family()) {
            (Some(prefix), _) => {
                let (low, high) = shape.effective_text().widths();
                (prefix.saturating_mul(low), prefix.saturating_mul(high))
            }
            // MariaDB puts the longest prefix into a plain key (measured).
            (None, Family::Blob | Family::Json) if self.server.is_mariadb() => {
                let most = if shape.data_type.name.starts_with("tiny") { 255 } else { WHOLE };
                (most, most)
            }
            (None, Family::Blob | Family::Geometry | Family::Json) => (0, 0),
            (None, _) => shape.bytes(),
        })
    }

    /// COMPACT or REDUNDANT, as it was or as this statement has it.
    fn is_antelope(&self) -> bool {
        let format = self.own_format.clone().or_else(|| self.row_format());
        matches!(format.as_deref(), Some("compact" | "redundant")) || (!self.server.is_mariadb() && !self.server.0.at_least(5, 7, 0))
    }

    /// The keys of a column that takes more bytes now.
    pub(super) fn check_longer(&mut self, column: &str) {
        for key in self.keys.clone().iter().filter(|key| key.uses(column)) {
            self.check_key(key);
        }
    }

    /// Every key, in the format the rows get.
    pub(super) fn check_lengths(&mut self) {
        for key in &self.keys.clone() {
            self.check_key(key);
        }
    }

    /// Key length, BLOB without a prefix, columns that cannot be keys.
    pub(super) fn check_key(&mut self, key: &Key) {
        if key.kind != IndexKind::Plain || self.is_foreign_engine() {
            return;
        }
        let mariadb = self.server.is_mariadb();
        for part in key.parts.iter().filter(|part| part.prefix.is_none()) {
            let name = part.column.clone().unwrap_or_default();
            match self.part_shape(part).map(Shape::family) {
                Some(Family::Geometry) if self.server.0.at_least(8, 0, 0) => {}
                // MariaDB takes a prefix by itself, or a hash for UNIQUE.
                Some(Family::Blob | Family::Geometry) if !mariadb || key.primary => {
                    self.fail(failure::schema(1170, format!("`{name}` needs a prefix length to be in a key"), Truth::Yes));
                }
                Some(Family::Json) if !mariadb => {
                    self.fail(failure::schema(3152, format!("the JSON column `{name}` cannot be in a key by itself"), Truth::Yes));
                }
                _ => {}
            }
        }
        let squeezed =
            |part: &&Part| !key.old && self.part_shape(part).is_some_and(|shape| shape.data_type.compressed && self.server.is_mariadb());
        if let Some(name) = key.parts.iter().find(squeezed).and_then(|part| part.column.clone()) {
            self.fail(failure::schema(4097, format!("the values of `{name}` are compressed, which no key takes"), Truth::Yes));
            return;
        }
        let hashes = mariadb && key.unique && !key.primary;
        if hashes && key.method != "btree" && self.is_hashed(key) {
            return;
        }
        let antelope = self.is_antelope();
        // MariaDB's SQL layer knows one limit, its InnoDB the other.
        let largest = if antelope && !mariadb { OLD_PART } else { WHOLE };
        // A single overlong part of a plain index is cut to a prefix.
        let cuts = mariadb && !key.unique;
        let text = |part: &&Part| part.prefix.is_none() && self.part_shape(part).is_some_and(|shape| shape.family() == Family::Blob);
        let (mut least, mut most) = (0_u64, 0_u64);
        let (mut over, mut perhaps_over, mut old_over) = (false, false, false);
        let spatial = |part: &&Part| self.part_shape(part).is_none_or(|shape| shape.family() != Family::Geometry);
        for (low, high) in key.parts.iter().filter(spatial).filter_map(|part| self.part_bytes(part)) {
            over |= low > largest && !cuts;
            perhaps_over |= high > largest && !cuts;
            old_over |= low > OLD_PART && low != WHOLE;
            least = least.saturating_add(if cuts { low.min(largest) } else { low });
            most = most.saturating_add(if cuts { high.min(largest) } else { high });
        }
        let endless = hashes && key.method == "btree" && key.parts.iter().any(|part| text(&part));
        if over || least > WHOLE || endless {
            let limit = if over { largest } else { WHOLE };
            self.fail(failure::schema(1071, format!("the key `{}` is longer than {limit} bytes", key.name), Truth::Yes));
        } else if mariadb && antelope && old_over {
            let reason = format!("the key `{}` has a column of more than {OLD_PART} bytes, too many for such rows", key.name);
            self.fail(failure::schema(1709, reason, Truth::Yes));
        } else if (perhaps_over || most > WHOLE) && !hashes {
            self.fail(failure::schema(1071, format!("the key `{}` may be longer than {largest} bytes", key.name), Truth::Unknown));
        }
    }

    /// MariaDB: a hash stands for the values of this unique key.
    pub(super) fn is_hashed(&self, key: &Key) -> bool {
        if !self.server.is_mariadb() || !key.unique || key.primary || key.kind != IndexKind::Plain || self.is_foreign_engine() {
            return false;
        }
        let whole_text =
            |part: &Part| part.prefix.is_none() && self.part_shape(part).is_some_and(|shape| matches!(shape.family(), Family::Blob));
        let bytes = key.parts.iter().filter_map(|part| self.part_bytes(part)).fold(0_u64, |sum, (low, _)| sum.saturating_add(low));
        match key.method.as_str() {
            "hash" => true,
            "btree" => false,
            _ => bytes > WHOLE || key.parts.iter().any(whole_text),
        }
    }

    /// The hidden column of such a key is made anew by every ALTER, beside which InnoDB does nothing
    /// in place.
    pub(super) fn hash_keys(&mut self) {
        if !self.server.is_mariadb() || self.table.is_none() {
            return;
        }
        let hashed = self.keys.iter().find(|key| self.is_hashed(key)).map(|key| key.name.clone());
        let wide = |key: &&Key| {
            let most = key.parts.iter().filter_map(|part| self.part_bytes(part)).fold(0_u64, |sum, (_, high)| sum.saturating_add(high));
            key.unique && !key.primary && key.kind == IndexKind::Plain && key.method != "btree" && most > WHOLE
        };
        let perhaps = self.keys.iter().find(wide).map(|key| key.name.clone()).filter(|_| hashed.is_none() && !self.is_foreign_engine());
        if let Some(name) = perhaps {
            self.unknown(format!("how many bytes the unique key `{name}` takes"), "whether a hash stands for it and the table is copied");
            self.facts.rehashes = !self.optimistic;
        }
        if let Some(name) = hashed {
            self.facts.rehashes = true;
            self.cause(format!("the hidden hash column of the unique key `{name}` is made anew"));
        } else if self.dropped_keys.iter().any(|(_, key)| key.hashed) {
            self.flags |= super::flags::Flags::DROP_VIRTUAL;
        }
    }
}

impl Key {
    pub fn uses(&self, column: &str) -> bool {
        self.parts.iter().any(|part| part.column.as_deref().is_some_and(|name| same(name, column)))
    }
}
