//! The eight groups of MSMU-Bench, each question about one picture. Answers are short sentences with metres.

use rand::{Rng, RngExt};

use super::super::LABELS;
use super::cast::{Cast, open, pairs, plural, shuffled, triples, with_article};
use super::survey::{PictureView, SLIGHT_PX};
use super::{Item, RoomAnswer, WORDINGS};

/// Questions of one sort about one picture, at most.
const SCALES: usize = 2;
const DISTANCES: usize = 3;
const COUNTS: usize = 3;
const PLACES: usize = 2;
const REFERENCES: usize = 1;
const SIDES: usize = 2;
const COMPARISONS: usize = 2;

/// Nearer things are not asked for their distance, metres.
const MIN_DISTANCE_M: f64 = 0.3;
/// Widths and heights are asked from here on, metres: a shorter one is mostly noise, and its truth mostly rounding.
const MIN_SIDE_M: f64 = 0.1;
/// All three sides are asked where none is shorter, metres.
const MIN_OF_THREE_M: f64 = 0.05;
/// Things are left and right of one another from so far apart on, shares of the picture's width.
const SIDE_SHARE: f64 = 0.05;
/// A thing is taller from this ratio and this difference on, metres.
const TALLER_RATIO: f64 = 1.15;
const TALLER_M: f64 = 0.05;
/// All pixels so near a place that is asked about show one thing, shares of the picture's width.
const PLACE_REACH: f64 = 0.008;

/// Names of which one might be said for another: none of them is asked for where another is in the room.
const ALIKE: [&[&str]; 10] = [
    &["table", "desk", "coffee table"],
    &["cabinet", "shelf"],
    &["chair", "armchair", "sofa"],
    &["stool", "pouf"],
    &["monitor", "television", "laptop"],
    &["tablet", "picture", "book", "laptop", "tray"],
    &["phone", "remote", "tablet"],
    &["cup", "bowl", "vase"],
    &["vase", "bottle"],
    &["box", "toy cube", "speaker", "bin"],
];
/// Nothing of the catalogue is like these.
const FOREIGN: [&str; 6] = ["bicycle", "bathtub", "piano", "umbrella", "ladder", "guitar"];

/// One picture and the things in it that can be asked for by name.
struct Scene<'a> {
    cast: &'a Cast<'a>,
    view: &'a PictureView,
    shown: Vec<usize>,
}

/// All questions about the pictures.
pub(super) fn items(cast: &Cast<'_>, rng: &mut impl Rng) -> Vec<Item> {
    let mut items = Vec::new();
    for view in &cast.survey.views {
        let shown = cast.singles().into_iter().filter(|&thing| view.shown_whole[thing]).collect();
        let scene = Scene { cast, view, shown };
        let mut asked = scene.scales(rng);
        asked.extend(scene.distances(rng));
        asked.extend(scene.counts(rng));
        asked.extend(scene.grounding(rng));
        asked.extend(scene.references(rng));
        asked.extend(scene.sides(rng));
        asked.extend(scene.comparisons(rng));
        asked.extend(scene.absences(rng));
        items.extend(asked.into_iter().map(|item| Item { view: Some(view.frame), ..item }));
    }
    items
}

fn sentence(question_type: &'static str, wordings: [String; WORDINGS], answer: String) -> Item {
    open(question_type, wordings, RoomAnswer::Text(answer))
}

