//! Models brought into the form that is loaded: every tensor that the network has, and no other.

use std::fs;

use assert_cmd::Command;
use mtalign::bundle::BundleFile;
use safetensors::Dtype;
use serde_json::Value;

use crate::{
    foreign::{self, COMPUTED, Files, Tensors},
    shared::shared,
    support::{Folder, PROGRAM, Run, bundled_model},
};

const SHARED: &str = "model.shared.weight";
const BIAS: &str = "final_logits_bias";

/// Runs the program with models in `data` of the folder.
fn mtalign(folder: &Folder, arguments: &[&str]) -> Run {
    let data = folder.path("data");
    folder.run(Command::new(PROGRAM), &[("XDG_DATA_HOME", data.to_str().unwrap())], arguments)
}

/// A folder with a downloaded model in `downloaded`.
fn downloaded(files: &Files) -> Folder {
    let folder = Folder::new();
    for (name, bytes) in files {
        folder.write(&format!("downloaded/{name}"), bytes);
    }
    folder
}

/// The small model with other tensors.
fn with_tensors(change: impl Fn(&mut Tensors)) -> Files {
    let mut tensors = foreign::small_tensors();
    change(&mut tensors);
    let mut files = foreign::small_model();
    files.insert("model.safetensors".to_owned(), foreign::to_safetensors(&tensors));
    files
}

/// The tensors of a model once it is imported.
fn imported(files: &Files) -> Tensors {
    let folder = downloaded(files);
    mtalign(&folder, &["model", "import", "downloaded", "--name", "small"]).ended_with(0);
    mtalign(&folder, &["model", "check", "small"]).ended_with(0);
    foreign::from_safetensors(&fs::read(folder.path("data/mtalign/models/small/model.safetensors")).unwrap())
}

/// The names of what is among the models.
fn models(folder: &Folder) -> usize {
    fs::read_dir(folder.path("data/mtalign/models")).map_or(0, Iterator::count)
}

/// Asserts that a model is refused with these words, and that nothing of it stays.
#[track_caller]
fn refused(files: &Files, words: &[&str]) {
    let folder = downloaded(files);
    mtalign(&folder, &["model", "import", "downloaded"]).refused_with(words);
    assert_eq!(models(&folder), 0);
}

fn moved(tensors: &mut Tensors, from: &str, to: &str) {
    let tensor = tensors.remove(from).unwrap();
    tensors.insert(to.to_owned(), tensor);
}

#[test]
fn the_shared_table_may_have_any_of_its_names_and_several() {
    let expected = imported(&foreign::small_model());
    for name in ["lm_head.weight", "model.encoder.embed_tokens.weight", "model.decoder.embed_tokens.weight"] {
        assert_eq!(imported(&with_tensors(|tensors| moved(tensors, SHARED, name))), expected);
    }
    let everywhere = with_tensors(|tensors| {
        let table = tensors[SHARED].clone();
        tensors.insert("lm_head.weight".to_owned(), table.clone());
        tensors.insert("model.encoder.embed_tokens.weight".to_owned(), table);
    });
    assert_eq!(imported(&everywhere), expected);
}

#[test]
fn tables_of_positions_are_computed_as_the_bundled_ones_were() {
    let mut tensors = foreign::bundled_tensors();
    let tables = COMPUTED.map(|name| tensors.remove(name).unwrap());
    let mut files = foreign::with_bundled_pieces(&foreign::bundled_config());
    files.insert("model.safetensors".to_owned(), foreign::to_safetensors(&tensors));
    let mut found = imported(&files);
    for (name, (kind, shape, bytes)) in COMPUTED.into_iter().zip(tables) {
        let (computed_kind, computed_shape, computed) = found.remove(name).unwrap();
        assert_eq!((kind, computed_kind, &computed_shape), (Dtype::F32, Dtype::F32, &shape));
        let (bundled, computed) = (bytes.as_chunks::<4>().0, computed.as_chunks::<4>().0);
        assert_eq!(bundled.len(), computed.len());
        for (&bundled, &computed) in bundled.iter().zip(computed) {
            let (bundled, computed) = (f32::from_le_bytes(bundled), f32::from_le_bytes(computed));
            assert!((bundled - computed).abs() <= 1e-6, "{bundled} and {computed}");
        }
    }
    tensors.retain(|name, _| !COMPUTED.contains(&name.as_str()));
    assert_eq!(found, tensors, "half precision stays as it was");
}

#[test]
fn a_bias_may_be_flat_or_missing() {
    let expected = imported(&foreign::small_model());
    let flat = with_tensors(|tensors| {
        let (_, shape, _) = tensors.get_mut(BIAS).unwrap();
        shape.remove(0);
    });
    assert_eq!(imported(&flat), expected);
    let mut without = imported(&with_tensors(|tensors| drop(tensors.remove(BIAS))));
    assert!(without.remove(BIAS).unwrap().2.iter().all(|&byte| byte == 0));
    assert!(without.iter().all(|(name, tensor)| expected[name] == *tensor));
}

