//! Small text helpers that several formats share.

use std::path::Path;

use crate::finding::Finding;

/// A path with forward slashes and no leading `./`, as every format but `human` wants it.
pub fn path(path: &Path) -> String {
    crate::source::display_path(path)
}

/// Percent-encodes a relative path for a URI reference (RFC 3986: unreserved characters and `/`).
pub fn uri(path_: &Path) -> String {
    let mut out = String::new();
    for &byte in path(path_).as_bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Message and help as one paragraph, for formats without a place for help.
pub fn with_help(finding: &Finding) -> String {
    match &finding.help {
        Some(help) => format!("{}. {}", capitalised(&finding.message), capitalised(help)),
        None => capitalised(&finding.message),
    }
}

/// First letter in upper case.
pub fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// `1 error`, `3 errors`.
pub fn counted(number: u32, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
