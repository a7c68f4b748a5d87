//! Recorded sequences: a folder of pictures, depths and poses, read frame by frame.
//!
//! Three layouts are told apart by what lies in the folder:
//!
//! | layout | told by | colour, depth | poses | stamps |
//! |---|---|---|---|---|
//! | `tum` | `rgb.txt`, `depth.txt` | files named there; 1/5000 m a count | `groundtruth.txt`: stamp, translation, quaternion | of the picture |
//! | `7scenes` | `frame-N.color.png` or `.jpg` | beside it `frame-N.depth.png`, millimetres | `frame-N.pose.txt`, 4×4 | made |
//! | `folders` | `images/`, `depth/` | in numeric order, millimetres | `poses.txt`, a 4×4 a line in the same order | made |
//!
//! A fourth, `pictures`, is none on disk: pictures whose poses and cameras the caller knows ([`Sequence::of_pictures`]).
//!
//! A pose is `world_from_camera` in the recording's own world. The number of a frame is its place among the pictures in
//! numeric order (frame-10 after frame-9), whether or not the frame can be used; detections refer to it. Made stamps
//! are number × [`MADE_STEP_NS`]. A picture without depth or pose within [`MAX_GAP_NS`], or whose pose is not finite
//! (tracking was lost), is skipped and listed in [`Sequence::skipped`]; counts that do not match are an error.
//!
//! Intrinsics come from `K.txt` or `camera-intrinsics.txt` in the folder or its parent, or from [`SequenceOptions`]; a
//! `sequence.json` in the folder wins over both (see [`SequenceOptions`] for its keys).
//!
//! Opening reads names and poses; pictures are read by [`Sequence::load`], one frame at a time, and nothing is kept.
//! [`DetectionsFile`] reads what a detector said of such a sequence. Not here: what is done with a frame (`scene`).

mod boxes;
mod config;
mod decode;
mod detections;
mod folders;
mod lens;
mod listing;
mod rle;
mod seven_scenes;
mod text;
mod tum;

pub use boxes::{BoxScene, read_box_scenes};
pub use decode::read_picture;
pub use detections::{DetectionsFile, ListedDetection};
pub use lens::Lens;
pub use listing::{number_in_name, pictures_in, pictures_of};
pub use rle::decode_compressed_counts;

use crate::error::{Error, Result};
use crate::frame::{DepthCamera, DepthFormat, Frame, ImageView, Intrinsics, MetricZ, PixelFormat, Pose, Up};
use std::path::{Path, PathBuf};

/// The most frames of a sequence.
pub const MAX_FRAMES: usize = 1_000_000;

/// Between frames of recordings without stamps, nanoseconds.
pub const MADE_STEP_NS: i64 = 33_333_333;

/// Picture, depth and pose belong together when their stamps differ by no more than this, nanoseconds.
pub const MAX_GAP_NS: i64 = 20_000_000;

/// How a recording is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// TUM RGB-D: lists with stamps.
    Tum,
    /// 7-Scenes, and what KinectFusion tools write: `frame-N.*`.
    SevenScenes,
    /// `images/`, `depth/`, `poses.txt`.
    Folders,
    /// Pictures alone, their poses and cameras told by the caller.
    Pictures,
}

impl Layout {
    /// The word used in texts and files.
    pub fn word(self) -> &'static str {
        match self {
            Self::Tum => "tum",
            Self::SevenScenes => "7scenes",
            Self::Folders => "folders",
            Self::Pictures => "pictures",
        }
    }

    fn parse(word: &str) -> Result<Self> {
        [Self::Tum, Self::SevenScenes, Self::Folders].into_iter().find(|layout| layout.word() == word).ok_or_else(
            || Error::argument(format!("layout is \"{word}\", expected \"tum\", \"7scenes\" or \"folders\"")),
        )
    }
}

