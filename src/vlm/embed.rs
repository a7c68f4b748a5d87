//! Token numbers to rows. In one layout the pictures' rows are put in by the host, in the other by the graph.

use crate::error::{Error, ErrorKind, Result};
use crate::runtime::{Binding, Control, DType, Numbers, Runtime, Session, SessionOptions, Tensor, TensorView, f16};
use std::path::Path;
use std::sync::Arc;

pub(super) struct Embed {
    binding: Binding,
    ids: String,
    output: String,
    /// Of a graph that puts the pictures' rows in: its input of them.
    features: Option<(String, DType)>,
    width: usize,
}

impl Embed {
    pub(super) fn open(runtime: &Arc<Runtime>, path: &Path, width: usize, options: &SessionOptions) -> Result<Self> {
        let session = Arc::new(Session::open(runtime, path, options)?);
        let wrong = |why: String| Error::new(ErrorKind::Model, format!("{}: {why}", path.display()));
        let (mut ids, mut features) = (None, None);
        for input in session.inputs() {
            match (input.name.as_str(), input.dtype) {
                ("input_ids", DType::I64) => ids = Some(input.name.clone()),
                ("image_features", dtype @ (DType::F32 | DType::F16)) => features = Some((input.name.clone(), dtype)),
                (other, _) => return Err(wrong(format!("takes {other:?} ({input}), which is not known"))),
            }
        }
        let ids = ids.ok_or_else(|| wrong("takes no input_ids of i64".to_string()))?;
        let output = session.outputs().first().map(|output| output.name.clone());
        let output = output.ok_or_else(|| wrong("gives nothing".to_string()))?;
        Ok(Self { binding: session.bind()?, ids, output, features, width })
    }

    pub(super) fn session(&self) -> &Arc<Session> {
        self.binding.session()
    }

    /// Whether the graph puts the pictures' rows in.
    pub(super) fn merges(&self) -> bool {
        self.features.is_some()
    }

    /// The rows of `tokens`, appended to `out`; `features` are the pictures' rows among them, for a graph that merges.
    pub(super) fn rows(
        &mut self,
        tokens: &[u32],
        features: &[f32],
        out: &mut Vec<f32>,
        control: &Control,
    ) -> Result<()> {
        let ids = self.binding.input_mut::<i64>(&self.ids, &[1, tokens.len()])?;
        ids.iter_mut().zip(tokens).for_each(|(id, token)| *id = i64::from(*token));
        if let Some((name, dtype)) = &self.features {
            let shape = [features.len() / self.width, self.width];
            match dtype {
                DType::F16 => {
                    let halves: Vec<f16> = features.iter().map(|one| f16::from_f32(*one)).collect();
                    self.binding.set(name, TensorView::new(&shape, &halves)?)?;
                }
                _ => self.binding.set(name, TensorView::new(&shape, features)?)?,
            }
        }
        self.binding.run(control)?;
        let rows = self.binding.output(&self.output)?;
        let before = out.len();
        floats_into(rows, out)?;
        if out.len() - before != tokens.len() * self.width {
            let (given, expected) = (out.len() - before, self.width);
            return Err(Error::new(
                ErrorKind::Model,
                format!("{given} numbers for {} tokens, expected {expected} each as the decoder takes", tokens.len()),
            ));
        }
        Ok(())
    }
}

/// The floats of a tensor in whichever width, appended to `out`.
pub(super) fn floats_into(tensor: &Tensor, out: &mut Vec<f32>) -> Result<()> {
    match tensor.view()?.numbers() {
        Numbers::F32(numbers) => out.extend_from_slice(numbers),
        Numbers::F16(numbers) => out.extend(numbers.iter().map(|one| one.to_f32())),
        other => {
            return Err(Error::new(ErrorKind::Model, format!("the graph gives {}, expected floats", other.dtype())));
        }
    }
    Ok(())
}
