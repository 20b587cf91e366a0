//! Models fetched from a hub: whole or not at all, and nothing twice.

#[cfg(feature = "marian")]
mod translating;

use std::fs;

use assert_cmd::Command;
use mtalign::bundle::BundleFile;

use crate::{
    foreign,
    hub::{FORMER_NAME, Hub, REPOSITORY, nowhere},
    support::{Folder, PROGRAM, Run, bundled_model},
};

const WEIGHTS: &str = "model.safetensors";

/// What an interrupted transfer leaves.
const HALF: usize = 1_000_000;

/// Files may have so many blocks: of 512 bytes or 1,024, as the shell has it. Either is less than the weights have, and
/// more than every other file.
const LARGEST_FILE: &str = "1500";

/// A folder for the models and the cache, and a hub to fill them from.
struct Place {
    folder: Folder,
    hub: Hub,
}

impl Place {
    fn new() -> Self {
        Self::with(foreign::small_model())
    }

    fn with(files: foreign::Files) -> Self {
        Self { folder: Folder::new(), hub: Hub::with(files) }
    }

    fn run_with(&self, command: Command, environment: &[(&str, &str)], arguments: &[&str]) -> Run {
        let path = |name: &str| self.folder.path(name).to_str().unwrap().to_owned();
        let (data, cache) = (path("data"), path("cache"));
        let own = [("HF_ENDPOINT", self.hub.endpoint.as_str()), ("XDG_DATA_HOME", &data), ("HF_HOME", &cache)];
        self.folder.run(command, &[&own, environment].concat(), arguments)
    }

    fn run(&self, arguments: &[&str]) -> Run {
        self.run_with(Command::new(PROGRAM), &[], arguments)
    }

    fn pull(&self) -> Run {
        self.run(&["model", "pull", REPOSITORY])
    }

    /// Everything among the models, hidden folders too.
    fn models(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.folder.path("data/mtalign/models")) else { return Vec::new() };
        let mut names: Vec<String> = entries.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn installed(&self, file: &str) -> Vec<u8> {
        fs::read(self.folder.path("data/mtalign/models/tiny").join(file)).unwrap()
    }

    /// The files that were only partly fetched, and how long they are.
    fn parts(&self) -> Vec<u64> {
        let blobs = self.folder.path("cache/hub/models--some-one--tiny/blobs");
        let entries = fs::read_dir(blobs).unwrap().map(Result::unwrap);
        entries.filter(|it| it.path().extension().is_some()).map(|it| it.metadata().unwrap().len()).collect()
    }

    /// Asserts that the model is installed and sound, and nothing else is there.
    #[track_caller]
    fn has_it_whole(&self) {
        assert_eq!(self.models(), ["tiny"]);
        let check = self.run(&["model", "check", "tiny"]).ended_with(0);
        assert!(check.stdout.contains("model.safetensors: SHA-256 as listed"), "{}", check.stdout);
    }
}

#[test]
fn a_model_is_fetched_installed_and_listed() {
    let place = Place::new();
    let pulled = place.pull().ended_with(0);
    let line = format!("tiny\t{}\n", place.folder.path("data/mtalign/models/tiny").display());
    assert_eq!((pulled.stdout.as_str(), pulled.stderr.as_str()), (line.as_str(), ""));
    place.has_it_whole();
    assert!(place.run(&["model", "list"]).ended_with(0).stdout.contains(&line));
    assert_eq!(place.installed("vocab.json"), place.hub.state().files["vocab.json"]);
    assert_eq!(place.installed("MODEL_CARD.md"), b"# A tiny model\n");
    let weights =
        fs::canonicalize(place.folder.path(
            "cache/hub/models--some-one--tiny/snapshots/0123456789abcdef0123456789abcdef01234567/model.safetensors",
        ));
    assert_eq!(fs::read(weights.unwrap()).unwrap(), place.hub.state().files[WEIGHTS]);
    assert_eq!(place.folder.read("cache/hub/models--some-one--tiny/refs/main").len(), 40);
}

#[test]
fn what_a_bundle_has_beside_a_marian_model_is_fetched_too() {
    let place = Place::new();
    let tables = [BundleFile::Lexicon, BundleFile::Tagger, BundleFile::Aligner, BundleFile::Coverage];
    for file in tables {
        let content = fs::read(bundled_model().join(file)).unwrap();
        place.hub.state().files.insert(file.to_string(), content);
    }
    place.pull().ended_with(0);
    for file in tables {
        assert_eq!(place.installed(file.name()), place.hub.state().files[file.name()]);
        assert!(String::from_utf8(place.installed(BundleFile::Sums.name())).unwrap().contains(file.name()));
    }
    place.has_it_whole();
}

#[test]
fn progress_counts_every_byte_once() {
    let place = Place::new();
    place.hub.state().breaks.insert(WEIGHTS.to_owned(), vec![HALF, 2 * HALF]);
    let run = place.run(&["model", "pull", REPOSITORY, "--progress", "json"]).ended_with(0);
    let last: serde_json::Value = serde_json::from_str(run.stderr.lines().last().unwrap()).unwrap();
    let total: usize = place.hub.state().files.values().map(Vec::len).sum();
    assert_eq!((last["stage"].as_str(), &last["done"], &last["total"]), (Some("fetch"), &total.into(), &total.into()));
}

