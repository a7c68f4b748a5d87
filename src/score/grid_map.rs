//! A map in a model's text, `{"chair": [(3, 4), (5, 5)], 'table': [[2, 7]]}`, and how well it tells distances.
//!
//! The map covers a room with a grid of 10 x 10 cells. For each two categories of the true map, the least distance
//! between any of one and any of the other is taken in both maps; the prediction is right where the two differ by at
//! most one cell. Marks are told by bins of the true distance, whose edges come from the published figure.
//!
//! Models write tuples, lists, floats, either sort of quotes, prose and fences round it all, and stop in the middle.
//! The first dictionary that has an entry is read, up to where it stops making sense; nothing is guessed.

use super::bounded;
use crate::error::{Error, Result};
use std::collections::BTreeMap;

/// Of more categories only the first are read.
pub const MAX_GRID_CATEGORIES: usize = 256;
/// Of more places of all categories together only the first are read.
pub const MAX_GRID_PLACES: usize = 4096;
/// A predicted distance may differ from the true one by this, cells.
pub const PAIR_TOLERANCE: f64 = 1.0;
/// Edges of the bins of true distance, cells; a bin holds its lower edge, the last also its upper one.
pub const PAIR_BIN_EDGES: [f64; 9] = [1.0, 2.1, 3.3, 4.4, 5.5, 6.6, 7.8, 8.9, 10.0];

/// So many opening braces are tried.
const MAX_ATTEMPTS: usize = 16;

/// Where the things of each category are, in cells from the grid's corner.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GridMap {
    /// Centres (x, y) by category.
    pub places: BTreeMap<String, Vec<[f64; 2]>>,
}

/// How many pairs of categories have a true distance of one range, and how many of them the prediction got right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DistanceBin {
    /// Pairs.
    pub n: u64,
    /// Pairs the prediction got right.
    pub right: u64,
}

/// The marks of one map, or with [`PairScore::add`] of many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PairScore {
    /// All pairs of the true map.
    pub all: DistanceBin,
    /// Pairs by true distance, between [`PAIR_BIN_EDGES`]; nearer and farther ones are in `all` alone.
    pub bins: [DistanceBin; PAIR_BIN_EDGES.len() - 1],
    /// Pairs of which the prediction lacks a category: none of them is right.
    pub missing: u64,
}

impl GridMap {
    /// Reads the first dictionary of a text. A category written twice is what was written last.
    ///
    /// # Errors
    /// No dictionary with at least one entry.
    pub fn parse(text: &str) -> Result<Self> {
        let text = bounded(text);
        let starts = text.match_indices('{').take(MAX_ATTEMPTS);
        let read = starts.map(|(start, _)| Cursor { rest: &text[start + 1..] }.entries());
        let found = read.into_iter().find(|places| !places.is_empty());
        found.map(|places| Self { places }).ok_or_else(|| {
            Error::argument("no map in the text: expected a dictionary such as {\"chair\": [(3, 4)]}".to_owned())
        })
    }

    /// The least distance between any of one category and any of another, cells; none where one has no place.
    pub fn distance(&self, one: &str, other: &str) -> Option<f64> {
        let (one, other) = (self.places.get(one)?, self.places.get(other)?);
        let apart = one.iter().flat_map(|a| other.iter().map(move |b| (a[0] - b[0]).hypot(a[1] - b[1])));
        apart.min_by(f64::total_cmp)
    }

    /// Marks a prediction, `self` being true. Names of categories are compared as they are.
    pub fn score(&self, predicted: &Self) -> PairScore {
        let mut score = PairScore::default();
        let names: Vec<&String> = self.places.keys().collect();
        for (i, one) in names.iter().enumerate() {
            for other in &names[i + 1..] {
                if let Some(truth) = self.distance(one, other) {
                    score.count(truth, predicted.distance(one, other));
                }
            }
        }
        score
    }
}

impl PairScore {
    /// Counts the pairs of another map too.
    pub fn add(&mut self, other: &Self) {
        let both = |a: DistanceBin, b: DistanceBin| DistanceBin { n: a.n + b.n, right: a.right + b.right };
        self.all = both(self.all, other.all);
        self.missing += other.missing;
        for (bin, more) in self.bins.iter_mut().zip(other.bins) {
            *bin = both(*bin, more);
        }
    }

