//! Models as they come from elsewhere: a small one of random weights, and the bundled one without what such files lack.

use std::{collections::BTreeMap, fs};

use safetensors::{Dtype, SafeTensors, serialize, tensor::TensorView};
use serde_json::Value;

use crate::support::bundled_model;

/// The sizes of the small model.
const WIDTH: usize = 64;
const INNER: usize = 32;
const POSITIONS: usize = 40;

/// Tensors by name: their type, size and bytes.
pub(crate) type Tensors = BTreeMap<String, (Dtype, Vec<usize>, Vec<u8>)>;

/// The names of tables that `transformers` computes, and leaves out of files.
pub(crate) const COMPUTED: [&str; 2] = ["model.encoder.embed_positions.weight", "model.decoder.embed_positions.weight"];

/// The files of a model by name.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// A small model of random weights in single precision, with the bundled pieces, as a hub has it.
pub(crate) fn small_model() -> Files {
    let mut files = with_bundled_pieces(&small(bundled_config()));
    files.insert("model.safetensors".to_owned(), to_safetensors(&small_tensors()));
    files.insert("README.md".to_owned(), b"# A tiny model\n".to_vec());
    files
}

/// The files of a model with the bundled pieces, but for the weights.
pub(crate) fn with_bundled_pieces(config: &Value) -> Files {
    let pieces = ["vocab.json", "source.spm", "target.spm"];
    let read = |file: &str| (file.to_owned(), fs::read(bundled_model().join(file)).unwrap());
    let mut files: Files = pieces.into_iter().map(read).collect();
    files.insert("config.json".to_owned(), config.to_string().into_bytes());
    files
}

/// The bundled configuration without the flags that older files lack, and with a setting that nobody reads.
pub(crate) fn bundled_config() -> Value {
    let mut config: Value = serde_json::from_slice(&fs::read(bundled_model().join("config.json")).unwrap()).unwrap();
    let settings = config.as_object_mut().unwrap();
    settings.retain(|name, _| !name.starts_with("normalize_") && name != "static_position_embeddings");
    settings.insert("extra_pos_embeddings".to_owned(), 16_001.into());
    config
}

/// A configuration with the sizes of the small model.
pub(crate) fn small(mut config: Value) -> Value {
    for half in ["encoder", "decoder"] {
        config[format!("{half}_layers")] = 1.into();
        config[format!("{half}_attention_heads")] = 2.into();
        config[format!("{half}_ffn_dim")] = INNER.into();
    }
    config["d_model"] = WIDTH.into();
    config["max_position_embeddings"] = POSITIONS.into();
    config
}

/// The weights of the small model.
pub(crate) fn small_tensors() -> Tensors {
    random_tensors(bundled_config()["vocab_size"].as_u64().unwrap().try_into().unwrap())
}

/// Random weights in the sizes of the small model, but for the vocabulary.
pub(crate) fn random_tensors(vocabulary: usize) -> Tensors {
    let mut random = fastrand::Rng::with_seed(7);
    let mut tensors = Tensors::new();
    let mut add = |name: String, shape: Vec<usize>| {
        let bytes = (0..shape.iter().product()).flat_map(|_| (random.f32() * 0.2 - 0.1).to_le_bytes()).collect();
        tensors.insert(name, (Dtype::F32, shape, bytes));
    };
    add("model.shared.weight".to_owned(), vec![vocabulary, WIDTH]);
    add("final_logits_bias".to_owned(), vec![1, vocabulary]);
    for (half, attentions) in [("encoder", &["self_attn"][..]), ("decoder", &["self_attn", "encoder_attn"])] {
        let mut layer = |part: &str, shape: &[usize]| {
            add(format!("model.{half}.layers.0.{part}.weight"), shape.to_vec());
            add(format!("model.{half}.layers.0.{part}.bias"), shape[..1].to_vec());
        };
        for attention in attentions {
            for projection in ["k_proj", "v_proj", "q_proj", "out_proj"] {
                layer(&format!("{attention}.{projection}"), &[WIDTH, WIDTH]);
            }
            layer(&format!("{attention}_layer_norm"), &[WIDTH]);
        }
        layer("fc1", &[INNER, WIDTH]);
        layer("fc2", &[WIDTH, INNER]);
        layer("final_layer_norm", &[WIDTH]);
    }
    tensors
}

/// The bundled weights, all of them.
pub(crate) fn bundled_tensors() -> Tensors {
    from_safetensors(&fs::read(bundled_model().join("model.safetensors")).unwrap())
}

pub(crate) fn from_safetensors(bytes: &[u8]) -> Tensors {
    let tensors = SafeTensors::deserialize(bytes).unwrap();
    let owned = |tensor: TensorView<'_>| (tensor.dtype(), tensor.shape().to_vec(), tensor.data().to_vec());
    tensors.tensors().into_iter().map(|(name, tensor)| (name, owned(tensor))).collect()
}

pub(crate) fn to_safetensors(tensors: &Tensors) -> Vec<u8> {
    let view = |(kind, shape, bytes)| TensorView::new(kind, shape, bytes).unwrap();
    let views = tensors.iter().map(|(name, (kind, shape, bytes))| (name, view((*kind, shape.clone(), bytes))));
    serialize(views, None).unwrap()
}
