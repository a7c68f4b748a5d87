//! Ways from thing to thing with the turns left out.

use rand::{Rng, RngExt};

use super::Item;
use super::cast::{Cast, angle_deg, choice, shuffled};
use super::vsi::{BACK_DEG, BOUNDARY_DEG};

const WAYS: usize = 4;
/// Draws, of which most are refused.
const TRIES: usize = 400;
/// Each leg is at least this long, metres.
const MIN_LEG_M: f64 = 1.0;
/// A smaller turn is none, degrees.
const AHEAD_DEG: f64 = 45.0;

const TURNS: [&str; 3] = ["Turn Back", "Turn Left", "Turn Right"];

/// Where a robot begins, what it faces, and what it goes to one after another.
struct Way {
    start: usize,
    facing: usize,
    stops: Vec<usize>,
}

pub(super) fn items(cast: &Cast<'_>, rng: &mut impl Rng) -> Vec<Item> {
    let on_floor = |&thing: &usize| cast.things[thing].standing_on.is_none() && !cast.things[thing].on_wall;
    let places: Vec<usize> = cast.singles().into_iter().filter(on_floor).collect();
    let mut items: Vec<Item> = Vec::new();
    for _ in 0..TRIES {
        let Some(way) = draw(&places, rng) else { break };
        let Some(turns) = way.turns(cast) else { continue };
        let wordings = way.wordings(cast);
        if items.iter().all(|item| item.wordings != wordings) {
            let right_first = offered(&turns, rng);
            items.push(choice("route_planning", wordings, right_first, rng));
        }
        if items.len() == WAYS {
            break;
        }
    }
    items
}

/// Two or three stops; the robot faces the first of them, or something else and has to turn at once.
fn draw(places: &[usize], rng: &mut impl Rng) -> Option<Way> {
    let order = shuffled(places.to_vec(), rng);
    let stops = rng.random_range(2..=3);
    let turns_at_once = stops == 2 && rng.random_range(0..2) == 1;
    let first_stop = if turns_at_once { 2 } else { 1 };
    let stops = order.get(first_stop..first_stop + stops)?.to_vec();
    Some(Way { start: order[0], facing: order[1], stops })
}

/// The word for a turn, left positive; none near a boundary and for going on ahead.
fn turn(angle_deg: f64) -> Option<&'static str> {
    let by = angle_deg.abs();
    if by >= BACK_DEG + BOUNDARY_DEG {
        Some(TURNS[0])
    } else if (AHEAD_DEG + BOUNDARY_DEG..=BACK_DEG - BOUNDARY_DEG).contains(&by) {
        Some(if angle_deg > 0.0 { TURNS[1] } else { TURNS[2] })
    } else {
        None
    }
}

