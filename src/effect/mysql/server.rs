//! What a server of this flavour and version can do.

use crate::change::IndexKind;
use crate::engine::{Engine, Target};

/// A MySQL or MariaDB server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Server(pub Target);

impl Server {
    pub fn is_mariadb(self) -> bool {
        self.0.engine == Engine::Mariadb
    }

    /// `MySQL 8.0.45`, as said in a message.
    pub fn title(self) -> String {
        format!("{} {}", self.0.engine.title(), self.0.version)
    }

    fn mysql_since(self, major: u16, minor: u16, patch: u16) -> bool {
        !self.is_mariadb() && self.0.at_least(major, minor, patch)
    }

    fn mariadb_since(self, major: u16, minor: u16, patch: u16) -> bool {
        self.is_mariadb() && self.0.at_least(major, minor, patch)
    }

    /// ALGORITHM=INSTANT: MySQL 8.0.12, MariaDB 10.3.
    pub fn has_instant(self) -> bool {
        self.mysql_since(8, 0, 12) || self.mariadb_since(10, 3, 0)
    }

    /// Columns added anywhere and dropped without a rebuild (MySQL 8.0.29, MariaDB 10.4).
    pub fn instant_anywhere(self) -> bool {
        self.mysql_since(8, 0, 29) || self.mariadb_since(10, 4, 0)
    }

    /// MySQL 8.0.28 renames columns instantly (release notes, RENAME COLUMN).
    pub fn instant_rename(self) -> bool {
        self.mysql_since(8, 0, 28) || self.is_mariadb()
    }

    /// VARCHAR grows in place since MySQL 5.7.
    pub fn grows_varchar(self) -> bool {
        self.is_mariadb() || self.mysql_since(5, 7, 0)
    }

    /// A charset whose old values are valid in the new one changes without copying: measured on
    /// 8.0.45 and MariaDB, refused by 5.6; taken as refused before 8.0.
    pub fn converts_charset_in_place(self) -> bool {
        self.is_mariadb() || self.mysql_since(8, 0, 0)
    }

    /// CHECK is enforced (MySQL 8.0.16); before, it is read and forgotten.
    pub fn enforces_checks(self) -> bool {
        self.is_mariadb() || self.mysql_since(8, 0, 16)
    }

    /// `REFERENCES` inside a column definition makes a foreign key (MySQL 9.0, MariaDB 10.5).
    pub fn honours_inline_references(self) -> bool {
        self.mysql_since(9, 0, 0) || self.mariadb_since(10, 5, 0)
    }

    /// A copy lets writers go on (MariaDB 11.2, `online_alter`).
    pub fn online_copy(self) -> bool {
        self.mariadb_since(11, 2, 0)
    }

    /// The data dictionary of MySQL 8 locks the tables at both ends of a foreign key.
    pub fn locks_foreign_tables(self) -> bool {
        self.mysql_since(8, 0, 0)
    }

    /// NO_ZERO_DATE and strict mode are on by default: MySQL 5.7 and newer, never in MariaDB.
    pub fn refuses_zero_dates(self) -> bool {
        self.mysql_since(5, 7, 0)
    }

    /// Positions of virtual columns are counted apart from stored ones (measured: 8.0.45 no, 9.7 yes).
    pub fn counts_virtual_apart(self) -> bool {
        self.mysql_since(9, 7, 0)
    }

    /// CONVERT TO with compatible collations leaves the rows alone (measured: 8.0.45 rebuilds, 9.7 not).
    pub fn convert_is_light(self) -> bool {
        self.is_mariadb() || self.mysql_since(9, 7, 0)
    }

    /// An option beside any other action makes the ALTER a rebuild (measured: 8.0.45 yes, 9.7 no).
    pub fn options_weigh(self) -> bool {
        !self.is_mariadb() && !self.0.at_least(9, 7, 0)
    }

    /// A collation change rebuilds just the indexes on the column (MDEV-26294).
    pub fn reindexes_collation(self) -> bool {
        self.mariadb_since(10, 6, 9)
    }

    /// A foreign key must name a unique key of its parent (`restrict_fk_on_non_standard_key`, 8.4).
    pub fn demands_unique_parent(self) -> bool {
        self.mysql_since(8, 4, 0)
    }

    /// MySQL 8 checks foreign keys before it looks at the engine, with error numbers of its own.
    pub fn has_foreign_key_errors(self) -> bool {
        self.mysql_since(8, 0, 0)
    }

    /// A new primary key may take the place of one that foreign keys refer to: refused by MariaDB
    /// 10.5, not by 10.11 (measured; between them nothing was).
    pub fn forgets_referenced_keys(self) -> bool {
        self.mariadb_since(10, 6, 0)
    }

    /// Tables are looked up in a dictionary; before, each had a file (measured on 5.6: 1017).
    pub fn has_dictionary(self) -> bool {
        self.is_mariadb() || self.0.at_least(8, 0, 0)
    }

    /// Partitions are the engine's own and their maintenance takes ALGORITHM and LOCK.
    pub fn partitions_in_place(self) -> bool {
        self.mysql_since(8, 0, 0)
    }

    /// ALTER TABLE … ALGORITHM=INSTANT or NOCOPY was accepted and ignored where the engine or the
    /// partitioning changes; MariaDB 11 refuses it (measured on 10.5, 10.11 and 11.8).
    pub fn ignores_impossible_algorithm(self) -> bool {
        self.is_mariadb() && !self.0.at_least(11, 0, 0)
    }

    /// ALGORITHM=COPY looks at a foreign key's columns before it looks at what its actions need.
    pub fn copies_blindly(self) -> bool {
        !self.has_foreign_key_errors() && !self.mariadb_since(10, 6, 0)
    }

    /// An ALTER that only adds a CHECK changes nothing and waits for nobody (measured on 5.6).
    pub fn forgets_checks(self) -> bool {
        !self.is_mariadb() && !self.0.at_least(5, 7, 0)
    }

    /// Spatial indexes of InnoDB (MySQL 5.7.5, MariaDB 10.2.2; refused by 5.6: measured).
    pub fn has_spatial_indexes(self) -> bool {
        self.mysql_since(5, 7, 5) || self.mariadb_since(10, 2, 2)
    }

    /// Indexes in descending order (MySQL 8.0, MariaDB 10.8); before, DESC is read and forgotten.
    pub fn sorts_keys_down(self) -> bool {
        self.mysql_since(8, 0, 0) || self.mariadb_since(10, 8, 0)
    }

    /// An index of this kind that is dropped and made again is known to be the same (MariaDB with
    /// FULLTEXT: measured on 11.8 and not on 10.11; taken to have come with the new kinds of keys of 11.7).
    pub fn knows_key_again(self, kind: IndexKind) -> bool {
        match kind {
            IndexKind::Plain | IndexKind::Spatial => true,
            IndexKind::Fulltext => !self.is_mariadb() || self.0.at_least(11, 7, 0),
            IndexKind::Vector => !self.is_mariadb(),
        }
    }

    /// A second primary key is found out after its parts were looked at (measured: 10.5 no, 10.11 yes).
    pub fn counts_primary_keys_last(self) -> bool {
        self.mariadb_since(10, 6, 0)
    }
}
