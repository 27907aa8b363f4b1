//! The house keeps itself tidy: imports go one way, files stay small.

use std::fs;
use std::path::{Path, PathBuf};

/// Rooms from left to right. A room uses what stands before it and nothing after it.
const ROOMS: &[&str] = &[
    "text",
    "engine",
    "source",
    "sql",
    "change",
    "catalog",
    "stats",
    "effect",
    "migration",
    "finding",
    "facts",
    "rules",
    "suppress",
    "discover",
    "schema",
    "config",
    "lint",
    "fix",
    "report",
    "driver",
    "history",
    "plan",
    "apply",
    "cli",
];

/// Files may be longer than this only when their head says why: "Long because".
const LONGEST: usize = 500;

#[test]
fn imports_go_one_way() {
    let mut wrong = Vec::new();
    for file in rust_files(Path::new("src")) {
        let Some(room) = room_of(&file) else { continue };
        let Some(own) = ROOMS.iter().position(|name| *name == room) else {
            wrong.push(format!("{}: the room `{room}` is not in the list of tests/architecture.rs", file.display()));
            continue;
        };
        let text = fs::read_to_string(&file).unwrap();
        for (number, line) in text.lines().enumerate() {
            if line.trim_start().starts_with("//") {
                continue;
            }
            for used in line.split("crate::").skip(1) {
                let name: String = used.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                let Some(other) = ROOMS.iter().position(|room| *room == name) else { continue };
                if other > own {
                    wrong.push(format!("{}:{}: `{room}` must not use `{name}`, which stands to its right", file.display(), number + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn files_stay_small() {
    let mut long = Vec::new();
    for file in rust_files(Path::new("src")).into_iter().chain(rust_files(Path::new("tests"))) {
        let text = fs::read_to_string(&file).unwrap();
        let lines = text.lines().count();
        let says_why = text.lines().take(20).any(|line| line.starts_with("//!") && line.contains("Long because"));
        if lines > LONGEST && !says_why {
            long.push(format!("{}: {lines} lines", file.display()));
        }
    }
    assert!(long.is_empty(), "a room is missing, or the head does not say `Long because …`:\n{}", long.join("\n"));
}

#[test]
fn nothing_is_left_unfinished() {
    let mut left = Vec::new();
    let marks = [concat!("todo", "!("), concat!("unimplemented", "!("), concat!("dbg", "!(")];
    for file in rust_files(Path::new("src")) {
        let text = fs::read_to_string(&file).unwrap();
        for mark in marks {
            if text.contains(mark) {
                left.push(format!("{}: {mark}", file.display()));
            }
        }
    }
    assert!(left.is_empty(), "\n{}", left.join("\n"));
}

/// The first folder or file name under `src/`.
fn room_of(file: &Path) -> Option<String> {
    let inside = file.strip_prefix("src").ok()?;
    let first = inside.components().next()?.as_os_str().to_string_lossy().into_owned();
    let name = first.strip_suffix(".rs").unwrap_or(&first).to_owned();
    (!matches!(name.as_str(), "main" | "lib" | "build")).then_some(name)
}

fn rust_files(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}
