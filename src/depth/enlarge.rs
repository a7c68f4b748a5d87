//! A small depth map at the size of the picture, without depth between a thing and what is behind it.
//!
//! Bilinear resizing makes of a step a slope, and a slope in depth is a sheet of points in the air. Here a pixel takes its
//! surface from the nearest of the map's four pixels round it, and mixes in those of the other three that are at about the
//! same depth. What is mixed is inverse depth, because that is what runs straight across the image on a plane.

use super::size::Size;

/// Depths that differ by more than this factor are two surfaces.
const ONE_SURFACE: f32 = 1.06;

/// The map `values` of size `from` at size `to`, pixel centres half a pixel off the edges as torch has them. Depths above 0;
/// what is none stays none.
pub(super) fn enlarged(values: &[f32], from: Size, to: Size) -> Vec<f32> {
    let columns = steps(from.0, to.0);
    let rows = steps(from.1, to.1);
    let mut large = Vec::with_capacity(to.0 * to.1);
    for row in &rows {
        for column in &columns {
            large.push(mixed(values, from.0, column, row));
        }
    }
    large
}

/// Two neighbours of the small map and the share of the second.
struct Step {
    pair: [usize; 2],
    share: f32,
}

fn steps(small: usize, large: usize) -> Vec<Step> {
    let scale = small as f64 / large as f64;
    (0..large)
        .map(|at| {
            let place = ((at as f64 + 0.5) * scale - 0.5).clamp(0.0, (small - 1) as f64);
            let first = place as usize;
            Step { pair: [first, (first + 1).min(small - 1)], share: (place - first as f64) as f32 }
        })
        .collect()
}

fn mixed(values: &[f32], width: usize, column: &Step, row: &Step) -> f32 {
    let at = |v: usize, u: usize| values[row.pair[v] * width + column.pair[u]];
    let nearest = at(usize::from(row.share > 0.5), usize::from(column.share > 0.5));
    let (mut sum, mut weights) = (0.0, 0.0);
    for (v, along_v) in [1.0 - row.share, row.share].into_iter().enumerate() {
        for (u, along_u) in [1.0 - column.share, column.share].into_iter().enumerate() {
            let z = at(v, u);
            if z < nearest * ONE_SURFACE && z * ONE_SURFACE > nearest {
                sum += along_v * along_u / z;
                weights += along_v * along_u;
            }
        }
    }
    if weights > 0.0 { weights / sum } else { nearest }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_stays_a_step_and_a_plane_stays_a_plane() {
        let large = enlarged(&[1.0, 1.0, 2.0, 2.0], (4, 1), (16, 1));
        assert_eq!(large, [[1.0; 8], [2.0; 8]].concat());
        // A plane seen at a slant: inverse depth is straight.
        let plane: Vec<f32> = (0..8).map(|u| 1.0 / (0.5 + 0.002 * u as f32)).collect();
        for (at, z) in
            enlarged(&plane, (8, 1), (32, 2)).iter().enumerate().filter(|(at, _)| (2..30).contains(&(at % 32)))
        {
            let u = ((at % 32) as f32 + 0.5) / 4.0 - 0.5;
            assert!((1.0 / z - (0.5 + 0.002 * u)).abs() < 1e-6, "{at}: {z}");
        }
    }

    #[test]
    fn a_map_of_its_own_size_stays_and_none_stays_none() {
        let values = [1.0, 0.0, 3.0, f32::NAN, 1.5, 9.0];
        let same = enlarged(&values, (3, 2), (3, 2));
        assert!(same.iter().zip(values).all(|(a, b)| a == &b || (a.is_nan() && b.is_nan())), "{same:?}");
    }
}
