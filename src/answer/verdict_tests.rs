use super::draws::uniform;
use super::testing::{a_box, room_of, room_with_sigma};
use super::verdict::{Reason, Verdict, verdict_text};
use super::{AskOptions, SceneText, View, Why, ask_text};
use crate::frame::Pose;
use crate::geom::OrientedBox;
use nalgebra::{Matrix3, Rotation3, UnitQuaternion};

/// A room seen from its south side: the viewer stands at the origin and looks north (+y).
fn boxes() -> Vec<(&'static str, OrientedBox)> {
    vec![
        ("table", a_box([-2.0, 3.0, 0.375], [1.2, 0.6, 0.75])),
        ("sofa", a_box([2.0, 5.0, 0.4], [2.0, 0.9, 0.8])),
        ("tv", a_box([2.0, 1.0, 1.0], [1.2, 0.1, 0.7])),
        ("lamp", a_box([-2.0, 5.0, 0.9], [0.3, 0.3, 1.8])),
        ("cup", a_box([-2.3, 3.0, 0.8], [0.1, 0.1, 0.1])),
        ("laptop", a_box([-1.8, 3.0, 0.76], [0.3, 0.2, 0.02])),
        ("chair", a_box([-3.5, 2.0, 0.45], [0.5, 0.5, 0.9])),
        ("chair", a_box([-1.0, 1.5, 0.45], [0.5, 0.5, 0.9])),
        ("chair", a_box([0.0, 6.5, 0.45], [0.5, 0.5, 0.9])),
        ("trash bin", a_box([3.5, 2.0, 0.2], [0.3, 0.3, 0.4])),
        ("high chair", a_box([0.0, 3.0, 0.5], [0.5, 0.5, 1.0])),
    ]
}

#[test]
fn a_scene_of_unknown_scale_tells_no_metres_and_all_that_needs_none() {
    let room = room_of(&boxes()).without_scale();
    let asked = AskOptions { room_area_m2: None, ..options(true) };
    let answer = |text: &str| ask_text(&room, text, &[], &asked).expect("a question");
    for metric in [
        "What is the distance between the sofa and the tv?",
        "How tall is the lamp?",
        "What is the size of this room in square meters?",
    ] {
        let unknown = answer(metric).outcome.expect_err(metric);
        assert_eq!(unknown.why, Why::NotYetObserved, "{metric}");
        assert!(unknown.sentence.starts_with("the scene's scale is unknown"), "{}", unknown.sentence);
    }
    assert_eq!(answer("How many chairs are there?").short(), "3");
    let closest = "Which of these objects (table, sofa) is the closest to the tv?";
    let metric_room = room_of(&boxes());
    let known = ask_text(&metric_room, closest, &[], &options(true)).expect("a question");
    let found = answer(closest);
    assert_eq!(found.short(), known.short());
    assert!(found.found().is_some_and(|found| found.margin.is_none()), "a margin would be metres");
    assert!(known.found().is_some_and(|found| found.margin.is_some()));
    let told = AskOptions { room_area_m2: Some(20.0), ..options(true) };
    let area = ask_text(&room, "What is the size of this room in square meters?", &[], &told).expect("a question");
    assert_eq!(area.short(), "20.0", "what the caller knows is square metres");
    let judged = verdict_text(&room, "The lamp is 1.8 m tall. The lamp is taller than the sofa.", &options(true));
    let judged: Vec<Verdict> = judged.expect("statements").iter().map(|one| one.verdict).collect();
    assert_eq!(judged, [Verdict::Untestable, Verdict::Agrees]);
    let text = SceneText::of(&room, None, &options(true), 10_000, &str::len).expect_err("no centimetres");
    assert!(text.to_string().contains("scale is unknown"), "{text}");
}

fn options(complete: bool) -> AskOptions {
    // Camera x is east, y is down, z is north.
    let axes = Matrix3::from_columns(&[nalgebra::Vector3::x(), -nalgebra::Vector3::z(), nalgebra::Vector3::y()]);
    let rotation = UnitQuaternion::from_rotation_matrix(&Rotation3::from_matrix_unchecked(axes));
    let world_from_camera = Pose::from_parts(nalgebra::Vector3::new(0.0, 0.0, 1.2).into(), rotation);
    let view = Some(View { world_from_camera, intrinsics: None });
    AskOptions { view, complete, room_area_m2: Some(30.0), ..AskOptions::default() }
}

