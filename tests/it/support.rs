//! What the tests of the program share: a folder of its own for each, the program run in it, and what came of that.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use assert_cmd::Command;
use tempfile::TempDir;

/// The program as it was built for these tests.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_mtalign");

/// Beyond this a run hangs: the slowest takes a few seconds.
const LIMIT: Duration = Duration::from_secs(300);

/// The root of the sources.
pub(crate) fn sources() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The model that comes with the sources.
pub(crate) fn bundled_model() -> PathBuf {
    sources().join("models/zh-en")
}

/// An empty folder, in which the program runs.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A folder with these files in it.
    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let folder = Self::new();
        for (name, content) in files {
            folder.write(name, content);
        }
        folder
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file, and the folders above it.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// The names of everything directly in it, in order.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<_> = entries.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Runs the program here, with nothing in its environment and nothing to read.
    pub(crate) fn mtalign(&self, arguments: &[&str]) -> Run {
        self.mtalign_reading("", arguments)
    }

    /// Runs the program here, with nothing in its environment and `input` on standard input.
    pub(crate) fn mtalign_reading(&self, input: &str, arguments: &[&str]) -> Run {
        let mut command = Command::new(PROGRAM);
        command.write_stdin(input);
        self.run(command, &[], arguments)
    }

    /// Runs a command that ends in a call of the program here, with nothing but `environment` in its environment.
    pub(crate) fn run(&self, mut command: Command, environment: &[(&str, &str)], arguments: &[&str]) -> Run {
        command.args(arguments).current_dir(self.0.path()).env_clear().envs(environment.iter().copied()).timeout(LIMIT);
        let output = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Run {
            command: format!("mtalign {}", arguments.join(" ")),
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

/// What came of a run of the program.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) command: String,
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// Asserts that the program ended with `code`.
    #[track_caller]
    pub(crate) fn ended_with(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "`{}`\n{}", self.command, self.stderr);
        self
    }

    /// Asserts that nothing was done, and that the message has all of `words`.
    #[track_caller]
    pub(crate) fn refused_with(self, words: &[&str]) {
        let run = self.ended_with(2);
        assert_eq!(run.stdout, "", "`{}` wrote data and failed", run.command);
        run.says(words);
    }

    /// Asserts that the messages have all of `words`.
    #[track_caller]
    pub(crate) fn says(&self, words: &[&str]) {
        for word in words {
            assert!(self.stderr.contains(word), "`{}` does not say `{word}`, but:\n{}", self.command, self.stderr);
        }
    }
}
