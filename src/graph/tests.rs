//! The chain as a whole: worked examples, traps, and what must hold for every list.

use super::*;
use crate::cogmap::testing::boxed;
use crate::frame::Pose;
use crate::scene::{Keyframe, Object, Snapshot};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// Five things of which each has a label of its own.
fn golden() -> PublishedList {
    PublishedList::of_places([
        ("table", [0.0, 0.0]),
        ("sofa", [2.0, 0.0]),
        ("lamp", [2.0, 3.0]),
        ("bed", [-1.0, 4.0]),
        ("door", [5.0, 3.5]),
    ])
    .expect("five places")
}

fn first_seen(list: &PublishedList) -> Chain {
    Chain::of(list, ChainOptions::default()).expect("a chain")
}

fn texts(chain: &Chain) -> Vec<TripletText> {
    let read = ChainText::parse(&chain.to_text(), |_| true).expect("its own text");
    assert_eq!(read.rejected, []);
    read.lines
}

#[test]
fn the_golden_chain_is_as_worked_out_by_hand() {
    let list = golden();
    let chain = first_seen(&list);
    let id = |name: &str| list.named(name).expect("a thing").id;
    let expected = [
        ("table#1", "sofa#1", "lamp#1", 0.091923882, 0.65, [5.0, 8.1], [0.4, 8.1]),
        ("table#1", "sofa#1", "bed#1", 0.120208153, 0.85, [5.0, 7.4], [0.3, 3.8]),
        ("sofa#1", "table#1", "door#1", 0.106066017, 0.75, [5.0, 7.7], [9.7, 1.0]),
    ];
    assert_eq!(chain.lines().count(), expected.len());
    for (line, (a, b, c, error_m, cell_m, b_xy, c_xy)) in chain.lines().zip(expected) {
        assert_eq!([line.a, line.b, line.c.expect("a triplet")], [a, b, c].map(id));
        assert!((line.error_m - error_m).abs() < 1e-9, "{c}: {}", line.error_m);
        assert_eq!((line.triplet.cell_m(), line.triplet.b_text(), line.triplet.c_text()), (cell_m, b_xy, c_xy));
    }
    let text = chain.to_text();
    assert_eq!(
        text.lines().next(),
        Some(r#"{"t":1,"a":"table#1","b":"sofa#1","c":"lamp#1","b_xy":[5.0,8.1],"c_xy":[0.4,8.1],"cell":0.65}"#)
    );
    assert!(text.lines().nth(2).is_some_and(|line| line.starts_with(r#"{"t":3,"a":"sofa#1","b":"table#1""#)));
}

#[test]
fn the_golden_chain_decodes_to_places_within_its_bounds() {
    let list = golden();
    let chain = first_seen(&list);
    let gauge = chain.gauge().expect("two seeds");
    assert_eq!(gauge.baseline_m, 2.0);
    let layout = Layout::compose(&texts(&chain), gauge).expect("a layout");
    let frame = layout.gauge().frame(&list).expect("two seeds");
    let expected =
        [("lamp#1", [-2.990, 2.015], 0.018), ("bed#1", [-3.995, -1.020], 0.021), ("door#1", [-3.525, 5.000], 0.025)];
    for ((name, place_m, error_m), line) in expected.into_iter().zip(chain.lines()) {
        let composed_m = layout.places_m[name];
        for k in 0..2 {
            assert!((composed_m[k] - place_m[k]).abs() < 1e-9, "{name}: {composed_m:?}");
        }
        let true_m = frame.to_local(list.named(name).expect("a thing").at_m);
        let found_m = (composed_m[0] - true_m[0]).hypot(composed_m[1] - true_m[1]);
        assert!((found_m - error_m).abs() < 5e-4, "{name}: {found_m}");
        assert!(found_m <= line.error_m, "{name}: {found_m}");
    }
    assert!(layout.loops.is_empty() && layout.unused.is_empty());
}

#[test]
fn the_golden_triplets_are_written_as_worked_out_by_hand() {
    // A, B, C; metres per cell, B, C as told; whether the heading is a fallback.
    let rows = [
        ([[0., 0.], [0., 2.], [1., 1.]], "0.45", "[5.0,9.4]", "[7.2,7.2]", false),
        ([[0., 0.], [2., 0.], [1., 1.]], "0.45", "[5.0,9.4]", "[2.8,7.2]", false),
        ([[1., 1.], [4., 5.], [1., 6.]], "1.05", "[5.0,9.8]", "[2.1,8.8]", false),
        ([[0., 0.], [0., 4.], [0.01, 3.]], "0.85", "[5.0,9.7]", "[5.1,8.5]", false),
        ([[0., 0.], [0., 0.01], [3., -2.]], "0.65", "[5.0,5.1]", "[9.6,1.9]", true),
        ([[7., 7.], [7., 7.], [7., 7.]], "0.05", "[5.0,5.0]", "[5.0,5.0]", true),
    ];
    for ([a, b, c], cell, b_xy, c_xy, fallback) in rows {
        let triplet = crate::cogmap::Triplet::new(a, b, c, fallback.then_some([0.0, 1.0])).expect("three places");
        let line = TripletText::of(1, ["a#1", "b#1"], Some("c#1"), &triplet, true).to_string();
        let end = if fallback { ",\"fb\":1}" } else { "}" };
        let expected =
            format!(r#"{{"t":1,"a":"a#1","b":"b#1","c":"c#1","b_xy":{b_xy},"c_xy":{c_xy},"cell":{cell}{end}"#);
        assert_eq!(line, expected);
    }
}

#[test]
fn fewer_than_three_things_give_one_pair_or_nothing() {
    assert_eq!(first_seen(&PublishedList::default()).to_text(), "");
    assert_eq!(first_seen(&PublishedList::of_places([("table", [1.0, 1.0])]).expect("one")).to_text(), "");
    let two = PublishedList::of_places([("table", [0.0, 0.0]), ("sofa", [0.0, 2.0])]).expect("two");
    let chain = first_seen(&two);
    let line = "{\"t\":1,\"a\":\"table#1\",\"b\":\"sofa#1\",\"c\":null,\"b_xy\":[5.0,9.4],\"cell\":0.45}\n";
    assert_eq!(chain.to_text(), line);
    assert_eq!(texts(&chain)[0].c, None);
    let layout = Layout::compose(&texts(&chain), chain.gauge().expect("two")).expect("a layout");
    assert_eq!(layout.places_m["sofa#1"], [0.0, 2.0]);
}

#[test]
fn all_things_in_one_spot_are_told_with_a_fallback() {
    let list = PublishedList::of_places((0..9).map(|_| ("cup", [3.0, 4.0]))).expect("nine");
    let chain = first_seen(&list);
    assert_eq!(chain.lines().count(), 7);
    for line in chain.lines() {
        assert!(line.triplet.is_fallback() && line.text.ends_with(",\"cell\":0.05,\"fb\":1}"), "{}", line.text);
        assert_eq!((line.triplet.b_text(), line.triplet.c_text()), ([5.0; 2], [5.0; 2]));
    }
    let layout = Layout::compose(&texts(&chain), chain.gauge().expect("two")).expect("a layout");
    assert_eq!((layout.places_m.len(), layout.by_fallback), (9, 7));
    assert!(layout.places_m.values().all(|place| *place == [0.0; 2]));
}

#[test]
fn a_crowd_in_one_spot_is_attached_by_what_stands_apart() {
    let crowd = (0..8).map(|_| ("cup", [3.0, 4.0]));
    let list = PublishedList::of_places([("door", [0.0, 0.0])].into_iter().chain(crowd)).expect("nine");
    let last = first_seen(&list).lines().last().cloned().expect("a line");
    let door = list.named("door#1").expect("the door").id;
    assert!(!last.triplet.is_fallback());
    assert!(last.a == door || last.b == door, "{}", last.text);
}

#[test]
fn cheapest_pairs_that_tie_go_to_the_first_seen() {
    // A square: its first three corners are alike from the fourth.
    let corners = [("a", [0.0, 0.0]), ("a", [0.0, 2.0]), ("a", [2.0, 0.0]), ("b", [2.0, 2.0])];
    let chain = first_seen(&PublishedList::of_places(corners).expect("four"));
    let pairs: Vec<[u64; 2]> = chain.lines().map(|line| [line.a.0, line.b.0]).collect();
    assert_eq!(pairs, [[1, 2], [1, 2]]);
}

#[test]
fn a_line_keeps_its_bytes_when_what_came_before_it_goes() {
    let far = |k: f64| [("a", [20.0 * k, 0.0]), ("a", [20.0 * k + 1.0, 0.0]), ("a", [20.0 * k, 1.0])];
    let mut places: Vec<_> = (0..4).flat_map(|k| far(f64::from(k))).collect();
    places.extend((0..8).map(|k| ("b", [60.0 + 0.3 * f64::from(k), 2.0])));
    let things: Vec<Object> =
        (1..).zip(&places).map(|(id, (label, at))| boxed(id, &format!("{label}#{id}"), *at, [0.4, 0.4], 0.0)).collect();
    let mut list = PublishedList::default();
    list.update(&snapshot(&things)).expect("a list");
    let mut chain = first_seen(&list);
    let before = chain.to_text();
    let fewer: Vec<Object> = things.iter().filter(|thing| thing.id.0 != 4).cloned().collect();
    list.update(&snapshot(&fewer)).expect("a list");
    let change = chain.update(&list).expect("an update");
    assert_eq!(change.lines_removed, 1);
    assert!(change.attached < change.lines, "{change:?}");
    let kept = chain.to_text().lines().filter(|line| before.contains(*line)).count();
    assert_eq!(kept, change.lines - change.lines_changed);
    assert!(kept >= 8, "{change:?}");
}

#[test]
fn the_chain_begins_anew_when_a_seed_goes() {
    let mut things: Vec<Object> = (1..=5u32)
        .map(|k| boxed(k.into(), &format!("a#{k}"), [f64::from(k), f64::from(k * k)], [0.2, 0.2], 0.0))
        .collect();
    let mut list = PublishedList::default();
    list.update(&snapshot(&things)).expect("a list");
    let mut chain = first_seen(&list);
    things.remove(1);
    list.update(&snapshot(&things)).expect("a list");
    let change = chain.update(&list).expect("an update");
    assert_eq!(chain, first_seen(&list));
    assert_eq!(chain.gauge().map(|gauge| (gauge.origin, gauge.ahead)), Some(("a#1".into(), "a#3".into())));
    assert_eq!((change.lines, change.lines_removed), (2, 1));
    assert_eq!(chain.lines().map(|line| line.t).collect::<Vec<_>>(), [2, 3]);
}

#[test]
fn best_first_places_what_is_near_before_what_is_far() {
    let places =
        [("a", [0.0, 0.0]), ("a", [1.0, 0.0]), ("far", [40.0, 3.0]), ("mid", [6.0, 2.0]), ("near", [1.0, 1.0])];
    let list = PublishedList::of_places(places).expect("five");
    let options = ChainOptions { order: Order::BestFirst, ..ChainOptions::default() };
    let chain = Chain::of(&list, options).expect("a chain");
    assert_eq!(
        chain.lines().map(|line| (line.t, line.c.map_or(0, |c| c.0))).collect::<Vec<_>>(),
        [(1, 5), (2, 4), (3, 3)]
    );
    let total = |chain: &Chain| chain.lines().map(|line| line.error_m).sum::<f64>();
    assert!(total(&chain) < total(&first_seen(&list)));
}

#[test]
fn a_small_move_is_not_told_and_a_large_one_is() {
    let mut things = vec![boxed(1, "a#1", [0.0, 0.0], [0.2, 0.2], 0.0), boxed(2, "a#2", [3.0, 0.0], [0.2, 0.2], 0.0)];
    let cov = |sigma: f64| [sigma * sigma, 0.0, 0.0, 0.0, 0.0, 0.0];
    things.iter_mut().for_each(|thing| thing.centre_cov_m2 = cov(0.01));
    let mut list = PublishedList::of(&snapshot(&things), PublishOptions::default()).expect("a list");
    let mut move_to = |x: f64, sigma: f64| {
        things[1].obb.centre.x = x;
        things[1].centre_cov_m2 = cov(sigma);
        list.update(&snapshot(&things)).expect("an update");
        list.things()[1].at_m[0]
    };
    assert_eq!(move_to(3.049, 0.01), 3.0);
    assert_eq!(move_to(3.051, 0.01), 3.051);
    assert_eq!(move_to(3.15, 0.05), 3.051, "within two sigma");
    assert_eq!(move_to(3.15, 0.04), 3.15, "what was within the bound is not within a narrower one");
    assert_eq!(move_to(3.6, f64::INFINITY), 3.15);
    assert_eq!(move_to(3.7, f64::INFINITY), 3.7, "the bound is bounded");
}

#[test]
fn who_comes_late_is_put_at_the_end() {
    let mut things = vec![boxed(1, "b#1", [0.0, 0.0], [0.2, 0.2], 0.0), boxed(2, "a#1", [3.0, 0.0], [0.2, 0.2], 0.0)];
    let mut third = boxed(3, "a#2", [1.0, 1.0], [0.2, 0.2], 0.0);
    (things[0].first_seen_ns, things[1].first_seen_ns) = (5, 5);
    (things[0].existence, things[1].existence) = (0.8, 0.9);
    let mut list = PublishedList::of(&snapshot(&things), PublishOptions::default()).expect("a list");
    third.first_seen_ns = 1;
    things.push(third);
    let change = list.update(&snapshot(&things)).expect("an update");
    assert_eq!(change, PublishedChange { entered: 1, ..PublishedChange::default() });
    let ids: Vec<u64> = list.things().iter().map(|thing| thing.id.0).collect();
    assert_eq!(ids, [2, 1, 3], "those shown together by score, then the late one");
    things.remove(0);
    list.update(&snapshot(&things)).expect("an update");
    assert_eq!(list.things().iter().map(|thing| thing.number).collect::<Vec<_>>(), [1, 3]);
}

#[test]
fn a_thing_is_headed_as_the_camera_that_first_saw_it() {
    let level = nalgebra::UnitQuaternion::from_matrix(&nalgebra::Matrix3::new(0., 0., 1., -1., 0., 0., 0., -1., 0.));
    let keyframe = |id: u32, rotation| Keyframe {
        id,
        stamp_ns: 10 * i64::from(id),
        camera_id: 0,
        world_from_camera: Pose::from_parts(nalgebra::Translation3::identity(), rotation),
        path_m: 0.0,
    };
    let mut things: Vec<Object> = (1..=3).map(|k| boxed(k, &format!("a#{k}"), [0.0, 0.0], [0.2, 0.2], 0.0)).collect();
    (things[0].first_seen_ns, things[1].first_seen_ns, things[2].first_seen_ns) = (5, 12, 25);
    let turned = nalgebra::UnitQuaternion::from_axis_angle(&nalgebra::Vector3::z_axis(), 1.0) * level;
    let keyframes = vec![keyframe(0, level), keyframe(1, turned), keyframe(2, nalgebra::UnitQuaternion::identity())];
    let scene = snapshot(&things).after_walk(crate::scene::Ground::default(), 0.0, keyframes);
    let list = PublishedList::of(&scene, PublishOptions::default()).expect("a list");
    let headings: Vec<[f64; 2]> = list.things().iter().map(|thing| thing.heading).collect();
    assert!((headings[0][0] - 1.0).abs() < 1e-9 && (headings[1][1] - 1f64.sin()).abs() < 1e-9, "{headings:?}");
    assert_eq!(headings[2], NO_HEADING, "the camera looked straight up");
    let chain = first_seen(&list);
    assert!(chain.lines().all(|line| line.triplet.is_fallback()));
}

#[test]
fn a_saved_list_is_read_as_it_was_and_a_broken_one_is_refused() {
    let list = golden();
    let json = serde_json::to_string(&list).expect("JSON");
    assert_eq!(serde_json::from_str::<PublishedList>(&json).expect("its own JSON"), list);
    let broken = |from: &str, to: &str| {
        assert!(json.contains(from), "{from}");
        serde_json::from_str::<PublishedList>(&json.replacen(from, to, 1)).expect_err(to).to_string()
    };
    assert_eq!(broken("sofa#1", "table#1"), "two things are called table#1, expected names that differ");
    assert!(broken("\"number\":2", "\"number\":1").contains("number of sofa#1 is 1"));
    assert!(broken("\"next_number\":6", "\"next_number\":5").contains("number of door#1 is 5"));
    assert!(broken("\"id\":2", "\"id\":1").contains("comes twice"));
    assert!(broken("[2.0,0.0]", "[2e9,0.0]").contains("finite"));
    assert!(broken("\"heading\":[0.0,1.0]", "\"heading\":[0.0,0.5]").contains("unit vector"));
    assert!(broken("\"sigmas\":2.0", "\"sigmas\":-2.0").contains("sigmas is -2"));
}

#[test]
fn two_things_of_one_name_are_refused_and_change_nothing() {
    let mut list = golden();
    let before = list.clone();
    let twins = [boxed(1, "a#1", [0.0, 0.0], [0.2, 0.2], 0.0), boxed(2, "a#1", [1.0, 0.0], [0.2, 0.2], 0.0)];
    assert!(list.update(&snapshot(&twins)).expect_err("twins").to_string().contains("a#1"));
    assert_eq!(list, before);
}

#[test]
fn options_that_cannot_be_meant_are_refused() {
    assert!(Chain::new(ChainOptions { neighbours: 1, ..ChainOptions::default() }).is_err());
    assert!(Chain::new(ChainOptions { neighbours: 65, ..ChainOptions::default() }).is_err());
    assert!(PublishedList::new(PublishOptions { sigmas: f64::NAN, ..PublishOptions::default() }).is_err());
    assert!(PublishedList::new(PublishOptions { least_bound_m: 0.6, ..PublishOptions::default() }).is_err());
    assert!(PublishedList::of_places([("a", [f64::NAN, 0.0])]).is_err());
}

#[test]
fn a_redundant_line_tells_how_far_it_is_off() {
    let list = golden();
    let chain = first_seen(&list);
    let mut lines = texts(&chain);
    let mut again = lines[0].clone();
    again.c = Some(("lamp#1".into(), [0.4, 8.4]));
    lines.insert(0, again.clone());
    lines.push(TripletText { a: "ghost#1".into(), c: Some(("cat#1".into(), [5.0, 5.0])), ..again });
    lines.reverse();
    let layout = Layout::compose(&lines, chain.gauge().expect("two")).expect("a layout");
    assert_eq!(layout.unused, [0]);
    assert_eq!(layout.loops.len(), 1);
    assert!((layout.loops[0].residual_m - 0.3 * 0.65).abs() < 1e-9, "{:?}", layout.loops);
    let error = layout.error(&list, 0.5).expect("an error");
    assert_eq!((error.evaluated, error.total), (3, 3));
    assert!(error.mean_cells.is_some_and(|cells| cells < 0.06), "{error:?}");
}

#[test]
fn the_error_of_predicted_triplets_is_in_cells_and_apart_from_coverage() {
    let list = golden();
    let mut lines = texts(&first_seen(&list));
    let exact = triplet_error(&lines, &list);
    assert_eq!((exact.evaluated, exact.total), (3, 3));
    assert!(exact.mean_cells.is_some_and(|cells| cells <= 0.0708), "{exact:?}");
    lines.pop();
    if let Some((_, c_xy)) = &mut lines[0].c {
        c_xy[0] += 4.0;
    }
    let wrong = triplet_error(&lines[..1], &list);
    assert_eq!((wrong.evaluated, wrong.total), (1, 3));
    assert!(wrong.mean_cells.is_some_and(|cells| (cells - 4.0).abs() < 0.08), "{wrong:?}");
    let doubled = TripletText { cell_m: Some(1.30), c: Some(("lamp#1".into(), [2.7, 6.55])), ..lines[0].clone() };
    let same = triplet_error(&[doubled], &list).mean_cells.expect("one");
    assert!((same - 0.0).abs() < 0.05, "another scale that means the same place: {same}");
}

fn snapshot(things: &[Object]) -> Snapshot {
    Snapshot::of(things.to_vec(), vec![], 10).expect("valid things")
}

/// What may happen to a scene.
#[derive(Debug, Clone)]
enum Edit {
    Enter([f64; 2]),
    Move(usize, [f64; 2]),
    Go(usize),
    Rename(usize),
}

/// Places on a coarse lattice, so that distances tie and things coincide, and anywhere.
fn any_place() -> impl Strategy<Value = [f64; 2]> {
    let lattice = prop::array::uniform2((-3..=3i8).prop_map(f64::from));
    let close = prop::array::uniform2((-3..=3i8).prop_map(|k| f64::from(k) * 0.02));
    prop_oneof![lattice, close, prop::array::uniform2(-6.0..6.0f64)]
}

fn any_edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        4 => any_place().prop_map(Edit::Enter),
        3 => (any::<usize>(), any_place()).prop_map(|(k, at)| Edit::Move(k, at)),
        2 => any::<usize>().prop_map(Edit::Go),
        1 => any::<usize>().prop_map(Edit::Rename),
    ]
}

/// A scene under edits.
#[derive(Default)]
struct Edited {
    things: Vec<Object>,
    next_id: u64,
}

impl Edited {
    fn apply(&mut self, edit: &Edit) {
        self.next_id += 1;
        let (id, count) = (self.next_id, self.things.len());
        match edit {
            Edit::Enter(at) => self.things.push(boxed(id, &format!("a#{id}"), *at, [0.2, 0.2], 0.0)),
            _ if count == 0 => {}
            Edit::Move(k, at) => {
                let centre = &mut self.things[k % count].obb.centre;
                (centre.x, centre.y) = (at[0], at[1]);
            }
            Edit::Go(k) => {
                self.things.remove(k % count);
            }
            Edit::Rename(k) => self.things[k % count].name = format!("b#{id}").into(),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, rng_seed: RngSeed::Fixed(7), ..ProptestConfig::default() })]

    #[test]
    fn an_updated_chain_has_the_bytes_of_one_from_scratch(
        start in prop::collection::vec(any_place(), 0..24),
        edits in prop::collection::vec(prop::collection::vec(any_edit(), 1..4), 1..24),
        neighbours in 2..8usize,
    ) {
        let publish = PublishOptions { least_bound_m: 0.0, sigmas: 0.0, most_bound_m: 0.0 };
        let options = ChainOptions { neighbours, ..ChainOptions::default() };
        let (mut list, mut chain) = (PublishedList::new(publish).expect("options"), Chain::new(options).expect("options"));
        let mut scene = Edited::default();
        start.iter().for_each(|at| scene.apply(&Edit::Enter(*at)));
        for batch in std::iter::once(&vec![]).chain(&edits) {
            batch.iter().for_each(|edit| scene.apply(edit));
            list.update(&snapshot(&scene.things)).expect("a list");
            let before: Vec<ChainLine> = chain.lines().cloned().collect();
            let change = chain.update(&list).expect("an update");
            prop_assert_eq!(&chain, &Chain::of(&list, options).expect("a chain"));
            let kept = chain.lines().filter(|line| before.iter().any(|old| old.c == line.c && old.text == line.text));
            prop_assert_eq!(change.lines - change.lines_changed, kept.count());
            prop_assert_eq!(change.lines, chain.lines().count());
            let located = |line: &ChainLine| line.c.unwrap_or(line.b);
            let gone = before.iter().filter(|old| !chain.lines().any(|line| located(line) == located(old)));
            prop_assert_eq!(change.lines_removed, gone.count());
        }
    }

    #[test]
    fn every_order_places_each_thing_once_by_what_is_placed(places in prop::collection::vec(any_place(), 3..30)) {
        let list = PublishedList::of_places(places.iter().map(|&at| ("x", at))).expect("places");
        for order in [Order::FirstSeen, Order::BestFirst] {
            let chain = Chain::of(&list, ChainOptions { order, ..ChainOptions::default() }).expect("a chain");
            let mut placed: Vec<_> = list.things()[..2].iter().map(|thing| thing.id).collect();
            for line in chain.lines() {
                prop_assert!(placed.contains(&line.a) && placed.contains(&line.b) && line.a != line.b);
                let c = line.c.expect("a triplet");
                prop_assert!(!placed.contains(&c));
                placed.push(c);
            }
            prop_assert_eq!(placed.len(), places.len());
        }
    }

    #[test]
    fn a_chain_decodes_to_places_near_the_published_ones(
        places in prop::collection::vec(prop::array::uniform2(-5.0..5.0f64), 3..30),
    ) {
        let list = PublishedList::of_places(places.iter().map(|&at| ("x", at))).expect("places");
        for units in [true, false] {
            let chain = Chain::of(&list, ChainOptions { units, ..ChainOptions::default() }).expect("a chain");
            let mut lines = texts(&chain);
            let gauge = chain.gauge().expect("seeds");
            let layout = Layout::compose(&lines, gauge.clone()).expect("a layout");
            lines.reverse();
            prop_assert_eq!(&layout.places_m, &Layout::compose(&lines, gauge).expect("a layout").places_m);
            prop_assert_eq!(layout.places_m.len(), places.len());
            let frame = layout.gauge().frame(&list).expect("seeds");
            let mut bounds_m = vec![0.0; places.len()];
            for line in chain.lines().filter(|_| units) {
                let thing = list.things().iter().find(|thing| Some(thing.id) == line.c).expect("it is listed");
                let (is_m, told_m) = (frame.to_local(thing.at_m), layout.places_m[&*thing.name]);
                let off_m = (is_m[0] - told_m[0]).hypot(is_m[1] - told_m[1]);
                let bound_m = honest_bound_m(line, &bounds_m);
                bounds_m[line.t as usize + 1] = bound_m;
                prop_assert!(off_m <= bound_m, "{}: off {off_m}, bound {bound_m}", line.text);
            }
        }
    }
}

/// What C may be off by, given by what the things before it may be: the errors of A and of B turn the heading, a
/// coordinate whose side was kept is off by a tenth. Without end where A and B may be anywhere round each other.
fn honest_bound_m(line: &ChainLine, bounds_m: &[f64]) -> f64 {
    let [of_a, of_b] = [line.a, line.b].map(|id| bounds_m[id.0 as usize - 1]);
    let length_m = |m: [f64; 2]| m[0].hypot(m[1]);
    let (apart_m, lever_m) = (length_m(line.triplet.b_m()), length_m(line.triplet.c_m()));
    let turn_rad = (of_a + of_b) / apart_m;
    if turn_rad > 0.5 || line.triplet.is_fallback() {
        return f64::INFINITY;
    }
    of_a + lever_m * turn_rad.asin() + std::f64::consts::SQRT_2 * 0.1 * line.triplet.cell_m() + 1e-9
}
