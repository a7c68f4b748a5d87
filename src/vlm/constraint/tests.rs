use super::testing::{babble, byte_fallback, byte_fallback_env, byte_level, byte_level_env};
use super::*;
use crate::cogmap::MapText;
use crate::graph::ChainText;
use std::collections::BTreeSet;
use std::sync::Arc;

fn names(count: usize) -> Vec<String> {
    (0..count).map(|k| ["chair", "lamp \"x\"", "стол", "a\\b"][k % 4].to_owned() + &format!("#{}", k / 4 + 1)).collect()
}

fn envs() -> [TokenEnv; 2] {
    [byte_level_env(), byte_fallback_env()]
}

fn refusal(constraint: Constraint) -> String {
    Constrained::new(&constraint, &byte_level_env()).err().expect("refused").to_string()
}

fn triplets(count: usize, least: usize, most: usize, units: bool) -> Constraint {
    Constraint::Triplets(TripletLines { names: names(count), first: 7, least, most, units })
}

#[test]
fn triplet_lines_under_the_grammar_are_all_read() {
    let mut with_c = 0;
    for env in envs() {
        for seed in 0..200 {
            let (count, least, most) = [(2, 1, 2), (3, 2, 3), (9, 0, 3), (64, 3, 3)][seed as usize % 4];
            let units = seed % 8 < 4;
            let constraint = triplets(count, least, most, units);
            let text = babble(&constraint, &env, seed, 2000).expect("an end");
            let known = names(count);
            let read = ChainText::parse(&text, |name| known.iter().any(|k| k == name)).expect("short enough");
            assert_eq!(read.rejected_in_all, 0, "{text}\n{:?}", read.rejected);
            assert!((least..=most).contains(&read.lines.len()), "{text}");
            let printed: Vec<_> = read.lines.iter().map(|line| line.to_string()).collect();
            assert_eq!(printed.join("\n"), text);
            for (t, line) in (7..).zip(&read.lines) {
                assert_eq!((line.t, line.cell_m.is_some()), (t, units));
            }
            with_c += read.lines.iter().filter(|line| line.c.is_some()).count();
        }
    }
    assert!(with_c > 200, "{with_c}");
}

#[test]
fn a_map_line_under_the_grammar_is_read_and_names_nothing_twice() {
    let mut named = 0;
    for env in envs() {
        for seed in 0..100 {
            let count = [0, 1, 7, 64][seed as usize % 4];
            let constraint = Constraint::LocalCogMap(MapLine { names: names(count), units: seed % 8 < 4 });
            let text = babble(&constraint, &env, seed, 4000).expect("an end");
            let read = MapText::parse(&text).expect(&text);
            assert_eq!(read.to_string(), text);
            let objects = read.objects.iter().map(|o| &o.0).chain(read.beyond.iter().map(|b| &b.0));
            let all: Vec<_> = objects.collect();
            assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len(), "{text}");
            named += all.len();
        }
    }
    assert!(named > 200, "{named}");
}

#[test]
fn box_lines_under_the_grammar_are_all_read() {
    let mut boxes = 0;
    for env in envs() {
        for seed in 0..200 {
            let labels = if seed % 2 == 0 { names(5) } else { Vec::new() };
            let constraint = Constraint::Boxes7Dof(BoxLines { labels: labels.clone(), least: 0, most: 3 });
            let text = babble(&constraint, &env, seed, 4000).expect("an end");
            let read = BoxesText::parse(&text).expect("short enough");
            assert_eq!(read.rejected_in_all, 0, "{text}\n{:?}", read.rejected);
            assert_eq!(read.boxes.len(), text.lines().count());
            assert!(labels.is_empty() || read.boxes.iter().all(|b| labels.contains(&b.label)));
            assert!(read.boxes.iter().all(|b| b.oriented().is_valid()));
            let again: Vec<_> = read.boxes.iter().map(Box7Dof::to_string).collect();
            assert_eq!(BoxesText::parse(&again.join("\n")).expect("printed"), read);
            boxes += read.boxes.len();
        }
    }
    assert!(boxes > 300, "{boxes}");
}

