//! Opening files for a system: decoding, sources, and the parts every system puts together the
//! same way.

use std::sync::Arc;

use super::{
    Directory, Down, Entry, Format, LoadError, Migration, Problem, ProblemKind, TransactionMode, encoding,
    section::{keep, statement_in},
};
use crate::engine::Target;
use crate::source::{Location, Script, SourceFile, SourceId, Sources, Span};

/// What a system needs to read a migration, and where it puts the texts.
pub struct Reading<'a> {
    pub target: Target,
    /// How the runner wraps a file that says nothing about it, where the user said so; it goes
    /// before the system's own default.
    pub transaction: Option<TransactionMode>,
    pub sources: &'a mut Sources,
}

/// An opened file.
pub(crate) struct Opened {
    pub id: SourceId,
    /// For scripts: a byte order mark is blanked, offsets are the file's.
    pub text: Arc<str>,
    /// The file begins with a byte order mark.
    pub marked: bool,
    pub problems: Vec<Problem>,
}

impl Opened {
    pub(crate) fn location(&self, span: Span) -> Location {
        Location { source: self.id, span }
    }

    /// For systems that look for markers at the start of lines: a byte order mark hides the first.
    pub(crate) fn mark_problem(&self, path: &std::path::Path, title: &str) -> Option<Problem> {
        let message = format!("the file begins with a byte order mark, which keeps {title} from seeing its first line");
        let problem = || Problem::new(ProblemKind::Encoding, path, message).at(self.location(Span::new(0, 3)));
        self.marked.then(problem).map(|problem| problem.help("save the file as UTF-8 without a byte order mark"))
    }

    pub(crate) fn whole(&self) -> Script {
        Script::whole(self.id, Arc::clone(&self.text))
    }

    /// The given stretches of the file, everything else blanked.
    pub(crate) fn sections(&self, sections: &[Span]) -> Script {
        Script::whole(self.id, keep(&self.text, sections).into())
    }

    /// A script that is the way back: empty when it holds no statement, unless it says that there is none.
    pub(crate) fn down(&self, script: Script, place: Span) -> Down {
        if statement_in(&script.text) {
            return Down::Script(script);
        }
        match super::directive::irreversible(&script.text) {
            Some(line) => Down::Irreversible(self.location(line)),
            None => Down::Empty(self.location(place)),
        }
    }

    /// Puts a name of the same length where the tool would fill in a value, so that the rest of the
    /// statement can be read.
    pub(crate) fn stand_in(&mut self, placeholders: &[Span]) {
        if placeholders.is_empty() {
            return;
        }
        let mut text = String::with_capacity(self.text.len());
        let mut at = 0;
        for span in placeholders {
            text.push_str(self.text.get(at..span.start as usize).unwrap_or_default());
            let name = span.slice(&self.text).bytes();
            text.extend(name.map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte) } else { '_' }));
            at = span.end as usize;
        }
        text.push_str(self.text.get(at..).unwrap_or_default());
        self.text = text.into();
    }

    pub(crate) fn span(&self) -> Span {
        Span::new(0, u32::try_from(self.text.len()).unwrap_or(u32::MAX))
    }
}

impl Reading<'_> {
    pub(crate) fn open(&mut self, directory: &Directory, file: &str) -> Result<Opened, LoadError> {
        let path = directory.path(file);
        let bytes = directory.bytes(file).map_err(|source| LoadError::Read { path: path.clone(), source })?;
        if u32::try_from(bytes.len()).is_err() {
            return Err(LoadError::TooLarge { path });
        }
        let decoded = encoding::decode(&bytes);
        let id = self.sources.add(SourceFile::new(path.clone(), Arc::clone(&decoded.text)));
        let problems = decoded.trouble.into_iter().map(|trouble| trouble.problem(&path, id)).collect();
        let marked = decoded.text.starts_with('\u{feff}');
        Ok(Opened { id, text: encoding::without_mark(decoded.text), marked, problems })
    }

    /// The user's word, else the system's, else one transaction per migration.
    pub(crate) fn default_transaction(&self, format: &dyn Format) -> TransactionMode {
        self.transaction.or_else(|| format.transaction(self.target)).unwrap_or(TransactionMode::PerMigration)
    }

    /// A migration whose up and down scripts are whole files, with the defaults filled in.
    pub(crate) fn whole_files(
        &mut self,
        format: &dyn Format,
        directory: &Directory,
        entry: &Entry,
    ) -> Result<(Migration, Opened), LoadError> {
        let opened = self.open(directory, &entry.up)?;
        let mut problems = opened.problems.clone();
        let down = match &entry.down {
            Some(file) => {
                let back = self.open(directory, file)?;
                problems.extend(back.problems.iter().cloned());
                back.down(back.whole(), back.span())
            }
            None => without_down(entry),
        };
        let migration = self.migration(format, directory, entry, opened.whole(), down, problems);
        Ok((migration, opened))
    }

    /// Puts a migration together, with the default transaction mode both ways.
    pub(crate) fn migration(
        &self,
        format: &dyn Format,
        directory: &Directory,
        entry: &Entry,
        up: Script,
        down: Down,
        problems: Vec<Problem>,
    ) -> Migration {
        let transaction = self.default_transaction(format);
        let mut problems = problems;
        if format.id() != super::system::PLAIN.id()
            && let Some((_, line)) = super::directive::transaction_directive(&up.text)
        {
            let message = format!("`lockgate:transaction` counts in plain SQL files only: use {}'s own directive", format.title());
            let location = up.locate(line);
            problems.push(Problem::new(ProblemKind::Grammar, directory.path(&entry.up), message).at(location));
        }
        Migration {
            target: self.target,
            version: entry.version.clone(),
            name: entry.name.clone(),
            up,
            down,
            transaction,
            down_transaction: transaction,
            transaction_directive: None,
            paths: entry.files().map(|file| directory.path(file)).collect(),
            repeatable: entry.repeatable,
            placeholders: Vec::new(),
            problems,
        }
    }
}

/// What the absence of a down file or section means.
pub(crate) fn without_down(entry: &Entry) -> Down {
    if entry.down_expected { Down::Missing } else { Down::NotSupported }
}
