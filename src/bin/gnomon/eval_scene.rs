//! `gnomon eval scene`: one saved scene beside its truth, thing by thing.

use crate::table::table;
use gnomon::eval::{Besides, Comparison, Row, SceneTruth, compare};
use gnomon::keep::load_snapshot;
use gnomon::scene::MAX_SCENE_BYTES;
use gnomon::{Error, Result};
use std::fmt::Write;
use std::io::Read;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub struct Args {
    /// A scene.json or scene.json.zst, as `gnomon run` writes it
    #[arg(long, value_name = "F.json")]
    scene: PathBuf,
    /// A truth.json, as `gnomon make-data` writes it
    #[arg(long, value_name = "F.json")]
    truth: PathBuf,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

/// The comparison as text or as JSON.
pub fn run(args: &Args) -> Result<String> {
    let truth = SceneTruth::from_json(&read(&args.truth)?).map_err(|error| error.within(args.truth.display()))?;
    let scene = load_snapshot(&args.scene)?;
    let comparison = compare(&truth, &scene);
    Ok(if args.json { crate::pretty(&comparison.to_json()) } else { beside(&comparison) })
}

/// A whole text file no larger than a scene may be.
fn read(path: &Path) -> Result<String> {
    let failed = |error: std::io::Error| Error::io(format!("{} cannot be read: {error}", path.display()));
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(failed)?;
    file.take(MAX_SCENE_BYTES as u64 + 1).read_to_string(&mut text).map_err(failed)?;
    if text.len() > MAX_SCENE_BYTES {
        return Err(Error::io(format!("{} is larger than {MAX_SCENE_BYTES} bytes", path.display())));
    }
    Ok(text)
}

/// Each true thing beside what was found, what the map has besides, and a summary.
fn beside(comparison: &Comparison) -> String {
    let rows: Vec<Vec<String>> = comparison.rows.iter().map(row_beside).collect();
    let mut text = table(&["truth", "found", "centre cm", "size cm", "IoU", "yaw °"], &rows);
    for other in &comparison.unmatched {
        let why = match other.why {
            Besides::Duplicate => "lies on a thing that was found already",
            Besides::Misfit => "lies on a thing, too far off to be it",
            Besides::Ghost => "lies on nothing",
        };
        let _ = writeln!(text, "{}: {why}", other.object.name);
    }
    let _ = write!(
        text,
        "\nfound {} of {} seen well enough to be asked for; of all {} found: labels right {}",
        comparison.counted_found(),
        comparison.counted(),
        comparison.found_len(),
        comparison.labels_right()
    );
    if let (Some(centre_m), Some(iou)) = (comparison.centre_m_p50(), comparison.iou_p50()) {
        let _ = write!(text, ", median centre error {:.1} cm, median IoU {iou:.2}", centre_m * 100.0);
    }
    let _ = writeln!(
        text,
        "; besides: {} doubled, {} too far off, {} on nothing",
        comparison.besides(Besides::Duplicate),
        comparison.besides(Besides::Misfit),
        comparison.besides(Besides::Ghost)
    );
    text
}

fn row_beside(row: &Row) -> Vec<String> {
    let label = row.truth.label.clone();
    match &row.found {
        Some((object, found)) => vec![
            label,
            object.name.to_string(),
            format!("{:.1}", found.centre_m * 100.0),
            format!("{:.1}", found.size_m * 100.0),
            format!("{:.2}", found.iou),
            found.yaw_deg.map_or_else(|| "round".into(), |yaw_deg| format!("{yaw_deg:.1}")),
        ],
        None if row.truth.counted => vec![label, "not found".into()],
        None => vec![label, "(hardly seen)".into()],
    }
}
