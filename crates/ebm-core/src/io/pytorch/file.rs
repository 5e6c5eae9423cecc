//! From a file's bytes to named tensors.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::Path;

use burn::tensor::{DType, TensorData};
use pytorch_reader::{PytorchError, PytorchReader};
use safetensors::{Dtype, SafeTensors};

use crate::io::decoding::decoding;
use crate::io::header;
use crate::io::regular::open_regular;

use super::error::{MAX_BYTES, StateDictError};
use super::pickle::{PickleFault, inspect};

/// Start of a file that `torch.save` wrote before version 1.6: the pickle of a magic number.
const LEGACY: &[u8] = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.";

/// Start of a file of the current `torch.save`.
const ZIP: &[u8] = b"PK\x03\x04";

/// Number of pickles at the start of a legacy file: magic number, version, system, tensors, names of the storages.
const LEGACY_PICKLES: usize = 5;

type Tensors = BTreeMap<String, TensorData>;

pub(super) fn read(path: &Path) -> Result<Tensors, StateDictError> {
    let io = |source| StateDictError::Io { path: path.to_owned(), source };
    let mut file = open_regular(path).map_err(io)?;
    let bytes = file.metadata().map_err(io)?.len();
    if bytes > MAX_BYTES {
        return Err(StateDictError::TooLarge { path: path.to_owned(), bytes });
    }
    let mut start = Vec::new();
    file.by_ref().take(512).read_to_end(&mut start).map_err(io)?;
    file.rewind().map_err(io)?;

    // With this mark the reader treats the file as a tar archive from before 2017, whose pickles are not inspected
    // here.
    let archive = start.get(257..262) == Some(b"ustar");
    let pickled = if start.starts_with(ZIP) && !archive {
        inspect_zip(file)
    } else if start.starts_with(LEGACY) && !archive {
        let mut file = BufReader::new(file);
        (0..LEGACY_PICKLES).try_for_each(|_| inspect(&mut file)).map_err(Refused::Pickle)
    } else if start.get(8) == Some(&b'{') {
        header::check(&start).map_err(|source| StateDictError::Safetensors { path: path.to_owned(), source })?;
        let mut content = Vec::new();
        file.read_to_end(&mut content).map_err(io)?;
        return safetensors(&content).map_err(|source| StateDictError::Safetensors { path: path.to_owned(), source });
    } else {
        return Err(StateDictError::UnknownFormat { path: path.to_owned() });
    };
    let path = path.to_owned();
    match pickled {
        Ok(()) => pytorch(&path, bytes),
        Err(Refused::Pickle(source)) => Err(StateDictError::Pickle { path, source }),
        Err(Refused::Zip(source)) => Err(StateDictError::Pytorch { path, source }),
    }
}

enum Refused {
    Pickle(PickleFault),
    Zip(PytorchError),
}

/// Inspects the only pickle in an archive.
fn inspect_zip(file: File) -> Result<(), Refused> {
    let zip = |error: zip::result::ZipError| Refused::Zip(error.into());
    let mut archive = zip::ZipArchive::new(BufReader::new(file)).map_err(zip)?;
    let mut pickles = Vec::new();
    for index in 0..archive.len() {
        if archive.by_index_raw(index).map_err(zip)?.name().map_err(zip)?.ends_with("data.pkl") {
            pickles.push(index);
        }
    }
    let &[pickle] = &pickles[..] else {
        return Err(Refused::Zip(PytorchError::InvalidFormat(format!("it holds {} data.pkl", pickles.len()))));
    };
    inspect(&mut archive.by_index(pickle).map_err(zip)?).map_err(Refused::Pickle)
}

/// Reads a file after its pickles were inspected.
fn pytorch(path: &Path, bytes: u64) -> Result<Tensors, StateDictError> {
    let damaged = |source| StateDictError::Pytorch { path: path.to_owned(), source };
    let read = || {
        let reader = PytorchReader::new(path).map_err(damaged)?;
        let wanted: Vec<_> =
            reader.into_tensors().into_iter().filter(|(_, tensor)| float(tensor.dtype()).is_some()).collect();
        // Views may repeat a value any number of times. In a state dict, tensors share at most one or two weights.
        let unfolded = wanted.iter().fold(0, |sum: u64, (_, tensor)| sum.saturating_add(tensor.byte_len() as u64));
        if unfolded > 2 * bytes {
            return Err(StateDictError::Unfolds { path: path.to_owned(), bytes: unfolded });
        }
        let convert = |(name, tensor): (String, pytorch_reader::Tensor)| {
            let dtype = float(tensor.dtype()).expect("whole numbers were left out");
            let content = tensor.read().map_err(|error| damaged(error.into()))?;
            Ok((name, as_f32(content, tensor.shape(), dtype)))
        };
        wanted.into_iter().map(convert).collect()
    };
    decoding(read).unwrap_or_else(|_| Err(StateDictError::Damaged { path: path.to_owned() }))
}

fn safetensors(content: &[u8]) -> Result<Tensors, safetensors::SafeTensorError> {
    header::check(content)?;
    let file = SafeTensors::deserialize(content)?;
    let tensors = file.iter().filter_map(|(name, view)| {
        let dtype = match view.dtype() {
            Dtype::F64 => DType::F64,
            Dtype::F32 => DType::F32,
            Dtype::F16 => DType::F16,
            Dtype::BF16 => DType::BF16,
            _ => return None,
        };
        Some((name.to_owned(), as_f32(view.data().to_vec(), view.shape(), dtype)))
    });
    Ok(tensors.collect())
}

/// Burn's type for a floating-point type; `None` for other types.
fn float(dtype: pytorch_reader::DType) -> Option<DType> {
    match dtype {
        pytorch_reader::DType::F64 => Some(DType::F64),
        pytorch_reader::DType::F32 => Some(DType::F32),
        pytorch_reader::DType::F16 => Some(DType::F16),
        pytorch_reader::DType::BF16 => Some(DType::BF16),
        _ => None,
    }
}

fn as_f32(content: Vec<u8>, shape: &[usize], dtype: DType) -> TensorData {
    TensorData::from_bytes_vec(content, shape.to_vec(), dtype).convert::<f32>()
}
