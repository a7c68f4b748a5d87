//! Which way something lies, in words, and how close the call was.
//!
//! From the local metres (u right, v ahead) the bearing is `θ = atan2(u, v)`: 0 ahead, positive to the right. Each rule
//! cuts the ground along rays from the observer: left/right along 0° and 180°; left/right/back along 0° and ±135°;
//! quadrants along 0°, ±90° and 180°. The margin is the distance to the nearest ray, in metres and in degrees. What lies
//! on a ray, and the observer itself, has margin 0 and counts as right, as front and, at ±135°, as back.

/// Beyond this bearing to either side something is behind, degrees.
const BACK_DEG: f64 = 135.0;

/// A word with its margin.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Verdict<W> {
    /// The answer.
    pub word: W,
    /// How far the thing would have to move for another answer, metres.
    pub margin_m: f64,
    /// How far the observer would have to turn for another answer, degrees.
    pub margin_deg: f64,
}

/// Left or right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// To the left.
    Left,
    /// To the right.
    Right,
}

/// Left, right or back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SideOrBack {
    /// To the left, not behind.
    Left,
    /// To the right, not behind.
    Right,
    /// Behind: 135 degrees or more to either side.
    Back,
}

/// One of four quadrants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quadrant {
    /// Ahead, to the left.
    FrontLeft,
    /// Ahead, to the right.
    FrontRight,
    /// Behind, to the left.
    BackLeft,
    /// Behind, to the right.
    BackRight,
}

impl Side {
    /// The word used in texts.
    pub fn word(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Right => "right",
        }
    }
}

impl SideOrBack {
    /// The word used in texts.
    pub fn word(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Right => "right",
            Self::Back => "back",
        }
    }
}

impl Quadrant {
    /// The word used in texts.
    pub fn word(self) -> &'static str {
        match self {
            Self::FrontLeft => "front-left",
            Self::FrontRight => "front-right",
            Self::BackLeft => "back-left",
            Self::BackRight => "back-right",
        }
    }
}

/// Bearing of local metres (right, ahead), degrees in (−180, 180], right positive; 0 at the observer itself.
pub fn bearing_deg(local_m: [f64; 2]) -> f64 {
    // Adding 0 turns -0 into 0, which atan2 would take for the other side of straight behind.
    (local_m[0] + 0.0).atan2(local_m[1] + 0.0).to_degrees()
}

/// Left or right of the observer.
pub fn left_or_right(local_m: [f64; 2]) -> Verdict<Side> {
    let word = if local_m[0] >= 0.0 { Side::Right } else { Side::Left };
    with_margin(word, local_m, &[0.0, 180.0])
}

/// Left, right, or behind by 135 degrees and more.
pub fn left_right_or_back(local_m: [f64; 2]) -> Verdict<SideOrBack> {
    let word = match bearing_deg(local_m) {
        bearing if bearing.abs() >= BACK_DEG => SideOrBack::Back,
        bearing if bearing >= 0.0 => SideOrBack::Right,
        _ => SideOrBack::Left,
    };
    with_margin(word, local_m, &[0.0, BACK_DEG, -BACK_DEG])
}

/// In which quadrant.
pub fn quadrant(local_m: [f64; 2]) -> Verdict<Quadrant> {
    let word = match (local_m[1] >= 0.0, local_m[0] >= 0.0) {
        (true, false) => Quadrant::FrontLeft,
        (true, true) => Quadrant::FrontRight,
        (false, false) => Quadrant::BackLeft,
        (false, true) => Quadrant::BackRight,
    };
    with_margin(word, local_m, &[0.0, 90.0, -90.0, 180.0])
}

/// An angle brought into [−180, 180), degrees.
pub(crate) fn turned_deg(angle_deg: f64) -> f64 {
    (angle_deg + 180.0).rem_euclid(360.0) - 180.0
}

fn with_margin<W>(word: W, local_m: [f64; 2], rays_deg: &[f64]) -> Verdict<W> {
    let distance_m = local_m[0].hypot(local_m[1]);
    if distance_m == 0.0 {
        return Verdict { word, margin_m: 0.0, margin_deg: 0.0 };
    }
    let bearing = bearing_deg(local_m);
    let margin_deg = rays_deg.iter().map(|&ray| turned_deg(bearing - ray).abs()).fold(f64::INFINITY, f64::min);
    // Past a right angle the nearest point of a ray is where it starts.
    let margin_m = distance_m * margin_deg.min(90.0).to_radians().sin();
    Verdict { word, margin_m, margin_deg }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_those_of_someone_facing_ahead() {
        assert_eq!(left_or_right([-1.0, -9.0]).word, Side::Left);
        assert_eq!(left_right_or_back([-1.0, -0.9]).word, SideOrBack::Left);
        assert_eq!(left_right_or_back([-1.0, -1.1]).word, SideOrBack::Back);
        assert_eq!(left_right_or_back([1.0, -1.0]).word, SideOrBack::Back);
        assert_eq!(quadrant([-1.0, 1.0]).word, Quadrant::FrontLeft);
        assert_eq!(quadrant([0.0, -1.0]).word.word(), "back-right");
    }

    #[test]
    fn the_margin_is_the_way_to_the_nearest_ray() {
        let side = left_or_right([3.0, 4.0]);
        assert!((side.margin_m - 3.0).abs() < 1e-12 && (side.margin_deg - 3f64.atan2(4.0).to_degrees()).abs() < 1e-12);
        let right = left_right_or_back([1.0, 0.0]);
        assert!((right.margin_deg - 45.0).abs() < 1e-9 && (right.margin_m - 0.5f64.sqrt()).abs() < 1e-12);
        let straight_back = left_right_or_back([0.0, -2.0]);
        assert!((straight_back.margin_deg - 45.0).abs() < 1e-9);
        let corner = quadrant([0.5, 2.0]);
        assert!((corner.margin_m - 0.5).abs() < 1e-12);
        assert_eq!(quadrant([0.0, 0.0]).margin_m, 0.0);
    }

    #[test]
    fn a_bearing_behind_is_half_a_turn_and_never_minus_half() {
        assert_eq!(bearing_deg([0.0, -1.0]), 180.0);
        assert_eq!(bearing_deg([-0.0, -1.0]), 180.0);
        assert_eq!(bearing_deg([-1.0, 0.0]), -90.0);
    }
}
