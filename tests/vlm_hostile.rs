//! Folders that lie, and requests that cannot be meant: each is an error with a sentence, soon and in bounded memory. They are
//! made of the small models of `tests/vlm`; tests print `not run: no ONNX Runtime` where there is none.

#![cfg(feature = "onnx")]
#![allow(clippy::disallowed_methods, reason = "what hangs is left behind on its thread")]

#[path = "../src/runtime/testing.rs"]
mod testing;

use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use gnomon::prepare::Rgb;
use gnomon::runtime::{Control, FindOptions, PATH_VARIABLE, Runtime};
use gnomon::vlm::{Flow, Folder, Message, Part, Reply, Request, Role, Video, Vlm, VlmOptions};
use gnomon::{Error, ErrorKind};
use serde_json::{Value, json};
use testing::{BOOL, Dim, F32, Graph, I32, I64};

const HANG: Duration = Duration::from_secs(20);

type Outcome = Result<Reply, Error>;

fn has_runtime() -> bool {
    let has = std::env::var_os(PATH_VARIABLE).is_some();
    if !has {
        println!("not run: no ONNX Runtime");
    }
    has
}

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vlm")
}

/// A copy of a folder's texts and graphs of full precision, to be spoiled.
struct Copy {
    folder: tempfile::TempDir,
}

impl Copy {
    fn of(family: &str) -> Self {
        let copy = Self { folder: tempfile::tempdir().expect("a folder") };
        std::fs::create_dir(copy.path("onnx")).expect("a folder");
        for part in ["", "onnx"] {
            let Ok(entries) = std::fs::read_dir(tests().join(family).join(part)) else { continue };
            for entry in entries.map(|entry| entry.expect("a file")) {
                let name = entry.file_name().into_string().expect("a name");
                if entry.path().is_file() && ["_q4", "_quantized", "_fp16"].iter().all(|of| !name.contains(of)) {
                    std::fs::copy(entry.path(), copy.path(part).join(name)).expect("a copy");
                }
            }
        }
        copy
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> &Self {
        std::fs::write(self.path(name), bytes).expect("a file");
        self
    }

    fn json(&self, name: &str) -> Value {
        serde_json::from_slice(&std::fs::read(self.path(name)).expect("a file")).expect("JSON")
    }

    fn change(&self, name: &str, change: impl FnOnce(&mut Value)) -> &Self {
        let mut value = self.json(name);
        change(&mut value);
        self.write(name, value.to_string())
    }

    fn files(&self) -> Vec<String> {
        let mut names = Vec::new();
        for part in ["", "onnx/"] {
            for entry in std::fs::read_dir(self.path(part)).expect("a folder").map(|entry| entry.expect("a file")) {
                if entry.path().is_file() {
                    names.push(format!("{part}{}", entry.file_name().to_string_lossy()));
                }
            }
        }
        names.sort();
        names
    }

    /// Opens it and asks, on a thread that is given up on when it hangs.
    fn ask(&self, request: Request) -> Outcome {
        let (path, named) = (self.folder.path().to_path_buf(), self.folder.path().display().to_string());
        let (tell, hear) = mpsc::channel();
        let worker = std::thread::spawn(move || {
            let outcome = || {
                let runtime = Runtime::find(&FindOptions::default())?;
                let mut vlm = Vlm::open(&runtime, Folder::read(&path)?, &VlmOptions::default())?;
                vlm.answer(&request, &Control::default(), &mut |_| Flow::GoOn)
            };
            let _ = tell.send(outcome());
        });
        let outcome = hear.recv_timeout(HANG);
        assert!(!matches!(outcome, Err(mpsc::RecvTimeoutError::Timeout)), "{named}: hangs");
        assert!(worker.join().is_ok(), "{named}: panics");
        let outcome = outcome.expect("neither hung nor panicked");
        if let Err(error) = &outcome {
            let said = error.to_string();
            assert!(said.len() > 8 && said.len() < 4096, "{said}");
        }
        outcome
    }

    /// Opens it and asks about a picture; tells what it fails with.
    fn refusal(&self, what: &str) -> Error {
        match self.ask(about_a_picture()) {
            Ok(reply) => panic!("{what}: answered {:?}", reply.text),
            Err(error) => {
                println!("{what}: {error}");
                error
            }
        }
    }
}

fn picture(name: &str) -> Arc<Rgb> {
    let image = image::open(tests().join("pictures").join(name)).expect("a picture").to_rgb8();
    let (width, height) = (image.width() as usize, image.height() as usize);
    Arc::new(Rgb::new(width, height, image.into_raw()).expect("a picture"))
}

fn about_a_picture() -> Request {
    Request { max_new_tokens: 3, ..Request::question("Where is the chair?", vec![picture("odd.png")]) }
}

fn peak_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").trim().parse::<u64>().ok()).unwrap_or(0) * 1024
}

