//! The passes after the first, one loop for all: what stands firm is settled, what is open is looked at more closely, and
//! judged anew. The program runs them, and so does their training.

use super::shortlist::Shortlist;
use crate::{
    error::Result,
    evidence::{Look, Pass},
};

/// Takes a shortlist through `passes`; `look` finds what each asks for.
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
