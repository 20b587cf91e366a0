//! The check of numbers, dates, amounts and shares.

use std::ops::Range;

use crate::{
    both::Both,
    text::quantities::{self, Quantity},
};

/// Where the sides state what the other side does not.
pub(super) fn differing(texts: Both<&str>) -> Both<Vec<Range<usize>>> {
    let quantities::Differing { chinese, english } = quantities::differing(texts.source, texts.target);
    texts.zip(Both::new(chinese, english)).map(|(text, quantities)| places(text, &quantities))
}

/// The bytes of quantities, which are in order.
fn places(text: &str, quantities: &[Quantity]) -> Vec<Range<usize>> {
    if quantities.is_empty() {
        return Vec::new();
    }
    let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let byte = |character: usize| starts.get(character).copied().unwrap_or(text.len());
    let places = quantities.iter().map(|quantity| byte(quantity.place.start)..byte(quantity.place.end));
    places.filter(|place| !place.is_empty()).collect()
}
