//! What maps are drawn with: areas, lines and names on a sheet, as SVG or as pixels.
//!
//! The sheet is in pixels, x right and y down, from the upper left corner. Both outputs draw the same marks in the same
//! order; names use the reader's font in SVG and the letters of `font` in pixels. Names give way to names already there,
//! and are left out where there is no room near by.

use super::font::{LETTER_ADVANCE, LETTER_HEIGHT, LETTER_WIDTH, letter};
use image::{Rgb, RgbImage};
use std::fmt::Write;

/// Pixels a dot of a letter is wide and high.
const DOT_PX: f64 = 2.0;

/// Rows a pixel row is looked at, for smooth edges.
const SUBROWS: u32 = 4;

/// Side of the blocks in which it is noted where names are, pixels.
const BLOCK_PX: f64 = 6.0;

/// The most letters of a name that are drawn as pixels.
const MAX_DRAWN_LETTERS: usize = 48;

/// Red, green, blue, and opacity.
pub type Colour = [u8; 4];

pub const WHITE: Colour = [255, 255, 255, 255];
pub const INK: Colour = [33, 37, 41, 255];
pub const PALE: Colour = [173, 181, 189, 255];

/// Colours of things, by turns.
const PALETTE: [[u8; 3]; 8] = [
    [76, 110, 245],
    [232, 89, 12],
    [12, 133, 153],
    [174, 62, 201],
    [47, 158, 68],
    [224, 49, 49],
    [245, 159, 0],
    [134, 94, 60],
];

/// The colour of the thing with this id.
pub fn colour_of(id: u64, opacity: u8) -> Colour {
    let [r, g, b] = PALETTE[(id % PALETTE.len() as u64) as usize];
    [r, g, b, opacity]
}

enum Mark {
    Area { points: Vec<[f64; 2]>, fill: Colour },
    Line { points: Vec<[f64; 2]>, width: f64, colour: Colour },
    Name { middle: [f64; 2], text: String, colour: Colour },
}

/// A sheet with marks on it.
pub struct Drawing {
    width: u32,
    height: u32,
    marks: Vec<Mark>,
    taken: Vec<bool>,
}

impl Drawing {
    /// An empty white sheet.
    pub fn new(width: u32, height: u32) -> Self {
        let taken = vec![false; blocks(width) * blocks(height)];
        Self { width, height, marks: Vec::new(), taken }
    }

    /// A filled polygon.
    pub fn area(&mut self, points: Vec<[f64; 2]>, fill: Colour) {
        self.marks.push(Mark::Area { points, fill });
    }

    /// A line through points.
    pub fn line(&mut self, points: Vec<[f64; 2]>, width: f64, colour: Colour) {
        self.marks.push(Mark::Line { points, width, colour });
    }

    /// A filled polygon with its outline.
    pub fn outlined(&mut self, points: Vec<[f64; 2]>, fill: Colour, width: f64, outline: Colour) {
        let closed = points.iter().chain(points.first()).copied().collect();
        self.area(points, fill);
        self.line(closed, width, outline);
    }

    /// A name with its middle at or near a place, where there is room; true when it was drawn.
    pub fn name(&mut self, near: [f64; 2], text: &str, colour: Colour) -> bool {
        let half = [text_width_px(text) * 0.5, LETTER_HEIGHT as f64 * DOT_PX * 0.5];
        let sheet = [f64::from(self.width), f64::from(self.height)];
        let line = 2.0 * half[1] + 4.0;
        for lines in [0.0, 1.0, -1.0, 2.0, -2.0, 3.0, -3.0] {
            let wished = [near[0], near[1] + lines * line];
            let middle: [f64; 2] = std::array::from_fn(|k| wished[k].min(sheet[k] - half[k] - 2.0).max(half[k] + 2.0));
            if self.take([middle[0] - half[0], middle[1] - half[1]], [middle[0] + half[0], middle[1] + half[1]]) {
                self.marks.push(Mark::Name { middle, text: text.to_owned(), colour });
                return true;
            }
        }
        false
    }

    fn take(&mut self, low: [f64; 2], high: [f64; 2]) -> bool {
        let across = blocks(self.width);
        let range = |k: usize, count: usize| {
            let block = |v: f64| ((v / BLOCK_PX).max(0.0) as usize).min(count - 1);
            block(low[k])..=block(high[k])
        };
        let (columns, rows) = (range(0, across), range(1, blocks(self.height)));
        let all: Vec<usize> = rows.flat_map(|row| columns.clone().map(move |column| row * across + column)).collect();
        if all.iter().any(|&at| self.taken[at]) {
            return false;
        }
        all.into_iter().for_each(|at| self.taken[at] = true);
        true
    }

