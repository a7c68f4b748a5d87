//! The small words of questions: which open the name of a thing, which end one, which name no thing.

use std::collections::BTreeSet;
use std::sync::LazyLock;

/// After these a thing may be named.
const OPENERS: &str = "
    the a an this that these those any some each every my your its of to from between and or than by at facing face
    many near beside towards toward with on in under above below behind inside beneath is are until through past
    reach does do see no for touching vs versus both all other another me whose reaching contains contain show shows
    being were was have has having
";

/// After these marks too.
const OPENING_MARKS: &[&str] = &["(", ",", ":", ";", "\n", "\"", "'", "["];

/// What is done, or said of a thing.
const VERBS: &str = "
    turned turns pointed pointing headed oriented watching taking
    is are was were be been being am do does did has have had can could will would should may might must appear
    appears appeared appearing stand standing stands stood face facing faces look looking looks see seen sees turn
    turning go going walk move navigate reach measure measured measures measuring located placed positioned found
    shown visible exist exists present contain contains touch touches touching lie lies sit sits sitting rest rests
    resting give given tell say says estimate estimated compare compared consider considering know knowing known
    suppose assume assuming find count take taken need want choose pick select answer state provide determine
    calculate rank sort order list name identify imagine starting start beginning begin begins starts heading head
    perform come comes show shows apart reaches hang hanging hangs reaching lying situated stay stays detected
    observed spotted depicted occupy occupies cover covers span spans taking like locate seem seems
    continue proceed straight forward separate separates separated belong
    belongs correspond corresponds corresponding notice notices include includes remain remains occur occurs
";

/// Prepositions, conjunctions, pronouns, numbers and the like.
const JOINTS: &str = "
    of to from in on at by with within without into onto over under above below behind beside between among amongst
    near inside outside against towards toward through across along around beneath underneath next past until for
    and or but nor than as if then so because while when where which what who whose how why whether there here not
    no yes it they them i me you we he she one two three four five six seven eight nine ten only also just both
    either neither all other another same about approximately roughly exactly please first second third last total
    altogether overall currently now away off up down out per via vs versus x respectively best correct true false
    directly combined actual before after earlier later never
    anywhere somewhere everywhere nowhere hence thus however probably likely maybe perhaps nearly almost following described itself more most less least some many much few
";

/// Directions and comparisons.
const COMPARING: &str = "
    left right front back ahead rear front-left front-right back-left back-right close closer closest nearer nearest
    far farther farthest further furthest distant tall taller tallest high higher highest short shorter shortest low
    lower lowest long longer longest wide wider widest narrow narrower narrowest deep deeper deepest big bigger
    biggest large larger largest small smaller smallest maximum minimum relative horizontal vertical horizontally
    vertically greater greatest different distinct individual bulkier bulkiest backward backwards forwards rightmost leftmost quite very
";

/// Quantities and units.
const MEASURING: &str = "
    distance distances height heights width length depth size sizes area dimension dimensions extent number gap
    coordinate coordinates position location direction meter meters metre metres cm mm m ft feet foot inch inches
    centimeter centimeters centimetre centimetres millimeters millimetres degrees square perspective viewpoint point
    points side quadrant quadrants terms units unit approximate normalized normalised pixel exact precise rough
    average breadth value footage minimal maximal sq amount quantity measurement measurements y z xy xyz
";

/// Nouns that name the place, the picture or the question itself, never a thing of the scene.
const SCENERY: &str = "
    furniture piece pieces room rooms scene picture image photo photograph video frame frames view viewer camera observer robot object
    objects thing things item items category categories instance instances option options choice choices question
    letter word phrase space apartment house place spot way route path destination action actions note step steps
    turns order origin plane axis y-axis x-axis cartesian middle center centre top bottom edge edges surface unit
    units number value time appearance first-time first-appearance person user me myself eye eyes ground region part front back left
    right anything something nothing kind kinds type types footage map reference perspective area floor list terms
    blank blanks dimensions mind moment hand help other others layout environment recording clip
    scan sequence today total turn
";

/// Adjectives and sides that may begin the name of a thing after an article: "the left shoe", "a tall lamp".
const QUALIFIERS: &str = "
    left right front back rear tall high short low long wide narrow deep big large small first second third last round
";

/// Words of a list, made once.
struct Words(LazyLock<BTreeSet<&'static str>>);

impl Words {
    fn has(&self, word: &str) -> bool {
        self.0.contains(word)
    }
}

fn set(lists: &[&'static str]) -> BTreeSet<&'static str> {
    lists.iter().flat_map(|list| list.split_whitespace()).collect()
}

/// After these a thing may be named.
pub(super) fn opens_phrase(word: &str) -> bool {
    static WORDS: Words = Words(LazyLock::new(|| set(&[OPENERS])));
    OPENING_MARKS.contains(&word) || WORDS.has(word)
}

/// These end the name of a thing and are never part of one that no lexicon knows.
pub(super) fn ends_phrase(word: &str) -> bool {
    static WORDS: Words = Words(LazyLock::new(|| set(&[VERBS, JOINTS, COMPARING, MEASURING])));
    WORDS.has(word)
}

/// These name no thing of the scene.
pub(super) fn is_scenery(word: &str) -> bool {
    static WORDS: Words = Words(LazyLock::new(|| set(&[SCENERY])));
    WORDS.has(word)
}

/// The picture itself; or a thing on a wall.
pub(super) fn is_picture(word: &str) -> bool {
    matches!(word, "picture" | "image" | "photo" | "photograph" | "frame")
}

/// Whether the word may begin a name after an article.
pub(super) fn qualifies(word: &str) -> bool {
    static WORDS: Words = Words(LazyLock::new(|| set(&[QUALIFIERS])));
    WORDS.has(word)
}
