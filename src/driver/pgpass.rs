//! The password file of libpq (manual, "The Password File").

use std::path::PathBuf;

/// The password for a connection from `PGPASSFILE` or `~/.pgpass`.
pub(super) fn lookup(host: &str, port: u16, database: &str, user: &str) -> Option<String> {
    let path = match std::env::var_os("PGPASSFILE") {
        Some(path) => PathBuf::from(path),
        None => PathBuf::from(std::env::var_os("HOME")?).join(".pgpass"),
    };
    // Like libpq: a file that others can read is not used.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        if std::fs::metadata(&path).ok()?.permissions().mode() & 0o077 != 0 {
            return None;
        }
    }
    find(&std::fs::read_to_string(path).ok()?, [host, &port.to_string(), database, user])
}

fn find(text: &str, wanted: [&str; 4]) -> Option<String> {
    text.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let fields = fields(line);
        let (password, keys) = fields.split_last()?;
        let matches = keys.len() == wanted.len() && keys.iter().zip(wanted).all(|(key, value)| key == "*" || key == value);
        matches.then(|| password.clone())
    })
}

/// Five fields split at colons; a backslash keeps the next character.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut characters = line.chars();
    while let Some(c) = characters.next() {
        match c {
            ':' if fields.len() < 5 => fields.push(String::new()),
            '\\' => fields.last_mut().into_iter().for_each(|field| field.extend(characters.next())),
            c => fields.last_mut().into_iter().for_each(|field| field.push(c)),
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_match_wins_and_escapes_hold() {
        let text = "# comment\nother:5432:*:*:no\n*:*:shop:app:p\\:w\\\\\n*:*:*:*:late\n";
        assert_eq!(find(text, ["db", "5432", "shop", "app"]).as_deref(), Some("p:w\\"));
        assert_eq!(find(text, ["db", "5432", "x", "y"]).as_deref(), Some("late"));
    }
}
