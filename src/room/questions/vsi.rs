//! The eight forms of VSI-Bench, but for ways (`route.rs`).

use rand::Rng;

use super::cast::{Cast, angle_deg, choice, open, pairs, plural, rounded, shuffled, triples};
use super::{Item, RoomAnswer, route};

/// Questions of one type about one room, at most.
const SIZES: usize = 8;
const DISTANCES: usize = 8;
const CLOSEST: usize = 4;
const DIRECTIONS: usize = 4;
const ORDERS: usize = 3;

/// Nearer things are not asked for their distance, metres.
const MIN_DISTANCE_M: f64 = 0.15;
/// The closest is so much closer than the next, metres; the second in rooms of more than [`LARGE_ROOM_M2`].
const CLOSER_M: [f64; 2] = [0.15, 0.30];
const LARGE_ROOM_M2: f64 = 40.0;
/// Directions are not asked nearer to a boundary, degrees.
pub(super) const BOUNDARY_DEG: f64 = 5.0;
/// From here on a thing is at one's back, degrees.
pub(super) const BACK_DEG: f64 = 135.0;
/// Directions are asked between centres that are at least so far apart on the plan, metres.
const MIN_APART_M: f64 = 0.3;
/// First appearances are told apart from so many frames on.
const MIN_FRAMES_APART: usize = 3;

/// Where a thing is to somebody who looks a certain way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    Easy,
    Medium,
    Hard,
}

/// All questions about the whole walk.
pub(super) fn items(cast: &Cast<'_>, rng: &mut impl Rng) -> Vec<Item> {
    let mut items = counts(cast);
    items.extend(sizes(cast, rng));
    items.extend(distances(cast, rng));
    items.push(room_size(cast));
    items.extend(closest(cast, rng));
    for level in [Level::Easy, Level::Medium, Level::Hard] {
        items.extend(directions(cast, level, rng));
    }
    items.extend(route::items(cast, rng));
    items.extend(appearance(cast, rng));
    items
}

fn counts(cast: &Cast<'_>) -> Vec<Item> {
    let count = |label: &'static str| {
        let count = cast.categories[label].len() as u32;
        let many = plural(label);
        let wordings = [
            format!("How many {label}(s) are in this room?"),
            format!("What is the number of {many} in this room?"),
            format!("Count the {many}: how many of them does this room have?"),
        ];
        (count > 1).then(|| open("object_counting", wordings, RoomAnswer::Count(count)))
    };
    cast.known_categories().into_iter().filter_map(count).collect()
}

fn sizes(cast: &Cast<'_>, rng: &mut impl Rng) -> Vec<Item> {
    let size = |thing: usize| {
        let name = cast.label(thing);
        let longest_cm = 100.0 * cast.things[thing].size.into_iter().fold(0.0, f64::max);
        let wordings = [
            format!(
                "What is the length of the longest dimension (length, width, or height) of the {name}, measured in \
                 centimeters?"
            ),
            format!("How long is the longest side of the {name}, in centimeters?"),
            format!("Of the length, the width and the height of the {name}, how many centimeters is the largest?"),
        ];
        open("object_size_estimation", wordings, RoomAnswer::Number(rounded(longest_cm, 1)))
    };
    shuffled(cast.singles(), rng).into_iter().take(SIZES).map(size).collect()
}

fn distances(cast: &Cast<'_>, rng: &mut impl Rng) -> Vec<Item> {
    let distance = |[one, other]: [usize; 2]| {
        let gap_m = cast.gap_m(one, other);
        let (a, b) = (cast.label(one), cast.label(other));
        let wordings = [
            format!(
                "Measuring from the closest point of each object, what is the distance between the {a} and the {b} (in \
                 meters)?"
            ),
            format!("How many meters are there between the {a} and the {b}, from closest point to closest point?"),
            format!("How far is the {a} from the {b}, in meters, where they are closest to each other?"),
        ];
        let answer = RoomAnswer::Number(rounded(gap_m, 3));
        (gap_m >= MIN_DISTANCE_M).then(|| open("object_abs_distance", wordings, answer))
    };
    pairs(&cast.singles(), rng).into_iter().filter_map(distance).take(DISTANCES).collect()
}

