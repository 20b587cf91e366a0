//! What can be said of a text without knowing what it is for: its language, its script, what it counts.

mod lang;
pub mod quantities;

pub use lang::{Lang, Script, is_han, to_simplified};
