//! Weights by the names of their features, as the files of a bundle have them; one that is 0 is left out.

use std::collections::BTreeMap;

/// Weights by name.
pub(super) type Named = BTreeMap<String, f64>;

/// The weights that are not 0, by `names`, which are in their order.
pub(super) fn by_name(names: impl Iterator<Item = String>, weights: &[f64]) -> Named {
    names.zip(weights.iter().copied()).filter(|&(_, weight)| weight != 0.0).collect()
}

/// A weight for each of `names`, in their order. Fails on a name that is none of them.
pub(super) fn in_order(names: impl Iterator<Item = String>, mut weights: Named) -> Result<Vec<f64>, String> {
    let found = names.map(|name| weights.remove(&name).unwrap_or_default()).collect();
    match weights.pop_first() {
        Some((name, _)) => Err(format!("there is no feature `{name}`")),
        None => Ok(found),
    }
}