fn room_size(cast: &Cast<'_>) -> Item {
    let wordings = [
        "What is the size of this room (in square meters)? If multiple rooms are shown, estimate the size of the combined \
         space.",
        "How many square meters of floor does this room have? If there are several rooms, take them together.",
        "What is the floor area of the space shown, all rooms together, in square meters?",
    ];
    let area_m2 = polygon_area(&floor_polygon(cast.room.size()));
    open("room_size_estimation", wordings.map(str::to_owned), RoomAnswer::Number(rounded(area_m2, 1)))
}

/// The floor's corners, counter-clockwise, world x and y, metres.
pub(super) fn floor_polygon([width, depth, _]: [f64; 3]) -> [[f64; 2]; 4] {
    let (x, y) = (width / 2.0, depth / 2.0);
    [[-x, -y], [x, -y], [x, y], [-x, y]]
}

/// Area within corners given counter-clockwise: the shoelace formula.
pub(super) fn polygon_area(corners: &[[f64; 2]]) -> f64 {
    let next = corners.iter().cycle().skip(1);
    corners.iter().zip(next).map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum::<f64>() / 2.0
}

fn closest(cast: &Cast<'_>, rng: &mut impl Rng) -> Vec<Item> {
    let large = polygon_area(&floor_polygon(cast.room.size())) > LARGE_ROOM_M2;
    let closer_m = CLOSER_M[usize::from(large)];
    let mut items = Vec::new();
    for target in shuffled(cast.singles(), rng) {
        let others = cast.known_categories().into_iter().filter(|label| *label != cast.label(target)).collect();
        let mut offered: Vec<&str> = shuffled(others, rng);
        offered.truncate(4);
        let mut by_gap: Vec<_> = offered.iter().map(|o| (cast.gap_to_category_m(target, o), *o)).collect();
        by_gap.sort_by(|a, b| a.0.total_cmp(&b.0));
        if let [(least_m, right), (next_m, _), _, _] = by_gap[..]
            && next_m - least_m >= closer_m
        {
            items.push(closest_item(cast.label(target), &offered, right, rng));
        }
        if items.len() == CLOSEST {
            break;
        }
    }
    items
}

fn closest_item(target: &str, offered: &[&str], right: &str, rng: &mut impl Rng) -> Item {
    let list = offered.join(", ");
    let tail = "If there are multiple instances of an object category, measure to the closest.";
    let wordings = [
        format!(
            "Measuring from the closest point of each object, which of these objects ({list}) is the closest to the \
             {target}?\n{tail}"
        ),
        format!("Which of {list} is nearest to the {target}, from closest point to closest point?\n{tail}"),
        format!("Of these objects, which one has the smallest gap to the {target}: {list}?\n{tail}"),
    ];
    let others = offered.iter().filter(|label| **label != right);
    let right_first = std::iter::once(&right).chain(others).map(|label| (*label).to_owned()).collect();
    choice("object_rel_distance", wordings, right_first, rng)
}

fn directions(cast: &Cast<'_>, level: Level, rng: &mut impl Rng) -> Vec<Item> {
    let mut items = Vec::new();
    for [standing, facing, asked] in triples(&cast.singles(), rng) {
        let ahead = cast.plan(facing) - cast.plan(standing);
        let there = cast.plan(asked) - cast.plan(standing);
        if ahead.norm() < MIN_APART_M || there.norm() < MIN_APART_M {
            continue;
        }
        if let Some(right) = level.answer(angle_deg(&ahead, &there)) {
            let names = [standing, facing, asked].map(|thing| cast.label(thing));
            items.push(direction_item(level, names, right, rng));
        }
        if items.len() == DIRECTIONS {
            break;
        }
    }
    items
}

impl Level {
    fn choices(self) -> &'static [&'static str] {
        match self {
            Self::Easy => &["left", "right"],
            Self::Medium => &["left", "right", "back"],
            Self::Hard => &["front-left", "front-right", "back-left", "back-right"],
        }
    }

    /// What is right at an angle, left positive; none near a boundary, nor for [`Level::Easy`] behind.
    fn answer(self, angle_deg: f64) -> Option<&'static str> {
        let off = |boundary: f64| (angle_deg.abs() - boundary).abs() >= BOUNDARY_DEG;
        let (is_left, turn) = (angle_deg > 0.0, angle_deg.abs());
        let which = |left, right| if is_left { left } else { right };
        match self {
            Self::Easy => (turn < 90.0 && off(0.0) && off(90.0)).then(|| which("left", "right")),
            Self::Medium if turn >= BACK_DEG => off(BACK_DEG).then_some("back"),
            Self::Medium => (off(0.0) && off(BACK_DEG)).then(|| which("left", "right")),
            Self::Hard if !(off(0.0) && off(90.0) && off(180.0)) => None,
            Self::Hard if turn < 90.0 => Some(which("front-left", "front-right")),
            Self::Hard => Some(which("back-left", "back-right")),
        }
    }
}