    /// Share of all pairs that are right; none without pairs.
    pub fn share(&self) -> Option<f64> {
        self.all.share()
    }

    fn count(&mut self, truth: f64, predicted: Option<f64>) {
        let right = predicted.is_some_and(|predicted| (predicted - truth).abs() <= PAIR_TOLERANCE);
        self.missing += u64::from(predicted.is_none());
        self.all.count(right);
        let last = PAIR_BIN_EDGES[PAIR_BIN_EDGES.len() - 1];
        let below = PAIR_BIN_EDGES.iter().take_while(|edge| **edge <= truth).count();
        let bin = if truth == last { Some(self.bins.len() - 1) } else { below.checked_sub(1) };
        if let Some(bin) = bin.and_then(|bin| self.bins.get_mut(bin)) {
            bin.count(right);
        }
    }
}

impl DistanceBin {
    /// Share of the pairs that are right; none without pairs.
    pub fn share(&self) -> Option<f64> {
        (self.n > 0).then(|| self.right as f64 / self.n as f64)
    }

    fn count(&mut self, right: bool) {
        self.n += 1;
        self.right += u64::from(right);
    }
}

/// What is left to read.
struct Cursor<'t> {
    rest: &'t str,
}

impl Cursor<'_> {
    /// Entries behind an opening brace, as many as make sense.
    fn entries(mut self) -> BTreeMap<String, Vec<[f64; 2]>> {
        let mut places = BTreeMap::new();
        let mut left = MAX_GRID_PLACES;
        while places.len() < MAX_GRID_CATEGORIES {
            let Some((name, list)) = self.entry(left) else { break };
            left -= list.len();
            places.insert(name, list);
            if !self.takes(',') {
                break;
            }
        }
        places
    }

    fn entry(&mut self, left: usize) -> Option<(String, Vec<[f64; 2]>)> {
        let name = self.name()?;
        let list = self.takes(':').then(|| self.list(left))??;
        Some((name, list))
    }

    /// Whether the next sign is this one, which is then read.
    fn takes(&mut self, sign: char) -> bool {
        let trimmed = self.rest.trim_start();
        self.rest = trimmed.strip_prefix(sign).unwrap_or(trimmed);
        self.rest.len() < trimmed.len()
    }

    /// A quoted text, or a bare one up to its colon.
    fn name(&mut self) -> Option<String> {
        self.rest = self.rest.trim_start();
        let quote = self.rest.chars().next().filter(|c| matches!(c, '"' | '\'' | '“' | '‘'));
        let Some(open) = quote else {
            let (name, _) = self.rest.split_once(':')?;
            let bare = name.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '_' | '-'));
            self.rest = &self.rest[name.len()..];
            return (bare && !name.trim().is_empty()).then(|| name.trim().to_owned());
        };
        let close = match open {
            '“' => '”',
            '‘' => '’',
            same => same,
        };
        let mut name = String::new();
        let mut signs = self.rest[open.len_utf8()..].char_indices();
        while let Some((at, sign)) = signs.next() {
            if sign == close {
                self.rest = &self.rest[open.len_utf8() + at + sign.len_utf8()..];
                return Some(name);
            }
            name.push(if sign == '\\' { signs.next()?.1 } else { sign });
        }
        None
    }

    /// `[(x, y), ...]`, with either brackets, or one place by itself.
    fn list(&mut self, left: usize) -> Option<Vec<[f64; 2]>> {
        if !self.opens() {
            return None;
        }
        if self.closes() {
            return Some(Vec::new());
        }
        if self.rest.trim_start().starts_with(|c: char| !matches!(c, '(' | '[')) {
            return self.inside_of_place().filter(|_| left > 0).map(|place| vec![place]);
        }
        let mut list = Vec::new();
        while list.len() < left && self.opens() {
            list.push(self.inside_of_place()?);
            if !self.takes(',') {
                break;
            }
        }
        self.closes().then_some(list)
    }

    /// `x, y)` behind the opening bracket.
    fn inside_of_place(&mut self) -> Option<[f64; 2]> {
        let x = self.number()?;
        let y = self.takes(',').then(|| self.number())??;
        self.takes(',');
        self.closes().then_some([x, y])
    }

    fn opens(&mut self) -> bool {
        self.takes('(') || self.takes('[')
    }

    fn closes(&mut self) -> bool {
        self.takes(')') || self.takes(']')
    }

    fn number(&mut self) -> Option<f64> {
        self.rest = self.rest.trim_start();
        let is_part = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e' | 'E');
        let end = self.rest.find(|c: char| !is_part(c)).unwrap_or(self.rest.len());
        let number = self.rest[..end].parse::<f64>().ok().filter(|number| number.is_finite());
        self.rest = &self.rest[end..];
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn map(text: &str) -> GridMap {
        GridMap::parse(text).unwrap()
    }

    #[test]
    fn tuples_lists_floats_and_both_quotes_are_read() {
        let plain = map(r#"{"chair": [(3, 4), (5, 5)], "coffee table": [(2, 7)]}"#);
        assert_eq!(plain.places["chair"], [[3.0, 4.0], [5.0, 5.0]]);
        let odd = "Sure! {this} is it:\n```python\n{'chair': [[3.0, 4], (5,5.0,),], coffee table : (2, 7)}\n```";
        assert_eq!(map(odd), plain);
        assert_eq!(map(r#"{'a\'s "b"': [2.5, -1e0], "none": []}"#).places["a's \"b\""], [[2.5, -1.0]]);
        assert_eq!(map("{'a': [(1, 1)], 'a': [(2, 2)]}").places["a"], [[2.0, 2.0]]);
    }

    #[test]
    fn what_was_cut_off_is_read_up_to_there() {
        let cut = map("{'a': [(1, 1)], 'b': [(2, 2), (3");
        assert_eq!(cut.places.keys().collect::<Vec<_>>(), ["a"]);
        assert_eq!(map("{'a': [(1, 1)], 'b': [(1, x)], 'c': [(1, 1)]}").places.len(), 1);
    }

    #[test]
    fn what_holds_no_map_is_refused() {
        for text in
            ["", "{", "{}", "{'a'}", "{'a': 3}", "{'a': [(1, nan)]}", "{'a': [(1, 1e999)]}", "[(1, 1)]", "{'a: [("]
        {
            assert!(GridMap::parse(text).is_err(), "{text}");
        }
        assert!(GridMap::parse(&"{'a':[".repeat(50_000)).is_err());
        assert!(GridMap::parse(&"{".repeat(1 << 20)).is_err());
    }

    #[test]
    fn much_is_read_up_to_a_bound() {
        let many: String = (0..600).map(|i| format!("'c{i}': [(1, 1)], ")).collect();
        assert_eq!(map(&format!("{{{many}}}")).places.len(), MAX_GRID_CATEGORIES);
        let places = "(1, 1), ".repeat(5000);
        assert!(GridMap::parse(&format!("{{'a': [{places}]}}")).is_err());
    }

    #[test]
    fn a_pair_is_right_within_one_cell_and_counted_by_its_true_distance() {
        let truth = map("{'a': [(0, 0), (9, 9)], 'b': [(3, 4)], 'c': [(0, 0.5)], 'd': [(0, 2.1)]}");
        assert_eq!(truth.distance("a", "b"), Some(5.0));
        let same = truth.score(&truth);
        assert_eq!((same.all.n, same.all.right, same.missing), (6, 6, 0));
        // a-c are 0.5 apart: in no bin. a-d are 2.1 apart: in the second.
        assert_eq!(same.bins.map(|bin| bin.n), [1, 1, 1, 2, 0, 0, 0, 0]);
        let predicted = map("{'a': [(0, 0)], 'b': [(6, 0)], 'c': [(0, 2)]}");
        let score = truth.score(&predicted);
        // a-b: 6 for 5; a-c: 2 for 0.5; b-c: 6.3 for 4.6.
        assert_eq!((score.all.n, score.all.right, score.missing), (6, 1, 3));
        let mut sum = same;
        sum.add(&score);
        assert_eq!((sum.all.n, sum.all.right, sum.share()), (12, 7, Some(7.0 / 12.0)));
        assert_eq!(
            map("{'a': [(0,0)], 'b': [(6,8)]}").score(&GridMap::default()).bins[7],
            DistanceBin { n: 1, right: 0 }
        );
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_without_a_panic(text in "[{}\\[\\]()'\":, 0-9.a“”一\\\\e-]{0,60}") {
            if let Ok(map) = GridMap::parse(&text) {
                prop_assert!(map.places.values().flatten().flatten().all(|x| x.is_finite()));
            }
        }
    }
}
