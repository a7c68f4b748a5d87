//! Walls over time: upright patches of frames joined into long planes.
//!
//! A wall is a line on the ground, fitted to the sums of all its points, with columns of 0.1 m along it that remember how
//! low and how high it was seen. What depth is seen behind is no wall but the front of something.

use crate::frame::Pose;
use crate::lift::WallLine;
use nalgebra::{Matrix2, Point3, Vector3};
use std::collections::BTreeMap;

const COLUMN_M: f64 = 0.1;
const SAME_NORMAL_COS: f64 = 0.99;
const SAME_PLANE_M: f64 = 0.08;
const JOIN_GAP_M: f64 = 0.6;
const LEAST_VOTES: f64 = 6.0;

/// Highest low point and lowest high point of a wall: it must span from below to above these, metres above the floor.
const MUST_REACH_M: f64 = 1.7;
const LEAST_WIDTH_M: f64 = 0.8;

/// What is as wide and reaches as high is likely a wall, metres.
const LIKELY_WIDTH_M: f64 = 1.3;
const LIKELY_REACH_M: f64 = 1.2;

/// Share of points behind it that makes it no wall.
const BEHIND_SHARE: f64 = 0.3;

#[derive(Debug, Clone, Copy)]
struct Column {
    votes: f64,
    low_m: f64,
    high_m: f64,
}

/// One wall.
#[derive(Debug, Clone)]
pub(super) struct Wall {
    /// Unit normal on the ground, towards where it was seen from.
    pub normal: [f64; 2],
    /// `normal · p` of its points, metres.
    pub offset_m: f64,
    axis: [f64; 2],
    sums: [f64; 6],
    columns: BTreeMap<i32, Column>,
    high_m: f64,
    behind: f64,
    ahead: f64,
    pub grown: bool,
}

impl Wall {
    pub fn new(normal: [f64; 2], offset_m: f64) -> Self {
        Self {
            normal,
            offset_m,
            axis: [-normal[1], normal[0]],
            sums: [0.0; 6],
            columns: BTreeMap::new(),
            high_m: f64::MIN,
            behind: 0.0,
            ahead: 0.0,
            grown: true,
        }
    }

    /// Height of a ground position in front of the plane, metres (negative behind).
    pub fn distance_m(&self, x: f64, y: f64) -> f64 {
        self.normal[0] * x + self.normal[1] * y - self.offset_m
    }

    fn along(&self, x: f64, y: f64) -> f64 {
        self.axis[0] * x + self.axis[1] * y
    }

    /// True when a patch with this normal around this position continues the wall.
    pub fn continues(&self, normal: [f64; 2], x: f64, y: f64) -> bool {
        let alike = normal[0] * self.normal[0] + normal[1] * self.normal[1] > SAME_NORMAL_COS;
        alike && self.distance_m(x, y).abs() < SAME_PLANE_M && self.is_beside(x, y, JOIN_GAP_M)
    }

    /// True when the position lies along the wall, up to `gap_m` beyond its ends.
    pub fn is_beside(&self, x: f64, y: f64, gap_m: f64) -> bool {
        let at = self.along(x, y);
        let (first, last) = (self.columns.keys().next(), self.columns.keys().next_back());
        match (first, last) {
            (Some(&first), Some(&last)) => {
                at >= f64::from(first) * COLUMN_M - gap_m && at <= f64::from(last + 1) * COLUMN_M + gap_m
            }
            _ => true,
        }
    }

    /// Takes in one point.
    pub fn vote(&mut self, x: f64, y: f64, z: f64, weight: f64) {
        for (sum, term) in self.sums.iter_mut().zip([1.0, x, y, x * x, x * y, y * y]) {
            *sum += weight * term;
        }
        self.ahead += weight;
        self.high_m = self.high_m.max(z);
        let column = self.columns.entry((self.along(x, y) / COLUMN_M).floor() as i32).or_insert_with(|| {
            self.grown = true;
            Column { votes: 0.0, low_m: z, high_m: z }
        });
        column.votes += weight;
        column.low_m = column.low_m.min(z);
        column.high_m = column.high_m.max(z);
    }

    /// Takes note of a point seen behind the plane.
    pub fn see_behind(&mut self, weight: f64) {
        self.behind += weight;
    }

    /// Fits the plane to all points so far.
    pub fn fit(&mut self) {
        let [w, x, y, xx, xy, yy] = self.sums;
        if w < 10.0 {
            return;
        }
        let (mx, my) = (x / w, y / w);
        let (cxx, cxy, cyy) = (xx / w - mx * mx, xy / w - mx * my, yy / w - my * my);
        // Direction of the least spread: the eigenvector of the smaller eigenvalue.
        let along = 0.5 * (2.0 * cxy).atan2(cxx - cyy);
        let mut normal = [-along.sin(), along.cos()];
        if normal[0] * self.normal[0] + normal[1] * self.normal[1] < 0.0 {
            normal = normal.map(|n| -n);
        }
        if normal[0] * self.normal[0] + normal[1] * self.normal[1] > SAME_NORMAL_COS {
            self.normal = normal;
        }
        self.offset_m = self.normal[0] * mx + self.normal[1] * my;
    }