#[test]
fn a_file_that_is_missing_is_named_unless_it_need_not_be_there() {
    if !has_runtime() {
        return;
    }
    for family in ["qwen2_5_vl", "qwen2_5_vl_genai", "llava", "smolvlm"] {
        for name in Copy::of(family).files() {
            let copy = Copy::of(family);
            std::fs::remove_file(copy.path(&name)).expect("a file");
            let needed = !["generation_config", "tokenizer_config", "processor_config", "video_", "_1x", "_2x"]
                .iter()
                .any(|part| name.starts_with(part) || name.contains("encoder_") && name.contains(part));
            let outcome = copy.ask(about_a_picture());
            if needed {
                println!("{family} without {name}: {}", outcome.expect_err(&name));
            }
        }
    }
}

/// All numbers of a JSON text, as paths.
fn numbers(value: &Value, path: String, out: &mut Vec<String>) {
    match value {
        Value::Number(_) => out.push(path),
        Value::Array(list) => list.iter().enumerate().for_each(|(k, one)| numbers(one, format!("{path}/{k}"), out)),
        Value::Object(map) => map.iter().for_each(|(key, one)| numbers(one, format!("{path}/{key}"), out)),
        _ => {}
    }
}

fn numbers_that_lie_are_refused_or_harmless(family: &str) {
    if !has_runtime() {
        return;
    }
    let lies = [json!("7"), json!(-1), json!(0), json!(1), json!(1e300), json!(u64::MAX), json!(16384), json!([])];
    let (mut asked, mut refused, mut read) = (0, 0, 0);
    let copy = Copy::of(family);
    let as_it_is = format!("{:?}", Folder::read(copy.folder.path()).expect("a folder"));
    for name in copy.files().iter().filter(|name| name.ends_with(".json") && name.as_str() != "tokenizer.json") {
        let whole = copy.json(name);
        let mut paths = Vec::new();
        numbers(&whole, String::new(), &mut paths);
        for (path, lie) in paths.iter().flat_map(|path| lies.iter().map(move |lie| (path, lie))) {
            copy.change(name, |value| *value.pointer_mut(path).expect("a number") = lie.clone());
            read += 1;
            match Folder::read(copy.folder.path()) {
                Err(error) => {
                    assert!(error.to_string().contains(".json"), "{family} {name} {path} {lie}: {error}");
                    refused += 1;
                }
                Ok(folder) if format!("{folder:?}") != as_it_is => {
                    asked += 1;
                    let _ = copy.ask(about_a_picture());
                }
                Ok(_) => {}
            }
            copy.write(name, whole.to_string());
        }
    }
    println!(
        "{family}: {read} lies, {refused} refused, {asked} asked all the same, peak {} MB",
        peak_bytes() / 1_000_000
    );
    assert!(refused > 30 && asked > 10);
    assert!(peak_bytes() < 3 << 30);
}

