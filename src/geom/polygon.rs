//! Polygons on the ground: hull, area, clipping, smallest rectangle. Points are [x, y] in metres, counter-clockwise.

/// Convex hull, counter-clockwise, without collinear points. Fewer than three distinct points come back as they are.
pub fn convex_hull(mut points: Vec<[f64; 2]>) -> Vec<[f64; 2]> {
    points.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
    points.dedup();
    if points.len() < 3 {
        return points;
    }
    let mut hull = Vec::with_capacity(points.len() + 1);
    add_chain(&mut hull, points.iter());
    add_chain(&mut hull, points.iter().rev());
    hull
}

/// [`convex_hull`] of a rectangle's corners, which come counter-clockwise.
///
/// PERF: they are in order but for which comes first, unless the rectangle is too thin for its numbers.
pub fn rectangle_hull(corners: [[f64; 2]; 4]) -> Vec<[f64; 2]> {
    let at = |k: usize| corners[k % 4];
    if (0..4).any(|k| turn(at(k), at(k + 1), at(k + 2)) <= 0.0) {
        return convex_hull(corners.to_vec());
    }
    let first = (1..4).fold(0, |first, k| if at(k) < at(first) { k } else { first });
    (first..first + 4).map(at).collect()
}

/// Adds what turns left alone of points in order, without the last.
fn add_chain<'a>(hull: &mut Vec<[f64; 2]>, points: impl Iterator<Item = &'a [f64; 2]>) {
    let first = hull.len();
    for &p in points {
        while hull.len() - first >= 2 && turn(hull[hull.len() - 2], hull[hull.len() - 1], p) <= 0.0 {
            hull.pop();
        }
        hull.push(p);
    }
    hull.pop();
}

/// Twice the signed area of the triangle abc: positive when it turns left.
fn turn(a: [f64; 2], b: [f64; 2], c: [f64; 2]) -> f64 {
    (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
}

/// Area, m²; positive for a counter-clockwise polygon.
pub fn area_m2(polygon: &[[f64; 2]]) -> f64 {
    let n = polygon.len();
    (0..n).map(|i| (polygon[i], polygon[(i + 1) % n])).map(|(p, q)| p[0] * q[1] - q[0] * p[1]).sum::<f64>() * 0.5
}

/// What of `subject` lies inside the convex, counter-clockwise `window`.
pub fn clip(subject: &[[f64; 2]], window: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let mut kept = subject.to_vec();
    for i in 0..window.len() {
        let (a, b) = (window[i], window[(i + 1) % window.len()]);
        let whole = std::mem::take(&mut kept);
        for j in 0..whole.len() {
            let (p, q) = (whole[j], whole[(j + 1) % whole.len()]);
            let (side_p, side_q) = (turn(a, b, p), turn(a, b, q));
            if side_p >= 0.0 {
                kept.push(p);
            }
            if side_p * side_q < 0.0 {
                let t = side_p / (side_p - side_q);
                kept.push([p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1])]);
            }
        }
    }
    kept
}

/// True when the point lies inside (even-odd rule); a point exactly on the border may be either.
pub fn contains(polygon: &[[f64; 2]], point: [f64; 2]) -> bool {
    let n = polygon.len();
    let crosses = |i: usize| {
        let (a, b) = (polygon[i], polygon[(i + 1) % n]);
        (a[1] > point[1]) != (b[1] > point[1]) && point[0] < (b[0] - a[0]) * (point[1] - a[1]) / (b[1] - a[1]) + a[0]
    };
    (0..n).filter(|&i| crosses(i)).count() % 2 == 1
}

