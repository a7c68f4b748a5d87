use super::*;
use crate::vlm::constraint::testing::{byte_fallback, byte_level};
use proptest::prelude::*;

/// What a text shows, all at once.
fn plainly(stops: &[&str], text: &str) -> (String, bool) {
    for end in 1..=text.len() {
        let complete = stops.iter().filter(|stop| text.as_bytes()[..end].ends_with(stop.as_bytes()));
        if let Some(longest) = complete.map(|stop| stop.len()).max() {
            return (text[..end - longest].to_owned(), true);
        }
    }
    (text.to_owned(), false)
}

fn in_pieces(stops: &[&str], pieces: &[&str]) -> (String, bool) {
    let mut watch = Stops::new(stops).expect("good stops");
    let mut shown = String::new();
    for piece in pieces {
        shown += &watch.push(piece).text;
    }
    shown += &watch.finish();
    (shown, watch.stopped())
}

#[test]
fn a_stop_string_that_comes_in_pieces_is_never_shown() {
    let mut stops = Stops::new(&["</answer>", "STOP"]).expect("good stops");
    let shown: Vec<_> = ["yes", "<", "/ans", "w", "no </answ", "er", "> more"].map(|piece| stops.push(piece)).into();
    let texts: Vec<_> = shown.iter().map(|shown| shown.text.as_str()).collect();
    assert_eq!(texts, ["yes", "", "", "", "</answno ", "", ""]);
    assert!(shown[6].stopped && !shown[5].stopped && stops.stopped());
    assert_eq!(stops.push("after"), Shown { text: String::new(), stopped: true });
    assert_eq!(stops.finish(), "");
}

#[test]
fn what_was_held_back_for_a_stop_that_did_not_come_is_shown_in_the_end() {
    assert_eq!(in_pieces(&["\n\n"], &["a\n", "b\n"]), ("a\nb\n".into(), false));
    assert_eq!(in_pieces(&[], &["a", "b"]), ("ab".into(), false));
    assert_eq!(in_pieces(&["aab"], &["a", "a", "a", "b"]), ("a".into(), true));
    assert_eq!(in_pieces(&["b", "ab"], &["xa", "b"]), ("x".into(), true));
}

#[test]
fn bad_stop_strings_are_refused() {
    let said = |strings: &[String]| Stops::new(strings).expect_err("refused").to_string();
    assert_eq!(said(&["a".into(), String::new()]), "stop string 1 has 0 bytes, expected 1 to 1024");
    assert_eq!(said(&["a".repeat(1025)]), "stop string 0 has 1025 bytes, expected 1 to 1024");
    assert_eq!(said(&vec!["a".into(); 65]), "65 stop strings, expected at most 64");
}

/// The pieces of a stream, and that no piece was empty of sense: none but whole characters.
fn streamed(tokenizer: &Tokenizer, tokens: &[u32], skip_special: bool) -> Vec<String> {
    let mut stream = Detokeniser::new(tokenizer, skip_special);
    let mut pieces: Vec<_> = tokens.iter().map(|&token| stream.push(token).expect("decodes")).collect();
    pieces.push(stream.finish().expect("decodes"));
    pieces
}

#[test]
fn a_character_cut_over_tokens_is_held_until_it_is_whole() {
    for tokenizer in [byte_level(), byte_fallback()] {
        let text = "a € 😀é chair, the 0.5";
        let encoding = tokenizer.encode(text, false).expect("encodes");
        let pieces = streamed(&tokenizer, encoding.get_ids(), true);
        assert_eq!(pieces.concat(), text);
        assert!(pieces.iter().all(|piece| !piece.contains(REPLACEMENT)), "{pieces:?}");
        assert!(pieces.iter().filter(|piece| piece.is_empty()).count() > 4, "{pieces:?}");
        assert!(pieces.iter().filter(|piece| !piece.is_empty()).count() > 10, "{pieces:?}");
    }
}

#[test]
fn an_endless_stream_of_broken_bytes_costs_no_more_than_its_length() {
    for tokenizer in [byte_level(), byte_fallback()] {
        let broken = if tokenizer.id_to_token(3).as_deref() == Some("<0x00>") { 3 + 0xFF } else { 0xFF };
        let tokens = vec![broken; 20_000];
        let mut stream = Detokeniser::new(&tokenizer, true);
        let mut text = String::new();
        for &token in &tokens {
            text += &stream.push(token).expect("decodes");
        }
        text += &stream.finish().expect("decodes");
        assert_eq!(text.chars().count(), 20_000);
    }
}

fn any_tokens() -> impl Strategy<Value = Vec<u32>> {
    // Bytes alone, and any token there is or is not.
    prop::collection::vec(prop_oneof![0..300u32, 300..420u32], 0..40)
}

proptest! {
    #[test]
    fn stops_do_not_depend_on_how_the_text_is_cut(
        text in "[abé]{0,24}",
        stops in prop::collection::vec("[abé]{1,4}", 0..4),
        cuts in prop::collection::vec(0..25usize, 0..8),
    ) {
        let stops: Vec<&str> = stops.iter().map(String::as_str).collect();
        let mut at: Vec<usize> = cuts.into_iter().filter(|&cut| text.is_char_boundary(cut.min(text.len()))).collect();
        at.extend([0, text.len()]);
        at.iter_mut().for_each(|cut| *cut = (*cut).min(text.len()));
        at.sort_unstable();
        let pieces: Vec<&str> = at.windows(2).map(|pair| &text[pair[0]..pair[1]]).collect();
        prop_assert_eq!(in_pieces(&stops, &pieces), plainly(&stops, &text));
    }

    #[test]
    fn the_pieces_are_the_text_that_all_tokens_give_at_once(tokens in any_tokens(), skip_special in any::<bool>()) {
        for tokenizer in [byte_level(), byte_fallback()] {
            let whole = tokenizer.decode(&tokens, skip_special).expect("decodes");
            prop_assert_eq!(streamed(&tokenizer, &tokens, skip_special).concat(), whole);
        }
    }

    #[test]
    fn any_text_is_streamed_as_it_was(text in "\\PC{0,30}") {
        let tokenizer = byte_level();
        let encoding = tokenizer.encode(text.as_str(), false).expect("encodes");
        prop_assert_eq!(streamed(&tokenizer, encoding.get_ids(), false).concat(), text);
    }
}