fn direction_item(level: Level, [standing, facing, asked]: [&str; 3], right: &str, rng: &mut impl Rng) -> Item {
    let stand = [
        format!("If I am standing by the {standing} and facing the {facing}"),
        format!("I stand at the {standing} and look towards the {facing}"),
        format!("Imagine being at the {standing}, turned to the {facing}"),
    ];
    let back = "An object is to my back if I would have to turn at least 135 degrees in order to face it.";
    let quadrants = "The directions refer to the quadrants of a Cartesian plane (if I am standing at the origin and facing \
                     along the positive y-axis).";
    let (kind, asks) = match level {
        Level::Easy => (
            "object_rel_direction_easy",
            [
                format!(", is the {asked} to the left or the right of the {facing}?"),
                format!(". On which side of the {facing} is the {asked}, left or right?"),
                format!(". Does the {asked} lie left or right of the {facing}?"),
            ],
        ),
        Level::Medium => (
            "object_rel_direction_medium",
            [
                format!(", is the {asked} to my left, right, or back?\n{back}"),
                format!(". Is the {asked} on my left, on my right or behind me?\n{back}"),
                format!(". Which way is the {asked}: left, right or back?\n{back}"),
            ],
        ),
        Level::Hard => (
            "object_rel_direction_hard",
            [
                format!(", is the {asked} to my front-left, front-right, back-left, or back-right?\n{quadrants}"),
                format!(". In which quadrant about me is the {asked}?\n{quadrants}"),
                format!(". Is the {asked} front-left, front-right, back-left or back-right of me?\n{quadrants}"),
            ],
        ),
    };
    let others = level.choices().iter().filter(|side| **side != right);
    let right_first = std::iter::once(&right).chain(others).map(|side| (*side).to_owned()).collect();
    let [a, b, c] = [0, 1, 2].map(|wording| format!("{}{}", stand[wording], asks[wording]));
    choice(kind, [a, b, c], right_first, rng)
}

/// When a category is first seen well, and when first with a quarter of the pixels.
struct Debut {
    label: &'static str,
    frame: usize,
    glimpse: usize,
}

fn appearance(cast: &Cast<'_>, rng: &mut impl Rng) -> Vec<Item> {
    let survey = cast.survey;
    let debut = |(label, things): (&&'static str, &Vec<usize>)| {
        let first = |frames: &[Option<usize>]| things.iter().filter_map(|&thing| frames[thing]).min();
        Some(Debut { label, frame: first(&survey.first_frame)?, glimpse: first(&survey.first_glimpse)? })
    };
    let mut debuts: Vec<Debut> = cast.categories.iter().filter_map(debut).collect();
    debuts.sort_by_key(|debut| debut.frame);
    // Places in the list above: every four that clearly follow one another.
    let mut orders: Vec<Vec<usize>> = (0..debuts.len()).map(|first| vec![first]).collect();
    for last in 0..3 {
        let mut longer = Vec::new();
        for begun in &orders {
            let follows = |next: &usize| debuts[*next].clearly_follows(&debuts[begun[last]]);
            longer.extend((0..debuts.len()).filter(follows).map(|next| [&begun[..], &[next]].concat()));
        }
        orders = longer;
    }
    let labels = |order: &Vec<usize>| order.iter().map(|&place| debuts[place].label).collect::<Vec<_>>();
    let orders = shuffled(orders.iter().map(labels).collect(), rng);
    orders.iter().take(ORDERS).map(|order| appearance_item(order, rng)).collect()
}

impl Debut {
    /// Whether this coming after another does not hang on a few frames or pixels.
    fn clearly_follows(&self, other: &Self) -> bool {
        self.frame >= other.frame + MIN_FRAMES_APART && self.glimpse > other.glimpse
    }
}

fn appearance_item(order: &[&str], rng: &mut impl Rng) -> Item {
    let list = shuffled(order.to_vec(), rng).join(", ");
    let wordings = [
        format!("What will be the first-time appearance order of the following categories in the video: {list}?"),
        format!("In which order do these categories first come into view in the video: {list}?"),
        format!("Watching the video from its start, which of {list} is seen first, and in what order the others?"),
    ];
    let mut right_first = vec![order.join(", ")];
    while right_first.len() < 4 {
        let other = shuffled(order.to_vec(), rng).join(", ");
        if !right_first.contains(&other) {
            right_first.push(other);
        }
    }
    choice("obj_appearance_order", wordings, right_first, rng)
}

