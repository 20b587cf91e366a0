//! The lexicon: what a piece of one language may become in the other, and how likely, by IBM Model 1 (Brown et al.
//! 1993), counted from translated pairs by `scripts/train/lexicon`.

use std::{fs, path::Path, sync::Arc};

use safetensors::{Dtype, SafeTensors, tensor::TensorView};

use crate::{
    both::Both,
    bundle::check_values,
    error::{Cause, Error, Result},
    manifest::BundleFile,
    threads::side_by_side,
    tokenizer::Tokenizer,
};

/// The name of a bundle's file with the lexicon.
pub const FILE_NAME: &str = BundleFile::Lexicon.name();

/// The number of steps of a stored cost in one nat.
const COSTS_PER_NAT: f32 = 32.0;

/// The pieces of a bundle: what reads texts into them, and what they may become. Loaded once for all who use it.
#[derive(Clone)]
pub struct Vocabulary {
    /// What reads texts into pieces.
    pub tokenizer: Arc<Tokenizer>,
    /// What the pieces may become, where the bundle says so.
    pub lexicon: Option<Arc<Lexicon>>,
}

impl Vocabulary {
    /// Loads the vocabulary of the bundle in `dir`. Fails if a file is missing or damaged; the lexicon may be missing.
    pub fn load(dir: &Path) -> Result<Self> {
        let has_lexicon = dir.join(BundleFile::Lexicon).is_file();
        let lexicon = || has_lexicon.then(|| Lexicon::load(dir).map(Arc::new)).transpose();
        let (lexicon, tokenizer) = side_by_side(lexicon, || Tokenizer::load(dir));
        let failed = |panic| Err(Error::model_because(dir, format!("cannot read `{FILE_NAME}`"), panic));
        Ok(Self { tokenizer: Arc::new(tokenizer?), lexicon: lexicon.unwrap_or_else(failed)? })
    }
}

/// The lexicon: probabilities of pieces given pieces, in both directions.
pub struct Lexicon {
    pub(crate) forward: Table,
    pub(crate) backward: Table,
    /// The relative frequency of each piece, 0..=1, on each side.
    pub(crate) shares: Both<Vec<f32>>,
}

/// One direction of the lexicon: for each piece that is given, a row of those that it may become.
pub(crate) struct Table {
    ends: Vec<usize>,
    pieces: Vec<u16>,
    probabilities: Vec<f32>,
}

impl Lexicon {
    /// Reads `lexicon.safetensors` in `dir`; `scripts/train/lexicon` says what is in it. Fails if it is missing or
    /// damaged.
    pub fn load(dir: &Path) -> Result<Self> {
        let cannot = |cause: Cause| Error::model_because(dir, format!("cannot read `{FILE_NAME}`"), cause);
        let bytes = fs::read(dir.join(FILE_NAME)).map_err(|error| cannot(error.into()))?;
        let tensors = SafeTensors::deserialize(&bytes).map_err(|error| cannot(error.into()))?;
        check_values(&dir.join(FILE_NAME)).map_err(cannot)?;
        let lexicon = Self::read(&tensors).map_err(|what| cannot(what.into()))?;
        Ok(lexicon)
    }

    fn read(tensors: &SafeTensors<'_>) -> std::result::Result<Self, String> {
        let table = |direction: &str| {
            let ends = tensor(tensors, &format!("{direction}.ends"), Dtype::U32)?;
            let pieces = tensor(tensors, &format!("{direction}.pieces"), Dtype::U16)?;
            let costs = tensor(tensors, &format!("{direction}.costs"), Dtype::U8)?;
            let table = Table {
                ends: numbers(&ends, |bytes| u32::from_le_bytes(bytes) as usize),
                pieces: numbers(&pieces, u16::from_le_bytes),
                probabilities: costs.data().iter().map(|&cost| (-f32::from(cost) / COSTS_PER_NAT).exp()).collect(),
            };
            let fits = table.ends.is_sorted()
                && table.ends.last().is_none_or(|&end| end == table.pieces.len())
                && table.pieces.len() == table.probabilities.len();
            if fits { Ok(table) } else { Err(format!("the rows of `{direction}` do not fit its entries")) }
        };
        let shares = |side: &str| {
            let shares = tensor(tensors, &format!("{side}.shares"), Dtype::F32)?;
            Ok::<_, String>(numbers(&shares, f32::from_le_bytes))
        };
        Ok(Self {
            forward: table("forward")?,
            backward: table("backward")?,
            shares: Both::new(shares("chinese")?, shares("english")?),
        })
    }
}

