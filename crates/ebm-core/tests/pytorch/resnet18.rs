//! ResNet18 in both modes, from each format.

use std::path::Path;

use burn::tensor::Device;
use ebm_core::Features;
use ebm_core::network::backbone::{Backbone, BackboneConfig};
use ebm_core::{LoadReport, Method, ModelConfig, NetworkConfig, Noise, Objective, Purpose, StateDict, StateDictError};
use ebm_core::{Model, checkpoint};
use safetensors::SafeTensors;
use serde_json::Value;

use super::{assert_close, difference, expected, fixture, images};

const FILES: [&str; 3] = ["resnet18.pth", "resnet18_legacy.pth", "resnet18.safetensors"];

fn fresh(width: usize) -> Backbone {
    let noise = &mut Noise::new(0, Purpose::Weights, 0, 0);
    BackboneConfig::Resnet18 { width }.init(3 * 64 * 64, noise, &Device::flex().autodiff())
}

fn loaded(path: &Path, width: usize) -> (Backbone, LoadReport) {
    fresh(width).load(&StateDict::read(path).unwrap()).unwrap()
}

/// Largest difference of the running statistics from those in `expected`, by name.
fn statistics_difference(network: &Backbone, expected: &Value) -> f64 {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("weights.safetensors");
    checkpoint::save_weights(&path, network).unwrap();
    let bytes = std::fs::read(path).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let expected = expected.as_object().unwrap();
    assert_eq!(file.names().iter().filter(|name| name.contains("running_")).count(), expected.len());
    let differences = expected.iter().map(|(name, expected)| {
        let data = file.tensor(&format!("Resnet18.{name}")).unwrap().data().to_vec();
        let found = burn::tensor::TensorData::from_bytes_vec(
            data,
            [expected.as_array().unwrap().len()],
            burn::tensor::DType::F32,
        );
        difference(found, expected)
    });
    differences.fold(0.0, f64::max)
}

#[test]
fn features_and_statistics_are_pytorchs_in_both_modes() {
    let expected = &expected()["resnet18"];
    for file in FILES {
        let (network, report) = loaded(&fixture(file), 2);
        assert_eq!((report.used, &report.unused[..]), (100, &[][..]), "{file}");
        assert_close(network.forward(images()), &expected["evaluated"]);
        assert_close(network.forward(images().autodiff()), &expected["trained"]);
        // The training pass moved the statistics, once.
        assert!(statistics_difference(&network, &expected["statistics"]) < 1e-5);
    }
}

#[test]
fn every_backbone_of_a_model_is_filled_and_its_heads_are_not() {
    let backbone = BackboneConfig::Resnet18 { width: 2 };
    let network = NetworkConfig { backbone, target_widths: vec![4], hidden: 8, residual: false };
    let weights = |model: &Model| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("weights.safetensors");
        checkpoint::save_weights(&path, model).unwrap();
        std::fs::read(path).unwrap()
    };
    for (method, backbones) in [
        (Method::Mdn { components: 2 }, 1),
        (Method::EbmFixed { sigmas: vec![1.0], objective: Objective::Nce }, 1),
        (Method::ebm(2), 1),
        (Method::MdnTeacher { components: 2, objective: Objective::Nce }, 2),
    ] {
        let config = ModelConfig { input: 3 * 64 * 64, target: 1, method, network: network.clone(), axes: Vec::new() };
        let fresh = config.init(3, &Device::flex().autodiff());
        let before = weights(&fresh);
        let (model, report) = fresh.load_backbone(&fixture("resnet18.pth")).unwrap();
        assert!(report.unused.is_empty());
        let after = weights(&model);
        let [before, after] = [&before, &after].map(|bytes| SafeTensors::deserialize(bytes).unwrap());
        let changed = |name: &&str| before.tensor(name).unwrap().data() != after.tensor(name).unwrap().data();
        let changed: Vec<_> = after.names().into_iter().filter(changed).collect();
        assert_eq!(changed.len(), 100 * backbones);
        assert!(changed.iter().all(|name| name.contains("feature.Resnet18.")));
    }
}

#[test]
fn what_does_not_fit_is_named() {
    let weights = StateDict::read(&fixture("resnet18.pth")).unwrap();
    let error = fresh(3).load(&weights).unwrap_err();
    assert!(matches!(&error, StateDictError::WrongShape { name, .. } if name == "bn1.bias"), "{error}");

    let error = fresh(2).load(&StateDict::read(&fixture("scalar_ebm.pth")).unwrap()).unwrap_err();
    assert!(matches!(&error, StateDictError::Missing { names } if names.len() == 100), "{error}");

    // The paper's own file has a ResNet18 in it, and more.
    let (_, report) = loaded(&fixture("image_ebm.pth"), 2);
    assert_eq!(report.used, 100);
    assert!(report.unused.iter().all(|name| name.starts_with("noise_net.") || name.starts_with("predictor_net.")));
    assert_eq!(report.unused.len(), 12 + 8);

    let scalar = ModelConfig::scalar(Method::ebm(2)).init(0, &Device::flex());
    let error = scalar.load_backbone(&fixture("resnet18.pth")).unwrap_err();
    assert!(matches!(error, StateDictError::NoImageBackbone), "{error}");
}