/// The smallest rectangle round a convex polygon: centre, (length, width) with length ≥ width, and the yaw of the
/// length in [−π/2, π/2). `None` for fewer than three points.
pub fn smallest_rectangle(hull: &[[f64; 2]]) -> Option<([f64; 2], [f64; 2], f64)> {
    if hull.len() < 3 {
        return None;
    }
    let mut best: Option<(f64, [f64; 2], [f64; 2], f64)> = None;
    for i in 0..hull.len() {
        let (p, q) = (hull[i], hull[(i + 1) % hull.len()]);
        let yaw = (q[1] - p[1]).atan2(q[0] - p[0]);
        let (sin, cos) = yaw.sin_cos();
        let (mut low, mut high) = ([f64::MAX; 2], [f64::MIN; 2]);
        for r in hull {
            for (k, v) in [r[0] * cos + r[1] * sin, r[1] * cos - r[0] * sin].into_iter().enumerate() {
                low[k] = low[k].min(v);
                high[k] = high[k].max(v);
            }
        }
        let side = [high[0] - low[0], high[1] - low[1]];
        let mid = [(high[0] + low[0]) * 0.5, (high[1] + low[1]) * 0.5];
        let centre = [mid[0] * cos - mid[1] * sin, mid[0] * sin + mid[1] * cos];
        if best.is_none_or(|b| side[0] * side[1] < b.0) {
            best = Some((side[0] * side[1], centre, side, yaw));
        }
    }
    best.map(|(_, centre, side, yaw)| {
        let (side, yaw) =
            if side[0] >= side[1] { (side, yaw) } else { ([side[1], side[0]], yaw + std::f64::consts::FRAC_PI_2) };
        (centre, side, super::wrap_half_turn(yaw))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hull_of_a_square_with_inner_points_is_the_square() {
        let hull = convex_hull(vec![[0.0, 0.0], [1.0, 0.0], [0.5, 0.5], [1.0, 1.0], [0.0, 1.0], [0.5, 0.0]]);
        assert_eq!(hull.len(), 4);
        assert!((area_m2(&hull) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn the_hull_of_fewer_than_three_places_is_those() {
        let (p, q) = ([0.0, 1.0], [0.5, -1.0]);
        assert_eq!(convex_hull(vec![p]), [p]);
        assert_eq!(convex_hull(vec![p, p, p]), [p]);
        assert_eq!(convex_hull(vec![q, p, q, p]), [p, q]);
        assert!(convex_hull(vec![]).is_empty());
    }

    #[test]
    fn the_hull_of_a_rectangle_is_that_of_its_corners() {
        for turn in 0..24 {
            let (sin, cos) = (f64::from(turn) * std::f64::consts::PI / 12.0).sin_cos();
            for (length, width) in [(1.0, 0.4), (1e-9, 3.0), (1e-300, 1.0)] {
                let corners = [[-length, -width], [length, -width], [length, width], [-length, width]]
                    .map(|[x, y]: [f64; 2]| [3.0 + x * cos - y * sin, x * sin + y * cos]);
                assert_eq!(rectangle_hull(corners), convex_hull(corners.to_vec()), "{turn} {length}");
            }
        }
    }

    #[test]
    fn clipping_keeps_the_common_part() {
        let square = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]];
        let shifted = square.map(|p| [p[0] + 0.5, p[1] + 0.25]);
        assert!((area_m2(&clip(&square, &shifted)) - 0.375).abs() < 1e-12);
        assert!(contains(&square, [0.3, 0.9]) && !contains(&square, [1.3, 0.9]));
    }

    #[test]
    fn the_smallest_rectangle_of_a_turned_rectangle_is_itself() {
        let (sin, cos) = 0.6f64.sin_cos();
        let turned = [[-1.0, -0.5], [1.0, -0.5], [1.0, 0.5], [-1.0, 0.5]]
            .map(|[x, y]: [f64; 2]| [x * cos - y * sin, x * sin + y * cos]);
        let (centre, side, yaw) = smallest_rectangle(&convex_hull(turned.to_vec())).expect("four points");
        assert!(centre[0].abs() < 1e-12 && (side[0] - 2.0).abs() < 1e-12 && (side[1] - 1.0).abs() < 1e-12);
        assert!((yaw - 0.6).abs() < 1e-12);
    }
}
