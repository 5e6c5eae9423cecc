//! Layers of the paper's networks, found by name; their sizes are those of the tensors.

use burn::tensor::{Device, TensorData};

use crate::io::pytorch::{LoadReport, StateDict, StateDictError};
use crate::io::tensors::{self, Named};
use crate::math::noise::{Noise, Purpose};
use crate::network::backbone::{Backbone, BackboneConfig};
use crate::network::energy::{EnergyConfig, EnergyNet};
use crate::network::mdn::{Mdn, MdnConfig};
use crate::network::mlp::Mlp;
use crate::network::pretrained;
use crate::network::resnet18::Resnet18;

const CONV: &str = "feature_net.resnet18.0.weight";
const LAST_CONV: &str = "feature_net.resnet18.7.1.conv2.weight";

/// A state dict, and the names of the tensors used so far.
pub(super) struct Layers<'a> {
    weights: &'a StateDict,
    device: &'a Device,
    used: Vec<String>,
}

impl<'a> Layers<'a> {
    pub fn new(weights: &'a StateDict, device: &'a Device) -> Self {
        Self { weights, device, used: Vec::new() }
    }

    /// Whether there is an MDN.
    pub fn has_mixture(&self) -> bool {
        self.weights.names().any(|name| name.starts_with("noise_net."))
    }

    /// Whether there is a score.
    pub fn has_score(&self) -> bool {
        self.weights.names().any(|name| name.starts_with("predictor_net."))
    }

    pub fn report(&self) -> LoadReport {
        let unused = self.weights.names().filter(|name| !self.used.iter().any(|used| used == name));
        LoadReport { used: self.used.len(), unused: unused.map(str::to_owned).collect() }
    }

    /// The backbone, the width of its input, and its configuration.
    pub fn backbone(&mut self) -> Result<(Backbone, usize, BackboneConfig), StateDictError> {
        if let Some(&[width, ..]) = self.weights.shape(CONV) {
            // Check the largest tensor first, so that a damaged file cannot cause a large allocation.
            let [first, last] = [[width, 3, 7, 7], [8 * width, 8 * width, 3, 3]];
            self.weights.get(CONV, &first)?;
            self.weights.get(LAST_CONV, &last)?;
            let network = Resnet18::init(width, &mut noise(), self.device);
            let (network, mut used) = pretrained::load(network, self.weights)?;
            self.used.append(&mut used);
            return Ok((Backbone::Resnet18(network), 3 * 64 * 64, BackboneConfig::Resnet18 { width }));
        }
        let layers = self.numbered("feature_net", "x")?;
        let Some(&[input, _]) = layers.first() else {
            return Err(StateDictError::UnknownNetwork { reason: "there is no backbone (feature_net)" });
        };
        let widths: Vec<usize> = layers.iter().map(|[_, outputs]| *outputs).collect();
        let mut named = Named::new();
        self.chain("feature_net", "x", input, &widths, "layers", &mut named)?;
        let all: Vec<usize> = std::iter::once(input).chain(widths.iter().copied()).collect();
        let mlp = Mlp::init(&all, &mut noise(), self.device);
        let mlp = tensors::apply(mlp, named).expect("every layer was sized by its tensor");
        Ok((Backbone::Mlp(mlp), input, BackboneConfig::Mlp { widths }))
    }

    /// The MDN on features of width `features`.
    pub fn mdn(&mut self, features: usize) -> Result<(Mdn, MdnConfig), StateDictError> {
        let [_, components] = self.size("noise_net.fc2_weight")?;
        let [_, means] = self.size("noise_net.fc2_mean")?;
        let target = means / components;
        let mut named = Named::new();
        for (theirs, ours, outputs) in [
            ("mean", "mean", target * components),
            ("sigma", "log_variance", target * components),
            ("weight", "logit", components),
        ] {
            self.linear(&format!("noise_net.fc1_{theirs}"), [features; 2], &format!("{ours}_hidden"), &mut named)?;
            self.linear(&format!("noise_net.fc2_{theirs}"), [features, outputs], ours, &mut named)?;
        }
        let config = MdnConfig { features, target, components };
        let mdn = config.init(&mut noise(), self.device);
        Ok((tensors::apply(mdn, named).expect("every layer was sized by its tensor"), config))
    }

