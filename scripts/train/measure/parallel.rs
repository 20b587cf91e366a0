//! Parallel texts: two files with a sentence a line, of which line k of the one goes with line k of the other.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};

/// The lines of both files, in pairs. Fails if one cannot be read, or they have not as many lines.
pub(crate) fn pairs(chinese: &Path, english: &Path) -> Result<Vec<(String, String)>> {
    let read = |path: &Path| -> Result<Vec<String>> {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))?;
        Ok(text.lines().map(str::to_owned).collect())
    };
    let (chinese, english) = (read(chinese)?, read(english)?);
    ensure!(chinese.len() == english.len(), "{} lines of Chinese and {} of English", chinese.len(), english.len());
    Ok(chinese.into_iter().zip(english).collect())
}
