//! Resizing: 8-bit colours, and planes of floats.

use super::bytes;
use super::filter::Filter;
use super::isa::Isa;
use super::plan::{Plan, float_taps};
use super::rgb::{Rgb, check_size, filled};
use super::taps::Taps;
use crate::error::{Error, Result};

/// Resizes 8-bit colours, in the library's own 8-bit arithmetic.
///
/// Refuses a target of no pixels or with a side beyond 16,384, and a picture whose bytes are not its size.
pub fn resize_rgb(picture: &Rgb, width: usize, height: usize, filter: Filter) -> Result<Rgb> {
    resize_rgb_with(picture, width, height, filter, Isa::best())
}

fn resize_rgb_with(picture: &Rgb, width: usize, height: usize, filter: Filter, isa: Isa) -> Result<Rgb> {
    picture.check()?;
    check_size("target", (width, height))?;
    let mut data = filled(3 * width * height, 0)?;
    let plan = Plan::new(filter, picture.size(), (width, height), (0..width, 0..height), false);
    bytes::resize(picture, &plan, (0..width, 0..height), width, isa, |at, line| {
        let planes = std::array::from_fn(|channel| &line.values[channel * line.plane..][..width]);
        isa.interleave(planes, &mut data[at * 3 * width..][..3 * width]);
    })?;
    Rgb::new(width, height, data)
}

/// Resizes planes of floats, one after another as in a tensor of C × H × W; sizes are (width, height).
///
/// Refuses sizes of none or with a side beyond 16,384, and any number of values but channels × width × height.
pub fn resize_f32(
    planes: &[f32],
    channels: usize,
    from: (usize, usize),
    to: (usize, usize),
    filter: Filter,
) -> Result<Vec<f32>> {
    check_size("planes", from)?;
    check_size("target", to)?;
    if channels.checked_mul(from.0 * from.1) != Some(planes.len()) {
        return Err(Error::argument(format!(
            "{} values for {channels} planes of {}x{} pixels, expected as many as there are pixels",
            planes.len(),
            from.0,
            from.1
        )));
    }
    let isa = Isa::best();
    let (across, down) = float_taps(filter, from, to);
    let (across, down) = (across.map(|w| w as f32), down.map(|w| w as f32));
    let mut out = filled(channels * to.0 * to.1, 0.0)?;
    let mut narrowed = filled(to.0 * from.1, 0.0)?;
    for (plane, out) in planes.chunks_exact(from.0 * from.1).zip(out.chunks_exact_mut(to.0 * to.1)) {
        for (row, narrowed) in plane.chunks_exact(from.0).zip(narrowed.chunks_exact_mut(to.0)) {
            along(row, &across, narrowed);
        }
        for (at, row) in out.chunks_exact_mut(to.0).enumerate() {
            let (first, weights) = down.of(at);
            let rows: Vec<&[f32]> = narrowed[first * to.0..].chunks_exact(to.0).take(weights.len()).collect();
            isa.floats(&rows, weights, row);
        }
    }
    Ok(out)
}

fn along(row: &[f32], taps: &Taps<f32>, out: &mut [f32]) {
    match taps.room {
        2 => along_few::<2>(row, taps, out),
        4 => along_few::<4>(row, taps, out),
        _ => out.iter_mut().enumerate().for_each(|(at, value)| *value = one(row, taps, at)),
    }
}

fn one(row: &[f32], taps: &Taps<f32>, at: usize) -> f32 {
    let (first, weights) = taps.of(at);
    row[first..].iter().zip(weights).map(|(value, weight)| value * weight).sum()
}

