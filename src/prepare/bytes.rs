//! The resize of 8-bit colours, a row of the target at a time.
//!
//! Rows of the source go through the pass along rows once, in the order in which the target asks for them, and are kept
//! in a ring as long as it does; so what is between the passes stays in the processor's caches.

use super::across::{Kept, float_row, padded};
use super::down;
use super::isa::{Across, Isa};
use super::plan::{Column, Plan};
use super::rgb::{Rgb, filled};
use super::taps::Taps;
use crate::error::Result;
use std::ops::Range;

/// A row of the target: red, green and blue, each `plane` values long, of which the first are the row's.
pub(super) struct Line<'a, T> {
    pub(super) values: &'a [T],
    pub(super) plane: usize,
}

/// Rows that the source is taken through at once.
pub(super) const AT_ONCE: usize = 4;

/// The 8-bit resize of `picture` by `plan`, which was made for these columns and rows of a target `full_width` wide: gives
/// `emit` one row after another, counted from 0.
pub(super) fn resize(
    picture: &Rgb,
    plan: &Plan,
    (wanted_columns, wanted_rows): (Range<usize>, Range<usize>),
    full_width: usize,
    isa: Isa,
    mut emit: impl FnMut(usize, Line<'_, u8>),
) -> Result<()> {
    let (first_column, width) = (wanted_columns.start, wanted_columns.len());
    let plane = padded(width);
    let mut out = filled(3 * plane, 0u8)?;
    match plan {
        Plan::Bytes { across, down: column, down_bits, down_first } => {
            let across = Across::new(across, isa);
            if *down_first {
                return down_then_across(picture, (column, *down_bits), &across, plane, isa, emit);
            }
            stream(
                picture,
                column,
                (plane, across.row_bytes()),
                |rows, kept| across.rows(rows, kept),
                |at, rows, weights| {
                    isa.bytes(rows, weights, *down_bits, &mut out);
                    emit(at, Line { values: &out, plane });
                },
            )
        }
        Plan::Linear { across, down: column } => {
            let across = Across::new(across, isa);
            stream(
                picture,
                column,
                (plane, across.row_bytes()),
                |rows, kept| across.rows(rows, kept),
                |at, rows: &[&[i32]], weights| {
                    isa.linear([rows[0], rows[1]], [weights[0], weights[1]], &mut out);
                    emit(at, Line { values: &out, plane });
                },
            )
        }
        Plan::Cubic { across, down: column, down_whole } => {
            let across = Across::new(across, isa);
            // OpenCV's vectors are of 8 bytes; what is left of a row it computes in whole numbers.
            let left = 3 * full_width / 8 * 8..3 * (first_column + width);
            stream(
                picture,
                column,
                (plane, across.row_bytes()),
                |rows, kept| across.rows(rows, kept),
                |at, rows: &[&[f32]], weights| {
                    let rows: [&[f32]; 4] = std::array::from_fn(|k| rows[k]);
                    isa.cubic(rows, std::array::from_fn(|k| weights[k]), &mut out);
                    let (_, whole) = down_whole.target(at);
                    for byte in left.clone().filter(|byte| byte / 3 >= first_column) {
                        let place = byte % 3 * plane + byte / 3 - first_column;
                        out[place] = down::cubic_whole(rows.map(|row| row[place]), std::array::from_fn(|k| whole[k]));
                    }
                    emit(at, Line { values: &out, plane });
                },
            )
        }
        Plan::Area { across, down: column } => {
            let mut sums = filled(3 * plane, 0f32)?;
            let rows = |rows: &[&[u8]], kept: &mut [&mut [f32]]| float_rows(rows, across, kept);
            stream(picture, column, (plane, 0), rows, |at, rows, weights| {
                isa.floats(rows, weights, &mut sums);
                out.iter_mut().zip(&sums).for_each(|(out, sum)| *out = down::byte(*sum));
                emit(at, Line { values: &out, plane });
            })
        }
        Plan::Blocks { columns, rows } => {
            for (at, row) in wanted_rows.enumerate() {
                blocks(picture, (*columns, *rows), (first_column, row), width, &mut out);
                emit(at, Line { values: &out, plane });
            }
            Ok(())
        }
        Plan::Floats { .. } => Ok(()),
    }
}

/// The resize by floats of a plan that is one; colours count 0 to 255 and are not cut off there.
pub(super) fn resize_floats(
    picture: &Rgb,
    plan: &Plan,
    width: usize,
    isa: Isa,
    mut emit: impl FnMut(usize, Line<'_, f32>),
) -> Result<()> {
    let Plan::Floats { across, down: column } = plan else { return Ok(()) };
    let plane = padded(width);
    let mut out = filled(3 * plane, 0f32)?;
    let across = Across::new(across, isa);
    stream(
        picture,
        column,
        (plane, across.row_bytes()),
        |rows, kept| across.rows(rows, kept),
        |at, rows, weights| {
            isa.floats(rows, weights, &mut out);
            emit(at, Line { values: &out, plane });
        },
    )
}

/// The two passes of bytes in the other order: columns do not care how their rows are laid out.
fn down_then_across(
    picture: &Rgb,
    (column, bits): (&Column<i32>, u32),
    across: &Across<'_>,
    plane: usize,
    isa: Isa,
    mut emit: impl FnMut(usize, Line<'_, u8>),
) -> Result<()> {
    let pixels = 3 * picture.width;
    let with_spare = across.row_bytes().max(pixels);
    let mut sources = filled(AT_ONCE * with_spare, 0u8)?;
    let mut out = filled(AT_ONCE * 3 * plane, 0u8)?;
    for begin in (0..column.targets()).step_by(AT_ONCE) {
        let targets = begin..(begin + AT_ONCE).min(column.targets());
        for (source, at) in sources.chunks_exact_mut(with_spare).zip(targets.clone()) {
            let (places, weights) = column.target(at);
            let row = |place: &usize| &picture.data[column.needed[*place] * pixels..][..pixels];
            let rows: Vec<&[u8]> = places.iter().map(row).collect();
            isa.bytes(&rows, weights, bits, &mut source[..pixels]);
        }
        let rows: Vec<&[u8]> = sources.chunks_exact(with_spare).take(targets.len()).collect();
        let mut lines: Vec<&mut [u8]> = out.chunks_exact_mut(3 * plane).take(targets.len()).collect();
        across.rows(&rows, &mut lines);
        targets.zip(&lines).for_each(|(at, line)| emit(at, Line { values: line, plane }));
    }
    Ok(())
}

fn float_rows(rows: &[&[u8]], taps: &Taps<f32>, kept: &mut [&mut [f32]]) {
    rows.iter().zip(kept).for_each(|(row, kept)| float_row(row, taps, kept));
}

/// Takes the rows that `column` needs through `across`, and hands each target row its rows and weights.
fn stream<T: Kept, W: Copy + Default>(
    picture: &Rgb,
    column: &Column<W>,
    (plane, spare): (usize, usize),
    across: impl Fn(&[&[u8]], &mut [&mut [T]]),
    mut target: impl FnMut(usize, &[&[T]], &[W]),
) -> Result<()> {
    // Rows come AT_ONCE at a time and lie together: the ring is whole times as long.
    let capacity = (column.reach() + AT_ONCE - 1).next_multiple_of(AT_ONCE);
    let line = 3 * plane;
    let mut ring = filled(line * capacity, T::zeroed())?;
    let (pixels, with_spare) = (3 * picture.width, spare.max(3 * picture.width));
    let mut copies = filled(AT_ONCE * with_spare, 0u8)?;
    let mut made = 0;
    for at in 0..column.targets() {
        let (places, weights) = column.target(at);
        while places.iter().max().is_some_and(|last| *last >= made) {
            let rows = &column.needed[made..(made + AT_ONCE).min(column.needed.len())];
            // What lies behind a row counts nothing, so a row is copied only where nothing lies there.
            let in_place = |row: usize| picture.data.get(row * pixels..row * pixels + with_spare);
            for (copy, row) in copies.chunks_exact_mut(with_spare).zip(rows) {
                if in_place(*row).is_none() {
                    copy[..pixels].copy_from_slice(&picture.data[row * pixels..][..pixels]);
                }
            }
            let copies = copies.chunks_exact(with_spare);
            let sources: Vec<&[u8]> =
                rows.iter().zip(copies).map(|(row, copy)| in_place(*row).unwrap_or(copy)).collect();
            let mut kept: Vec<&mut [T]> =
                ring[made % capacity * line..].chunks_exact_mut(line).take(rows.len()).collect();
            across(&sources, &mut kept);
            made += rows.len();
        }
        let rows: Vec<&[T]> = places.iter().map(|place| &ring[place % capacity * line..][..line]).collect();
        target(at, &rows, weights);
    }
    Ok(())
}

/// A row of the target as means of whole blocks of the source.
fn blocks(picture: &Rgb, (columns, rows): (usize, usize), (first, at): (usize, usize), width: usize, out: &mut [u8]) {
    let plane = padded(width);
    let scale = 1.0 / (columns * rows) as f32;
    for u in 0..width {
        let mut sums = [0u32; 3];
        for row in at * rows..(at + 1) * rows {
            let from = 3 * (row * picture.width + (first + u) * columns);
            for pixel in picture.data[from..from + 3 * columns].as_chunks::<3>().0 {
                sums.iter_mut().zip(pixel).for_each(|(sum, byte)| *sum += u32::from(*byte));
            }
        }
        for (channel, sum) in sums.into_iter().enumerate() {
            // Of four OpenCV has a rule of its own, which differs at the half.
            let four = (columns, rows) == (2, 2);
            out[channel * plane + u] = if four { ((sum + 2) >> 2) as u8 } else { down::byte(sum as f32 * scale) };
        }
    }
}
