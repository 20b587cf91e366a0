//! The siege: situations that are hostile or unlucky, in tables (`tests/siege/*.txt`), each with the exit status and the
//! words that a user is owed. Whatever happens, the program ends by itself, says nothing that a terminal obeys, and does not
//! panic.

use std::{
    fmt::Write as _,
    fs,
    io::{Cursor, Write as _},
    path::Path,
    time::Duration,
};

use assert_cmd::Command;
use zip::{ZipWriter, write::SimpleFileOptions};

use crate::support::{Folder, PROGRAM, bundled_model, sources};

/// Beyond this a run hangs.
const LIMIT: Duration = Duration::from_secs(120);

/// A situation, as a table has it.
#[derive(Debug, Default)]
struct Situation {
    name: String,
    /// What has to be there, or the situation is skipped: `marian`, `linux`, `full` (`/dev/full`), `user` (somebody who may
    /// not do everything, as whom it is tried).
    needs: Vec<String>,
    /// Shell commands that make it.
    made_by: Vec<String>,
    /// The shell command that is tried, in which `mtalign` is the program.
    tried: String,
    status: i32,
    /// What standard error says.
    says: Vec<String>,
    /// Shell commands that succeed afterwards.
    holds: Vec<String>,
}

/// The situations of a table: `== NAME`, then lines that begin with `@` (needs), `$` (made by), `>` (tried), `=` (status),
/// `?` (says) and `&` (holds).
fn table(text: &str) -> Vec<Situation> {
    let mut situations: Vec<Situation> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix("== ") {
            situations.push(Situation { name: name.to_owned(), ..Situation::default() });
            continue;
        }
        let situation = situations.last_mut().expect("a name comes first");
        let (kind, rest) = line.split_at_checked(2).unwrap_or((line, ""));
        let rest = rest.to_owned();
        match kind {
            "@ " => situation.needs.push(rest),
            "$ " => situation.made_by.push(rest),
            "> " => situation.tried = rest,
            "= " => situation.status = rest.parse().unwrap(),
            "? " => situation.says.push(rest),
            "& " => situation.holds.push(rest),
            _ => panic!("not a line of a table: {line}"),
        }
    }
    situations
}

/// Files that a shell cannot make.
fn made(folder: &Folder) {
    let archive = |parts: &[(&str, &[u8])]| {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in parts {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(content).unwrap();
        }
        writer.finish().unwrap().into_inner()
    };
    let body = |text: &str| format!("<w:document xmlns:w=\"w\"><w:body>{text}</w:body></w:document>");
    let paragraph = |text: &str| format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>");
    let whole =
        archive(&[("word/document.xml", body(&(paragraph("猫睡了。") + &paragraph("The cat slept."))).as_bytes())]);
    folder.write("made/cut.docx", &whole[..whole.len() / 2]);
    folder.write("made/whole.docx", &whole);
    folder.write("made/bomb.docx", archive(&[("word/document.xml", &vec![b' '; 300 << 20])]));
    let entities =
        "<!DOCTYPE w [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]>".to_owned() + &body(&paragraph("&b;"));
    folder.write("made/entities.docx", archive(&[("word/document.xml", entities.as_bytes())]));
    folder.write("made/other.docx", archive(&[("readme.txt", b"no document")]));
    folder.write(
        "made/climbing.epub",
        archive(&[(
            "META-INF/container.xml",
            b"<container><rootfiles><rootfile full-path=\"../../../../etc/passwd\"/></rootfiles></container>",
        )]),
    );
}

fn is_there(need: &str, folder: &Folder) -> bool {
    match need {
        "marian" => cfg!(feature = "marian"),
        "linux" => cfg!(target_os = "linux"),
        "full" => Path::new("/dev/full").exists(),
        "user" => {
            folder.write("mine", "");
            shell(folder, "chmod 000 mine && chmod 777 .").0 == Some(0)
                && [ANYBODY, NOBODY].iter().any(|user| is_nobody(user, folder))
        }
        other => panic!("nobody knows what `{other}` is"),
    }
}

