//! Running statistics of a layer's inputs, updated in training and used in prediction.

use std::fmt::{self, Display, Formatter};
use std::sync::{Mutex, MutexGuard, PoisonError};

use burn::module::{Content, Devices, Module, ModuleDisplay, ModuleDisplayDefault, ModuleMapper, ModuleVisitor};
use burn::module::{Param, ParamId};
use burn::tensor::{Device, Tensor};

/// A vector that a forward pass updates although it only borrows the module. It is saved like a parameter but never
/// trained.
///
/// An update is visible immediately, and a clone has its own state. (Burn's `RunningState` applies updates lazily, so a
/// visitor may read an old value, and its clones share one state.)
#[derive(Debug)]
pub(super) struct Running {
    id: ParamId,
    value: Mutex<Tensor<1>>,
}

impl Running {
    /// A statistic with initial value `value`, `[channels]`; it has no gradient.
    pub fn new(value: Tensor<1>) -> Self {
        Self { id: ParamId::new(), value: Mutex::new(value.without_autodiff()) }
    }

    /// The current value, `[channels]`.
    pub fn value(&self) -> Tensor<1> {
        self.lock().clone()
    }

    /// `value ← (1 − momentum) value + momentum observed`, both `[channels]`, where the result is finite: a skipped
    /// step must not change the statistic.
    pub fn observe(&self, observed: Tensor<1>, momentum: f64) {
        let mut value = self.lock();
        let moved = value.clone() * (1.0 - momentum) + observed.without_autodiff() * momentum;
        *value = value.clone().mask_where(moved.clone().is_finite(), moved);
    }

    /// The tensor is replaced as a whole, so the value is valid even after a panic in another thread.
    fn lock(&self) -> MutexGuard<'_, Tensor<1>> {
        self.value.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with(self, value: Tensor<1>) -> Self {
        Self { id: self.id, value: Mutex::new(value.without_autodiff()) }
    }
}

impl Clone for Running {
    fn clone(&self) -> Self {
        Self { id: self.id, value: Mutex::new(self.value()) }
    }
}

impl Module for Running {
    fn visit<V: ModuleVisitor>(&self, visitor: &mut V) {
        visitor.visit_float(&Param::initialized(self.id, self.value()));
    }

    fn map<M: ModuleMapper>(self, mapper: &mut M) -> Self {
        let value = mapper.map_float(Param::initialized(self.id, self.value())).into_value();
        self.with(value)
    }

    fn collect_devices(&self, mut devices: Devices) -> Devices {
        let device = self.lock().device();
        if !devices.contains(&device) {
            devices.push(device);
        }
        devices
    }

    fn to_device(self, device: &Device) -> Self {
        let value = self.value().to_device(&device.clone().inner());
        self.with(value)
    }

    fn fork(self, device: &Device) -> Self {
        self.to_device(device)
    }

    fn train(self) -> Self {
        self
    }

    fn valid(&self) -> Self {
        self.clone()
    }

    fn materialize(self) -> Self {
        self
    }
}

impl Display for Running {
    fn fmt(&self, formatter: &mut Formatter) -> fmt::Result {
        write!(formatter, "Running(id={})", self.id)
    }
}

impl ModuleDisplayDefault for Running {
    fn content(&self, content: Content) -> Option<Content> {
        content.add_formatted(&"Running".to_owned()).optional()
    }
}

impl ModuleDisplay for Running {}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(running: &Running) -> Vec<f32> {
        running.value().into_data().try_to_vec().unwrap()
    }

    #[test]
    fn a_move_is_seen_at_once_and_only_where_it_was_made() {
        let device = Device::flex();
        let running = Running::new(Tensor::zeros([2], &device));
        let before = running.clone();
        running.observe(Tensor::from_floats([1.0, -4.0], &device.clone().autodiff()), 0.25);
        assert_eq!(read(&running), [0.25, -1.0]);
        running.observe(Tensor::from_floats([1.0, -4.0], &device), 0.25);
        assert_eq!(read(&running), [0.4375, -1.75]);
        assert_eq!(read(&before), [0.0, 0.0]);
    }

    #[test]
    fn an_observation_that_is_not_finite_moves_nothing() {
        let device = Device::flex();
        let running = Running::new(Tensor::zeros([3], &device));
        running.observe(Tensor::from_floats([1.0, f32::NAN, f32::INFINITY], &device), 0.5);
        assert_eq!(read(&running), [0.5, 0.0, 0.0]);
    }

    #[test]
    fn another_thread_continues_the_same_statistic() {
        let running = Running::new(Tensor::zeros([1], &Device::flex()));
        for _ in 0..3 {
            std::thread::scope(|scope| {
                scope.spawn(|| running.observe(Tensor::ones([1], &Device::flex()), 0.5));
            });
        }
        assert_eq!(read(&running), [0.875]);
    }
}