impl Scene<'_> {
    fn label(&self, thing: usize) -> &'static str {
        self.cast.label(thing)
    }

    fn size(&self, thing: usize) -> [f64; 3] {
        self.cast.things[thing].size
    }

    fn height(&self, thing: usize) -> f64 {
        self.size(thing)[2]
    }

    fn scales(&self, rng: &mut impl Rng) -> Vec<Item> {
        let mut some = |least: [f64; 3]| {
            let large = |thing: &usize| self.size(*thing).iter().zip(least).all(|(side, least)| *side >= least);
            shuffled(self.shown.clone(), rng).into_iter().filter(large).take(SCALES).collect::<Vec<_>>()
        };
        let wide = some([0.0, MIN_SIDE_M, 0.0]);
        let tall = some([0.0, 0.0, MIN_SIDE_M]);
        let large = some([MIN_OF_THREE_M; 3]);
        let widths = wide.into_iter().map(|thing| self.width(thing));
        let heights = tall.into_iter().map(|thing| self.tallness(thing));
        let sizes = large.into_iter().map(|thing| self.three_sides(thing));
        widths.chain(heights).chain(sizes).collect()
    }

    fn width(&self, thing: usize) -> Item {
        let (name, [_, width, _]) = (self.label(thing), self.size(thing));
        let wordings = [
            format!("What is the width of the {name} in the image?"),
            format!("How wide is the {name}, along its shorter horizontal side?"),
            format!("Estimate in meters how wide the {name} is, taking the shorter of its two horizontal sides."),
        ];
        sentence("width", wordings, format!("The {name} measures {width:.2} meters in width."))
    }

    fn tallness(&self, thing: usize) -> Item {
        let (name, height) = (self.label(thing), self.height(thing));
        let wordings = [
            format!("What is the height of the {name} in the image?"),
            format!("How tall is the {name}?"),
            format!("Estimate in meters how high the {name} is from its bottom to its top."),
        ];
        sentence("height", wordings, format!("The {name} measures {height:.2} meters in height."))
    }

    fn three_sides(&self, thing: usize) -> Item {
        let (name, [length, width, height]) = (self.label(thing), self.size(thing));
        let wordings = [
            format!("What is the size of the {name} in the image (length x width x height, in meters)?"),
            format!("How large is the {name}? Answer with length x width x height in meters."),
            format!("Estimate the three sides of the {name} in meters, as length x width x height."),
        ];
        let answer = format!("The {name} measures {length:.2} x {width:.2} x {height:.2} meters.");
        sentence("size", wordings, answer)
    }

    fn distances(&self, rng: &mut impl Rng) -> Vec<Item> {
        let distance = |[one, other]: [usize; 2]| {
            let gap_m = self.cast.gap_m(one, other);
            let (a, b) = (self.label(one), self.label(other));
            let wordings = [
                format!("What is the distance between the {a} and the {b} in the image?"),
                format!("How far apart are the {a} and the {b}, from closest point to closest point?"),
                format!("Estimate in meters how far the {a} is from the {b}, where they are closest to each other."),
            ];
            let answer = format!("The distance between the {a} and the {b} is {gap_m:.2} meters.");
            (gap_m >= MIN_DISTANCE_M).then(|| sentence("distance", wordings, answer))
        };
        pairs(&self.shown, rng).into_iter().filter_map(distance).take(DISTANCES).collect()
    }

    /// Categories of which several are shown come first. Each of a category is shown whole, or lies beyond the picture:
    /// what is half hidden, some would count and some not.
    fn counts(&self, rng: &mut impl Rng) -> Vec<Item> {
        let beyond = |thing: usize| {
            let at = self.view.place_of(&self.cast.survey.camera, &self.cast.things[thing]);
            let inside = at.is_some_and(|at| at.iter().all(|share| (0.0..=1.0).contains(share)));
            !inside && self.view.visible_px[thing] < SLIGHT_PX
        };
        let seen = |things: &[usize]| {
            let (whole, others): (Vec<usize>, Vec<usize>) =
                things.iter().partition(|&&thing| self.view.shown_whole[thing]);
            (!whole.is_empty() && others.into_iter().all(beyond)).then_some(whole.len())
        };
        let categories = self.cast.categories.iter();
        let counted = categories.filter_map(|(label, things)| Some((*label, seen(things)?))).collect();
        let mut counted: Vec<(&str, usize)> = shuffled(counted, rng);
        counted.sort_by_key(|(_, count)| *count == 1);
        counted.into_iter().take(COUNTS).map(|(label, count)| count_item(label, count)).collect()
    }

    fn grounding(&self, rng: &mut impl Rng) -> Vec<Item> {
        let camera = &self.cast.survey.camera;
        let place = |thing: usize| {
            let at = self.view.place_of(camera, &self.cast.things[thing])?;
            let at = at.map(|share| (share * 100.0).round() / 100.0);
            (self.view.object_about(camera, at, PLACE_REACH) == Some(thing)).then_some((thing, at))
        };
        let mut placed = || shuffled(self.shown.clone(), rng).into_iter().filter_map(place).take(PLACES);
        let places: Vec<Item> = placed().map(|(thing, at)| self.place_item(thing, at)).collect();
        let names = placed().map(|(thing, at)| self.name_item(thing, at));
        places.into_iter().chain(names).collect()
    }

    fn place_item(&self, thing: usize, [x, y]: [f64; 2]) -> Item {
        let name = self.label(thing);
        let wordings = [
            format!("What is the coordinate of the {name} in the image?"),
            format!(
                "Where in the image is the {name}? Answer with (x,y), each from 0 to 1 from the upper left corner."
            ),
            format!("Give the position of the middle of the {name} as shares (x,y) of the image's width and height."),
        ];
        sentence("position", wordings, format!("({x:.2},{y:.2})"))
    }

    fn name_item(&self, thing: usize, [x, y]: [f64; 2]) -> Item {
        let wordings = [
            format!("What is the object located at ({x:.2},{y:.2}) in the image?"),
            format!("Which thing do you see at ({x:.2},{y:.2}), in shares of the image from its upper left corner?"),
            format!("Name what is at x = {x:.2}, y = {y:.2} of the image's width and height."),
        ];
        sentence("position", wordings, format!("The {}.", self.label(thing)))
    }

    /// The height of one thing from another's, of two from one's, and of one from those of two.
    fn references(&self, rng: &mut impl Rng) -> Vec<Item> {
        let tall: Vec<usize> = self.shown.iter().copied().filter(|&thing| self.height(thing) >= MIN_SIDE_M).collect();
        let two = pairs(&tall, rng).into_iter().take(REFERENCES).map(|pair| self.refer_two(pair));
        let mut items: Vec<Item> = two.collect();
        let triples = triples(&tall, rng);
        items.extend(triples.iter().take(REFERENCES).map(|&three| self.refer_one_for_two(three)));
        items.extend(triples.iter().rev().take(REFERENCES).map(|&three| self.refer_two_for_one(three)));
        items
    }

    fn refer_two(&self, pair: [usize; 2]) -> Item {
        let ([a, b], [known, asked]) = (pair.map(|t| self.label(t)), pair.map(|t| self.height(t)));
        let wordings = [
            format!("The height of the {a} is {known:.2} meters. What is the height of the {b}?"),
            format!("If the {a} is {known:.2} meters tall, how tall is the {b}?"),
            format!("Knowing that the {a} is {known:.2} meters high, estimate how high the {b} is."),
        ];
        sentence("refer_two_objects", wordings, format!("The {b} measures {asked:.2} meters in height."))
    }

    fn refer_one_for_two(&self, three: [usize; 3]) -> Item {
        let ([a, b, c], [known, first, second]) = (three.map(|t| self.label(t)), three.map(|t| self.height(t)));
        let wordings = [
            format!("The height of the {a} is {known:.2} meters. What are the heights of the {b} and the {c}?"),
            format!("If the {a} is {known:.2} meters tall, how tall are the {b} and the {c}, in this order?"),
            format!(
                "Knowing that the {a} is {known:.2} meters high, estimate how high the {b} is and how high the {c} is."
            ),
        ];
        let answer =
            format!("The {b} measures {first:.2} meters in height and the {c} measures {second:.2} meters in height.");
        sentence("refer_three_objects", wordings, answer)
    }

    fn refer_two_for_one(&self, three: [usize; 3]) -> Item {
        let ([a, b, c], [first, second, asked]) = (three.map(|t| self.label(t)), three.map(|t| self.height(t)));
        let wordings = [
            format!(
                "The height of the {a} is {first:.2} meters and the height of the {b} is {second:.2} meters. What is the \
                 height of the {c}?"
            ),
            format!("If the {a} is {first:.2} meters tall and the {b} {second:.2} meters, how tall is the {c}?"),
            format!(
                "Knowing that the {a} is {first:.2} meters high and the {b} {second:.2}, estimate how high the {c} is."
            ),
        ];
        sentence("refer_three_objects", wordings, format!("The {c} measures {asked:.2} meters in height."))
    }

    /// One sort of pair for each side, so that both are asked of any picture with two things apart.
    fn sides(&self, rng: &mut impl Rng) -> Vec<Item> {
        let column = |thing: usize| Some(self.view.place_of(&self.cast.survey.camera, &self.cast.things[thing])?[0]);
        let apart = |&[one, other]: &[usize; 2]| {
            let difference = column(one).zip(column(other)).map(|(a, b)| a - b);
            difference.filter(|d| d.abs() >= SIDE_SHARE).map(|d| ([one, other], d < 0.0))
        };
        let pairs: Vec<_> = pairs(&self.shown, rng).iter().filter_map(apart).collect();
        let of =
            |left: bool| pairs.iter().skip(usize::from(left)).step_by(2).take(SIDES).map(move |&pair| (pair, left));
        let mut asked: Vec<_> = of(true).chain(of(false)).collect();
        if let [_] = asked[..] {
            asked.push((pairs[0], true));
        }
        asked.into_iter().map(|((pair, is_left), left)| self.side_item(pair, left, is_left)).collect()
    }

    fn side_item(&self, pair: [usize; 2], asks_left: bool, is_left: bool) -> Item {
        let [a, b] = pair.map(|thing| self.label(thing));
        let word = |left: bool| if left { "left" } else { "right" };
        let side = word(asks_left);
        let wordings = [
            format!("From the viewer's perspective, is the {a} to the {side} of the {b}?"),
            format!("Seen from the camera, does the {a} stand on the {side} of the {b}?"),
            format!("Looking at the image, is the {a} further {side} than the {b}?"),
        ];
        let verdict = if asks_left == is_left { "Yes" } else { "No" };
        let answer = format!("{verdict}, the {a} is to the {} of the {b}.", word(is_left));
        sentence(side, wordings, answer)
    }

    fn comparisons(&self, rng: &mut impl Rng) -> Vec<Item> {
        let clear = |tallest: usize, others: &[usize]| {
            let height = self.height(tallest);
            let over = |other: f64| height >= TALLER_RATIO * other && height - other >= TALLER_M;
            others.iter().all(|&other| over(self.height(other)))
        };
        let two = pairs(&self.shown, rng).into_iter().filter_map(|pair @ [a, b]| {
            let taller = if self.height(a) > self.height(b) { [a, b] } else { [b, a] };
            clear(taller[0], &taller[1..]).then(|| self.taller_item(pair, taller[0]))
        });
        let mut items: Vec<Item> = two.take(COMPARISONS).collect();
        let mut sets: Vec<[usize; 3]> = Vec::new();
        for three in triples(&self.shown, rng) {
            let mut set = three;
            set.sort_unstable();
            let by_height = |a: &&usize, b: &&usize| self.height(**a).total_cmp(&self.height(**b));
            let Some(&tallest) = three.iter().max_by(by_height) else { continue };
            let others: Vec<usize> = three.into_iter().filter(|&thing| thing != tallest).collect();
            if !sets.contains(&set) && clear(tallest, &others) {
                items.push(self.tallest_item(three, tallest));
                sets.push(set);
            }
            if sets.len() == COMPARISONS {
                break;
            }
        }
        items
    }

    fn taller_item(&self, pair: [usize; 2], taller: usize) -> Item {
        let [a, b] = pair.map(|thing| self.label(thing));
        let wordings = [
            format!("Which is taller, the {a} or the {b}?"),
            format!("Between the {a} and the {b}, which one has the greater height?"),
            format!("Compare the {a} with the {b}: which of them is higher from its own bottom to its top?"),
        ];
        sentence("taller_two_object", wordings, format!("The {} is taller.", self.label(taller)))
    }

    fn tallest_item(&self, three: [usize; 3], tallest: usize) -> Item {
        let [a, b, c] = three.map(|thing| self.label(thing));
        let wordings = [
            format!("Which is the tallest, the {a}, the {b} or the {c}?"),
            format!("Among the {a}, the {b} and the {c}, which one has the greatest height?"),
            format!("Of the {a}, the {b} and the {c}, which measures most from its own bottom to its top?"),
        ];
        sentence("tall_three_objects", wordings, format!("The {} is the tallest.", self.label(tallest)))
    }

    /// One thing of the catalogue that the room lacks, and one that no room has.
    fn absences(&self, rng: &mut impl Rng) -> Vec<Item> {
        let present = |label: &str| self.cast.categories.contains_key(label);
        let like_one_here = |label: &str| ALIKE.iter().any(|a| a.contains(&label) && a.iter().any(|l| present(l)));
        let same_word = |label: &str| self.cast.categories.keys().any(|here| share_a_word(here, label));
        let absent = |label: &&str| !like_one_here(label) && !same_word(label);
        let lacking: Vec<&str> = LABELS.into_iter().filter(absent).collect();
        let foreign = FOREIGN[rng.random_range(0..FOREIGN.len())];
        let asked = shuffled(lacking, rng).into_iter().take(1).chain([foreign]);
        asked.map(|label| absence_item(label, rng.random_range(0..3))).collect()
    }
}

