//! `gnomon run --geometry-model`: poses, cameras and depth from pictures alone, and what makes them metres.
//!
//! Where nothing tells the factor the scene is up to scale: it is about as large as a room, says so, and answers about metres
//! are refused.

use crate::network::{NetworkArgs, ran_on, runtime};
use gnomon::depth::GeometryNet;
use gnomon::frame::{ImageView, PixelFormat, Up};
use gnomon::geometry::{Floor, Joiner, Track, windows};
use gnomon::models::{Family, ModelFolder};
use gnomon::runtime::Control;
use gnomon::scale::{Cue, ScaleEstimate, SparsePoint};
use gnomon::scene::Snapshot;
use gnomon::sequence::{PosedPicture, Sequence, pictures_of, read_picture};
use gnomon::{Error, Result};
use nalgebra::{Point3, UnitVector3, Vector3};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Pictures of a window where nobody says and the graph takes any number.
const WINDOW: usize = 8;

/// A stamp in a file is a picture's if it is no farther from it than this, seconds.
const NEAR_S: f64 = 0.02;

/// How far a told height, size or point may be off where nobody says, as a share of it.
const TOLD_SIGMA: f64 = 0.02;

/// The most depth that is held, pixels of all pictures: 4 GiB.
const MOST_PIXELS: usize = 1 << 30;

#[derive(clap::Args)]
pub struct GeometryArgs {
    /// Poses, cameras and depth by this network of many views: a folder of pictures will do, what else lies there is not read
    #[arg(long, value_name = "DIR|FILE")]
    #[arg(conflicts_with_all = ["depth_model", "live", "stands_still", "depth_scale", "intrinsics", "depth_intrinsics", "color_from_depth"])]
    geometry_model: Option<PathBuf>,
    /// Family of a geometry model that does not say it: vggt, depth_anything_3
    #[arg(long, value_name = "F", value_parser = Family::parse, requires = "geometry_model")]
    geometry_family: Option<Family>,
    /// Pictures that the network sees at once [default: 8, or as many as it takes]
    #[arg(long, value_name = "N", requires = "geometry_model", value_parser = clap::value_parser!(u16).range(2..=256))]
    window: Option<u16>,
    /// Pictures that a window shares with the one before [default: a quarter of them]
    #[arg(long, value_name = "N", requires = "geometry_model", value_parser = clap::value_parser!(u16).range(1..=255))]
    shared: Option<u16>,
    /// Mean height of the camera over the floor, metres: it makes the scene metric. With its standard deviation: 1.2,0.02
    #[arg(long, value_name = "M[,SIGMA]", requires = "geometry_model", value_parser = parse_measured)]
    camera_height: Option<Measured>,
    /// Things whose size is known, metres: door=2.03 (its height), table.length=1.6, desk.width=0.8; needs detections
    #[arg(long, value_name = "LABEL[.SIDE]=M,...", requires = "geometry_model", value_delimiter = ',')]
    #[arg(value_parser = KnownSize::parse)]
    known_sizes: Vec<KnownSize>,
    /// Where odometry had the cameras: lines of stamp, x, y, z, metres, in any world. A picture's stamp is its name, if that is a
    /// number, or else its place from 0
    #[arg(long, value_name = "FILE", requires = "geometry_model")]
    odometry: Option<PathBuf>,
    /// Points that a sensor measured: lines of stamp (as with --odometry), column, row, depth [, its standard deviation], metres
    #[arg(long, value_name = "FILE", requires = "geometry_model")]
    points: Option<PathBuf>,
}

/// A length with its standard deviation, metres.
#[derive(Clone, Copy)]
pub struct Measured {
    metres: f64,
    sigma_m: f64,
}

/// A thing whose size is known.
#[derive(Clone)]
pub struct KnownSize {
    label: String,
    side: KnownSide,
    metres: f64,
}

#[derive(Clone, Copy, PartialEq)]
enum KnownSide {
    Height,
    Length,
    Width,
}

