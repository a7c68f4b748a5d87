//! The forms of questions, from the most telling key words to the least. The first that fits is the one asked.

use super::sentence::{Number, Sentence};
use super::words::is_scenery;
use crate::answer::options::direction_word;
use crate::answer::question::{Contact, Extent, Observer, Phrase, Quantity, Question, Sectors, Side, SideWord};
use crate::scene::{canonical, is_determiner};
use crate::score::LengthUnit;

/// What is read from: the part of the text that asks, the whole text, the options.
struct Text<'t> {
    main: &'t Sentence,
    whole: &'t Sentence,
    options: &'t [String],
}

/// The question the text asks, if it has one of the forms.
pub(super) fn read(main: &Sentence, whole: &Sentence, options: &[String]) -> Option<Question> {
    let text = Text { main, whole, options };
    text.first_seen()
        .or_else(|| text.length_given())
        .or_else(|| text.direction_between())
        .or_else(|| text.count())
        .or_else(|| text.closest())
        .or_else(|| text.distance())
        .or_else(|| text.in_picture())
        .or_else(|| text.sides())
        .or_else(|| text.contact())
        .or_else(|| text.compare())
        .or_else(|| text.room_area())
        .or_else(|| text.length())
        .or_else(|| text.position())
        .or_else(|| text.exists())
}