/// What a recording does not say of itself. Each is also a key of `sequence.json` (`depth_scale`, `intrinsics`,
/// `depth_intrinsics`, `color_from_depth`; there also `up` and `layout`), which wins. `distortion_model` and
/// `depth_distortion_model` name the lens as ROS does: `plumb_bob`, `rational_polynomial`, `equidistant`; without them
/// the number of coefficients tells the first two (see [`Lens::from_numbers`]).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SequenceOptions {
    /// Metres per count of depth; a number above 1 is read as counts per metre. The layout's own when `None`.
    pub depth_scale: Option<f64>,
    /// The colour camera.
    pub intrinsics: Option<Lens>,
    /// The depth camera, when depth is not registered to colour.
    pub depth_intrinsics: Option<Lens>,
    /// Depth camera coordinates to colour camera coordinates; needs `depth_intrinsics`. The identity when `None`.
    pub colour_from_depth: Option<Pose>,
    /// The camera stood still: poses are not read, every frame has this one.
    pub fixed_pose: Option<Pose>,
    /// Depth is not read, and need not be there: every pixel of every frame has none, for something else to fill in.
    pub without_depth: bool,
}

/// Why a frame is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SkipReason {
    /// No depth near enough in time.
    NoDepth,
    /// No pose near enough in time.
    NoPose,
    /// The pose is not finite: whoever made it had lost track.
    LostTracking,
}

impl SkipReason {
    /// The words used in texts and files.
    pub fn words(self) -> &'static str {
        match self {
            Self::NoDepth => "no depth within 20 ms",
            Self::NoPose => "no pose within 20 ms",
            Self::LostTracking => "pose is not finite",
        }
    }
}

/// A frame that is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Skipped {
    /// Its number.
    pub frame: usize,
    /// Why.
    pub reason: SkipReason,
}

/// Where the parts of one frame lie.
struct Entry {
    frame: usize,
    colour: PathBuf,
    /// `None` where depth is not read.
    depth: Option<PathBuf>,
    world_from_camera: Pose,
    stamp_ns: i64,
}

/// What a layout finds in its folder.
#[derive(Default)]
struct Listed {
    entries: Vec<Entry>,
    skipped: Vec<Skipped>,
}

/// A recorded sequence, opened.
pub struct Sequence {
    name: String,
    layout: Layout,
    listed: Listed,
    lens: Lens,
    /// Where each picture has a camera of its own.
    cameras: Vec<Intrinsics>,
    depth_lens: Option<Lens>,
    colour_from_depth: Pose,
    depth_format: DepthFormat,
    up: Option<Up>,
}

/// A picture whose pose and camera are known.
#[derive(Debug, Clone, PartialEq)]
pub struct PosedPicture {
    /// Where it lies.
    pub path: PathBuf,
    /// Its camera, at the size of the picture.
    pub intrinsics: Intrinsics,
    /// Camera coordinates to coordinates of any world.
    pub world_from_camera: Pose,
}

/// One frame, its images owned.
#[derive(Debug, Clone)]
pub struct LoadedFrame {
    /// Its number: its place among the pictures of the sequence.
    pub frame: usize,
    /// Red, green, blue, row-major.
    pub rgb: Vec<u8>,
    /// Depth counts, row-major.
    pub depth: Vec<u16>,
    /// What the counts mean.
    pub depth_format: DepthFormat,
    /// Width and height of the depth image, pixels.
    pub depth_size: [u32; 2],
    /// The colour camera, at the size of the picture.
    pub intrinsics: Intrinsics,
    /// The depth camera, when depth is not registered to colour.
    pub depth_camera: Option<DepthCamera>,
    /// Camera coordinates to coordinates of the recording's world.
    pub world_from_camera: Pose,
    /// When the picture was taken, nanoseconds.
    pub stamp_ns: i64,
}

impl LoadedFrame {
    /// Borrows it for [`crate::scene::Scene::integrate`].
    pub fn as_frame(&self) -> Result<Frame<'_>> {
        let (width, height) = (self.intrinsics.width, self.intrinsics.height);
        let [depth_width, depth_height] = self.depth_size;
        let counts = bytemuck::cast_slice(&self.depth);
        Ok(Frame {
            colour: Some(ImageView::new(&self.rgb, width, height, 0, PixelFormat::Rgb8)?),
            depth: MetricZ::new(counts, depth_width, depth_height, 0, self.depth_format)?,
            intrinsics: self.intrinsics,
            depth_camera: self.depth_camera,
            world_from_camera: self.world_from_camera,
            stamp_ns: self.stamp_ns,
            camera_id: 0,
        })
    }
}

/// The counts of a depth image, its width and height, and the camera that took it where it is another.
type CountedDepth = (Vec<u16>, (u32, u32), Option<DepthCamera>);

