//! The passes after the first, in one loop for the program and for training: what is sure is settled, what is open is
//! looked at more closely, and judged anew.

use super::shortlist::Shortlist;
use crate::{
    error::Result,
    evidence::{Look, Pass},
};

/// Runs `passes` over a shortlist; `look` finds the features that each asks for. Fails if a look does.
pub fn judge<'p>(
    mut list: Shortlist,
    passes: impl IntoIterator<Item = &'p Pass>,
    mut look: impl FnMut(&mut Shortlist, Look) -> Result<()>,
) -> Result<Shortlist> {
    for (number, pass) in passes.into_iter().enumerate() {
        if number > 0 {
            list = list.settle();
        }
        for &asked in &pass.looks {
            look(&mut list, asked)?;
        }
        list.judge(&pass.weights);
    }
    Ok(list)
}
