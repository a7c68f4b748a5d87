//! Asking rendered rooms with a scripted model behind the engine: what it is shown, what it is told, what becomes of its
//! words. Truth is the room's own: instance masks, boxes, the questions with their answers.

#![cfg(all(feature = "onnx", feature = "cli"))]

use gnomon::answer::{Answer, Asked, Question, Verdict};
use gnomon::converse::{Album, AlbumOptions, Budget, ConverseOptions, Facts, Silence, Told, ask};
use gnomon::eval::{BenchQuestion, frame_of, integrate_room_frame};
use gnomon::frame::{Frame, ImageView, PixelFormat};
use gnomon::room::{Room, RoomFrame, RoomOptions, RoomQuestion, RoomSequence, RoomSurvey, degrade, questions_of};
use gnomon::scene::{Scene, SceneOptions, Snapshot};
use gnomon::score::VsiType;
use gnomon::vlm::{Ended, Engine, Request, Script, Scripted};
use gnomon::{Error, ErrorKind};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// A thing is shown by a picture that has so many pixels of it.
const SHOWN_PX: u32 = 400;

/// Pictures of a walk that are kept; it has 120.
const KEPT: usize = 32;

/// A room that was walked through.
struct Walk {
    room: Room,
    snapshot: Snapshot,
    album: Album,
    questions: Vec<RoomQuestion>,
    /// By number of the frame: pixels of each thing of the room.
    pixels: BTreeMap<u64, Vec<u32>>,
}

fn with_colour(frame: &RoomFrame) -> Frame<'_> {
    let (width, height) = (frame.camera.width, frame.camera.height);
    let colour = ImageView::new(&frame.rgb, width, height, 0, PixelFormat::Rgb8).expect("a picture");
    Frame { colour: Some(colour), ..frame_of(frame).expect("a frame") }
}

impl Walk {
    fn through(seed: u64) -> Self {
        let room = Room::generate(seed);
        let mut walk = RoomSequence::new(&room, RoomOptions { seed, frames: 120, ..RoomOptions::default() });
        let mut scene = Scene::new(SceneOptions::default()).expect("options");
        let mut album = Album::new(AlbumOptions { count: KEPT, ..AlbumOptions::default() }).expect("options");
        let mut pixels = BTreeMap::new();
        for (at, id) in (0..walk.len()).zip(0u64..) {
            let clean = walk.render(at);
            let frame = degrade(&clean, seed, at);
            integrate_room_frame(&mut scene, &frame, true).expect("a frame");
            album.offer(id, &with_colour(&frame)).expect("a frame");
            pixels.insert(id, clean.visible_px);
        }
        let survey = RoomSurvey::of(&mut walk);
        let questions = questions_of(&room, &survey, 0).into_iter().filter(|one| one.wording == 0).collect();
        drop(walk);
        Self { snapshot: scene.publish(), album, questions, pixels, room }
    }

    /// The things of the room that a question names by their own label, each of a label that stands alone.
    fn named(&self, asked: &Asked) -> Vec<usize> {
        let things = self.room.objects();
        let alone = |label: &str| {
            let mut with = (0..things.len()).filter(|at| things[*at].label() == label);
            with.next().filter(|_| with.next().is_none())
        };
        asked.question.named().iter().filter_map(|phrase| alone(&phrase.0)).collect()
    }
}

/// Two rooms, walked once for all tests.
fn walks() -> &'static [Walk] {
    static WALKS: OnceLock<Vec<Walk>> = OnceLock::new();
    WALKS.get_or_init(|| [3, 4].map(Walk::through).into())
}

fn engine(scripts: Vec<Script>, pause_ms: u64) -> (Engine, Arc<Mutex<Vec<Request>>>) {
    let scripted = Scripted::new(scripts, Duration::from_millis(pause_ms)).expect("a script");
    let heard = scripted.heard();
    (Engine::start(Box::new(scripted), 4).expect("a worker"), heard)
}

fn choices(question: &RoomQuestion) -> Vec<String> {
    question.options.clone().unwrap_or_default()
}

