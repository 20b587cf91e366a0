//! Properties of a text that hold whatever it is for: its language, its script, its characters, its quantities.

mod characters;
mod lang;
pub mod negation;
pub mod quantities;
mod script;

pub(crate) use self::characters::half_width;
pub use self::{
    characters::{is_han, is_invisible, visible_length},
    lang::Lang,
    script::{Script, to_simplified},
};