/// `a`, `c` or `u` for each judgement.
fn verdicts(text: &str, complete: bool) -> String {
    let judgements = verdict_text(&room_of(&boxes()), text, &options(complete)).expect("judgements");
    let letter = |verdict: Verdict| verdict.word().chars().next().unwrap_or('?');
    judgements.iter().map(|judgement| letter(judgement.verdict)).collect()
}

#[test]
fn statements_of_every_kind_are_judged() {
    let cases = [
        ("The cup is left of the laptop.", "a"),
        ("The cup is to the right of the laptop.", "c"),
        ("The laptop is not left of the cup.", "a"),
        ("The cup isn't to the left of the laptop.", "c"),
        ("To the left of the laptop is the cup.", "a"),
        ("The table is in front of the lamp.", "a"),
        ("The table is behind the lamp.", "c"),
        ("From the sofa facing the tv, the lamp is on the right.", "a"),
        ("From the sofa, facing the tv, the lamp is on the left.", "c"),
        ("Standing by the sofa and facing the tv, the table is to the front-right.", "a"),
        ("Standing by the sofa facing the tv, the table is to the back-left", "c"),
        ("If I am standing by the sofa and facing the tv, the high chair is on my right.", "a"),
        ("The distance between the sofa and the tv is about 3.5 metres.", "a"),
        ("The sofa is 350 cm from the tv.", "a"),
        ("The sofa and the tv are about 11.5 feet apart.", "a"),
        ("The sofa is 7 m from the tv.", "c"),
        ("The sofa is not 7 m from the tv.", "a"),
        ("I would say the sofa is approximately 4.2 m away from the tv.", "a"),
        ("The sofa is 4.2 m away from the tv.", "u"),
        ("The sofa is over 3 m from the tv.", "a"),
        ("The sofa is at most 1 m from the tv.", "c"),
        ("The tv is about 1.5 m away from the camera.", "a"),
        ("The table is 0.75 m high.", "a"),
        ("The table is 75 cm tall", "a"),
        ("The table is 1.2 m long and 0.6 m wide.", "aa"),
        ("The table has a height of 75 cm and a width of 2 m.", "ac"),
        ("The height of the table is 30 inches.", "a"),
        ("The table is 2 m wide.", "c"),
        ("The table is at least 0.5 m high.", "a"),
        ("The table is more than 2 m long.", "c"),
        ("The high chair is 1 m tall.", "a"),
        ("The high chair is about 3 ft high.", "a"),
        ("The table is 20 cm taller than the sofa.", "u"),
        ("There are three chairs.", "a"),
        ("There are four chairs.", "c"),
        ("There are at least two chairs.", "a"),
        ("I can see 3 chairs and 1 sofa in this room.", "aa"),
        ("The number of chairs is 5.", "c"),
        ("There is a high chair.", "a"),
        ("There is a piano.", "c"),
        ("There is no piano.", "a"),
        ("There are no chairs in the room.", "c"),
        ("The table is the closest to the cup.", "a"),
        ("The lamp is the closest object to the cup.", "c"),
        ("Of the lamp, the sofa and the tv, the lamp is nearest to the table.", "a"),
        ("The closest thing to the cup is the table.", "a"),
        ("The lamp is closer to the table than the sofa.", "a"),
        ("The sofa is closer to the table than the lamp.", "c"),
        ("The tv is the farthest from the lamp of the tv, the cup and the table.", "a"),
        ("The lamp is taller than the table.", "a"),
        ("The table is taller than the lamp.", "c"),
        ("The lamp is the tallest.", "a"),
        ("The sofa is the tallest object in the room.", "c"),
        ("The cup is smaller than the laptop.", "a"),
        ("The cup is on the table.", "a"),
        ("The cup is under the table.", "c"),
        ("The cup is inside the sofa.", "c"),
        ("The laptop is right next to the cup.", "a"),
        ("The lamp is near the tv.", "c"),
        ("The room is about 30 square metres.", "a"),
        ("The room is 60 m².", "c"),
        ("The floor area is roughly 323 square feet.", "a"),
        ("The piano is 1 m wide.", "u"),
        ("The chair is left of the lamp.", "u"),
        ("The sofa is comfortable.", "u"),
        ("It is 2 m long.", "u"),
        ("Where is the cup?", "u"),
        ("", ""),
        ("It seems there are three chairs. The table is 0.75 m high, and the lamp is 3 m tall! I like it.", "aacu"),
        ("1. The cup is on the table.\n2. The lamp is 0.2 m tall.\n", "ac"),
        // Wordings that were not thought of when the reader was written.
        ("It appears that the laptop is positioned to the right of the cup.", "a"),
        ("In the image, the tv seems to be to the right of the table.", "a"),
        ("The tv is located on the left side of the table.", "c"),
        ("The sofa is situated roughly 3.6 m away from the tv.", "a"),
        ("Sofa and tv are separated by 10 m.", "c"),
        ("There's about 3.5 m between the sofa and the tv.", "a"),
        ("The table stands 75 centimetres tall.", "a"),
        ("The lamp measures 1.8 m in height.", "a"),
        ("The lamp's height is less than 1 metre.", "c"),
        ("The width of the sofa is around 90 cm.", "a"),
        ("The room contains three chairs and one lamp.", "aa"),
        ("There is only one sofa in the room.", "a"),
        ("In total there are 6 chairs.", "c"),
        ("There isn't any piano here.", "a"),
        ("No lamp is visible in the room.", "c"),
        ("The room does not contain a trash bin.", "c"),
        ("The cup sits on top of the table.", "a"),
        ("The cup does not touch the sofa.", "a"),
        ("The tv is beside the trash bin.", "c"),
        ("Compared to the table, the lamp is taller.", "a"),
        ("The lamp is higher than the sofa.", "a"),
        ("The tallest object is the lamp.", "a"),
        ("The shortest distance from the sofa to the tv is 3.5 m.", "a"),
        ("Nearest to the table is the cup.", "a"),
        // As close as the cup: both on it.
        ("The laptop is the closest to the table.", "a"),
        ("If you stand at the sofa and look at the tv, the trash bin is on your left.", "a"),
        ("When facing the tv from the sofa, the trash bin would be on the right.", "c"),
        ("Facing the tv from the sofa, the table is behind you.", "c"),
        ("The area of this room is approximately 100 square meters.", "c"),
        ("The room's floor measures 30 sqm.", "a"),
        ("The sofa is wider than the cup.", "a"),
        ("The longest side of the sofa is 2 m.", "a"),
        ("The sofa is the largest object in the room.", "a"),
        ("The lamp is taller than the table but the sofa is taller than the lamp", "ac"),
    ];
    let failed: Vec<String> = cases
        .iter()
        .filter(|(text, expected)| verdicts(text, true) != *expected)
        .map(|(text, expected)| {
            let judgements = verdict_text(&room_of(&boxes()), text, &options(true)).expect("judgements");
            let said: Vec<String> = judgements.iter().map(|judgement| judgement.sentence()).collect();
            format!("expected {expected}: {}", said.join(" | "))
        })
        .collect();
    assert!(failed.is_empty(), "{} of {} are misjudged:\n{}", failed.len(), cases.len(), failed.join("\n"));
}

