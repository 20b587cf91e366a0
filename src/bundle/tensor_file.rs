//! A safetensors file, of which tensors are read one by one.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    ops::Range,
    path::Path,
};

use safetensors::tensor::Metadata;

use crate::error::Cause;

/// The number of bytes that give the length of a header.
const LENGTH_BYTES: u64 = 8;

/// The length of the longest header that the format's reference implementation reads, in bytes.
const LONGEST_HEADER: u64 = 100_000_000;

/// A safetensors file whose data is as long as its header says, and each tensor as long as its size and type ask for.
pub struct TensorFile {
    file: File,
    header: Metadata,
    /// Where the data begins, in bytes.
    data: u64,
}

impl TensorFile {
    /// Opens the file at `path` and reads its header. Fails if it cannot be read, is damaged or cut short.
    pub fn open(path: &Path) -> Result<Self, Cause> {
        Self::read(File::open(path)?)
    }

    /// Reads the header of a file. Fails if it cannot be read, is damaged or cut short.
    pub(super) fn read(mut file: File) -> Result<Self, Cause> {
        let file_bytes = file.metadata()?.len();
        let mut length = 0_u64.to_le_bytes();
        file.read_exact(&mut length)?;
        let length = u64::from_le_bytes(length);
        if length > LONGEST_HEADER.min(file_bytes) {
            return Err(format!("its header claims {length} bytes").into());
        }
        let mut header = Vec::new();
        (&file).take(length).read_to_end(&mut header)?;
        let header: Metadata = serde_json::from_slice(&header)?;
        let data = LENGTH_BYTES + length;
        let expected = data + u64::try_from(header.data_len())?;
        if file_bytes != expected {
            return Err(format!("it has {file_bytes} bytes, its header asks for {expected}").into());
        }
        Ok(Self { file, header, data })
    }

    /// What the header says of the tensors.
    pub fn header(&self) -> &Metadata {
        &self.header
    }

    /// Reads the bytes of the data that stand in this `range` into `bytes`, in place of what it had. Fails if they cannot
    /// be read.
    pub fn read_into(&self, range: Range<usize>, bytes: &mut Vec<u8>) -> io::Result<()> {
        let start = u64::try_from(range.start).map_err(io::Error::other)?;
        let mut file = &self.file;
        file.seek(SeekFrom::Start(self.data + start))?;
        bytes.resize(range.len(), 0);
        file.read_exact(bytes)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use safetensors::{Dtype, serialize_to_file, tensor::TensorView};

    use super::*;

    #[test]
    fn tensors_are_read_one_by_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("weights.safetensors");
        let view = |bytes| TensorView::new(Dtype::U8, vec![3], bytes).unwrap();
        serialize_to_file([("one", view(&[1, 2, 3])), ("other", view(&[4, 5, 6]))], None, &path).unwrap();
        let file = TensorFile::open(&path).unwrap();
        let mut bytes = vec![9; 7];
        for (name, expected) in [("other", [4, 5, 6]), ("one", [1, 2, 3]), ("other", [4, 5, 6])] {
            let (start, end) = file.header().info(name).unwrap().data_offsets;
            file.read_into(start..end, &mut bytes).unwrap();
            assert_eq!(bytes, expected);
        }
        assert!(file.read_into(4..9, &mut bytes).is_err());
    }

    #[test]
    fn what_is_cut_short_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("weights.safetensors");
        let view = TensorView::new(Dtype::U8, vec![3], &[1, 2, 3]).unwrap();
        serialize_to_file([("one", view)], None, &path).unwrap();
        let whole = fs::read(&path).unwrap();
        for length in 0..whole.len() {
            fs::write(&path, &whole[..length]).unwrap();
            assert!(TensorFile::open(&path).is_err(), "{length} of {} bytes", whole.len());
        }
    }

    #[test]
    fn a_header_that_claims_more_than_there_is_of_a_tensor_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("weights.safetensors");
        for (shape, is_right) in [("[3]", true), ("[4]", false), ("[3,3]", false), ("[18446744073709551615,3]", false)]
        {
            let header = format!(r#"{{"one":{{"dtype":"U8","shape":{shape},"data_offsets":[0,3]}}}}"#);
            let length = u64::try_from(header.len()).unwrap().to_le_bytes();
            fs::write(&path, [&length[..], header.as_bytes(), &[1, 2, 3]].concat()).unwrap();
            assert_eq!(TensorFile::open(&path).is_ok(), is_right, "{shape}");
        }
    }
}