#[test]
fn a_second_pull_fetches_nothing_twice_and_a_damaged_copy_anew() {
    let place = Place::new();
    place.pull().ended_with(0);
    assert_eq!(place.hub.transfers_of(WEIGHTS).len(), 1);
    place.pull().ended_with(0);
    assert_eq!(place.hub.transfers_of(WEIGHTS).len(), 0);
    let snapshot = "cache/hub/models--some-one--tiny/snapshots/0123456789abcdef0123456789abcdef01234567";
    fs::write(fs::canonicalize(place.folder.path(snapshot).join(WEIGHTS)).unwrap(), "junk").unwrap();
    place.pull().ended_with(0);
    assert_eq!(place.hub.transfers_of(WEIGHTS).len(), 1);
    place.has_it_whole();
}

#[test]
fn a_broken_connection_is_opened_again_where_it_broke() {
    let place = Place::new();
    place.hub.state().breaks.insert(WEIGHTS.to_owned(), vec![HALF]);
    place.pull().ended_with(0);
    let ranges: Vec<_> =
        place.hub.transfers_of(WEIGHTS).iter().map(|it| it.header("range").map(str::to_owned)).collect();
    assert_eq!(ranges, [None, Some(format!("bytes={HALF}-"))]);
    place.has_it_whole();
}

#[test]
fn where_it_breaks_again_and_again_the_next_pull_goes_on() {
    let place = Place::new();
    place.hub.state().breaks.insert(WEIGHTS.to_owned(), vec![HALF, 0]);
    let whole = place.hub.state().files[WEIGHTS].len();
    place.pull().refused_with(&[
        &format!(
            "error: cannot install `{REPOSITORY}`: the connection broke after {HALF} of {whole} bytes of `{WEIGHTS}`"
        ),
        "hint: run the same command again: it goes on where it stopped",
    ]);
    assert_eq!((place.models(), place.parts()), (vec![], vec![HALF as u64]));
    place.hub.transfers_of(WEIGHTS);
    place.pull().ended_with(0);
    let transfers = place.hub.transfers_of(WEIGHTS);
    assert_eq!((transfers.len(), transfers[0].header("range")), (1, Some(format!("bytes={HALF}-").as_str())));
    assert_eq!(place.parts(), [0_u64; 0]);
    place.has_it_whole();
}

#[test]
fn a_server_that_knows_no_ranges_sends_all_of_it_again() {
    let place = Place::new();
    place.hub.state().breaks.insert(WEIGHTS.to_owned(), vec![HALF]);
    place.hub.state().ignores_ranges = true;
    place.pull().ended_with(0);
    place.has_it_whole();
    place.hub.state().files.insert(WEIGHTS.to_owned(), vec![0; 3 * HALF]);
    place.hub.state().breaks.insert(WEIGHTS.to_owned(), vec![HALF; 9]);
    place.pull().refused_with(&["the connection broke after"]);
}

#[test]
fn other_bytes_than_promised_are_thrown_away() {
    for is_longer in [false, true] {
        let place = Place::new();
        let mut other = place.hub.state().files[WEIGHTS].clone();
        *other.last_mut().unwrap() ^= 1;
        other.extend(is_longer.then_some(0));
        place.hub.state().instead.insert(WEIGHTS.to_owned(), other);
        place.pull().refused_with(&[
            &format!(
                "error: cannot install `{REPOSITORY}`: `{WEIGHTS}` came with other bytes than the hub says it has"
            ),
            "hint: run the same command again",
        ]);
        assert_eq!((place.models(), place.parts()), (vec![], vec![]));
        place.hub.state().instead.clear();
        place.pull().ended_with(0);
        place.has_it_whole();
    }
}

#[test]
fn an_installed_model_is_kept_until_the_new_one_is_whole() {
    let place = Place::new();
    place.pull().ended_with(0);
    let earlier = place.installed(WEIGHTS);
    let mut tensors = foreign::small_tensors();
    tensors.get_mut("model.shared.weight").unwrap().2[0] ^= 1;
    let newer = foreign::to_safetensors(&tensors);
    place.hub.state().files.insert(WEIGHTS.to_owned(), newer[..newer.len() - 4].to_vec());
    place.pull().refused_with(&["`model.safetensors` is damaged or cut short"]);
    place.has_it_whole();
    assert_eq!(place.installed(WEIGHTS), earlier);
    place.hub.state().files.insert(WEIGHTS.to_owned(), newer);
    place.pull().ended_with(0);
    place.has_it_whole();
    assert_ne!(place.installed(WEIGHTS), earlier);
}

