//! What was found, drawn over the picture.

use gnomon::Result;
use gnomon::detect::Found;
use gnomon::prepare::Rgb;
use image::{ImageBuffer, Rgb as Pixel, RgbImage};

/// The letters of the map's pictures, which stand alone.
#[path = "../../cogmap/font.rs"]
mod font;

/// Colours that are told apart on most pictures; classes take turns.
const COLOURS: [[u8; 3]; 8] = [
    [230, 57, 70],
    [42, 157, 143],
    [244, 162, 97],
    [69, 123, 157],
    [233, 196, 106],
    [131, 56, 236],
    [6, 214, 160],
    [255, 0, 110],
];

/// How wide lines are, pixels.
const LINE: i64 = 2;

/// How large a dot of a letter is, pixels.
const DOT: i64 = 2;

/// The picture with boxes, labels with scores, and masks as a tint; what is surest is drawn last.
pub fn drawn(picture: &Rgb, found: &[Found]) -> Result<RgbImage> {
    let (width, height) = (picture.width as u32, picture.height as u32);
    let copy = ImageBuffer::from_raw(width, height, picture.data.clone());
    let mut sheet =
        Sheet(copy.ok_or_else(|| gnomon::Error::argument(format!("picture is not {width}x{height} pixels")))?);
    for one in found.iter().rev() {
        let colour = COLOURS[one.class % COLOURS.len()];
        sheet.tint(one, colour)?;
        let [x0, y0, x1, y1] = one.bbox.map(|edge| edge.round() as i64);
        sheet.fill([x0, y0, x1, y0 + LINE], colour);
        sheet.fill([x0, y1 - LINE, x1, y1], colour);
        sheet.fill([x0, y0, x0 + LINE, y1], colour);
        sheet.fill([x1 - LINE, y0, x1, y1], colour);
    }
    for one in found.iter().rev() {
        sheet.label(one, COLOURS[one.class % COLOURS.len()]);
    }
    Ok(sheet.0)
}

struct Sheet(RgbImage);

impl Sheet {
    /// A rectangle x0, y0, x1, y1, as much of it as lies on the sheet.
    fn fill(&mut self, [x0, y0, x1, y1]: [i64; 4], colour: [u8; 3]) {
        let (width, height) = (i64::from(self.0.width()), i64::from(self.0.height()));
        for y in y0.max(0)..y1.min(height) {
            for x in x0.max(0)..x1.min(width) {
                // Within the sheet, whose sides are u32.
                self.0.put_pixel(x as u32, y as u32, Pixel(colour));
            }
        }
    }

    fn tint(&mut self, one: &Found, colour: [u8; 3]) -> Result<()> {
        let Some(mask) = &one.mask else { return Ok(()) };
        let view = mask.view()?;
        for y in mask.y..(mask.y + mask.height).min(self.0.height()) {
            for x in mask.x..(mask.x + mask.width).min(self.0.width()) {
                if view.contains(x, y) {
                    let pixel = &mut self.0.get_pixel_mut(x, y).0;
                    pixel.iter_mut().zip(colour).for_each(|(p, c)| *p = u8::midpoint(*p, c));
                }
            }
        }
        Ok(())
    }

    /// "chair 0.58" over the upper edge of the box, or under it where there is no room.
    fn label(&mut self, one: &Found, colour: [u8; 3]) {
        let text = format!("{} {:.2}", one.label, one.score);
        let (width, height) = (font::LETTER_ADVANCE as i64 * DOT, (font::LETTER_HEIGHT as i64 + 2) * DOT);
        let wide = text.chars().count() as i64 * width + DOT;
        let x = (one.bbox[0].round() as i64).min(i64::from(self.0.width()) - wide).max(0);
        let top = one.bbox[1].round() as i64;
        let y = if top >= height { top - height } else { top.max(0) };
        self.fill([x, y, x + wide, y + height], colour);
        for (at, letter) in text.chars().enumerate() {
            let left = x + DOT + at as i64 * width;
            for (row, bits) in font::letter(letter).into_iter().enumerate() {
                let dots = (0..font::LETTER_WIDTH).filter(|column| bits >> (font::LETTER_WIDTH - 1 - column) & 1 == 1);
                for column in dots {
                    let (dx, dy) = (left + column as i64 * DOT, y + (row as i64 + 1) * DOT);
                    self.fill([dx, dy, dx + DOT, dy + DOT], [255; 3]);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gnomon::frame::Mask;

    #[test]
    fn a_box_that_reaches_over_the_border_is_drawn_as_far_as_there_is_a_picture() {
        let picture = Rgb::new(60, 50, vec![10; 9000]).expect("a picture");
        let mask = Mask { data: vec![255; 16], x: 30, y: 30, width: 4, height: 4 };
        let one = |bbox, mask| Found { class: 0, label: "cup".into(), score: 0.5, bbox, mask };
        let found = [one([-20.0, 20.0, 40.0, 400.0], None), one([28.0, 28.0, 36.0, 36.0], Some(mask))];
        let sheet = drawn(&picture, &found).expect("drawn");
        assert_eq!(sheet.dimensions(), (60, 50));
        assert_eq!(sheet.get_pixel(39, 45).0, COLOURS[0], "its right edge");
        assert_eq!(sheet.get_pixel(50, 45).0, [10; 3], "outside");
        assert_eq!(sheet.get_pixel(32, 32).0, COLOURS[0].map(|c| u8::midpoint(10, c)), "in the mask");
    }
}
