//! Which way is up in the input's world, and the rotation that brings it to gnomon's (+Z up).

use crate::error::{Error, Result};
use nalgebra::{UnitQuaternion, Vector3};
use std::borrow::Cow;
use std::f64::consts::FRAC_PI_2;

/// The up direction of the input's world.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Up {
    /// +X.
    X,
    /// +Y, as in most computer graphics.
    Y,
    /// +Z, as in robotics (REP 103).
    #[default]
    Z,
    /// −X.
    NegX,
    /// −Y, as in the camera frame of a level camera.
    NegY,
    /// −Z.
    NegZ,
    /// Any direction; need not have unit length.
    Vector([f64; 3]),
    /// Found from the dominant plane under the camera in the first frames, which then lies at height 0.
    Auto,
}

impl Up {
    /// Reads "x", "y", "z", "-x", "-y", "-z", "auto" or "a,b,c".
    pub fn parse(text: &str) -> Result<Self> {
        Ok(match text.trim().to_ascii_lowercase().as_str() {
            "x" | "+x" => Self::X,
            "y" | "+y" => Self::Y,
            "z" | "+z" => Self::Z,
            "-x" => Self::NegX,
            "-y" => Self::NegY,
            "-z" => Self::NegZ,
            "auto" => Self::Auto,
            other => {
                let numbers: Vec<f64> = other.split(',').filter_map(|n| n.trim().parse().ok()).collect();
                let up = <[f64; 3]>::try_from(numbers).map(Self::Vector).map_err(|_| {
                    Error::argument(format!(
                        "up is \"{text}\", expected x, y, z, -x, -y, -z, auto or three numbers a,b,c"
                    ))
                })?;
                up.rotation()?;
                up
            }
        })
    }

    /// The word [`Self::parse`] reads back to the last bit.
    pub fn word(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::X => "x",
            Self::Y => "y",
            Self::Z => "z",
            Self::NegX => "-x",
            Self::NegY => "-y",
            Self::NegZ => "-z",
            Self::Auto => "auto",
            Self::Vector([a, b, c]) => return Cow::Owned(format!("{a},{b},{c}")),
        })
    }

    /// The rotation from the input's world to gnomon's; `None` for [`Up::Auto`], which must be found first.
    pub fn rotation(&self) -> Result<Option<UnitQuaternion<f64>>> {
        let about = |axis, quarter_turns: f64| Some(UnitQuaternion::from_axis_angle(&axis, quarter_turns * FRAC_PI_2));
        Ok(match *self {
            Self::Z => Some(UnitQuaternion::identity()),
            Self::NegZ => about(Vector3::x_axis(), 2.0),
            Self::Y => about(Vector3::x_axis(), 1.0),
            Self::NegY => about(Vector3::x_axis(), -1.0),
            Self::X => about(Vector3::y_axis(), -1.0),
            Self::NegX => about(Vector3::y_axis(), 1.0),
            Self::Vector(up) => Some(rotation_to_z(Vector3::from(up))?),
            Self::Auto => None,
        })
    }
}

/// The shortest rotation that brings `up` to +Z.
pub(crate) fn rotation_to_z(up: Vector3<f64>) -> Result<UnitQuaternion<f64>> {
    let length = up.norm();
    if !(length.is_finite() && length > 1e-9) {
        return Err(Error::argument(format!("up vector is {:?}, expected finite and not zero", up.as_slice())));
    }
    // Opposite vectors have no shortest rotation: any half turn about a horizontal axis will do.
    let half_turn = UnitQuaternion::from_axis_angle(&Vector3::x_axis(), std::f64::consts::PI);
    Ok(UnitQuaternion::rotation_between(&up, &Vector3::z()).unwrap_or(half_turn))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_axis_is_brought_to_plus_z() {
        let cases = [
            (Up::X, [1.0, 0.0, 0.0]),
            (Up::Y, [0.0, 1.0, 0.0]),
            (Up::Z, [0.0, 0.0, 1.0]),
            (Up::NegX, [-1.0, 0.0, 0.0]),
            (Up::NegY, [0.0, -1.0, 0.0]),
            (Up::NegZ, [0.0, 0.0, -1.0]),
            (Up::Vector([0.0, 0.0, -3.0]), [0.0, 0.0, -1.0]),
            (Up::Vector([0.1, -4.0, 0.2]), [0.1, -4.0, 0.2]),
        ];
        for (up, direction) in cases {
            let rotation = up.rotation().expect("valid").expect("not auto");
            let turned = rotation * Vector3::from(direction).normalize();
            assert!((turned - Vector3::z()).norm() < 1e-9, "{up:?}");
        }
    }

    #[test]
    fn words_are_read_and_nonsense_is_refused() {
        assert_eq!(Up::parse("-Y").expect("known"), Up::NegY);
        assert_eq!(Up::parse("0, 1,0.5").expect("three numbers"), Up::Vector([0.0, 1.0, 0.5]));
        for bad in ["", "w", "1,2", "0,0,0", "nan,0,1"] {
            assert!(Up::parse(bad).is_err(), "{bad}");
        }
    }
}