fn parse_measured(text: &str) -> std::result::Result<Measured, String> {
    let (metres, sigma_m) = text.split_once(',').map_or((text, None), |(metres, sigma)| (metres, Some(sigma)));
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0);
    let metres = number(metres).filter(|metres| *metres > 0.0);
    let sigma_m = sigma_m.map_or(metres.map(|metres| TOLD_SIGMA * metres), number);
    let both = metres.zip(sigma_m).map(|(metres, sigma_m)| Measured { metres, sigma_m });
    both.ok_or_else(|| "expected metres above 0, or metres and their standard deviation: 1.2,0.02".into())
}

impl KnownSize {
    fn parse(text: &str) -> std::result::Result<Self, String> {
        let wrong =
            || "expected LABEL=METRES, LABEL.height=METRES, LABEL.length=METRES or LABEL.width=METRES".to_owned();
        let (name, metres) = text.rsplit_once('=').ok_or_else(wrong)?;
        let (label, side) = match name.rsplit_once('.') {
            Some((label, "height")) => (label, KnownSide::Height),
            Some((label, "length")) => (label, KnownSide::Length),
            Some((label, "width")) => (label, KnownSide::Width),
            Some(_) => return Err(wrong()),
            None => (name, KnownSide::Height),
        };
        let metres = metres.trim().parse().ok().filter(|metres: &f64| *metres > 0.0 && metres.is_finite());
        let label = label.trim().to_lowercase();
        metres.filter(|_| !label.is_empty()).map(|metres| Self { label, side, metres }).ok_or_else(wrong)
    }
}

/// Pictures with poses, cameras and depth in the network's own units.
#[derive(Clone)]
pub struct Geometry {
    folder: PathBuf,
    pictures: Vec<PathBuf>,
    track: Track,
    up: UnitVector3<f64>,
    floor: Option<Floor>,
    cues: Vec<Cue>,
    words: String,
}

/// The same as a sequence, upright, in metres or about as large.
pub struct Posed {
    pub sequence: Sequence,
    pub track: Track,
    /// Metres a unit that the track was made larger by.
    pub factor: f64,
}

impl GeometryArgs {
    /// Whether a network was named.
    pub fn is_named(&self) -> bool {
        self.geometry_model.is_some()
    }

    /// The things whose size is known.
    pub fn known_sizes(&self) -> &[KnownSize] {
        &self.known_sizes
    }

    /// Asks the network about the pictures of `folder`, window by window. `up` is in the first camera's axes.
    pub fn look(&self, folder: &Path, up: Option<Up>, network: &NetworkArgs) -> Result<Option<Geometry>> {
        let Some(model) = &self.geometry_model else { return Ok(None) };
        let model = ModelFolder::open(model, self.geometry_family, None)?;
        let net = GeometryNet::open(&runtime()?, &model, None, &network.session_options())?;
        let pictures = pictures_of(folder)?;
        let track = self.track(&net, &pictures)?;
        let told = up.map(direction).transpose()?.flatten();
        let floor = Floor::find(&track, told);
        let none = || {
            Error::argument(
                "no floor was seen below the cameras: tell which way is up with --up, in the axes of the first camera (-y \
                 where it is level)",
            )
        };
        let up = told.or(floor.as_ref().map(|floor| floor.up)).ok_or_else(none)?;
        let cues = self.cues(&track, floor.as_ref(), &pictures)?;
        let words = format!("{} on {}, {}", net.family(), ran_on(net.session()), joints_in_words(&track));
        Ok(Some(Geometry { folder: folder.to_owned(), pictures, track, up, floor, cues, words }))
    }

    fn track(&self, net: &GeometryNet, pictures: &[PathBuf]) -> Result<Track> {
        let size = self.window.map(usize::from).or(net.pictures_at_once()).unwrap_or(WINDOW);
        let shared = self.shared.map_or(size.div_ceil(4), usize::from);
        let mut joiner = Joiner::default();
        let mut pixels = 0;
        for window in windows(pictures.len(), size, shared)? {
            let read: Vec<_> = pictures[window.clone()].iter().map(|path| read_picture(path)).collect::<Result<_>>()?;
            let views = read.iter().map(view_of).collect::<Result<Vec<_>>>()?;
            pixels += read.iter().map(|(width, height, _)| *width as usize * *height as usize).sum::<usize>();
            if pixels > MOST_PIXELS {
                return Err(Error::argument(format!(
                    "{} pictures are more than are held at once, {MOST_PIXELS} pixels: choose some (gnomon select)",
                    pictures.len()
                )));
            }
            let named = |error: Error| error.within(format_args!("pictures {} to {}", window.start, window.end - 1));
            let views = net.estimate(&views, &Control::default()).map_err(named)?;
            joiner.add(window.start, views)?;
        }
        Ok(joiner.finish())
    }