#[cfg(test)]
mod tests {
    use super::super::cast::tests::{layout, right_of};
    use super::*;
    use rand::SeedableRng;
    use rand_pcg::Pcg64Mcg;

    #[test]
    fn an_angle_has_one_answer_a_level_and_none_near_a_boundary() {
        let answers = |angle| [Level::Easy, Level::Medium, Level::Hard].map(|level| level.answer(angle));
        assert_eq!(answers(30.0), [Some("left"), Some("left"), Some("front-left")]);
        assert_eq!(answers(-30.0), [Some("right"), Some("right"), Some("front-right")]);
        assert_eq!(answers(120.0), [None, Some("left"), Some("back-left")]);
        assert_eq!(answers(-150.0), [None, Some("back"), Some("back-right")]);
        assert_eq!(answers(178.0), [None, Some("back"), None]);
        assert_eq!(answers(3.0), [None; 3]);
        assert_eq!(answers(-92.0), [None, Some("right"), None]);
        assert_eq!(answers(133.0), [None, None, Some("back-left")]);
    }

    #[test]
    fn a_small_layout_is_asked_with_its_truth() {
        let mut rng = Pcg64Mcg::seed_from_u64(0);
        layout(|cast| {
            let all = items(cast, &mut rng);
            let answer = |question: &str| {
                let item = all.iter().find(|item| item.wordings[0].starts_with(question));
                right_of(item.unwrap_or_else(|| panic!("{question}")))
            };
            assert_eq!(answer("How many cup(s)"), "2");
            let longest = "What is the length of the longest dimension (length, width, or height) of the sofa";
            assert_eq!(answer(longest), "200");
            let from = "Measuring from the closest point of each object, ";
            let either = |a: &str, b: &str| {
                let start = format!("{from}what is the distance between the {a} and the {b}");
                let turned = format!("{from}what is the distance between the {b} and the {a}");
                let asked = |s: &String| all.iter().any(|item| item.wordings[0].starts_with(s));
                if asked(&start) { answer(&start) } else { answer(&turned) }
            };
            // From x = -1.5 to x = 1.5, and from y = 0.5 to y = 1.75.
            assert_eq!(either("sofa", "desk"), "1.25");
            assert_eq!(either("shelf", "bin"), "3");
            let area = answer("What is the size of this room").parse::<f64>().unwrap();
            let [x, y, _] = cast.room.size();
            assert!((area - x * y).abs() <= 0.05 + 1e-9);
        });
    }

    #[test]
    fn directions_in_a_small_layout_are_those_seen_on_its_plan() {
        let mut rng = Pcg64Mcg::seed_from_u64(3);
        layout(|cast| {
            // Standing in the middle by the sofa, facing the desk at +y.
            let expected = [("bin", "front-right", "right"), ("shelf", "front-left", "left")];
            for (asked, quadrant, side) in expected {
                let [sofa, desk, asked] = ["sofa", "desk", asked].map(|label| cast.categories[label][0]);
                let ahead = cast.plan(desk) - cast.plan(sofa);
                let angle = angle_deg(&ahead, &(cast.plan(asked) - cast.plan(sofa)));
                assert_eq!(Level::Hard.answer(angle), Some(quadrant));
                assert_eq!(Level::Medium.answer(angle), Some(side));
            }
            for item in directions(cast, Level::Medium, &mut rng) {
                assert_eq!(item.options.as_ref().map(Vec::len), Some(3));
            }
        });
    }

    #[test]
    fn the_order_of_appearance_is_that_of_the_frames() {
        let mut rng = Pcg64Mcg::seed_from_u64(4);
        layout(|cast| {
            let orders: Vec<String> = appearance(cast, &mut rng).iter().map(right_of).collect();
            // The second cup is seen in frame 3, the first in frame 30; the desk and the sofa nearly together.
            assert!(!orders.is_empty());
            let sequence = ["cup", "sofa", "bin", "shelf"];
            for order in orders {
                let labels: Vec<&str> = order.split(", ").map(|l| if l == "desk" { "sofa" } else { l }).collect();
                assert_eq!(labels, sequence, "{order}");
            }
        });
    }
}
