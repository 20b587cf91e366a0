//! The summary of a data set, as plain lines for a person at a terminal.

use std::io::{self, Write};

use super::{Report, Split};

/// Writes how many pairs were read, how many each filter dropped, and how many each split has.
pub fn write(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    writeln!(out, "read        {:>9} pairs of {} documents", report.read, report.documents.len())?;
    let bad_lines: usize = report.bad_lines.values().sum();
    if bad_lines > 0 {
        writeln!(out, "passed over {bad_lines:>9} lines")?;
    }
    for (filter, count) in &report.dropped {
        writeln!(out, "dropped     {count:>9} {filter}: {}", filter.drops())?;
    }
    for split in Split::ALL {
        let size = report.statistics.size(split);
        let (pairs, characters, words) = (size.pairs, size.zh_characters, size.en_words);
        writeln!(
            out,
            "{:<11} {pairs:>9} pairs, {characters} Chinese characters, {words} English words",
            split.to_string()
        )?;
    }
    Ok(())
}
