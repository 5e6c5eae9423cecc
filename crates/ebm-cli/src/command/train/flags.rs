//! What to train: a preset, a configuration file or the user's data, with the flags on top.

use ebm_core::network::backbone::BackboneConfig;
use ebm_core::{Kernels, Method, Objective, TrainingConfig};
use ebm_data::image::BadImages;

use super::user_data;
use crate::cli::method::{KernelsName, MethodName, ObjectiveName};
use crate::cli::train::TrainArgs;
use crate::exit::{Exit, failure};
use crate::experiment::data::{Data, ImageSource};
use crate::experiment::{Experiment, preset};
use crate::training_data::TrainingData;

/// The experiment that preset or file and flags ask for.
///
/// # Errors
/// When there is no such experiment, or flags contradict it or each other.
pub fn experiment(args: &TrainArgs) -> anyhow::Result<Experiment> {
    let mut experiment = match (&args.preset, &args.config, &args.train_file) {
        _ if args.user.is_given() => Experiment::user(user_data::user_data(&args.user, args.skip_bad)?),
        (Some(name), ..) => preset::named(name)?,
        (None, Some(file), _) => preset::read(file)?,
        (None, None, Some(_)) => Experiment::pairs(),
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
    refuse_foreign(args, &experiment.data)?;
    images(args, &mut experiment)?;
    experiment.check("the command line")?;
    Ok(experiment)
}

/// The training of the user's data, whose defaults depend on how many there are, with the flags on top.
pub fn training_of(args: &TrainArgs, data: &TrainingData) -> TrainingConfig {
    let defaults = TrainingConfig::tabular(data.record.examples);
    // Without held-out examples nothing can be chosen.
    let selection = defaults.selection.filter(|_| data.validation.is_some());
    let mut config = TrainingConfig { selection, ..defaults };
    training(args, &mut config);
    config
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

/// Refuses flags that belong to other data.
fn refuse_foreign(args: &TrainArgs, data: &Data) -> anyhow::Result<()> {
    let refuse = |message: String| Err(failure(Exit::Usage, message));
    if args.skip_bad && args.data.is_none() && args.user.images.is_none() {
        return refuse("--skip-bad is for folders of images: give one with --data or --images".to_owned());
    }
    if args.user.labels.is_some() && args.user.images.is_none() {
        return refuse("--labels names the labels of images: give their folder with --images".to_owned());
    }
    let of_task = [("--data", args.data.is_some()), ("--examples", args.examples.is_some())];
    let of_images = [("--backbone-weights", args.backbone_weights.is_some()), ("--width", args.width.is_some())];
    let given = |flags: &[(&'static str, bool)]| flags.iter().find(|(_, given)| *given).map(|(flag, _)| *flag);
    match (data, given(&of_task), given(&of_images)) {
        (Data::User(_), Some(flag), _) => {
            return refuse(format!("{flag} is for the paper's image tasks, and these data are your own"));
        }
        (data, Some(flag), _) | (data, None, Some(flag)) if !data.takes_images() => {
            return refuse(format!("{flag} is for image tasks, and this is none"));
        }
        _ => {}
    }
    if args.train_file.is_some() && data.takes_images() {
        return refuse("--train-file is for scalar examples: give a folder of images with --data".to_owned());
    }
    if args.evaluate && matches!(data, Data::Pairs) {
        return refuse(
            "--evaluate needs a test set, and your own file has none: train, then `ebm evaluate` a file of other examples"
                .to_owned(),
        );
    }
    Ok(())
}

/// The images, their backbone and its weights with the flags on top.
fn images(args: &TrainArgs, experiment: &mut Experiment) -> anyhow::Result<()> {
    if !experiment.data.takes_images() {
        return Ok(());
    }
    if let Data::Images { source, .. } = &mut experiment.data {
        if let Some(folder) = &args.data {
            let bad_images = if args.skip_bad { BadImages::Skip } else { BadImages::Refuse };
            *source = ImageSource::paper(std::path::absolute(folder)?, bad_images);
        }
        if let (Some(examples), ImageSource::StandIn { train, test, .. }) = (args.examples, source) {
            *train = examples;
            *test = examples.div_ceil(4);
        }
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
        Method::Residual { components, objective } => (MethodName::Residual, Some(*components), None, Some(*objective)),
    };
    let name = args.method.unwrap_or(name);
    let refuse = |flag: &str| Err(failure(Exit::Usage, format!("{flag} has no meaning for this method")));
    match name {
        MethodName::EbmFixed if args.components.is_some() => return refuse("--components"),
        MethodName::Ebm | MethodName::Mdn | MethodName::MdnTeacher | MethodName::Residual if args.sigmas.is_some() => {
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
    if experiment.data.user().is_some() {
        // Standardised targets have about unit width: these reach from a tenth of it to nearly all of it.
        sigmas = sigmas.or(Some(vec![0.1, 0.8]));
    }
    let components = components.unwrap_or(4);
    let objective = objective.unwrap_or_default();
    Ok(match name {
        MethodName::Mdn => Method::Mdn { components },
        MethodName::Ebm => Method::Ebm { components, objective },
        MethodName::MdnTeacher => Method::MdnTeacher { components, objective },
        MethodName::Residual => Method::Residual { components, objective },
        MethodName::EbmFixed => {
            let Some(sigmas) = sigmas else {
                return Err(failure(Exit::Usage, "--method ebm-fixed needs the scales of its noise: --sigmas 0.1,0.8"));
            };
            Method::EbmFixed { sigmas, objective }
        }
    })
}