#[test]
fn numbers_of_qwen_that_lie_are_refused_or_harmless() {
    numbers_that_lie_are_refused_or_harmless("qwen2_5_vl");
}

#[test]
fn numbers_of_genai_that_lie_are_refused_or_harmless() {
    numbers_that_lie_are_refused_or_harmless("qwen2_5_vl_genai");
}

#[test]
fn numbers_of_llava_that_lie_are_refused_or_harmless() {
    numbers_that_lie_are_refused_or_harmless("llava");
}

#[test]
fn numbers_of_smolvlm_that_lie_are_refused_or_harmless() {
    numbers_that_lie_are_refused_or_harmless("smolvlm");
}

#[test]
fn tokens_that_the_tokenizer_does_not_have_are_refused() {
    if !has_runtime() {
        return;
    }
    let copy = Copy::of("qwen2_5_vl");
    copy.change("generation_config.json", |config| config["eos_token_id"] = json!([370, 99_999]));
    assert!(copy.refusal("an end beyond the vocabulary").to_string().contains("99999"));
    let copy = Copy::of("qwen2_5_vl");
    copy.change("config.json", |config| config["image_token_id"] = json!(5000));
    assert!(copy.refusal("a picture's token that is none").to_string().contains("5000"));
    let copy = Copy::of("qwen2_5_vl");
    copy.change("config.json", |config| config["image_token_id"] = json!(10));
    copy.refusal("a picture's token that is a letter");
    let copy = Copy::of("qwen2_5_vl");
    copy.change("tokenizer.json", |tokenizer| tokenizer["model"]["vocab"]["zzz"] = json!(100_000));
    assert!(copy.refusal("a vocabulary larger than the logits").to_string().contains("two models"));
}

#[test]
fn tokenizers_that_are_bombs_do_no_harm() {
    if !has_runtime() {
        return;
    }
    let copy = Copy::of("qwen2_5_vl");
    let whole = std::fs::read(copy.path("tokenizer.json")).expect("a file");
    for part in [0, 1, whole.len() / 2, whole.len() - 1] {
        copy.write("tokenizer.json", &whole[..part]).refusal("half a tokenizer");
    }
    copy.write("tokenizer.json", "[".repeat(1 << 20)).refusal("a million brackets");
    copy.write("tokenizer.json", format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000)))
        .refusal("deep objects");
    let file = std::fs::File::create(copy.path("tokenizer.json")).expect("a file");
    file.set_len(100 << 20).expect("room");
    copy.refusal("100 MB");
    copy.write("tokenizer.json", &whole);
    copy.change("tokenizer.json", |tokenizer| {
        tokenizer["padding"] = json!({"strategy": {"Fixed": 1_000_000_000}, "direction": "Right", "pad_to_multiple_of": null,
            "pad_id": 0, "pad_type_id": 0, "pad_token": "a"});
    });
    assert!(copy.ask(about_a_picture()).is_ok(), "nothing is filled up");
    copy.write("tokenizer.json", &whole);
    let double = json!({"type": "Replace", "pattern": {"String": "a"}, "content": "aa"});
    copy.change("tokenizer.json", |tokenizer| {
        tokenizer["normalizer"] = json!({"type": "Sequence", "normalizers": vec![double.clone(); 40]});
    });
    assert!(copy.refusal("40 doublings").to_string().contains("as long"));
    copy.write("tokenizer.json", &whole);
    copy.change("tokenizer.json", |tokenizer| {
        tokenizer["decoder"] = json!({"type": "Sequence", "decoders": vec![double.clone(); 40]});
    });
    assert!(copy.refusal("40 doublings of the reply").to_string().contains("as long"));
    for regex in ["(a|a|a)*b", "(x+x+)+y", "(?=(a+)+$)b", "(", "a{1000000000}", "((a{100}){100}){100}"] {
        copy.write("tokenizer.json", &whole);
        copy.change("tokenizer.json", |tokenizer| {
            tokenizer["pre_tokenizer"] = json!({"type": "Sequence", "pretokenizers": [
                {"type": "Split", "pattern": {"Regex": regex}, "behavior": "Isolated", "invert": false},
                tokenizer["pre_tokenizer"]]});
        });
        let words = "a".repeat(4000) + &"x".repeat(4000);
        let _ = copy.ask(Request { max_new_tokens: 2, ..Request::question(words, Vec::new()) });
    }
    assert!(peak_bytes() < 3 << 30);
}

