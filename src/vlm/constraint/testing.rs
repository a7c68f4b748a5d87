//! Small tokenizers of the two common kinds, and a model that says anything a constraint lets it.

use super::{Constrained, Constraint, TokenEnv};
use crate::vlm::sampling::{Sampler, Sampling};
use serde_json::{Value, json};
use std::sync::Arc;
use tokenizers::Tokenizer;

/// Words that are one token, beside the bytes; each is merged from its beginning and its last character.
const WORDS: [&str; 14] =
    ["\"a", "\"b", "\",", "\":", "\":[", "{\"", "],", "],\"", "0.", "00", "th", "the", " t", "\"?"];

/// GPT-2's alphabet by byte.
fn alphabet() -> Vec<char> {
    let is_itself = |byte: u32| matches!(byte, 0x21..=0x7E | 0xA1..=0xAC | 0xAE..=0xFF);
    let mut next = 0x100;
    (0..256)
        .map(|byte| {
            let code = if is_itself(byte) { byte } else { next };
            next += u32::from(code == next);
            char::from_u32(code).expect("a letter")
        })
        .collect()
}

/// A vocabulary and merges that make `words` of their characters.
fn grown(mut vocabulary: Vec<String>, words: &[String]) -> (Value, Value) {
    let mut merges = Vec::new();
    for word in words {
        let mut made = String::new();
        for c in word.chars() {
            let longer = format!("{made}{c}");
            if !made.is_empty() && !vocabulary.contains(&longer) {
                merges.push(json!([made, c.to_string()]));
                vocabulary.push(longer.clone());
            }
            made = longer;
        }
    }
    let ids: serde_json::Map<_, _> = vocabulary.iter().zip(0..).map(|(token, id)| (token.clone(), json!(id))).collect();
    (Value::Object(ids), Value::Array(merges))
}

fn made(normalizer: Value, pre_tokenizer: Value, decoder: Value, model: Value, added: &[(&str, u64)]) -> Tokenizer {
    let added: Vec<_> = added
        .iter()
        .map(|(content, id)| {
            json!({"id": id, "content": content, "single_word": false, "lstrip": false, "rstrip": false,
                   "normalized": false, "special": true})
        })
        .collect();
    let whole = json!({"version": "1.0", "truncation": null, "padding": null, "added_tokens": added,
        "normalizer": normalizer, "pre_tokenizer": pre_tokenizer, "post_processor": null, "decoder": decoder,
        "model": model});
    Tokenizer::from_bytes(whole.to_string()).expect("a tokenizer")
}

fn bpe(vocabulary: &Value, merges: &Value, byte_fallback: bool) -> Value {
    json!({"type": "BPE", "dropout": null, "unk_token": byte_fallback.then_some("<unk>"),
        "continuing_subword_prefix": null, "end_of_word_suffix": null, "fuse_unk": byte_fallback,
        "byte_fallback": byte_fallback, "ignore_merges": false, "vocab": vocabulary, "merges": merges})
}

/// One of GPT-2's kind: every byte is a token. Its last token, `<|end|>`, is special.
pub(crate) fn byte_level() -> Tokenizer {
    let alphabet = alphabet();
    let written = |word: &&str| word.bytes().map(|byte| alphabet[usize::from(byte)]).collect();
    let words: Vec<String> = WORDS.iter().map(written).collect();
    let (vocabulary, merges) = grown(alphabet.iter().map(char::to_string).collect(), &words);
    let end = vocabulary.as_object().expect("a map").len() as u64;
    let level = json!({"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false});
    made(Value::Null, level.clone(), level, bpe(&vocabulary, &merges, false), &[("<|end|>", end)])
}

/// One of Llama's kind: `▁` for a space, bytes for what has no token. `</s>`, token 2, is special.
pub(crate) fn byte_fallback() -> Tokenizer {
    let mut vocabulary: Vec<String> = ["<unk>", "<s>", "</s>"].map(String::from).into();
    vocabulary.extend((0..256).map(|byte| format!("<0x{byte:02X}>")));
    vocabulary.extend(('!'..='~').chain(['▁', 'é']).map(String::from));
    let (vocabulary, merges) = grown(vocabulary, &WORDS.map(|word| word.replace(' ', "▁")));
    let normalizer = json!({"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"},
        {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]});
    let decoder = json!({"type": "Sequence", "decoders": [
        {"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"},
        {"type": "Strip", "content": " ", "start": 1, "stop": 0}]});
    made(normalizer, Value::Null, decoder, bpe(&vocabulary, &merges, true), &[("<s>", 1), ("</s>", 2)])
}

/// The tokens of [`byte_level`], and a few logits more than there are tokens, as models have.
pub(crate) fn byte_level_env() -> TokenEnv {
    let tokenizer = byte_level();
    let end = tokenizer.token_to_id("<|end|>").expect("it has one");
    TokenEnv::new(Arc::new(tokenizer), &[end], end as usize + 20).expect("made ready")
}

/// The tokens of [`byte_fallback`].
pub(crate) fn byte_fallback_env() -> TokenEnv {
    let tokenizer = byte_fallback();
    let vocabulary = tokenizer.get_vocab_size(true);
    TokenEnv::new(Arc::new(tokenizer), &[2], vocabulary).expect("made ready")
}

/// What a model without any sense says under a constraint; none if it did not come to an end within `most` tokens.
pub(crate) fn babble(constraint: &Constraint, env: &TokenEnv, seed: u64, most: usize) -> Option<String> {
    let mut reply = Constrained::new(constraint, env).expect("a good constraint");
    let sampling = Sampling { temperature: 1.0, seed, ..Sampling::default() };
    let mut sampler = Sampler::new(sampling, env.vocabulary()).expect("a good sampling");
    let mut tokens = Vec::new();
    while !reply.is_done() {
        for token in reply.forced().expect("within bounds") {
            reply.accept(token).expect("what is forced fits");
            tokens.push(token);
        }
        if reply.is_done() {
            break;
        }
        let mut logits = vec![0.0; env.vocabulary()];
        let token = sampler.pick(&mut logits, Some(reply.mask().expect("within bounds"))).expect("some may come");
        reply.accept(token).expect("what the mask lets come fits");
        tokens.push(token);
        if tokens.len() > most {
            return None;
        }
    }
    assert!(reply.may_end().expect("done"));
    Some(String::from_utf8(env.bytes_of(&tokens)).expect("whole characters"))
}