fn asks(walk: &Walk, question: &RoomQuestion, script: Script, options: &ConverseOptions) -> (Told, Vec<Request>) {
    let (engine, heard) = engine(vec![script], 0);
    let told = ask(&walk.snapshot, &walk.album, &question.question, &choices(question), Some(&engine), options);
    let heard = heard.lock().clone();
    (told.expect("a question"), heard)
}

/// Questions about the whole room: those about one frame's picture need that frame.
fn of_room(walk: &Walk) -> impl Iterator<Item = &RoomQuestion> {
    walk.questions.iter().filter(|question| question.view.is_none())
}

#[test]
fn the_pictures_chosen_show_what_the_question_names() {
    let (mut asked, mut shown, mut things, mut things_shown) = (0, 0, 0, 0);
    let options = ConverseOptions::default();
    for walk in walks() {
        for question in of_room(walk) {
            let (told, requests) = asks(walk, question, Script::Say("yes".into()), &options);
            let Some(understood) = &told.answer.asked else { continue };
            assert!(told.pictures.len() <= options.budget.images && requests[0].images.len() == told.pictures.len());
            let visible = |thing: usize, id: u64| walk.pixels[&id].get(thing).copied().unwrap_or(0) >= SHOWN_PX;
            // What no frame of the walk shows so well cannot be asked of the choice.
            let named: Vec<usize> = walk.named(understood);
            let named = named.into_iter().filter(|thing| walk.pixels.keys().any(|id| visible(*thing, *id)));
            let seen = named.map(|thing| {
                let is_shown = told.pictures.iter().any(|chosen| visible(thing, chosen.shot.id));
                if !is_shown {
                    let most = |ids: &mut dyn Iterator<Item = u64>| ids.map(|id| walk.pixels[&id][thing]).max();
                    println!(
                        "not shown: {}, {:?} px at most among those shown, {:?} kept, {:?} taken; {}",
                        walk.room.objects()[thing].label(),
                        most(&mut told.pictures.iter().map(|chosen| chosen.shot.id)),
                        most(&mut walk.album.shots().map(|shot| shot.id)),
                        most(&mut walk.pixels.keys().copied()),
                        question.question
                    );
                }
                is_shown
            });
            let seen: Vec<bool> = seen.collect();
            if seen.is_empty() {
                continue;
            }
            asked += 1;
            shown += usize::from(seen.iter().all(|is| *is));
            things += seen.len();
            things_shown += seen.iter().filter(|is| **is).count();
        }
    }
    println!("all named things shown: {shown} of {asked} questions; {things_shown} of {things} things");
    assert!(asked >= 40, "{asked}");
    assert!(shown as f64 >= 0.95 * asked as f64, "{shown} of {asked}");
}

#[test]
fn the_text_is_within_its_budget_by_the_models_own_counting() {
    let count = |text: &str| text.split_inclusive(char::is_whitespace).count();
    let mut whole = 0;
    for walk in walks() {
        for (question, text_tokens) in of_room(walk).zip([60, 120, 250, 500, 1000, 4000].into_iter().cycle()) {
            let budget = Budget { text_tokens, ..Budget::default() };
            let options = ConverseOptions { budget, facts: Facts::SceneAndMeasured, ..ConverseOptions::default() };
            let (told, requests) = asks(walk, question, Script::Say("yes".into()), &options);
            let Some(prompt) = &told.prompt else {
                let silence = told.heard.as_ref().expect_err("nothing was asked").sentence();
                assert!(requests.is_empty() && silence.contains("the budget of its text is"), "{silence}");
                assert!(text_tokens == 60 && count(&question.question) + choices(question).len() > 30, "{silence}");
                continue;
            };
            assert!(prompt.tokens <= text_tokens && count(&prompt.text) == prompt.tokens, "{}", prompt.text);
            assert!(prompt.text.contains(question.question.trim()));
            whole += usize::from(prompt.things == walk.snapshot.len());
        }
    }
    assert!(whole > 10, "{whole} prompts had the whole scene");
}

