//! Folders as Hugging Face has them for ONNX, and transformers.js and optimum read and write them.
//!
//! A folder of text alone has no `embed_tokens`: its one graph, `model.onnx` or `decoder_model_merged.onnx`, in `onnx/` or
//! beside `config.json`, takes token numbers. Which `model_type` it is of is all the same.

use super::chat::Template;
use super::config::{Config, steps_per_second};
use super::family::VlmFamily;
use super::folder::{Folder, GraphFile, Layout, Names, SpecialTokens};
use super::picture::{Colours, PatchRule, Processor, Shape, SquareRule, TileRule};
use crate::error::{Error, ErrorKind, Result};
use crate::models::{SUFFIXES, inside};
use std::path::Path;

pub(super) const CONFIG_NAME: &str = "config.json";
const GENERATION_NAME: &str = "generation_config.json";
const PREPROCESSOR_NAME: &str = "preprocessor_config.json";
const PROCESSOR_NAME: &str = "processor_config.json";
const VIDEO_NAME: &str = "video_preprocessor_config.json";

/// The longest side of a patch or picture, and the largest area, that a configuration may ask for.
const MAX_SIDE: usize = 16_384;
const MAX_AREA: usize = 1 << 28;
/// Tokens of one picture.
const MAX_TOKENS: usize = 1 << 20;

/// Whether there is a decoder in any precision.
pub(super) fn has_decoder(folder: &Path) -> bool {
    SUFFIXES.iter().any(|(_, suffix)| folder.join(format!("onnx/decoder_model_merged{suffix}.onnx")).is_file())
}

/// Whether there is one graph that speaks: those of other networks have nothing beside them that says how to speak.
pub(super) fn is_of_text(folder: &Path) -> bool {
    let texts = [CONFIG_NAME, GENERATION_NAME, "tokenizer.json"];
    texts.iter().all(|name| folder.join(name).is_file()) && text_graphs(folder).is_ok_and(|files| !files.is_empty())
}

/// The graphs of a folder of text alone: of the first place and name that there are any of. None if there is a graph of the
/// embedding.
fn text_graphs(path: &Path) -> Result<Vec<GraphFile>> {
    for below in ["onnx/", ""] {
        if !files(path, below, "embed_tokens")?.is_empty() {
            return Ok(Vec::new());
        }
    }
    for name in ["decoder_model_merged", "model"] {
        for below in ["onnx/", ""] {
            let found = files(path, below, name)?;
            if !found.is_empty() {
                return Ok(found);
            }
        }
    }
    Ok(Vec::new())
}

pub(super) fn read(path: &Path) -> Result<Folder> {
    let config = Config::expect(path, CONFIG_NAME)?;
    let model_type = config.text(&["model_type"])?.unwrap_or("none");
    let family = VlmFamily::of_model_type(model_type).map_err(|error| error.within(CONFIG_NAME));
    let tokenizer = Config::read(path, "tokenizer_config.json")?;
    let family = match family {
        Err(_) if is_of_text(path) => return read_text(path, &config, tokenizer.as_ref()),
        Err(error) if !text_graphs(path)?.is_empty() => {
            let texts = format!("one of text alone has {GENERATION_NAME} and tokenizer.json beside its graph");
            return Err(Error::new(error.kind(), format!("{error}; {texts}")));
        }
        family => family?,
    };
    let [embed, vision, decoder] =
        ["embed_tokens", "vision_encoder", "decoder_model_merged"].map(|name| files(path, "onnx/", name));
    let (embed, vision, decoder) = (embed?, vision?, decoder?);
    for (name, files) in [("embed_tokens", &embed), ("decoder_model_merged", &decoder)] {
        if files.is_empty() {
            return Err(Error::io(format!("there is no onnx/{name}.onnx, of any precision")));
        }
    }
    let processor = if vision.is_empty() { unused_processor()? } else { processor(path, family, &config)? };
    let tokens = special_tokens(path, &config, tokenizer.as_ref())?;
    if tokens.image.is_none() && !vision.is_empty() {
        return Err(config.wrong(&["image_token_id"], "the number of the picture's token"));
    }
    Ok(Folder {
        path: path.to_path_buf(),
        layout: Layout::HuggingFace,
        family,
        embed,
        vision,
        decoder,
        context: either(&config, "max_position_embeddings")?,
        names: Names::default(),
        tokens,
        processor,
        template: Template::read(path, tokenizer.as_ref())?,
        steps_per_second: steps_per_second(&config, &["vision_config", "tokens_per_second"])?.unwrap_or(4.0),
    })
}

fn read_text(path: &Path, config: &Config, tokenizer: Option<&Config>) -> Result<Folder> {
    let tokens = special_tokens(path, config, tokenizer)?;
    Ok(Folder {
        path: path.to_path_buf(),
        layout: Layout::HuggingFace,
        family: VlmFamily::Text,
        embed: Vec::new(),
        vision: Vec::new(),
        decoder: text_graphs(path)?,
        context: either(config, "max_position_embeddings")?,
        names: Names::default(),
        tokens: SpecialTokens { image: None, video: None, ..tokens },
        processor: unused_processor()?,
        template: Template::read(path, tokenizer)?,
        steps_per_second: 0.0,
    })
}