/// Without a loop over taps wherever all `N` lie in the row.
fn along_few<const N: usize>(row: &[f32], taps: &Taps<f32>, out: &mut [f32]) {
    for (at, value) in out.iter_mut().enumerate() {
        let (first, weights) = taps.fixed::<N>(at);
        *value = match (row[first..].first_chunk::<N>(), weights) {
            (Some(values), Some(weights)) => (0..N).map(|k| values[k] * weights[k]).sum(),
            _ => one(row, taps, at),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prepare::{Corners, OpenCvFilter, PillowFilter};
    use proptest::prelude::*;

    fn every_filter() -> Vec<Filter> {
        let torch = [Corners::Aligned, Corners::HalfPixel].into_iter().flat_map(|corners| {
            let kinds = [(false, false), (false, true), (true, false), (true, true)];
            kinds.map(|(cubic, antialias)| Filter::Torch { corners, cubic, antialias })
        });
        let pillow = [PillowFilter::Box, PillowFilter::Bilinear, PillowFilter::Bicubic, PillowFilter::Lanczos];
        let opencv = [OpenCvFilter::Linear, OpenCvFilter::Cubic, OpenCvFilter::Area];
        torch.chain(pillow.map(Filter::Pillow)).chain(opencv.map(Filter::OpenCv)).collect()
    }

    fn picture(width: usize, height: usize) -> Rgb {
        // Products of odd numbers, so that neighbours differ much.
        let data = (0..3 * width * height).map(|at| (at.wrapping_mul(2_654_435_761) >> 11) as u8).collect();
        Rgb::new(width, height, data).expect("a picture")
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn every_instruction_set_makes_the_same_bytes(
            from in (1usize..90, 1usize..60), to in (1usize..90, 1usize..60),
        ) {
            let picture = picture(from.0, from.1);
            for filter in every_filter() {
                let plain = resize_rgb_with(&picture, to.0, to.1, filter, Isa::Plain).expect("a resize");
                let best = resize_rgb_with(&picture, to.0, to.1, filter, Isa::best()).expect("a resize");
                prop_assert_eq!(&plain.data, &best.data, "{:?}", filter);
            }
        }
    }

    #[test]
    fn one_colour_stays_itself() {
        let grey = Rgb::new(37, 23, [9, 130, 255].repeat(37 * 23)).expect("a picture");
        for filter in every_filter() {
            for (width, height) in [(5, 80), (91, 3), (37, 23), (1, 1)] {
                let out = resize_rgb(&grey, width, height, filter).expect("a resize");
                assert!(out.data.as_chunks::<3>().0.iter().all(|p| *p == [9, 130, 255]), "{filter:?} {width}x{height}");
            }
        }
    }

    #[test]
    fn the_same_size_is_the_same_picture() {
        let picture = picture(33, 17);
        for filter in every_filter() {
            assert_eq!(resize_rgb(&picture, 33, 17, filter).expect("a resize"), picture, "{filter:?}");
        }
    }

    #[test]
    fn the_longest_sides_do_not_overflow() {
        let (wide, tall) = (picture(16_384, 1), picture(1, 16_384));
        for filter in every_filter() {
            for (picture, to) in [(&wide, (1, 2)), (&tall, (2, 1)), (&wide, (3, 40)), (&tall, (40, 3))] {
                assert_eq!(resize_rgb(picture, to.0, to.1, filter).expect("a resize").size(), to, "{filter:?}");
            }
            let row = vec![1.0; 16_384];
            let mean = resize_f32(&row, 1, (16_384, 1), (1, 1), filter).expect("a resize");
            assert!((mean[0] - 1.0).abs() < 1e-4, "{filter:?}: {}", mean[0]);
        }
    }

    #[test]
    fn hostile_sizes_are_refused() {
        let (picture, filter) = (picture(4, 4), Filter::OpenCv(OpenCvFilter::Linear));
        for (width, height) in [(0, 4), (4, 0), (16_385, 4), (usize::MAX, 2), (usize::MAX, usize::MAX)] {
            assert!(resize_rgb(&picture, width, height, filter).is_err());
            assert!(resize_f32(&[0.0; 16], 1, (4, 4), (width, height), filter).is_err());
            assert!(resize_f32(&[0.0; 16], 1, (width, height), (4, 4), filter).is_err());
        }
        assert!(resize_rgb(&Rgb { width: 5, ..picture }, 2, 2, filter).is_err());
        assert!(resize_f32(&[0.0; 16], 2, (4, 4), (2, 2), filter).is_err());
        assert!(resize_f32(&[0.0; 16], usize::MAX, (4, 4), (2, 2), filter).is_err());
        let none = resize_f32(&[], 0, (4, 4), (2, 2), filter).expect("nothing of nothing");
        assert!(none.is_empty());
    }
}
