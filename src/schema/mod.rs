//! The schema the history starts from, where a dump of it is kept: `pg_dump --schema-only`,
//! `mysqldump --no-data`, SQLite's `.schema`, Rails' `structure.sql`, dbmate's `schema.sql`.
//!
//! What a dump holds was there before: it is live and filled. Which migrations it holds already is
//! told by the rows of the migration tool's own table, where the dump has them, else by the user;
//! those are not replayed over it. One that is to be judged all the same (a tool that dumps after
//! every migration has the newest in it) is taken back out of it first.

mod base;
mod recorded;

pub use base::Base;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::migration::decode;
use crate::source::{SourceFile, SourceId, Sources};

/// A dump is read once, whatever it is read for.
#[derive(Debug, Clone)]
pub struct SchemaDump {
    /// As shown to people, with their texts.
    files: Vec<(PathBuf, Arc<str>)>,
    stands_at: StandsAt,
}

/// Which migrations the dump holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StandsAt {
    /// Those its own list names; without such a list, those up to the version, if there is one.
    Listed { otherwise: Option<String> },
    /// Those up to and with this one, whatever its list says.
    Version(String),
    /// None: it was taken before the first of them.
    Start,
}

/// A dump that is named and cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    #[error("cannot read the schema dump `{}`: {source}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("the schema dump `{}` is a directory without SQL files", path.display())]
    Empty { path: PathBuf },
    #[error("the schema dump `{}` is larger than 4 GiB", path.display())]
    TooLarge { path: PathBuf },
}

/// Files of a dump are numbered from here on, far above those of migrations.
const FIRST_SOURCE: u32 = 0xF000_0000;

impl SchemaDump {
    /// Reads a file, or the SQL files of a directory in the order of their names.
    pub fn read(path: &Path, stands_at: StandsAt) -> Result<Self, SchemaError> {
        let mut paths = Vec::new();
        collect(path, &mut paths)?;
        if paths.is_empty() {
            return Err(SchemaError::Empty { path: path.to_path_buf() });
        }
        let mut files = Vec::new();
        for path in paths {
            let bytes = std::fs::read(&path).map_err(|source| SchemaError::Read { path: path.clone(), source })?;
            if u32::try_from(bytes.len()).is_err() {
                return Err(SchemaError::TooLarge { path });
            }
            files.push((crate::source::shown(&path), decode(&bytes)));
        }
        Ok(SchemaDump { files, stands_at })
    }

    /// A dump held in memory.
    pub fn in_memory(path: &str, text: &str, stands_at: StandsAt) -> Self {
        SchemaDump { files: vec![(PathBuf::from(path), text.into())], stands_at }
    }

    pub fn sources(&self) -> Sources {
        let mut sources = Sources::numbered_from(FIRST_SOURCE);
        for (path, text) in &self.files {
            sources.add(SourceFile::new(path.clone(), Arc::clone(text)));
        }
        sources
    }
}

/// Whether a place lies in the dump.
pub fn is_in_dump(source: SourceId) -> bool {
    source.0 >= FIRST_SOURCE
}

fn collect(path: &Path, found: &mut Vec<PathBuf>) -> Result<(), SchemaError> {
    let failed = |source| SchemaError::Read { path: path.to_path_buf(), source };
    if !std::fs::metadata(path).map_err(failed)?.is_dir() {
        found.push(path.to_path_buf());
        return Ok(());
    }
    let mut inside: Vec<PathBuf> =
        std::fs::read_dir(path).map_err(failed)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>().map_err(failed)?;
    inside.sort();
    let is_sql = |path: &Path| path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("sql"));
    inside.into_iter().filter(|path| path.is_file() && is_sql(path)).for_each(|path| found.push(path));
    Ok(())
}
