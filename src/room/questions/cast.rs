//! The things of a room as questions see them, and the small change of asking: options, letters, chance.

use std::collections::BTreeMap;

use nalgebra::Vector2;
use rand::{Rng, RngExt};

use super::super::layout::Room;
use super::super::object::TruthObject;
use super::gap::gap_m;
use super::survey::RoomSurvey;
use super::{Item, RoomAnswer, WORDINGS};

/// What can be asked for.
pub(super) struct Cast<'a> {
    pub room: &'a Room,
    pub survey: &'a RoomSurvey,
    pub things: Vec<TruthObject>,
    /// The things that are there, by category.
    pub categories: BTreeMap<&'static str, Vec<usize>>,
    gaps_m: Vec<Vec<f64>>,
}

impl<'a> Cast<'a> {
    pub fn of(room: &'a Room, survey: &'a RoomSurvey) -> Self {
        Self::with_things(room, survey, room.truth())
    }

    fn with_things(room: &'a Room, survey: &'a RoomSurvey, things: Vec<TruthObject>) -> Self {
        let mut categories: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (index, thing) in things.iter().enumerate().filter(|(_, thing)| thing.present) {
            categories.entry(thing.label).or_default().push(index);
        }
        let row = |i: usize| (0..i).map(|j| gap_m(&things[i], &things[j])).collect();
        let gaps_m = (0..things.len()).map(row).collect();
        Self { room, survey, things, categories, gaps_m }
    }

    /// Things that are the only one of their category and well known.
    pub fn singles(&self) -> Vec<usize> {
        let alone = self.categories.values().filter(|things| things.len() == 1).map(|things| things[0]);
        alone.filter(|&thing| self.survey.is_known(self.room, thing)).collect()
    }

    /// Categories of which every thing is well known.
    pub fn known_categories(&self) -> Vec<&'static str> {
        let known = |things: &[usize]| things.iter().all(|&thing| self.survey.is_known(self.room, thing));
        self.categories.iter().filter(|(_, things)| known(things)).map(|(label, _)| *label).collect()
    }

    pub fn label(&self, thing: usize) -> &'static str {
        self.things[thing].label
    }

    /// Middle of a thing on the floor plan, metres.
    pub fn plan(&self, thing: usize) -> Vector2<f64> {
        let [x, y, _] = self.things[thing].centre;
        Vector2::new(x, y)
    }

    /// Metres between the closest points of two things.
    pub fn gap_m(&self, one: usize, other: usize) -> f64 {
        if one == other { 0.0 } else { self.gaps_m[one.max(other)][one.min(other)] }
    }

    /// Metres from a thing to the closest of a category.
    pub fn gap_to_category_m(&self, thing: usize, category: &str) -> f64 {
        let others = self.categories.get(category).into_iter().flatten();
        others.map(|&other| self.gap_m(thing, other)).fold(f64::INFINITY, f64::min)
    }
}

/// Signed angle from one direction to another, counter-clockwise seen from above, degrees.
pub(super) fn angle_deg(from: &Vector2<f64>, to: &Vector2<f64>) -> f64 {
    from.perp(to).atan2(from.dot(to)).to_degrees()
}

/// A number to so many decimals.
pub(super) fn rounded(x: f64, decimals: i32) -> f64 {
    let scale = 10f64.powi(decimals);
    (x * scale).round() / scale
}

/// More than one of a category.
pub(super) fn plural(label: &str) -> String {
    match label {
        "shelf" => "shelves".to_owned(),
        "box" => "boxes".to_owned(),
        _ => format!("{label}s"),
    }
}

/// With its indefinite article.
pub(super) fn with_article(label: &str) -> String {
    let article = if label.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {label}")
}

/// The same things in random order.
pub(super) fn shuffled<T>(mut things: Vec<T>, rng: &mut impl Rng) -> Vec<T> {
    for last in (1..things.len()).rev() {
        things.swap(last, rng.random_range(0..=last));
    }
    things
}

/// All ways to take two, the order not counting, in random order.
pub(super) fn pairs(things: &[usize], rng: &mut impl Rng) -> Vec<[usize; 2]> {
    let with = |i: usize| things[..i].iter().map(move |&other| [other, things[i]]);
    let either_way = |pair: [usize; 2], swap: bool| if swap { [pair[1], pair[0]] } else { pair };
    let all: Vec<[usize; 2]> = (0..things.len()).flat_map(with).collect();
    let all: Vec<_> = all.into_iter().map(|pair| either_way(pair, rng.random_range(0..2) == 1)).collect();
    shuffled(all, rng)
}

