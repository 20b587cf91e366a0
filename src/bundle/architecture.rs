//! The architecture of a Marian model: `config.json` in, the sizes of the network out.
//!
//! Everything that the translator's network relies on is checked here and in `network.rs`, so that building and
//! running it cannot fail.

use std::{fs, path::Path};

use serde::Deserialize;

use super::{BundleFile, CONFIG};
use crate::{
    error::{Error, Result},
    tokenizer::Tokenizer,
};

/// The activation functions that the network has, by their names in `config.json`.
const ACTIVATIONS: [&str; 7] = ["relu", "swish", "gelu", "gelu_new", "mish", "tanh", "identity"];

/// The most layers of a stack, positions, pieces, and numbers of a table of positions, far above those of any Marian model
/// (12, 1,024, 256,000 and a million): what is computed from sizes alone, before a file bears them out, stays small.
const MOST_LAYERS: usize = 1_000;
const MOST_POSITIONS: usize = 1 << 16;
const MOST_PIECES: usize = 1 << 24;
const MOST_OF_POSITIONS: usize = 1 << 24;

/// The sizes and special pieces of a Marian model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Architecture {
    /// The number of pieces in the joint vocabulary.
    pub vocabulary: usize,
    /// The width of the hidden states.
    pub width: usize,
    /// The length of the longest sequence, in pieces, the end mark counted.
    pub positions: usize,
    /// The layers of the encoder.
    pub encoder: Stack,
    /// The layers of the decoder.
    pub decoder: Stack,
    /// The name of the activation function, which [`Architecture::read`] has checked.
    pub activation: String,
    /// Whether embeddings are multiplied by the square root of the width.
    pub scaled_embedding: bool,
    /// The piece that ends a sentence.
    pub end: usize,
    /// The piece that fills up a batch.
    pub padding: usize,
    /// The piece that starts a translation.
    pub start: usize,
}

/// A stack of layers: the encoder or the decoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stack {
    /// The number of layers.
    pub layers: usize,
    /// The number of attention heads of each layer.
    pub heads: usize,
    /// The width of the feed-forward network of each layer.
    pub inner: usize,
}

impl Architecture {
    /// Reads and checks `config.json` in `dir`. Fails with the setting that cannot be served.
    pub fn read(dir: &Path) -> Result<Self> {
        let bytes = fs::read(dir.join(CONFIG))
            .map_err(|cause| Error::model_because(dir, format!("cannot read `{CONFIG}`"), cause))?;
        let config: Config = serde_json::from_slice(&bytes)
            .map_err(|cause| Error::model_because(dir, format!("`{CONFIG}` is no model configuration"), cause))?;
        config.check().map_err(|what| Error::model(dir, format!("`{CONFIG}` {what}")))
    }

    /// Checks that the vocabulary numbers its pieces as `config.json` does. Fails if it does not.
    pub fn check_vocabulary(&self, dir: &Path, tokenizer: &Tokenizer) -> Result<()> {
        let wrong = |what: String| Err(Error::model(dir, format!("`{}` {what}", BundleFile::Vocabulary)));
        if tokenizer.size() != self.vocabulary {
            let (found, asked) = (tokenizer.size(), self.vocabulary);
            return wrong(format!("has {found} pieces, but `{CONFIG}` asks for {asked}"));
        }
        for (name, found, asked) in [("</s>", tokenizer.end(), self.end), ("<pad>", tokenizer.padding(), self.padding)]
        {
            if found as usize != asked {
                return wrong(format!("gives `{name}` the number {found}, but `{CONFIG}` says {asked}"));
            }
        }
        Ok(())
    }
}

/// `config.json` as Hugging Face writes it; a setting that is left out has the default of its `MarianConfig`.
#[derive(Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "the file has them so")]
struct Config {
    model_type: Option<String>,
    vocab_size: usize,
    decoder_vocab_size: Option<usize>,
    d_model: usize,
    max_position_embeddings: usize,
    encoder_layers: usize,
    encoder_attention_heads: usize,
    encoder_ffn_dim: usize,
    decoder_layers: usize,
    decoder_attention_heads: usize,
    decoder_ffn_dim: usize,
    activation_function: String,
    eos_token_id: usize,
    pad_token_id: usize,
    decoder_start_token_id: usize,
    #[serde(default)]
    scale_embedding: bool,
    #[serde(default)]
    normalize_before: bool,
    #[serde(default)]
    normalize_embedding: bool,
    #[serde(default)]
    add_final_layer_norm: bool,
    #[serde(default = "yes")]
    static_position_embeddings: bool,
    #[serde(default = "yes")]
    share_encoder_decoder_embeddings: bool,
    #[serde(default = "yes")]
    tie_word_embeddings: bool,
}

fn yes() -> bool {
    true
}

