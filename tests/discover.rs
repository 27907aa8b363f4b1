//! Which projects are found, which entries are reported, which are context.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use lockgate::discover::{ChangeKind, DiscoverError, Options, Project, Scope, Standing, Stdin, discover};
use lockgate::engine::Engine;

struct Tree(tempfile::TempDir);

impl Tree {
    fn new(files: &[(&str, &str)]) -> Self {
        let tree = Tree(tempfile::tempdir().unwrap());
        for (path, text) in files {
            tree.write(path, text);
        }
        tree
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn git(&self, arguments: &[&str]) {
        let output = Command::new("git")
            .arg("-C")
            .arg(self.0.path())
            .args(["-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"])
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    fn found(&self, paths: &[&str], options: &Options) -> Vec<Project> {
        let paths: Vec<PathBuf> = paths.iter().map(|path| self.path(path)).collect();
        discover(&paths, options).unwrap().projects
    }
}

fn reported(project: &Project) -> Vec<&str> {
    project.entries.iter().filter(|entry| entry.is_reported()).map(|entry| entry.entry.up.as_str()).collect()
}

fn root<'a>(tree: &Tree, project: &'a Project) -> String {
    let root: &'a Path = project.directory.root();
    root.canonicalize().unwrap().strip_prefix(tree.0.path().canonicalize().unwrap()).unwrap().to_string_lossy().into_owned()
}

#[test]
fn one_file_is_reported_and_its_directory_is_context() {
    let tree = Tree::new(&[("m/001_a.sql", ""), ("m/002_b.sql", ""), ("m/010_c.sql", "")]);
    let found = tree.found(&["m/002_b.sql"], &Options::default());
    assert_eq!(found.len(), 1);
    assert_eq!(reported(&found[0]), ["002_b.sql"]);
    assert_eq!(found[0].entries.len(), 3);
    assert_eq!(found[0].entries[0].standing, Standing::NotNamed);
}

#[test]
fn the_down_half_names_its_migration_and_up_sql_its_directory() {
    let tree = Tree::new(&[("g/1_a.up.sql", ""), ("g/1_a.down.sql", ""), ("d/2024_x/up.sql", ""), ("d/2025_y/up.sql", "")]);
    let found = tree.found(&["g/1_a.down.sql", "d/2025_y"], &Options::default());
    assert_eq!(found.iter().map(|project| project.format.id()).collect::<Vec<_>>(), ["diesel", "golang-migrate"]);
    assert_eq!(reported(&found[0]), ["2025_y/up.sql"]);
    assert_eq!(reported(&found[1]), ["1_a.up.sql"]);
}

#[test]
fn a_parent_directory_holds_several_projects() {
    let tree = Tree::new(&[
        (".gitignore", "copy/\n"),
        (".git/HEAD", ""),
        ("a/migrations/001_x.sql", ""),
        ("b/db/mysql/1_x.sql", "-- +goose Up\n"),
        ("copy/migrations/001_x.sql", ""),
        ("node_modules/p/001_x.sql", ""),
        ("queries/find.sql", ""),
    ]);
    let discovery = discover(&[tree.path("")], &Options::default()).unwrap();
    assert_eq!(discovery.projects.iter().map(|project| root(&tree, project)).collect::<Vec<_>>(), ["a/migrations", "b/db/mysql"]);
    assert_eq!(discovery.projects[1].engine.as_ref().map(|found| found.engine), Some(Engine::Mysql));
    assert_eq!(discovery.passed_over.len(), 1, "a query is no migration");
    assert_eq!(tree.found(&["copy/migrations"], &Options::default()).len(), 1, "what is named is read though it is ignored");
}

#[test]
fn a_lone_file_is_a_project_of_its_own() {
    let tree = Tree::new(&[("m/001_a.sql", ""), ("m/seed.sql", ""), ("sql/x.sql", ""), ("sql/y.sql", "")]);
    let found = tree.found(&["m/seed.sql"], &Options::default());
    assert_eq!((found.len(), reported(&found[0])), (1, vec!["seed.sql"]));
    assert_eq!(tree.found(&["sql"], &Options::default()).len(), 2, "without any order they are not one history");
}

#[test]
fn standard_input_stands_for_itself_or_for_a_file() {
    let tree = Tree::new(&[("m/001_a.sql", ""), ("m/002_b.sql", "old")]);
    let stdin = |path: Option<PathBuf>| Options { stdin: Some(Stdin { bytes: b"new".to_vec(), path }), ..Options::default() };
    let alone = discover(&["-".into()], &stdin(None)).unwrap().projects;
    assert_eq!(reported(&alone[0]), ["<stdin>"]);
    for (file, count) in [("m/002_b.sql", 2), ("m/003_new.sql", 3)] {
        let found = discover(&["-".into()], &stdin(Some(tree.path(file)))).unwrap().projects;
        assert_eq!((found.len(), found[0].entries.len()), (1, count));
        assert_eq!(reported(&found[0]), [file.trim_start_matches("m/")]);
        assert_eq!(found[0].directory.text(file.trim_start_matches("m/")).as_deref(), Some("new"));
    }
    assert!(matches!(discover(&["-".into()], &Options::default()), Err(DiscoverError::NoStdin)));
}

#[test]
fn start_after_takes_a_version_a_name_or_something_between() {
    let tree = Tree::new(&[("m/001_a.sql", ""), ("m/002_b.sql", ""), ("m/010_c.sql", "")]);
    for (version, expected) in
        [("002", vec!["010_c.sql"]), ("2", vec!["010_c.sql"]), ("002_b", vec!["010_c.sql"]), ("5", vec!["010_c.sql"]), ("10", vec![])]
    {
        let options = Options { start_after: Some(version.to_owned()), ..Options::default() };
        assert_eq!(reported(&tree.found(&["m"], &options)[0]), expected, "{version}");
    }
}

#[test]
fn since_reports_what_changed_and_what_is_new() {
    let tree = Tree::new(&[("m/001_a.sql", "a"), ("m/002_b.sql", "b"), ("m/003_c.sql", "c")]);
    tree.git(&["init", "-q"]);
    tree.git(&["add", "."]);
    tree.git(&["commit", "-qm", "one"]);
    tree.git(&["branch", "base"]);
    tree.write("m/002_b.sql", "changed");
    fs::remove_file(tree.path("m/001_a.sql")).unwrap();
    tree.write("m/004 d é.sql", "new");
    let options = |reference: &str| Options { since: Some(reference.to_owned()), ..Options::default() };
    let found = tree.found(&["m"], &options("base"));
    assert_eq!(reported(&found[0]), ["002_b.sql", "004 d é.sql"]);
    assert_eq!(found[0].entries[0].change, Some(ChangeKind::Modified));
    assert_eq!(found[0].entries[2].change, Some(ChangeKind::Added));
    assert_eq!(found[0].deleted.len(), 1);
    let unknown = discover(&[tree.path("m")], &options("--output=x")).unwrap_err();
    assert!(unknown.to_string().contains("knows no revision"), "{unknown}");
}

#[test]
fn excluded_files_stay_context() {
    let tree = Tree::new(&[("m/001_a.sql", ""), ("m/002_b.sql", "")]);
    let options = Options { exclude: Some(Box::new(|path| path.ends_with("001_a.sql"))), ..Options::default() };
    let found = tree.found(&["m"], &options);
    assert_eq!((found[0].entries.len(), reported(&found[0])), (2, vec!["002_b.sql"]));
    assert_eq!(reported(&tree.found(&["m/001_a.sql"], &options)[0]), ["001_a.sql"], "who names a file means it");
}

#[test]
fn a_wrong_path_is_met_with_the_right_one() {
    let tree = Tree::new(&[("migrations/001_a.sql", "")]);
    let error = discover(&[tree.path("migration/001_a.sql")], &Options::default()).unwrap_err();
    assert!(error.to_string().contains("did you mean"), "{error}");
}

#[test]
fn each_directory_may_have_its_own_system_and_start() {
    let tree = Tree::new(&[("a/1_x.sql", ""), ("a/2_y.sql", ""), ("b/1_x.sql", ""), ("b/2_y.sql", "")]);
    let scope = |directory: &Path| {
        let system = lockgate::migration::system::find(if directory.ends_with("a") { "sqlx" } else { "dbmate" }).ok();
        Scope { system, engine: None, start_after: directory.ends_with("a").then(|| "1".to_owned()) }
    };
    let found = tree.found(&["a", "b"], &Options { scope: Some(Box::new(scope)), ..Options::default() });
    assert_eq!(found.iter().map(|project| project.format.id()).collect::<Vec<_>>(), ["sqlx", "dbmate"]);
    assert_eq!((reported(&found[0]).len(), reported(&found[1]).len()), (1, 2));
}

#[test]
fn ten_thousand_pairs_are_no_burden() {
    let names: Vec<String> = (1..=10_000).flat_map(|number| [format!("m/{number}_x.up.sql"), format!("m/{number}_x.down.sql")]).collect();
    let directory = lockgate::migration::Directory::in_memory("m", names.iter().map(|name| (name.trim_start_matches("m/"), "")));
    let start = std::time::Instant::now();
    let listing = lockgate::migration::detect(&directory).unwrap().format.list(&directory);
    assert_eq!(listing.entries.len(), 10_000);
    assert!(start.elapsed() < std::time::Duration::from_secs(5), "{:?}", start.elapsed());
}