    fn cues(&self, track: &Track, floor: Option<&Floor>, pictures: &[PathBuf]) -> Result<Vec<Cue>> {
        let mut cues = Vec::new();
        let mut take = |named: &str, found: Vec<Cue>| {
            let none = || Error::argument(format!("{named} tells no scale of these pictures"));
            cues.extend(Some(found).filter(|found| !found.is_empty()).ok_or_else(none)?);
            Ok::<(), Error>(())
        };
        if let Some(Measured { metres, sigma_m }) = self.camera_height {
            let none = || Error::argument("--camera-height tells no scale: no floor was seen below the cameras");
            take("--camera-height", track.height_cues(floor.ok_or_else(none)?, metres, sigma_m)?)?;
        }
        if let Some(path) = &self.odometry {
            let places: Vec<_> = rows(path, 4, pictures)?
                .into_iter()
                .map(|(picture, row)| (picture, Point3::new(row[1], row[2], row[3])))
                .collect();
            take("--odometry", track.odometry_cues(&places)?)?;
        }
        if let Some(path) = &self.points {
            let point = |row: &[f64]| {
                let sigma_m = row.get(4).copied().unwrap_or(TOLD_SIGMA * row[3]);
                SparsePoint { pixel: [row[1], row[2]], z_m: row[3], sigma_m }
            };
            let points: Vec<_> =
                rows(path, 4, pictures)?.into_iter().map(|(picture, row)| (picture, point(&row))).collect();
            take("--points", track.point_cues(&points)?)?;
        }
        Ok(cues)
    }
}

fn view_of((width, height, pixels): &(u32, u32, Vec<u8>)) -> Result<ImageView<'_>> {
    ImageView::new(pixels, *width, *height, 0, PixelFormat::Rgb8)
}

impl Geometry {
    /// What the network is, what it runs on, and how its windows fit.
    pub fn words(&self) -> &str {
        &self.words
    }

    /// Whether the network itself gives metres.
    pub fn is_metric(&self) -> bool {
        self.track.is_metric()
    }

    /// Metres a unit, of the cues there are and these; `None` where there are none.
    pub fn scale(&self, more: Vec<Cue>) -> Result<Option<ScaleEstimate>> {
        let cues: Vec<Cue> = self.cues.iter().copied().chain(more).collect();
        (!cues.is_empty()).then(|| ScaleEstimate::of(&cues)).transpose()
    }

    /// In metres by `scale`; without one as the network has it if that is metres, or else about as large as a room.
    pub fn posed(self, scale: Option<&ScaleEstimate>) -> Result<Posed> {
        let floor = self.floor.as_ref();
        let own = || if self.track.is_metric() { 1.0 } else { self.track.likely_factor(floor) };
        let factor = scale.map_or_else(own, |scale| scale.factor);
        let track = self.track.upright(self.up, floor, factor);
        let posed = self.pictures.into_iter().zip(track.frames()).map(|(path, frame)| PosedPicture {
            path,
            intrinsics: frame.intrinsics,
            world_from_camera: frame.world_from_camera,
        });
        Ok(Posed { sequence: Sequence::of_pictures(&self.folder, posed.collect())?, track, factor })
    }
}

/// Cues of the things of a scene whose size is known; `factor` made the network's units its own.
pub fn size_cues(snapshot: &Snapshot, known: &[KnownSize], factor: f64) -> Result<Vec<Cue>> {
    let mut cues = Vec::new();
    for one in known {
        let before = cues.len();
        for object in snapshot.objects().filter(|object| object.label.to_lowercase() == one.label && !object.truncated)
        {
            let (size, sigma) = seen_side(object, one.side);
            let sigma = if sigma.is_finite() { sigma } else { size };
            let known_sigma_m = TOLD_SIGMA * one.metres;
            cues.push(Cue::from_known_size(size / factor, sigma / factor, one.metres, known_sigma_m)?);
        }
        if cues.len() == before {
            return Err(Error::argument(format!("--known-sizes: no {} was seen whole", one.label)));
        }
    }
    Ok(cues)
}