    /// The score on features of width `features`. If three layers follow the concatenation, the second is residual.
    pub fn energy(&mut self, features: usize) -> Result<(EnergyNet, EnergyConfig), StateDictError> {
        let on_target = self.numbered("predictor_net", "y")?;
        let Some(&[target, _]) = on_target.first() else {
            return Err(StateDictError::UnknownNetwork { reason: "there is no score (predictor_net)" });
        };
        let target_widths: Vec<usize> = on_target.iter().map(|[_, outputs]| *outputs).collect();
        let [_, hidden] = self.size("predictor_net.fc1_xy")?;
        let residual = match self.numbered("predictor_net", "xy")?.len() {
            2 => false,
            3 => true,
            _ => {
                let reason = "a score has two or three layers after its concatenation (predictor_net.fc1_xy …)";
                return Err(StateDictError::UnknownNetwork { reason });
            }
        };
        let mut named = Named::new();
        let target_width = self.chain("predictor_net", "y", target, &target_widths, "target_layers", &mut named)?;
        self.concatenated([features, target_width], hidden, &mut named)?;
        if residual {
            self.linear("predictor_net.fc2_xy", [hidden; 2], "residual", &mut named)?;
        }
        let last = if residual { "predictor_net.fc3_xy" } else { "predictor_net.fc2_xy" };
        self.linear(last, [hidden, 1], "score", &mut named)?;
        let config = EnergyConfig { features, target, target_widths, hidden, residual, axes: Vec::new() };
        let energy = config.init(&mut noise(), self.device);
        Ok((tensors::apply(energy, named).expect("every layer was sized by its tensor"), config))
    }

    /// `[inputs, outputs]` of a fully-connected layer, whose weight in PyTorch is `[outputs, inputs]`.
    fn size(&self, layer: &str) -> Result<[usize; 2], StateDictError> {
        let name = format!("{layer}.weight");
        match self.weights.shape(&name) {
            None => Err(StateDictError::Missing { names: vec![name] }),
            Some(&[outputs, inputs]) if outputs > 0 && inputs > 0 => Ok([inputs, outputs]),
            Some(found) => {
                let found = found.to_vec();
                Err(StateDictError::WrongShape { name, expected: vec![1, 1], found })
            }
        }
    }

    /// `[inputs, outputs]` of the layers `{net}.fc1_{on}`, `{net}.fc2_{on}`, …, as many as exist.
    fn numbered(&self, net: &str, on: &str) -> Result<Vec<[usize; 2]>, StateDictError> {
        (1..)
            .map(|i| format!("{net}.fc{i}_{on}"))
            .take_while(|layer| self.weights.shape(&format!("{layer}.weight")).is_some())
            .map(|layer| self.size(&layer))
            .collect()
    }

    /// Reads the layers `{net}.fc1_{on}` … as `{ours}.0` …; returns the width of the last.
    fn chain(
        &mut self,
        net: &str,
        on: &str,
        input: usize,
        widths: &[usize],
        ours: &str,
        named: &mut Named,
    ) -> Result<usize, StateDictError> {
        widths.iter().enumerate().try_fold(input, |inputs, (i, &outputs)| {
            self.linear(&format!("{net}.fc{}_{on}", i + 1), [inputs, outputs], &format!("{ours}.{i}"), named)?;
            Ok(outputs)
        })
    }

    /// Reads one layer. Its weight is transposed to `[inputs, outputs]`.
    fn linear(
        &mut self,
        theirs: &str,
        [inputs, outputs]: [usize; 2],
        ours: &str,
        named: &mut Named,
    ) -> Result<(), StateDictError> {
        let weight = self.take(format!("{theirs}.weight"), &[outputs, inputs])?;
        let bias = self.take(format!("{theirs}.bias"), &[outputs])?;
        named.insert(format!("{ours}.weight"), columns(&weight, 0..inputs));
        named.insert(format!("{ours}.bias"), bias);
        Ok(())
    }

    /// Splits the layer on the concatenation `[h_x; h_y]` into one layer for each.
    fn concatenated(
        &mut self,
        [features, target]: [usize; 2],
        hidden: usize,
        named: &mut Named,
    ) -> Result<(), StateDictError> {
        let weight = self.take("predictor_net.fc1_xy.weight".to_owned(), &[hidden, features + target])?;
        let bias = self.take("predictor_net.fc1_xy.bias".to_owned(), &[hidden])?;
        named.insert("from_features.weight".to_owned(), columns(&weight, 0..features));
        named.insert("from_target.weight".to_owned(), columns(&weight, features..features + target));
        named.insert("from_features.bias".to_owned(), bias);
        Ok(())
    }

    fn take(&mut self, name: String, shape: &[usize]) -> Result<TensorData, StateDictError> {
        let data = self.weights.get(&name, shape)?.clone();
        self.used.push(name);
        Ok(data)
    }
}

/// The given columns of a matrix, transposed to rows.
fn columns(matrix: &TensorData, columns: std::ops::Range<usize>) -> TensorData {
    let shape = matrix.shape();
    let (rows, width) = (shape[0], shape[1]);
    let values: Vec<f32> = matrix.iter().collect();
    let transposed = columns.clone().flat_map(|column| (0..rows).map(move |row| row * width + column));
    TensorData::new(transposed.map(|at| values[at]).collect::<Vec<_>>(), [columns.len(), rows])
}

/// Noise for initial weights that are replaced at once.
fn noise() -> Noise {
    Noise::new(0, Purpose::Weights, 0, 0)
}