/// A count that stands in `text_config` or, in older folders, at the top.
fn either(config: &Config, key: &str) -> Result<Option<usize>> {
    match config.count(&["text_config", key], 1 << 30)? {
        Some(count) => Ok(Some(count)),
        None => config.count(&[key], 1 << 30),
    }
}

/// The files of a graph: `name.onnx`, `name_q4.onnx`, and with a grid in the name those for one grid of patches.
fn files(path: &Path, below: &str, name: &str) -> Result<Vec<GraphFile>> {
    let mut names: Vec<String> = match std::fs::read_dir(path.join(below)) {
        Ok(entries) => entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(Error::io(format!("{below}: cannot be listed: {error}"))),
    };
    names.sort_unstable();
    let mut files = Vec::new();
    for (precision, suffix) in SUFFIXES {
        for file in &names {
            let rest = file.strip_prefix(name).and_then(|rest| rest.strip_suffix(".onnx"));
            let Some(grid) = rest.and_then(|rest| rest.strip_suffix(suffix)) else { continue };
            let grid = match grid.strip_prefix('_') {
                None if grid.is_empty() => None,
                Some(words) => match grid_of(words, 'x') {
                    Some(grid) => Some(grid),
                    None => continue,
                },
                None => continue,
            };
            files.push(GraphFile { precision, path: inside(path, &format!("{below}{file}"))?, grid });
        }
    }
    // Of one precision the graph of no particular grid comes first.
    files.sort_by_key(|file| (file.precision, file.grid));
    Ok(files)
}

/// "1x8x12": frames, rows and columns of patches.
pub(super) fn grid_of(words: &str, between: char) -> Option<[usize; 3]> {
    let sides: Option<Vec<usize>> = words.split(between).map(|word| word.trim().parse().ok()).collect();
    <[usize; 3]>::try_from(sides?).ok().filter(|grid| grid.iter().all(|side| (1..=MAX_SIDE).contains(side)))
}

fn special_tokens(path: &Path, config: &Config, tokenizer: Option<&Config>) -> Result<SpecialTokens> {
    let image = match config.token(&["image_token_id"])? {
        Some(token) => Some(token),
        None => config.token(&["image_token_index"])?,
    };
    let generation = Config::read(path, GENERATION_NAME)?;
    let mut ends = generation.as_ref().map_or(Ok(Vec::new()), |config| config.tokens(&["eos_token_id"]))?;
    for key in [&["eos_token_id"][..], &["text_config", "eos_token_id"]] {
        if ends.is_empty() {
            ends = config.tokens(key)?;
        }
    }
    if ends.is_empty() {
        return Err(config.wrong(&["eos_token_id"], "a token that ends a reply, here or in generation_config.json"));
    }
    let begin = tokenizer.and_then(|config| config.token_text("bos_token")).map(str::to_string);
    Ok(SpecialTokens { image, video: config.token(&["video_token_id"])?, ends, begin })
}

/// Of a folder without a vision graph: what it makes of a picture, nobody takes.
pub(super) fn unused_processor() -> Result<Processor> {
    let nothing = Config::nothing(PREPROCESSOR_NAME);
    let rule = patch_rule(&nothing)?;
    Ok(Processor { colours: Colours::of(&nothing, None)?, shape: Shape::Patches { image: rule, video: rule } })
}

fn processor(path: &Path, family: VlmFamily, config: &Config) -> Result<Processor> {
    let outer = Config::read(path, PROCESSOR_NAME)?;
    // Newer folders have all in one text.
    let inner = |key: &str| outer.as_ref().and_then(|outer| outer.part(key));
    let image = match Config::read(path, PREPROCESSOR_NAME)? {
        Some(config) => config,
        None => inner("image_processor").ok_or_else(|| Error::io(format!("{PREPROCESSOR_NAME}: is not there")))?,
    };
    let colours = Colours::of(&image, None)?;
    let shape = match family {
        VlmFamily::Qwen2Vl | VlmFamily::Qwen25Vl => {
            let video = match Config::read(path, VIDEO_NAME)? {
                Some(config) => Some(config),
                None => inner("video_processor"),
            };
            let rule = patch_rule(&image)?;
            Shape::Patches { image: rule, video: video.as_ref().map_or(Ok(rule), patch_rule)? }
        }
        VlmFamily::Llava => Shape::Square(square_rule(&image, outer.as_ref(), config)?),
        VlmFamily::Idefics3 => Shape::Tiles(tile_rule(&image, outer.as_ref(), config)?),
        VlmFamily::Text => return unused_processor(),
    };
    Ok(Processor { colours, shape })
}