/// A side of a thing's box and its standard deviation.
fn seen_side(object: &gnomon::scene::Object, side: KnownSide) -> (f64, f64) {
    let upright = |k: usize| {
        let mut axis = Vector3::zeros();
        axis[k] = 1.0;
        (object.obb.world_from_box * axis).z.abs()
    };
    let mut axes = [0, 1, 2];
    axes.sort_by(|a, b| upright(*b).total_cmp(&upright(*a)));
    let [height, a, b] = axes;
    let (longer, shorter) = if object.obb.size[a] >= object.obb.size[b] { (a, b) } else { (b, a) };
    let axis = match side {
        KnownSide::Height => height,
        KnownSide::Length => longer,
        KnownSide::Width => shorter,
    };
    (object.obb.size[axis], object.size_sigma_m[axis])
}

/// The direction that is told; none where it is to be found.
fn direction(up: Up) -> Result<Option<UnitVector3<f64>>> {
    let turn = up.rotation()?;
    Ok(turn.map(|turn| UnitVector3::new_unchecked(turn.inverse() * Vector3::z())))
}

fn joints_in_words(track: &Track) -> String {
    let pictures = track.frames().len();
    let joints = track.joints();
    if joints.is_empty() {
        return format!("{pictures} pictures in one window");
    }
    let most = |of: fn(&gnomon::geometry::Joint) -> f64| joints.iter().map(of).fold(0.0, f64::max);
    let (turn, offset) = (most(|joint| joint.rotation_rad).to_degrees(), 100.0 * most(|joint| joint.offset));
    let unit = 100.0 * most(|joint| joint.scale.sigma_ln);
    let contradicting = joints.iter().filter(|joint| !joint.scale.conflicts.is_empty()).count();
    let tail = if contradicting > 0 {
        format!("; depth and cameras contradict each other in {contradicting}")
    } else {
        String::new()
    };
    format!(
        "{pictures} pictures in {} windows, joined within {unit:.1} % of the unit, {turn:.1}° and {offset:.1} % of the depth at \
         worst{tail}",
        joints.len() + 1
    )
}

/// For programs: the factor and what each kind of cue says of it.
pub fn document_of(scale: &ScaleEstimate) -> Value {
    let kind = |one: &gnomon::scale::KindReport| {
        json!({
            "cue": one.kind.words(), "factor": one.factor, "sigma_ln": one.sigma_ln, "cues": one.cues,
            "residual_ln": one.residual_ln,
        })
    };
    let conflict = |one: &gnomon::scale::Conflict| json!({"cues": one.kinds.map(|kind| kind.words()), "ratio": one.ratio, "sigmas": one.sigmas});
    json!({
        "metres_a_unit": scale.factor,
        "sigma_ln": scale.sigma_ln,
        "cues": scale.kinds.iter().map(kind).collect::<Vec<_>>(),
        "conflicts": scale.conflicts.iter().map(conflict).collect::<Vec<_>>(),
    })
}

/// For people: the same, a line for each kind of cue that is not alone.
pub fn text_of(scale: &ScaleEstimate) -> String {
    let mut text = format!("scale: {scale}\n");
    if scale.kinds.len() > 1 {
        for one in &scale.kinds {
            text += &format!("  {}: {:+.1} % off\n", one.kind.words(), 100.0 * one.residual_ln.exp_m1());
        }
    }
    text
}

/// What each picture is called in files: its name, if every picture's is a number, or else its place.
fn stamps(pictures: &[PathBuf]) -> Vec<f64> {
    let named = |path: &PathBuf| path.file_stem()?.to_str()?.parse::<f64>().ok().filter(|stamp| stamp.is_finite());
    let stamps: Option<Vec<f64>> = pictures.iter().map(named).collect();
    stamps.unwrap_or_else(|| (0..pictures.len()).map(|place| place as f64).collect())
}

