//! The conversion of rust-bert's `rust_model.ot` to safetensors. Such a file is an archive of tensors that only
//! libtorch reads.

use std::path::Path;

use tch::{TchError, Tensor};

use crate::error::Cause;

/// Reads the tensors of the archive `ot` and writes them under the same names to `safetensors`. Fails if one cannot
/// be read or written.
pub fn ot_to_safetensors(ot: &Path, safetensors: &Path) -> Result<(), Cause> {
    let named = Tensor::load_multi(ot).map_err(briefly)?.into_iter();
    let tensors: Vec<(String, Tensor)> = named.map(|(name, tensor)| (name, tensor.contiguous())).collect();
    Tensor::write_safetensors(&tensors, safetensors).map_err(briefly)
}

/// The message of an error, without libtorch's own stack of calls, which follows on further lines.
#[expect(clippy::needless_pass_by_value, reason = "the form that `map_err` wants")]
fn briefly(error: TchError) -> Cause {
    error.to_string().lines().next().unwrap_or_default().into()
}
