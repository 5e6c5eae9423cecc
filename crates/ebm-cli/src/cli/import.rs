//! Arguments of `ebm import`.

use std::path::PathBuf;

use clap::Args;

use super::method::MethodName;
use crate::device::DeviceName;
use crate::experiment::data::DataName;

#[derive(Debug, Args)]
#[command(after_help = IMPORT_EXAMPLES)]
pub(crate) struct ImportArgs {
    /// A state dict of the paper's PyTorch code, .pth or .safetensors
    #[arg(value_name = "STATE_DICT")]
    pub file: PathBuf,
    /// The run folder to write; it must be new or empty
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// The task that the network was trained on
    #[arg(long, value_enum, default_value = "file")]
    pub dataset: DataName,
    /// Method of the network [default: ebm if there is a score and a proposal, mdn if there is a mixture alone]
    #[arg(long, value_enum)]
    pub method: Option<MethodName>,
    /// Scales of the fixed noise, in units of y (ebm-fixed)
    #[arg(long, value_delimiter = ',', value_name = "S1,S2", allow_hyphen_values = true)]
    pub sigmas: Option<Vec<f64>>,
    /// The teacher's state dict, which the code saves in a file of its own (mdn-teacher)
    #[arg(long, value_name = "FILE")]
    pub teacher: Option<PathBuf>,
    /// Range of the training targets [default: that of the task's labels]
    #[arg(long, value_name = "LOW,HIGH", allow_hyphen_values = true, value_parser = range)]
    pub target_range: Option<[f64; 2]>,
    /// Folder with the paper's files of an image task, to evaluate on them
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Where to compute: cpu, ndarray, wgpu[:N] or cuda[:N]
    #[arg(long, default_value = "cpu")]
    pub device: DeviceName,
}

const IMPORT_EXAMPLES: &str = "\
Examples:
  ebm import model.pth --dataset toy_1 --out runs/theirs
  ebm import ebm_model.pth --dataset steering --method ebm-fixed --sigmas 0.1,20 --out runs/nce
  ebm import mdn_model.pth --dataset age --method mdn-teacher --teacher ebm_model.pth --out runs/mdn

The code saves score and proposal whatever it trained: say what that was with --method. A file is
read as data only: one that holds more than tensors is refused, and nothing in it is run.";

fn range(text: &str) -> Result<[f64; 2], String> {
    let numbers: Option<Vec<f64>> = text.split(',').map(|number| number.trim().parse().ok()).collect();
    match numbers.as_deref() {
        Some(&[low, high]) if low < high && low.is_finite() && high.is_finite() => Ok([low, high]),
        _ => Err("expected two numbers, the smaller first, such as -3,3".to_owned()),
    }
}
