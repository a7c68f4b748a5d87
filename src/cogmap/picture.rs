//! The observer's map as a picture: in letters for a terminal, as SVG, as PNG.
//!
//! Ahead is up and right is right in all of them; the observer is the arrow on the middle corner.

use super::direction::bearing_deg;
use super::drawing::{Colour, Drawing, INK, PALE, colour_of};
use super::grid::{GRID_MIDDLE, GRID_SIDE, cell_of, local_of};
use super::observer::{CellState, LocalCogMap};
use crate::error::{Error, Result};
use crate::geom::polygon::clip;
use image::RgbImage;
use std::fmt::Write;

/// Pixels per cell.
const CELL_PX: f64 = 64.0;

/// Pixels round the grid, for what lies beyond.
const MARGIN_PX: f64 = 120.0;

/// Letters that stand for things in the terminal's picture.
const LETTERS: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// Stands for every thing after the letters have run out.
const MANY: char = '*';

impl LocalCogMap {
    /// The map for a terminal: ten rows of cells, `?` unknown, `.` free, `#` occupied, a letter where a thing's centre
    /// is, `^` the observer; then what the letters stand for and what lies beyond. Names are escaped where they would
    /// move the cursor.
    pub fn to_ascii(&self) -> String {
        let heading_deg = self.frame.heading_rad().to_degrees() + 0.0;
        let [x, y] = self.frame.origin();
        let mut out = format!(
            "{:.2} m per cell; at x {x:.2} m, y {y:.2} m, facing {heading_deg:.0} deg (0 is world +x, 90 is +y)\n",
            self.cell_m
        );
        let signs = self.signs();
        let rule = |middle: char| format!("     +{dash}{middle}{dash}+\n", dash = "-".repeat(GRID_SIDE + 1));
        out.push_str("               ahead\n");
        out.push_str(&rule('-'));
        for (row, line) in signs.iter().enumerate() {
            if row * 2 == GRID_SIDE {
                out.push_str(&rule('^'));
            }
            let _ = write!(out, "  {:2} |", GRID_SIDE - 1 - row);
            for (i, sign) in line.iter().enumerate() {
                out.push_str(if i * 2 == GRID_SIDE { "   " } else { " " });
                out.push(*sign);
            }
            out.push_str(" |\n");
        }
        out.push_str(&rule('-'));
        out.push_str("       0 1 2 3 4   5 6 7 8 9\n");
        self.write_legend(&mut out);
        out
    }

    /// Signs of the cells from the top row on, with letters where things are.
    fn signs(&self) -> Vec<Vec<char>> {
        let mut signs: Vec<Vec<char>> = self.rows().iter().map(|row| row.chars().collect()).collect();
        for (object, letter) in self.objects.iter().zip(letters()) {
            if let Some([i, j]) = cell_of(object.grid) {
                let sign = &mut signs[GRID_SIDE - 1 - j][i];
                // The first thing in a cell keeps it.
                *sign = if sign.is_ascii_punctuation() && *sign != MANY { letter } else { *sign };
            }
        }
        signs
    }

    fn write_legend(&self, out: &mut String) {
        for (object, letter) in self.objects.iter().zip(letters()) {
            let local_m = local_of(object.grid, self.cell_m);
            let _ = writeln!(
                out,
                "  {letter}  {}  at {:.1}, {:.1}  ({:.1} m, {})",
                shown(&object.thing.name),
                object.grid[0],
                object.grid[1],
                local_m[0].hypot(local_m[1]),
                bearing_words(bearing_deg(local_m))
            );
        }
        for far in &self.beyond {
            let _ = writeln!(
                out,
                "  >  {}  beyond  ({:.1} m, {})",
                shown(&far.thing.name),
                far.distance_m,
                bearing_words(far.bearing_deg)
            );
        }
    }

    /// The map as an SVG document: cells by state, footprints to scale with their names, the observer facing up.
    pub fn to_svg(&self) -> String {
        self.drawing().svg()
    }

