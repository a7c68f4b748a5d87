//! What a detector said of a recording: JSON lines, one detection each.
//!
//! `{"frame": 0, "label": "chair", "score": 0.9, "box": [x0, y0, x1, y1], "mask": ..., "feature": [...]}`. `frame` is
//! the number of the picture, `box` is in its pixels with x1 and y1 exclusive. `mask` and `feature` may be missing or
//! null; a mask is COCO's `{"size": [height, width], "counts": [...]}`, its counts a list or a compressed string, or
//! the name of a picture, black outside, found from the folder of the file.
//!
//! Opening reads every line once and keeps where it lies; [`DetectionsFile::for_frame`] reads those of one frame again.
//! So a file of any length costs a few bytes a line. Errors name the file and the line.

use super::{decode, rle, text};
use crate::error::{Error, Result};
use crate::frame::{Mask, decode_coco_rle};
use crate::lift::{Detection, MAX_DETECTIONS, OwnedDetection};
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// The longest line, bytes.
const MAX_LINE_BYTES: u64 = 64 << 20;

/// The most detections of a file.
const MAX_LINES: usize = 100_000_000;

/// The most mask pixels of one frame: [`MAX_DETECTIONS`] masks of 640×480, nearly.
const MAX_MASK_PIXELS: u64 = 1 << 30;

/// A detection of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedDetection {
    /// Its line in the file, from 1.
    pub line: usize,
    /// What the line says; a mask is of the whole picture.
    pub detection: OwnedDetection,
}

/// Where a line lies.
#[derive(Clone, Copy)]
struct Place {
    start: u64,
    line: usize,
}

/// A detections file, opened and checked.
pub struct DetectionsFile {
    path: PathBuf,
    file: BufReader<File>,
    places: BTreeMap<usize, Vec<Place>>,
}

#[derive(Deserialize)]
struct Record<'a> {
    frame: usize,
    label: String,
    score: f32,
    #[serde(rename = "box")]
    bbox: [f32; 4],
    #[serde(borrow, default)]
    mask: Option<MaskRecord<'a>>,
    #[serde(default)]
    feature: Option<Vec<f32>>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "mask is neither {\"size\": [height, width], \"counts\": ...} nor the name of a picture")]
enum MaskRecord<'a> {
    Runs {
        size: [u32; 2],
        #[serde(borrow)]
        counts: Counts<'a>,
    },
    Picture(String),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Counts<'a> {
    Plain(Vec<u32>),
    Compressed(#[serde(borrow)] Cow<'a, str>),
}

