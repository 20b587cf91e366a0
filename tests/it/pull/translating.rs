//! Fetched models translate: the bundled one, without what files from elsewhere lack, as it did before.

use safetensors::Dtype;
use tch::{Kind, Tensor};

use super::Place;
use crate::{
    foreign::{self, COMPUTED, Files, Tensors},
    support::{Folder, bundled_model},
};

const SENTENCES: &str = "他每天早上喝一杯茶。\n图书馆在星期一关门，其他时间都开放。\n圖書館在2031年關門。\n";

/// The bundled weights as an older `transformers` wrote them: the shared table three times, no positions.
fn older_tensors() -> Tensors {
    let mut tensors = foreign::bundled_tensors();
    tensors.retain(|name, _| !COMPUTED.contains(&name.as_str()));
    let table = tensors["model.shared.weight"].clone();
    for name in ["lm_head.weight", "model.encoder.embed_tokens.weight", "model.decoder.embed_tokens.weight"] {
        tensors.insert(name.to_owned(), table.clone());
    }
    tensors
}

/// As rust-bert's own conversion writes it, in the given precision.
fn archive(tensors: &Tensors, precision: Kind) -> Vec<u8> {
    let tensor = |(name, (kind, shape, bytes)): (&String, &(Dtype, Vec<usize>, Vec<u8>))| {
        let kind = if *kind == Dtype::F16 { Kind::Half } else { Kind::Float };
        let shape: Vec<i64> = shape.iter().map(|&size| size.try_into().unwrap()).collect();
        (name.clone(), Tensor::f_from_data_size(bytes, &shape, kind).unwrap().to_kind(precision))
    };
    let named: Vec<(String, Tensor)> = tensors.iter().map(tensor).collect();
    let folder = Folder::new();
    Tensor::save_multi(&named, folder.path("rust_model.ot")).unwrap();
    std::fs::read(folder.path("rust_model.ot")).unwrap()
}

/// The bundled model with weights of one's own.
fn bundled_with(name: &str, weights: Vec<u8>) -> Files {
    let mut files = foreign::with_bundled_pieces(&foreign::bundled_config());
    files.insert(name.to_owned(), weights);
    files
}

#[test]
fn a_model_in_any_form_translates_as_the_bundled_one() {
    let tensors = older_tensors();
    let translate = |place: &Place, model: &str| {
        place.folder.write("in.txt", SENTENCES);
        place.run(&["translate", "--sentences", "in.txt", "--model", model]).ended_with(0).stdout
    };
    // What is fetched has neither lexicon nor tagger, which choose among translations too.
    let place = Place::with(Files::new());
    for name in ["config.json", "model.safetensors", "vocab.json", "source.spm", "target.spm"] {
        place.folder.write(&format!("bundled/{name}"), std::fs::read(bundled_model().join(name)).unwrap());
    }
    let expected = translate(&place, place.folder.path("bundled").to_str().unwrap());
    for (name, weights) in [
        ("model.safetensors", foreign::to_safetensors(&tensors)),
        ("rust_model.ot", archive(&tensors, Kind::Half)),
        ("rust_model.ot", archive(&tensors, Kind::Float)),
    ] {
        let place = Place::with(bundled_with(name, weights));
        place.pull().ended_with(0);
        place.has_it_whole();
        assert_eq!(translate(&place, "tiny"), expected, "from `{name}`");
    }
}

#[test]
fn a_model_without_embeddings_aligns_with_the_bundled_ones() {
    let place = Place::new();
    place.pull().ended_with(0);
    place.folder.write("in.txt", "猫睡了。\n\nThe cat slept.\n");
    let run = place.run(&["align", "in.txt", "--model", "tiny"]).ended_with(0);
    assert!(run.stdout.starts_with("猫睡了。\tThe cat slept.\t"), "{}", run.stdout);
}

#[test]
fn an_archive_that_is_none_leaves_nothing() {
    let place = Place::with(bundled_with("rust_model.ot", b"junk".to_vec()));
    let pulled = place.pull();
    assert_eq!(pulled.stderr.lines().count(), 3, "{}", pulled.stderr);
    pulled.refused_with(&["libtorch cannot convert `rust_model.ot`", "caused by: ", "not a ZIP archive", "hint: "]);
    assert_eq!(place.models(), [""; 0]);
}

#[test]
fn a_model_that_was_damaged_since_it_was_installed_is_refused_by_name() {
    let place = Place::new();
    place.pull().ended_with(0);
    place.folder.write("in.txt", SENTENCES);
    // Neither becomes unreadable.
    let mut other_weight = place.installed("model.safetensors");
    *other_weight.last_mut().unwrap() ^= 1;
    let other_spacing = [&place.installed("vocab.json"), &b"\n"[..]].concat();
    for (file, damaged) in [("model.safetensors", other_weight), ("vocab.json", other_spacing)] {
        let sound = place.installed(file);
        place.folder.write(&format!("data/mtalign/models/tiny/{file}"), damaged);
        let run = place.run(&["translate", "--sentences", "in.txt", "--model", "tiny"]);
        run.refused_with(&[&format!("`{file}` is damaged: its SHA-256 is "), "hint: `mtalign model list`"]);
        place.folder.write(&format!("data/mtalign/models/tiny/{file}"), sound);
    }
    place.run(&["translate", "--sentences", "in.txt", "--model", "tiny"]).ended_with(0);
}