#[test]
fn json_under_a_schema_is_what_the_schema_says() {
    let schema = r##"{"type":"object","additionalProperties":false,"required":["kind","at"],
        "properties":{"kind":{"enum":["chair","стол"]},"at":{"$ref":"#/$defs/at"},"sure":{"type":"boolean"}},
        "$defs":{"at":{"type":"array","items":{"type":"integer","minimum":-9,"maximum":99},"minItems":2,"maxItems":3}}}"##;
    for env in envs() {
        for seed in 0..100 {
            let text = babble(&Constraint::JsonSchema(schema.into()), &env, seed, 500).expect("an end");
            let value: Value = serde_json::from_str(&text).expect(&text);
            assert!(["chair", "стол"].contains(&value["kind"].as_str().expect("a kind")));
            let at: Vec<_> = value["at"].as_array().expect("a place").iter().filter_map(Value::as_f64).collect();
            let is_meant = |n: &f64| (-9.0..=99.0).contains(n) && n.fract() == 0.0;
            assert!((2..=3).contains(&at.len()) && at.iter().all(is_meant), "{text}");
            assert!(!text.contains(char::is_whitespace), "{text}");
        }
    }
}

#[test]
fn expressions_and_choices_give_what_they_say() {
    let choices = Constraint::Choices(["cat", "cat#1", "/ \"dog\"\n", "été"].map(String::from).into());
    let expression = Constraint::Regex(r"(A|B)/\d{2}(\.[0-9])?".into());
    for env in envs() {
        let mut seen = BTreeSet::new();
        for seed in 0..60 {
            seen.insert(babble(&choices, &env, seed, 50).expect("an end"));
            let text = babble(&expression, &env, seed, 200).expect("an end");
            let mut chars = text.chars();
            assert!(matches!(chars.next(), Some('A' | 'B')) && chars.next() == Some('/'), "{text}");
            let number: String = chars.collect();
            assert!(number.chars().filter(|c| c.is_numeric()).count() >= 2, "{text}");
        }
        assert_eq!(seen.iter().map(String::as_str).collect::<Vec<_>>(), ["/ \"dog\"\n", "cat", "cat#1", "été"]);
    }
    let grammar = Constraint::Lark("start: \"(\" start \")\" | \"x\"".into());
    let text = (0..20).filter_map(|seed| babble(&grammar, &byte_level_env(), seed, 200)).next_back().expect("an end");
    assert!(text.trim_matches(['(', ')']) == "x" && text.matches('(').count() == text.matches(')').count());
}

#[test]
fn what_is_forced_is_told_and_what_does_not_fit_changes_nothing() {
    let constraint = triplets(3, 1, 1, false);
    for env in envs() {
        let mut reply = Constrained::new(&constraint, &env).expect("good");
        let forced = reply.forced().expect("within bounds");
        assert_eq!(String::from_utf8(env.bytes_of(&forced)).expect("text"), "{\"t\":7,\"a\":\"");
        assert!(forced.iter().any(|&token| env.bytes_of(&[token]).len() > 1), "the tokenizer's own cut");
        let mask = reply.mask().expect("within bounds").clone();
        let wrong = (0..mask.vocabulary() as u32).find(|&token| !mask.allows(token)).expect("most may not come");
        assert!(reply.accept(wrong).expect_err("not here").to_string().contains("does not fit"));
        assert!(reply.accept(1 << 20).is_err());
        assert_eq!(*reply.mask().expect("within bounds"), mask);
        for token in forced {
            assert!(!reply.may_end().expect("within bounds"));
            reply.accept(token).expect("forced");
        }
        assert!(!reply.is_done());
    }
}

