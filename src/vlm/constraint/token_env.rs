//! What a tokenizer's tokens spell, byte by byte, as the grammars need it.
//!
//! Two kinds of tokenizer are taken, told apart by their decoder: **byte-level** ones, whose tokens are written in
//! GPT-2's alphabet of 256 printable characters, and **byte fallback** ones, with `▁` or the like for a space and `<0xE2>`
//! for a byte. Special tokens spell nothing that a text can be; of them a grammar knows only those that end a reply.
//!
//! A tokenizer's own way to cut a text is used for what a grammar forces, so that the model sees the tokens that it was
//! trained on. Where it does not give back the bytes that it was given (it adds a space in front, or normalises), they are
//! cut greedily instead: other tokens, the same text.

use crate::error::{Error, ErrorKind, Result};
use llguidance::ParserFactory;
use llguidance::api::ParserLimits;
use std::sync::Arc;
use tokenizers::Tokenizer;
use toktrie::{InferenceCapabilities, TokEnv, TokRxInfo, TokTrie, TokenizerEnv};

/// The most bytes that all tokens together may spell: what the trie of the crate `toktrie` can hold.
const MAX_TRIE_BYTES: usize = 4_000_000;

/// Tokens that spell more bytes are never offered under a constraint: the trie is no deeper than 1024.
const MAX_TOKEN_BYTES: usize = 1000;

/// The most tokens, below what the trie can count.
const MAX_VOCABULARY: usize = 1 << 22;

/// What no text begins with, so that what a tokenizer adds in front of a text is added in front of this.
const SENTINEL: &str = "\u{2}";

/// Bounds on what a grammar may cost. Work is counted, not timed: the same grammar is refused on every machine.
fn limits() -> ParserLimits {
    ParserLimits {
        max_grammar_size: 20_000,
        // A state takes one to two kilobytes.
        max_lexer_states: 32_000,
        verbose_errors: false,
        ..ParserLimits::default()
    }
}

/// The tokens of a model, made ready for constraints. Made once for a model; clones and constraints share it.
#[derive(Clone)]
pub struct TokenEnv {
    factory: Arc<ParserFactory>,
}

struct Env {
    tokenizer: Arc<Tokenizer>,
    trie: TokTrie,
    /// How many tokens the sentinel is cut into.
    sentinel_tokens: Option<usize>,
}

/// How tokens are written.
enum Spelling {
    ByteLevel,
    ByteFallback { space: char },
}

impl TokenEnv {
    /// The tokens of `tokenizer` for a model that gives `vocabulary` logits and ends a reply by one of `end_tokens`.
    ///
    /// Ids of the tokenizer beyond the vocabulary are never offered, nor are logits without a token. Refuses a
    /// vocabulary of none or beyond four million, no end token or one beyond the vocabulary, tokens that are four
    /// megabytes together, and a tokenizer of another kind.
    pub fn new(tokenizer: Arc<Tokenizer>, end_tokens: &[u32], vocabulary: usize) -> Result<Self> {
        if vocabulary == 0 || vocabulary > MAX_VOCABULARY {
            return Err(Error::argument(format!("vocabulary is {vocabulary}, expected 1 to {MAX_VOCABULARY}")));
        }
        let Some(&first_end) = end_tokens.first() else {
            return Err(Error::argument(
                "no end token, expected at least one: a constrained reply must be able to end",
            ));
        };
        if let Some(beyond) = end_tokens.iter().find(|&&token| token as usize >= vocabulary) {
            return Err(Error::argument(format!("end token {beyond} lies beyond the vocabulary of {vocabulary}")));
        }
        let words = words(&tokenizer, vocabulary)?;
        let trie = TokTrie::from(&TokRxInfo::new(vocabulary as u32, first_end), &words).with_eos_tokens(end_tokens);
        let sentinel = tokenizer.encode(SENTINEL, false).ok();
        let sentinel_tokens = sentinel.map(|encoding| encoding.get_ids().len());
        let env: TokEnv = Arc::new(Env { tokenizer, trie, sentinel_tokens });
        let abilities = InferenceCapabilities { ff_tokens: true, ..InferenceCapabilities::default() };
        let slices = llguidance::earley::SlicedBiasComputer::general_slices();
        let made = ParserFactory::new(&env, abilities, &slices);
        let mut factory =
            made.map_err(|error| Error::new(ErrorKind::Model, format!("tokens cannot be constrained: {error}")))?;
        *factory.limits_mut() = limits();
        factory.quiet();
        Ok(Self { factory: Arc::new(factory) })
    }

    /// How many logits the model gives.
    pub fn vocabulary(&self) -> usize {
        self.trie().vocab_size()
    }

    /// The bytes that tokens spell; special ones and ids without a token spell nothing.
    pub fn bytes_of(&self, tokens: &[u32]) -> Vec<u8> {
        let known = tokens.iter().filter(|&&token| (token as usize) < self.vocabulary());
        known.map(|&token| self.trie().token(token)).filter(|w| !is_special(w)).flatten().copied().collect()
    }

    pub(super) fn factory(&self) -> &ParserFactory {
        &self.factory
    }

    fn trie(&self) -> &TokTrie {
        self.factory.tok_env().tok_trie()
    }
}

impl TokenizerEnv for Env {
    fn tok_trie(&self) -> &TokTrie {
        &self.trie
    }

