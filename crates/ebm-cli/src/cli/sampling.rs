//! Arguments of every command that uses a trained model.

use clap::Args;
use ebm_core::MAX_CANDIDATES;

use crate::device::DeviceName;

/// How expectations under an energy model are estimated.
#[derive(Debug, Clone, Args)]
pub(crate) struct SamplingArgs {
    /// Candidates drawn for each input, M
    #[arg(long, default_value_t = 1024, value_name = "M", value_parser = at_least_two)]
    pub m: usize,
    /// Seed of the candidates
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// Where to compute: cpu, ndarray, wgpu[:N] or cuda[:N]
    #[arg(long, default_value = "cpu")]
    pub device: DeviceName,
}

fn at_least_two(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(m) if (2..=MAX_CANDIDATES).contains(&m) => Ok(m),
        _ => Err(format!("expected a whole number from 2 to {MAX_CANDIDATES}")),
    }
}
