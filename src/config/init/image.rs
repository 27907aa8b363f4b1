//! Container images of database servers in compose and CI files: `image: postgres:16-alpine`.

use std::path::Path;

use super::engine::Sign;
use crate::engine::{Engine, Version};
use crate::migration::{Evidence, Strength};

/// Images by the last part of their name.
const IMAGES: [(&str, Engine); 12] = [
    ("postgres", Engine::Postgres),
    ("postgresql", Engine::Postgres),
    ("postgis", Engine::Postgres),
    ("pgvector", Engine::Postgres),
    ("timescaledb", Engine::Postgres),
    ("timescaledb-ha", Engine::Postgres),
    ("mysql", Engine::Mysql),
    ("mysql-server", Engine::Mysql),
    ("percona", Engine::Mysql),
    ("percona-server", Engine::Mysql),
    ("mariadb", Engine::Mariadb),
    ("mariadb-galera", Engine::Mariadb),
];

/// The servers a YAML file starts. Line by line: the files hold templates that are no YAML, and
/// an image is always one word.
pub(super) fn signs(path: &Path, text: &str) -> Vec<Sign> {
    text.lines().filter_map(|line| sign(path, line)).collect()
}

fn sign(path: &Path, line: &str) -> Option<Sign> {
    let line = line.split(" #").next()?.trim().trim_start_matches("- ");
    let value = match line.split_once(": ") {
        Some(("image" | "name", value)) => value,
        Some(_) => return None,
        // A bare list entry: GitLab's `services`.
        None => line,
    };
    let reference = value.trim().trim_matches(['"', '\'']);
    let (name, tag) = reference.rsplit_once(':').filter(|(_, tag)| !tag.contains('/')).unwrap_or((reference, ""));
    let last = name.rsplit('/').next()?;
    let (_, engine) = IMAGES.iter().find(|(image, _)| *image == last)?;
    // A name alone could be anything's; an image has a tag or stands after `image:`.
    if tag.is_empty() && !line.starts_with("image") {
        return None;
    }
    let evidence = Evidence::new(Strength::Strong, path, format!("the image `{reference}`"));
    Some(Sign { engine: *engine, version: version(tag), evidence })
}

/// `16-alpine`, `8.0.36`, `16-3.4` (PostGIS), `pg16`, `latest-pg16`.
fn version(tag: &str) -> Option<Version> {
    let tag = tag.rsplit_once("pg").map_or(tag, |(_, version)| version);
    let number: String = tag.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    number.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_name_engine_and_version() {
        let found =
            |line: &str| sign(Path::new("compose.yml"), line).map(|sign| (sign.engine, sign.version.map(|version| version.to_string())));
        let known = |engine, version: &str| Some((engine, Some(version.to_owned())));
        assert_eq!(found("    image: postgres:16-alpine"), known(Engine::Postgres, "16"));
        assert_eq!(found("  image: \"docker.io/library/mysql:8.0.36\" # pinned"), known(Engine::Mysql, "8.0.36"));
        assert_eq!(found("    - mariadb:10.11"), known(Engine::Mariadb, "10.11"));
        assert_eq!(found("  - name: postgis/postgis:15-3.4"), known(Engine::Postgres, "15"));
        assert_eq!(found("image: timescale/timescaledb:latest-pg14"), known(Engine::Postgres, "14"));
        assert_eq!(found("image: postgres"), Some((Engine::Postgres, None)));
        assert_eq!(found("image: registry:5000/app"), None);
        assert_eq!(found("  - postgres"), None);
        assert_eq!(found("image: postgres-exporter:1"), None);
    }
}