    fn tokenize_bytes(&self, bytes: &[u8]) -> Vec<u32> {
        self.own_cut(bytes).unwrap_or_else(|| self.trie.greedy_tokenize(bytes))
    }
}

impl Env {
    /// The tokenizer's own tokens, if they spell what they were made of.
    fn own_cut(&self, bytes: &[u8]) -> Option<Vec<u32>> {
        let text = std::str::from_utf8(bytes).ok()?;
        let behind = self.tokenizer.encode(format!("{SENTINEL}{text}"), false).ok()?;
        let cut = behind.get_ids().get(self.sentinel_tokens?..)?;
        let is_known = cut.iter().all(|&token| (token as usize) < self.trie.vocab_size());
        let spelt = || cut.iter().flat_map(|&token| self.trie.token(token)).eq(bytes);
        (is_known && spelt()).then(|| cut.to_vec())
    }
}

impl Spelling {
    fn of(tokenizer: &Tokenizer) -> Result<Self> {
        let decoder = tokenizer.get_decoder().map(serde_json::to_value).transpose();
        let decoder = decoder.map_err(|error| Error::new(ErrorKind::Model, format!("decoder of tokens: {error}")))?;
        let mut parts = Vec::new();
        flatten(decoder.as_ref(), &mut parts);
        let kind = |part: &serde_json::Value| part["type"].as_str().map(str::to_owned);
        if parts.iter().any(|part| kind(part).as_deref() == Some("ByteLevel")) {
            return Ok(Self::ByteLevel);
        }
        let one_char = |text: Option<&str>| text.and_then(|t| t.chars().next().filter(|c| c.len_utf8() == t.len()));
        let space = parts.iter().find_map(|part| match kind(part).as_deref() {
            Some("Metaspace") => one_char(part["replacement"].as_str()),
            Some("Replace") if part["content"] == " " => one_char(part["pattern"]["String"].as_str()),
            _ => None,
        });
        let has_fallback = parts.iter().any(|part| kind(part).as_deref() == Some("ByteFallback"));
        match space {
            Some(space) => Ok(Self::ByteFallback { space }),
            None if has_fallback => Ok(Self::ByteFallback { space: ' ' }),
            None => Err(Error::new(
                ErrorKind::Unsupported,
                "constraints need a tokenizer that is byte-level or has a sign for spaces; the model's is neither",
            )),
        }
    }

    fn bytes_of(&self, token: &str) -> Vec<u8> {
        match self {
            // As the decoder does: a token of which one character is not in the alphabet is taken as it is written.
            Self::ByteLevel => token.chars().map(byte_of).collect::<Option<_>>().unwrap_or_else(|| token.into()),
            Self::ByteFallback { space } => match byte_token(token) {
                Some(byte) => vec![byte],
                None => token.replace(*space, " ").into_bytes(),
            },
        }
    }
}

/// The parts of a decoder, out of its sequences.
fn flatten<'v>(decoder: Option<&'v serde_json::Value>, parts: &mut Vec<&'v serde_json::Value>) {
    let Some(decoder) = decoder else { return };
    match decoder["decoders"].as_array() {
        Some(inner) => inner.iter().for_each(|part| flatten(Some(part), parts)),
        None => parts.push(decoder),
    }
}

/// What each token spells, by id; nothing where it must not be offered.
fn words(tokenizer: &Tokenizer, vocabulary: usize) -> Result<Vec<Vec<u8>>> {
    let spelling = Spelling::of(tokenizer)?;
    let added = tokenizer.get_added_tokens_decoder();
    let mut words = Vec::new();
    let mut whole = 0;
    for id in 0..vocabulary as u32 {
        let is_marked = added.get(&id).is_some_and(|token| token.special);
        let mut word = match tokenizer.id_to_token(id) {
            Some(token) if is_marked => [&[TokTrie::SPECIAL_TOKEN_MARKER], token.as_bytes()].concat(),
            Some(token) => spelling.bytes_of(&token),
            None => Vec::new(),
        };
        if word.len() > MAX_TOKEN_BYTES {
            word.clear();
        }
        whole += word.len();
        if whole > MAX_TRIE_BYTES {
            return Err(Error::new(
                ErrorKind::Model,
                format!("the first {id} tokens spell more than {MAX_TRIE_BYTES} bytes, which no tokenizer's do"),
            ));
        }
        words.push(word);
    }
    Ok(words)
}

fn is_special(word: &[u8]) -> bool {
    word.len() > 1 && word[0] == TokTrie::SPECIAL_TOKEN_MARKER
}

/// `<0xE2>` as a byte.
fn byte_token(token: &str) -> Option<u8> {
    let hex = token.strip_prefix("<0x")?.strip_suffix('>')?;
    (hex.len() == 2).then(|| u8::from_str_radix(hex, 16).ok())?
}

/// GPT-2's alphabet: what is printable in Latin-1 is itself, the other 68 bytes follow from U+0100 on in their order.
fn byte_of(letter: char) -> Option<u8> {
    let is_itself = |byte: u8| matches!(byte, b'!'..=b'~' | 0xA1..=0xAC | 0xAE..=0xFF);
    match u32::from(letter) {
        code @ 0..=0xFF => Some(code as u8).filter(|&byte| is_itself(byte)),
        code @ 0x100..=0x143 => (0..=255u8).filter(|&byte| !is_itself(byte)).nth((code - 0x100) as usize),
        _ => None,
    }
}
