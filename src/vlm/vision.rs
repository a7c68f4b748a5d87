//! Pictures to rows: the vision graph, or several of which each takes one grid of patches.
//!
//! Graphs are loaded when a picture first asks for them. One that quantises what goes through it by its largest numbers makes
//! something else of a picture beside others than of it alone: pictures of one prompt go through it together, if it takes several
//! and has no grid.

use super::embed::floats;
use super::folder::GraphFile;
use super::hugging_face::grid_of;
use super::picture::{Prepared, side_of_many};
use crate::error::{Error, ErrorKind, Result};
use crate::runtime::{
    Control, DType, Floats, Input, ModelFile, Outputs, Runtime, Session, SessionOptions, TensorView, ValueSpec,
};
use std::path::PathBuf;
use std::sync::Arc;

pub(super) struct Vision {
    runtime: Arc<Runtime>,
    options: SessionOptions,
    graphs: Vec<Graph>,
    /// Numbers of one row.
    width: usize,
    /// Whether it takes several pictures, and what is made of one depends on those beside it.
    mixes: bool,
}

struct Graph {
    path: PathBuf,
    /// The one grid that it takes.
    grid: Option<[usize; 3]>,
    /// The one number of patches that it takes.
    patches: Option<usize>,
    session: Option<Session>,
}

/// Operators that scale by the largest number of all that goes in.
const MIXING: [&str; 2] = ["DynamicQuantizeLinear", "DynamicQuantizeMatMul"];

impl Vision {
    /// Looks at the graphs' files; loads none.
    pub(super) fn new(
        runtime: &Arc<Runtime>,
        files: &[&GraphFile],
        width: usize,
        options: &SessionOptions,
    ) -> Result<Self> {
        let mut graphs = Vec::new();
        let mut mixes = false;
        for file in files {
            let model = ModelFile::read(&file.path, &options.limits)?;
            let noted = model.metadata.get("grid_thw").and_then(|words| grid_of(words, ','));
            let pixels = model.input_shapes(&[]).into_iter().find(|(name, _)| name == "pixel_values");
            let takes_several =
                pixels.as_ref().is_some_and(|(_, shape)| shape.len() > 3 && shape[side_of_many(shape.len())].is_none());
            mixes |= takes_several && MIXING.iter().any(|operator| model.operators.contains_key(*operator));
            let patches = pixels.filter(|(_, shape)| shape.len() == 2).and_then(|(_, shape)| shape[0]);
            graphs.push(Graph { path: file.path.clone(), grid: noted.or(file.grid), patches, session: None });
        }
        Ok(Self { runtime: runtime.clone(), options: options.clone(), graphs, width, mixes })
    }

    /// Whether it takes several pictures, and what is made of one depends on those beside it.
    pub(super) fn mixes(&self) -> bool {
        self.mixes
    }

    /// Whether there are graphs at all.
    pub(super) fn is_there(&self) -> bool {
        !self.graphs.is_empty()
    }

    /// What each graph takes: the one grid, or the one number of patches.
    pub(super) fn takes(&self) -> impl Iterator<Item = (Option<[usize; 3]>, Option<usize>)> {
        self.graphs.iter().map(|graph| (graph.grid, graph.patches))
    }

    /// The sessions that are open.
    pub(super) fn sessions(&self) -> impl Iterator<Item = &Session> {
        self.graphs.iter().filter_map(|graph| graph.session.as_ref())
    }

    /// The rows of a picture, as many as it has tokens.
    pub(super) fn rows(&mut self, picture: &Prepared, control: &Control) -> Result<Vec<f32>> {
        let at = self.choose(picture.grid)?;
        let graph = &mut self.graphs[at];
        let session = match graph.session.take() {
            Some(session) => session,
            None => {
                let options = SessionOptions { control: control.clone(), ..self.options.clone() };
                Session::open(&self.runtime, &graph.path, &options)?
            }
        };
        let outcome = run(&session, picture, control).map_err(|error| error.within(graph.path.display()));
        graph.session = Some(session);
        let outputs = outcome?;
        let features = outputs.get("image_features").or_else(|error| match outputs.iter().next() {
            Some((_, first)) => Ok(first),
            None => Err(error),
        })?;
        let rows = floats(features)?.into_owned();
        let (given, expected) = (rows.len(), picture.tokens * self.width);
        if given != expected {
            let (width, tokens, shape) = (self.width, picture.tokens, features.shape());
            return Err(Error::new(
                ErrorKind::Model,
                format!(
                    "the vision graph gives {shape:?}, expected {tokens} rows of {width}: as many as stand in the prompt"
                ),
            ));
        }
        Ok(rows)
    }

    fn choose(&self, grid: Option<[usize; 3]>) -> Result<usize> {
        let Some(grid) = grid else { return Ok(0) };
        let count = grid.iter().product::<usize>();
        let takes = |graph: &Graph| match graph.grid {
            Some(one) => one == grid,
            None => graph.patches.is_none_or(|patches| patches == count),
        };
        self.graphs.iter().position(takes).ok_or_else(|| {
            let known: Vec<String> = self.graphs.iter().map(Graph::taken).collect();
            Error::new(
                ErrorKind::Unsupported,
                format!(
                    "the picture is a grid of {} patches, the folder's graphs take {}",
                    grid_text(grid),
                    known.join(", ")
                ),
            )
        })
    }
}

impl Graph {
    fn taken(&self) -> String {
        match (self.grid, self.patches) {
            (Some(grid), _) => grid_text(grid),
            (None, Some(patches)) => format!("any of {patches} patches"),
            (None, None) => "any".to_string(),
        }
    }
}

fn grid_text([frames, rows, columns]: [usize; 3]) -> String {
    format!("{frames}x{rows}x{columns}")
}

fn run(session: &Session, picture: &Prepared, control: &Control) -> Result<Outputs> {
    let grid: Option<[i64; 3]> = picture.grid.map(|grid| grid.map(|side| side as i64));
    let mask_shape = match picture.shape[..] {
        [batch, tiles, _, height, width] => vec![batch, tiles, height, width],
        _ => Vec::new(),
    };
    let mask = vec![true; mask_shape.iter().product()];
    let pixels = session.inputs().iter().find(|input| input.name == "pixel_values");
    let numbers = Floats::new(&picture.pixels, pixels.map_or(DType::F32, |input| input.dtype));
    // A graph may have been made for several pictures, or none, beside the one side that we have.
    let shape = shape_for(pixels, &picture.shape);
    let mut inputs: Vec<(&str, Input<'_>)> = Vec::new();
    for input in session.inputs() {
        let view = match (input.name.as_str(), input.dtype, &grid) {
            ("pixel_values", dtype, _) if dtype.is_float() => numbers.view(&shape)?,
            ("grid_thw" | "image_grid_thw", DType::I64, Some(grid)) => TensorView::new(&[1, 3], grid)?,
            ("pixel_attention_mask", DType::Bool, None) if !mask_shape.is_empty() => {
                TensorView::new(&mask_shape, &mask)?
            }
            (other, ..) => {
                return Err(Error::new(ErrorKind::Model, format!("takes {other:?} ({input}), which is not known")));
            }
        };
        inputs.push((&input.name, view.into()));
    }
    session.run_with(&inputs, control)
}

/// Tiles as a batch, where the graph has no side of its own for them.
fn shape_for(pixels: Option<&ValueSpec>, shape: &[usize]) -> Vec<usize> {
    let takes = pixels.map_or(0, |input| input.shape.len());
    match shape {
        [1, rest @ ..] if takes == rest.len() && takes > 2 => rest.to_vec(),
        _ => shape.to_vec(),
    }
}
