//! The rules that are part of the binary.

use std::sync::{Arc, OnceLock};

use super::file::{RuleFileError, read_rule};
use super::rule::Rule;

mod files {
    include!(concat!(env!("OUT_DIR"), "/rule_files.rs"));
}

/// Every built-in rule, read at first use. An error is a fault of this build, and a test looks for
/// it; it is handed on rather than swallowed, because a rule that is missing is a hole.
pub fn builtin() -> Result<&'static [Arc<Rule>], &'static RuleFileError> {
    static RULES: OnceLock<Result<Vec<Arc<Rule>>, RuleFileError>> = OnceLock::new();
    RULES.get_or_init(read_all).as_ref().map(Vec::as_slice)
}

/// Reading them is most of a short run: it is shared out. Plain threads, because a pool's worker that
/// waits here could pick up work which waits for the rules itself.
fn read_all() -> Result<Vec<Arc<Rule>>, RuleFileError> {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let shares: Vec<&[(&str, &str)]> = files::FILES.chunks(files::FILES.len().div_ceil(processors.min(MOST)).max(1)).collect();
    let read: Vec<Result<Vec<Arc<Rule>>, RuleFileError>> = std::thread::scope(|scope| {
        let Some((own, others)) = shares.split_first() else { return Vec::new() };
        let started: Vec<_> =
            others.iter().map(|share| (share, std::thread::Builder::new().spawn_scoped(scope, || read_share(share)).ok())).collect();
        let mut read = vec![read_share(own)];
        // Where no thread could be had or one was lost, this one does its part.
        read.extend(
            started.into_iter().map(|(share, thread)| thread.and_then(|thread| thread.join().ok()).unwrap_or_else(|| read_share(share))),
        );
        read
    });
    let mut all = Vec::with_capacity(files::FILES.len());
    for share in read {
        all.extend(share?);
    }
    Ok(all)
}

/// More threads would cost more to start than they save.
const MOST: usize = 4;

fn read_share(share: &[(&str, &str)]) -> Result<Vec<Arc<Rule>>, RuleFileError> {
    share.iter().map(|(path, text)| read_rule(path, text, None).map(Arc::new)).collect()
}
