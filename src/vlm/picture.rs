//! Pictures and videos as each family wants them: the numbers of the vision graph, and the text that stands for them.
//!
//! | family | the picture is | source |
//! |---|---|---|
//! | Qwen2-VL, Qwen2.5-VL | stretched to whole patches within bounds of area, cut into patches, frames in pairs | `Qwen2VLImageProcessor` of transformers |
//! | LLaVA-1.5 | shortest side to the square and its middle cut out, or padded to a square first | `CLIPImageProcessor`, `LlavaImageProcessor` |
//! | SmolVLM, Idefics3 | brought to whole tiles; each tile, and last the whole as one | `Idefics3ImageProcessor` |
//!
//! Resizing is torchvision's on 8 bits, which transformers uses from 5 on, in folders of onnxruntime-genai too: its own, of
//! older Pillows, is a grey level away in a few values, which tells two tokens apart where a choice is close. Values are
//! normalised in the order of transformers' steps and are the same bit for bit: a graph that quantises what goes in makes
//! much of the last one.

use super::config::Config;
use crate::error::{Error, ErrorKind, Result};
use crate::prepare::{Corners, Filter, Fit, Rgb, resize_rgb};
use std::borrow::Cow;

/// How a folder's pictures are prepared.
#[derive(Debug, Clone)]
pub(super) struct Processor {
    pub colours: Colours,
    pub shape: Shape,
}

/// What differs between the families.
#[derive(Debug, Clone)]
pub(super) enum Shape {
    Patches { image: PatchRule, video: PatchRule },
    Square(SquareRule),
    Tiles(TileRule),
}

/// Of Qwen's families.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PatchRule {
    /// Side of a patch, pixels.
    pub patch: usize,
    /// Patches along a side of what becomes one token.
    pub merge: usize,
    /// Frames in a patch.
    pub frames: usize,
    pub min_pixels: usize,
    pub max_pixels: usize,
}

/// Of LLaVA.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SquareRule {
    /// What the shorter side becomes, pixels; none leaves the crop's size to be stretched to.
    pub shortest: Option<usize>,
    /// Width and height of what is cut out, pixels.
    pub crop: (usize, usize),
    /// Whether the picture is padded to a square before.
    pub pads: bool,
    /// Tokens that stand for a picture.
    pub tokens: usize,
}

/// Of Idefics3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TileRule {
    /// What the longer side is brought to first, pixels.
    pub longest: usize,
    /// Side of a tile, pixels.
    pub tile: usize,
    pub splits: bool,
    /// Tokens that stand for a tile.
    pub tokens: usize,
}

/// From bytes to numbers, computed once for each byte: `(byte - mean / factor) / (deviation / factor)`, or `byte * factor` where
/// nothing is normalised.
#[derive(Debug, Clone)]
pub(super) struct Colours {
    pub filter: Filter,
    /// What is put round a picture that is padded, red, green, blue.
    pub background: [u8; 3],
    table: Box<[[f32; 256]; 3]>,
}

impl Colours {
    /// What `preprocessor_config.json` says.
    pub(super) fn of(config: &Config, filter: Option<Filter>) -> Result<Self> {
        let rescales = config.flag(&["do_rescale"])?.unwrap_or(true);
        let factor = config.number(&["rescale_factor"])?.unwrap_or(1.0 / 255.0);
        let factor = if rescales { factor } else { 1.0 };
        let normalises = config.flag(&["do_normalize"])?.unwrap_or(true);
        let mean = config.three(&["image_mean"])?.unwrap_or(CLIP_MEAN);
        let deviation = config.three(&["image_std"])?.unwrap_or(CLIP_DEVIATION);
        let filter = match filter {
            Some(filter) => filter,
            None => filter_of(config)?,
        };
        let normal = normalises.then_some([mean, deviation]);
        Self::new(filter, factor, normal).map_err(|_| config.wrong(&["image_std"], "three numbers above 0"))
    }

