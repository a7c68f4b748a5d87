//! What a graph must take and give to be a detector, looked at before the first picture.

use crate::error::{Error, ErrorKind, Result};
use crate::runtime::{DType, Outputs, Session, Side, ValueSpec};
use std::borrow::Cow;

/// The largest side that a network's input may have, pixels: a map of 4096 × 4096 is more than any of these families.
const MAX_INPUT_SIDE: usize = 4096;

/// The input of a graph: one picture.
pub(super) struct PictureInput {
    pub name: String,
    pub dtype: DType,
    /// Width and height where the graph has them fixed.
    pub width: Option<usize>,
    pub height: Option<usize>,
}

fn refused(message: String) -> Error {
    Error::new(ErrorKind::Model, message)
}

/// `name f32 [1, 3, h, w]` of each, for sentences.
pub(super) fn listed(specs: &[ValueSpec]) -> String {
    let all: Vec<String> = specs.iter().map(|spec| format!("{} {spec}", spec.name)).collect();
    if all.is_empty() { "nothing".into() } else { all.join(", ") }
}

/// The one input. Fails unless it is a picture of three colours, one at a time.
pub(super) fn picture_input(inputs: &[ValueSpec]) -> Result<PictureInput> {
    let wrong =
        || refused(format!("the graph takes {}, expected one f32 or f16 [1, 3, height, width]", listed(inputs)));
    let [spec] = inputs else { return Err(wrong()) };
    let [batch, colours, height, width] = spec.shape.as_slice() else { return Err(wrong()) };
    if !spec.dtype.is_float() || !may_be(batch, 1) || !may_be(colours, 3) {
        return Err(wrong());
    }
    let input =
        PictureInput { name: spec.name.clone(), dtype: spec.dtype, width: width.fixed(), height: height.fixed() };
    if [input.width, input.height].iter().flatten().any(|side| !(1..=MAX_INPUT_SIDE).contains(side)) {
        return Err(refused(format!("the graph takes {}, expected sides up to {MAX_INPUT_SIDE}", listed(inputs))));
    }
    Ok(input)
}

/// The size of the network's input: the graph's, else the folder's, else the family's.
pub(super) fn input_size(input: &PictureInput, said: Option<[u32; 2]>, usual: usize) -> Result<(usize, usize)> {
    let said = said.map(|[width, height]| (width as usize, height as usize));
    let size = (
        input.width.or(said.map(|said| said.0)).unwrap_or(usual),
        input.height.or(said.map(|said| said.1)).unwrap_or(usual),
    );
    match said {
        Some(said) if said != size => Err(refused(format!(
            "the graph takes pictures of {}x{} pixels, the folder says {}x{}",
            size.0, size.1, said.0, said.1
        ))),
        _ if size.0.max(size.1) > MAX_INPUT_SIDE => {
            Err(refused(format!("input is {}x{} pixels, expected sides up to {MAX_INPUT_SIDE}", size.0, size.1)))
        }
        _ => Ok(size),
    }
}

/// Whether a side is this, or not said.
pub(super) fn may_be(side: &Side, size: usize) -> bool {
    side.fixed().is_none_or(|fixed| fixed == size)
}

/// The output of a name. Fails unless it is of floats and of so many sides, the first of which may be 1.
pub(super) fn output<'a>(session: &'a Session, name: &str, expected: &str) -> Result<&'a ValueSpec> {
    let sides = expected.split(',').count();
    let found = session.outputs().iter().find(|spec| spec.name == name);
    found.filter(|spec| spec.dtype.is_float() && spec.shape.len() == sides && may_be(&spec.shape[0], 1)).ok_or_else(
        || refused(format!("the graph gives {}, expected {name} f32 or f16 [{expected}]", listed(session.outputs()))),
    )
}

/// A tensor that came out, as 32-bit floats, and its sides without the first, which must be 1.
pub(super) fn floats<'a, const N: usize>(outputs: &'a Outputs, name: &str) -> Result<(Cow<'a, [f32]>, [usize; N])> {
    let tensor = outputs.get(name)?;
    let wrong = || refused(format!("the network gives {name} as {tensor:?}, expected {} sides, the first 1", N + 1));
    let (first, rest) = tensor.shape().split_first().ok_or_else(wrong)?;
    let sides = <[usize; N]>::try_from(rest).map_err(|_| wrong())?;
    if *first != 1 {
        return Err(wrong());
    }
    Ok((tensor.floats()?, sides))
}

/// Fails unless the folder names as many classes as the graph has, or names none.
pub(super) fn check_labels(labels: &[String], classes: usize) -> Result<()> {
    if labels.is_empty() || labels.len() == classes {
        return Ok(());
    }
    Err(refused(format!("the graph has {classes} classes, {} labels are named", labels.len())))
}
