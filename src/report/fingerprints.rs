//! Fingerprints made unique within one report: GitLab drops entries that share one.

use std::collections::HashMap;

use crate::finding::Finding;

/// One string per finding, in order; repeats get `-2`, `-3` … appended.
pub fn unique(findings: &[Finding]) -> Vec<String> {
    let mut seen: HashMap<&str, u32> = HashMap::new();
    findings
        .iter()
        .map(|finding| {
            let print = finding.fingerprint.0.as_str();
            let count = seen.entry(print).or_insert(0);
            *count += 1;
            if *count == 1 { print.to_owned() } else { format!("{print}-{count}") }
        })
        .collect()
}