/// The right turns and up to three others, joined as options are.
fn offered(turns: &[&'static str], rng: &mut impl Rng) -> Vec<String> {
    let mut all: Vec<Vec<&str>> = vec![Vec::new()];
    for _ in turns {
        all = all.iter().flat_map(|begun| TURNS.map(|turn| [&begun[..], &[turn]].concat())).collect();
    }
    all.retain(|others| others != turns);
    let others = shuffled(all, rng).into_iter().take(3).map(|others| others.join(", "));
    std::iter::once(turns.join(", ")).chain(others).collect()
}

impl Way {
    fn turns_at_once(&self) -> bool {
        self.facing != self.stops[0]
    }

    /// The turns to fill in; none where a leg is short or a turn is not clear.
    fn turns(&self, cast: &Cast<'_>) -> Option<Vec<&'static str>> {
        let mut heading = cast.plan(self.facing) - cast.plan(self.start);
        let mut from = self.start;
        let mut turns = Vec::new();
        if heading.norm() < MIN_LEG_M {
            return None;
        }
        for (leg, &stop) in self.stops.iter().enumerate() {
            let along = cast.plan(stop) - cast.plan(from);
            if along.norm() < MIN_LEG_M {
                return None;
            }
            if leg > 0 || self.turns_at_once() {
                turns.push(turn(angle_deg(&heading, &along))?);
            }
            (heading, from) = (along, stop);
        }
        Some(turns)
    }

    fn wordings(&self, cast: &Cast<'_>) -> [String; 3] {
        let name = |thing: usize| cast.label(thing);
        let (start, facing) = (name(self.start), name(self.facing));
        let goal = self.stops.last().map_or("", |&stop| name(stop));
        let mut actions = Vec::new();
        for (leg, &stop) in self.stops.iter().enumerate() {
            if leg > 0 || self.turns_at_once() {
                actions.push("[please fill in]".to_owned());
            }
            actions.push(format!("Go forward until the {}", name(stop)));
        }
        let numbered: Vec<String> = (1..).zip(&actions).map(|(n, action)| format!("{n}. {action}")).collect();
        let steps = numbered.join(" ");
        let note = "(Note: for each [please fill in], choose either 'turn back,' 'turn left,' or 'turn right.')";
        [
            format!(
                "You are a robot beginning at the {start} facing the {facing}. You want to navigate to the {goal}. You will \
                 perform the following actions {note}: {steps}. You have reached the final destination."
            ),
            format!(
                "A robot stands at the {start} and faces the {facing}. Its way to the {goal} has these steps {note}: {steps}. \
                 Which turns are missing?"
            ),
            format!(
                "Starting at the {start} and looking at the {facing}, how do you get to the {goal}? Fill in the turns {note}: \
                 {steps}."
            ),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::super::cast::tests::layout;
    use super::*;
    use rand::SeedableRng;
    use rand_pcg::Pcg64Mcg;

    #[test]
    fn a_turn_has_a_word_unless_it_is_small_or_unclear() {
        assert_eq!(
            [90.0, -60.0, 170.0, -141.0].map(turn),
            [Some(TURNS[1]), Some(TURNS[2]), Some(TURNS[0]), Some(TURNS[0])]
        );
        assert_eq!([0.0, 44.0, -48.0, 137.0, -132.0].map(turn), [None; 5]);
    }

    #[test]
    fn the_turns_of_a_way_are_those_on_the_plan() {
        layout(|cast| {
            let [sofa, desk, bin, shelf] = ["sofa", "desk", "bin", "shelf"].map(|label| cast.categories[label][0]);
            // North to the desk, east to the bin.
            let way = Way { start: sofa, facing: desk, stops: vec![desk, bin] };
            assert_eq!(way.turns(cast), Some(vec!["Turn Right"]));
            assert!(way.wordings(cast)[0].contains(
                "beginning at the sofa facing the desk. You want to navigate to the bin. You will perform the following \
                 actions (Note: for each [please fill in], choose either 'turn back,' 'turn left,' or 'turn right.'): 1. Go \
                 forward until the desk 2. [please fill in] 3. Go forward until the bin. You have reached"
            ));
            let back = Way { start: sofa, facing: desk, stops: vec![desk, bin, shelf] };
            assert_eq!(back.turns(cast), Some(vec!["Turn Right", "Turn Back"]));
            let at_once = Way { start: desk, facing: sofa, stops: vec![shelf, bin] };
            assert_eq!(at_once.turns(cast), Some(vec!["Turn Right", "Turn Back"]));
            assert!(
                at_once.wordings(cast)[0].contains(": 1. [please fill in] 2. Go forward until the shelf 3. [please")
            );
        });
    }

    #[test]
    fn one_turn_has_three_options_and_two_have_four() {
        let mut rng = Pcg64Mcg::seed_from_u64(1);
        assert_eq!(offered(&["Turn Left"], &mut rng).len(), 3);
        let two = offered(&["Turn Left", "Turn Back"], &mut rng);
        assert_eq!((two.len(), two[0].as_str()), (4, "Turn Left, Turn Back"));
    }
}
