//! The paper's networks as models.

use burn::tensor::{Device, Tensor};
use ebm_core::network::backbone::BackboneConfig;

use ebm_core::{Conditional, ImportAs, Imported, Method, Objective, StateDict, StateDictError, import};
use serde_json::Value;

use super::{assert_close, expected, fixture, images, waves};

fn read(file: &str) -> StateDict {
    StateDict::read(&fixture(file)).unwrap()
}

fn imported(file: &str, into: ImportAs) -> Imported {
    import(&read(file), into, &Device::flex()).unwrap()
}

/// Scores and log-densities of the proposal at `y` are PyTorch's.
fn assert_energy(imported: &Imported, input: Tensor<2>, y: Tensor<3>, expected: &Value) {
    let Conditional::Energy(f) = imported.model.conditional(input) else { panic!("an energy was imported") };
    assert_close(f.score(y.clone()), &expected["scores"]);
    if let Some(proposal) = f.proposal() {
        assert_close(proposal.log_prob(y), &expected["log_q"]);
    }
}

fn assert_mixture(imported: &Imported, input: Tensor<2>, y: Tensor<3>, expected: &Value) {
    let Conditional::Mixture(mixture) = imported.model.conditional(input) else { panic!("a mixture was imported") };
    assert_close(mixture.log_prob(y), &expected["log_q"]);
}

fn scalar_points() -> (Tensor<2>, Tensor<3>) {
    (waves([5, 1]) * 3.0, waves([5, 7, 1]) * 2.0)
}

#[test]
fn a_scalar_ebm_scores_as_in_pytorch() {
    let imported = imported("scalar_ebm.pth", ImportAs::Found);
    assert_eq!(imported.config, ebm_core::ModelConfig::scalar(Method::ebm(4)));
    assert_eq!((imported.report.used, imported.report.unused.len()), (4 + 12 + 10, 0));
    let (x, y) = scalar_points();
    assert_energy(&imported, x, y, &expected()["scalar_ebm"]);
}

#[test]
fn a_scalar_mdn_gives_the_density_of_pytorch() {
    let imported = imported("scalar_mdn.pth", ImportAs::Found);
    assert_eq!(imported.config.method, Method::Mdn { components: 2 });
    let (x, y) = scalar_points();
    assert_mixture(&imported, x, y, &expected()["scalar_mdn"]);
}

#[test]
fn an_image_ebm_scores_as_in_pytorch() {
    let imported = imported("image_ebm.pth", ImportAs::Found);
    let config = &imported.config;
    assert_eq!((config.input, config.target, &config.method), (3 * 64 * 64, 3, &Method::ebm(2)));
    assert_eq!(config.network.backbone, BackboneConfig::Resnet18 { width: 2 });
    assert_eq!((&config.network.target_widths[..], config.network.hidden), (&[4, 6][..], 16));
    assert!(!config.network.residual && imported.report.unused.is_empty());
    assert_energy(&imported, images(), waves([3, 7, 3]) * 2.0, &expected()["image_ebm"]);
}

#[test]
fn a_file_holds_more_than_was_trained_and_the_caller_says_what() {
    let (x, y) = scalar_points();
    let expected = &expected()["scalar_ebm"];

    let fixed = imported("scalar_ebm.pth", ImportAs::EbmFixed { sigmas: vec![0.1, 0.8] });
    assert_eq!(fixed.config.method, Method::EbmFixed { sigmas: vec![0.1, 0.8], objective: Objective::Nce });
    assert!(fixed.report.unused.iter().all(|name| name.starts_with("noise_net.")));
    assert_energy(&fixed, x.clone(), y.clone(), expected);

    let mdn = imported("scalar_ebm.pth", ImportAs::Mdn);
    assert_eq!(mdn.config.method, Method::Mdn { components: 4 });
    assert!(mdn.report.unused.iter().all(|name| name.starts_with("predictor_net.")));
    assert_mixture(&mdn, x.clone(), y.clone(), expected);

    let taught = imported("scalar_mdn.pth", ImportAs::MdnTeacher { teacher: read("scalar_ebm.pth") });
    assert_eq!(taught.config.method, Method::MdnTeacher { components: 2, objective: Objective::Nce });
    assert_mixture(&taught, x, y, &super::expected()["scalar_mdn"]);
}

#[test]
fn an_imported_model_has_the_shape_its_config_says() {
    for (file, into) in [
        ("scalar_ebm.pth", ImportAs::Found),
        ("scalar_mdn.pth", ImportAs::Found),
        ("image_ebm.pth", ImportAs::Found),
        ("scalar_ebm.pth", ImportAs::EbmFixed { sigmas: vec![1.0] }),
        ("scalar_mdn.pth", ImportAs::MdnTeacher { teacher: read("scalar_ebm.pth") }),
    ] {
        let Imported { config, model, .. } = imported(file, into);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("weights.safetensors");
        ebm_core::checkpoint::save_weights(&path, &model).unwrap();
        ebm_core::checkpoint::load_weights(&path, config.init(9, &Device::flex())).unwrap();
    }
}

#[test]
fn what_is_not_there_is_named() {
    let fault = |file, into| import(&read(file), into, &Device::flex()).unwrap_err();
    let error = fault("scalar_mdn.pth", ImportAs::Ebm);
    assert!(error.to_string().contains("predictor_net"), "{error}");
    let error = fault("resnet18.pth", ImportAs::Found);
    assert!(
        matches!(error, StateDictError::UnknownNetwork { .. }) && error.to_string().contains("feature_net"),
        "{error}"
    );
    let error = fault("scalar_mdn.pth", ImportAs::MdnTeacher { teacher: read("image_ebm.pth") });
    assert!(error.to_string().contains("predictor_net.fc1_xy") || error.to_string().contains("sizes"), "{error}");
}
