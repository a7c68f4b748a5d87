//! Cues joined.

use super::cues::{Cue, CueKind};
use super::robust::{Sample, mean_of};
use crate::error::{Error, Result};
use std::fmt;

/// Kinds that differ by more than so many standard deviations of their difference contradict each other.
const CONFLICT_SIGMAS: f64 = 3.0;

/// The factor that makes depth metric.
#[derive(Debug, Clone, PartialEq)]
pub struct ScaleEstimate {
    /// Metres a unit.
    pub factor: f64,
    /// Its standard deviation as a share of it: that of its logarithm.
    pub sigma_ln: f64,
    /// What each kind of cue says.
    pub kinds: Vec<KindReport>,
    /// Kinds that contradict each other. The estimate lies between, and is as unsure as they are apart.
    pub conflicts: Vec<Conflict>,
}

/// What the cues of a kind say together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KindReport {
    /// The kind.
    pub kind: CueKind,
    /// Metres a unit.
    pub factor: f64,
    /// Its standard deviation as a share of it.
    pub sigma_ln: f64,
    /// How many cues.
    pub cues: usize,
    /// How far it is from the estimate, `ln` of its factor over that.
    pub residual_ln: f64,
}

/// Two kinds that contradict each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Conflict {
    /// Both.
    pub kinds: [CueKind; 2],
    /// The first one's factor over the second's.
    pub ratio: f64,
    /// How far apart they are, standard deviations.
    pub sigmas: f64,
}

impl ScaleEstimate {
    /// Joins cues. Fails if there is none, or one that cannot be.
    pub fn of(cues: &[Cue]) -> Result<Self> {
        let is_number = |cue: &Cue| [cue.ln_factor, cue.sigma_ln, cue.shared_ln].iter().all(|x| x.is_finite());
        if let Some(wrong) = cues.iter().find(|cue| !is_number(cue) || cue.sigma_ln < 0.0 || cue.shared_ln < 0.0) {
            return Err(Error::argument(format!(
                "a cue of {} is {wrong:?}, expected finite numbers",
                wrong.kind.words()
            )));
        }
        let mut kinds: Vec<KindReport> = Vec::new();
        for kind in [CueKind::SensorPoints, CueKind::CameraHeight, CueKind::KnownSize, CueKind::Odometry] {
            let of_kind: Vec<&Cue> = cues.iter().filter(|cue| cue.kind == kind).collect();
            let samples: Vec<Sample> = of_kind.iter().map(|cue| (cue.ln_factor, cue.sigma_ln)).collect();
            let Some(mean) = mean_of(&samples) else { continue };
            let shared = of_kind.iter().map(|cue| cue.shared_ln).fold(0.0, f64::max);
            let sigma_ln = mean.sigma.hypot(shared).max(1e-6);
            kinds.push(KindReport { kind, factor: mean.value.exp(), sigma_ln, cues: of_kind.len(), residual_ln: 0.0 });
        }
        let weight: f64 = kinds.iter().map(|one| one.sigma_ln.powi(-2)).sum();
        if kinds.is_empty() {
            return Err(Error::argument("no cue tells the scale, expected one at least"));
        }
        let ln_factor = kinds.iter().map(|one| one.factor.ln() * one.sigma_ln.powi(-2)).sum::<f64>() / weight;
        kinds.iter_mut().for_each(|one| one.residual_ln = one.factor.ln() - ln_factor);
        let chi_square: f64 = kinds.iter().map(|one| (one.residual_ln / one.sigma_ln).powi(2)).sum();
        // What does not fit together is less sure than each part claims to be.
        let wider = (chi_square / (kinds.len() as f64 - 1.0).max(1.0)).sqrt().max(1.0);
        let sigma_ln = weight.sqrt().recip() * wider;
        let conflicts = conflicts(&kinds);
        Ok(Self { factor: ln_factor.exp(), sigma_ln, kinds, conflicts })
    }

    /// The factors between which the true one is in nine of ten cases.
    pub fn interval_90(&self) -> [f64; 2] {
        [-1.645, 1.645].map(|sigmas| self.factor * (sigmas * self.sigma_ln).exp())
    }
}

fn conflicts(kinds: &[KindReport]) -> Vec<Conflict> {
    let pairs = kinds.iter().enumerate().flat_map(|(at, a)| kinds[at + 1..].iter().map(move |b| (a, b)));
    pairs
        .map(|(a, b)| {
            let apart = a.factor.ln() - b.factor.ln();
            let sigmas = apart.abs() / a.sigma_ln.hypot(b.sigma_ln);
            Conflict { kinds: [a.kind, b.kind], ratio: apart.exp(), sigmas }
        })
        .filter(|one| one.sigmas > CONFLICT_SIGMAS)
        .collect()
}

impl fmt::Display for ScaleEstimate {
    /// "0.3702 metres a unit, within 1.3 %: camera height 0.3702 (9 cues); camera height and odometry differ by 12 %".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.4} metres a unit, within {:.1} %:", self.factor, 100.0 * self.sigma_ln)?;
        for (at, one) in self.kinds.iter().enumerate() {
            let (comma, words) = (if at > 0 { "," } else { "" }, one.kind.words());
            write!(f, "{comma} {words} {:.4} within {:.1} % ({} cues)", one.factor, 100.0 * one.sigma_ln, one.cues)?;
        }
        for Conflict { kinds: [a, b], ratio, sigmas } in &self.conflicts {
            let percent = 100.0 * (ratio - 1.0).abs();
            write!(f, "; {} and {} differ by {percent:.0} % ({sigmas:.1} sigma)", a.words(), b.words())?;
        }
        Ok(())
    }
}
