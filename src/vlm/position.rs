//! Where each token stands, for the decoder's rotary embedding.
//!
//! Plain: one number each, counted from 0. With three rows (M-RoPE of Qwen2-VL) words have one number in all three; a
//! picture's tokens have the time of their frame and the row and column of their patch, all counted from where the picture
//! begins. What follows a picture goes on after it, and implementations differ in what that means ([`Advance`]).

use crate::error::{Error, Result};

/// Where words go on after a picture or a video.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advance {
    /// As many steps on as the longer side of the grid has tokens: transformers, from 5 on.
    LongerSide,
    /// One step after the largest position so far: transformers before 5, transformers.js, onnxruntime-genai. Of a
    /// picture the same; of a video not where its time outruns its sides.
    AfterLargest,
}

/// The tokens of a picture or video: where they begin, and their grid after patches are merged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Run {
    pub start: usize,
    /// Frames, rows, columns.
    pub grid: [usize; 3],
    /// Steps of time from one frame to the next.
    pub interval: f64,
}

impl Run {
    fn len(&self) -> usize {
        self.grid.iter().product()
    }
}

/// The positions of a prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Positions {
    /// One row or three, each as long as the prompt.
    pub rows: Vec<Vec<i64>>,
    /// What the first token after it has, in every row.
    pub next: i64,
}

/// The latest that a frame may be, in steps of position.
const FURTHEST: f64 = (1u64 << 31) as f64;

/// One row, counted from 0.
pub(super) fn plain(len: usize) -> Positions {
    Positions { rows: vec![(0..len as i64).collect()], next: len as i64 }
}

/// Three rows for a prompt of `len` tokens with pictures at `runs`, in order of where they begin.
pub(super) fn three(len: usize, runs: &[Run], advance: Advance) -> Result<Positions> {
    let mut rows: [Vec<i64>; 3] = std::array::from_fn(|_| Vec::with_capacity(len));
    let mut next = 0i64;
    let words = |rows: &mut [Vec<i64>; 3], next: &mut i64, until: usize| {
        while rows[0].len() < until {
            rows.iter_mut().for_each(|row| row.push(*next));
            *next += 1;
        }
    };
    for run in runs {
        if run.start < rows[0].len() || run.start + run.len() > len {
            return Err(Error::argument("the tokens of two pictures overlap, or reach beyond the prompt"));
        }
        if !(0.0..=FURTHEST / run.grid[0].max(1) as f64).contains(&run.interval) {
            return Err(Error::argument("the frames of a video are too far apart for positions"));
        }
        words(&mut rows, &mut next, run.start);
        let [frames, height, width] = run.grid;
        for frame in 0..frames {
            let time = next + (frame as f64 * run.interval) as i64;
            for row in 0..height as i64 {
                for column in 0..width as i64 {
                    rows[0].push(time);
                    rows[1].push(next + row);
                    rows[2].push(next + column);
                }
            }
        }
        next = match advance {
            Advance::LongerSide => next + height.max(width) as i64,
            Advance::AfterLargest => {
                let ends = rows.iter().flat_map(|row| row[run.start..].iter().copied());
                ends.max().map_or(next, |largest| largest + 1)
            }
        };
    }
    words(&mut rows, &mut next, len);
    // The first token generated stands after the largest position, whichever token has it.
    let largest = rows.iter().flat_map(|row| row.iter().copied()).max();
    Ok(Positions { rows: rows.into(), next: largest.map_or(0, |largest| largest + 1) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_of_8_by_12_patches_at_7_has_the_positions_that_transformers_gives() {
        let run = Run { start: 7, grid: [1, 4, 6], interval: 1.0 };
        for advance in [Advance::LongerSide, Advance::AfterLargest] {
            let positions = three(40, &[run], advance).expect("positions");
            assert_eq!(positions.rows[0][7..31], [7; 24]);
            assert_eq!((positions.rows[1][7], positions.rows[1][30]), (7, 10));
            assert_eq!((positions.rows[2][7], positions.rows[2][30]), (7, 12));
            assert_eq!(positions.rows.iter().map(|row| row[31]).collect::<Vec<_>>(), [13; 3]);
            assert_eq!(positions.next - 40, -18);
        }
    }

    #[test]
    fn a_video_whose_time_outruns_its_sides_shows_which_rule_it_is() {
        let run = Run { start: 1, grid: [3, 1, 2], interval: 2.5 };
        let longer = three(8, &[run], Advance::LongerSide).expect("positions");
        assert_eq!(longer.rows[0], [0, 1, 1, 3, 3, 6, 6, 3]);
        assert_eq!(longer.next, 7, "after the largest");
        let largest = three(8, &[run], Advance::AfterLargest).expect("positions");
        assert_eq!(largest.rows[0], [0, 1, 1, 3, 3, 6, 6, 7]);
    }

    #[test]
    fn pictures_that_overlap_or_reach_beyond_the_prompt_are_refused() {
        let run = |start| Run { start, grid: [1, 2, 2], interval: 1.0 };
        assert!(three(8, &[run(0), run(3)], Advance::LongerSide).is_err());
        assert!(three(8, &[run(5)], Advance::LongerSide).is_err());
        assert!(three(8, &[run(0), run(4)], Advance::LongerSide).is_ok());
    }
}
