//! rust-bert's `rust_model.ot` → safetensors. Such a file is an archive of tensors that only libtorch reads.

use std::path::Path;

use tch::Tensor;

use crate::error::Cause;

/// Reads the tensors of the archive `ot` and writes them under the same names to `safetensors`.
pub fn ot_to_safetensors(ot: &Path, safetensors: &Path) -> Result<(), Cause> {
    let named = Tensor::load_multi(ot)?.into_iter();
    let tensors: Vec<(String, Tensor)> = named.map(|(name, tensor)| (name, tensor.contiguous())).collect();
    Ok(Tensor::write_safetensors(&tensors, safetensors)?)
}
