//! The functions that SQLite brings, how many arguments they take and since when: as
//! `pragma_function_list` of releases 3.33 to 3.53 gives them, with those that a build may have or not.

use super::native::Native;
use crate::engine::Target;

/// A name that is not there may be one that the program registers; a count that a function of the
/// library's own never takes is refused.
pub(super) fn native(name: &str, arguments: Option<usize>, target: Target) -> Native {
    let entries = FUNCTIONS.iter().flat_map(|line| line.split(' ')).filter_map(Entry::read);
    let mut of_name = entries.filter(|entry| entry.name == name).peekable();
    if of_name.peek().is_none() {
        return Native::Absent;
    }
    let since = |entry: &Entry<'_>| entry.since.is_none_or(|(major, minor)| target.at_least(major, minor, 0));
    let Some(entry) = of_name.rfind(since) else { return Native::Absent };
    let fits = arguments.is_none_or(|given| given >= entry.least && entry.most.is_none_or(|most| given <= most));
    if fits { Native::Fits } else { Native::Miscounted }
}

/// `name`, `name:least-most` or `name:least-most@release`; of several the last that holds.
struct Entry<'a> {
    name: &'a str,
    least: usize,
    most: Option<usize>,
    since: Option<(u16, u16)>,
}

impl<'a> Entry<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let (text, since) = match text.split_once('@') {
            Some((text, release)) => {
                let (major, minor) = release.split_once('.')?;
                (text, Some((major.parse().ok()?, minor.parse().ok()?)))
            }
            None => (text, None),
        };
        let (name, range) = text.split_once(':').unwrap_or((text, "0-"));
        let (least, most) = range.split_once('-')?;
        Some(Entry { name, least: least.parse().ok()?, most: most.parse().ok(), since })
    }
}

const FUNCTIONS: &[&str] = &[
    "abs:1-1 acos acosh asin asinh atan atan2 atanh avg:1-1 bm25 cast ceil ceiling changes:0-0 char:0- coalesce:2-",
    "concat:1-@3.44 concat_ws:2-@3.44 cos cosh count:0-1 cume_dist:0-0 current_date:0-0 current_time:0-0",
    "current_timestamp:0-0 date:0- datetime:0- decimal decimal_add decimal_cmp decimal_mul decimal_sub degrees",
    "dense_rank:0-0 edit exists exp first_value:1-1 floor format:0-@3.38 fts3_tokenizer fts5 fts5_get_locale fts5_insttoken",
    "fts5_locale fts5_source_id generate_series geopoly_area geopoly_blob glob:2-2 group_concat:1-2 hex:1-1 highlight",
    "icu_load_collation if:2-@3.48 ifnull:2-2 iif:3-3@3.32 iif:2-@3.48 instr:2-2 json:1-1 json_array:0-",
    "json_array_insert:0-@3.53 json_array_length:1-2 json_each json_error_position:1-1@3.42 json_extract:0-",
    "json_group_array:1-1 json_group_object:2-2 json_insert:0- json_object:0- json_patch:2-2 json_pretty:1-2@3.46",
    "json_quote:1-1 json_remove:0- json_replace:0- json_set:0- json_tree json_type:1-2 json_valid:1-1 json_valid:1-2@3.45",
    "jsonb:1-1@3.45 jsonb_array:0-@3.45 jsonb_array_insert:0-@3.53 jsonb_extract:0-@3.45 jsonb_group_array:1-1@3.45",
    "jsonb_group_object:2-2@3.45 jsonb_insert:0-@3.45 jsonb_object:0-@3.45 jsonb_patch:2-2@3.45 jsonb_remove:0-@3.45",
    "jsonb_replace:0-@3.45 jsonb_set:0-@3.45 julianday:0- lag:1-3 last_insert_rowid:0-0 last_value:1-1 lead:1-3 length:1-1",
    "like:2-3 likelihood:2-2 likely:1-1 ln load_extension:1-2 log log10 log2 lower:1-1 ltrim:1-2 match matchinfo max:1-",
    "median min:1- mod nth_value:2-2 ntile:1-1 nullif:2-2 octet_length:1-1@3.43 offsets optimize percent_rank:0-0",
    "percentile percentile_cont percentile_disc pi pow power printf:0- quote:1-1 radians raise random:0-0 randomblob:1-1",
    "rank:0-0 readfile regexp regexpi replace:3-3 round:1-2 row_number:0-0 rtreecheck rtreedepth rtreenode rtrim:1-2 sha1",
    "sha3 sign:1-1@3.35 sin sinh snippet soundex sqlite_compileoption_get:1-1 sqlite_compileoption_used:1-1 sqlite_log:2-2",
    "sqlite_offset sqlite_source_id:0-0 sqlite_version:0-0 sqrt strftime:0- string_agg:2-2@3.44 substr:2-3",
    "substring:2-3@3.34 subtype:1-1@3.45 sum:1-1 tan tanh time:0- timediff:2-2@3.43 total:1-1 total_changes:0-0 trim:1-2",
    "trunc typeof:1-1 unhex:1-2@3.41 unicode:1-1 unistr:1-1@3.50 unistr_quote:1-1@3.50 unixepoch:0-@3.38 unknown",
    "unlikely:1-1 upper:1-1 uuid uuid_blob uuid_str values writefile zeroblob:1-1",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_counted_by_release() {
        let said = |name, arguments, target: &str| native(name, Some(arguments), target.parse().unwrap());
        assert_eq!(said("abs", 1, "sqlite@3.26"), Native::Fits);
        assert_eq!(said("abs", 2, "sqlite@3.53"), Native::Miscounted);
        assert_eq!(said("iif", 2, "sqlite@3.46"), Native::Miscounted);
        assert_eq!(said("iif", 2, "sqlite@3.53"), Native::Fits);
        assert_eq!(said("concat", 2, "sqlite@3.39"), Native::Absent);
        assert_eq!(said("sqrt", 1, "sqlite@3.39"), Native::Fits);
        assert_eq!(said("nothing_of_the_kind", 1, "sqlite@3.53"), Native::Absent);
    }
}
