//! The files a run leaves behind. One line of [`write_all`] for each.

use gnomon::cogmap::{CogMapOptions, LocalCogMap, LocalFrame, top_view_png, top_view_svg};
use gnomon::graph::{Chain, ToldScene};
use gnomon::keep::save_scene;
use gnomon::scene::Snapshot;
use gnomon::{Error, Result};
use serde_json::Value;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// Scale of the top view, pixels per metre.
const TOP_VIEW_PX_PER_M: f64 = 100.0;

/// The folder, and what was written into it.
pub struct OutDir {
    dir: PathBuf,
    written: Vec<PathBuf>,
}

/// Writes every file of a finished run, the scene packed if asked for; returns where they lie.
pub fn write_all(dir: &Path, packed: bool, told: &ToldScene, chain: &Chain, timing: &Value) -> Result<Vec<PathBuf>> {
    let mut out = OutDir::create(dir)?;
    let text = |error: std::io::Error| Error::io(error.to_string());
    out.save(if packed { "scene.json.zst" } else { "scene.json" }, told)?;
    out.write("chain.txt", |file| file.write_all(chain.to_text().as_bytes()).map_err(text))?;
    if told.snapshot.frames() > 0 {
        write_maps(&mut out, &told.snapshot)?;
    }
    out.write("timing.json", |file| writeln!(file, "{timing:#}").map_err(text))?;
    Ok(out.written)
}

/// The LocalCogMap round the newest camera (facing world x where it looks straight up or down), and the whole map from
/// above.
fn write_maps(out: &mut OutDir, snapshot: &Snapshot) -> Result<()> {
    let pose = snapshot.world_from_camera();
    let frame =
        LocalFrame::from_pose(&pose).or_else(|_| LocalFrame::new([pose.translation.x, pose.translation.y], 0.0))?;
    let map = LocalCogMap::build(snapshot, &frame, &CogMapOptions::default())?;
    let text = |error: std::io::Error| Error::io(error.to_string());
    out.write("cogmap.txt", |file| writeln!(file, "{}", map.to_text()).map_err(text))?;
    out.write("cogmap_ascii.txt", |file| file.write_all(map.to_ascii().as_bytes()).map_err(text))?;
    out.write("cogmap.png", |file| file.write_all(&map.to_png()?).map_err(text))?;
    out.write("cogmap.svg", |file| file.write_all(map.to_svg().as_bytes()).map_err(text))?;
    out.write("top_view.svg", |file| file.write_all(top_view_svg(snapshot).as_bytes()).map_err(text))?;
    let picture = top_view_png(snapshot, TOP_VIEW_PX_PER_M)?;
    out.write("top_view.png", |file| {
        let encoder = image::codecs::png::PngEncoder::new(file);
        picture.write_with_encoder(encoder).map_err(|error| Error::io(error.to_string()))
    })
}

impl OutDir {
    /// Makes the folder if it is not there.
    pub fn create(dir: &Path) -> Result<Self> {
        fs::create_dir_all(dir).map_err(|error| Error::io(format!("{} cannot be made: {error}", dir.display())))?;
        Ok(Self { dir: dir.to_owned(), written: Vec::new() })
    }

    /// Where the files lie that were written.
    pub fn into_written(self) -> Vec<PathBuf> {
        self.written
    }

    /// Saves the scene: whole or not at all.
    fn save(&mut self, name: &str, told: &ToldScene) -> Result<()> {
        let path = self.dir.join(name);
        save_scene(&path, told)?;
        self.written.push(path);
        Ok(())
    }

    /// Makes one file with what `fill` writes.
    pub fn write(&mut self, name: &str, fill: impl FnOnce(&mut BufWriter<File>) -> Result<()>) -> Result<()> {
        let path = self.dir.join(name);
        let failed = |error: std::io::Error| Error::io(format!("{} cannot be written: {error}", path.display()));
        let mut file = BufWriter::new(File::create(&path).map_err(failed)?);
        fill(&mut file).map_err(|error| error.within(path.display()))?;
        file.flush().map_err(failed)?;
        self.written.push(path);
        Ok(())
    }
}