impl Table {
    /// The pieces that `piece` may become, each with its probability.
    pub(crate) fn row(&self, piece: u32) -> impl Iterator<Item = (u32, f32)> {
        let piece = piece as usize;
        let end = self.ends.get(piece).copied().unwrap_or(0);
        let start = if piece == 0 { 0 } else { self.ends.get(piece - 1).copied().unwrap_or(0).min(end) };
        let pieces = self.pieces[start..end].iter().map(|&piece| u32::from(piece));
        pieces.zip(self.probabilities[start..end].iter().copied())
    }
}

fn tensor<'t>(tensors: &SafeTensors<'t>, name: &str, dtype: Dtype) -> std::result::Result<TensorView<'t>, String> {
    let tensor = tensors.tensor(name).map_err(|error| format!("`{name}`: {error}"))?;
    if tensor.dtype() == dtype { Ok(tensor) } else { Err(format!("`{name}` is {:?}, not {dtype:?}", tensor.dtype())) }
}

fn numbers<T, const N: usize>(tensor: &TensorView<'_>, read: fn([u8; N]) -> T) -> Vec<T> {
    tensor.data().as_chunks::<N>().0.iter().map(|&bytes| read(bytes)).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use safetensors::serialize;

    use super::*;

    /// A lexicon of these entries (given, told, cost in 1/32 nats), the same in both directions but turned round, over
    /// pieces that are all equally common.
    pub(crate) fn lexicon(n_pieces: usize, entries: &[(u16, u16, u8)]) -> Lexicon {
        Lexicon::read(&SafeTensors::deserialize(&file(n_pieces, entries)).unwrap()).unwrap()
    }

    fn file(n_pieces: usize, entries: &[(u16, u16, u8)]) -> Vec<u8> {
        let table = |mut entries: Vec<(u16, u16, u8)>| {
            entries.sort_unstable();
            let ends = (0..n_pieces).map(|piece| entries.iter().filter(|entry| usize::from(entry.0) <= piece).count());
            let ends: Vec<u8> = ends.flat_map(|end| u32::try_from(end).unwrap().to_le_bytes()).collect();
            let pieces: Vec<u8> = entries.iter().flat_map(|entry| entry.1.to_le_bytes()).collect();
            (ends, pieces, entries.iter().map(|entry| entry.2).collect::<Vec<u8>>())
        };
        let forward = table(entries.to_vec());
        let backward = table(entries.iter().map(|&(given, told, cost)| (told, given, cost)).collect());
        let shares: Vec<u8> = (0..n_pieces).flat_map(|_| (1.0 / n_pieces as f32).to_le_bytes()).collect();
        let mut tensors = Vec::new();
        for (direction, (ends, pieces, costs)) in [("forward", &forward), ("backward", &backward)] {
            for (name, dtype, data) in
                [("ends", Dtype::U32, ends), ("pieces", Dtype::U16, pieces), ("costs", Dtype::U8, costs)]
            {
                let count = data.len() / (dtype.bitsize() / 8);
                tensors.push((format!("{direction}.{name}"), TensorView::new(dtype, vec![count], data).unwrap()));
            }
        }
        for side in ["chinese", "english"] {
            tensors.push((format!("{side}.shares"), TensorView::new(Dtype::F32, vec![n_pieces], &shares).unwrap()));
        }
        serialize(tensors, None).unwrap()
    }

    #[test]
    fn a_row_holds_what_a_piece_may_become() {
        let lexicon = lexicon(4, &[(1, 3, 0), (1, 2, 32), (3, 0, 64)]);
        assert_eq!(lexicon.forward.row(1).collect::<Vec<_>>(), [(2, (-1.0_f32).exp()), (3, 1.0)]);
        assert_eq!(lexicon.backward.row(0).collect::<Vec<_>>(), [(3, (-2.0_f32).exp())]);
        assert_eq!(lexicon.forward.row(0).count() + lexicon.forward.row(99).count(), 0);
    }

    #[test]
    fn a_damaged_file_is_refused() {
        let whole = file(4, &[(1, 3, 0)]);
        let tensors = SafeTensors::deserialize(&whole).unwrap();
        let without = |name: &str| {
            let rest: Vec<_> = tensors.tensors().into_iter().filter(|(other, _)| other != name).collect();
            serialize(rest, None).unwrap()
        };
        for name in ["forward.ends", "backward.costs", "english.shares"] {
            let bytes = without(name);
            let error = Lexicon::read(&SafeTensors::deserialize(&bytes).unwrap()).err().unwrap();
            assert!(error.contains(name), "{error}");
        }
        let error = Lexicon::load(Path::new("no-such-folder")).err().unwrap().to_string();
        assert!(error.contains(FILE_NAME), "{error}");
    }
}