#[test]
fn tokens_spell_what_the_tokenizer_decodes() {
    let text = "{\"a\": 0.5, \"стол\"} € the 😀 été";
    let (level, fallback) = (byte_level(), byte_fallback());
    let spelt = |tokenizer: &tokenizers::Tokenizer, env: TokenEnv| {
        let tokens = tokenizer.encode(text, true).expect("encodes");
        String::from_utf8(env.bytes_of(tokens.get_ids())).expect("text")
    };
    assert_eq!(spelt(&level, byte_level_env()), text);
    // The space that this kind puts in front of all text it is given.
    assert_eq!(spelt(&fallback, byte_fallback_env()), format!(" {text}"));
    let env = byte_level_env();
    for token in 0..level.get_vocab_size(true) as u32 {
        let decoded = level.decode(&[token], true).expect("decodes");
        assert_eq!(String::from_utf8_lossy(&env.bytes_of(&[token])), decoded);
    }
}

#[test]
fn a_reply_is_done_when_nothing_can_follow_or_an_end_token_came() {
    let env = byte_level_env();
    let end = byte_level().token_to_id("<|end|>").expect("it has one");
    let mut reply = Constrained::new(&Constraint::Regex("a+".into()), &env).expect("good");
    let byte_a = (0..256).find(|&token| env.bytes_of(&[token]) == b"a").expect("every byte is a token");
    assert!(!reply.mask().expect("within bounds").allows(end));
    reply.accept(byte_a).expect("fits");
    assert!(reply.may_end().expect("within bounds") && !reply.is_done());
    assert!(reply.mask().expect("within bounds").allows(end));
    reply.accept(end).expect("fits");
    assert!(reply.is_done());
    assert_eq!(reply.mask().expect("done").tokens().collect::<Vec<_>>(), [end]);
    assert!(reply.accept(byte_a).expect_err("over").to_string().contains("after the end"));
    assert!(reply.forced().expect("done").is_empty());
}