/// All ways to take three, the order counting, in random order.
pub(super) fn triples(things: &[usize], rng: &mut impl Rng) -> Vec<[usize; 3]> {
    let mut all = Vec::new();
    for &a in things {
        for &b in things.iter().filter(|b| **b != a) {
            all.extend(things.iter().filter(|c| ![a, b].contains(c)).map(|&c| [a, b, c]));
        }
    }
    shuffled(all, rng)
}

/// A question with a number or a sentence for an answer.
pub(super) fn open(question_type: &'static str, wordings: [String; WORDINGS], answer: RoomAnswer) -> Item {
    Item { question_type, wordings, options: None, answer, view: None }
}

/// A question with choices, of which the first is right; they are offered in random order.
pub(super) fn choice(
    question_type: &'static str,
    wordings: [String; WORDINGS],
    right_first: Vec<String>,
    rng: &mut impl Rng,
) -> Item {
    let order = shuffled((0..right_first.len()).collect(), rng);
    let letter = |place: usize| char::from(b'A' + place as u8);
    let offer = |(place, &which): (usize, &usize)| format!("{}. {}", letter(place), right_first[which]);
    let options = order.iter().enumerate().map(offer).collect();
    let right = order.iter().position(|&which| which == 0).unwrap_or(0);
    let answer = RoomAnswer::Text(letter(right).to_string());
    Item { question_type, wordings, options: Some(options), answer, view: None }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::super::RoomCamera;
    use super::*;
    use rand::SeedableRng;
    use rand_pcg::Pcg64Mcg;

    /// A sofa in the middle, a desk north of it, a bin in the north-east, a shelf in the north-west, two cups in the
    /// south; seen in another order.
    pub fn layout(look: impl FnOnce(&Cast<'_>)) {
        let thing = |label, x: f64, y: f64, size: [f64; 3]| TruthObject {
            label,
            centre: [x, y, size[2] / 2.0],
            size,
            yaw: 0.0,
            round: false,
            standing_on: None,
            on_wall: false,
            present: true,
        };
        let things = vec![
            thing("sofa", 0.0, 0.0, [2.0, 1.0, 0.8]),
            thing("desk", 0.0, 2.0, [1.2, 0.5, 0.7]),
            thing("bin", 2.0, 2.0, [1.0, 1.0, 1.0]),
            thing("shelf", -2.0, 2.0, [1.0, 1.0, 1.0]),
            thing("cup", 0.5, -1.5, [0.1, 0.1, 0.1]),
            thing("cup", -0.5, -1.5, [0.1, 0.1, 0.1]),
        ];
        let room = Room::generate(0);
        let first_frame: Vec<_> = [10, 11, 20, 40, 30, 3].map(Some).to_vec();
        let survey = RoomSurvey {
            camera: RoomCamera::default(),
            first_glimpse: first_frame.clone(),
            first_frame,
            good_frames: vec![9; 6],
            views: Vec::new(),
        };
        look(&Cast::with_things(&room, &survey, things));
    }

    /// The right answer in words.
    pub fn right_of(item: &Item) -> String {
        match (&item.answer, &item.options) {
            (RoomAnswer::Text(letter), Some(options)) => {
                options.iter().find_map(|option| option.strip_prefix(&format!("{letter}. "))).unwrap().to_owned()
            }
            (RoomAnswer::Text(text), None) => text.clone(),
            (RoomAnswer::Count(count), _) => count.to_string(),
            (RoomAnswer::Number(number), _) => number.to_string(),
        }
    }

    #[test]
    fn left_is_positive_seen_from_above() {
        let ahead = Vector2::new(0.0, 2.0);
        assert!((angle_deg(&ahead, &Vector2::new(-1.0, 0.0)) - 90.0).abs() < 1e-9);
        assert!((angle_deg(&ahead, &Vector2::new(1.0, -1.0)) + 135.0).abs() < 1e-9);
    }

    #[test]
    fn the_letter_is_that_of_the_right_choice() {
        let mut rng = Pcg64Mcg::seed_from_u64(1);
        for _ in 0..20 {
            let options = ["x", "y", "z"].map(str::to_owned).to_vec();
            let item = choice("t", Default::default(), options, &mut rng);
            let RoomAnswer::Text(letter) = item.answer else { panic!("a letter") };
            assert!(item.options.unwrap().contains(&format!("{letter}. x")));
        }
    }

    #[test]
    fn every_pair_and_triple_comes_once() {
        let mut rng = Pcg64Mcg::seed_from_u64(2);
        let mut pairs: Vec<_> =
            pairs(&[4, 7, 9, 11], &mut rng).into_iter().map(|[a, b]| (a.min(b), a.max(b))).collect();
        pairs.sort_unstable();
        pairs.dedup();
        assert_eq!(pairs.len(), 6);
        assert_eq!(triples(&[4, 7, 9, 11], &mut rng).len(), 24);
    }
}
