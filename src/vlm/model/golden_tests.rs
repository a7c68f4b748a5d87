//! Each family against what transformers and ONNX Runtime said of the same folders, recorded by `tools/vlm_twin`.
//!
//! Tests print `not run: no ONNX Runtime` where there is none.

use super::{Ended, Flow, Piece, Prefixes, Reply, Request, Video, Vlm, VlmOptions};
use crate::error::ErrorKind;
use crate::models::Precision;
use crate::prepare::Rgb;
use crate::runtime::{Control, FindOptions, PATH_VARIABLE, Runtime};
use crate::vlm::picture::Shape;
use crate::vlm::{Advance, Folder, Message, Part, Role};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What one picture's values, and logits of full precision, may be off.
const PIXELS: f32 = 1e-3;
const LOGITS: f32 = 1e-4;

fn runtime() -> Option<Arc<Runtime>> {
    match std::env::var_os(PATH_VARIABLE) {
        Some(_) => Some(Runtime::find(&FindOptions::default()).expect("what GNOMON_ORT_PATH names")),
        None => {
            println!("not run: no ONNX Runtime");
            None
        }
    }
}

/// Where the folders are, and `pictures`: those of another shape lie wherever this variable says.
const OTHERS_VARIABLE: &str = "GNOMON_VLM_TWINS";

fn models() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vlm")
}

/// All that see: caches that grow, and two that are shared.
const FAMILIES: [&str; 7] =
    ["qwen2_5_vl", "qwen2_vl", "qwen2_vl_any_grid", "llava", "smolvlm", "qwen2_5_vl_genai", "qwen2_5_vl_genai_int4"];

#[derive(Deserialize)]
struct Case {
    messages: Vec<Said>,
    prompt: String,
    ids: Vec<u32>,
    positions: serde_json::Value,
    rope_delta: i64,
    positions_by_max: Option<Vec<Vec<i64>>>,
    rope_delta_by_max: Option<i64>,
    #[serde(default)]
    grids: Vec<[usize; 3]>,
    do_image_splitting: Option<bool>,
    greedy: std::collections::BTreeMap<String, Vec<u32>>,
    text: std::collections::BTreeMap<String, String>,
    logits: std::collections::BTreeMap<String, Raw>,
    pixels: Option<Raw>,
}

#[derive(Deserialize)]
struct Raw {
    file: String,
    shape: Vec<usize>,
}

#[derive(Deserialize)]
struct Said {
    role: String,
    content: serde_json::Value,
}

fn picture(name: &str) -> Arc<Rgb> {
    let bytes = std::fs::read(models().join("pictures").join(name)).expect("a picture");
    let image = image::load_from_memory(&bytes).expect("a PNG").to_rgb8();
    let (width, height) = image.dimensions();
    Arc::new(Rgb::new(width as usize, height as usize, image.into_raw()).expect("a picture"))
}

fn floats(folder: &Path, raw: &Raw) -> Vec<f32> {
    let bytes = std::fs::read(folder.join(&raw.file)).expect("a recording");
    let numbers: Vec<f32> =
        bytes.chunks_exact(4).map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]])).collect();
    assert_eq!(numbers.len(), raw.shape.iter().product::<usize>());
    numbers
}

impl Case {
    fn request(&self, most: usize) -> Request {
        let (mut images, mut videos) = (Vec::new(), Vec::new());
        let mut messages = Vec::new();
        for said in &self.messages {
            let role = match said.role.as_str() {
                "system" => Role::System,
                "assistant" => Role::Assistant,
                _ => Role::User,
            };
            let part = |part: &serde_json::Value| match part["type"].as_str() {
                Some("image") => {
                    images.push(picture(part["image"].as_str().expect("a name")));
                    Part::Image
                }
                Some("video") => {
                    let names = part["video"].as_array().expect("names").iter();
                    let frames = names.map(|name| picture(name.as_str().expect("a name"))).collect();
                    videos.push(Video { frames, fps: part["fps"].as_f64().expect("a number") });
                    Part::Video
                }
                _ => Part::text(part["text"].as_str().expect("words")),
            };
            let content = match said.content.as_str() {
                Some(text) => vec![Part::text(text)],
                None => said.content.as_array().expect("parts").iter().map(part).collect(),
            };
            messages.push(Message { role, content });
        }
        Request { messages, images, videos, max_new_tokens: most, ..Request::question("", Vec::new()) }
    }

