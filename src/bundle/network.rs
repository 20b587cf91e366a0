//! The check of `model.safetensors`: whether it is whole and has the tensors that the architecture asks for.

use std::{fs::File, path::Path};

use safetensors::Dtype;

use super::{Architecture, BundleFile, CONFIG, check_values, tensor_file::TensorFile};
use crate::error::{Error, Result};

/// The file with the network's weights.
pub(super) const WEIGHTS: BundleFile = BundleFile::Weights;

impl Architecture {
    /// Checks that `model.safetensors` is whole and holds every tensor of this architecture in its size, with
    /// finite values, and no layer beside them. Fails if not.
    pub fn check_weights(&self, dir: &Path) -> Result<()> {
        let damaged = |cause| Error::model_because(dir, format!("`{WEIGHTS}` is damaged or cut short"), cause);
        let file = File::open(dir.join(WEIGHTS))
            .map_err(|cause| Error::model_because(dir, format!("cannot read `{WEIGHTS}`"), cause))?;
        let weights = TensorFile::read(file).map_err(damaged)?;
        let wrong = |what: String| Error::model(dir, format!("`{WEIGHTS}` {what}"));
        for (name, shape) in self.tensors() {
            let tensor = weights.header().info(&name).ok_or_else(|| wrong(format!("has no tensor `{name}`")))?;
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
        if let Some(name) = self.layer_beyond(&weights) {
            return Err(wrong(format!(
                "has `{name}`, of a layer beyond those that `{CONFIG}` counts: it counts too few"
            )));
        }
        check_values(&dir.join(WEIGHTS)).map_err(damaged)
    }

    /// The first tensor that the weights have of a layer after the last one of this architecture: the first layers of a
    /// deeper network say nothing that makes sense by themselves.
    fn layer_beyond(&self, weights: &TensorFile) -> Option<String> {
        let is_beyond = |name: &String| {
            let layer_of = |half: &str| name.strip_prefix(half)?.split('.').next()?.parse::<usize>().ok();
            [("model.encoder.layers.", self.encoder), ("model.decoder.layers.", self.decoder)]
                .iter()
                .any(|(half, stack)| layer_of(half).is_some_and(|layer| layer >= stack.layers))
        };
        weights.header().tensors().into_keys().filter(is_beyond).min()
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
        for half in ["encoder", "decoder"] {
            let mut shallower = architecture.clone();
            let stack = if half == "encoder" { &mut shallower.encoder } else { &mut shallower.decoder };
            stack.layers -= 1;
            let layer = format!("has `model.{half}.layers.{}.", stack.layers);
            let message = shallower.check_weights(&bundled()).unwrap_err().to_string();
            assert!(message.contains(&layer) && message.contains("counts too few"), "{message}");
        }
    }
}
