//! `extends`: other configuration files that this one starts from.

use std::path::{Path, PathBuf};

use super::read::Section;
use super::settings::resolve;
use super::{ConfigError, Settings};
use crate::suppress::IgnoreList;

/// So many files may extend each other.
const DEEPEST: usize = 16;

/// What the files named by `extends` set on top of `outer`, the later ones before the earlier ones. `chain` are the
/// files that lead here, as the file system knows them.
pub(super) fn inherited(top: &Section<'_, '_>, base: &Path, outer: &Settings, chain: &mut Vec<PathBuf>) -> Result<Settings, ConfigError> {
    let mut settings = outer.clone();
    for named in top.strings("extends") {
        let path = resolve(base, named.value);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) => {
                let help = "the path is relative to this file".to_owned();
                top.wrong(named.span, format!("cannot read `{}`: {error}", path.display()), Some(help));
                continue;
            }
        };
        let real = path.canonicalize().unwrap_or_else(|_| path.clone());
        if chain.contains(&real) || chain.len() >= DEEPEST {
            top.wrong(
                named.span,
                format!("`{}` extends this file in turn", path.display()),
                Some("one of the two must stand alone".to_owned()),
            );
            continue;
        }
        chain.push(real);
        let read = Settings::parse_in(&path, &text, &settings, chain);
        chain.pop();
        settings = read?;
    }
    Ok(settings)
}

impl Settings {
    /// What a file that extends this one starts with: everything but what is a project's own, its
    /// migrations, the findings it accepts and where its history starts.
    pub(super) fn for_heirs(&self) -> Settings {
        let mut heirs = self.clone();
        heirs.projects = Vec::new();
        heirs.ignores = IgnoreList::default();
        heirs.project.name = None;
        heirs.project.migrations = Vec::new();
        heirs.project.start_after = None;
        heirs
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{FailOn, Level, load};
    use crate::finding::Severity;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = root.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        root
    }

    #[test]
    fn later_keys_win() {
        let root = folder(&[
            (
                "shared/base.toml",
                "engine = \"postgres@16\"\nfail-on = \"warning\"\nrule-paths = [\"rules\"]\nmigrations = \"x\"\n\
                 [rules]\ndropping-column = \"note\"\nnaming = \"error\"\n\
                 [options.naming]\ntable = \"a\"\ncolumn = \"b\"\n[apply]\nretries = 3\nlock-timeout = \"1s\"\n",
            ),
            (
                "app/lockgate.toml",
                "extends = \"../shared/base.toml\"\nfail-on = \"never\"\nrule-paths = [\"own\"]\n\
                 [rules]\nnaming = \"off\"\n[options.naming]\ntable = \"c\"\n[apply]\nretries = 5\n",
            ),
        ]);
        let settings = load(&root.path().join("app/lockgate.toml")).unwrap();
        assert_eq!(settings.fail_on, Some(FailOn::Never));
        assert_eq!(settings.project.engine.map(|engine| engine.to_string()).as_deref(), Some("postgres@16"));
        assert_eq!(settings.level("dropping-column", "data-loss", Path::new("x.sql")), Some(Level::On(Severity::Note)));
        assert_eq!(settings.level("naming", "conventions", Path::new("x.sql")), Some(Level::Off));
        assert_eq!((settings.options["naming"]["table"].as_str(), settings.options["naming"]["column"].as_str()), (Some("c"), Some("b")));
        assert_eq!((settings.apply.retries, settings.apply.lock_timeout.as_secs()), (5, 1));
        assert!(settings.rule_paths[0].ends_with("../shared/rules") && settings.rule_paths[1].ends_with("app/own"));
        assert!(settings.directories().is_empty(), "migrations are not inherited");
    }

    #[test]
    fn a_missing_file_a_circle_and_a_mistake_are_shown_in_place() {
        let root = folder(&[
            ("a.toml", "fail-on = \"never\"\nextends = [\"b.toml\"]\n"),
            ("b.toml", "extends = \"a.toml\"\n"),
            ("c.toml", "extends = \"nowhere.toml\"\n"),
            ("d.toml", "extends = \"e.toml\"\n"),
            ("e.toml", "enigne = \"mysql\"\n[rules]\nx = \"loud\"\n"),
        ]);
        let said = |name: &str| load(&root.path().join(name)).unwrap_err().to_string();
        assert!(said("a.toml").contains("b.toml:1:11: `") && said("a.toml").contains("extends this file in turn"), "{}", said("a.toml"));
        assert!(said("c.toml").contains("c.toml:1:11: cannot read `"), "{}", said("c.toml"));
        assert!(said("d.toml").contains("e.toml:1:1: lockgate.toml has no key `enigne`"), "{}", said("d.toml"));
    }

    #[test]
    fn a_rule_misspelt_in_the_base_is_shown_there() {
        let root = folder(&[("a.toml", "extends = \"b.toml\"\n"), ("b.toml", "[rules]\ndroping-table = \"off\"\n")]);
        let error = load(&root.path().join("a.toml")).unwrap().check_rules(&["dropping-table"]).unwrap_err().to_string();
        assert!(error.contains("b.toml:2:1") && error.contains("did you mean `dropping-table`?"), "{error}");
    }
}