    fn rows(&self) -> Vec<Vec<i64>> {
        let rows: Result<Vec<Vec<i64>>, _> = serde_json::from_value(self.positions.clone());
        rows.unwrap_or_else(|_| vec![serde_json::from_value(self.positions.clone()).expect("positions")])
    }
}

fn open(runtime: &Arc<Runtime>, family: &str, precision: Precision, case: &Case) -> Vlm {
    let mut folder = Folder::read(&models().join(family)).expect("a folder");
    if let (Shape::Tiles(rule), Some(splits)) = (&mut folder.processor.shape, case.do_image_splitting) {
        rule.splits = splits;
    }
    let options = VlmOptions {
        precision: Some(precision),
        vision_precision: Some(precision),
        // The recordings are of transformers, whatever the layout.
        advance: Some(Advance::LongerSide),
        ..VlmOptions::default()
    };
    Vlm::open(runtime, folder, &options).expect("a model")
}

fn cases(family: &str) -> Vec<(PathBuf, Case)> {
    let mut folders: Vec<PathBuf> = std::fs::read_dir(models().join(family).join("golden"))
        .expect("recordings")
        .map(|entry| entry.expect("a recording").path())
        .collect();
    folders.sort();
    let read = |folder: PathBuf| {
        let text = std::fs::read_to_string(folder.join("case.json")).expect("a recording");
        let case = serde_json::from_str(&text).expect("a recording");
        (folder, case)
    };
    folders.into_iter().map(read).collect()
}