impl Sequence {
    /// Finds out the layout of the folder and lists its frames. No picture is read.
    pub fn open(dir: &Path, options: &SequenceOptions) -> Result<Self> {
        let named = |error: Error| error.within(dir.display());
        if !dir.is_dir() {
            return Err(Error::io(format!("{} is not a folder", dir.display())));
        }
        let config = config::read(dir)?;
        let layout = match &config.layout {
            Some(word) => Layout::parse(word).map_err(|error| error.within(config::FILE_NAME)).map_err(named)?,
            None => layout_of(dir, options.without_depth)?,
        };
        let listed = match layout {
            Layout::Tum => tum::list(dir, options),
            Layout::SevenScenes => seven_scenes::list(dir, options),
            Layout::Folders => folders::list(dir, options),
            // No word of sequence.json is read as this, and no folder found to be it.
            Layout::Pictures => Ok(Listed::default()),
        }?;
        if listed.entries.len() + listed.skipped.len() > MAX_FRAMES {
            return Err(named(Error::io(format!("more than {MAX_FRAMES} frames"))));
        }
        let colour_from_depth = config.colour_from_depth.or(options.colour_from_depth);
        let depth_lens = config.depth_lens.or(options.depth_intrinsics);
        if colour_from_depth.is_some() && depth_lens.is_none() {
            return Err(named(Error::argument("color_from_depth is given without depth intrinsics")));
        }
        Ok(Self {
            name: listing::name_of(dir),
            layout,
            listed,
            lens: lens_of(dir, layout, config.lens.or(options.intrinsics))?,
            cameras: Vec::new(),
            depth_lens,
            colour_from_depth: colour_from_depth.unwrap_or_default(),
            depth_format: depth_format(layout, config.depth_scale.or(options.depth_scale)).map_err(named)?,
            up: config.up,
        })
    }

    /// Pictures in the order given, [`MADE_STEP_NS`] apart, without depth: for something else to fill in. `dir` names it. Fails for
    /// none, and for a camera that cannot be.
    pub fn of_pictures(dir: &Path, pictures: Vec<PosedPicture>) -> Result<Self> {
        let first =
            pictures.first().ok_or_else(|| Error::argument("a sequence of no pictures, expected one at least"))?;
        pictures.iter().try_for_each(|picture| picture.intrinsics.check())?;
        let Intrinsics { fx, fy, cx, cy, distortion, .. } = first.intrinsics;
        let lens = Lens { pinhole: [fx, fy, cx, cy], distortion };
        let cameras = pictures.iter().map(|picture| picture.intrinsics).collect();
        let entry = |(frame, picture): (usize, PosedPicture)| Entry {
            frame,
            colour: picture.path,
            depth: None,
            world_from_camera: picture.world_from_camera,
            stamp_ns: frame as i64 * MADE_STEP_NS,
        };
        let entries = pictures.into_iter().enumerate().map(entry).collect();
        Ok(Self {
            name: listing::name_of(dir),
            layout: Layout::Pictures,
            listed: Listed { entries, skipped: Vec::new() },
            lens,
            cameras,
            depth_lens: None,
            colour_from_depth: Pose::identity(),
            depth_format: depth_format(Layout::Pictures, None)?,
            up: None,
        })
    }

    /// The folder's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How it is laid out.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// The up axis `sequence.json` gives, if it does.
    pub fn up(&self) -> Option<Up> {
        self.up
    }

    /// How many frames can be loaded.
    pub fn len(&self) -> usize {
        self.listed.entries.len()
    }

    /// True when no frame can be loaded.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Frames that are not used, by ascending number.
    pub fn skipped(&self) -> &[Skipped] {
        &self.listed.skipped
    }