    /// `normal`: mean and deviation, red, green, blue, if what the factor gives is normalised.
    pub(super) fn new(filter: Filter, factor: f64, normal: Option<[[f32; 3]; 2]>) -> Result<Self> {
        let scale = (1.0 / factor) as f32;
        let [mean, deviation] = normal.unwrap_or([[0.0; 3], [1.0; 3]]);
        let mut numbers = mean.iter().chain(&deviation).chain([&scale]);
        if !numbers.all(|number| number.is_finite()) || deviation.iter().any(|one| *one <= 0.0) || scale <= 0.0 {
            return Err(Error::argument(
                "mean, deviation and factor of the colours must be numbers, the last two above 0",
            ));
        }
        // The factor goes into mean and deviation, as transformers has it.
        let of = |channel: usize| {
            std::array::from_fn(|byte| match normal {
                Some(_) => (byte as f32 - mean[channel] * scale) / (deviation[channel] * scale),
                None => byte as f32 * factor as f32,
            })
        };
        let background = std::array::from_fn(|channel| (f64::from(mean[channel]) * 255.0).clamp(0.0, 255.0) as u8);
        Ok(Self { filter, background, table: Box::new([of(0), of(1), of(2)]) })
    }

    /// A picture's planes, behind each other, put at the end of `out`.
    fn planes(&self, picture: &Rgb, out: &mut Vec<f32>) {
        for (channel, table) in self.table.iter().enumerate() {
            out.extend(picture.data.iter().skip(channel).step_by(3).map(|byte| table[usize::from(*byte)]));
        }
    }
}

/// What CLIP's pictures are normalised with; folders that say nothing mean it.
pub(super) const CLIP_MEAN: [f32; 3] = [0.481_454_66, 0.457_827_5, 0.408_210_73];
pub(super) const CLIP_DEVIATION: [f32; 3] = [0.268_629_54, 0.261_302_6, 0.275_777_1];

/// What folders that name no filter resize with.
pub(super) const BICUBIC: Filter = torch(true);

/// As torchvision does, bicubic or bilinear.
const fn torch(cubic: bool) -> Filter {
    Filter::Torch { corners: Corners::HalfPixel, cubic, antialias: true }
}

/// Pillow's numbers of filters, computed as torchvision does.
fn filter_of(config: &Config) -> Result<Filter> {
    match config.count(&["resample"], 100)? {
        Some(1) => Ok(Filter::TorchLanczos),
        Some(2) => Ok(torch(false)),
        None | Some(3) => Ok(BICUBIC),
        Some(_) => Err(config.wrong(&["resample"], "1 (Lanczos), 2 (bilinear) or 3 (bicubic)")),
    }
}

/// A picture or video, prepared.
#[derive(Debug)]
pub(super) struct Prepared {
    /// What the vision graph takes, in `shape`.
    pub pixels: Vec<f32>,
    pub shape: Vec<usize>,
    /// Of Qwen's families: frames, rows, columns of patches.
    pub grid: Option<[usize; 3]>,
    /// Tokens that stand for it, and how they lie: frames, rows, columns.
    pub tokens: usize,
    pub token_grid: [usize; 3],
    /// Tiles along a side, rows first, where the picture was split.
    pub tiles: Option<(usize, usize)>,
    pub placed: Placed,
}

impl Prepared {
    /// Pictures behind each other as one, for a graph that takes several; of one size each, and without a grid.
    pub(super) fn joined(pictures: &[&Self]) -> Self {
        let first = pictures[0];
        let mut shape = first.shape.clone();
        let along = side_of_many(shape.len());
        shape[along] = pictures.iter().map(|picture| picture.shape[along]).sum();
        let tokens = pictures.iter().map(|picture| picture.tokens).sum();
        Self {
            pixels: pictures.iter().flat_map(|picture| picture.pixels.iter().copied()).collect(),
            shape,
            tokens,
            token_grid: [1, 1, tokens],
            ..*first
        }
    }
}

/// Along which of so many sides several pictures lie: tiles have one of their own behind that of the batch.
pub(super) fn side_of_many(sides: usize) -> usize {
    usize::from(sides == 5)
}

/// Where a picture lies in what the model saw of it: takes what the model says back to the picture.
pub type Placed = Fit;

impl Processor {
    /// A picture.
    pub(super) fn image(&self, picture: &Rgb) -> Result<Prepared> {
        let prepared = match &self.shape {
            Shape::Patches { image, .. } => patches(&self.colours, image, &[picture]),
            Shape::Square(rule) => square(&self.colours, rule, picture),
            Shape::Tiles(rule) => tiles(&self.colours, rule, picture),
        }?;
        if prepared.tokens == 0 || prepared.pixels.is_empty() {
            return Err(Error::new(ErrorKind::Model, "nothing is left of the picture as the folder has it prepared"));
        }
        Ok(prepared)
    }

