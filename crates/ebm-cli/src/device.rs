//! Devices by name: which are compiled in, which exist, and opening one.

use std::fmt;
use std::str::FromStr;

use burn::tensor::Device;

use crate::exit::{Exit, failure};

/// A kind of backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// Pure-Rust CPU (burn-flex).
    Cpu,
    /// The older CPU backend, kept for parity tests.
    Ndarray,
    /// Vulkan, Metal, DirectX 12 or WebGPU.
    Wgpu,
    /// NVIDIA.
    Cuda,
}

impl Backend {
    const ALL: [Self; 4] = [Self::Cpu, Self::Ndarray, Self::Wgpu, Self::Cuda];

    fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Ndarray => "ndarray",
            Self::Wgpu => "wgpu",
            Self::Cuda => "cuda",
        }
    }

    /// Whether this binary was built with it.
    pub fn is_compiled_in(self) -> bool {
        match self {
            Self::Cpu => cfg!(feature = "cpu"),
            Self::Ndarray => cfg!(feature = "ndarray"),
            Self::Wgpu => cfg!(feature = "wgpu"),
            Self::Cuda => cfg!(feature = "cuda"),
        }
    }

    /// The existing devices of this backend, with their descriptions.
    fn devices(self) -> Vec<(Device, String)> {
        match self {
            #[cfg(feature = "cpu")]
            Self::Cpu => vec![(Device::flex(), processor())],
            #[cfg(feature = "ndarray")]
            #[allow(deprecated)] // Kept for parity tests as long as Burn has it.
            Self::Ndarray => vec![(Device::ndarray(), processor())],
            #[cfg(feature = "wgpu")]
            Self::Wgpu => enumerate(burn::tensor::DeviceType::Wgpu),
            #[cfg(feature = "cuda")]
            Self::Cuda => enumerate(burn::tensor::DeviceType::Cuda),
            #[allow(unreachable_patterns)] // Reached when a feature is off.
            _ => Vec::new(),
        }
    }
}

#[cfg(any(feature = "cpu", feature = "ndarray"))]
fn processor() -> String {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{} processor, {threads} thread{}", std::env::consts::ARCH, if threads == 1 { "" } else { "s" })
}

#[cfg(any(feature = "wgpu", feature = "cuda"))]
fn enumerate(kind: burn::tensor::DeviceType) -> Vec<(Device, String)> {
    // Where there is no driver at all, asking for devices can panic: that is an empty list, not a crash.
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let devices = std::panic::catch_unwind(|| {
        let describe =
            |device: &Device| device.identity().map_or_else(|| "unnamed".to_owned(), |id| id.name.to_string());
        let devices = Device::enumerate(kind).into_vec();
        devices.into_iter().map(|device| (describe(&device), device)).map(|(name, device)| (device, name)).collect()
    });
    std::panic::set_hook(hook);
    devices.unwrap_or_default()
}

/// `cpu`, `ndarray`, `wgpu`, `cuda`, with `:N` for the N-th device of a backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeviceName {
    backend: Backend,
    index: usize,
}

impl fmt::Display for DeviceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.index {
            0 => f.write_str(self.backend.name()),
            index => write!(f, "{}:{index}", self.backend.name()),
        }
    }
}

impl FromStr for DeviceName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, index) = text.split_once(':').unwrap_or((text, "0"));
        let backend = Backend::ALL.into_iter().find(|backend| backend.name() == name);
        match (backend, index.parse()) {
            (Some(backend), Ok(index)) => Ok(Self { backend, index }),
            _ => Err("expected cpu, ndarray, wgpu[:N] or cuda[:N]; `ebm devices` lists what there is".to_owned()),
        }
    }
}

/// A device as `ebm devices` lists it.
#[derive(Debug, serde::Serialize)]
pub struct Listed {
    /// The name to give to `--device`.
    pub name: String,
    /// Whether this binary was built with its backend.
    pub compiled_in: bool,
    /// Its description; `None` if there is no such device.
    pub description: Option<String>,
}

/// Every backend: its devices, or one line that says why there are none.
pub fn list() -> Vec<Listed> {
    let of = |backend: Backend| {
        let devices = backend.devices();
        if devices.is_empty() {
            let name = backend.name().to_owned();
            return vec![Listed { name, compiled_in: backend.is_compiled_in(), description: None }];
        }
        let listed = |(index, (_, description)): (usize, (Device, String))| Listed {
            name: DeviceName { backend, index }.to_string(),
            compiled_in: true,
            description: Some(description),
        };
        devices.into_iter().enumerate().map(listed).collect()
    };
    Backend::ALL.into_iter().flat_map(of).collect()
}

impl DeviceName {
    /// Whether it is the CPU, on which there are kernels of our own.
    pub fn is_cpu(self) -> bool {
        self.backend == Backend::Cpu
    }

    /// Whether it is a GPU, which networks share instead of using a core each.
    pub fn is_gpu(self) -> bool {
        matches!(self.backend, Backend::Wgpu | Backend::Cuda)
    }

    /// The device, without autodiff.
    ///
    /// # Errors
    /// When its backend is not compiled in, or there is no such device: says what there is.
    pub fn open(self) -> anyhow::Result<Device> {
        let name = self.backend.name();
        if !self.backend.is_compiled_in() {
            return Err(failure(
                Exit::Usage,
                format!("device {self} is not compiled in: build with `--features {name}`, or use one of: {}", there()),
            ));
        }
        self.backend.devices().into_iter().nth(self.index).map(|(device, _)| device).ok_or_else(|| {
            failure(Exit::Usage, format!("there is no device {self} on this machine; use one of: {}", there()))
        })
    }
}

fn there() -> String {
    let present = list().into_iter().filter(|device| device.description.is_some());
    present.map(|device| format!("--device {}", device.name)).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        for name in ["cpu", "ndarray", "wgpu", "wgpu:2", "cuda", "cuda:1"] {
            assert_eq!(name.parse::<DeviceName>().unwrap().to_string(), name);
        }
        for wrong in ["", "gpu", "cuda:", "cuda:x", "cuda:-1", "cpu:0:0"] {
            assert!(wrong.parse::<DeviceName>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_default_device_is_there() {
        assert!("cpu".parse::<DeviceName>().unwrap().open().is_ok());
    }

    #[test]
    fn a_missing_device_is_an_error_that_names_what_there_is() {
        let message = "cuda:97".parse::<DeviceName>().unwrap().open().unwrap_err().to_string();
        assert!(message.contains("--device cpu"), "{message}");
    }
}