pub(super) fn patch_rule(config: &Config) -> Result<PatchRule> {
    let side = |key: &'static str, usual: usize, most: usize| {
        let count = config.count(&[key], most)?.unwrap_or(usual);
        if count == 0 { Err(config.wrong(&[key], "a whole number above 0")) } else { Ok(count) }
    };
    let area = |old: &'static str, new: &'static str, usual: usize| {
        let count = match config.count(&["size", new], MAX_AREA)? {
            Some(count) => Some(count),
            None => config.count(&[old], MAX_AREA)?,
        };
        Ok::<usize, Error>(count.unwrap_or(usual))
    };
    let rule = PatchRule {
        patch: side("patch_size", 14, 256)?,
        merge: side("merge_size", 2, 16)?,
        frames: side("temporal_patch_size", 2, 16)?,
        min_pixels: area("min_pixels", "shortest_edge", 56 * 56)?,
        max_pixels: area("max_pixels", "longest_edge", 28 * 28 * 1280)?,
    };
    if rule.min_pixels > rule.max_pixels {
        return Err(config.wrong(&["size"], "a shortest_edge that is not above longest_edge"));
    }
    Ok(rule)
}

fn square_rule(image: &Config, outer: Option<&Config>, config: &Config) -> Result<SquareRule> {
    let sides = |keys: [&[&str]; 2]| {
        let [height, width] = keys.map(|key| image.count(key, MAX_SIDE));
        Ok::<_, Error>(width?.zip(height?))
    };
    let shortest = match image.count(&["size", "shortest_edge"], MAX_SIDE)? {
        Some(side) => Some(side),
        None if image.at(&["size"]).is_some_and(|size| size.is_u64()) => image.count(&["size"], MAX_SIDE)?,
        None => None,
    };
    let crop = match sides([&["crop_size", "height"], &["crop_size", "width"]])? {
        Some(sides) => Some(sides),
        None => image.count(&["crop_size"], MAX_SIDE).ok().flatten().map(|side| (side, side)),
    };
    let stretched = sides([&["size", "height"], &["size", "width"]])?;
    let crops = image.flag(&["do_center_crop"])?.unwrap_or(shortest.is_some());
    let crop = if crops { crop.or(shortest.map(|side| (side, side))) } else { stretched };
    let crop = crop.filter(|(width, height)| *width > 0 && *height > 0);
    let crop = crop.ok_or_else(|| image.wrong(&["crop_size"], "height and width above 0"))?;
    let patch = match outer.map_or(Ok(None), |outer| outer.count(&["patch_size"], 256))? {
        Some(patch) => Some(patch),
        None => config.count(&["vision_config", "patch_size"], 256)?,
    };
    let patch = patch.filter(|patch| *patch > 0);
    let patch = patch.ok_or_else(|| config.wrong(&["vision_config", "patch_size"], "a whole number above 0"))?;
    let strategy = match outer.map_or(Ok(None), |outer| outer.text(&["vision_feature_select_strategy"]))? {
        Some(strategy) => Some(strategy),
        None => config.text(&["vision_feature_select_strategy"])?,
    };
    // Folders that do not tell are of CLIP: the patches and one token more, which the strategy "default" drops.
    let drops = strategy.unwrap_or("default") == "default";
    let more = outer.map_or(Ok(None), |outer| outer.count(&["num_additional_image_tokens"], 64))?;
    let more = more.unwrap_or(if drops { 1 } else { 0 });
    let tokens = ((crop.0 / patch) * (crop.1 / patch) + more).saturating_sub(usize::from(drops));
    if tokens > MAX_TOKENS {
        return Err(image.wrong(&["crop_size"], &format!("sides that make at most {MAX_TOKENS} tokens of a picture")));
    }
    Ok(SquareRule { shortest, crop, pads: image.flag(&["do_pad"])?.unwrap_or(false), tokens })
}

fn tile_rule(image: &Config, outer: Option<&Config>, config: &Config) -> Result<TileRule> {
    let tile = image.count(&["max_image_size", "longest_edge"], MAX_SIDE)?.unwrap_or(364);
    let longest = image.count(&["size", "longest_edge"], MAX_SIDE)?.unwrap_or(4 * 364);
    if tile == 0 || longest == 0 {
        return Err(image.wrong(&["max_image_size"], "a longest_edge above 0"));
    }
    let told = outer.map_or(Ok(None), |outer| outer.count(&["image_seq_len"], MAX_TOKENS))?;
    let tokens = match told {
        Some(tokens) => tokens,
        None => {
            let patch = config.count(&["vision_config", "patch_size"], 256)?.filter(|patch| *patch > 0);
            let scale = config.count(&["scale_factor"], 64)?.filter(|scale| *scale > 0);
            let (patch, scale) = patch.zip(scale).ok_or_else(|| {
                Error::new(
                    ErrorKind::Model,
                    format!("{PROCESSOR_NAME} has no image_seq_len, nor {CONFIG_NAME} patch_size and scale_factor"),
                )
            })?;
            (tile / patch) * (tile / patch) / (scale * scale)
        }
    };
    Ok(TileRule { longest, tile, splits: image.flag(&["do_image_splitting"])?.unwrap_or(true), tokens })
}
