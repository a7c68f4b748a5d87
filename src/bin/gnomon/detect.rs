//! `gnomon detect`: what a detector finds in a picture, or in each picture of a recorded sequence.
//!
//! Of a picture `--out` is the picture with what was found drawn into it. Of a sequence it is a folder of such pictures, or,
//! if its name ends in `.jsonl`, the detections as `gnomon run --detections` takes them.

use crate::network::{DetectorArgs, document_of, words_of};
use crate::output::OutDir;
use crate::source::open_for_pictures;
use crate::{draw, pretty, say, table};
use gnomon::detect::{Detector, Found};
use gnomon::frame::Mask;
use gnomon::prepare::Rgb;
use gnomon::runtime::Control;
use gnomon::sequence::{SequenceOptions, read_picture};
use gnomon::{Error, Result};
use image::ImageFormat;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

#[derive(clap::Args)]
pub struct Args {
    /// A picture, or the folder of a sequence
    input: PathBuf,
    /// The detector: a model folder, or a file with --family and --labels
    #[arg(long, value_name = "DIR")]
    model: PathBuf,
    /// The picture with what was found; of a sequence a folder of such pictures, or detections if it ends in .jsonl
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,
    /// Print one JSON document instead of a table
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    detector: DetectorArgs,
}

/// Runs the subcommand.
pub fn run(args: &Args) -> Result<ExitCode> {
    let detector = args.detector.open(&args.model)?;
    if args.input.is_dir() { of_sequence(args, &detector) } else { of_picture(args, &detector) }?;
    Ok(ExitCode::SUCCESS)
}

/// What was found in one picture, and how long that took.
fn look(args: &Args, detector: &Detector, picture: &Rgb) -> Result<(Vec<Found>, Duration)> {
    let began = Instant::now();
    let found = detector.detect_rgb(picture, &args.detector.options(), &Control::default())?;
    Ok((found, began.elapsed()))
}

fn of_picture(args: &Args, detector: &Detector) -> Result<()> {
    let (width, height, pixels) = read_picture(&args.input)?;
    let picture = Rgb::new(width as usize, height as usize, pixels)?;
    let (found, took) = look(args, detector, &picture)?;
    if let Some(path) = &args.out {
        let failed = |error: image::ImageError| Error::io(format!("{} cannot be written: {error}", path.display()));
        draw::drawn(&picture, &found)?.save(path).map_err(failed)?;
    }
    if args.json {
        return say(&pretty(&json!({
            "picture": args.input.display().to_string(),
            "size": picture.size(),
            "detector": document_of(detector),
            "ms": milliseconds(took),
            "found": found.iter().map(|one| one_of(one, picture.size())).collect::<Vec<_>>(),
        })));
    }
    let rows: Vec<Vec<String>> = found.iter().map(row_of).collect();
    let name = args.input.display();
    say(&format!("{name}: {} found in {:.1} ms, {}\n", found.len(), milliseconds(took), words_of(detector)))?;
    say(&table::table(&["label", "score", "x0 y0 x1 y1", if detector.has_masks() { "mask px" } else { "" }], &rows))
}

fn of_sequence(args: &Args, detector: &Detector) -> Result<()> {
    let sequence = open_for_pictures(&args.input, SequenceOptions::default())?;
    let mut out = Out::of(args.out.as_deref())?;
    let (mut tally, mut documents, mut total) = (Tally::default(), Vec::new(), Duration::ZERO);
    for i in 0..sequence.len() {
        let loaded = sequence.load(i)?;
        let size = (loaded.intrinsics.width as usize, loaded.intrinsics.height as usize);
        let picture = Rgb::new(size.0, size.1, loaded.rgb)?;
        let looked = look(args, detector, &picture);
        let (found, took) = looked.map_err(|error| error.within(format_args!("frame {}", loaded.frame)))?;
        total += took;
        out.take(loaded.frame, &picture, &found)?;
        tally.add(&found);
        if args.json {
            let found: Vec<Value> = found.iter().map(|one| one_of(one, size)).collect();
            documents.push(json!({"frame": loaded.frame, "found": found}));
        }
    }
    out.finish()?;
    let each = milliseconds(total) / sequence.len().max(1) as f64;
    if args.json {
        return say(&pretty(&json!({
            "sequence": sequence.name(),
            "detector": document_of(detector),
            "ms_each": each,
            "frames": documents,
        })));
    }
    let (name, frames) = (sequence.name(), sequence.len());
    say(&format!("{name}: {} found in {frames} frames, {each:.1} ms each, {}\n", tally.boxes(), words_of(detector)))?;
    say(&table::table(&["label", "frames", "boxes", "best score"], &tally.rows()))
}

/// Where what was found in a sequence goes.
enum Out {
    Nowhere,
    Pictures(OutDir),
    Lines(std::io::BufWriter<std::fs::File>, PathBuf),
}

impl Out {
    fn of(path: Option<&Path>) -> Result<Self> {
        let Some(path) = path else { return Ok(Self::Nowhere) };
        if path.extension().is_none_or(|extension| extension != "jsonl") {
            return Ok(Self::Pictures(OutDir::create(path)?));
        }
        let file = std::fs::File::create(path).map_err(|error| unwritten(path, &error))?;
        Ok(Self::Lines(std::io::BufWriter::new(file), path.to_path_buf()))
    }

