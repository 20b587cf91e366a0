//! The import of a Marian model as it is downloaded: it becomes a bundle among the user's models.
//!
//! ```text
//!  model.safetensors ─────────────────┐  ties resolved,
//!  rust_model.ot ─▶ libtorch ─────────┴▶ positions computed ─▶ model.safetensors ─┐
//!  config.json ─▶ flags that are left out are said ─▶ config.json ────────────────┤  SHA256SUMS,
//!  vocab.json, source.spm, target.spm ────────────────────────────────────────────┴▶ check ─▶ installed
//! ```
//! Only `rust_model.ot` needs libtorch, which the caller brings. A Python pickle is never read.

mod tensors;

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::{
    Architecture, Bundle, BundleFile, CONFIG,
    check::listed_fault,
    install::{ModelName, Staging},
    network::WEIGHTS,
    sums,
};
use crate::{
    error::{Cause, Error, Result},
    manifest::Need,
};

/// A reader of `rust_model.ot`, which reads the file given first and writes its tensors as safetensors to the path
/// given second.
pub type OtReader<'r> = &'r dyn Fn(&Path, &Path) -> std::result::Result<(), Cause>;

/// The file with the weights in rust-bert's form: an archive that libtorch reads.
pub(super) const OT_WEIGHTS: &str = "rust_model.ot";

/// The file with the weights in PyTorch's old form: a Python pickle, which runs what its author wants when it is
/// read.
const PICKLE: &str = "pytorch_model.bin";

/// The file in which a repository says what a bundle says in its model card.
pub(super) const README: &str = "README.md";

/// The flags that older configurations leave out, as every Marian model has them.
const FLAGS: [(&str, bool); 4] = [
    ("normalize_before", false),
    ("normalize_embedding", false),
    ("add_final_layer_norm", false),
    ("static_position_embeddings", true),
];

const PICKLE_HINT: &str = "convert it where you trust it: in Python, \
    `MarianMTModel.from_pretrained(FROM).save_pretrained(DIR)`; copy the other files there, and import that folder";
const LIBTORCH_HINT: &str = "use a program with libtorch, built with the feature `marian`";
const FILES_HINT: &str = "a Marian model has config.json, vocab.json, source.spm, target.spm, \
    and model.safetensors or rust_model.ot";

/// Makes a bundle of the model in `source` and installs it as `name`, in place of an earlier one of this name.
/// `read_ot` is `None` where there is no libtorch.
pub fn import(source: &Path, name: &ModelName, read_ot: Option<OtReader<'_>>) -> Result<Bundle> {
    let there: Vec<String> = fs::read_dir(source)
        .map_err(|cause| Error::read(source, cause))?
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    let weights = choose_weights(&source.display().to_string(), &there, read_ot.is_some())?;
    // Sums of our own would make a damage look intended.
    listed_fault(source).map_or(Ok(()), |fault| Err(Error::model(source, fault)))?;

    let staging = Staging::new(name)?;
    let has = |file: &str| there.iter().any(|it| it == file);
    let extras = BundleFile::names(Need::Extra).filter(|file| has(file));
    let kept: Vec<&str> = BundleFile::names(Need::Required).chain(extras).collect();
    for file in kept.iter().filter(|&&file| file != CONFIG.name() && file != WEIGHTS.name()) {
        copy(&source.join(file), &staging.path().join(file))?;
    }
    if let Some(card) = [BundleFile::ModelCard.name(), README].into_iter().find(|file| has(file)) {
        copy(&source.join(card), &staging.path().join(BundleFile::ModelCard))?;
    }
    complete_config(source, &staging.path().join(CONFIG))?;
    complete_weights(source, weights, staging.path(), read_ot)?;
    sums::write(staging.path(), &kept)?;
    staging.install(source)
}

/// The file with the weights that is used of those in `files`. Fails if one of the other files is not there.
/// Safetensors come first: they need no libtorch.
pub(super) fn choose_weights(model: &str, files: &[String], has_libtorch: bool) -> Result<&'static str> {
    let has = |file: &str| files.iter().any(|it| it == file);
    if let Some(missing) = BundleFile::names(Need::Required).find(|&file| file != WEIGHTS.name() && !has(file)) {
        return Err(Error::install(model, format!("it has no `{missing}`"), FILES_HINT));
    }
    match (has(WEIGHTS.name()), has(OT_WEIGHTS)) {
        (true, _) => Ok(WEIGHTS.name()),
        (false, true) if has_libtorch => Ok(OT_WEIGHTS),
        (false, true) => {
            let what = format!("its weights are in `{OT_WEIGHTS}`, which only libtorch reads");
            Err(Error::install(model, what, LIBTORCH_HINT))
        }
        (false, false) if has(PICKLE) => {
            let what =
                format!("its weights are in `{PICKLE}`, a Python pickle, which can run any code when it is read");
            Err(Error::install(model, what, PICKLE_HINT))
        }
        (false, false) => Err(Error::install(model, format!("it has no `{WEIGHTS}`"), FILES_HINT)),
    }
}

/// Writes the configuration in `source` with what it leaves out.
fn complete_config(source: &Path, to: &Path) -> Result<()> {
    let no_config = |cause: Cause| Error::model_because(source, format!("`{CONFIG}` is no model configuration"), cause);
    let bytes = fs::read(source.join(CONFIG))
        .map_err(|cause| Error::model_because(source, format!("cannot read `{CONFIG}`"), cause))?;
    let mut config: Value = serde_json::from_slice(&bytes).map_err(|cause| no_config(cause.into()))?;
    let settings = config.as_object_mut().ok_or_else(|| no_config("it is no object".into()))?;
    for (flag, value) in FLAGS {
        settings.entry(flag).or_insert(value.into());
    }
    fs::write(to, format!("{config:#}\n")).map_err(|cause| Error::write(to, cause))
}

/// Writes the weights in the file `weights` of `source` with what they leave out, for the configuration in `staged`.
fn complete_weights(source: &Path, weights: &str, staged: &Path, read_ot: Option<OtReader<'_>>) -> Result<()> {
    let architecture = Architecture::read(staged).map_err(|error| in_source(error, source))?;
    let complete = |from: &Path| {
        let completed = tensors::complete(from, &architecture, &staged.join(WEIGHTS));
        completed.map_err(|fault| fault.of(source, weights))?;
        // Safetensors are written for their owner only.
        let permissions = fs::metadata(staged.join(CONFIG)).map(|config| config.permissions());
        let permitted = permissions.and_then(|permissions| fs::set_permissions(staged.join(WEIGHTS), permissions));
        permitted.map_err(|cause| Error::write(&staged.join(WEIGHTS), cause))
    };
    let from = source.join(weights);
    let Some(read_ot) = read_ot.filter(|_| weights == OT_WEIGHTS) else { return complete(&from) };
    let converted = staged.join("converted.safetensors");
    read_ot(&from, &converted)
        .map_err(|cause| Error::model_because(source, format!("libtorch cannot convert `{weights}`"), cause))?;
    complete(&converted)?;
    fs::remove_file(&converted).map_err(|cause| Error::write(&converted, cause))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    let mut reader = fs::File::open(from).map_err(|cause| Error::read(from, cause))?;
    let written = fs::File::create(to).and_then(|mut writer| std::io::copy(&mut reader, &mut writer));
    written.map(drop).map_err(|cause| Error::write(to, cause))
}

/// An error told of the directory that the user knows rather than of the one that is being written.
fn in_source(error: Error, dir: &Path) -> Error {
    match error {
        Error::Model { what, source, .. } => Error::Model { dir: PathBuf::from(dir), what, source },
        other => other,
    }
}