    /// The sheet as an SVG document.
    pub fn svg(&self) -> String {
        let (width, height) = (self.width, self.height);
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\n\
             <rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n"
        );
        for mark in &self.marks {
            // Writing to a string cannot fail.
            let _ = match mark {
                Mark::Area { points, fill } => {
                    writeln!(out, "<polygon points=\"{}\" {}/>", svg_points(points), svg_paint("fill", *fill))
                }
                Mark::Line { points, width, colour } => writeln!(
                    out,
                    "<polyline points=\"{}\" fill=\"none\" {} stroke-width=\"{width}\"/>",
                    svg_points(points),
                    svg_paint("stroke", *colour)
                ),
                Mark::Name { middle, text, colour } => writeln!(
                    out,
                    "<text x=\"{:.1}\" y=\"{:.1}\" font-family=\"monospace\" font-size=\"15\" text-anchor=\"middle\" \
                     stroke=\"#ffffff\" stroke-width=\"3\" paint-order=\"stroke\" {}>{}</text>",
                    middle[0],
                    middle[1] + 5.0,
                    svg_paint("fill", *colour),
                    xml_escaped(text)
                ),
            };
        }
        out.push_str("</svg>\n");
        out
    }

    /// The sheet as pixels.
    pub fn pixels(&self) -> RgbImage {
        let mut picture = RgbImage::from_pixel(self.width, self.height, Rgb([255; 3]));
        let mut row = vec![0.0; self.width as usize];
        for mark in &self.marks {
            match mark {
                Mark::Area { points, fill } => fill_area(&mut picture, &mut row, points, *fill),
                Mark::Line { points, width, colour } => {
                    for pair in points.windows(2) {
                        fill_area(&mut picture, &mut row, &stroke(pair[0], pair[1], *width), *colour);
                    }
                }
                Mark::Name { middle, text, colour } => draw_name(&mut picture, *middle, text, *colour),
            }
        }
        picture
    }
}

fn blocks(side_px: u32) -> usize {
    (f64::from(side_px) / BLOCK_PX) as usize + 1
}

fn text_width_px(text: &str) -> f64 {
    text.chars().take(MAX_DRAWN_LETTERS).count() as f64 * LETTER_ADVANCE as f64 * DOT_PX
}

fn svg_points(points: &[[f64; 2]]) -> String {
    points.iter().map(|[x, y]| format!("{x:.2},{y:.2}")).collect::<Vec<_>>().join(" ")
}

fn svg_paint(attribute: &str, [r, g, b, opacity]: Colour) -> String {
    let opacity = f64::from(opacity) / 255.0;
    format!("{attribute}=\"#{r:02x}{g:02x}{b:02x}\" {attribute}-opacity=\"{opacity:.2}\"")
}

/// Text that XML takes for text. What XML cannot hold at all becomes U+FFFD.
pub fn xml_escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\r' | '\t' => out.push_str(&format!("&#{};", u32::from(c))),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// The rectangle a line's segment covers.
fn stroke(from: [f64; 2], to: [f64; 2], width: f64) -> [[f64; 2]; 4] {
    let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
    let length = dx.hypot(dy).max(1e-9);
    let (nx, ny) = (-dy / length * width * 0.5, dx / length * width * 0.5);
    // A little longer than the segment, so that corners close.
    let (ex, ey) = (dx / length * width * 0.5, dy / length * width * 0.5);
    [
        [from[0] - ex + nx, from[1] - ey + ny],
        [to[0] + ex + nx, to[1] + ey + ny],
        [to[0] + ex - nx, to[1] + ey - ny],
        [from[0] - ex - nx, from[1] - ey - ny],
    ]
}

/// Even-odd filling; the edge of a pixel takes the share that is covered.
fn fill_area(picture: &mut RgbImage, covered: &mut [f32], points: &[[f64; 2]], fill: Colour) {
    let (columns, rows) = (pixels_along(points, 0, picture.width()), pixels_along(points, 1, picture.height()));
    if points.len() < 3 || columns.is_empty() {
        return;
    }
    let mut crossings = Vec::new();
    for y in rows {
        covered[columns.clone()].fill(0.0);
        for subrow in 0..SUBROWS {
            let at = y as f64 + (f64::from(subrow) + 0.5) / f64::from(SUBROWS);
            crossings.clear();
            crossings.extend((0..points.len()).filter_map(|k| {
                let (a, b) = (points[k], points[(k + 1) % points.len()]);
                ((a[1] > at) != (b[1] > at)).then(|| a[0] + (at - a[1]) / (b[1] - a[1]) * (b[0] - a[0]))
            }));
            crossings.sort_by(f64::total_cmp);
            for pair in crossings.chunks_exact(2) {
                cover_span(covered, pair[0], pair[1]);
            }
        }
        for x in columns.clone().filter(|x| covered[*x] > 0.0) {
            blend(picture, x as u32, y as u32, fill, covered[x] / SUBROWS as f32);
        }
    }
}