#[test]
fn templates_that_do_not_end_or_raise_are_errors() {
    if !has_runtime() {
        return;
    }
    let templates = [
        ("raises", "{{ raise_exception('no') }}".to_string()),
        ("loops", "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}".to_string()),
        ("speaks for ever", "{% for i in range(100000) %}{{ 'a' * 1000 }}{% endfor %}".to_string()),
        ("recurses", "{% macro f(n) %}{{ f(n + 1) }}{% endmacro %}{{ f(0) }}".to_string()),
        ("includes itself", "{% include 'chat' %}".to_string()),
        ("multiplies", "{{ 'a' * 10000000000 }}".to_string()),
        ("is open", "{% if messages %}".to_string()),
        ("knows no such filter", "{{ messages | explode }}".to_string()),
        ("is deep", "{% if 1 %}".repeat(20_000)),
        ("is nested", format!("{{{{ {}1{} }}}}", "(".repeat(50_000), ")".repeat(50_000))),
        ("reads a file", "{% include '/etc/passwd' %}".to_string()),
        ("is long", "a".repeat(2 << 20)),
        ("says nothing of a picture", "hello".to_string()),
        ("names a picture twice", "<|image_pad|><|image_pad|>".to_string()),
    ];
    for (what, template) in templates {
        let copy = Copy::of("qwen2_5_vl");
        // The comment says that it takes pictures.
        copy.write("chat_template.jinja", "{# 'type' #}".to_string() + &template).refusal(what);
    }
    assert!(peak_bytes() < 3 << 30);
}

/// A decoder of 64 numbers a row and 384 tokens that remembers four numbers of each row; its weights are `weight`.
fn decoder(weight: f32, forgets: bool) -> Vec<u8> {
    let cache = [Dim::Is(1), Dim::Is(1), Dim::Named("past"), Dim::Is(4)];
    let longer = [Dim::Is(1), Dim::Is(1), Dim::Named("total"), Dim::Is(4)];
    let rows = [Dim::Named("batch"), Dim::Named("count"), Dim::Is(64)];
    let graph = Graph::new("decoder")
        .input("inputs_embeds", F32, &rows)
        .input("attention_mask", I64, &[Dim::Named("batch"), Dim::Named("total")])
        .input("past_key_values.0.key", F32, &cache)
        .output("logits", F32, &[Dim::Named("batch"), Dim::Named("count"), Dim::Is(384)])
        .output("present.0.key", F32, &longer)
        .weight("w", &[64, 384], &vec![weight; 64 * 384])
        .weight_i64("begin", &[1], &[0])
        .weight_i64("end", &[1], &[4])
        .weight_i64("side", &[1], &[2])
        .weight_i64("one", &[1], &[1])
        .node("MatMul", &["inputs_embeds", "w"], &["logits"]);
    if forgets {
        return graph.node("Identity", &["past_key_values.0.key"], &["present.0.key"]).model();
    }
    let along = vec![("axis", testing::Attribute::Int(2))];
    graph
        .node("Slice", &["inputs_embeds", "begin", "end", "side"], &["four"])
        .node("Unsqueeze", &["four", "one"], &["new"])
        .node_with("Concat", &["past_key_values.0.key", "new"], &["present.0.key"], along)
        .model()
}