impl Text<'_> {
    /// "What will be the first-time appearance order of …?"
    fn first_seen(&self) -> Option<Question> {
        let order = ["order", "sequence", "chronological*", "first to last", "earliest to latest", "first", "earliest"];
        let seen = [
            "appear*",
            "first-time",
            "first-appearance",
            "first time",
            "seen",
            "saw",
            "show* up",
            "come* into view",
            "enter* the view",
            "spotted",
            "noticed",
            "encountered",
            "see",
            "visible",
        ];
        if !(self.whole.has_any(&order) && self.whole.has_any(&seen)) {
            return None;
        }
        let told = self.main.things();
        let named = if told.len() >= 2 { told } else { self.whole.things() };
        let offered = || {
            let first = self.options.first()?;
            Some(first.split([',', ';', '>']).map(Phrase::new).filter(|phrase| !phrase.0.is_empty()).collect())
        };
        let among = if named.len() >= 2 { named } else { offered()? };
        (among.len() >= 2).then_some(Question::FirstSeen { among })
    }

    /// "The door is 2.0 m high. How high is the table?"
    fn length_given(&self) -> Option<Question> {
        // Of several numbers one may lend the others its unit: "A is 0.65 meters high and B 0.43".
        let is_told = |number: &&Number| !number.squared && (number.unit.is_some() || number.value.fract() != 0.0);
        let told: Vec<&Number> = self.main.numbers.iter().filter(is_told).collect();
        told.iter().find(|number| number.unit.is_some())?;
        let side = side_asked(self.main)?;
        let last_told = told.last()?.at;
        let asked_from = self.main.mentions.iter().position(|mention| mention.from > last_told);
        // A question may ask first and tell afterwards: "how high is B if A is 0.75 m high?"
        let (given, asked): (Vec<Phrase>, Vec<Phrase>) = match asked_from {
            Some(first) => {
                let phrases = |range: &[super::sentence::Mention]| range.iter().map(|m| m.phrase.clone()).collect();
                (phrases(&self.main.mentions[..first]), phrases(&self.main.mentions[first..]))
            }
            None => {
                let mut all = self.main.things();
                let asked = all.drain(..all.len().checked_sub(told.len()).filter(|&n| n > 0)?).collect();
                (all, asked)
            }
        };
        // "With a height of 0.75 m for A, how high is B?": what is told of stands behind the number.
        let (given, asked) = match given.is_empty() && asked.len() > told.len() {
            true => (asked[..told.len()].to_vec(), asked[told.len()..].to_vec()),
            false => (given, asked),
        };
        let given: Vec<(Phrase, f64)> = given.into_iter().zip(told.iter().map(|number| number.metres())).collect();
        let same = |a: &Phrase, b: &Phrase| canonical(&a.0) == canonical(&b.0);
        let mut asked: Vec<Phrase> = asked.into_iter().filter(|a| !given.iter().any(|(g, _)| same(a, g))).collect();
        asked.dedup_by(|a, b| same(a, b));
        if given.is_empty() || asked.is_empty() {
            return None;
        }
        let what = asked.remove(0);
        Some(Question::LengthGiven { what, side, given, also: asked })
    }

    /// "Standing by A and facing B, where is C?"
    fn direction_between(&self) -> Option<Question> {
        let main = self.main;
        let [standing_at, facing] = observer_of(main)?;
        let seats = [standing_at, facing].map(|m| canonical(&main.mentions[m].phrase.0));
        let what = (0..main.mentions.len()).find(|&m| !seats.contains(&canonical(&main.mentions[m].phrase.0)))?;
        let phrase = |m: usize| main.mentions[m].phrase.clone();
        let from = Observer::Things { standing_at: phrase(standing_at), facing: phrase(facing) };
        Some(Question::Direction { from, what: phrase(what), sectors: self.sectors()? })
    }

    /// How the ground is cut: as the options say, or else the text.
    fn sectors(&self) -> Option<Sectors> {
        let offered: Vec<String> = self.options.iter().filter_map(|option| direction_word(option)).collect();
        let says = |word: &str| match offered.is_empty() {
            true => self.whole.has(word),
            false => offered.iter().any(|offer| offer == word),
        };
        let back = says("back") || says("behind") || says("rear");
        let side = says("left") || says("right");
        let ahead = ["front", "ahead", "forward"].iter().any(|word| says(word));
        let quarters = says("front-left") || says("back-right") || (ahead && back && side);
        if quarters || (offered.is_empty() && self.whole.has("quadrant*")) {
            return Some(Sectors::Four);
        }
        match (side, back) {
            (true, true) => Some(Sectors::Three),
            (true, false) => Some(Sectors::Two),
            (false, true) => Some(Sectors::FrontBack),
            // "Where is it?", "in which direction?": the finest that is defined.
            (false, false) => self.whole.has_any(&["where", "direction", "which way"]).then_some(Sectors::Four),
        }
    }

    /// "How many chairs are there?"
    fn count(&self) -> Option<Question> {
        let main = self.main;
        let at = main.find("how many").map(|at| at + 2);
        let at = at.or_else(|| {
            ["number of", "count of", "quantity of", "amount of"]
                .iter()
                .find_map(|words| main.find(words))
                .map(|at| at + 2)
        });
        let at = at.or_else(|| main.find("count").map(|at| at + 1))?;
        // "How many metres apart" asks for a length.
        if main
            .words
            .get(at)
            .is_some_and(|word| LengthUnit::of_word(word).is_some() || word == "square" || word == "times")
        {
            return None;
        }
        let what = main.mentions.iter().find(|mention| mention.from >= at).or(main.mentions.first())?;
        Some(Question::Count { what: what.phrase.clone(), within: self.extent() })
    }

    fn extent(&self) -> Extent {
        extent_of(self.main)
    }

    /// "Which of these (A, B, C) is the closest to D?"
    fn closest(&self) -> Option<Question> {
        let main = self.main;
        let next_is = |at: usize, stems: &[&str]| {
            main.words.get(at + 1).is_some_and(|next| stems.iter().any(|stem| next.starts_with(stem)))
        };
        let (key, word) = main.keys().find(|&(at, word)| match word {
            "closest" | "nearest" | "closer" | "nearer" | "farthest" | "furthest" | "farther" | "further" => {
                let of_their = at > 0 && main.words[at - 1] == "their";
                let to_a_side = (at + 1..at + 4).any(|at| matches!(main.key(at), Some("left" | "right")));
                // "Where they are closest to each other" says how a gap is measured.
                let to_each_other = main.key(at + 1) == Some("to") && matches!(main.key(at + 2), Some("each" | "one"));
                !of_their && !to_a_side && !to_each_other && !next_is(at, &["point", "edge", "apart"])
            }
            "shortest" | "smallest" | "least" | "greatest" | "largest" | "longest" | "most" => {
                next_is(at, &["distant", "far"])
                    || (self.asks_which() && next_is(at, &["distance", "gap"]) && !self.is_one_gap())
            }
            _ => false,
        })?;
        let farthest = match word {
            "greatest" | "largest" | "longest" | "most" => true,
            word => word.starts_with("far") || word.starts_with("fur"),
        };
        let leads_to = |m: &usize| {
            main.lead(*m).iter().rev().take(3).any(|word| matches!(word.as_str(), "to" | "from" | "of" | "by"))
        };
        let after: Vec<usize> = (0..main.mentions.len()).filter(|&m| main.mentions[m].from > key).collect();
        let preposition = |m: &usize| main.lead(*m).iter().any(|word| matches!(word.as_str(), "to" | "from"));
        let target =
            after.iter().copied().find(preposition).or_else(|| (0..main.mentions.len()).rev().find(preposition));
        let target = target
            .or_else(|| after.iter().copied().find(leads_to))
            .or(after.first().copied())
            .or(main.mentions.len().checked_sub(1))?;
        let to = main.mentions[target].phrase.clone();
        let others = |named: Vec<Phrase>| -> Vec<Phrase> {
            named.into_iter().filter(|phrase| canonical(&phrase.0) != canonical(&to.0)).collect()
        };
        let mut among = match self.options.is_empty() {
            true => others(main.things()),
            false => others(self.options.iter().map(|option| Phrase::new(option)).collect()),
        };
        if among.is_empty() {
            // The list may stand behind the question.
            among = others(self.whole.things());
        }
        Some(Question::Closest { to, among, farthest })
    }

    /// "What is the shortest distance between A and B?" has nothing to choose from.
    fn is_one_gap(&self) -> bool {
        self.main.has("between") && self.options.is_empty() && self.main.things().len() == 2
    }

    /// "How far apart are A and B?"
    fn distance(&self) -> Option<Question> {
        let main = self.main;
        let far =
            ["distance", "how far", "how close", "how near", "apart", "gap", "separat*", "away", "distant", "spacing"];
        let room_between = main.has("between") && (self.asks_length() || main.has_any(&["space", "room", "clearance"]));
        let so_far_from = main.has("from") && self.asks_length() && side_asked(main).is_none();
        let from_viewer = main.has("depth") && main.has_any(&["from", "viewer", "camera"]);
        if !(main.has_any(&far) || room_between || so_far_from || from_viewer) || self.is_yes_no() {
            return None;
        }
        let things = main.things();
        let mut things = things.into_iter();
        match (things.next(), things.next()) {
            (Some(from), Some(to)) => Some(Question::Distance { from, to }),
            (Some(what), None) => Some(Question::Range { what }),
            _ => None,
        }
    }

    fn asks_length(&self) -> bool {
        self.main.keys().any(|(_, word)| LengthUnit::of_word(word).is_some_and(|_| word.len() > 2))
    }

    /// "Which object is at (0.3, 0.4)?", "What are the coordinates of the cup?"
    fn in_picture(&self) -> Option<Question> {
        let main = self.main;
        if let [x, y, ..] = main.numbers[..] {
            let apart = y.at - x.at <= 6 && main.mentions.iter().all(|mention| mention.from > y.at);
            let places =
                main.has_any(&["coordinate*", "located", "at", "position*", "point", "location", "lies", "found"]);
            if apart && places && (0.0..=1.0).contains(&x.value) && (0.0..=1.0).contains(&y.value) {
                return Some(Question::AtPicture { at: [x.value, y.value] });
            }
        }
        let what = main.mentions.first()?.phrase.clone();
        let world = main.has_any(&["world", "3d", "map", "room coordinates", "xyz", "metric"]);
        let within = if world { Extent::Scene } else { Extent::Picture };
        main.has("coordinate*").then_some(Question::Position { what, within })
    }

    /// "Is A left of B?", "Which of A and B is on the left?"
    fn sides(&self) -> Option<Question> {
        let main = self.main;
        let said: Vec<SideWord> = [
            (SideWord::Left, &["left", "left-hand", "leftmost"][..]),
            (SideWord::Right, &["right", "right-hand", "rightmost"]),
            (SideWord::Front, &["front", "ahead", "nearer to me"]),
            (SideWord::Behind, &["behind", "back"]),
        ]
        .iter()
        .filter(|(_, words)| main.has_any(words))
        .map(|&(side, _)| side)
        .collect();
        let first = *said.first()?;
        let mut things = main.things();
        if things.len() == 2 && names_other_first(main) {
            things.swap(0, 1);
        }
        let choice =
            said.contains(&SideWord::Left) && said.contains(&SideWord::Right) || !self.sided_options().is_empty();
        match (&things[..], choice) {
            ([what], true) => {
                let sectors = self.sectors()?;
                Some(Question::Direction { from: Observer::Viewer, what: what.clone(), sectors })
            }
            ([what], false) => {
                Some(Question::SideOf { what: what.clone(), side: first, of: None, from: Observer::Viewer })
            }
            ([what, of], true) => {
                Some(Question::LeftOrRight { what: what.clone(), of: of.clone(), from: Observer::Viewer })
            }
            ([a, b], false) if self.asks_which() => {
                Some(Question::WhichSide { among: vec![a.clone(), b.clone()], side: first })
            }
            ([what, of], false) => {
                Some(Question::SideOf { what: what.clone(), side: first, of: Some(of.clone()), from: Observer::Viewer })
            }
            _ => None,
        }
    }

    /// Whether yes or no is the answer.
    fn is_yes_no(&self) -> bool {
        let verbs = ["is", "are", "was", "were", "does", "do", "did"];
        verbs.contains(&self.main.first_word()) && !self.main.has_any(&["how", "what", "which", "where", "or"])
    }

    fn sided_options(&self) -> Vec<String> {
        self.options.iter().filter_map(|option| direction_word(option)).collect()
    }

    /// Whether one of several is wanted, and not yes or no.
    fn asks_which(&self) -> bool {
        let choice = self.main.has_any(&["which", "what", "who"]);
        let offers_things = !self.options.is_empty()
            && self
                .options
                .iter()
                .all(|option| !matches!(option.to_lowercase().as_str(), "yes" | "no" | "true" | "false"));
        let order = ["name", "identify", "choose", "pick", "select"];
        choice || offers_things || order.contains(&self.whole.first_word())
    }

    /// "Is the cup on the table?"
    fn contact(&self) -> Option<Question> {
        let main = self.main;
        if !["is", "are", "does", "do"].contains(&main.first_word()) || main.has("than") {
            return None;
        }
        let contact = CONTACTS.iter().find(|(_, words)| main.has_any(words))?.0;
        let things = main.things();
        let [what, of] = &things[..] else { return None };
        Some(Question::Contact { what: what.clone(), contact, of: of.clone() })
    }

    /// "Which is taller, A or B?", "Is A taller than B?"
    fn compare(&self) -> Option<Question> {
        let main = self.main;
        let (at, by, least) = main.keys().find_map(|(at, word)| {
            let (by, least) = comparison(word).or_else(|| self.more_of(at, word))?;
            // "The longest dimension" is a length, not a contest; "a greater length" is one.
            let contest = word.ends_with("er") || matches!(word, "more" | "most" | "less" | "least");
            let measures = !contest && main.words.get(at + 1).is_some_and(|next| measured_noun(next));
            (!measures).then_some((at, by, least))
        })?;
        let by = self.quantity_named(at).unwrap_or(by);
        let things: Vec<Phrase> = main.things();
        let offered: Vec<Phrase> = self.options.iter().map(|option| Phrase::new(option)).collect();
        let yes_no = main.has("than") && !self.asks_which();
        match (&things[..], yes_no) {
            ([what, than], true) => Some(Question::More { what: what.clone(), than: than.clone(), by, less: least }),
            ([_, _, ..], _) => Some(Question::Most { among: things, by, least }),
            _ if offered.len() >= 2 => Some(Question::Most { among: offered, by, least }),
            _ => None,
        }
    }

    /// "More height", "less width".
    fn more_of(&self, at: usize, word: &str) -> Option<(Quantity, bool)> {
        let least = matches!(word, "less" | "least");
        if matches!(word, "most" | "least") && self.main.has("bottom") && self.main.has("top") {
            return Some((Quantity::Side(Side::Height), least));
        }
        let next = self.main.words.get(at + 1)?;
        let named = matches!(next.as_str(), "height" | "width" | "length");
        (named && (least || matches!(word, "more" | "most"))).then_some((Quantity::Volume, least))
    }

    /// "Greater in height": the quantity that a bare "greater" is about.
    fn quantity_named(&self, at: usize) -> Option<Quantity> {
        let bare = [
            "greater", "greatest", "more", "most", "less", "least", "lower", "larger", "largest", "smaller",
            "smallest", "bigger", "biggest", "higher", "highest",
        ];
        if !bare.contains(&self.main.words[at].as_str()) {
            return None;
        }
        let named =
            [("height", Side::Height), ("tall*", Side::Height), ("width", Side::Width), ("length", Side::Length)];
        let found = named.iter().find(|(word, _)| self.main.has(word))?;
        Some(Quantity::Side(found.1))
    }

    /// "How tall is A?", "What is the longest dimension of A?", "What is the size of A?"
    fn length(&self) -> Option<Question> {
        let side = side_asked(self.main);
        let what = self.main.mentions.first().or(self.whole.mentions.first())?.phrase.clone();
        match side {
            Some(side) => Some(Question::Length { what, side }),
            None => asks_size(self.main).then_some(Question::Size { what }),
        }
    }

    /// "What is the size of this room (in square metres)?"
    fn room_area(&self) -> Option<Question> {
        let place = ["room", "rooms", "apartment", "space", "floor", "house", "place", "area", "scene"];
        let measure = ["area", "size", "big", "large", "square", "spacious", "footage", "floor space"];
        let is_place =
            |phrase: &Phrase| phrase.0.split(' ').next().is_some_and(|word| word == "floor" || is_scenery(word));
        let floor_alone = self.main.mentions.iter().all(|mention| is_place(&mention.phrase));
        let asks = self.whole.has_any(&place) && self.whole.has_any(&measure) && !self.is_yes_no();
        (floor_alone && asks).then_some(Question::RoomArea)
    }

    /// "Is there a piano?"
    fn exists(&self) -> Option<Question> {
        let asks = self.main.has_any(&[
            "there",
            "any",
            "exist*",
            "present",
            "visible",
            "contain*",
            "include*",
            "show*",
            "have",
            "has",
            "see",
            "notice",
            "find",
            "spot",
            "in the picture",
            "in the image",
            "in this",
        ]);
        let what = self.main.mentions.first()?.phrase.clone();
        asks.then(|| Question::Exists { what, within: self.extent() })
    }

    /// "Where is the cup?"
    fn position(&self) -> Option<Question> {
        let what = self.main.mentions.first()?.phrase.clone();
        let asks = ["where", "position", "location", "locate", "located", "point to", "point at", "point out"];
        let within = self.extent();
        (self.main.has_any(&asks) && !self.is_yes_no()).then_some(Question::Position { what, within })
    }
}

