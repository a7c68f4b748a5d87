//! Means that a few wrong samples do not move, and how sure they are.

/// Cells across and down that a picture is cut into: as large as what networks get wrong together.
const CELLS: [usize; 2] = [3, 2];

/// Huber's bound: samples farther than so many standard deviations count less.
const HUBER: f64 = 1.345;

const ROUNDS: usize = 20;

/// A sample and its standard deviation.
pub(super) type Sample = (f64, f64);

/// A mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Mean {
    pub value: f64,
    /// Its standard deviation, wide enough for few samples: 1.645 of it hold nine in ten.
    pub sigma: f64,
    pub count: usize,
}

/// The mean of samples that err independently: by the spread that they show, and never surer than they themselves say.
pub(super) fn mean_of(samples: &[Sample]) -> Option<Mean> {
    let mut value = median(samples.iter().map(|(x, _)| *x).collect())?;
    let own = median(samples.iter().map(|(_, sigma)| sigma * sigma).collect())?;
    let spread = 1.4826 * median(samples.iter().map(|(x, _)| (x - value).abs()).collect())?;
    let beyond = (spread * spread - own).max(0.0);
    // One that says it is much surer than the others may be so by chance: it counts as much as the middle one.
    let variance = |sigma: f64| ((sigma * sigma).max(own) + beyond).max(1e-18);
    let weight = |x: f64, sigma: f64, value: f64| {
        let off = (x - value).abs() / variance(sigma).sqrt();
        (HUBER / off.max(HUBER)) / variance(sigma)
    };
    let mut total = 0.0;
    for _ in 0..ROUNDS {
        let sums = samples.iter().fold((0.0, 0.0), |(sum, total), &(x, sigma)| {
            let w = weight(x, sigma, value);
            (sum + w * x, total + w)
        });
        (value, total) = (sums.0 / sums.1, sums.1);
    }
    let count = samples.len();
    // What the samples say of themselves is known; what they show beyond is told from a few of them.
    let unsure = ((own + beyond * few(count).powi(2)) / (own + beyond).max(1e-18)).sqrt().max(1.0);
    let told = total.sqrt().recip() * unsure;
    let squares: f64 = samples.iter().map(|&(x, sigma)| (weight(x, sigma, value) * (x - value)).powi(2)).sum();
    let shown = (squares * count as f64 / (count as f64 - 1.0).max(1.0)).sqrt() / total;
    Some(Mean { value, sigma: told.max(shown), count })
}

/// How much wider the interval of a mean of so many samples is whose spread had to be told from themselves: Student's t over
/// the normal, both of nine in ten. Of a median of deviations half the samples count.
fn few(count: usize) -> f64 {
    let freedom = (0.5 * (count as f64 - 1.0)).max(1.0);
    1.0 + 0.95 / freedom + 1.9 / freedom.powi(3)
}

/// The median of the samples in each cell of a picture: (column, row, sample).
pub(super) fn of_cells(samples: &[(f64, f64, Sample)], [width, height]: [f64; 2]) -> Vec<Sample> {
    let mut cells = vec![Vec::new(); CELLS[0] * CELLS[1]];
    for &(u, v, sample) in samples {
        let at =
            |x: f64, side: f64, cells: usize| ((x + 0.5) / side * cells as f64).clamp(0.0, cells as f64 - 1.0) as usize;
        cells[at(v, height, CELLS[1]) * CELLS[0] + at(u, width, CELLS[0])].push(sample);
    }
    let most = cells.iter().map(Vec::len).max().unwrap_or(0);
    // A cell of which the samples are few is their noise.
    let told = cells.into_iter().filter(|cell| !cell.is_empty() && 4 * cell.len() >= most.min(16));
    told.filter_map(|cell| {
        let sigma = median(cell.iter().map(|(_, sigma)| *sigma).collect())? / (cell.len() as f64).sqrt();
        Some((median(cell.into_iter().map(|(x, _)| x).collect())?, sigma))
    })
    .collect()
}

/// The middle one, the mean of two where there are as many on either side.
pub(crate) fn median(mut values: Vec<f64>) -> Option<f64> {
    let middle = values.len() / 2;
    if values.is_empty() {
        return None;
    }
    values.sort_unstable_by(f64::total_cmp);
    Some(if values.len() % 2 == 1 { values[middle] } else { 0.5 * (values[middle - 1] + values[middle]) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fifth_of_wild_samples_moves_the_mean_little() {
        let tame = (0..80).map(|k| (1.0 + 0.01 * (f64::from(k % 9) - 4.0), 0.0));
        let wild = (0..20).map(|k| (3.0 + f64::from(k), 0.0));
        let mean = mean_of(&tame.chain(wild).collect::<Vec<_>>()).expect("samples");
        assert!((mean.value - 1.0).abs() < 0.02 && mean.sigma < 0.01, "{mean:?}");
    }

    #[test]
    fn no_mean_is_surer_than_its_samples_say() {
        let mean = mean_of(&[(0.5, 0.1); 4]).expect("samples");
        assert!((mean.sigma - 0.05).abs() < 1e-9, "{mean:?}");
        assert!(mean_of(&[]).is_none());
    }

    #[test]
    fn a_picture_counts_by_its_cells() {
        let samples: Vec<_> =
            (0..1200).map(|k| (f64::from(k % 40), f64::from(k / 40), (f64::from(k % 40), 0.1))).collect();
        let cells = of_cells(&samples, [40.0, 30.0]);
        assert_eq!(cells.len(), 6);
        assert!((cells[0].0 - 6.0).abs() < 1.0 && cells[0].1 < 0.01, "{:?}", cells[0]);
    }
}
