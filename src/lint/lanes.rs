//! The replay on several processors: each has a replica that goes through the whole history, looks
//! closely at a share of it and only follows the rest.
//!
//! To follow is cheap; to tell what a statement does, and to judge it, is not. The one thing a
//! follower cannot know is that a statement was refused. That is rare: what comes after it in the
//! window is then looked at once more by the one that knows, and the others start again from there.

use std::ops::Range;

use rayon::prelude::*;

use super::pass::{Loaded, Visitor};
use super::replica::Replica;

/// More would follow more than they look at.
const WIDEST: usize = 8;
/// A window with fewer migrations is not worth sharing.
const FEWEST: usize = 16;

pub(super) struct Lanes<'a> {
    /// Keeps what was found.
    first: Replica<'a>,
    others: Vec<Replica<'a>>,
    /// The one that is at the end of what was taken so far: 0 is the first.
    ahead: usize,
    /// What the rest have still to follow, each from the end of its share.
    behind: Vec<Loaded>,
    shares: Vec<Range<usize>>,
    width: usize,
}

impl<'a> Lanes<'a> {
    pub fn new(first: Replica<'a>, width: usize) -> Self {
        Lanes { first, others: Vec::new(), ahead: 0, behind: Vec::new(), shares: Vec::new(), width: width.clamp(1, WIDEST) }
    }

    /// Takes the migrations that come next.
    pub fn take(&mut self, window: Vec<Loaded>, visitor: &mut (dyn Visitor + Send)) {
        let is_large = |(_, loaded): &Loaded| loaded.as_ref().is_ok_and(|prepared| prepared.up.is_large());
        if self.width > 1 && window.len() >= FEWEST && !window.iter().any(is_large) {
            return self.side_by_side(window);
        }
        self.leave_one();
        for (index, loaded) in &window {
            self.first.take(*index, loaded, visitor);
        }
    }

    /// The replica that went all the way, with everything that was found.
    pub fn join(mut self) -> Replica<'a> {
        self.leave_one();
        self.first
    }

    /// The first goes on alone, from where the one ahead is.
    fn leave_one(&mut self) {
        if let Some(ahead) = self.ahead.checked_sub(1).and_then(|at| self.others.get_mut(at)) {
            std::mem::swap(&mut self.first.catalog, &mut ahead.catalog);
        }
        self.others.clear();
        self.behind.clear();
        self.ahead = 0;
    }

    fn side_by_side(&mut self, window: Vec<Loaded>) {
        if self.others.is_empty() {
            self.others = (1..self.width).map(|_| self.first.second()).collect();
        }
        let before = std::mem::replace(&mut self.shares, shares(&window, self.width));
        let (behind, shares, ahead) = (&self.behind, &self.shares, self.ahead);
        let mut replicas: Vec<&mut Replica<'a>> = std::iter::once(&mut self.first).chain(&mut self.others).collect();
        replicas.par_iter_mut().enumerate().for_each(|(lane, replica)| {
            if lane != ahead {
                let seen = before.get(lane).map_or(0, |share| share.end);
                follow(replica, behind.get(seen..).unwrap_or_default());
            }
            let share = shares.get(lane).cloned().unwrap_or_default();
            follow(replica, window.get(..share.start).unwrap_or_default());
            replica.surprised = false;
            for (index, loaded) in window.get(share).unwrap_or_default() {
                replica.take(*index, loaded, &mut ());
            }
        });
        self.ahead = self.width - 1;
        let surprised = replicas.iter().position(|replica| replica.surprised);
        if let Some(lane) = surprised {
            replicas.iter_mut().skip(lane + 1).for_each(|misled| misled.forget());
            let seen = shares.get(lane).map_or(0, |share| share.end);
            if let Some(knowing) = replicas.get_mut(lane) {
                window.iter().skip(seen).for_each(|(index, loaded)| knowing.take(*index, loaded, &mut ()));
            }
            self.ahead = lane;
        }
        for other in &mut self.others {
            self.first.absorb(other);
        }
        if surprised.is_some() {
            self.leave_one();
        } else {
            self.behind = window;
        }
    }
}

fn follow(replica: &mut Replica<'_>, history: &[Loaded]) {
    for (index, loaded) in history {
        match loaded {
            Ok(prepared) => replica.follow(*index, prepared),
            Err(_) => replica.catalog.open_world = true,
        }
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
