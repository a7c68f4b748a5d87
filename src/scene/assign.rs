//! One-to-one assignment of the greatest total score.
//!
//! The shortest-augmenting-path form of the Hungarian method (Jonker and Volgenant, 1987) on dense costs, with buffers
//! that the caller keeps: what crates offer allocates at every call, and a frame that brings no news must not.
//! Candidates fall into groups that share no row and no column; each is solved by itself, so the cubic cost is that of
//! one crowded corner. A group larger than [`MAX_EXACT`] a side is assigned greedily, best score first.

/// The largest group solved exactly, rows or columns.
const MAX_EXACT: usize = 96;

const NONE: usize = usize::MAX;

/// A pair that may be assigned, and how well it fits (> 0).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Candidate {
    pub row: usize,
    pub column: usize,
    pub score: f32,
}

/// Buffers of the assignment.
#[derive(Debug, Default)]
pub(super) struct AssignScratch {
    parent: Vec<usize>,
    groups: Vec<(usize, usize)>,
    rows: Vec<usize>,
    columns: Vec<usize>,
    cost: Vec<f32>,
    solver: Solver,
}

/// For each row the column it got, or `None`, into `out`.
pub(super) fn assign(
    rows: usize,
    columns: usize,
    candidates: &[Candidate],
    out: &mut Vec<Option<usize>>,
    scratch: &mut AssignScratch,
) {
    out.clear();
    out.resize(rows, None);
    find_groups(rows, columns, candidates, scratch);
    let mut start = 0;
    while start < scratch.groups.len() {
        let root = scratch.groups[start].0;
        let end = scratch.groups[start..].iter().position(|g| g.0 != root).map_or(scratch.groups.len(), |n| start + n);
        scratch.rows.clear();
        scratch.columns.clear();
        for &(_, at) in &scratch.groups[start..end] {
            scratch.rows.push(candidates[at].row);
            scratch.columns.push(candidates[at].column);
        }
        for list in [&mut scratch.rows, &mut scratch.columns] {
            list.sort_unstable();
            list.dedup();
        }
        if scratch.rows.len().max(scratch.columns.len()) <= MAX_EXACT {
            solve_exactly(candidates, start..end, out, scratch);
        } else {
            solve_greedily(candidates, start..end, out, scratch);
        }
        start = end;
    }
}

/// Candidates sorted by the group they belong to (union-find over rows and columns).
fn find_groups(rows: usize, columns: usize, candidates: &[Candidate], scratch: &mut AssignScratch) {
    scratch.parent.clear();
    scratch.parent.extend(0..rows + columns);
    for c in candidates {
        let (a, b) = (root(&mut scratch.parent, c.row), root(&mut scratch.parent, rows + c.column));
        scratch.parent[a.max(b)] = a.min(b);
    }
    scratch.groups.clear();
    for (at, c) in candidates.iter().enumerate() {
        let group = root(&mut scratch.parent, c.row);
        scratch.groups.push((group, at));
    }
    scratch.groups.sort_unstable();
}

fn root(parent: &mut [usize], mut at: usize) -> usize {
    while parent[at] != at {
        parent[at] = parent[parent[at]];
        at = parent[at];
    }
    at
}

fn solve_exactly(
    candidates: &[Candidate],
    group: std::ops::Range<usize>,
    out: &mut [Option<usize>],
    scratch: &mut AssignScratch,
) {
    // Every row also has a column of its own with score 0: to stay alone.
    let (rows, columns) = (scratch.rows.len(), scratch.columns.len() + scratch.rows.len());
    scratch.cost.clear();
    scratch.cost.resize(rows * columns, 0.0);
    for &(_, at) in &scratch.groups[group] {
        let c = &candidates[at];
        let (Ok(row), Ok(column)) = (scratch.rows.binary_search(&c.row), scratch.columns.binary_search(&c.column))
        else {
            continue;
        };
        let cost = &mut scratch.cost[row * columns + column];
        *cost = cost.min(-c.score);
    }
    scratch.solver.solve(rows, columns, &scratch.cost);
    for (column, &row) in scratch.solver.row_of.iter().enumerate().take(scratch.columns.len()) {
        if row != NONE && scratch.cost[row * columns + column] < 0.0 {
            out[scratch.rows[row]] = Some(scratch.columns[column]);
        }
    }
}

