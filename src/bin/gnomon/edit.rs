//! `gnomon edit`: what an operator says of one thing of a saved scene, kept with who said it and when.

use clap::Subcommand;
use gnomon::geom::OrientedBox;
use gnomon::graph::ToldScene;
use gnomon::keep::{load_scene, save_scene};
use gnomon::scene::{Edit, Object, ObjectId, Snapshot};
use gnomon::{Error, Result};
use nalgebra::{Point3, Vector3};
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

#[derive(clap::Args)]
pub struct Args {
    /// A scene.json or scene.json.zst
    scene: PathBuf,
    /// Where the edited scene goes, which may be the same file; packed when it ends with .zst
    #[arg(long, value_name = "F.json")]
    out: PathBuf,
    /// Who says it
    #[arg(long)]
    who: String,
    /// When, nanoseconds on your clock [default: when the scene was last looked at]
    #[arg(long, value_name = "NS", allow_negative_numbers = true)]
    stamp_ns: Option<i64>,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
    #[command(subcommand)]
    edit: Said,
}

/// THING is a name (chair#2) or an id.
#[derive(Subcommand)]
enum Said {
    /// It has this name from now on
    Rename { thing: String, name: String },
    /// It is one of these
    Relabel { thing: String, label: String },
    /// It is none
    Delete { thing: String },
    /// It is one with another, which lives on
    Merge { thing: String, into: String },
    /// It stands exactly here: centre and sides, metres, and how far it is turned about the vertical, degrees
    Pin {
        thing: String,
        #[arg(value_names = ["X", "Y", "Z", "L", "W", "H", "YAW"], num_args = 7, allow_negative_numbers = true)]
        place: Vec<f64>,
    },
}

/// Edits and saves.
pub fn run(args: &Args) -> Result<ExitCode> {
    let before = load_scene(&args.scene)?;
    let (edit, sentence) = args.edit.of(&before.snapshot)?;
    let stamp_ns = args.stamp_ns.unwrap_or_else(|| before.snapshot.stamp_ns());
    let snapshot = before.snapshot.edited(edit, &args.who, stamp_ns)?;
    let edits = snapshot.edits().len();
    let things = snapshot.len();
    save_scene(&args.out, &ToldScene { snapshot, published: before.published })?;
    crate::say(&if args.json {
        let (scene, who) = (args.out.display().to_string(), &args.who);
        crate::pretty(
            &json!({ "edit": sentence, "who": who, "stamp_ns": stamp_ns, "edits": edits, "objects": things, "scene": scene }),
        )
    } else {
        format!("{sentence}, says {}\n{}\n", args.who, args.out.display())
    })?;
    Ok(ExitCode::SUCCESS)
}

impl Said {
    /// The edit, and the same as a sentence.
    fn of(&self, scene: &Snapshot) -> Result<(Edit, String)> {
        Ok(match self {
            Self::Rename { thing, name } => {
                let thing = named(scene, thing)?;
                let sentence = format!("{} is called {name}", thing.name);
                (Edit::Rename { thing: thing.id, name: name.as_str().into() }, sentence)
            }
            Self::Relabel { thing, label } => {
                let thing = named(scene, thing)?;
                let sentence = format!("{} is a {label}", thing.name);
                (Edit::Relabel { thing: thing.id, label: label.as_str().into() }, sentence)
            }
            Self::Delete { thing } => {
                let thing = named(scene, thing)?;
                (Edit::Delete { thing: thing.id }, format!("{} is none", thing.name))
            }
            Self::Merge { thing, into } => {
                let (thing, into) = (named(scene, thing)?, named(scene, into)?);
                let sentence = format!("{} is {}", thing.name, into.name);
                (Edit::Merge { thing: thing.id, into: into.id }, sentence)
            }
            Self::Pin { thing, place } => {
                let thing = named(scene, thing)?;
                (Edit::Pin { thing: thing.id, obb: box_of(place)? }, format!("{} stands where it was put", thing.name))
            }
        })
    }
}

fn named<'s>(scene: &'s Snapshot, thing: &str) -> Result<&'s Arc<Object>> {
    let by_id = || thing.parse().ok().and_then(|id| scene.object(ObjectId(id)));
    let found = scene.object_named(thing).or_else(by_id);
    found.ok_or_else(|| Error::argument(format!("the scene has no thing named \"{thing}\", and none with that id")))
}

fn box_of(place: &[f64]) -> Result<OrientedBox> {
    let &[x, y, z, l, w, h, yaw_deg] = place else {
        return Err(Error::argument(format!("{} numbers, expected x y z l w h yaw", place.len())));
    };
    Ok(OrientedBox::upright(Point3::new(x, y, z), Vector3::new(l, w, h), yaw_deg.to_radians()))
}