/// The words for how things lie to each other; the first that is found is meant.
pub(super) const CONTACTS: &[(Contact, &[&str])] = &[
    (Contact::Touching, &["touch*", "in contact", "against"]),
    (Contact::Inside, &["inside", "within", "contained"]),
    (Contact::Under, &["under", "underneath", "beneath"]),
    (Contact::Below, &["below"]),
    (Contact::Above, &["above"]),
    (Contact::Near, &["near", "next to", "beside", "close to", "by", "nearby", "adjacent to"]),
    (Contact::On, &["on", "atop"]),
    (Contact::Inside, &["in"]),
];

/// Where the question looks: in a picture if it speaks of one.
pub(super) fn extent_of(sentence: &Sentence) -> Extent {
    let pictured = sentence.has_any(&["picture", "image", "photo*", "frame", "view", "shot"]);
    if pictured { Extent::Picture } else { Extent::Scene }
}

/// Which mentions the observer stands at and faces.
pub(super) fn observer_of(sentence: &Sentence) -> Option<[usize; 2]> {
    let led_by = |m: usize, stems: &[&str]| {
        let lead = sentence.lead(m);
        lead.iter().rev().take(6).any(|word| stems.iter().any(|stem| word.starts_with(stem)))
    };
    let turned = ["fac", "look", "toward", "gaz", "orient", "turned", "view"];
    let places = ["stand", "stood", "being", "at", "by", "beside", "next", "near", "position", "located", "from"];
    let count = sentence.mentions.len();
    let facing = (0..count).find(|&m| led_by(m, &turned))?;
    let faced = canonical(&sentence.mentions[facing].phrase.0);
    let other = |m: &usize| canonical(&sentence.mentions[*m].phrase.0) != faced;
    let standing_at = (0..count).filter(other).find(|&m| led_by(m, &places))?;
    Some([standing_at, facing])
}