    /// Frames of one size that follow each other.
    pub(super) fn video(&self, frames: &[&Rgb]) -> Result<Prepared> {
        let Shape::Patches { video, .. } = &self.shape else {
            return Err(Error::new(ErrorKind::Unsupported, "this family takes pictures, no videos"));
        };
        if frames.is_empty() || frames.len() > MAX_FRAMES {
            return Err(Error::argument(format!("the video has {} frames, expected 1 to {MAX_FRAMES}", frames.len())));
        }
        if let Some(other) = frames.iter().find(|frame| frame.size() != frames[0].size()) {
            let ((w, h), (width, height)) = (frames[0].size(), other.size());
            return Err(Error::argument(format!(
                "the video's frames are {w}x{h} and {width}x{height} pixels, expected one size"
            )));
        }
        patches(&self.colours, video, frames)
    }
}

/// More than any model of today takes.
const MAX_FRAMES: usize = 4096;
/// The most numbers of one picture or video: 1 GiB.
const MAX_NUMBERS: usize = 1 << 28;
/// The most tokens of one picture or video, more than any context has.
const MAX_TOKENS: usize = 1 << 18;
/// The most tiles of one picture: those of today are cut into some dozens.
const MAX_TILES: usize = 1 << 12;

/// Width and height in whole merged patches, close to the picture's and within the bounds of area.
pub(super) fn smart_size(rule: &PatchRule, (width, height): (usize, usize)) -> Result<(usize, usize)> {
    let factor = (rule.patch * rule.merge) as f64;
    let (w, h) = (width as f64, height as f64);
    if w.max(h) / w.min(h) > 200.0 {
        return Err(Error::argument(format!(
            "the picture is {width}x{height} pixels: one side is more than 200 times the other"
        )));
    }
    let near = |side: f64| (side / factor).round_ties_even() * factor;
    let (mut to_w, mut to_h) = (near(w), near(h));
    if to_w * to_h > rule.max_pixels as f64 {
        let shrink = (h * w / rule.max_pixels as f64).sqrt();
        let below = |side: f64| ((side / shrink / factor).floor() * factor).max(factor);
        (to_w, to_h) = (below(w), below(h));
    } else if to_w * to_h < rule.min_pixels as f64 {
        let grow = (rule.min_pixels as f64 / (h * w)).sqrt();
        let above = |side: f64| (side * grow / factor).ceil() * factor;
        (to_w, to_h) = (above(w), above(h));
    }
    Ok((to_w as usize, to_h as usize))
}

/// Patches in the order in which they are merged, each with its colours, frames, rows and columns.
fn patches(colours: &Colours, rule: &PatchRule, frames: &[&Rgb]) -> Result<Prepared> {
    let from = frames[0].size();
    let to = smart_size(rule, from)?;
    let (columns, rows) = (to.0 / rule.patch, to.1 / rule.patch);
    let steps = frames.len().div_ceil(rule.frames);
    let width = 3 * rule.frames * rule.patch * rule.patch;
    let count = steps * rows * columns;
    check_room(count.checked_mul(width))?;
    check_tokens(count / (rule.merge * rule.merge))?;
    let mut resized = Vec::new();
    for frame in frames {
        resized.push(match to == from {
            true => Cow::Borrowed(*frame),
            false => Cow::Owned(resize_rgb(frame, to.0, to.1, colours.filter)?),
        });
    }
    let mut pixels = Vec::with_capacity(count * width);
    for step in 0..steps {
        // What is missing of the last step is its last frame again; a picture is a video that stands still.
        let of_step: Vec<&Rgb> =
            (0..rule.frames).map(|k| resized[(step * rule.frames + k).min(resized.len() - 1)].as_ref()).collect();
        for (block_row, block_column) in pairs(rows / rule.merge, columns / rule.merge) {
            for (row, column) in pairs(rule.merge, rule.merge) {
                let top = (block_row * rule.merge + row) * rule.patch;
                let left = (block_column * rule.merge + column) * rule.patch;
                patch(colours, rule.patch, &of_step, (left, top), &mut pixels);
            }
        }
    }
    let token_grid = [steps, rows / rule.merge, columns / rule.merge];
    Ok(Prepared {
        pixels,
        shape: vec![count, width],
        grid: Some([steps, rows, columns]),
        tokens: token_grid.iter().product(),
        token_grid,
        tiles: None,
        placed: Fit::stretch(from, to)?,
    })
}