impl DetectionsFile {
    /// Reads every line once; refuses what is no detection. Masks are looked at only when their frame is asked for.
    pub fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|error| cannot_read(path, &error))?;
        let mut detections = Self { path: path.to_owned(), file: BufReader::new(file), places: BTreeMap::new() };
        let (mut start, mut bytes) = (0, Vec::new());
        for line in 1.. {
            if line > MAX_LINES {
                return Err(Error::io(format!("{} has more than {MAX_LINES} lines", path.display())));
            }
            let length = detections.read_line(&mut bytes, line)?;
            if length == 0 {
                break;
            }
            if !bytes.trim_ascii().is_empty() {
                let frame = detections.parse(&bytes, line)?.frame;
                let places = detections.places.entry(frame).or_default();
                places.push(Place { start, line });
                if places.len() > MAX_DETECTIONS {
                    let error = Error::io(format!("frame {frame} has more than {MAX_DETECTIONS} detections"));
                    return Err(text::in_line(path, line, error));
                }
            }
            start += length;
        }
        Ok(detections)
    }

    /// How many detections there are.
    pub fn len(&self) -> usize {
        self.places.values().map(Vec::len).sum()
    }

    /// True when there is none.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The highest frame number that has a detection.
    pub fn last_frame(&self) -> Option<usize> {
        self.places.keys().next_back().copied()
    }

    /// The detections of picture number `frame`, in the file's order; none when the file has none.
    pub fn for_frame(&mut self, frame: usize) -> Result<Vec<ListedDetection>> {
        let places = self.places.get(&frame).cloned().unwrap_or_default();
        let (mut detections, mut bytes, mut mask_pixels) = (Vec::new(), Vec::new(), 0);
        for Place { start, line } in places {
            self.file.seek(SeekFrom::Start(start)).map_err(|error| cannot_read(&self.path, &error))?;
            self.read_line(&mut bytes, line)?;
            let detection = self.parse(&bytes, line)?.read(&self.path, &mut mask_pixels);
            let detection = detection.map_err(|error| text::in_line(&self.path, line, error))?;
            detections.push(ListedDetection { line, detection });
        }
        Ok(detections)
    }

    fn read_line(&mut self, bytes: &mut Vec<u8>, line: usize) -> Result<u64> {
        bytes.clear();
        let read = self.file.by_ref().take(MAX_LINE_BYTES + 1).read_until(b'\n', bytes);
        let length = read.map_err(|error| cannot_read(&self.path, &error))? as u64;
        if length > MAX_LINE_BYTES {
            let error = Error::io(format!("longer than {MAX_LINE_BYTES} bytes"));
            return Err(text::in_line(&self.path, line, error));
        }
        Ok(length)
    }

    fn parse<'b>(&self, bytes: &'b [u8], line: usize) -> Result<Record<'b>> {
        let refused = |error: Error| text::in_line(&self.path, line, error);
        let record: Record<'b> =
            serde_json::from_slice(bytes).map_err(|error| refused(Error::io(sentence_of(&error))))?;
        let without_mask = Detection {
            label: &record.label,
            score: record.score,
            bbox: record.bbox,
            mask: None,
            feature: record.feature.as_deref(),
        };
        without_mask.check().map_err(refused)?;
        Ok(record)
    }
}

fn cannot_read(path: &Path, error: &std::io::Error) -> Error {
    Error::io(format!("{} cannot be read: {error}", path.display()))
}

/// serde_json counts lines from the start of what it was given, which is one line: only the column helps.
fn sentence_of(error: &serde_json::Error) -> String {
    let sentence = error.to_string();
    match sentence.split_once(" at line ") {
        Some((what, _)) => format!("{what} at column {}", error.column()),
        None => sentence,
    }
}

impl Record<'_> {
    fn read(self, file: &Path, mask_pixels: &mut u64) -> Result<OwnedDetection> {
        let mask = match self.mask {
            None => None,
            Some(MaskRecord::Picture(name)) => {
                let mask = picture_mask(&file.with_file_name(name))?;
                count_pixels(mask_pixels, mask.width, mask.height)?;
                Some(mask)
            }
            Some(MaskRecord::Runs { size: [height, width], counts }) => {
                count_pixels(mask_pixels, width, height)?;
                let counts = match counts {
                    Counts::Plain(counts) => counts,
                    Counts::Compressed(text) => rle::decode_compressed_counts(&text)?,
                };
                Some(decode_coco_rle(&counts, width, height)?)
            }
        };
        let (label, feature) = (self.label.into(), self.feature.map(Vec::into_boxed_slice));
        Ok(OwnedDetection { label, score: self.score, bbox: self.bbox, mask, feature })
    }
}

fn picture_mask(path: &Path) -> Result<Mask> {
    let picture = decode::mask(path)?;
    let (width, height) = picture.dimensions();
    Ok(Mask { data: picture.into_raw(), x: 0, y: 0, width, height })
}

fn count_pixels(total: &mut u64, width: u32, height: u32) -> Result<()> {
    *total = total.saturating_add(u64::from(width) * u64::from(height));
    if *total > MAX_MASK_PIXELS {
        return Err(Error::io(format!("the masks of this frame have more than {MAX_MASK_PIXELS} pixels together")));
    }
    Ok(())
}
