//! The program as it is built: exit codes, messages, and that standard output holds data only.

/// What is refused, with exit code 2 and a remedy.
mod refusals;

/// What files hold that would command a terminal.
mod hostile;

/// What would take more than the machine has.
mod limits;

/// What is done without a translator.
mod offline;

/// What is made of corpora.
mod dataset;

/// What is done with the bundled model.
#[cfg(feature = "marian")]
mod translating;