fn pairs(rows: usize, columns: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..rows).flat_map(move |row| (0..columns).map(move |column| (row, column)))
}

fn patch(colours: &Colours, side: usize, frames: &[&Rgb], (left, top): (usize, usize), out: &mut Vec<f32>) {
    for (channel, table) in colours.table.iter().enumerate() {
        for frame in frames {
            for row in top..top + side {
                let bytes = &frame.data[3 * (row * frame.width + left)..][..3 * side];
                out.extend(bytes.iter().skip(channel).step_by(3).map(|byte| table[usize::from(*byte)]));
            }
        }
    }
}

fn square(colours: &Colours, rule: &SquareRule, picture: &Rgb) -> Result<Prepared> {
    let padded = rule.pads.then(|| padded_square(picture, colours.background)).transpose()?;
    let source = padded.as_ref().unwrap_or(picture);
    let from = source.size();
    let scaled = match rule.shortest {
        Some(side) if from.0 <= from.1 => (side, from.1 * side / from.0),
        Some(side) => (from.0 * side / from.1, side),
        None => rule.crop,
    };
    check_room(scaled.0.checked_mul(scaled.1).and_then(|count| count.checked_mul(3)))?;
    let resized = resize_rgb(source, scaled.0, scaled.1, colours.filter)?;
    let (width, height) = rule.crop;
    let over = |scaled: usize, crop: usize| (scaled as i64 - crop as i64) / 2;
    let (left, top) = (over(scaled.0, width), over(scaled.1, height));
    if left < 0 || top < 0 || scaled.0 < width || scaled.1 < height {
        return Err(Error::new(
            ErrorKind::Model,
            format!(
                "the picture becomes {}x{} pixels, less than the {width}x{height} to be cut out",
                scaled.0, scaled.1
            ),
        ));
    }
    let mut pixels = Vec::with_capacity(3 * width * height);
    colours.planes(&cut(&resized, (left as usize, top as usize), rule.crop)?, &mut pixels);
    // Back in the picture itself: the border that was put round it counts as cut away.
    let share = |side: usize, whole: usize, to: usize| ((side * to) as f64 / whole as f64).round().max(1.0) as usize;
    let kept = (share(picture.width, from.0, scaled.0), share(picture.height, from.1, scaled.1));
    let border = (((scaled.0 - kept.0.min(scaled.0)) / 2) as i64, ((scaled.1 - kept.1.min(scaled.1)) / 2) as i64);
    let placed = Fit::of(picture.size(), kept, (border.0 - left, border.1 - top), rule.crop)?;
    let token_grid = [1, 1, rule.tokens];
    Ok(Prepared {
        pixels,
        shape: vec![1, 3, height, width],
        grid: None,
        tokens: rule.tokens,
        token_grid,
        tiles: None,
        placed,
    })
}

/// The picture in the middle of a square of one colour.
fn padded_square(picture: &Rgb, colour: [u8; 3]) -> Result<Rgb> {
    let side = picture.width.max(picture.height);
    check_room(side.checked_mul(side).and_then(|count| count.checked_mul(3)))?;
    let (left, top) = ((side - picture.width) / 2, (side - picture.height) / 2);
    let mut data = colour.repeat(side * side);
    for (row, line) in picture.data.chunks_exact(3 * picture.width).enumerate() {
        data[3 * ((top + row) * side + left)..][..line.len()].copy_from_slice(line);
    }
    Rgb::new(side, side, data)
}

fn cut(picture: &Rgb, (left, top): (usize, usize), (width, height): (usize, usize)) -> Result<Rgb> {
    let rows = picture.data.chunks_exact(3 * picture.width).skip(top).take(height);
    Rgb::new(width, height, rows.flat_map(|row| row[3 * left..][..3 * width].iter().copied()).collect())
}