/// An embedding of 384 tokens, so many numbers each.
fn embedding(width: u64) -> Vec<u8> {
    Graph::new("embedding")
        .input("input_ids", I64, &[Dim::Named("batch"), Dim::Named("count")])
        .output("inputs_embeds", F32, &[Dim::Named("batch"), Dim::Named("count"), Dim::Is(width)])
        .weight("rows", &[384, width], &vec![0.5; 384 * width as usize])
        .node("Gather", &["rows", "input_ids"], &["inputs_embeds"])
        .model()
}

const DECODER: &str = "onnx/decoder_model_merged.onnx";
const EMBEDDING: &str = "onnx/embed_tokens.onnx";
const VISION: &str = "onnx/vision_encoder.onnx";

#[test]
fn graphs_that_want_or_give_other_things_are_refused() {
    if !has_runtime() {
        return;
    }
    let copy = Copy::of("qwen2_5_vl");
    copy.write(DECODER, decoder(0.1, false)).write(EMBEDDING, embedding(64));
    copy.ask(Request { max_new_tokens: 3, ..Request::question("Who?", Vec::new()) }).expect("as it should be");

    copy.write(DECODER, decoder(f32::NAN, false));
    assert!(copy.refusal("logits that are no numbers").to_string().contains("NaN"));
    copy.write(DECODER, decoder(f32::INFINITY, false));
    assert!(copy.refusal("logits without end").to_string().contains("inf"));
    copy.write(DECODER, decoder(0.1, true));
    assert!(copy.refusal("a cache that does not grow").to_string().contains("present.0.key"));
    copy.write(DECODER, decoder(0.1, false)).write(EMBEDDING, embedding(32));
    assert!(copy.refusal("an embedding of another width").to_string().contains("expected 64"));

    let unknown = Graph::new("unknown")
        .input("inputs_embeds", F32, &[Dim::Is(1), Dim::Named("count"), Dim::Is(64)])
        .input("past_key_values.0.key", F32, &[Dim::Is(1), Dim::Named("a"), Dim::Named("b"), Dim::Named("c")])
        .output("logits", F32, &[Dim::Is(1), Dim::Named("count"), Dim::Is(64)])
        .output("present.0.key", F32, &[Dim::Is(1), Dim::Named("a"), Dim::Named("b"), Dim::Named("c")])
        .node("Identity", &["inputs_embeds"], &["logits"])
        .node("Identity", &["past_key_values.0.key"], &["present.0.key"])
        .model();
    let copy = Copy::of("qwen2_5_vl");
    assert!(
        copy.write(DECODER, unknown).refusal("a cache of unknown sides").to_string().contains("more than one side")
    );
    let huge = Graph::new("huge")
        .input("inputs_embeds", F32, &[Dim::Is(1), Dim::Named("count"), Dim::Is(64)])
        .input("past_key_values.0.key", F32, &[Dim::Is(1), Dim::Is(1 << 40), Dim::Named("past"), Dim::Is(1 << 40)])
        .output("logits", F32, &[Dim::Is(1), Dim::Named("count"), Dim::Is(384)])
        .output("present.0.key", F32, &[Dim::Is(1), Dim::Is(1 << 40), Dim::Named("past"), Dim::Is(1 << 40)])
        .weight("w", &[64, 384], &[0.1; 64 * 384])
        .node("MatMul", &["inputs_embeds", "w"], &["logits"])
        .node("Identity", &["past_key_values.0.key"], &["present.0.key"])
        .model();
    copy.write(DECODER, huge).refusal("a cache beyond all memory");

    for (to, from) in
        [(DECODER, EMBEDDING), (DECODER, VISION), (EMBEDDING, VISION), (EMBEDDING, DECODER), (VISION, EMBEDDING)]
    {
        let copy = Copy::of("qwen2_5_vl");
        let bytes = std::fs::read(copy.path(from)).expect("a file");
        let error = copy.write(to, bytes).refusal(&format!("{from} as {to}"));
        assert!(matches!(error.kind(), ErrorKind::Model | ErrorKind::Unsupported), "{error}");
    }
    for name in [DECODER, EMBEDDING, VISION] {
        let copy = Copy::of("qwen2_5_vl");
        let whole = std::fs::read(copy.path(name)).expect("a file");
        for part in [0, 100, whole.len() / 2, whole.len() - 1] {
            copy.write(name, &whole[..part]).refusal(&format!("{part} bytes of {name}"));
        }
    }
}