    /// The same picture as pixels.
    pub fn to_pixels(&self) -> RgbImage {
        self.drawing().pixels()
    }

    /// The same picture as the bytes of a PNG file.
    pub fn to_png(&self) -> Result<Vec<u8>> {
        let mut file = std::io::Cursor::new(Vec::new());
        self.to_pixels()
            .write_to(&mut file, image::ImageFormat::Png)
            .map_err(|error| Error::io(format!("the map's picture could not be written: {error}")))?;
        Ok(file.into_inner())
    }

    fn drawing(&self) -> Drawing {
        let side = (GRID_SIDE as f64 * CELL_PX + 2.0 * MARGIN_PX) as u32;
        let mut sheet = Drawing::new(side, side);
        for j in 0..GRID_SIDE {
            for i in 0..GRID_SIDE {
                let (x, y) = (i as f64, j as f64);
                let corners = [[x, y], [x + 1.0, y], [x + 1.0, y + 1.0], [x, y + 1.0]];
                sheet.area(corners.map(on_sheet).to_vec(), state_colour(self.cells[j * GRID_SIDE + i].state));
            }
        }
        for k in 0..=GRID_SIDE {
            let (k, far, width) = (k as f64, GRID_SIDE as f64, if 2 * k == GRID_SIDE { 2.0 } else { 1.0 });
            sheet.line([[k, 0.0], [k, far]].map(on_sheet).to_vec(), width, PALE);
            sheet.line([[0.0, k], [far, k]].map(on_sheet).to_vec(), width, PALE);
        }
        self.draw_footprints(&mut sheet);
        draw_observer(&mut sheet);
        self.draw_names(&mut sheet);
        sheet
    }

    fn draw_footprints(&self, sheet: &mut Drawing) {
        let inside = self.objects.iter().map(|object| (object.thing.id, &object.footprint));
        let reaching_in = self.beyond.iter().map(|far| (far.thing.id, &far.footprint));
        let far = GRID_SIDE as f64;
        let window = [[0.0, 0.0], [far, 0.0], [far, far], [0.0, far]];
        for (id, footprint) in inside.chain(reaching_in) {
            let seen: Vec<_> = clip(footprint, &window).into_iter().map(on_sheet).collect();
            if seen.len() >= 3 {
                sheet.outlined(seen, colour_of(id.0, 120), 2.0, colour_of(id.0, 255));
            }
        }
    }

    fn draw_names(&self, sheet: &mut Drawing) {
        let side = GRID_SIDE as f64 * CELL_PX + 2.0 * MARGIN_PX;
        sheet.name([side * 0.5, side - 14.0], &format!("{:.2} m per cell", self.cell_m), INK);
        for object in &self.objects {
            sheet.name(on_sheet(object.grid), &object.thing.name, INK);
        }
        for far in &self.beyond {
            let (sin, cos) = far.bearing_deg.to_radians().sin_cos();
            let to_border = GRID_MIDDLE / sin.abs().max(cos.abs());
            let at = |reach: f64, aside: f64| {
                on_sheet([GRID_MIDDLE + sin * reach + cos * aside, GRID_MIDDLE + cos * reach - sin * aside])
            };
            let arrow = vec![at(to_border + 0.35, 0.0), at(to_border + 0.08, 0.13), at(to_border + 0.08, -0.13)];
            sheet.area(arrow, colour_of(far.thing.id.0, 255));
            sheet.name(at(to_border + 0.8, 0.0), &format!("{} {:.1} m", far.thing.name, far.distance_m), INK);
        }
    }
}

fn letters() -> impl Iterator<Item = char> {
    LETTERS.chars().chain(std::iter::repeat(MANY))
}

fn on_sheet([x, y]: [f64; 2]) -> [f64; 2] {
    [MARGIN_PX + x * CELL_PX, MARGIN_PX + (GRID_SIDE as f64 - y) * CELL_PX]
}

fn state_colour(state: CellState) -> Colour {
    match state {
        CellState::Unknown => [222, 226, 230, 255],
        CellState::Free => [235, 251, 238, 255],
        CellState::Occupied => [255, 201, 201, 255],
    }
}