fn share_a_word(one: &str, other: &str) -> bool {
    one.split(' ').any(|word| other.split(' ').any(|w| w == word))
}

fn count_item(label: &str, count: usize) -> Item {
    let many = plural(label);
    let wordings = [
        format!("What is the total number of {many} in the image?"),
        format!("How many {many} do you see in the image?"),
        format!("Count the {many} that the image shows."),
    ];
    let answer = if count == 1 { format!("There is 1 {label}.") } else { format!("There are {count} {many}.") };
    sentence("count", wordings, answer)
}

/// A question that takes the thing for granted, in one of three ways.
fn absence_item(label: &str, way: usize) -> Item {
    let wordings = match way {
        0 => [
            format!("What is the height of the {label} in the image?"),
            format!("How tall is the {label}?"),
            format!("Estimate in meters how high the {label} is, if there is one."),
        ],
        1 => [
            format!("What is the width of the {label} in the image?"),
            format!("How wide is the {label}?"),
            format!("Estimate in meters how wide the {label} is, if there is one."),
        ],
        _ => [
            format!("What is the total number of {} in the image?", plural(label)),
            format!("How many {} do you see in the image?", plural(label)),
            format!("Does the image show {}, and how many?", with_article(label)),
        ],
    };
    sentence("zero", wordings, format!("There is no {label} in the image."))
}

