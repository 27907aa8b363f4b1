//! What an ALTER TABLE asks of the storage engine, as the servers' SQL layer tells it
//! (`Alter_inplace_info::handler_flags`).

use std::ops::{BitOr, BitOrAssign};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Flags(u64);

macro_rules! flags {
    ($($name:ident = $bit:expr;)*) => {
        impl Flags {
            $(pub const $name: Flags = Flags(1 << $bit);)*
        }
    };
}

flags! {
    ADD_INDEX = 0;
    DROP_INDEX = 1;
    ADD_UNIQUE = 2;
    DROP_UNIQUE = 3;
    ADD_PRIMARY = 4;
    DROP_PRIMARY = 5;
    RENAME_INDEX = 6;
    INDEX_VISIBILITY = 7;
    ADD_VIRTUAL = 8;
    DROP_VIRTUAL = 9;
    ADD_STORED = 10;
    DROP_STORED = 11;
    // A stored value computed for every row: STORED columns, expression defaults.
    ADD_COMPUTED = 12;
    // The type of a stored column.
    TYPE = 13;
    VIRTUAL_TYPE = 14;
    SAME_PACK = 15;
    NAME = 16;
    NULLABLE = 17;
    NOT_NULL = 18;
    DEFAULT = 19;
    STORED_ORDER = 20;
    VIRTUAL_ORDER = 21;
    VIRTUAL_EXPRESSION = 22;
    STORED_EXPRESSION = 23;
    ADD_FOREIGN = 24;
    DROP_FOREIGN = 25;
    ADD_CHECK = 26;
    DROP_CHECK = 27;
    VISIBILITY = 28;
    // A table option that only the dictionary keeps.
    OPTIONS = 29;
    // A table option that shapes the file: ROW_FORMAT, KEY_BLOCK_SIZE, TABLESPACE …
    FORMAT = 30;
    RECREATE = 31;
    RENAME = 32;
    ENCRYPTION = 33;
    ADD_VERSIONING = 34;
    DROP_VERSIONING = 35;
    // CONVERT TO whose columns stay as they are (MySQL tells the engine nothing else).
    CONVERT = 36;
}

impl Flags {
    pub const NONE: Flags = Flags(0);

    pub fn has(self, any: Flags) -> bool {
        self.0 & any.0 != 0
    }

    #[must_use]
    pub fn without(self, other: Flags) -> Flags {
        Flags(self.0 & !other.0)
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl BitOr for Flags {
    type Output = Flags;

    fn bitor(self, other: Flags) -> Flags {
        Flags(self.0 | other.0)
    }
}

impl BitOrAssign for Flags {
    fn bitor_assign(&mut self, other: Flags) {
        self.0 |= other.0;
    }
}