#[test]
fn the_configuration_keeps_its_settings_and_gets_the_flags_it_lacks() {
    let folder = downloaded(&foreign::small_model());
    mtalign(&folder, &["model", "import", "downloaded", "--name", "small"]).ended_with(0);
    let mut config: Value = serde_json::from_str(&folder.read("data/mtalign/models/small/config.json")).unwrap();
    let settings = config.as_object_mut().unwrap();
    let flags = [("normalize_before", false), ("normalize_embedding", false), ("static_position_embeddings", true)];
    for (flag, value) in flags {
        assert_eq!(settings.remove(flag), Some(value.into()), "{flag}");
    }
    assert_eq!(config, foreign::small(foreign::bundled_config()));
    let sums = folder.read("data/mtalign/models/small/SHA256SUMS");
    assert_eq!(sums.lines().count(), 5, "{sums}");
}

#[test]
fn a_bundle_of_ours_keeps_what_it_has_beside_a_marian_model() {
    let folder = Folder::new();
    let source = bundled_model();
    mtalign(&folder, &["model", "import", source.to_str().unwrap(), "--name", "copy"]).ended_with(0);
    let sums = folder.read("data/mtalign/models/copy/SHA256SUMS");
    // The configuration and the weights are written anew, and the sums with them.
    let is_rewritten = |file| matches!(file, BundleFile::Config | BundleFile::Weights | BundleFile::Sums);
    for file in BundleFile::ALL.into_iter().filter(|&file| !is_rewritten(file)) {
        let copy = fs::read(folder.path("data/mtalign/models/copy").join(file)).unwrap();
        assert_eq!(copy, fs::read(source.join(file)).unwrap());
        assert!(file == BundleFile::ModelCard || sums.contains(&format!("  {file}\n")), "{file}");
    }
}

#[test]
fn weights_that_do_not_make_the_network_are_refused_by_name() {
    let tied = with_tensors(|tensors| {
        let mut table = tensors[SHARED].clone();
        table.2[0] ^= 1;
        tensors.insert("lm_head.weight".to_owned(), table);
    });
    refused(&tied, &["`model.safetensors` has another table in `lm_head.weight` than in `model.shared.weight`"]);
    let layer = "model.encoder.layers.0.fc1.bias";
    let missing = with_tensors(|tensors| drop(tensors.remove(layer)));
    refused(&missing, &[&format!("`model.safetensors` has no tensor `{layer}`")]);
    let strange = "model.encoder.layernorm_embedding.weight";
    let more = with_tensors(|tensors| moved(tensors, layer, strange));
    refused(&more, &[&format!("`model.safetensors` has a tensor `{strange}`")]);
    let wide = with_tensors(|tensors| {
        let (_, shape, bytes) = tensors.get_mut(layer).unwrap();
        shape[0] += 1;
        bytes.extend([0; 4]);
    });
    refused(&wide, &[layer, "in the size [33], but `config.json` asks for [32]"]);
    let none = with_tensors(|tensors| drop(tensors.remove(SHARED)));
    refused(&none, &["`model.safetensors` has no tensor `model.shared.weight`"]);
}

#[test]
fn a_folder_that_is_no_marian_model_is_refused() {
    for (file, words) in [
        ("config.json", "it has no `config.json`"),
        ("target.spm", "it has no `target.spm`"),
        ("model.safetensors", "it has no `model.safetensors`"),
    ] {
        let mut files = foreign::small_model();
        files.remove(file);
        refused(&files, &["error: cannot install `downloaded`", words, "hint: a Marian model has config.json"]);
    }
    for (file, words) in [
        ("config.json", "`config.json` is no model configuration"),
        ("vocab.json", "`vocab.json`"),
        ("source.spm", "`source.spm`"),
        ("model.safetensors", "`model.safetensors` is damaged or cut short"),
        ("SHA256SUMS", "cannot read the line `junk`"),
    ] {
        let mut files = foreign::small_model();
        files.insert(file.to_owned(), b"junk".to_vec());
        refused(&files, &["error: cannot load the model in ", words]);
    }
    let folder = Folder::new();
    mtalign(&folder, &["model", "import", "none"]).refused_with(&["error: cannot read `none`"]);
    let nowhere = downloaded(&foreign::small_model());
    nowhere
        .mtalign(&["model", "import", "downloaded"])
        .refused_with(&["no folder for data", "hint: set XDG_DATA_HOME"]);
}

#[test]
fn the_files_of_the_model_that_is_pulled_most_make_a_bundle() {
    let Some(opus) = shared("opus-mt-zh-en") else { return };
    let read = |file: &str| (file.to_owned(), fs::read(opus.join(file)).unwrap());
    let mut files: Files = ["vocab.json", "source.spm", "target.spm", "README.md"].into_iter().map(read).collect();
    let config: Value = serde_json::from_slice(&read("config.json").1).unwrap();
    let tensors = foreign::random_tensors(config["vocab_size"].as_u64().unwrap().try_into().unwrap());
    files.insert("config.json".to_owned(), foreign::small(config).to_string().into_bytes());
    files.insert("model.safetensors".to_owned(), foreign::to_safetensors(&tensors));
    let found = imported(&files);
    assert_eq!(found.len(), tensors.len() + COMPUTED.len());
}