/// One more input: its name, type and sides.
type More<'a> = (&'a str, u64, &'a [Dim<'a>]);

/// As [`decoder`], with more inputs that nothing is made of, other names for the cache, and logits without a side for
/// tokens if so asked.
fn unusual(inputs: &[More<'_>], [past, present]: [&str; 2], flat: bool) -> Vec<u8> {
    let cache = [Dim::Named("batch"), Dim::Is(1), Dim::Named("past"), Dim::Is(4)];
    let (batch, count) = (Dim::Named("batch"), Dim::Named("count"));
    let logits: &[Dim<'_>] = if flat { &[batch, Dim::Is(384)] } else { &[batch, count, Dim::Is(384)] };
    let mut graph = Graph::new("decoder")
        .input("inputs_embeds", F32, &[batch, count, Dim::Is(64)])
        .input(past, F32, &cache)
        .output("logits", F32, logits)
        .output(
            present,
            F32,
            &cache.map(|side| if matches!(side, Dim::Named("past")) { Dim::Named("total") } else { side }),
        )
        .weight("w", &[64, 384], &[0.1; 64 * 384])
        .weight_i64("begin", &[1], &[0])
        .weight_i64("end", &[1], &[4])
        .weight_i64("side", &[1], &[2])
        .weight_i64("one", &[1], &[1])
        .weight_i64("last", &[], &[-1]);
    for (name, element, shape) in inputs {
        graph = graph.input(name, *element, shape);
    }
    let all = if flat { "all" } else { "logits" };
    graph = graph.node("MatMul", &["inputs_embeds", "w"], &[all]);
    if flat {
        graph = graph.node_with("Gather", &["all", "last"], &["logits"], vec![("axis", testing::Attribute::Int(1))]);
    }
    graph
        .node("Slice", &["inputs_embeds", "begin", "end", "side"], &["four"])
        .node("Unsqueeze", &["four", "one"], &["new"])
        .node_with("Concat", &[past, "new"], &[present], vec![("axis", testing::Attribute::Int(2))])
        .model()
}

#[test]
fn decoders_of_unusual_inputs_and_names_answer_or_say_what_they_want() {
    if !has_runtime() {
        return;
    }
    let (batch, count) = (Dim::Named("batch"), Dim::Named("count"));
    let usual = ["past_key_values.0.key", "present.0.key"];
    let taken: [(&str, &[More<'_>], [&str; 2], bool); 6] = [
        ("no mask and no positions", &[], usual, false),
        (
            "masks and positions of 32 bits",
            &[("attention_mask", I32, &[batch, Dim::Named("total")]), ("position_ids", I32, &[batch, count])],
            usual,
            false,
        ),
        (
            "all that older and newer exporters ask for",
            &[
                ("num_logits_to_keep", I64, &[]),
                ("use_cache_branch", BOOL, &[Dim::Is(1)]),
                ("cache_position", I64, &[count]),
            ],
            usual,
            false,
        ),
        ("other names", &[], ["past_key_0", "present_key_0"], false),
        ("names that go on alike", &[], ["past_key_values.0.key", "present_key_values.0.key"], false),
        ("logits of the last token alone", &[], usual, true),
    ];
    for (what, inputs, names, flat) in taken {
        let copy = Copy::of("qwen2_5_vl");
        copy.write(DECODER, unusual(inputs, names, flat)).write(EMBEDDING, embedding(64));
        let reply = copy.ask(Request { max_new_tokens: 3, ..Request::question("Who?", Vec::new()) });
        assert_eq!(reply.unwrap_or_else(|error| panic!("{what}: {error}")).token_ids.len(), 3, "{what}");
    }
    let refused: [(&[More<'_>], [&str; 2], &str); 4] = [
        (&[("token_type_ids", I64, &[batch, count])], usual, "token_type_ids"),
        (&[("input_ids", I64, &[batch, count])], usual, "both inputs_embeds and input_ids"),
        (&[("position_ids", F32, &[batch, count])], usual, "position_ids"),
        (&[], ["past_key_values.0.key", "later.0.key"], "gives no \"present.0.key\""),
    ];
    for (inputs, names, said) in refused {
        let copy = Copy::of("qwen2_5_vl");
        copy.write(DECODER, unusual(inputs, names, false)).write(EMBEDDING, embedding(64));
        let error = copy.refusal(said).to_string();
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn folders_of_text_alone_that_lie_are_refused_with_a_sentence() {
    if !has_runtime() {
        return;
    }
    let words = || Request { max_new_tokens: 3, ..Request::question("Who?", Vec::new()) };
    let said =
        |copy: &Copy, what: &str| copy.ask(words()).err().unwrap_or_else(|| panic!("{what}: answered")).to_string();
    let copy = Copy::of("text");
    copy.ask(words()).expect("as it should be");
    // Wherever the graph lies.
    std::fs::rename(copy.path("onnx/model.onnx"), copy.path("model.onnx")).expect("moved");
    copy.ask(words()).expect("beside its texts");
    std::fs::rename(copy.path("model.onnx"), copy.path(DECODER)).expect("moved");
    copy.ask(words()).expect("by its other name");
    copy.change("config.json", |config| config["model_type"] = json!("llava"));
    assert!(said(&copy, "a family with pictures").contains("embed_tokens"));
    let copy = Copy::of("text");
    copy.write("onnx/model.onnx", unusual(&[], ["past_key_values.0.key", "present.0.key"], false));
    assert!(said(&copy, "a decoder of rows").contains("there is no graph of the embedding"));
    let copy = Copy::of("text");
    copy.change("config.json", |config| config["model_type"] = json!("rt_detr"));
    std::fs::remove_file(copy.path("generation_config.json")).expect("a file");
    assert!(said(&copy, "another network").contains("rt_detr"));
    let copy = Copy::of("text_genai");
    copy.ask(words()).expect("as it should be");
    copy.change("genai_config.json", |config| config["model"]["decoder"]["head_size"] = json!(7));
    said(&copy, "heads of another size");
    let copy = Copy::of("text_genai");
    copy.change("genai_config.json", |config| {
        config["model"]["vision"] = json!({"filename": "vision.onnx"});
    });
    assert!(said(&copy, "a vision graph that is not there").contains("qwen2"));
}

#[test]
fn weights_outside_the_folder_are_not_read() {
    if !has_runtime() {
        return;
    }
    for location in ["../../x", "/etc/passwd", "../x.bin", "a/../../x", "not there"] {
        let model = Graph::new("embedding")
            .input("input_ids", I64, &[Dim::Named("batch"), Dim::Named("count")])
            .output("inputs_embeds", F32, &[Dim::Named("batch"), Dim::Named("count"), Dim::Is(64)])
            .external_weight("rows", &[384, 64], &[("location", location), ("offset", "0"), ("length", "98304")])
            .node("Gather", &["rows", "input_ids"], &["inputs_embeds"])
            .model();
        let copy = Copy::of("qwen2_5_vl");
        copy.write(EMBEDDING, model).refusal(location);
    }
    let copy = Copy::of("qwen2_5_vl_genai");
    copy.change("genai_config.json", |config| config["model"]["decoder"]["filename"] = json!("../model.onnx"));
    copy.refusal("a decoder outside");
    copy.change("genai_config.json", |config| config["model"]["vision"]["config_filename"] = json!("/etc/passwd"));
    copy.refusal("a configuration outside");
}

#[test]
fn pictures_and_videos_of_no_use_are_refused_or_answered() {
    if !has_runtime() {
        return;
    }
    let blank = |width: usize, height: usize| {
        Arc::new(Rgb::new(width, height, vec![90; 3 * width * height]).expect("a picture"))
    };
    for family in ["qwen2_vl_any_grid", "qwen2_5_vl", "llava", "smolvlm", "qwen2_5_vl_genai"] {
        let copy = Copy::of(family);
        for (width, height) in [(1, 1), (16384, 1), (1, 16384), (3, 700), (199, 1)] {
            let request = Request { max_new_tokens: 2, ..Request::question("What?", vec![blank(width, height)]) };
            match copy.ask(request) {
                Ok(reply) => println!("{family} {width}x{height}: {} tokens", reply.prompt_ids.len()),
                Err(error) => println!("{family} {width}x{height}: {error}"),
            }
        }
        let videos: [(usize, f64); 6] = [(2, 1e-300), (0, 1.0), (2, 0.0), (2, -1.0), (2, f64::NAN), (5000, 1.0)];
        for (frames, fps) in videos {
            let video = Video { frames: vec![blank(80, 60); frames], fps };
            let request = Request {
                videos: vec![video],
                messages: vec![Message::user(0, 1, "What?")],
                max_new_tokens: 2,
                ..Request::question("", Vec::new())
            };
            match copy.ask(request) {
                // Where positions follow frames, not times.
                Ok(_) => assert_eq!((family, fps), ("qwen2_vl_any_grid", 1e-300)),
                Err(error) => println!("{family} {frames} frames at {fps}: {error}"),
            }
        }
    }
    assert!(peak_bytes() < 3 << 30);
}

#[test]
fn a_users_words_do_not_become_pictures() {
    if !has_runtime() {
        return;
    }
    for (family, word) in
        [("qwen2_5_vl", "<|image_pad|>"), ("qwen2_5_vl", "<|video_pad|>"), ("llava", "<image>"), ("smolvlm", "<image>")]
    {
        let copy = Copy::of(family);
        let words = format!("Look {word}{word} here");
        let error = copy.ask(Request::question(words.clone(), Vec::new())).expect_err("no picture was given");
        assert_eq!(error.kind(), ErrorKind::Argument, "{error}");
        let error = copy.ask(Request::question(words.clone(), vec![picture("odd.png")])).expect_err("one was given");
        assert_eq!(error.kind(), ErrorKind::Argument, "{error}");
        println!("{family}: {error}");
        let before = Message { role: Role::System, content: vec![Part::text(word)] };
        let mut request = about_a_picture();
        request.messages.insert(0, before);
        assert_eq!(copy.ask(request).expect_err("two places").kind(), ErrorKind::Argument);
    }
}

#[test]
fn a_folder_without_a_vision_graph_answers_words() {
    if !has_runtime() {
        return;
    }
    for family in ["qwen2_5_vl", "llava"] {
        let copy = Copy::of(family);
        for name in copy.files().iter().filter(|name| name.contains("vision_encoder") || name.contains("preprocessor"))
        {
            std::fs::remove_file(copy.path(name)).expect("a file");
        }
        copy.change("config.json", |config| {
            let config = config.as_object_mut().expect("an object");
            config.retain(|key, _| !["image_token_id", "image_token_index", "vision_config"].contains(&key.as_str()));
        });
        let reply = copy.ask(Request { max_new_tokens: 4, ..Request::question("Who?", Vec::new()) }).expect("words");
        assert_eq!(reply.token_ids.len(), 4);
        assert_eq!(copy.refusal("a picture for words alone").kind(), ErrorKind::Unsupported);
    }
}