#[test]
fn an_open_map_contradicts_no_claim_about_what_it_has_not_seen() {
    for (text, expected) in [
        ("There is a piano.", "u"),
        ("There is no piano.", "u"),
        ("There are four chairs.", "u"),
        ("There are three chairs.", "a"),
        ("There are two chairs.", "c"),
        ("There are no chairs.", "c"),
    ] {
        assert_eq!(verdicts(text, false), expected, "{text}");
    }
    let piano = &verdict_text(&room_of(&boxes()), "There is a piano.", &options(false)).expect("judgements")[0];
    assert_eq!(piano.untestable.as_ref().map(|(reason, _)| *reason), Some(Reason::Unknown(Why::NeverSeen)));
}

#[test]
fn a_judgement_tells_the_measured_value_as_json() {
    let judged = &verdict_text(&room_of(&boxes()), "The sofa is 7 m from the tv.", &options(true)).expect("one")[0];
    let json = judged.to_json();
    assert_eq!(
        (&json["verdict"], &json["answer"], &json["unit"]),
        (&"contradicts".into(), &"3.500".into(), &"m".into())
    );
    assert_eq!(json["claim"]["question"]["ask"], "distance");
    assert_eq!(json["evidence"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_statement_that_the_map_may_be_wrong_about_is_too_close_to_call() {
    let doubtful = room_with_sigma(&boxes(), 0.15);
    let judged = &verdict_text(&doubtful, "The sofa is taller than the table.", &options(true)).expect("one")[0];
    assert_eq!(judged.untestable.as_ref().map(|(reason, _)| *reason), Some(Reason::TooCloseToCall));
}

/// A number of -1.73 to 1.73 with variance 1.
fn noise(seed: u64, which: usize) -> f64 {
    (uniform(seed, which, 1) - 0.5) * 12f64.sqrt()
}

/// Rooms of things anywhere, and the same as a map with this sigma may have them.
fn room_and_map(seed: u64, sigma_m: f64) -> [Vec<(&'static str, OrientedBox)>; 2] {
    const THINGS: [&str; 7] = ["table", "sofa", "tv", "lamp", "bed", "desk", "shelf"];
    let place = |at: usize, k: usize| uniform(seed, 10 * at + k, 0);
    let truth = THINGS.iter().enumerate().map(|(at, thing)| {
        let centre = [6.0 * place(at, 0) - 3.0, 1.0 + 5.0 * place(at, 1), 0.2 + place(at, 2)];
        (*thing, a_box(centre, [3, 4, 5].map(|k| 0.3 + 1.2 * place(at, k))))
    });
    let truth: Vec<_> = truth.collect();
    let off = |at: usize, k: usize| sigma_m * noise(seed + 1000, 10 * at + k);
    let moved = truth.iter().enumerate().map(|(at, (thing, obb))| {
        let centre = [0, 1, 2].map(|k| obb.centre[k] + off(at, k));
        (*thing, a_box(centre, [0, 1, 2].map(|k| (obb.size[k] + off(at, k + 3)).max(0.05))))
    });
    let moved = moved.collect();
    [truth, moved]
}

#[test]
fn a_map_that_knows_its_sigma_rarely_contradicts_a_true_statement() {
    const SIGMA_M: f64 = 0.08;
    let options = options(true);
    // Of statements that hold in the true room, and of those that do not: agrees, contradicts, untestable.
    let mut tally = [[0u32; 3]; 2];
    for seed in 0..6 {
        let [truth, map] = room_and_map(seed, SIGMA_M);
        let (room, map) = (room_of(&truth), room_with_sigma(&map, SIGMA_M));
        for (a, b) in truth.iter().flat_map(|a| truth.iter().map(move |b| (a, b))).filter(|(a, b)| a.0 < b.0) {
            let gap_m = crate::geom::gap(&a.1, &b.1).distance_m;
            let (a, b) = (a.0, b.0);
            let text = format!(
                "The {a} is {gap_m:.2} m from the {b}.\nThe {a} is {:.2} m from the {b}.\nThe {a} is left of the {b}.\n\
                 The {a} is right of the {b}.\nThe {a} is taller than the {b}.\nThe {b} is taller than the {a}.",
                gap_m * 1.5
            );
            let [held, judged] = [&room, &map].map(|scene| verdict_text(scene, &text, &options).expect("judgements"));
            for (held, judged) in held.iter().zip(&judged) {
                match held.verdict {
                    Verdict::Agrees => tally[0][judged.verdict as usize] += 1,
                    Verdict::Contradicts => tally[1][judged.verdict as usize] += 1,
                    Verdict::Untestable => {}
                }
            }
        }
    }
    let [[right, wrong, _], [wrongly_agrees, contradicts, _]] = tally.map(|row| row.map(f64::from));
    let count = f64::from(tally[0].iter().sum::<u32>());
    assert!(wrong <= 0.01 * count, "{wrong} of {count} true statements are contradicted: {tally:?}");
    let verdicts = right + wrong + wrongly_agrees + contradicts;
    assert!(right + contradicts >= 0.95 * verdicts, "{tally:?}");
}