#[cfg(test)]
mod tests {
    use super::super::super::{Room, RoomCamera, RoomFrame, RoomOptions, RoomSequence};
    use super::super::{RoomQuestion, RoomSurvey, questions_of};
    use super::*;

    struct Asked {
        room: Room,
        camera: RoomCamera,
        questions: Vec<RoomQuestion>,
    }

    fn asked(seed: u64) -> Asked {
        let room = Room::generate(seed);
        let camera = RoomCamera::default().reduced(4);
        let options = RoomOptions { camera, ..RoomOptions::default() };
        let survey = RoomSurvey::of(&mut RoomSequence::new(&room, options));
        let questions = questions_of(&room, &survey, 0);
        Asked { room, camera, questions }
    }

    impl Asked {
        fn frame(&self, question: &RoomQuestion) -> RoomFrame {
            let options = RoomOptions { camera: self.camera, ..RoomOptions::default() };
            RoomSequence::new(&self.room, options).render(question.view.unwrap())
        }

        /// Questions of a type in their first wording, with what they say is right.
        fn of(&self, kind: &str) -> Vec<(&RoomQuestion, String)> {
            let first = self.questions.iter().filter(|q| q.question_type == kind && q.wording == 0);
            let with_answer = |q: &RoomQuestion| match &q.answer {
                RoomAnswer::Text(text) => text.clone(),
                other => panic!("{other:?}"),
            };
            first.map(|q| (q, with_answer(q))).collect()
        }
    }