    /// Reads the `i`-th frame that can be used, `i` below [`Self::len`].
    pub fn load(&self, i: usize) -> Result<LoadedFrame> {
        let Some(entry) = self.listed.entries.get(i) else {
            return Err(Error::argument(format!("frame {i} of {}, expected one below that", self.len())));
        };
        let colour = decode::colour(&entry.colour)?;
        let size = colour.dimensions();
        let (depth, depth_size, depth_camera) = match &entry.depth {
            Some(path) => self.load_depth(path, size)?,
            None => (vec![0; size.0 as usize * size.1 as usize], size, None),
        };
        let intrinsics = match self.cameras.get(i) {
            Some(camera) if (camera.width, camera.height) == size => *camera,
            Some(camera) => {
                let (path, (width, height)) = (entry.colour.display(), size);
                let expected = format!("{}x{} as its camera", camera.width, camera.height);
                return Err(Error::io(format!("{path} is {width}x{height} pixels, expected {expected}")));
            }
            None => self.lens.at_size(size.0, size.1).map_err(|error| error.within("colour camera"))?,
        };
        Ok(LoadedFrame {
            frame: entry.frame,
            intrinsics,
            rgb: colour.into_raw(),
            depth,
            depth_format: self.depth_format,
            depth_size: [depth_size.0, depth_size.1],
            depth_camera,
            world_from_camera: entry.world_from_camera,
            stamp_ns: entry.stamp_ns,
        })
    }

    fn load_depth(&self, path: &Path, size: (u32, u32)) -> Result<CountedDepth> {
        let depth = decode::depth(path)?;
        let depth_size = depth.dimensions();
        if self.depth_lens.is_none() && size != depth_size {
            return Err(Error::io(format!(
                "{} is {}x{} pixels and its picture {}x{}: depth that is not registered to colour needs depth intrinsics",
                path.display(),
                depth_size.0,
                depth_size.1,
                size.0,
                size.1
            )));
        }
        let depth_camera = match self.depth_lens {
            Some(lens) => Some(DepthCamera {
                intrinsics: lens.at_size(depth_size.0, depth_size.1).map_err(|error| error.within("depth camera"))?,
                colour_from_depth: self.colour_from_depth,
            }),
            None => None,
        };
        Ok((depth.into_raw(), depth_size, depth_camera))
    }
}

fn layout_of(dir: &Path, without_depth: bool) -> Result<Layout> {
    let (has_list, has_folder) = (dir.join("rgb.txt").is_file(), dir.join("images").is_dir());
    if has_list && (without_depth || dir.join("depth.txt").is_file()) {
        return Ok(Layout::Tum);
    }
    if has_folder && (without_depth || dir.join("depth").is_dir()) {
        return Ok(Layout::Folders);
    }
    if seven_scenes::is_here(dir)? {
        return Ok(Layout::SevenScenes);
    }
    let cure = match has_list || has_folder {
        true => ": there are pictures and no depth, so a network must give it (gnomon run --depth-model)",
        false => "",
    };
    Err(Error::io(format!(
        "{} holds no sequence: expected rgb.txt and depth.txt, or frame-*.color.png, or images/ and depth/{cure}",
        dir.display()
    )))
}

fn lens_of(dir: &Path, layout: Layout, given: Option<Lens>) -> Result<Lens> {
    if let Some(lens) = given {
        return Ok(lens);
    }
    for name in ["K.txt", "camera-intrinsics.txt"] {
        for folder in [Some(dir), dir.parent()].into_iter().flatten() {
            let path = folder.join(name);
            if path.is_file() {
                return lens::read_matrix(&path);
            }
        }
    }
    if layout == Layout::Tum {
        log::warn!("{}: no intrinsics given, taking the TUM default 525,525,319.5,239.5", dir.display());
        return Lens::from_numbers(&[525.0, 525.0, 319.5, 239.5], None);
    }
    Err(Error::argument(format!(
        "{} has no K.txt or camera-intrinsics.txt: intrinsics fx,fy,cx,cy must be given",
        dir.display()
    )))
}

fn depth_format(layout: Layout, scale: Option<f64>) -> Result<DepthFormat> {
    let metres_per_unit = match (scale, layout) {
        (Some(scale), _) if !(scale.is_finite() && scale > 0.0) => {
            return Err(Error::argument(format!("depth scale is {scale}, expected more than 0")));
        }
        (Some(counts_per_metre), _) if counts_per_metre > 1.0 => 1.0 / counts_per_metre,
        (Some(scale), _) => scale,
        (None, Layout::Tum) => 1.0 / 5000.0,
        (None, _) => 0.001,
    };
    Ok(DepthFormat::U16 { metres_per_unit: metres_per_unit as f32 })
}

#[cfg(test)]
mod tests;