fn tiles(colours: &Colours, rule: &TileRule, picture: &Rgb) -> Result<Prepared> {
    let from = picture.size();
    let side = rule.tile;
    let first = longest_to(from, rule.longest);
    check_room(first.0.checked_mul(first.1).and_then(|count| count.checked_mul(3)))?;
    let first = resize_rgb(picture, first.0, first.1, colours.filter)?;
    let mut parts = Vec::new();
    let mut split = None;
    if rule.splits {
        let (width, height) = whole_tiles(first.size(), side);
        check_room(width.checked_mul(height).and_then(|count| count.checked_mul(3)))?;
        let count = (width / side) * (height / side);
        if count > MAX_TILES {
            return Err(Error::argument(format!("the picture becomes {count} tiles, at most {MAX_TILES} are taken")));
        }
        check_tokens((count + 1).saturating_mul(rule.tokens))?;
        let whole = resize_rgb(&first, width, height, colours.filter)?;
        if width > side || height > side {
            let (rows, columns) = (height / side, width / side);
            for (row, column) in pairs(rows, columns) {
                parts.push(cut(&whole, (column * side, row * side), (side, side))?);
            }
            split = Some((rows, columns));
        }
        parts.push(if split.is_some() { resize_rgb(&whole, side, side, colours.filter)? } else { whole });
    } else {
        parts.push(resize_rgb(&first, side, side, colours.filter)?);
    }
    check_room(parts.len().checked_mul(3 * side * side))?;
    let mut pixels = Vec::with_capacity(parts.len() * 3 * side * side);
    parts.iter().for_each(|part| colours.planes(part, &mut pixels));
    Ok(Prepared {
        pixels,
        shape: vec![1, parts.len(), 3, side, side],
        grid: None,
        tokens: parts.len() * rule.tokens,
        token_grid: [parts.len(), 1, rule.tokens],
        tiles: split,
        placed: Fit::stretch(from, (side, side))?,
    })
}

/// The longer side to `longest`, the other in its ratio, cut down and made even, then no side above 4096.
fn longest_to((width, height): (usize, usize), longest: usize) -> (usize, usize) {
    let ratio = width as f64 / height as f64;
    let even = |side: usize| side + side % 2;
    let (width, height) = if width >= height {
        (longest, even((longest as f64 / ratio) as usize))
    } else {
        (even((longest as f64 * ratio) as usize), longest)
    };
    let (width, height) = (width.max(1), height.max(1));
    let ratio = width as f64 / height as f64;
    let (width, height) = if width >= height && width > MAX_SIDE {
        (MAX_SIDE, (MAX_SIDE as f64 / ratio) as usize)
    } else if height > width && height > MAX_SIDE {
        ((MAX_SIDE as f64 * ratio) as usize, MAX_SIDE)
    } else {
        (width, height)
    };
    (width.max(1), height.max(1))
}

const MAX_SIDE: usize = 4096;

/// Both sides in whole tiles, the shorter in the ratio that the longer one then asks for.
fn whole_tiles((width, height): (usize, usize), tile: usize) -> (usize, usize) {
    let ratio = width as f64 / height as f64;
    let up = |side: usize| side.div_ceil(tile).max(1) * tile;
    if width >= height {
        let width = up(width);
        (width, up((width as f64 / ratio) as usize))
    } else {
        let height = up(height);
        (up((height as f64 * ratio) as usize), height)
    }
}

fn check_tokens(tokens: usize) -> Result<()> {
    if tokens > MAX_TOKENS {
        return Err(Error::argument(format!("the picture becomes {tokens} tokens, at most {MAX_TOKENS} are taken")));
    }
    Ok(())
}

fn check_room(numbers: Option<usize>) -> Result<()> {
    match numbers {
        Some(numbers) if numbers <= MAX_NUMBERS => Ok(()),
        _ => Err(Error::argument(format!("the picture becomes more than {MAX_NUMBERS} numbers, too many to hold"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_brought_to_the_sizes_that_transformers_gives() {
        let rule = PatchRule { patch: 14, merge: 2, frames: 2, min_pixels: 3136, max_pixels: 12_845_056 };
        assert_eq!(smart_size(&rule, (256, 256)).expect("a size"), (252, 252));
        let bounded = PatchRule { max_pixels: 50_176, ..rule };
        assert_eq!(smart_size(&bounded, (180, 120)).expect("a size"), (168, 112));
        assert_eq!(smart_size(&bounded, (1920, 1080)).expect("a size"), (280, 168));
        assert_eq!(smart_size(&bounded, (20, 30)).expect("a size"), (56, 84));
        assert!(smart_size(&rule, (4, 1000)).is_err());
        assert_eq!(longest_to((181, 123), 112), (112, 76));
        assert_eq!(longest_to((123, 181), 112), (76, 112));
        assert_eq!(whole_tiles((112, 76), 56), (112, 112));
        assert_eq!(whole_tiles((40, 20), 56), (56, 56));
    }
}