fn furthest(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

fn family_is_as_recorded(family: &str) {
    let Some(runtime) = runtime() else { return };
    let mut worst = (0.0f32, 0.0f32);
    for (folder, case) in cases(family) {
        let named = format!("{family} {}", folder.file_name().expect("a name").to_string_lossy());
        for word in case.greedy.keys() {
            // A folder of the other layout has one precision, whichever it is.
            let precision = Precision::parse(word).unwrap_or(Precision::Fp32);
            let is_exact = word == "fp32";
            let mut vlm = open(&runtime, family, precision, &case);
            let request = case.request(case.greedy[word.as_str()].len());
            let prompt = vlm.read_prompt(&request).expect(&named);
            assert_eq!(vlm.prompt(&request.messages).expect(&named), case.prompt, "{named}");
            assert_eq!(prompt.ids, case.ids, "{named}");
            assert_eq!(prompt.positions.rows, case.rows(), "{named}");
            assert_eq!(prompt.positions.next, prompt.ids.len() as i64 + case.rope_delta, "{named}");
            if let Some(pixels) = &case.pixels {
                let ours: Vec<f32> = prompt.pictures.iter().flat_map(|one| one.prepared.pixels.clone()).collect();
                let off = furthest(&ours, &floats(&folder, pixels));
                assert!(off <= PIXELS, "{named}: pixels are {off} off");
                worst.0 = worst.0.max(off);
            }
            if let (Some(rows), Some(delta)) = (&case.positions_by_max, case.rope_delta_by_max) {
                vlm.advance = Advance::AfterLargest;
                let other = vlm.read_prompt(&request).expect(&named).positions;
                assert_eq!((&other.rows, other.next - case.ids.len() as i64), (rows, delta), "{named}");
                vlm.advance = Advance::LongerSide;
            }
            // The logits that chose each of the first tokens: each request goes on from the cache of the last.
            let raw = &case.logits[word.as_str()];
            let recorded = floats(&folder, raw);
            for (k, row) in recorded.chunks_exact(raw.shape[1]).enumerate() {
                let reply = vlm.answer(&case.request(k + 1), &Control::default(), &mut |_| Flow::GoOn).expect(&named);
                if k > 0 {
                    assert_eq!(reply.statistics.reused_tokens, case.ids.len() - 1, "{named}");
                }
                if !is_exact && k > 0 {
                    // With few bits a kernel for one row rounds otherwise than one for many.
                    break;
                }
                let off = furthest(vlm.decoder.logits().expect("logits"), row);
                let bound = if is_exact { LOGITS } else { 5e-2 };
                assert!(off <= bound, "{named} {word}: logits {k} are {off} off");
                if is_exact {
                    worst.1 = worst.1.max(off);
                }
            }
            vlm.forget().expect(&named);
            let mut told = String::new();
            let reply = vlm
                .answer(&request, &Control::default(), &mut |piece| {
                    if let Piece::Text(text) = piece {
                        told.push_str(text);
                    }
                    Flow::GoOn
                })
                .expect(&named);
            assert_eq!(reply.token_ids, case.greedy[word.as_str()], "{named} {word}");
            assert_eq!(reply.text, case.text[word.as_str()], "{named} {word}");
            assert_eq!(told, reply.text, "{named} {word}");
            assert_eq!(reply.grids, case.grids, "{named} {word}");
            assert!(matches!(reply.ended, Ended::MaxTokens | Ended::EndToken), "{named} {word}");
        }
    }
    println!("{family}: pixels at most {:.1e} off, logits {:.1e}", worst.0, worst.1);
}

#[test]
fn qwen2_5_vl_says_what_transformers_says() {
    family_is_as_recorded("qwen2_5_vl");
}

#[test]
fn qwen2_vl_says_what_transformers_says() {
    family_is_as_recorded("qwen2_vl");
}

#[test]
fn llava_says_what_transformers_says() {
    family_is_as_recorded("llava");
}

#[test]
fn smolvlm_says_what_transformers_says() {
    family_is_as_recorded("smolvlm");
}

#[test]
fn a_vision_graph_for_any_grid_sees_what_those_for_one_see() {
    family_is_as_recorded("qwen2_vl_any_grid");
}

#[test]
fn the_layout_of_onnxruntime_genai_says_the_same() {
    family_is_as_recorded("qwen2_5_vl_genai");
    family_is_as_recorded("qwen2_5_vl_genai_int4");
}

#[test]
fn decoders_of_text_alone_say_what_transformers_says_and_refuse_pictures() {
    for name in ["text", "text_genai"] {
        family_is_as_recorded(name);
        let Some(runtime) = runtime() else { return };
        let (_, case) = cases(name).into_iter().next().expect("a recording");
        let mut vlm = open(&runtime, name, Precision::Fp32, &case);
        assert!(vlm.decoder.takes_tokens() && vlm.shares_cache() == (name == "text_genai"));
        let request = Request::question("What is it?", vec![picture("odd.png")]);
        let refused = vlm.answer(&request, &Control::default(), &mut |_| Flow::GoOn).expect_err("a picture");
        assert_eq!(refused.kind(), ErrorKind::Unsupported);
        assert!(refused.to_string().contains("it takes words alone"), "{refused}");
    }
}

#[test]
fn models_of_other_shapes_say_what_transformers_says() {
    let Some(others) = std::env::var_os(OTHERS_VARIABLE) else {
        println!("not run: {OTHERS_VARIABLE} names no folder of models that tools/vlm_twin made");
        return;
    };
    let mut folders: Vec<PathBuf> =
        std::fs::read_dir(others).expect("a folder").map(|entry| entry.expect("a folder").path()).collect();
    folders.sort();
    folders.retain(|folder| folder.join("golden").is_dir());
    assert!(!folders.is_empty());
    let mut failed = Vec::new();
    for folder in folders {
        let name = folder.to_str().expect("a name");
        // All of them are tried: what went wrong was printed.
        if std::panic::catch_unwind(|| family_is_as_recorded(name)).is_err() {
            failed.push(name.to_string());
        }
    }
    assert!(failed.is_empty(), "{failed:?}");
}

/// Two questions each about two sets of pictures; the words before the pictures are the same.
fn alternating(family: &str) -> [Request; 4] {
    let [first, second] = match family {
        "llava" | "smolvlm" => [vec!["odd.png"], vec!["tall.png", "wide.png"]],
        _ => [vec!["odd.png"], vec!["tall.png", "odd.png"]],
    };
    let ask = |names: &[&str], words: &str| Request {
        max_new_tokens: 6,
        ..Request::question(words, names.iter().map(|name| picture(name)).collect())
    };
    ["Where is the chair?", "And how far is the lamp?"]
        .map(|words| [ask(&first, words), ask(&second, words)])
        .concat()
        .try_into()
        .expect("four")
}

#[test]
fn questions_that_alternate_between_pictures_pay_for_their_own_words_alone() {
    let Some(runtime) = runtime() else { return };
    for family in FAMILIES {
        let (_, case) = cases(family).into_iter().next().expect("a recording");
        let mut vlm = open(&runtime, family, Precision::Fp32, &case);
        let ask = |vlm: &mut Vlm, request: &Request| {
            vlm.answer(request, &Control::default(), &mut |_| Flow::GoOn).expect("a reply")
        };
        let requests = alternating(family);
        let alone: Vec<Reply> = requests
            .iter()
            .map(|request| {
                vlm.forget().expect("it forgets");
                let reply = ask(&mut vlm, request);
                assert_eq!(reply.statistics.reused_tokens, 0, "{family}");
                reply
            })
            .collect();
        let last_of_pictures = |vlm: &Vlm, request: &Request| {
            let prompt = vlm.read_prompt(request).expect("a prompt");
            *prompt.places.last().expect("a picture") + 1
        };
        vlm.forget().expect("it forgets");
        for (round, at) in [0, 1, 2, 3, 0, 1, 2, 3].into_iter().enumerate() {
            let reply = ask(&mut vlm, &requests[at]);
            let named = format!("{family} {round}");
            assert_eq!(reply.token_ids, alone[at].token_ids, "{named}");
            let (seen, reused) = (reply.statistics.pictures_seen, reply.statistics.reused_tokens);
            if round >= 2 {
                assert_eq!(seen, 0, "{named}");
                assert!(reused >= last_of_pictures(&vlm, &requests[at]), "{named}: {reused} tokens");
            }
            let bytes = reply.statistics.cache_bytes;
            assert!(bytes <= vlm.decoder.cache_bytes(vlm.context()), "{named}: {bytes} bytes are kept");
        }
        // With one alone each question finds the other's pictures.
        vlm.forget().expect("it forgets");
        vlm.prefixes = Prefixes::new(1, vlm.context());
        for at in [0, 1, 2, 3] {
            let reply = ask(&mut vlm, &requests[at]);
            assert_eq!(reply.token_ids, alone[at].token_ids, "{family}");
            assert!(reply.statistics.reused_tokens < last_of_pictures(&vlm, &requests[at]), "{family}");
        }
    }
}

#[test]
fn the_same_frames_at_another_speed_are_another_video() {
    let Some(runtime) = runtime() else { return };
    let (_, case) = cases("qwen2_5_vl").into_iter().find(|(folder, _)| folder.ends_with("clip")).expect("a recording");
    let mut vlm = open(&runtime, "qwen2_5_vl", Precision::Fp32, &case);
    let mut ask = |fps: f64| {
        let mut request = case.request(8);
        request.videos[0].fps = fps;
        let begin = vlm.read_prompt(&request).expect("a prompt").places[0];
        let reply = vlm.answer(&request, &Control::default(), &mut |_| Flow::GoOn).expect("a reply");
        (reply.statistics.reused_tokens, begin, reply.token_ids)
    };
    let (_, begin, slow) = ask(0.5);
    assert_eq!(slow, case.greedy["fp32"][..8]);
    let (reused, _, quick) = ask(4.0);
    assert!(reused == begin && quick != slow, "{reused} of {begin} tokens before the video");
    assert_eq!(ask(0.5), (case.ids.len() - 1, begin, slow));
    assert_eq!(ask(4.0).2, quick);
}

#[test]
fn many_conversations_stay_within_one_context_and_say_the_same() {
    let Some(runtime) = runtime() else { return };
    for (family, precision) in [
        ("qwen2_5_vl", Precision::Fp32),
        ("qwen2_5_vl_genai", Precision::Fp32),
        ("llava", Precision::Fp16),
        ("text", Precision::Fp32),
        ("text_genai", Precision::Fp32),
    ] {
        let (_, case) = cases(family).into_iter().next().expect("a recording");
        let mut vlm = open(&runtime, family, precision, &case);
        let images = if vlm.vision.is_there() { vec![picture("odd.png")] } else { Vec::new() };
        let most = if precision == Precision::Fp32 { 5 } else { 1 };
        let mut said = std::collections::BTreeMap::new();
        let mut reused = 0;
        // The context grows and shrinks, and so does what is kept.
        for (round, context) in [1024, 1024, 600, 300, 512, 1024].into_iter().enumerate() {
            vlm.prefixes.clear();
            vlm.decoder.rewind(0).expect("it forgets");
            vlm.prefixes = Prefixes::new(3, context);
            for at in [0usize, 3, 1, 1, 4, 2, 0, 3, 3, 2, 4, 0] {
                let system = format!("You are robot {at}. {}", "Look well. ".repeat(at * 3));
                let mut request = Request { max_new_tokens: most, ..Request::question("Where?", images.clone()) };
                request.messages.insert(0, Message { role: Role::System, content: vec![Part::text(system)] });
                let reply = vlm.answer(&request, &Control::default(), &mut |_| Flow::GoOn).expect("a reply");
                reused += reply.statistics.reused_tokens;
                let logits = vlm.decoder.logits().expect("logits").to_vec();
                let first = said.entry(at).or_insert_with(|| (reply.token_ids.clone(), logits.clone()));
                // One row and many are rounded otherwise in 16 bits.
                let bound = if precision == Precision::Fp32 { LOGITS } else { 5e-2 };
                assert!(furthest(&logits, &first.1) <= bound, "{family} {round} {at}");
                assert!(reply.token_ids == first.0 || precision != Precision::Fp32, "{family} {round} {at}");
                let kept = vlm.prefixes.parked_tokens() + vlm.decoder.tokens();
                assert!(kept <= context.max(vlm.decoder.tokens()), "{family}: {kept} tokens of {context}");
            }
        }
        assert!(reused > 0, "{family}");
    }
}

#[test]
fn a_prompt_in_parts_says_the_same() {
    let Some(runtime) = runtime() else { return };
    for family in ["qwen2_5_vl", "llava"] {
        let (_, case) = cases(family).into_iter().find(|(folder, _)| folder.ends_with("image")).expect("a recording");
        let mut vlm = open(&runtime, family, Precision::Fp32, &case);
        vlm.prefill_tokens = 5;
        let mut parts = Vec::new();
        let reply = vlm
            .answer(&case.request(16), &Control::default(), &mut |piece| {
                if let Piece::Prefill { done, of } = piece {
                    parts.push((done, of));
                }
                Flow::GoOn
            })
            .expect("a reply");
        assert_eq!(reply.token_ids, case.greedy["fp32"]);
        assert_eq!(parts.len(), case.ids.len().div_ceil(5));
        assert_eq!(parts.last(), Some(&(case.ids.len(), case.ids.len())));
    }
}

#[test]
fn a_grid_that_no_graph_takes_is_refused_with_those_that_are_taken() {
    let Some(runtime) = runtime() else { return };
    let (_, case) = cases("qwen2_5_vl").into_iter().find(|(folder, _)| folder.ends_with("image")).expect("a recording");
    let mut vlm = open(&runtime, "qwen2_5_vl", Precision::Fp32, &case);
    let square = Arc::new(Rgb::new(60, 60, vec![9; 3 * 60 * 60]).expect("a picture"));
    let refused = vlm
        .answer(&Request::question("What?", vec![square]), &Control::default(), &mut |_| Flow::GoOn)
        .expect_err("a grid of 4 by 4");
    assert_eq!(refused.kind(), ErrorKind::Unsupported);
    let said = refused.to_string();
    assert!(said.contains("1x4x4") && said.contains("1x6x8, 1x12x4, 2x4x6"), "{said}");
}

#[test]
fn a_cache_that_is_made_larger_remembers_and_one_that_was_forgotten_keeps_pictures_again() {
    let Some(runtime) = runtime() else { return };
    let (_, case) =
        cases("qwen2_5_vl_genai").into_iter().find(|(folder, _)| folder.ends_with("image")).expect("a recording");
    let mut vlm = open(&runtime, "qwen2_5_vl_genai", Precision::Fp32, &case);
    let mut ask = |most: usize| {
        let reply = vlm.answer(&case.request(most), &Control::default(), &mut |_| Flow::GoOn).expect("a reply");
        (reply.statistics.reused_tokens, reply.token_ids)
    };
    let (reused, first) = ask(16);
    assert_eq!((reused, &first), (0, &case.greedy["fp32"]));
    // More room than was made at first.
    let (reused, longer) = ask(300);
    assert_eq!(reused, case.ids.len() - 1);
    assert_eq!(longer[..16], first);
    vlm.forget().expect("it forgets");
    for seen in [1, 0] {
        vlm.prefixes.clear();
        let reply = vlm.answer(&case.request(1), &Control::default(), &mut |_| Flow::GoOn).expect("a reply");
        assert_eq!((reply.statistics.reused_tokens, reply.statistics.pictures_seen), (0, seen));
    }
}

#[test]
fn a_budget_is_for_weights_and_cache() {
    let Some(runtime) = runtime() else { return };
    let open = |context: usize, budget_bytes: u64| {
        let mut options = VlmOptions { context: Some(context), ..VlmOptions::default() };
        options.session.budget_bytes = Some(budget_bytes);
        Vlm::open(&runtime, Folder::read(&models().join("qwen2_5_vl")).expect("a folder"), &options)
    };
    let vlm = open(100, u64::MAX).expect("a model");
    assert_eq!(vlm.decoder_file().precision, Precision::Q4, "a processor computes with few bits first");
    let said = open(100, 1000).expect_err("too little");
    assert!(said.to_string().contains("cache of 100 tokens") && said.kind() == ErrorKind::NoMemory, "{said}");
    let said = open(500_000, vlm.plan_bytes()).expect_err("a cache too large").to_string();
    assert!(said.contains("cache of 500000 tokens"), "{said}");
}
