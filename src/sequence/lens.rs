//! Intrinsics without an image size, as files and flags give them.

use super::text;
use crate::error::{Error, Result};
use crate::frame::{Distortion, DistortionModel, Intrinsics};
use std::path::Path;

/// Focal lengths, principal point (pixels) and distortion. The size comes from the images.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lens {
    /// fx, fy, cx, cy, pixels.
    pub pinhole: [f64; 4],
    /// Lens distortion.
    pub distortion: Distortion,
}

impl Lens {
    /// From fx, fy, cx, cy and the coefficients of the lens in the order of ROS, if there are any. Without a model, five
    /// are `plumb_bob`'s (k1, k2, p1, p2, k3) and eight `rational_polynomial`'s (then k4, k5, k6); a fisheye must be named.
    pub fn from_numbers(numbers: &[f64], model: Option<DistortionModel>) -> Result<Self> {
        if let Some(number) = numbers.iter().find(|number| !number.is_finite()) {
            return Err(Error::argument(format!("intrinsics hold {number}, expected finite numbers")));
        }
        let wrong = || {
            Error::argument(format!(
                "intrinsics are {} numbers, expected 4 (fx,fy,cx,cy), 9 (then k1,k2,p1,p2,k3), 12 (then k4,k5,k6), or 8 \
                 of a lens said to be equidistant (fx,fy,cx,cy,k1,k2,k3,k4)",
                numbers.len()
            ))
        };
        let (pinhole, coefficients) = numbers.split_first_chunk().ok_or_else(wrong)?;
        let distortion = match (model, coefficients.len()) {
            (None, 0) => Distortion::default(),
            (None, 5) => Distortion::new(DistortionModel::PlumbBob, coefficients)?,
            (None, 8) => Distortion::new(DistortionModel::RationalPolynomial, coefficients)?,
            (None, _) => return Err(wrong()),
            (Some(model), 0) => Distortion::new(model, &vec![0.0; model.coefficient_names().len()])?,
            (Some(model), _) => Distortion::new(model, coefficients)?,
        };
        Ok(Self { pinhole: *pinhole, distortion })
    }

    /// Reads "[MODEL,]fx,fy,cx,cy[,k1,...]", MODEL being `plumb_bob`, `rational_polynomial` or `equidistant`.
    pub fn parse(text: &str) -> Result<Self> {
        let first = text.split(',').next().unwrap_or_default().trim();
        if first.starts_with(|c: char| c.is_ascii_lowercase()) && first.parse::<f64>().is_err() {
            let model = DistortionModel::parse(first)?;
            let (_, rest) = text.split_once(',').unwrap_or((text, ""));
            return Self::from_numbers(&text::numbers(rest, ',')?, Some(model));
        }
        Self::from_numbers(&text::numbers(text, ',')?, None)
    }

    /// The camera whose images have this size, pixels. Refuses what no camera can have.
    pub fn at_size(&self, width: u32, height: u32) -> Result<Intrinsics> {
        let [fx, fy, cx, cy] = self.pinhole;
        let camera = Intrinsics { width, height, fx, fy, cx, cy, distortion: self.distortion };
        camera.check()?;
        Ok(camera)
    }
}

/// Reads a 3×3 camera matrix.
pub(super) fn read_matrix(path: &Path) -> Result<Lens> {
    let numbers = text::numbers(&text::read(path)?, ' ').map_err(|error| text::in_file(path, error))?;
    let &[fx, _, cx, _, fy, cy, _, _, _] = numbers.as_slice() else {
        return Err(Error::io(format!("{}: {} numbers, expected 9 (3×3)", path.display(), numbers.len())));
    };
    Lens::from_numbers(&[fx, fy, cx, cy], None).map_err(|error| text::in_file(path, error))
}