impl Config {
    fn check(self) -> std::result::Result<Architecture, String> {
        match self.model_type.as_deref() {
            Some("marian") => {}
            Some(other) => return Err(format!("describes a model of type `{other}`, not `marian`")),
            None => return Err("has no `model_type`".to_owned()),
        }
        for (setting, found, served) in [
            ("normalize_before", self.normalize_before, false),
            ("normalize_embedding", self.normalize_embedding, false),
            ("add_final_layer_norm", self.add_final_layer_norm, false),
            ("static_position_embeddings", self.static_position_embeddings, true),
            ("share_encoder_decoder_embeddings", self.share_encoder_decoder_embeddings, true),
            ("tie_word_embeddings", self.tie_word_embeddings, true),
        ] {
            if found != served {
                return Err(format!("sets `{setting}` to {found}; only {served} is supported"));
            }
        }
        for (setting, found, most) in [
            ("encoder_layers", self.encoder_layers, MOST_LAYERS),
            ("decoder_layers", self.decoder_layers, MOST_LAYERS),
            ("max_position_embeddings", self.max_position_embeddings, MOST_POSITIONS),
            ("vocab_size", self.vocab_size, MOST_PIECES),
            // The width has a bound with the positions.
            ("d_model", self.d_model, MOST_OF_POSITIONS / self.max_position_embeddings.max(1)),
        ] {
            if found > most {
                return Err(format!("sets `{setting}` to {found}; at most {most} are supported"));
            }
        }
        if self.decoder_vocab_size.is_some_and(|size| size != self.vocab_size) {
            return Err("gives the decoder a vocabulary of its own, which is not supported".to_owned());
        }
        if !ACTIVATIONS.contains(&self.activation_function.as_str()) {
            let (found, known) = (&self.activation_function, ACTIVATIONS.join(", "));
            return Err(format!("asks for the activation function `{found}`; known are {known}"));
        }
        let encoder =
            Stack { layers: self.encoder_layers, heads: self.encoder_attention_heads, inner: self.encoder_ffn_dim };
        let decoder =
            Stack { layers: self.decoder_layers, heads: self.decoder_attention_heads, inner: self.decoder_ffn_dim };
        for stack in [encoder, decoder] {
            if stack.layers == 0 || stack.inner == 0 || stack.heads == 0 || !self.d_model.is_multiple_of(stack.heads) {
                return Err(format!("has impossible sizes: width {} and {stack:?}", self.d_model));
            }
        }
        if self.d_model == 0 || self.max_position_embeddings < 2 {
            let (width, positions) = (self.d_model, self.max_position_embeddings);
            return Err(format!("has impossible sizes: width {width}, {positions} positions"));
        }
        for (name, id) in [
            ("eos_token_id", self.eos_token_id),
            ("pad_token_id", self.pad_token_id),
            ("decoder_start_token_id", self.decoder_start_token_id),
        ] {
            if id >= self.vocab_size {
                return Err(format!("sets `{name}` to {id}, outside the vocabulary of {}", self.vocab_size));
            }
        }
        Ok(Architecture {
            vocabulary: self.vocab_size,
            width: self.d_model,
            positions: self.max_position_embeddings,
            encoder,
            decoder,
            activation: self.activation_function,
            scaled_embedding: self.scale_embedding,
            end: self.eos_token_id,
            padding: self.pad_token_id,
            start: self.decoder_start_token_id,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bundled() -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("models/zh-en")
    }

    /// The bundled configuration with one setting replaced.
    fn changed(setting: &str, value: serde_json::Value) -> String {
        let text = fs::read_to_string(bundled().join(CONFIG)).unwrap();
        let mut config: serde_json::Value = serde_json::from_str(&text).unwrap();
        config[setting] = value;
        let config: Config = serde_json::from_value(config).unwrap();
        config.check().unwrap_err()
    }

    #[test]
    fn settings_that_the_network_does_not_have_are_named() {
        let cases = [
            ("model_type", "t5".into(), "type `t5`"),
            ("activation_function", "prelu".into(), "`prelu`"),
            ("normalize_before", true.into(), "`normalize_before`"),
            ("tie_word_embeddings", false.into(), "`tie_word_embeddings`"),
            ("decoder_vocab_size", 7.into(), "vocabulary of its own"),
            ("decoder_attention_heads", 7.into(), "impossible sizes"),
            ("decoder_attention_heads", 0.into(), "impossible sizes"),
            ("max_position_embeddings", 0.into(), "impossible sizes"),
            ("pad_token_id", 99_999.into(), "`pad_token_id`"),
            ("encoder_layers", 100_000_000.into(), "`encoder_layers` to 100000000; at most 1000"),
            ("decoder_layers", u64::MAX.into(), "`decoder_layers`"),
            ("max_position_embeddings", 1_000_000_000_u64.into(), "`max_position_embeddings`"),
            ("vocab_size", u64::MAX.into(), "`vocab_size`"),
            ("d_model", 1_000_000_000_000_u64.into(), "`d_model`"),
        ];
        for (setting, value, expected) in cases {
            let what = changed(setting, value);
            assert!(what.contains(expected), "{setting}: {what}");
        }
    }
}
