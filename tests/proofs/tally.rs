//! How often prediction and server agreed.

use std::collections::BTreeMap;
use std::sync::Mutex;

#[derive(Default)]
pub struct Tally {
    counts: Mutex<BTreeMap<String, BTreeMap<&'static str, (u32, u32)>>>,
    skipped: Mutex<Vec<String>>,
}

impl Tally {
    pub fn note(&self, server: &str, notes: &[(&'static str, bool)]) {
        let Ok(mut counts) = self.counts.lock() else { return };
        let server = counts.entry(server.to_owned()).or_default();
        for (what, agreed) in notes {
            let (right, all) = server.entry(what).or_default();
            *right += u32::from(*agreed);
            *all += 1;
        }
    }

    pub fn skip(&self, case: String) {
        if let Ok(mut skipped) = self.skipped.lock() {
            skipped.push(case);
        }
    }

    pub fn print(&self) {
        let (Ok(counts), Ok(skipped)) = (self.counts.lock(), self.skipped.lock()) else { return };
        if !skipped.is_empty() {
            eprintln!("\nnot compared:");
            for case in skipped.iter() {
                eprintln!("  {case}");
            }
        }
        eprintln!("\nagreed / compared");
        for (server, counts) in counts.iter() {
            let (right, all) = counts.values().fold((0, 0), |(right, all), (one, of)| (right + one, all + of));
            let parts: Vec<String> = counts.iter().map(|(what, (right, all))| format!("{what} {right}/{all}")).collect();
            eprintln!("  {server:<18} {right}/{all}   {}", parts.join(", "));
        }
        eprintln!();
    }
}
