//! The check of `model.safetensors`: whether it is whole and has the tensors that the architecture asks for.

use std::{fs::File, io::Read, path::Path};

use safetensors::{Dtype, tensor::Metadata};

use super::{Architecture, BundleFile, CONFIG, check_values};
use crate::error::{Cause, Error, Result};

/// The file with the network's weights.
pub(super) const WEIGHTS: BundleFile = BundleFile::Weights;

/// The number of bytes that give the length of a safetensors header.
const LENGTH_BYTES: u64 = 8;

/// The length of the longest header that the format's reference implementation reads, in bytes.
const LONGEST_HEADER: u64 = 100_000_000;

impl Architecture {
    /// Checks that `model.safetensors` is whole and holds every tensor of this architecture in its size, with
    /// finite values. Fails if not.
    pub fn check_weights(&self, dir: &Path) -> Result<()> {
        let damaged = |cause| Error::model_because(dir, format!("`{WEIGHTS}` is damaged or cut short"), cause);
        let file = File::open(dir.join(WEIGHTS))
            .map_err(|cause| Error::model_because(dir, format!("cannot read `{WEIGHTS}`"), cause))?;
        let header = read_header(file).map_err(damaged)?;
        for (name, shape) in self.tensors() {
            let wrong = |what: String| Error::model(dir, format!("`{WEIGHTS}` {what}"));
            let tensor = header.info(&name).ok_or_else(|| wrong(format!("has no tensor `{name}`")))?;
            if tensor.shape != shape {
                let found = &tensor.shape;
                return Err(wrong(format!("has `{name}` in the size {found:?}, but `{CONFIG}` asks for {shape:?}")));
            }
            if !matches!(tensor.dtype, Dtype::F16 | Dtype::BF16 | Dtype::F32) {
                return Err(wrong(format!(
                    "has `{name}` in {:?}, which is no floating-point type of 16 or 32 bits",
                    tensor.dtype
                )));
            }
        }
        check_values(&dir.join(WEIGHTS)).map_err(damaged)
    }

    /// The name and the size of every tensor.
    pub(super) fn tensors(&self) -> Vec<(String, Vec<usize>)> {
        let mut tensors = vec![
            ("model.shared.weight".to_owned(), vec![self.vocabulary, self.width]),
            ("final_logits_bias".to_owned(), vec![1, self.vocabulary]),
        ];
        for (half, stack, attentions) in [
            ("encoder", self.encoder, &["self_attn"][..]),
            ("decoder", self.decoder, &["self_attn", "encoder_attn"][..]),
        ] {
            tensors.push((format!("model.{half}.embed_positions.weight"), vec![self.positions, self.width]));
            for layer in 0..stack.layers {
                let mut push = |part: String, shape: Vec<usize>| {
                    tensors.push((format!("model.{half}.layers.{layer}.{part}.bias"), shape[..1].to_vec()));
                    tensors.push((format!("model.{half}.layers.{layer}.{part}.weight"), shape));
                };
                for attention in attentions {
                    for projection in ["k_proj", "v_proj", "q_proj", "out_proj"] {
                        push(format!("{attention}.{projection}"), vec![self.width, self.width]);
                    }
                    push(format!("{attention}_layer_norm"), vec![self.width]);
                }
                push("fc1".to_owned(), vec![stack.inner, self.width]);
                push("fc2".to_owned(), vec![self.width, stack.inner]);
                push("final_layer_norm".to_owned(), vec![self.width]);
            }
        }
        tensors
    }
}

/// The header of a safetensors file whose data is as long as the header says.
pub(super) fn read_header(mut file: File) -> std::result::Result<Metadata, Cause> {
    let file_bytes = file.metadata()?.len();
    let mut length = 0_u64.to_le_bytes();
    file.read_exact(&mut length)?;
    let length = u64::from_le_bytes(length);
    if length > LONGEST_HEADER.min(file_bytes) {
        return Err(format!("its header claims {length} bytes").into());
    }
    let mut header = Vec::new();
    file.take(length).read_to_end(&mut header)?;
    let header: Metadata = serde_json::from_slice(&header)?;
    let expected = LENGTH_BYTES + length + u64::try_from(header.data_len())?;
    if file_bytes != expected {
        return Err(format!("it has {file_bytes} bytes, its header asks for {expected}").into());
    }
    Ok(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bundled() -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("models/zh-en")
    }

    #[test]
    fn the_bundled_weights_are_sound() {
        Architecture::read(&bundled()).unwrap().check_weights(&bundled()).unwrap();
    }

    #[test]
    fn weights_of_another_size_are_refused_by_name() {
        let architecture = Architecture::read(&bundled()).unwrap();
        let wider = Architecture { vocabulary: 16_002, ..architecture.clone() };
        let message = wider.check_weights(&bundled()).unwrap_err().to_string();
        assert!(message.contains("`model.safetensors`") && message.contains("`model.shared.weight`"), "{message}");
        let (mut deeper, layers) = (architecture.clone(), architecture.encoder.layers);
        deeper.encoder.layers += 1;
        let message = deeper.check_weights(&bundled()).unwrap_err().to_string();
        assert!(message.contains(&format!("has no tensor `model.encoder.layers.{layers}.")), "{message}");
    }
}
