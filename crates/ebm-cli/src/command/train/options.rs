//! What to train: a preset or a file, with the flags on top.

mod own;

use ebm_core::network::backbone::BackboneConfig;
use ebm_core::{Kernels, Method, Objective, TrainingConfig};
use ebm_data::image::BadImages;

use crate::cli::{KernelsName, MethodName, ObjectiveName, TrainArgs};
use crate::exit::{Exit, failure};
use crate::experiment::{Dataset, Experiment, ImageSource};
use crate::task::TrainingData;

/// The experiment that preset or file and flags ask for.
///
/// # Errors
/// When there is no such experiment, or flags contradict it or each other.
pub fn resolve(args: &TrainArgs) -> anyhow::Result<Experiment> {
    let mut experiment = match (&args.preset, &args.config, &args.train_file) {
        _ if args.own.is_given() => Experiment::own(own::own_data(&args.own, args.skip_bad)?),
        (Some(name), ..) => Experiment::preset(name)?,
        (None, Some(file), _) => Experiment::read(file)?,
        (None, None, Some(_)) => Experiment::own_pairs(),
        (None, None, None) => {
            return Err(failure(
                Exit::Usage,
                "nothing to train: give a table and --target COLUMN, --images DIR, --preset NAME (such as toy_1/ours_k4) \
                 or --config FILE",
            ));
        }
    };
    experiment.method = method(args, &experiment)?;
    training(args, &mut experiment.training);
    if args.skip_bad && args.data.is_none() && args.own.images.is_none() {
        return Err(failure(Exit::Usage, "--skip-bad is for folders of images: give one with --data or --images"));
    }
    if args.own.labels.is_some() && args.own.images.is_none() {
        return Err(failure(Exit::Usage, "--labels names the labels of images: give their folder with --images"));
    }
    images(args, &mut experiment)?;
    experiment.check("the command line")?;
    let epochs = experiment.training.epochs;
    if let Some(epoch) = args.snapshot_epochs.iter().find(|epoch| !(1..=epochs).contains(epoch)) {
        return Err(failure(Exit::Usage, format!("--snapshot-epochs {epoch}: there are epochs 1 to {epochs}")));
    }
    if args.evaluate && matches!(experiment.dataset, Dataset::File) {
        return Err(failure(
            Exit::Usage,
            "--evaluate needs a test set, and your own file has none: train, then `ebm evaluate` a file of other examples",
        ));
    }
    Ok(experiment)
}

/// How to train, where that depends on how many examples there are.
///
/// # Errors
/// When a flag is out of range.
pub fn settle(args: &TrainArgs, experiment: &mut Experiment, data: &TrainingData) -> anyhow::Result<()> {
    if !args.own.is_given() {
        return Ok(());
    }
    let steps = TrainingConfig::tabular(data.record.examples);
    experiment.training = TrainingConfig {
        // Without held-out examples nothing can be chosen.
        selection: steps.selection.filter(|_| data.validation.is_some()),
        ..steps
    };
    training(args, &mut experiment.training);
    experiment.check("the command line")
}

/// The training with the flags on top.
fn training(args: &TrainArgs, training: &mut TrainingConfig) {
    training.epochs = args.epochs.unwrap_or(training.epochs);
    training.batch_size = args.batch_size.unwrap_or(training.batch_size);
    training.learning_rate = args.learning_rate.unwrap_or(training.learning_rate);
    training.m = args.m.unwrap_or(training.m);
    training.kernels = match args.kernels {
        Some(KernelsName::Fused) => Kernels::Fused,
        Some(KernelsName::Plain) => Kernels::Plain,
        None => training.kernels,
    };
}

