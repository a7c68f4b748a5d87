use super::*;
use proptest::prelude::*;
use serde_json::Value;

const VOCABULARY: usize = 300;

fn sampler(sampling: Sampling, seen: &[u32], vocabulary: usize) -> Sampler {
    let mut sampler = Sampler::new(sampling, vocabulary).expect("a good sampling");
    seen.iter().for_each(|&token| sampler.saw(token));
    sampler
}

/// What stays with its probability, said again as plainly as can be.
fn plainly(sampling: &Sampling, seen: &[u32], logits: &[f32], allowed: Option<&Mask>) -> Vec<(u32, f64)> {
    let mut left: Vec<(u32, f64)> = Vec::new();
    for (token, &logit) in logits.iter().enumerate() {
        let token = token as u32;
        let penalty = if seen.contains(&token) { sampling.repetition_penalty } else { 1.0 };
        let logit = if logit < 0.0 { logit * penalty } else { logit / penalty };
        if logit > f32::NEG_INFINITY && allowed.is_none_or(|mask| mask.allows(token)) {
            left.push((token, f64::from(logit) / f64::from(sampling.temperature)));
        }
    }
    left.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    if sampling.top_k > 0 && sampling.top_k < left.len() {
        let least = left[sampling.top_k - 1].1;
        left.retain(|(_, score)| *score >= least);
    }
    let best = left[0].1;
    left.iter_mut().for_each(|(_, score)| *score = (*score - best).exp());
    let whole: f64 = left.iter().map(|(_, weight)| weight).sum();
    let mut before = 0.0;
    let mut nucleus = Vec::new();
    for (token, weight) in left {
        if nucleus.is_empty() || sampling.top_p >= 1.0 || before / whole < f64::from(sampling.top_p) {
            nucleus.push((token, weight));
        }
        before += weight;
    }
    nucleus.retain(|(_, weight)| *weight >= f64::from(sampling.min_p) && *weight > 0.0);
    let whole: f64 = nucleus.iter().map(|(_, weight)| weight).sum();
    nucleus.iter_mut().for_each(|(_, weight)| *weight /= whole);
    nucleus.sort_by_key(|(token, _)| *token);
    nucleus
}

/// What the sampler keeps, with probabilities.
fn kept(sampler: &mut Sampler, logits: &[f32], allowed: Option<&Mask>) -> Vec<(u32, f64)> {
    let mut logits = logits.to_vec();
    sampler.penalise(&mut logits);
    sampler.keep(&logits, allowed).expect("some may come");
    let whole: f64 = sampler.candidates.iter().map(|c| c.weight).sum();
    sampler.candidates.iter().map(|c| (c.token, c.weight / whole)).collect()
}

#[test]
fn what_stays_is_what_transformers_leaves() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/sampling/cases.json");
    let cases: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(path).expect("recorded")).expect("JSON");
    assert!(cases.len() > 20);
    for (at, case) in cases.iter().enumerate() {
        let numbers = |key: &str| -> Vec<f64> {
            let list = case[key].as_array().expect("a list").iter();
            list.map(|number| number.as_f64().unwrap_or(f64::NEG_INFINITY)).collect()
        };
        let option = |key: &str, without: f64| case["options"][key].as_f64().unwrap_or(without);
        let sampling = Sampling {
            temperature: option("temperature", 1.0) as f32,
            top_k: option("top_k", 0.0) as usize,
            top_p: option("top_p", 1.0) as f32,
            min_p: option("min_p", 0.0) as f32,
            repetition_penalty: option("repetition_penalty", 1.0) as f32,
            seed: 0,
        };
        let logits: Vec<f32> = numbers("logits").iter().map(|&logit| logit as f32).collect();
        let seen: Vec<u32> = numbers("seen").iter().map(|&token| token as u32).collect();
        let ours = kept(&mut sampler(sampling, &seen, logits.len()), &logits, None);
        let ids: Vec<f64> = ours.iter().map(|(token, _)| f64::from(*token)).collect();
        assert_eq!(ids, numbers("ids"), "case {at} {}", case["options"]);
        for ((token, ours), theirs) in ours.iter().zip(numbers("probabilities")) {
            assert!((ours - theirs).abs() < 2e-6, "case {at}, token {token}: {ours}, theirs {theirs}");
        }
    }
}

