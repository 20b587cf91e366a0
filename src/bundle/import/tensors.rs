//! The tensors of a network, completed from weights as they are downloaded.
//!
//! Files differ in what they leave out. A table that the encoder, the decoder and the output share stands in them once
//! or several times, under any of its names; the tables of positions, which a formula gives, are often not there. A
//! tensor that is neither wanted nor known to be a copy is an error: a network without it would be another one.

use std::{borrow::Cow, fs, io, path::Path};

use safetensors::{
    Dtype, SafeTensorError, SafeTensors, View,
    tensor::{TensorView, serialize_to_file},
};

use super::Architecture;
use crate::error::{Cause, Error};

/// The name of the table of the pieces, and the names under which a Marian model has the same table.
const SHARED: &str = "model.shared.weight";
const TIED: [&str; 3] = ["model.encoder.embed_tokens.weight", "model.decoder.embed_tokens.weight", "lm_head.weight"];

/// The bias that is added to the logits. `transformers` takes zeros where a file has none.
const BIAS: &str = "final_logits_bias";

/// The end of the names of the tables of positions.
const POSITIONS: &str = "embed_positions.weight";

/// The ratio of the longest to the shortest wave of the positions (Vaswani et al. 2017, 3.5).
const LONGEST_WAVE: f64 = 10_000.0;

/// A reason why weights cannot be completed.
#[derive(Debug)]
pub(super) enum Fault {
    /// The weights are not readable, or not those of the model.
    Weights(String, Option<Cause>),
    /// The result could not be written.
    Write(Error),
}

impl Fault {
    /// The error for a fault of the weights in `file` of `dir`.
    pub(super) fn of(self, dir: &Path, file: &str) -> Error {
        match self {
            Self::Weights(what, source) => {
                Error::Model { dir: dir.to_owned(), what: format!("`{file}` {what}"), source }
            }
            Self::Write(error) => error,
        }
    }
}

/// Reads safetensors and writes the tensors of `architecture` to `to`, in the precision of the file; what is computed
/// in single.
pub(super) fn complete(from: &Path, architecture: &Architecture, to: &Path) -> Result<(), Fault> {
    let wrong = |what: &str, cause: Cause| Fault::Weights(what.to_owned(), Some(cause));
    let bytes = fs::read(from).map_err(|cause| wrong("cannot be read", cause.into()))?;
    let given = SafeTensors::deserialize(&bytes).map_err(|cause| wrong("is damaged or cut short", cause.into()))?;
    let tensors = completed(&given, architecture).map_err(|what| Fault::Weights(what, None))?;
    // As PyTorch marks its own files; `transformers` refuses one without the mark.
    let mark = [("format".to_owned(), "pt".to_owned())].into();
    serialize_to_file(tensors, Some(mark), to).map_err(|cause| {
        let source = match cause {
            SafeTensorError::IoError(error) => error,
            other => io::Error::other(other),
        };
        Fault::Write(Error::write(to, source))
    })
}

/// The tensors of the network, by name; the sizes are checked when the result is.
fn completed<'g>(given: &'g SafeTensors<'g>, architecture: &Architecture) -> Result<Vec<(String, Tensor<'g>)>, String> {
    let shared = shared_table(given)?;
    let wanted = architecture.tensors();
    let is_known = |name: &str| TIED.contains(&name) || wanted.iter().any(|(wanted, _)| wanted == name);
    if let Some(name) = given.names().into_iter().find(|name| !is_known(name)) {
        return Err(format!("has a tensor `{name}`, which a Marian model of this configuration does not have"));
    }
    let mut tensors = Vec::new();
    for (name, shape) in wanted {
        let tensor = match given.tensor(&name) {
            _ if name == SHARED => Tensor::given(&shared, shared.shape()),
            // Some files have the bias without its first dimension, which is 1.
            Ok(found) if name == BIAS && found.shape() == &shape[1..] => Tensor::given(&found, &shape),
            Ok(found) => Tensor::given(&found, found.shape()),
            Err(_) if name == BIAS => Tensor::computed(vec![0.0; shape[1]], shape),
            Err(_) if name.ends_with(POSITIONS) => Tensor::computed(positions(shape[0], shape[1]), shape),
            Err(_) => return Err(format!("has no tensor `{name}`")),
        };
        tensors.push((name, tensor));
    }
    Ok(tensors)
}

/// The table of the pieces under whichever of its names it stands; under several it must be the same.
fn shared_table<'g>(given: &'g SafeTensors<'g>) -> Result<TensorView<'g>, String> {
    let named = |name: &'static str| given.tensor(name).ok().map(|tensor| (name, tensor));
    let mut tables = [SHARED].into_iter().chain(TIED).filter_map(named);
    let (name, table) = tables.next().ok_or_else(|| format!("has no tensor `{SHARED}`"))?;
    match tables.find(|(_, other)| *other != table) {
        Some((other, _)) => {
            Err(format!("has another table in `{other}` than in `{name}`; only one for all is supported"))
        }
        None => Ok(table),
    }
}

/// Marian's table of positions, row by row: all sines, then all cosines.
#[expect(clippy::cast_possible_truncation, reason = "values from -1 to 1, kept in the precision of weights")]
fn positions(positions: usize, width: usize) -> Vec<f32> {
    let row = |position: usize| {
        let angle = move |pair: usize| position as f64 / LONGEST_WAVE.powf(2.0 * pair as f64 / width as f64);
        let sines = (0..width.div_ceil(2)).map(move |pair| angle(pair).sin() as f32);
        sines.chain((0..width / 2).map(move |pair| angle(pair).cos() as f32))
    };
    (0..positions).flat_map(row).collect()
}

/// A tensor to be written.
#[derive(Debug, PartialEq)]
struct Tensor<'g> {
    kind: Dtype,
    shape: Vec<usize>,
    data: Cow<'g, [u8]>,
}

impl<'g> Tensor<'g> {
    fn given(tensor: &TensorView<'g>, shape: &[usize]) -> Self {
        Self { kind: tensor.dtype(), shape: shape.to_owned(), data: Cow::Borrowed(tensor.data()) }
    }

    fn computed(values: Vec<f32>, shape: Vec<usize>) -> Self {
        let data = values.into_iter().flat_map(f32::to_le_bytes).collect();
        Self { kind: Dtype::F32, shape, data: Cow::Owned(data) }
    }
}

impl View for Tensor<'_> {
    fn dtype(&self) -> Dtype {
        self.kind
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.data)
    }

    fn data_len(&self) -> usize {
        self.data.len()
    }
}