/// The images, their backbone and its weights with the flags on top.
///
/// # Errors
/// When a flag does not belong to the data set.
fn images(args: &TrainArgs, experiment: &mut Experiment) -> anyhow::Result<()> {
    let dataset = experiment.dataset;
    let flags = [
        ("--data", args.data.is_some()),
        ("--examples", args.examples.is_some()),
        ("--backbone-weights", args.backbone_weights.is_some()),
        ("--width", args.width.is_some()),
    ];
    if experiment.own.is_some() {
        let foreign = flags.into_iter().take(2).find(|(_, given)| *given);
        if let Some((flag, _)) = foreign {
            return Err(failure(
                Exit::Usage,
                format!("{flag} is for the paper's image tasks, and these data are your own"),
            ));
        }
    }
    if !experiment.is_of_images() {
        return match flags.into_iter().find(|(_, given)| *given) {
            Some((flag, _)) => Err(failure(Exit::Usage, format!("{flag} is for image tasks, and this is none"))),
            None => Ok(()),
        };
    }
    if args.train_file.is_some() {
        return Err(failure(Exit::Usage, "--train-file is for scalar examples: give a folder of images with --data"));
    }
    if dataset.is_of_images() {
        source(args, experiment)?;
    }
    if let (Some(width), BackboneConfig::Resnet18 { width: of }) = (args.width, &mut experiment.network.backbone) {
        *of = width;
    }
    if let Some(file) = &args.backbone_weights {
        experiment.backbone_weights = Some(std::path::absolute(file)?);
    }
    if experiment.backbone_weights.is_none() {
        // The freeze protects pretrained weights; there are none.
        experiment.training.frozen_epochs = 0;
    }
    Ok(())
}

/// Where the images of one of the paper's tasks come from.
fn source(args: &TrainArgs, experiment: &mut Experiment) -> anyhow::Result<()> {
    if let Some(folder) = &args.data {
        let folder = std::path::absolute(folder)?;
        let bad_images = if args.skip_bad { BadImages::Skip } else { BadImages::Refuse };
        experiment.images = Some(ImageSource::Paper { folder, split_seed: 0, bad_images });
    }
    let [train, test] = experiment.dataset.paper_size();
    let stand_in = experiment.images.get_or_insert(ImageSource::StandIn { train, test, seed: 0 });
    if let (Some(examples), ImageSource::StandIn { train, test, .. }) = (args.examples, stand_in) {
        *train = examples;
        *test = examples.div_ceil(4);
    }
    Ok(())
}

/// The method with the flags on top.
///
/// # Errors
/// When a flag does not belong to the method.
fn method(args: &TrainArgs, experiment: &Experiment) -> anyhow::Result<Method> {
    let base = &experiment.method;
    let (name, mut components, mut sigmas, mut objective) = match base {
        Method::Mdn { components } => (MethodName::Mdn, Some(*components), None, None),
        Method::EbmFixed { sigmas, objective } => (MethodName::EbmFixed, None, Some(sigmas.clone()), Some(*objective)),
        Method::Ebm { components, objective } => (MethodName::Ebm, Some(*components), None, Some(*objective)),
        Method::MdnTeacher { components, objective } => {
            (MethodName::MdnTeacher, Some(*components), None, Some(*objective))
        }
    };
    let name = args.method.unwrap_or(name);
    let refuse = |flag: &str| Err(failure(Exit::Usage, format!("{flag} has no meaning for this method")));
    match name {
        MethodName::EbmFixed if args.components.is_some() => return refuse("--components"),
        MethodName::Ebm | MethodName::Mdn | MethodName::MdnTeacher if args.sigmas.is_some() => {
            return refuse("--sigmas");
        }
        MethodName::Mdn if args.objective.is_some() => return refuse("--objective"),
        _ => {}
    }
    components = args.components.or(components);
    sigmas = args.sigmas.clone().or(sigmas);
    objective = args
        .objective
        .map(|name| match name {
            ObjectiveName::Nce => Objective::Nce,
            ObjectiveName::Importance => Objective::Importance,
        })
        .or(objective);
    if experiment.dataset == Dataset::Own {
        // The networks see targets of about unit width: these reach from a tenth of it to all of it.
        sigmas = sigmas.or(Some(vec![0.1, 0.8]));
    }
    let components = components.unwrap_or(4);
    let objective = objective.unwrap_or_default();
    Ok(match name {
        MethodName::Mdn => Method::Mdn { components },
        MethodName::Ebm => Method::Ebm { components, objective },
        MethodName::MdnTeacher => Method::MdnTeacher { components, objective },
        MethodName::EbmFixed => {
            let Some(sigmas) = sigmas else {
                return Err(failure(Exit::Usage, "--method ebm-fixed needs the scales of its noise: --sigmas 0.1,0.8"));
            };
            Method::EbmFixed { sigmas, objective }
        }
    })
}