/// Pixels of the picture between the least and the largest coordinate on an axis.
fn pixels_along(points: &[[f64; 2]], axis: usize, side_px: u32) -> std::ops::Range<usize> {
    let along = || points.iter().map(|point| point[axis]);
    let (low, high) = (along().fold(f64::INFINITY, f64::min), along().fold(f64::NEG_INFINITY, f64::max));
    low.max(0.0) as usize..high.clamp(0.0, f64::from(side_px)).ceil() as usize
}

fn cover_span(covered: &mut [f32], from: f64, to: f64) {
    let (from, to) = (from.max(0.0), to.min(covered.len() as f64));
    if from >= to {
        return;
    }
    let last = (to.ceil() as usize).min(covered.len());
    for (x, share) in covered.iter_mut().enumerate().take(last).skip(from as usize) {
        *share += (to.min(x as f64 + 1.0) - from.max(x as f64)) as f32;
    }
}

fn blend(picture: &mut RgbImage, x: u32, y: u32, [r, g, b, opacity]: Colour, share: f32) {
    let weight = share.min(1.0) * f32::from(opacity) / 255.0;
    let pixel = picture.get_pixel_mut(x, y);
    for (old, new) in pixel.0.iter_mut().zip([r, g, b]) {
        *old = (f32::from(*old) * (1.0 - weight) + f32::from(new) * weight).round() as u8;
    }
}

fn draw_name(picture: &mut RgbImage, middle: [f64; 2], text: &str, colour: Colour) {
    let corner = [middle[0] - text_width_px(text) * 0.5, middle[1] - LETTER_HEIGHT as f64 * DOT_PX * 0.5];
    // A white rim first keeps the letters apart from what lies under them.
    for (rim, paint) in [(1.5, [255, 255, 255, 170]), (0.0, colour)] {
        for (k, c) in text.chars().take(MAX_DRAWN_LETTERS).enumerate() {
            for (row, dots) in letter(c).into_iter().enumerate() {
                for dot in (0..LETTER_WIDTH).filter(|dot| dots & (1 << (LETTER_WIDTH - 1 - dot)) != 0) {
                    let x = corner[0] + (k * LETTER_ADVANCE + dot) as f64 * DOT_PX;
                    let y = corner[1] + row as f64 * DOT_PX;
                    fill_square(picture, [x - rim, y - rim], DOT_PX + 2.0 * rim, paint);
                }
            }
        }
    }
}

fn fill_square(picture: &mut RgbImage, low: [f64; 2], side: f64, colour: Colour) {
    let range = |from: f64, most: u32| {
        let pixel = |v: f64| v.round().clamp(0.0, f64::from(most)) as u32;
        pixel(from)..pixel(from + side)
    };
    for y in range(low[1], picture.height()) {
        for x in range(low[0], picture.width()) {
            blend(picture, x, y, colour, 1.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_half_covered_pixel_takes_half_the_colour() {
        let mut sheet = Drawing::new(8, 8);
        sheet.area(vec![[2.0, 2.0], [4.5, 2.0], [4.5, 6.0], [2.0, 6.0]], [0, 0, 0, 255]);
        let picture = sheet.pixels();
        assert_eq!(picture.get_pixel(3, 3).0, [0; 3]);
        assert_eq!(picture.get_pixel(4, 3).0, [128; 3]);
        assert_eq!((picture.get_pixel(5, 3).0, picture.get_pixel(3, 6).0), ([255; 3], [255; 3]));
    }

    #[test]
    fn shapes_far_off_the_sheet_are_cut_and_not_followed() {
        let mut sheet = Drawing::new(90, 90);
        sheet.outlined(vec![[-1e9, -1e9], [1e9, -1e9], [1e9, 1e9], [-1e9, 1e9]], [0, 0, 0, 255], 1.0, INK);
        sheet.name([5e8, 5e8], "far", INK);
        assert_eq!(sheet.pixels().get_pixel(5, 5).0, [0; 3]);
    }

    #[test]
    fn names_do_not_lie_upon_each_other() {
        let mut sheet = Drawing::new(200, 60);
        let drawn = (0..9).filter(|_| sheet.name([100.0, 30.0], "chair#1", INK)).count();
        assert!((1..9).contains(&drawn), "{drawn}");
    }

    #[test]
    fn xml_takes_any_name_for_text() {
        assert_eq!(xml_escaped("a<b>&\"'\n\0я"), "a&lt;b&gt;&amp;&quot;&#39;&#10;\u{fffd}я");
    }
}