#[cfg(unix)]
#[test]
fn a_full_disk_leaves_nothing_half_installed() {
    let place = Place::new();
    let limited = |name: &str| {
        // A file that may not grow is refused like one on a full disk, once the signal that would end the program is off.
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", "trap '' XFSZ; ulimit -f \"$0\"; exec \"$@\"", LARGEST_FILE, PROGRAM]);
        place.run_with(shell, &[], &["model", "pull", REPOSITORY, "--name", name])
    };
    let hint = "hint: check that the folder exists, that you may write there and that the disk has room";
    limited("tiny").refused_with(&["error: cannot write `", ".part`", "caused by: File too large", hint]);
    assert_eq!((place.models(), place.parts().len()), (vec![], 1));
    // Fetched, it cannot be written a second time.
    place.pull().ended_with(0);
    limited("other").refused_with(&["error: cannot write `", "/model.safetensors`", "caused by: File too large", hint]);
    place.has_it_whole();
}

#[test]
fn a_private_model_needs_the_token_which_only_the_hub_sees() {
    let place = Place::new();
    place.hub.state().token = Some("secret".to_owned());
    let words = ["does not let us have it (status 401)", "hint: check the name", "HF_TOKEN"];
    place.pull().refused_with(&words);
    let pull = ["model", "pull", REPOSITORY];
    place.run_with(Command::new(PROGRAM), &[("HF_TOKEN", "wrong")], &pull).refused_with(&words);
    assert_eq!(place.models(), [""; 0]);
    place.run_with(Command::new(PROGRAM), &[("HF_TOKEN", "secret")], &pull).ended_with(0);
    place.has_it_whole();
    let transfers = place.hub.transfers_of(WEIGHTS);
    assert_eq!((transfers.len(), transfers[0].header("authorization")), (1, None));
    place.folder.write("cache/token", "secret\n");
    place.pull().ended_with(0);
}

#[test]
fn what_the_hub_does_not_have_is_said() {
    let place = Place::new();
    place.run(&["model", "pull", "some-one/other"]).refused_with(&[
        &format!("error: cannot install `some-one/other`: the hub at `{}` has no such model", place.hub.endpoint),
        "hint: check the name",
    ]);
    place.hub.state().status = Some(503);
    place.pull().refused_with(&["answered with status 503", "hint: try again later"]);
    place.hub.state().status = Some(302);
    place.pull().refused_with(&["sent on to no address"]);
    let elsewhere = nowhere();
    let run = place.run_with(Command::new(PROGRAM), &[("HF_ENDPOINT", &elsewhere)], &["model", "pull", REPOSITORY]);
    run.refused_with(&[&format!("no answer from `{elsewhere}`"), "caused by: ", "hint: check the network"]);
    let run = place.run_with(Command::new(PROGRAM), &[("HF_ENDPOINT", "hub")], &["model", "pull", REPOSITORY]);
    run.refused_with(&["cannot install `hub`: this is no address of a hub", "hint: HF_ENDPOINT has the form"]);
    assert_eq!(place.models(), [""; 0]);
}

#[test]
fn a_model_that_was_renamed_is_found_under_its_former_name() {
    let place = Place::new();
    place.run(&["model", "pull", FORMER_NAME, "--name", "tiny"]).ended_with(0);
    place.has_it_whole();
}

#[test]
fn neither_a_name_nor_a_hub_chooses_a_path() {
    let place = Place::new();
    for (arguments, words) in [
        (&["some-one/.."][..], "no repository has this name"),
        (&["../tiny"], "no repository has this name"),
        (&["tiny"], "the short names are `opus-mt-zh-en`"),
        (&[REPOSITORY, "--name", "../tiny"], "no model can have this name"),
        (&[REPOSITORY, "--name", "zh-en"], "this is the name of the default model"),
    ] {
        place.run(&[&["model", "pull"], arguments].concat()).refused_with(&[words, "hint: "]);
    }
    assert!(place.hub.state().requests.is_empty());
    place.hub.state().tag = Some("../../../outside".to_owned());
    place.pull().refused_with(&["does not say the hash and the size of `config.json`"]);
    place.hub.state().commit = Some("../../outside".to_owned());
    place.pull().refused_with(&["names `../../outside` as its commit"]);
    assert_eq!(place.folder.names(), [""; 0]);
}

#[test]
fn a_pickle_is_never_fetched() {
    let place = Place::new();
    let weights = place.hub.state().files.remove(WEIGHTS).unwrap();
    place.hub.state().files.insert("pytorch_model.bin".to_owned(), weights);
    place.pull().refused_with(&[
        "its weights are in `pytorch_model.bin`, a Python pickle, which can run any code when it is read",
        "hint: convert it where you trust it",
        "import that folder",
    ]);
    assert!(place.hub.transfers_of("pytorch_model.bin").is_empty());
    place.hub.state().files.remove("source.spm");
    place.pull().refused_with(&["it has no `source.spm`", "hint: a Marian model has config.json"]);
    assert_eq!(place.models(), [""; 0]);
}

#[cfg(not(feature = "marian"))]
#[test]
fn without_libtorch_an_archive_of_it_is_not_fetched() {
    let place = Place::new();
    let weights = place.hub.state().files.remove(WEIGHTS).unwrap();
    place.hub.state().files.insert("rust_model.ot".to_owned(), weights);
    place.pull().refused_with(&["its weights are in `rust_model.ot`, which only libtorch reads", "`marian`"]);
    assert!(place.hub.transfers_of("rust_model.ot").is_empty());
}