/// Whether the thing that the other is seen from is named first: "on which side of A is B?", "left of A, is there B?"
pub(super) fn names_other_first(sentence: &Sentence) -> bool {
    if sentence.mentions.is_empty() {
        return false;
    }
    let lead: Vec<&str> = sentence.lead(0).iter().map(String::as_str).filter(|word| !is_determiner(word)).collect();
    let from = ["side of", "left of", "right of", "front of", "relative to", "compared to", "respect to"];
    lead.last() == Some(&"behind") || matches!(lead[..], [.., a, b] if from.contains(&format!("{a} {b}").as_str()))
}

/// Whether two phrases are the same words.
pub(super) fn is_one_thing(a: &Phrase, b: &Phrase) -> bool {
    canonical(&a.0) == canonical(&b.0)
}

/// Words after which a superlative measures one thing.
pub(super) fn measured_noun(word: &str) -> bool {
    ["dimension", "side", "edge", "extent", "length", "measure", "axis", "distance", "gap"]
        .iter()
        .any(|noun| word.starts_with(noun))
}

/// What a comparing word compares, and whether the least of it is meant.
pub(super) fn comparison(word: &str) -> Option<(Quantity, bool)> {
    let side = |side| Quantity::Side(side);
    Some(match word {
        "taller" | "tallest" => (side(Side::Height), false),
        "shorter" | "shortest" => (side(Side::Height), true),
        "higher" | "highest" => (side(Side::Height), false),
        "lower" | "lowest" => (side(Side::Height), true),
        "wider" | "widest" | "broader" | "broadest" => (side(Side::Width), false),
        "narrower" | "narrowest" | "thinner" | "thinnest" => (side(Side::Width), true),
        "longer" | "longest" => (side(Side::Length), false),
        "larger" | "largest" | "bigger" | "biggest" | "greater" | "greatest" => (Quantity::Volume, false),
        "smaller" | "smallest" => (Quantity::Volume, true),
        _ => return None,
    })
}