fn solve_greedily(
    candidates: &[Candidate],
    group: std::ops::Range<usize>,
    out: &mut [Option<usize>],
    scratch: &mut AssignScratch,
) {
    let groups = &mut scratch.groups[group];
    groups.sort_unstable_by(|a, b| candidates[b.1].score.total_cmp(&candidates[a.1].score).then(a.1.cmp(&b.1)));
    scratch.parent.clear(); // columns already given away
    for &mut (_, at) in groups {
        let c = &candidates[at];
        if out[c.row].is_none()
            && let Err(place) = scratch.parent.binary_search(&c.column)
        {
            out[c.row] = Some(c.column);
            scratch.parent.insert(place, c.column);
        }
    }
}

#[derive(Debug, Default)]
struct Solver {
    row_price: Vec<f32>,
    column_price: Vec<f32>,
    row_of: Vec<usize>,
    way: Vec<usize>,
    least: Vec<f32>,
    used: Vec<bool>,
}

impl Solver {
    /// Least total cost with every row given a column; needs rows ≤ columns.
    fn solve(&mut self, rows: usize, columns: usize, cost: &[f32]) {
        self.row_price.clear();
        self.row_price.resize(rows, 0.0);
        self.column_price.clear();
        self.column_price.resize(columns, 0.0);
        self.row_of.clear();
        self.row_of.resize(columns, NONE);
        for row in 0..rows {
            self.augment(row, columns, cost);
        }
    }

    fn augment(&mut self, first_row: usize, columns: usize, cost: &[f32]) {
        self.way.clear();
        self.way.resize(columns, NONE);
        self.least.clear();
        self.least.resize(columns, f32::INFINITY);
        self.used.clear();
        self.used.resize(columns, false);
        let (mut row, mut at) = (first_row, NONE);
        loop {
            let (mut next, mut delta) = (NONE, f32::INFINITY);
            for column in 0..columns {
                if self.used[column] {
                    continue;
                }
                let reduced = cost[row * columns + column] - self.row_price[row] - self.column_price[column];
                if reduced < self.least[column] {
                    self.least[column] = reduced;
                    self.way[column] = at;
                }
                if self.least[column] < delta {
                    delta = self.least[column];
                    next = column;
                }
            }
            self.row_price[first_row] += delta;
            for column in 0..columns {
                if self.used[column] {
                    self.row_price[self.row_of[column]] += delta;
                    self.column_price[column] -= delta;
                } else {
                    self.least[column] -= delta;
                }
            }
            self.used[next] = true;
            at = next;
            if self.row_of[next] == NONE {
                break;
            }
            row = self.row_of[next];
        }
        while at != NONE {
            let before = self.way[at];
            self.row_of[at] = if before == NONE { first_row } else { self.row_of[before] };
            at = before;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn total(rows: usize, columns: usize, candidates: &[Candidate]) -> f32 {
        let mut out = Vec::new();
        assign(rows, columns, candidates, &mut out, &mut AssignScratch::default());
        let mut taken: Vec<_> = out.iter().flatten().collect();
        taken.sort_unstable();
        assert!(taken.windows(2).all(|w| w[0] != w[1]), "a column was given twice");
        let score = |row: usize, column: usize| {
            candidates.iter().filter(|c| c.row == row && c.column == column).map(|c| c.score).fold(f32::NAN, f32::max)
        };
        out.iter().enumerate().filter_map(|(row, column)| column.map(|c| score(row, c))).sum()
    }

    fn best_by_trying(row: usize, rows: usize, taken: u32, candidates: &[Candidate]) -> f32 {
        if row == rows {
            return 0.0;
        }
        let alone = best_by_trying(row + 1, rows, taken, candidates);
        let options = candidates.iter().filter(|c| c.row == row && taken & (1 << c.column) == 0);
        options
            .map(|c| c.score + best_by_trying(row + 1, rows, taken | (1 << c.column), candidates))
            .fold(alone, f32::max)
    }

    proptest! {
        #[test]
        fn no_other_assignment_scores_more(list in prop::collection::vec((0..5usize, 0..5usize, 0.01..1.0f32), 0..14)) {
            let candidates: Vec<_> = list.into_iter().map(|(row, column, score)| Candidate { row, column, score }).collect();
            let best = best_by_trying(0, 5, 0, &candidates);
            prop_assert!((total(5, 5, &candidates) - best).abs() < 1e-4);
        }
    }

    #[test]
    fn a_crowd_is_assigned_one_to_one() {
        let candidates: Vec<_> = (0..120 * 120)
            .map(|i| Candidate { row: i / 120, column: i % 120, score: if i / 120 == i % 120 { 1.0 } else { 0.5 } })
            .collect();
        assert!((total(120, 120, &candidates) - 120.0).abs() < 1e-3);
    }
}