    /// Middle of its points, halfway up, metres.
    pub fn middle(&self) -> Point3<f64> {
        let [w, x, y, ..] = self.sums;
        let low_m = self.columns.values().map(|column| column.low_m).fold(self.high_m, f64::min);
        Point3::new(x / w.max(1e-9), y / w.max(1e-9), 0.5 * (low_m + self.high_m))
    }

    /// Moves it, and keeps it upright.
    pub fn transform(&mut self, motion: &Pose) {
        let before = self.middle();
        let (after, turn) = (motion * before, yaw_rad(motion).sin_cos());
        let rise_m = after.z - before.z;
        let along_before = self.along(before.x, before.y);
        let distance_m = -self.distance_m(before.x, before.y);
        self.turn_sums(&before, &after, turn);
        (self.normal, self.axis) = (turned(self.normal, turn), turned(self.axis, turn));
        self.offset_m = distance_m + self.normal[0] * after.x + self.normal[1] * after.y;
        let shift = ((self.along(after.x, after.y) - along_before) / COLUMN_M).round() as i32;
        self.columns = std::mem::take(&mut self.columns)
            .into_iter()
            .map(|(at, c)| {
                (at.saturating_add(shift), Column { low_m: c.low_m + rise_m, high_m: c.high_m + rise_m, ..c })
            })
            .collect();
        self.high_m += rise_m;
        self.grown = true;
    }

    fn turn_sums(&mut self, before: &Point3<f64>, after: &Point3<f64>, (sin, cos): (f64, f64)) {
        let [w, _, _, xx, xy, yy] = self.sums;
        let spread = Matrix2::new(
            xx - w * before.x * before.x,
            xy - w * before.x * before.y,
            xy - w * before.x * before.y,
            yy - w * before.y * before.y,
        );
        let turn = Matrix2::new(cos, -sin, sin, cos);
        let spread = turn * spread * turn.transpose();
        self.sums = [
            w,
            w * after.x,
            w * after.y,
            spread[(0, 0)] + w * after.x * after.x,
            spread[(0, 1)] + w * after.x * after.y,
            spread[(1, 1)] + w * after.y * after.y,
        ];
    }

    /// True when it is high and wide enough and nothing is seen behind it.
    pub fn is_wall(&self, floor_m: f64) -> bool {
        let wide = self.columns.len() as f64 * COLUMN_M >= LEAST_WIDTH_M;
        wide && self.high_m - floor_m >= MUST_REACH_M && self.behind < BEHIND_SHARE * self.ahead
    }

    /// What geometry alone must know of it, if it is a wall or likely one: too wide and high for furniture.
    pub fn line(&self, floor_m: f64) -> Option<WallLine> {
        let used = || self.columns.iter().filter(|(_, c)| c.votes >= LEAST_VOTES);
        let (first, last) = (used().next()?.0, used().next_back()?.0);
        let ends_m = [f64::from(*first) * COLUMN_M, f64::from(*last + 1) * COLUMN_M];
        let is_likely = ends_m[1] - ends_m[0] >= LIKELY_WIDTH_M
            && self.high_m - floor_m >= LIKELY_REACH_M
            && self.behind < BEHIND_SHARE * self.ahead;
        (is_likely || self.is_wall(floor_m)).then_some(WallLine {
            normal: self.normal,
            offset_m: self.offset_m,
            axis: self.axis,
            ends_m,
        })
    }

    /// Ends along the axis and heights, if it is a wall.
    pub fn extent(&self, floor_m: f64) -> Option<WallExtent> {
        let used = || self.columns.iter().filter(|(_, c)| c.votes >= LEAST_VOTES);
        let (first, last) = (used().next()?.0, used().next_back()?.0);
        let (from, to) = (f64::from(*first) * COLUMN_M, f64::from(*last + 1) * COLUMN_M);
        let low = used().map(|(_, c)| c.low_m).fold(f64::MAX, f64::min);
        let high = used().map(|(_, c)| c.high_m).fold(f64::MIN, f64::max);
        (self.is_wall(floor_m) && to - from >= LEAST_WIDTH_M).then_some(WallExtent {
            from,
            to,
            low_m: low,
            high_m: high,
            axis: self.axis,
        })
    }
}

/// How far a motion turns about the vertical, radians.
fn yaw_rad(motion: &Pose) -> f64 {
    let x = motion.rotation * Vector3::x();
    x.y.atan2(x.x)
}

fn turned([x, y]: [f64; 2], (sin, cos): (f64, f64)) -> [f64; 2] {
    [x * cos - y * sin, x * sin + y * cos]
}

/// How far a wall was seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct WallExtent {
    pub from: f64,
    pub to: f64,
    pub low_m: f64,
    pub high_m: f64,
    pub axis: [f64; 2],
}