/// A command run by whoever runs the tests, and by somebody who may do nothing, where root runs them.
const ANYBODY: &[&str] = &[];
const NOBODY: &[&str] = &["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];

/// Whether this user can run the program, and not read everything.
fn is_nobody(user: &[&str], folder: &Folder) -> bool {
    shell_as(user, folder, "mtalign --version && ! cat mine").0 == Some(0)
}

/// Runs a shell command in the folder: its exit status, and what it said.
fn shell(folder: &Folder, command: &str) -> (Option<i32>, String) {
    shell_as(ANYBODY, folder, command)
}

fn shell_as(user: &[&str], folder: &Folder, command: &str) -> (Option<i32>, String) {
    let words = format!("mtalign() {{ \"$PROGRAM\" \"$@\"; }}\n{command}");
    let shell = [user, &["sh", "-c", &words]].concat();
    let output = Command::new(shell[0])
        .args(&shell[1..])
        .current_dir(folder.path(""))
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("PROGRAM", PROGRAM)
        .env("BUNDLE", bundled_model())
        .env("MTALIGN_CACHE", folder.path("cache"))
        .timeout(LIMIT)
        .output();
    // Where there is no such command, nothing is run.
    let Ok(output) = output else { return (None, String::new()) };
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// What is wrong with how a situation ends.
fn faults(situation: &Situation) -> String {
    let folder = Folder::new();
    folder.write("in.txt", "猫睡了。\n\nThe cat slept.\n");
    folder.write("mine", "");
    shell(&folder, "chmod 000 mine && chmod 777 .");
    made(&folder);
    let mut faults = String::new();
    for command in &situation.made_by {
        let (status, said) = shell(&folder, command);
        if status != Some(0) {
            let _ = writeln!(faults, "`{command}` ends with {status:?}: {said}");
        }
    }
    let is_tried_by_nobody = situation.needs.iter().any(|need| need == "user") && !is_nobody(ANYBODY, &folder);
    let (status, said) = shell_as(if is_tried_by_nobody { NOBODY } else { ANYBODY }, &folder, &situation.tried);
    if status != Some(situation.status) {
        let _ = writeln!(faults, "ends with {status:?}, not {}", situation.status);
    }
    if said.contains("panicked") || said.contains("fault of the program") {
        let _ = writeln!(faults, "panics");
    }
    if said.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\t')) {
        let _ = writeln!(faults, "says what a terminal obeys: {said:?}");
    }
    for phrase in situation.says.iter().filter(|phrase| !said.contains(&***phrase)) {
        let _ = writeln!(faults, "does not say `{phrase}`");
    }
    for command in &situation.holds {
        let (status, said) = shell(&folder, command);
        if status != Some(0) {
            let _ = writeln!(faults, "afterwards `{command}` ends with {status:?}: {said}");
        }
    }
    if faults.is_empty() { faults } else { format!("== {}\n{faults}{said}\n", situation.name) }
}

/// Every situation of the table ends as it says.
#[expect(clippy::print_stderr, reason = "a situation that was skipped must not look like one that was tried")]
fn holds_out(name: &str, least: usize) {
    let situations = table(&fs::read_to_string(sources().join("tests/siege").join(name)).unwrap());
    assert!(situations.len() >= least, "{} situations", situations.len());
    let mut skipped = 0;
    let mut wrong = String::new();
    for situation in &situations {
        let folder = Folder::new();
        if let Some(need) = situation.needs.iter().find(|need| !is_there(need, &folder)) {
            eprintln!("SKIPPED without {need}: {}", situation.name);
            skipped += 1;
        } else {
            wrong += &faults(situation);
        }
    }
    eprintln!("{} situations, {skipped} of them skipped", situations.len());
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn inputs() {
    holds_out("inputs.txt", 40);
}

#[test]
fn corpora() {
    holds_out("corpora.txt", 20);
}

#[test]
fn outputs() {
    holds_out("outputs.txt", 20);
}

#[test]
fn models_and_machines() {
    holds_out("machines.txt", 20);
}
