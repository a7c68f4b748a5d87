//! Intrinsics without an image size, as files and flags give them.

use super::text;
use crate::error::{Error, Result};
use crate::frame::{Distortion, Intrinsics};
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
    /// From fx, fy, cx, cy and, if there are nine, k1, k2, p1, p2, k3.
    pub fn from_numbers(numbers: &[f64]) -> Result<Self> {
        if let Some(number) = numbers.iter().find(|number| !number.is_finite()) {
            return Err(Error::argument(format!("intrinsics hold {number}, expected finite numbers")));
        }
        match *numbers {
            [fx, fy, cx, cy] => Ok(Self { pinhole: [fx, fy, cx, cy], distortion: Distortion::default() }),
            [fx, fy, cx, cy, k1, k2, p1, p2, k3] => {
                Ok(Self { pinhole: [fx, fy, cx, cy], distortion: Distortion { k1, k2, p1, p2, k3 } })
            }
            _ => Err(Error::argument(format!(
                "intrinsics are {} numbers, expected 4 (fx,fy,cx,cy) or 9 (then k1,k2,p1,p2,k3)",
                numbers.len()
            ))),
        }
    }

    /// Reads "fx,fy,cx,cy" or "fx,fy,cx,cy,k1,k2,p1,p2,k3".
    pub fn parse(numbers: &str) -> Result<Self> {
        Self::from_numbers(&text::numbers(numbers, ',')?)
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
    Lens::from_numbers(&[fx, fy, cx, cy]).map_err(|error| text::in_file(path, error))
}