#[test]
fn an_observer_who_is_named_gets_the_map_around() {
    let is_direction = |told: &Told| {
        told.answer.found().is_some()
            && matches!(told.answer.asked.as_ref().map(|asked| &asked.question), Some(Question::Direction { .. }))
    };
    let mut seen = 0;
    for walk in walks() {
        for question in of_room(walk) {
            let (told, _) = asks(walk, question, Script::Say("A".into()), &ConverseOptions::default());
            let prompt = told.prompt.as_ref().expect("a prompt");
            assert_eq!(prompt.has_map, prompt.text.contains("{\"cogmap\":1"));
            if is_direction(&told) {
                seen += 1;
                assert!(prompt.has_map && prompt.text.contains("standing at"), "{}", prompt.text);
            }
        }
    }
    assert!(seen >= 4, "{seen}");
}

/// A right and a wrong answer to a question, in the words of a model.
fn right_and_wrong(question: &RoomQuestion) -> Option<[String; 2]> {
    let read: BenchQuestion =
        serde_json::from_value(serde_json::to_value(question).expect("JSON")).expect("a question");
    let kind = VsiType::of_key(question.question_type)?;
    if let Some(options) = &question.options {
        let right = read.answer.as_str()?.to_owned();
        let letter = |at: usize| char::from(b'A' + u8::try_from(at).expect("few")).to_string();
        let wrong = (0..options.len()).map(letter).find(|one| *one != right)?;
        return Some([format!("{right}."), wrong]);
    }
    let truth = read.answer.as_f64()?;
    let unit = kind.unit().map_or("", |unit| unit.sign());
    let unit = if kind == VsiType::RoomSizeEstimation { "square metres" } else { unit };
    Some(match kind == VsiType::ObjectCounting {
        true => [format!("{truth}"), format!("{}", truth + 3.0)],
        false => [format!("{truth:.2} {unit}"), format!("It is about {:.2} {unit}", truth * 2.5)],
    })
}

#[test]
fn the_verdict_equals_truth() {
    // Of right answers, then of wrong ones: agrees, contradicts, untestable.
    let mut verdicts = [[0usize; 3]; 2];
    let mut parsed = [0usize; 2];
    let mut told_wrong = Vec::new();
    for walk in walks() {
        for question in of_room(walk) {
            let Some(answers) = right_and_wrong(question) else { continue };
            for (row, words) in answers.into_iter().enumerate() {
                let (told, _) = asks(walk, question, Script::Say(words.clone()), &ConverseOptions::default());
                let heard = told.heard.as_ref().expect("words");
                assert_eq!((heard.words.as_str(), heard.ended), (words.as_str(), Ended::EndToken));
                verdicts[row][heard.said.verdict as usize] += 1;
                parsed[row] += usize::from(heard.said.value.is_some() || heard.said.option.is_some());
                let is_wrong = heard.said.verdict == [Verdict::Contradicts, Verdict::Agrees][row];
                if is_wrong {
                    told_wrong.push(format!("{}: {words}: {}", question.question, told.sentence()));
                }
            }
        }
    }
    println!("right answers: agrees, contradicts, untestable {:?}, read {}", verdicts[0], parsed[0]);
    println!("wrong answers: agrees, contradicts, untestable {:?}, read {}", verdicts[1], parsed[1]);
    told_wrong.iter().for_each(|line| println!("  {line}"));
    let [right, wrong] = verdicts.map(|row| row.iter().sum::<usize>());
    assert!(right >= 40 && wrong == right, "{verdicts:?}");
    assert!(verdicts[0][1] * 50 <= right && verdicts[1][0] * 50 <= wrong, "a verdict is not the truth: {verdicts:?}");
    assert!(verdicts[0][0] * 2 >= right && verdicts[1][1] * 2 >= wrong, "few are decided: {verdicts:?}");
    assert!(parsed[0] * 10 >= right * 9 && parsed[1] * 10 >= wrong * 9, "few are read: {parsed:?}");
}

