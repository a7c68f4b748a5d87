//! Token numbers to rows. In one layout the pictures' rows are put in by the host, in the other by the graph.

use crate::error::{Error, ErrorKind, Result};
use crate::runtime::{Binding, Control, DType, Floats, Runtime, Session, SessionOptions, Tensor};
use std::borrow::Cow;
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
                ("image_features", dtype) if dtype.is_float() => features = Some((input.name.clone(), dtype)),
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
            self.binding.set(name, Floats::new(features, *dtype).view(&shape)?)?;
        }
        self.binding.run(control)?;
        let rows = floats(self.binding.output(&self.output)?)?;
        if rows.len() != tokens.len() * self.width {
            let (given, expected) = (rows.len(), self.width);
            return Err(Error::new(
                ErrorKind::Model,
                format!("{given} numbers for {} tokens, expected {expected} each as the decoder takes", tokens.len()),
            ));
        }
        out.extend_from_slice(&rows);
        Ok(())
    }
}

/// The floats of what a graph gives, in whichever width.
pub(super) fn floats(tensor: &Tensor) -> Result<Cow<'_, [f32]>> {
    if !tensor.dtype().is_float() {
        return Err(Error::new(ErrorKind::Model, format!("the graph gives {}, expected floats", tensor.dtype())));
    }
    tensor.floats()
}
