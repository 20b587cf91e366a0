//! The process of a bench: for which sizes it is run, its processor time and its memory.

use std::{env, fs, time::Duration};

/// The sizes on the command line, or else `usual` ones; those of a `trial` without `--bench`. Whether it is a trial
/// comes first.
pub(crate) fn sizes(usual: &[usize], trial: &[usize]) -> (bool, Vec<usize>) {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let is_trial = !arguments.iter().any(|argument| argument == "--bench");
    let asked: Vec<usize> = arguments.iter().filter_map(|argument| argument.parse().ok()).collect();
    let default = if is_trial { trial } else { usual };
    (is_trial, if asked.is_empty() { default.to_vec() } else { asked })
}

/// The processor time that all threads of this process have had, to 10 ms; none on other systems than Linux.
pub(crate) fn processor_time() -> Option<Duration> {
    // The unit of these fields, which is the same on every Linux (USER_HZ, 100 a second).
    const TICK: Duration = Duration::from_millis(10);
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program, in brackets, may hold spaces; utime and stime are the 12th and 13th field after it.
    let fields = stat.rsplit_once(')')?.1.split_whitespace();
    let ticks = fields.skip(11).take(2).map(|field| field.parse::<u32>().ok()).sum::<Option<u32>>()?;
    Some(TICK * ticks)
}

/// A line of `/proc/self/status`, in KiB; none on other systems.
pub(crate) fn memory(name: &str) -> Option<usize> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

/// An amount of memory as it is shown.
pub(crate) fn megabytes(kibibytes: Option<usize>) -> String {
    kibibytes.map_or_else(|| "-".to_owned(), |kibibytes| format!("{:.0} MB", kibibytes as f64 * 1024.0 / 1e6))
}