#[test]
fn what_is_wrong_with_a_constraint_is_said() {
    let schema = |text: &str| refusal(Constraint::JsonSchema(text.into()));
    assert_eq!(schema("{\"type\":"), "JSON schema: EOF while parsing a value at line 1 column 8");
    for (text, place) in [
        (r#"{"type":"objekt"}"#, "objekt"),
        (r##"{"$ref":"#/nowhere"}"##, "nowhere"),
        (r#"{"$ref":"http://example.com/x"}"#, "example.com"),
        (r#"{"items":[{"pattern":"a("}]}"#, "/items/0/pattern: unclosed group at byte 1"),
        (r#"{"patternProperties":{"[":{}}}"#, "/patternProperties: unclosed character class at byte 0"),
    ] {
        let said = schema(text);
        assert!(said.starts_with("JSON schema: ") && said.contains(place), "{said}");
    }
    let said = refusal(Constraint::Regex("ab(c".into()));
    assert_eq!(said, "regular expression: unclosed group at byte 2");
    let said = refusal(Constraint::Lark("start: \"a\" b\nb: c\n".into()));
    assert_eq!(said, "grammar: at 2(4): unknown name: \"c\"");
    let choices = |of: &[&str]| refusal(Constraint::Choices(of.iter().map(|c| (*c).to_owned()).collect()));
    assert_eq!(choices(&[]), "0 choices of 0 bytes, expected 1 to 4096 of at most 262144");
    assert_eq!(choices(&["a", ""]), "choice 1 is empty, expected text");
    assert_eq!(refusal(triplets(1, 1, 1, true)), "1 ids, expected 2 to 64");
    assert_eq!(refusal(triplets(65, 1, 1, true)), "65 ids, expected 2 to 64");
    assert!(refusal(triplets(3, 4, 3, true)).starts_with("4 to 3 lines"));
    let twice = MapLine { names: vec!["a".into(), "a".into()], units: true };
    assert_eq!(refusal(Constraint::LocalCogMap(twice)), "\"a\" comes twice in the ids");
}

#[test]
fn a_huge_constraint_is_refused() {
    let long = "a".repeat(MAX_GRAMMAR_BYTES + 1);
    for constraint in [Constraint::Regex(long.clone()), Constraint::Lark(long.clone()), Constraint::JsonSchema(long)] {
        assert!(refusal(constraint).contains("expected at most 262144"));
    }
    let deep = "(".repeat(100_000);
    for constraint in [
        Constraint::Regex(deep.clone()),
        Constraint::Lark(format!("start: {deep}")),
        Constraint::JsonSchema("[".repeat(100_000)),
    ] {
        assert!(refusal(constraint).contains("more than 64 brackets"));
    }
    let many: String = (0..15_000).map(|k| format!("\n|\"{k}\"x x")).collect();
    let said = refusal(Constraint::Lark(format!("start: x{many}\nx: \"a\"\n")));
    assert!(said.starts_with("grammar: ") && said.contains("too big"), "{said}");
}

#[test]
fn what_costs_too_much_is_refused_when_it_shows_and_what_is_only_long_is_not() {
    let env = byte_level_env();
    let said = |constraint| said_of(&constraint, &env).unwrap_or_default();
    let explosive = "(.*a.{30}|.*b.{31}|.*c.{32}|.*d.{33}){2}";
    let late = said(Constraint::Regex("((a{1000}){1000}){1000}".into()));
    assert!(late.starts_with("the constraint cannot go on: "), "{late}");
    let late = said(Constraint::Lark("start: \"a\"{1000000}".into()));
    assert!(late.starts_with("the constraint cannot go on: "), "{late}");
    let pattern = format!(r#"{{"type":"string","pattern":"^{explosive}$","minLength":500}}"#);
    let at_once = said(Constraint::JsonSchema(pattern));
    assert!(at_once.starts_with("JSON schema: "), "{at_once}");
    for long in [
        Constraint::Regex(explosive.into()),
        Constraint::JsonSchema(r#"{"type":"array","items":{"type":"integer"},"minItems":100000000}"#.into()),
        Constraint::JsonSchema(r#"{"type":"string","minLength":100000000}"#.into()),
    ] {
        assert_eq!(said(long), "");
    }
}

/// What is said of a constraint in its first 300 tokens.
fn said_of(constraint: &Constraint, env: &TokenEnv) -> Option<String> {
    let mut reply = match Constrained::new(constraint, env) {
        Ok(reply) => reply,
        Err(error) => return Some(error.to_string()),
    };
    for at in 0..300 {
        let mask = match reply.mask() {
            Ok(mask) => mask,
            Err(error) => return Some(error.to_string()),
        };
        let which = (at * 31) % mask.count().max(1);
        let token = mask.tokens().nth(which).expect("some may come");
        if let Err(error) = reply.accept(token) {
            return Some(error.to_string());
        }
        if reply.is_done() {
            break;
        }
    }
    None
}

#[test]
fn a_tokenizer_that_cannot_be_constrained_is_refused() {
    let tokenizer = Arc::new(byte_level());
    let made = |ends: &[u32], vocabulary| TokenEnv::new(Arc::clone(&tokenizer), ends, vocabulary).err();
    let said = |error: Option<Error>| error.expect("refused").to_string();
    assert!(said(made(&[], 100)).contains("no end token"));
    assert!(said(made(&[100], 100)).contains("beyond the vocabulary"));
    assert!(said(made(&[0], 0)).contains("vocabulary is 0"));
    assert!(said(made(&[0], usize::MAX)).contains("expected 1 to"));
    let mut other = byte_level();
    other.with_decoder(None::<tokenizers::DecoderWrapper>);
    let error = TokenEnv::new(Arc::new(other), &[0], 100).err().expect("refused");
    assert_eq!(error.kind(), ErrorKind::Unsupported);
}