    fn take(&mut self, frame: usize, picture: &Rgb, found: &[Found]) -> Result<()> {
        match self {
            Self::Nowhere => Ok(()),
            Self::Pictures(folder) => {
                let mut bytes = std::io::Cursor::new(Vec::new());
                let failed = |error: image::ImageError| Error::io(format!("a picture cannot be made: {error}"));
                draw::drawn(picture, found)?.write_to(&mut bytes, ImageFormat::Png).map_err(failed)?;
                folder.write(&format!("{frame:06}.png"), |file| {
                    file.write_all(bytes.get_ref()).map_err(|error| Error::io(error.to_string()))
                })
            }
            Self::Lines(file, path) => {
                for one in found {
                    let mut line = json!({"frame": frame});
                    if let (Some(line), Value::Object(more)) = (line.as_object_mut(), one_of(one, picture.size())) {
                        line.extend(more.into_iter().filter(|(key, _)| key != "class"));
                    }
                    writeln!(file, "{line}").map_err(|error| unwritten(path, &error))?;
                }
                Ok(())
            }
        }
    }

    fn finish(self) -> Result<()> {
        match self {
            Self::Lines(mut file, path) => file.flush().map_err(|error| unwritten(&path, &error)),
            _ => Ok(()),
        }
    }
}

fn unwritten(path: &Path, error: &std::io::Error) -> Error {
    Error::io(format!("{} cannot be written: {error}", path.display()))
}

/// How often each label was found.
#[derive(Default)]
struct Tally {
    /// Pictures it was in, boxes, and the best score.
    labels: BTreeMap<String, (usize, usize, f32)>,
}

impl Tally {
    fn add(&mut self, found: &[Found]) {
        let mut own: BTreeMap<&str, (usize, f32)> = BTreeMap::new();
        for one in found {
            let (boxes, best) = own.entry(&one.label).or_default();
            (*boxes, *best) = (*boxes + 1, best.max(one.score));
        }
        for (label, (boxes, best)) in own {
            let all = self.labels.entry(label.to_string()).or_default();
            *all = (all.0 + 1, all.1 + boxes, all.2.max(best));
        }
    }

    fn boxes(&self) -> usize {
        self.labels.values().map(|(_, boxes, _)| boxes).sum()
    }

    /// Most boxes first.
    fn rows(&self) -> Vec<Vec<String>> {
        let mut labels: Vec<_> = self.labels.iter().collect();
        labels.sort_by_key(|(_, (_, boxes, _))| std::cmp::Reverse(*boxes));
        let row = |(label, (frames, boxes, best)): (&String, &(usize, usize, f32))| {
            vec![label.clone(), frames.to_string(), boxes.to_string(), format!("{best:.3}")]
        };
        labels.into_iter().map(row).collect()
    }
}

fn row_of(one: &Found) -> Vec<String> {
    let pixels = one.mask.as_ref().map(|mask| mask.data.iter().filter(|byte| **byte != 0).count().to_string());
    let [x0, y0, x1, y1] = one.bbox;
    let place = format!("{x0:.1} {y0:.1} {x1:.1} {y1:.1}");
    vec![one.label.to_string(), format!("{:.3}", one.score), place, pixels.unwrap_or_default()]
}

fn one_of(one: &Found, size: (usize, usize)) -> Value {
    let mut document = json!({"label": &*one.label, "class": one.class, "score": one.score, "box": one.bbox});
    if let Some(mask) = &one.mask {
        document["mask"] = json!({"size": [size.1, size.0], "counts": counts_of(mask, size)});
    }
    document
}

/// COCO's run lengths of a mask in the whole picture: columns first, zeros first.
fn counts_of(mask: &Mask, (width, height): (usize, usize)) -> Vec<u32> {
    let (left, top) = (mask.x as usize, mask.y as usize);
    let (wide, high) = (mask.width as usize, mask.height as usize);
    let is_inside = |u: usize, v: usize| {
        let (Some(column), Some(row)) = (u.checked_sub(left), v.checked_sub(top)) else { return false };
        column < wide && row < high && mask.data.get(row * wide + column).is_some_and(|byte| *byte != 0)
    };
    let mut counts = vec![0];
    let mut before = false;
    for now in (0..width).flat_map(|u| (0..height).map(move |v| (u, v))).map(|(u, v)| is_inside(u, v)) {
        if now != before {
            counts.push(0);
            before = now;
        }
        if let Some(last) = counts.last_mut() {
            *last += 1;
        }
    }
    counts
}

fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}

#[cfg(test)]
mod tests {
    use super::*;
    use gnomon::frame::decode_coco_rle;

    #[test]
    fn a_mask_is_the_same_after_its_run_lengths_are_read() {
        let data = vec![255, 0, 0, 255, 255, 0];
        let mask = Mask { data, x: 2, y: 1, width: 3, height: 2 };
        let counts = counts_of(&mask, (7, 4));
        let read = decode_coco_rle(&counts, 7, 4).expect("run lengths");
        let (ours, theirs) = (mask.view().expect("a mask"), read.view().expect("a mask"));
        for (u, v) in (0..4).flat_map(|v| (0..7).map(move |u| (u, v))) {
            assert_eq!(ours.contains(u, v), theirs.contains(u, v), "{u} {v}");
        }
    }
}