/// A question that geometry answers surely.
fn sure() -> (&'static Walk, &'static RoomQuestion, Answer) {
    let found = walks().iter().find_map(|walk| {
        of_room(walk).find_map(|question| {
            let told = ask(
                &walk.snapshot,
                &walk.album,
                &question.question,
                &choices(question),
                None,
                &ConverseOptions::default(),
            );
            let told = told.expect("a question");
            assert!(matches!(told.heard, Err(Silence::NoModel)) && told.pictures.is_empty() && told.prompt.is_none());
            let is_count = question.question_type == "object_abs_distance";
            let is_sure = told.answer.found().is_some_and(|found| found.probability > 0.9);
            (is_count && is_sure).then_some((walk, question, told.answer))
        })
    });
    found.expect("a sure answer")
}

#[test]
fn without_a_model_or_words_geometry_answers_alone_and_it_is_told() {
    let (walk, question, measured) = sure();
    let scripts = [
        (Script::Say(" \n ".into()), "the model said nothing"),
        (Script::Fail(Error::new(ErrorKind::Runtime, "no more memory")), "no more memory"),
        (Script::Panic, "a defect of the program"),
    ];
    for (script, why) in scripts {
        let (told, requests) = asks(walk, question, script, &ConverseOptions::default());
        assert_eq!((requests.len(), &told.answer), (1, &measured));
        let silence = told.heard.as_ref().expect_err("no words");
        assert!(silence.sentence().contains(why), "{}", silence.sentence());
        let said = told.sentence();
        assert!(said.starts_with(&measured.sentence()) && said.contains("geometry alone"), "{said}");
        assert_eq!(told.value(), measured.found().map(|found| &found.value));
        assert_eq!(told.to_json()["geometry"]["answer"], measured.short());
    }
}

#[test]
fn what_is_malformed_is_told_and_decides_nothing() {
    let (walk, question, measured) = sure();
    for words in
        ["{\"answer\": [[[", "<answer>", "\u{fffd}\u{fffd}\u{0}", "I would rather not say.", "7-DoF #### 12x x12"]
    {
        let (told, _) = asks(walk, question, Script::Say(words.into()), &ConverseOptions::default());
        let heard = told.heard.as_ref().expect("words");
        assert_eq!((heard.words.as_str(), &told.answer), (words, &measured));
        assert_ne!(heard.said.verdict, Verdict::Agrees, "{words}: {}", told.sentence());
    }
    let flood = "the sofa is 1 m from the tv. ".repeat(20_000);
    let (told, _) = asks(walk, question, Script::Say(flood), &ConverseOptions::default());
    assert_eq!(told.heard.expect("words").ended, Ended::MaxTokens);
}

#[test]
fn who_does_not_end_is_ended_by_the_budget() {
    let (walk, question, measured) = sure();
    let budget = Budget { new_tokens: 40, ..Budget::default() };
    let options = ConverseOptions { budget, ..ConverseOptions::default() };
    let (told, _) = asks(walk, question, Script::Endless("and so on ".into()), &options);
    let heard = told.heard.as_ref().expect("words");
    assert_eq!((heard.ended, heard.statistics.new_tokens), (Ended::MaxTokens, 40));
    let budget = Budget { new_tokens: usize::MAX / 2, time: Duration::from_millis(300), ..Budget::default() };
    let options = ConverseOptions { budget, ..options };
    let (engine, _) = engine(vec![Script::Endless("and so on ".into())], 1);
    let begun = Instant::now();
    let told = ask(&walk.snapshot, &walk.album, &question.question, &[], Some(&engine), &options).expect("a question");
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    match &told.heard {
        Err(Silence::Failed { why, words }) => {
            assert_eq!(why.kind(), ErrorKind::Cancelled);
            assert!(words.starts_with("and so on and"), "{words}");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(told.answer, measured);
}

#[test]
fn an_album_is_bounded_and_keeps_the_newest() {
    let walk = &walks()[0];
    assert!(walk.album.len() <= KEPT + 1 && walk.album.len() >= KEPT - 8, "{}", walk.album.len());
    let ids: Vec<u64> = walk.album.shots().map(|shot| shot.id).collect();
    assert!(ids.is_sorted() && walk.album.newest().map(|shot| shot.id) == ids.last().copied());
    assert_eq!(
        Album::new(AlbumOptions { count: 0, ..AlbumOptions::default() }).expect_err("none").kind(),
        ErrorKind::Argument
    );
}
