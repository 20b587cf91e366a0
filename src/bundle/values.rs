//! The check of the numbers in a safetensors file: a network of which one is not finite says nothing that makes sense.

use std::path::Path;

use safetensors::Dtype;

use super::tensor_file::TensorFile;
use crate::error::Cause;

/// Bytes that are looked at together: a whole number of values of any type.
const CHUNK: usize = 1 << 20;

/// Checks that every floating-point number of the safetensors file at `path` is finite. Fails, naming the tensor, if one is
/// not, or if the file is damaged or cut short.
pub fn check_values(path: &Path) -> Result<(), Cause> {
    let file = TensorFile::open(path)?;
    let mut tensors: Vec<_> = file.header().tensors().into_iter().collect();
    tensors.sort_unstable_by_key(|(_, info)| info.data_offsets);
    let mut bytes = Vec::new();
    for (name, info) in tensors {
        let width = match info.dtype {
            Dtype::F16 | Dtype::BF16 => 2,
            Dtype::F32 => 4,
            Dtype::F64 => 8,
            _ => continue,
        };
        let (start, end) = info.data_offsets;
        for at in (start..end).step_by(CHUNK) {
            file.read_into(at..end.min(at + CHUNK), &mut bytes)?;
            if let Some(place) = first_not_finite(info.dtype, &bytes) {
                let number = (at - start) / width + place;
                return Err(format!("value {number} of `{name}` is not finite (NaN or infinite)").into());
            }
        }
    }
    Ok(())
}

/// The number of the first value that is not finite: all bits of its exponent are set.
fn first_not_finite(kind: Dtype, bytes: &[u8]) -> Option<usize> {
    match kind {
        Dtype::F16 => first(bytes.as_chunks().0, |&value| u16::from_le_bytes(value) & 0x7c00 == 0x7c00),
        Dtype::BF16 => first(bytes.as_chunks().0, |&value| u16::from_le_bytes(value) & 0x7f80 == 0x7f80),
        Dtype::F32 => first(bytes.as_chunks().0, |&value| !f32::from_le_bytes(value).is_finite()),
        Dtype::F64 => first(bytes.as_chunks().0, |&value| !f64::from_le_bytes(value).is_finite()),
        _ => None,
    }
}

/// The number of the first value that is odd. There is hardly ever one, and whether there is one is known sooner when all
/// are looked at, many at a time, than when each is asked whether it is the last.
fn first<T>(values: &[T], is_odd: impl Fn(&T) -> bool) -> Option<usize> {
    let any = values.iter().fold(false, |any, value| any | is_odd(value));
    any.then(|| values.iter().position(is_odd)).flatten()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use safetensors::{SafeTensors, serialize, tensor::TensorView};

    use super::*;
    use crate::{bundle::Architecture, evidence::embeddings::Embeddings, lexicon::Lexicon};

    fn bundled() -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("models/zh-en")
    }

    /// What is wrong with a file of these values.
    fn fault(kind: Dtype, values: &[u8]) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.safetensors");
        let count = values.len() * 8 / kind.bitsize();
        let numbers = [0xff; 8];
        let tensors = [
            ("numbers", TensorView::new(Dtype::U8, vec![8], &numbers).unwrap()),
            ("values", TensorView::new(kind, vec![count], values).unwrap()),
        ];
        fs::write(&path, serialize(tensors, None).unwrap()).unwrap();
        check_values(&path).err().map(|cause| cause.to_string())
    }

    #[test]
    fn a_value_that_is_not_finite_is_named_in_every_precision() {
        let told = |number: usize| Some(format!("value {number} of `values` is not finite (NaN or infinite)"));
        let of = |values: &[f32]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
        assert_eq!(fault(Dtype::F32, &of(&[0.0, -1.5, f32::MAX, f32::MIN_POSITIVE])), None);
        assert_eq!(fault(Dtype::F32, &of(&[0.0, f32::NAN])), told(1));
        assert_eq!(fault(Dtype::F32, &of(&[f32::NEG_INFINITY, 0.0])), told(0));
        assert_eq!(fault(Dtype::F64, &[1.0, f64::INFINITY].map(f64::to_le_bytes).concat()), told(1));
        assert_eq!(fault(Dtype::F16, &[0x3c00_u16, 0x7bff, 0xfe00].map(u16::to_le_bytes).concat()), told(2));
        assert_eq!(fault(Dtype::BF16, &[0x7f7f_u16, 0x7f80].map(u16::to_le_bytes).concat()), told(1));
        let far = [of(&vec![0.0; CHUNK / 4 + 7]), of(&[f32::NAN])].concat();
        assert_eq!(fault(Dtype::F32, &far), told(CHUNK / 4 + 7));
    }

    /// Copies a file of the bundled model, with all bits of the last value of a tensor set.
    fn damage(file: &str, tensor: &str, to: &Path) {
        let mut bytes = fs::read(bundled().join(file)).unwrap();
        let tensors = SafeTensors::deserialize(&bytes).unwrap();
        let data = tensors.tensor(tensor).unwrap().data();
        let end = data.as_ptr_range().end as usize - bytes.as_ptr_range().start as usize;
        bytes[end - 2..end].fill(0xff);
        fs::write(to.join(file), bytes).unwrap();
    }

    #[test]
    fn no_file_of_a_bundle_without_sums_is_loaded_with_such_a_value() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path();
        let tensor = "model.encoder.layers.0.fc1.weight";
        damage("model.safetensors", tensor, dir);
        damage("embeddings.safetensors", "embeddings.scale", dir);
        damage("lexicon.safetensors", "english.shares", dir);
        let weights = Architecture::read(&bundled()).unwrap().check_weights(dir).err();
        for (error, file, tensor) in [
            (weights, "`model.safetensors`", tensor),
            (Embeddings::load(dir).err(), "`embeddings.safetensors`", "embeddings.scale"),
            (Lexicon::load(dir).err(), "`lexicon.safetensors`", "english.shares"),
        ] {
            let error = error.unwrap();
            let cause = std::error::Error::source(&error).unwrap().to_string();
            assert!(error.to_string().contains(file) && cause.contains(tensor), "{error}: {cause}");
        }
    }
}