#[test]
fn greedy_takes_the_largest_and_of_equals_the_lowest_id() {
    let mut greedy = sampler(Sampling::default(), &[], 4);
    assert_eq!(greedy.pick(&mut [1.0, 3.0, 3.0, 2.0], None).expect("numbers"), 1);
    assert_eq!(greedy.pick(&mut [f32::NEG_INFINITY, -0.0, 0.0, f32::NEG_INFINITY], None).expect("numbers"), 1);
    let mut mask = Mask::none(4);
    mask.allow(2);
    mask.allow(3);
    assert_eq!(greedy.pick(&mut [1.0, 3.0, 3.0, 9.0], Some(&mask)).expect("numbers"), 3);
    let mut penal = sampler(Sampling { repetition_penalty: 2.0, ..Sampling::default() }, &[1, 1, 9], 3);
    assert_eq!(penal.pick(&mut [2.0, 3.9, 1.0], None).expect("numbers"), 0);
    assert_eq!(penal.pick(&mut [2.0, 4.1, 1.0], None).expect("numbers"), 1, "once, though it was seen twice");
    assert_eq!(penal.pick(&mut [-1.9, -1.0, -3.0], None).expect("numbers"), 0);
}

#[test]
fn logits_that_say_nothing_are_an_error() {
    for temperature in [0.0, 1.0] {
        let mut sampler = sampler(Sampling { temperature, ..Sampling::default() }, &[], 3);
        let mut said = |logits: &mut [f32], mask: Option<&Mask>| sampler.pick(logits, mask).expect_err("nothing");
        assert_eq!(said(&mut [0.0, f32::NAN, 0.0], None).to_string(), "logit of token 1 is NaN, expected a number");
        assert_eq!(said(&mut [0.0, 0.0, f32::INFINITY], None).kind(), ErrorKind::Model);
        let none = said(&mut [f32::NEG_INFINITY; 3], None).to_string();
        assert_eq!(none, "no token that may come has a logit above minus infinity");
        assert_eq!(said(&mut [1.0, 2.0, 3.0], Some(&Mask::none(3))).to_string(), none);
        assert_eq!(said(&mut [1.0, 2.0], None).to_string(), "2 logits, expected 3");
    }
}

#[test]
fn numbers_out_of_range_are_refused() {
    let said = |sampling: Sampling| Sampler::new(sampling, 10).expect_err("refused").to_string();
    let plain = Sampling::default();
    assert_eq!(said(Sampling { temperature: -0.5, ..plain }), "temperature is -0.5, expected 0 for greedy or more");
    assert!(said(Sampling { temperature: f32::NAN, ..plain }).starts_with("temperature is NaN"));
    assert_eq!(said(Sampling { top_p: 1.5, ..plain }), "top_p is 1.5, expected 0 to 1");
    assert_eq!(said(Sampling { min_p: -1.0, ..plain }), "min_p is -1, expected 0 to 1");
    assert_eq!(said(Sampling { repetition_penalty: 0.0, ..plain }), "repetition penalty is 0, expected more than 0");
    assert!(Sampler::new(plain, 0).is_err() && Sampler::new(plain, MAX_VOCABULARY + 1).is_err());
}

#[test]
fn tokens_come_as_often_as_they_are_likely() {
    let logits = [0.0, 1.0, 2.0, -1.0, 0.5];
    let sampling = Sampling { temperature: 0.8, top_p: 0.95, seed: 5, ..Sampling::default() };
    let expected = plainly(&sampling, &[], &logits, None);
    let mut sampler = sampler(sampling, &[], 5);
    let mut counts = [0; 5];
    let draws = 40_000;
    for _ in 0..draws {
        counts[sampler.pick(&mut logits.clone(), None).expect("numbers") as usize] += 1;
    }
    for (token, probability) in &expected {
        let seen = f64::from(counts[*token as usize]) / f64::from(draws);
        let sigma = (probability * (1.0 - probability) / f64::from(draws)).sqrt();
        assert!((seen - probability).abs() < 4.5 * sigma, "{token}: {seen}, expected {probability}");
    }
    assert_eq!(counts.iter().filter(|count| **count > 0).count(), expected.len());
}

