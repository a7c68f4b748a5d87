//! The files a run leaves behind. One line of [`write_all`] for each.

use gnomon::scene::{Snapshot, write_scene_json};
use gnomon::{Error, Result};
use serde_json::Value;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// The folder, and what was written into it.
pub struct OutDir {
    dir: PathBuf,
    written: Vec<PathBuf>,
}

/// Writes every file of a finished run; returns where they lie.
pub fn write_all(dir: &Path, snapshot: &Snapshot, timing: &Value) -> Result<Vec<PathBuf>> {
    let mut out = OutDir::create(dir)?;
    out.write("scene.json", |file| write_scene_json(snapshot, file))?;
    out.write("timing.json", |file| writeln!(file, "{timing:#}").map_err(|error| Error::io(error.to_string())))?;
    Ok(out.written)
}

impl OutDir {
    /// Makes the folder if it is not there.
    pub fn create(dir: &Path) -> Result<Self> {
        fs::create_dir_all(dir).map_err(|error| Error::io(format!("{} cannot be made: {error}", dir.display())))?;
        Ok(Self { dir: dir.to_owned(), written: Vec::new() })
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