fn draw_observer(sheet: &mut Drawing) {
    let arrow = [[5.0, 5.42], [5.26, 4.72], [5.0, 4.88], [4.74, 4.72]].map(on_sheet);
    sheet.outlined(arrow.to_vec(), INK, 1.0, INK);
}

/// A name without anything that moves a terminal's cursor.
fn shown(name: &str) -> String {
    let plain = |c: char| !c.is_control() && !matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    name.chars().map(|c| if plain(c) { c.to_string() } else { c.escape_unicode().to_string() }).collect()
}

fn bearing_words(bearing_deg: f64) -> String {
    let whole = bearing_deg.round() + 0.0;
    match whole {
        0.0 => "ahead".to_owned(),
        180.0 | -180.0 => "behind".to_owned(),
        right if right > 0.0 => format!("{right:.0} deg right"),
        left => format!("{:.0} deg left", -left),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{boxed, snapshot_of};
    use super::super::{CogMapOptions, LocalFrame};
    use super::*;

    fn small_map(name: &str) -> LocalCogMap {
        let things = vec![
            boxed(1, name, [0.65, 1.05], [0.5, 0.5], 0.4),
            boxed(2, "door#1", [-3.0, 3.0], [0.1, 0.9], 0.0),
            boxed(3, "cup#1", [0.7, 1.2], [0.1, 0.1], 0.0),
        ];
        let frame = LocalFrame::new([0.0, 0.0], std::f64::consts::FRAC_PI_2).expect("a heading");
        LocalCogMap::build(&snapshot_of(things), &frame, &CogMapOptions::default()).expect("a map")
    }

    #[test]
    fn the_terminal_shows_things_where_they_are() {
        let shown = small_map("chair#1").to_ascii();
        let lines: Vec<&str> = shown.lines().collect();
        assert_eq!(lines[0], "0.50 m per cell; at x 0.00 m, y 0.00 m, facing 90 deg (0 is world +x, 90 is +y)");
        let row_7 = lines.iter().find(|line| line.starts_with("   7 |")).expect("row 7");
        assert_eq!(*row_7, "   7 | ? ? ? ? ?   # a ? ? ? |");
        let observer = lines.iter().position(|line| line.contains('^')).expect("observer");
        assert!(lines[observer - 1].starts_with("   5 |") && lines[observer + 1].starts_with("   4 |"));
        assert_eq!(lines[observer].find('^'), Some(17));
        assert!(lines.contains(&"  a  chair#1  at 6.3, 7.1  (1.2 m, 32 deg right)"));
        assert!(lines.contains(&"  >  door#1  beyond  (4.2 m, 45 deg left)"));
        assert_eq!(lines.len(), 19);
    }

    #[test]
    fn a_hostile_name_moves_no_cursor_and_closes_no_tag() {
        let map = small_map("a\n\u{1b}[2J</text><script>\u{202e}&\"я");
        let ascii = map.to_ascii();
        assert_eq!(ascii.lines().count(), 19);
        assert!(!ascii.contains('\u{1b}') && !ascii.contains('\u{202e}'));
        let svg = map.to_svg();
        assert!(!svg.contains("<script") && svg.contains("&lt;/text&gt;&lt;script&gt;\u{202e}&amp;&quot;я"));
        assert_eq!(svg.matches("<text").count(), svg.matches("</text>").count());
    }

    #[test]
    fn the_png_holds_what_the_pixels_say() {
        let map = small_map("chair#1");
        let bytes = map.to_png().expect("a picture");
        let read = image::load_from_memory(&bytes).expect("a PNG").to_rgb8();
        assert_eq!(read, map.to_pixels());
        let [x, y] = on_sheet([0.5, 0.5]).map(|v| v as u32);
        assert_eq!(read.get_pixel(x, y).0, [222, 226, 230]);
        let [x, y] = on_sheet([5.0, 5.1]).map(|v| v as u32);
        assert_eq!(read.get_pixel(x, y).0[..], INK[..3]);
    }
}
