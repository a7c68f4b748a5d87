//! The nearest of the things placed so far: a k-d tree on the ground that knows the least number below each node.
//!
//! A thing may be attached to things with smaller numbers only. The tree holds all of a list at once; parts in which all
//! numbers are too large are passed over, so one tree answers for every moment of the list. Answers do not depend on the
//! shape of the tree: nearest first, ties by number.

use super::PublishedThing;

struct Node {
    at_m: [f64; 2],
    number: u64,
    /// The least number of this node and all below it.
    least: u64,
}

/// Places on the ground, balanced: the node of a range is its middle, split by x and y in turn.
pub(super) struct Nearest(Vec<Node>);

impl Nearest {
    pub fn of(things: &[PublishedThing]) -> Self {
        let node = |thing: &PublishedThing| Node { at_m: thing.at_m, number: thing.number, least: thing.number };
        let mut nodes: Vec<Node> = things.iter().map(node).collect();
        build(&mut nodes, 0);
        Self(nodes)
    }

    /// Squared distance (m²) and number of up to `count` things nearest to `from_m`, of those with numbers less than
    /// `below` that `keep` takes.
    pub fn find(&self, from_m: [f64; 2], below: u64, count: usize, keep: impl Fn([f64; 2]) -> bool) -> Vec<(f64, u64)> {
        let mut search = Search { from_m, below, count, keep, found: Vec::with_capacity(count) };
        search.within(&self.0, 0);
        search.found
    }
}

fn build(nodes: &mut [Node], axis: usize) -> u64 {
    if nodes.is_empty() {
        return u64::MAX;
    }
    let middle = nodes.len() / 2;
    nodes.select_nth_unstable_by(middle, |a, b| a.at_m[axis].total_cmp(&b.at_m[axis]));
    let (low, rest) = nodes.split_at_mut(middle);
    let Some((node, high)) = rest.split_first_mut() else { return u64::MAX };
    node.least = node.number.min(build(low, 1 - axis)).min(build(high, 1 - axis));
    node.least
}

struct Search<F> {
    from_m: [f64; 2],
    below: u64,
    count: usize,
    keep: F,
    found: Vec<(f64, u64)>,
}

impl<F: Fn([f64; 2]) -> bool> Search<F> {
    fn within(&mut self, nodes: &[Node], axis: usize) {
        let (low, rest) = nodes.split_at(nodes.len() / 2);
        let Some((node, high)) = rest.split_first() else { return };
        if node.least >= self.below {
            return;
        }
        if node.number < self.below && (self.keep)(node.at_m) {
            insert_nearest(&mut self.found, self.count, (distance_m2(self.from_m, node.at_m), node.number));
        }
        let beyond_m = self.from_m[axis] - node.at_m[axis];
        let (near, far) = if beyond_m < 0.0 { (low, high) } else { (high, low) };
        self.within(near, 1 - axis);
        let is_full = self.found.len() == self.count;
        if !is_full || self.found.last().is_some_and(|worst| beyond_m * beyond_m <= worst.0) {
            self.within(far, 1 - axis);
        }
    }
}

/// Keeps the `count` nearest, in order; true when the new one is among them.
pub(super) fn insert_nearest(found: &mut Vec<(f64, u64)>, count: usize, new: (f64, u64)) -> bool {
    let at = found.partition_point(|old| old.0.total_cmp(&new.0).then(old.1.cmp(&new.1)).is_lt());
    if at >= count {
        return false;
    }
    found.truncate(count - 1);
    found.insert(at, new);
    true
}

/// Squared distance of two places on the ground.
pub(super) fn distance_m2(a: [f64; 2], b: [f64; 2]) -> f64 {
    let [x, y] = [a[0] - b[0], a[1] - b[1]];
    x * x + y * y
}

#[cfg(test)]
mod tests {
    use super::super::PublishedList;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_tree_finds_what_looking_at_all_finds(
            places in prop::collection::vec(prop::array::uniform2((-4..4i8).prop_map(f64::from)), 0..40),
            from_m in prop::array::uniform2(-5.0..5.0f64),
            below in 0..45u64,
            count in 1..8usize,
        ) {
            let list = PublishedList::of_places(places.iter().map(|&at| ("x", at))).expect("places");
            let keep = |at: [f64; 2]| at[0] != 2.0;
            let mut all: Vec<(f64, u64)> = list
                .things()
                .iter()
                .filter(|thing| thing.number < below && keep(thing.at_m))
                .map(|thing| (distance_m2(from_m, thing.at_m), thing.number))
                .collect();
            all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            all.truncate(count);
            prop_assert_eq!(Nearest::of(list.things()).find(from_m, below, count, keep), all);
        }
    }
}
