//! A window replayed on several processors: each has a replica that looks closely at a share of the
//! window and only follows what stands before it.
//!
//! To follow is cheap; to tell what a statement does, and to judge it, is not. The one thing a
//! follower cannot know is that a statement was refused. That is rare: what comes after it in the
//! window is then looked at once more by the replica that knows.

use std::ops::Range;

use rayon::prelude::*;

use super::pass::{Loaded, Visitor};
use super::replica::Replica;

/// More would follow more than they look at.
const WIDEST: usize = 8;
/// A window with fewer migrations is not worth sharing.
const FEWEST: usize = 16;

pub(super) struct Lanes<'a> {
    first: Replica<'a>,
    width: usize,
}

impl<'a> Lanes<'a> {
    /// `width`: how many may work side by side.
    pub fn new(first: Replica<'a>, width: usize) -> Self {
        Lanes { first, width: width.clamp(1, WIDEST) }
    }

    /// Takes the migrations that come next.
    pub fn take(&mut self, window: &[Loaded], visitor: &mut (dyn Visitor + Send)) {
        let is_large = |(_, loaded): &Loaded| loaded.as_ref().is_ok_and(|prepared| prepared.up.is_large());
        if self.width > 1 && window.len() >= FEWEST && !window.iter().any(is_large) {
            self.side_by_side(window);
        } else {
            self.first.take_all(window, visitor);
        }
    }

    /// The replica that went all the way, with everything that was found.
    pub fn join(self) -> Replica<'a> {
        self.first
    }

    fn side_by_side(&mut self, window: &[Loaded]) {
        let mut others: Vec<Replica<'a>> = (1..self.width).into_par_iter().map(|_| self.first.second()).collect();
        let shares = shares(window, self.width);
        self.first.surprised = false;
        let mut replicas: Vec<&mut Replica<'a>> = std::iter::once(&mut self.first).chain(&mut others).collect();
        replicas.par_iter_mut().zip(&shares).for_each(|(replica, share)| {
            replica.follow_all(window.get(..share.start).unwrap_or_default());
            replica.take_all(window.get(share.clone()).unwrap_or_default(), &mut ());
        });
        let known = replicas.iter().position(|replica| replica.surprised).unwrap_or(self.width - 1);
        others.truncate(known);
        for other in &mut others {
            self.first.absorb(other);
        }
        let seen = shares.get(known).map_or(0, |share| share.end);
        self.first.take_all(window.get(seen..).unwrap_or_default(), &mut ());
    }
}

/// Shares of a window with about as many statements each.
fn shares(window: &[Loaded], width: usize) -> Vec<Range<usize>> {
    let weight = |(_, loaded): &Loaded| loaded.as_ref().map_or(1, |prepared| prepared.up.spans.len() + 1);
    let whole: usize = window.iter().map(weight).sum();
    let mut ends = Vec::with_capacity(width);
    let mut passed = 0;
    for (position, loaded) in window.iter().enumerate() {
        if passed >= whole * (ends.len() + 1) / width {
            ends.push(position);
        }
        passed += weight(loaded);
    }
    ends.resize(width, window.len());
    if let Some(last) = ends.last_mut() {
        *last = window.len();
    }
    std::iter::once(0).chain(ends.clone()).zip(ends).map(|(start, end)| start..end).collect()
}