/// The rows of a file whose stamp is a picture's, by picture: numbers between blanks or commas, `#` begins a remark.
fn rows(path: &Path, least: usize, pictures: &[PathBuf]) -> Result<Vec<(usize, Vec<f64>)>> {
    let failed = |error: std::io::Error| Error::io(format!("{} cannot be read: {error}", path.display()));
    let text = std::fs::read_to_string(path).map_err(failed)?;
    let stamps = stamps(pictures);
    let mut found = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.split('#').next().unwrap_or_default();
        let words = || line.split([' ', '\t', ',']).filter(|word| !word.is_empty());
        let row: Vec<f64> = words().filter_map(|word| word.parse().ok()).filter(|x: &f64| x.is_finite()).collect();
        if row.is_empty() && words().next().is_none() {
            continue;
        }
        if row.len() < least || row.len() != words().count() {
            let place = path.display();
            return Err(Error::io(format!("{place} line {number}: \"{line}\", expected {least} numbers or more")));
        }
        let away = |picture: &usize| (stamps[*picture] - row[0]).abs();
        let nearest = (0..stamps.len()).min_by(|a, b| away(a).total_cmp(&away(b)));
        found.extend(nearest.filter(|picture| away(picture) <= NEAR_S).map(|picture| (picture, row)));
    }
    found.sort_by_key(|(picture, _)| *picture);
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use gnomon::geom::OrientedBox;
    use gnomon::scene::{Object, ObjectId, ObjectState};

    #[test]
    fn known_sizes_and_heights_are_read_and_nonsense_is_refused() {
        let door = KnownSize::parse("front door=2.03").expect("a size");
        assert!(door.label == "front door" && door.side == KnownSide::Height && door.metres == 2.03);
        assert!(
            KnownSize::parse("Table.length=1.6").is_ok_and(|one| one.label == "table" && one.side == KnownSide::Length)
        );
        for text in ["door", "door=", "door=-1", "=2", "door.depth=2"] {
            assert!(KnownSize::parse(text).is_err(), "{text}");
        }
        let height = parse_measured("1.2,0.05").expect("a height");
        assert_eq!((height.metres, height.sigma_m), (1.2, 0.05));
        for text in ["0", "x", "1.2,-1", "nan"] {
            assert!(parse_measured(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_thing_of_known_size_tells_the_factor_by_the_side_that_is_named() {
        let object = Object {
            id: ObjectId(1),
            label: "Door".into(),
            name: "Door#1".into(),
            labels: Box::new([]),
            obb: OrientedBox::upright(Point3::origin(), Vector3::new(0.2, 1.8, 4.0), 0.7),
            centre_cov_m2: [1e-4, 0.0, 0.0, 1e-4, 0.0, 1e-4],
            size_sigma_m: [0.01, 0.02, 0.04],
            yaw_sigma_rad: 0.1,
            existence: 1.0,
            truncated: false,
            state: ObjectState::Confirmed,
            first_seen_ns: 0,
            last_seen_ns: 0,
            observations: 3,
            last_seen_path_m: 0.0,
            feature: None,
        };
        let scene = Snapshot::of(vec![object], Vec::new(), 0).expect("a scene");
        let factor = |text: &str| {
            let known = KnownSize::parse(text).expect("a size");
            size_cues(&scene, &[known], 2.0).map(|cues| cues[0].factor())
        };
        for text in ["door=2", "door.length=0.9", "door.width=0.1"] {
            assert!((factor(text).expect("a cue") - 1.0).abs() < 1e-9, "{text}");
        }
        assert!(factor("chair=1").is_err(), "no chair was seen");
    }

    #[test]
    fn a_picture_is_called_by_its_name_where_all_are_numbers() {
        let paths = |names: [&str; 2]| names.map(PathBuf::from).to_vec();
        assert_eq!(stamps(&paths(["a/00047.png", "a/00048.5.png"])), [47.0, 48.5]);
        assert_eq!(stamps(&paths(["a/front.png", "a/00048.png"])), [0.0, 1.0]);
    }
}
