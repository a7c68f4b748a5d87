//! Folders as onnxruntime-genai has them: `genai_config.json` names the graphs, their inputs and their outputs. One that names
//! neither an embedding nor a vision graph is of text alone, whichever its type is.

use super::chat::Template;
use super::config::{Config, steps_per_second};
use super::family::VlmFamily;
use super::folder::{Folder, GraphFile, Layout, Names, SpecialTokens};
use super::hugging_face::unused_processor;
use super::picture::{BICUBIC, CLIP_DEVIATION, CLIP_MEAN, Colours, PatchRule, Processor, Shape};
use crate::error::{Error, ErrorKind, Result};
use crate::models::{Precision, inside};
use serde_json::Value;
use std::path::Path;

pub(super) const CONFIG_NAME: &str = "genai_config.json";

pub(super) fn read(path: &Path) -> Result<Folder> {
    let config = Config::expect(path, CONFIG_NAME)?;
    let model_type = config.text(&["model", "type"])?.unwrap_or("none");
    let is_of_text = ["embedding", "vision"].iter().all(|part| config.at(&["model", part]).is_none())
        && !path.join("embedding.onnx").is_file();
    let family = match VlmFamily::of_model_type(model_type) {
        Err(_) if is_of_text => VlmFamily::Text,
        family => family.map_err(|error| error.within(CONFIG_NAME))?,
    };
    let tokenizer = Config::read(path, "tokenizer_config.json")?;
    let graph = |part: &'static str, usual: &'static str| -> Result<Option<Vec<GraphFile>>> {
        let Some(name) =
            config.text(&["model", part, "filename"])?.or(Some(usual).filter(|name| path.join(name).is_file()))
        else {
            return Ok(None);
        };
        let path = inside(path, name).map_err(|error| error.within(CONFIG_NAME))?;
        // The format has one file of each, whatever its precision.
        Ok(Some(vec![GraphFile { precision: Precision::Fp32, path, grid: None }]))
    };
    let expected = |part: &str| config.wrong(&["model", part, "filename"], "the name of a graph in the folder");
    let decoder = graph("decoder", "model.onnx")?.ok_or_else(|| expected("decoder"))?;
    let embed = match graph("embedding", "embedding.onnx")? {
        None if family == VlmFamily::Text => Vec::new(),
        embed => embed.ok_or_else(|| expected("embedding"))?,
    };
    let vision = match family {
        VlmFamily::Text => Vec::new(),
        _ => graph("vision", "vision.onnx")?.unwrap_or_default(),
    };
    let begin = tokenizer.as_ref().and_then(|config| config.token_text("bos_token")).map(str::to_string);
    let token = |key: &str| match family {
        VlmFamily::Text => Ok(None),
        _ => config.token(&["model", key]),
    };
    let image = token("image_token_id")?;
    if image.is_none() && !vision.is_empty() {
        return Err(config.wrong(&["model", "image_token_id"], "the number of the picture's token"));
    }
    let ends = config.tokens(&["model", "eos_token_id"])?;
    if ends.is_empty() {
        return Err(config.wrong(&["model", "eos_token_id"], "a token that ends a reply"));
    }
    Ok(Folder {
        path: path.to_path_buf(),
        layout: Layout::GenAi,
        family,
        embed,
        vision,
        decoder,
        context: config.count(&["model", "context_length"], 1 << 30)?,
        names: Names {
            cache: cache_names(&config)?,
            head_size: config.count(&["model", "decoder", "head_size"], 1 << 16)?,
        },
        tokens: SpecialTokens { image, video: token("video_token_id")?, ends, begin },
        processor: processor(path, family, &config)?,
        template: Template::read(path, tokenizer.as_ref())?,
        steps_per_second: steps_per_second(&config, &["model", "vision", "tokens_per_second"])?.unwrap_or(2.0),
    })
}

fn cache_names(config: &Config) -> Result<Vec<(String, String)>> {
    let mut names = Vec::new();
    for (past, present) in [("past_key_names", "present_key_names"), ("past_value_names", "present_value_names")] {
        let past = config.text(&["model", "decoder", "inputs", past])?;
        let present = config.text(&["model", "decoder", "outputs", present])?;
        names.extend(past.zip(present).map(|(past, present)| (past.to_string(), present.to_string())));
    }
    Ok(names)
}

fn processor(path: &Path, family: VlmFamily, config: &Config) -> Result<Processor> {
    if family == VlmFamily::Text {
        return unused_processor();
    }
    if !family.has_three_positions() {
        return Err(Error::new(
            ErrorKind::Unsupported,
            format!("{CONFIG_NAME}: {family} is not known in this layout, only Qwen2-VL and Qwen2.5-VL"),
        ));
    }
    let vision = |key: &'static str, usual: usize| {
        let count = config.count(&["model", "vision", key], 256)?.unwrap_or(usual);
        if count == 0 { Err(config.wrong(&["model", "vision", key], "a whole number above 0")) } else { Ok(count) }
    };
    let mut rule = PatchRule {
        patch: vision("patch_size", 14)?,
        merge: vision("spatial_merge_size", 2)?,
        frames: vision("temporal_patch_size", 2)?,
        min_pixels: 56 * 56,
        max_pixels: 28 * 28 * 1280,
    };
    let name = config.text(&["model", "vision", "config_filename"])?.unwrap_or("processor_config.json");
    let (mut mean, mut deviation, mut factor) = (None, None, None);
    if let Some(transforms) = Config::read(path, name)? {
        for operation in operations(&transforms) {
            let attribute = |key: &str| operation.get("attrs").and_then(|attrs| attrs.get(key));
            let whole = |key: &str| attribute(key).and_then(Value::as_u64).map(|count| count as usize);
            let three = |key: &str| -> Option<[f32; 3]> {
                let list: Option<Vec<f32>> =
                    attribute(key)?.as_array()?.iter().map(|one| one.as_f64().map(|one| one as f32)).collect();
                list?.try_into().ok()
            };
            rule.min_pixels = whole("min_pixels").unwrap_or(rule.min_pixels);
            rule.max_pixels = whole("max_pixels").unwrap_or(rule.max_pixels);
            rule.patch = whole("patch_size").filter(|count| (1..=256).contains(count)).unwrap_or(rule.patch);
            rule.merge = whole("merge_size").filter(|count| (1..=16).contains(count)).unwrap_or(rule.merge);
            rule.frames = whole("temporal_patch_size").filter(|count| (1..=16).contains(count)).unwrap_or(rule.frames);
            mean = three("mean").or(mean);
            deviation = three("std").or(deviation);
            factor = attribute("rescale_factor").and_then(Value::as_f64).or(factor);
        }
    }
    let wrong = || Error::new(ErrorKind::Model, format!("{name}: its numbers of colour and size cannot be meant"));
    if rule.min_pixels > rule.max_pixels || rule.max_pixels > 1 << 28 {
        return Err(wrong());
    }
    let mean = mean.unwrap_or(CLIP_MEAN);
    let deviation = deviation.unwrap_or(CLIP_DEVIATION);
    let factor = factor.unwrap_or(1.0 / 255.0);
    let colours = Colours::new(BICUBIC, factor, Some([mean, deviation])).map_err(|_| wrong())?;
    Ok(Processor { colours, shape: Shape::Patches { image: rule, video: rule } })
}

/// `processor.transforms[].operation`.
fn operations(config: &Config) -> Vec<&Value> {
    let list = config.at(&["processor", "transforms"]).and_then(Value::as_array);
    list.map_or(Vec::new(), |list| list.iter().filter_map(|one| one.get("operation")).collect())
}