/// The side of a box that is asked for.
fn side_asked(sentence: &Sentence) -> Option<Side> {
    side_of_words(sentence.keys().map(|(_, word)| word))
}

/// The one side that the words name.
pub(super) fn side_of_words<'w>(words: impl Iterator<Item = &'w str>) -> Option<Side> {
    let words: Vec<&str> = words.collect();
    let superlative =
        |sought: &[&str]| words.windows(2).any(|pair| sought.contains(&pair[0]) && measured_noun(pair[1]));
    let any = |sought: &[&str]| words.iter().any(|word| sought.contains(word));
    let of_three = ["length", "width", "height"].iter().all(|side| words.contains(side));
    if of_three && any(&["longest", "largest", "greatest", "biggest"]) {
        return Some(Side::Longest);
    }
    if superlative(&["longest", "largest", "greatest", "biggest", "maximum", "max"]) {
        return Some(Side::Longest);
    }
    if superlative(&["shortest", "smallest", "minimum", "thinnest"]) {
        return Some(Side::Shortest);
    }
    let height = any(&["height", "heights", "tall", "high", "tallness"]);
    let width = any(&["width", "wide", "breadth", "broad", "depth", "deep"]);
    let length = any(&["length", "long"]);
    match (height, width, length) {
        (true, false, false) => Some(Side::Height),
        (false, true, false) => Some(Side::Width),
        (false, false, true) => Some(Side::Length),
        _ => None,
    }
}

/// Whether length, width and height are all asked for.
fn asks_size(sentence: &Sentence) -> bool {
    sentence.has_any(&["size", "sizes", "dimension*", "big", "large", "measurement*", "length"])
}