#[test]
fn one_seed_gives_the_same_tokens_and_another_gives_others() {
    let drawn = |seed| {
        let mut sampler = sampler(Sampling { temperature: 1.0, seed, ..Sampling::default() }, &[], 1000);
        (0..50).map(|_| sampler.pick(&mut [0.0; 1000], None).expect("numbers")).collect::<Vec<_>>()
    };
    assert_eq!(drawn(3), drawn(3));
    assert_ne!(drawn(3), drawn(4));
}

#[test]
fn nothing_is_allocated_after_the_first_pick() {
    let sampling = Sampling { temperature: 1.0, top_k: 900, top_p: 0.9, min_p: 0.001, ..Sampling::default() };
    let mut sampler = sampler(sampling, &[], 1000);
    let logits = |k: usize| -> Vec<f32> { (0..1000).map(|at| ((at * (k + 7)) % 101) as f32 * 0.1).collect() };
    sampler.pick(&mut logits(0), None).expect("numbers");
    let before = (sampler.candidates.capacity(), sampler.candidates.as_ptr());
    for k in 1..50 {
        sampler.pick(&mut logits(k), None).expect("numbers");
    }
    assert_eq!((sampler.candidates.capacity(), sampler.candidates.as_ptr()), before);
}

#[test]
fn a_mask_says_what_it_was_told() {
    let mut mask = Mask::none(70);
    [0, 31, 32, 69, 70, 1000].iter().for_each(|&token| mask.allow(token));
    assert_eq!(mask.tokens().collect::<Vec<_>>(), [0, 31, 32, 69]);
    assert_eq!((mask.count(), mask.vocabulary(), mask.allows(69), mask.allows(70)), (4, 70, true, false));
    mask.copy_from(&[u32::MAX; 9], 33);
    assert_eq!((mask.count(), mask.allows(32), mask.allows(33)), (33, true, false));
}

fn any_logits() -> impl Strategy<Value = Vec<f32>> {
    let logit = prop_oneof![8 => -6.0..6.0f32, 2 => (-8..8i32).prop_map(|k| k as f32), 1 => Just(f32::NEG_INFINITY)];
    prop::collection::vec(logit, VOCABULARY)
}

fn any_sampling() -> impl Strategy<Value = Sampling> {
    (0.05..3.0f32, 0..120usize, 0.0..1.2f32, 0.0..0.6f32, 0.5..2.0f32, any::<u64>()).prop_map(
        |(temperature, top_k, top_p, min_p, repetition_penalty, seed)| Sampling {
            temperature,
            top_k,
            top_p: top_p.min(1.0),
            min_p: (min_p - 0.2).max(0.0),
            repetition_penalty,
            seed,
        },
    )
}

proptest! {
    #[test]
    fn what_stays_is_what_the_plain_words_say(
        logits in any_logits(),
        sampling in any_sampling(),
        seen in prop::collection::vec(0..VOCABULARY as u32, 0..200),
        barred in prop::option::of(prop::collection::vec(0..VOCABULARY as u32, 0..900)),
    ) {
        let mask = barred.map(|barred| {
            let mut mask = Mask::none(VOCABULARY);
            (0..VOCABULARY as u32).filter(|token| !barred.contains(token)).for_each(|token| mask.allow(token));
            mask
        });
        let may_come = |at: usize| logits[at] > f32::NEG_INFINITY && mask.as_ref().is_none_or(|m| m.allows(at as u32));
        prop_assume!((0..VOCABULARY).any(may_come));
        let expected = plainly(&sampling, &seen, &logits, mask.as_ref());
        let mut sampler = sampler(sampling, &seen, VOCABULARY);
        let ours = kept(&mut sampler, &logits, mask.as_ref());
        let ids = |of: &[(u32, f64)]| of.iter().map(|(token, _)| *token).collect::<Vec<_>>();
        prop_assert_eq!(ids(&ours), ids(&expected));
        for (ours, plain) in ours.iter().zip(&expected) {
            prop_assert!((ours.1 - plain.1).abs() < 1e-5);
        }
        let picked = sampler.pick(&mut logits.clone(), mask.as_ref()).expect("some may come");
        prop_assert!(ids(&expected).contains(&picked));
    }
}
