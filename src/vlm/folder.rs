//! A model folder that was read: which layout, which family, which files, what its texts say.

use super::chat::Template;
use super::family::VlmFamily;
use super::picture::{Prepared, Processor, Shape};
use super::{genai, hugging_face};
use crate::error::{Error, Result};
use crate::models::Precision;
use std::path::{Path, PathBuf};

/// Whose way of laying out a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// `config.json`, `onnx/embed_tokens.onnx`, `onnx/vision_encoder.onnx`, `onnx/decoder_model_merged.onnx`; of text alone
    /// one graph, `model.onnx` or `decoder_model_merged.onnx`, in `onnx/` or beside.
    HuggingFace,
    /// `genai_config.json` and the graphs that it names.
    GenAi,
}

/// A graph's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphFile {
    /// How its weights are held.
    pub precision: Precision,
    /// Where it lies.
    pub path: PathBuf,
    /// The grid of patches that it takes, if its name tells: time, rows, columns.
    pub grid: Option<[usize; 3]>,
}

/// What a folder says of the model in it.
#[derive(Debug)]
pub struct Folder {
    /// The folder.
    pub path: PathBuf,
    /// How it is laid out.
    pub layout: Layout,
    /// How the model is fed.
    pub family: VlmFamily,
    /// Token numbers to rows; in the layout of onnxruntime-genai the pictures' rows are put in here. Empty where the decoder
    /// takes token numbers.
    pub embed: Vec<GraphFile>,
    /// Pictures to rows. Empty for a model of text alone.
    pub vision: Vec<GraphFile>,
    /// Rows, or token numbers, to the next token.
    pub decoder: Vec<GraphFile>,
    /// The most tokens of prompt and reply together that it was made for, where the folder tells.
    pub context: Option<usize>,
    pub(super) names: Names,
    pub(super) tokens: SpecialTokens,
    pub(super) processor: Processor,
    pub(super) template: Option<Template>,
    /// Steps of position that a second of video takes, of Qwen2.5-VL.
    pub(super) steps_per_second: f64,
}

/// What the graphs do not tell of themselves, where the folder does.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// How inputs and outputs of the cache are called, `%d` standing for the layer.
    pub cache: Vec<(String, String)>,
    /// The last side of the cache, for graphs that do not tell.
    pub head_size: Option<usize>,
}

/// Tokens with a meaning.
#[derive(Debug, Clone, Default)]
pub(super) struct SpecialTokens {
    /// Folders without a vision graph need none.
    pub image: Option<u32>,
    pub video: Option<u32>,
    /// A reply ends with any of these.
    pub ends: Vec<u32>,
    /// What a text begins with, if its tokenizer begins it with something.
    pub begin: Option<String>,
}

impl Folder {
    /// Reads what a folder says. Its graphs are not looked at yet.
    ///
    /// Fails with [`crate::ErrorKind::Io`] for what cannot be read, [`crate::ErrorKind::Model`] for what contradicts itself or leads
    /// out of the folder, [`crate::ErrorKind::Unsupported`] for a family that is not known.
    pub fn read(path: &Path) -> Result<Self> {
        let read = if path.join(genai::CONFIG_NAME).is_file() {
            genai::read(path)
        } else if path.join(hugging_face::CONFIG_NAME).is_file() {
            hugging_face::read(path)
        } else {
            Err(Error::io(
                "is no folder of a vision-language model: expected genai_config.json, or config.json beside its graphs",
            ))
        };
        read.map_err(|error| error.within(path.display()))
    }

    /// Steps of position from one token grid of a video to the next.
    pub(super) fn interval(&self, fps: f64) -> f64 {
        match (&self.processor.shape, self.family) {
            (Shape::Patches { video, .. }, VlmFamily::Qwen25Vl) => self.steps_per_second * (video.frames as f64 / fps),
            _ => 1.0,
        }
    }

    /// The text that stands for a picture in the prompt: its placeholder `word`, as often as it has tokens.
    pub(super) fn words_of(&self, picture: &Prepared, word: &str) -> String {
        let Shape::Tiles(rule) = &self.processor.shape else { return word.repeat(picture.tokens) };
        let tile = word.repeat(rule.tokens);
        let fake = "<fake_token_around_image>";
        let mut text = String::new();
        if let Some((rows, columns)) = picture.tiles {
            for row in 1..=rows {
                for column in 1..=columns {
                    text += &format!("{fake}<row_{row}_col_{column}>{tile}");
                }
                text.push('\n');
            }
            text.push('\n');
        }
        text + &format!("{fake}<global-img>{tile}{fake}")
    }

    /// Whether a folder looks like one of a vision-language model: `models` has other networks' folders.
    pub fn is_one(path: &Path) -> bool {
        path.join(genai::CONFIG_NAME).is_file()
            || ["onnx/decoder_model_merged.onnx", "onnx/embed_tokens.onnx"].iter().any(|name| path.join(name).is_file())
            || hugging_face::has_decoder(path)
            || hugging_face::is_of_text(path)
    }
}

/// The file of a precision; of `None` the first, full precision before less. Fails with those there are.
pub(super) fn choose<'a>(files: &'a [GraphFile], precision: Option<Precision>, what: &str) -> Result<&'a GraphFile> {
    let found = files.iter().find(|file| precision.is_none_or(|precision| precision == file.precision));
    found.ok_or_else(|| {
        let there: Vec<&str> = files.iter().map(|file| file.precision.word()).collect();
        let asked = precision.map_or("any", Precision::word);
        Error::argument(format!("there is no {what} of precision {asked}, only {}", there.join(", ")))
    })
}
