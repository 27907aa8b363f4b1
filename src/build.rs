//! Lists `rules/**/*.md`, so that a new rule is one new file and nothing else.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?).join("rules");
    println!("cargo::rerun-if-changed=src/build.rs");
    println!("cargo::rerun-if-changed={}", root.display());
    let mut files = Vec::new();
    collect(&root, &mut files)?;
    files.sort();
    let mut list = String::from("pub(super) const FILES: &[(&str, &str)] = &[\n");
    for file in &files {
        println!("cargo::rerun-if-changed={}", file.display());
        let shown = file.strip_prefix(&root).unwrap_or(file).to_string_lossy().replace('\\', "/");
        let _ = writeln!(list, "    ({:?}, include_str!({:?})),", format!("rules/{shown}"), file.display().to_string());
    }
    list.push_str("];\n");
    fs::write(PathBuf::from(env::var("OUT_DIR").map_err(io::Error::other)?).join("rule_files.rs"), list)
}

/// Rule files lie in category folders; what lies at the top is about them.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for category in fs::read_dir(folder)? {
        let category = category?.path();
        if !category.is_dir() {
            continue;
        }
        println!("cargo::rerun-if-changed={}", category.display());
        for entry in fs::read_dir(category)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "md") {
                files.push(path);
            }
        }
    }
    Ok(())
}
