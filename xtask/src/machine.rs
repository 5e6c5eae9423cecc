//! What numbers were measured on.

use std::fs;

/// The processor and its number of cores.
pub fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let described = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| {
        let line = described.lines().find(|line| line.starts_with(name));
        line.and_then(|line| line.split_once(':')).map(|(_, value)| value.trim().to_owned())
    };
    let name = field("model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    let flags = field("flags").unwrap_or_default();
    let widest = [("avx512f", ", AVX-512"), ("avx2", ", AVX2")].into_iter().find(|(flag, _)| flags.contains(flag));
    format!("{name}{}, {cores} cores", widest.map_or("", |(_, text)| text))
}