    /// What stands between two pieces of a text.
    fn between<'t>(text: &'t str, before: &str, after: &str) -> &'t str {
        text.split_once(before).and_then(|(_, rest)| rest.split_once(after)).unwrap_or_else(|| panic!("{text}")).0
    }

    #[test]
    fn what_is_at_a_place_of_the_picture_is_what_its_pixel_shows() {
        let asked = asked(1);
        let named = |q: &RoomQuestion, at: &str, name: &str| {
            let at: Vec<f64> = at.split(',').map(|x| x.parse().unwrap()).collect();
            let [w, h] = [asked.camera.width, asked.camera.height];
            let (u, v) = ((at[0] * f64::from(w)) as u32, (at[1] * f64::from(h)) as u32);
            let id = usize::from(asked.frame(q).ids[(v * w + u) as usize]);
            assert_eq!(asked.room.objects()[id - 1].label(), name);
        };
        let mut seen = [0, 0];
        for (question, answer) in asked.of("position") {
            if let Some(name) = answer.strip_prefix("The ") {
                named(question, between(&question.question, "(", ")"), name.trim_end_matches('.'));
                seen[0] += 1;
            } else {
                named(question, between(&answer, "(", ")"), between(&question.question, "of the ", " in the"));
                seen[1] += 1;
            }
        }
        assert!(seen.iter().all(|n| *n > 0), "{seen:?}");
    }

    #[test]
    fn what_is_further_left_has_its_pixels_further_left() {
        let asked = asked(3);
        let mean_column = |frame: &RoomFrame, label: &str| {
            let thing = asked.room.objects().iter().position(|o| o.label() == label).unwrap();
            let shown = (0..frame.ids.len()).filter(|&at| usize::from(frame.ids[at]) == thing + 1);
            let columns: Vec<f64> = shown.map(|at| (at % asked.camera.width as usize) as f64).collect();
            columns.iter().sum::<f64>() / columns.len() as f64
        };
        for kind in ["left", "right"] {
            for (question, answer) in asked.of(kind) {
                let frame = asked.frame(question);
                let a = between(&question.question, "is the ", " to the ");
                let b = question.question.rsplit_once("of the ").unwrap().1.trim_end_matches('?');
                let is_left = mean_column(&frame, a) < mean_column(&frame, b);
                assert_eq!(answer.starts_with("Yes"), is_left == (kind == "left"), "{}", question.question);
                assert!(answer.contains(if is_left { "to the left" } else { "to the right" }));
            }
        }
    }

    #[test]
    fn the_taller_thing_is_taller_and_the_absent_one_is_not_there() {
        let asked = asked(2);
        let height = |label: &str| asked.room.truth().iter().find(|t| t.label == label).unwrap().size[2];
        for (question, answer) in asked.of("taller_two_object") {
            let taller = between(&answer, "The ", " is taller.");
            let (a, b) = question.question.split_once(", the ").unwrap().1.split_once(" or the ").unwrap();
            let other = if a == taller { b.trim_end_matches('?') } else { a };
            assert!(height(taller) > height(other), "{}", question.question);
        }
        for (_, answer) in asked.of("zero") {
            let label = between(&answer, "no ", " in the");
            assert!(asked.room.objects().iter().all(|object| object.label() != label), "{label}");
        }
    }

    #[test]
    fn names_that_are_alike_are_the_catalogues_and_foreign_ones_are_not() {
        assert!(ALIKE.iter().flat_map(|alike| alike.iter()).all(|label| LABELS.contains(label)));
        for label in LABELS {
            assert!(FOREIGN.iter().all(|foreign| !share_a_word(foreign, label)), "{label}");
        }
    }
}
