//! What to train: a preset, a configuration file or the user's data, with the flags on top.

use ebm_core::network::backbone::BackboneConfig;
use ebm_core::network::piecewise::Piecewise;
use ebm_core::{Kernels, Method, NetworkConfig, Objective, TrainingConfig, TreesConfig};
use ebm_data::image::BadImages;
use ebm_data::table::Shares;

use super::user_data;
use crate::cli::method::{FormName, KernelsName, MethodName, ObjectiveName};
use crate::cli::train::TrainArgs;
use crate::exit::{Exit, failure};
use crate::experiment::data::{Data, ImageSource};
use crate::experiment::ensemble::{Ensemble, Settings, Variant};
use crate::experiment::folds::Folds;
use crate::experiment::user_data::UserData;
use crate::experiment::{Experiment, preset};
use crate::training_data::TrainingData;

/// Gaussians of a mixture or a proposal.
const COMPONENTS: usize = 4;

/// Scales of fixed noise for standardised targets, whose width is about 1: from a tenth of it to nearly all of it.
const TABLE_SIGMAS: [f64; 2] = [0.1, 0.8];

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
    if args.user.is_given() {
        experiment.ensemble = ensemble(args, &experiment.method)?;
        if let (Some(_), Data::User(user)) = (&experiment.ensemble, &mut experiment.data)
            && args.user.split.is_none()
        {
            // The latest rows of a table with a time are for testing.
            let test = if args.user.time.is_some() { UserData::SHARES.test } else { 0.0 };
            user.shares = Shares { test, ..Shares::NONE };
        }
    }
    training(args, &mut experiment.training);
    refuse_foreign(args, &experiment.data)?;
    images(args, &mut experiment)?;
    experiment.check("the command line")?;
    Ok(experiment)
}

/// The ensemble of a table: the default, unless one network or a validation part is asked for.
fn ensemble(args: &TrainArgs, method: &Method) -> anyhow::Result<Option<Ensemble>> {
    let split = args.user.split.as_deref().and_then(|split| split.get(1)).is_some_and(|&validation| validation > 0.0);
    let has_validation = split || args.user.valid.is_some() || args.user.split_column.is_some();
    match args.members {
        Some(1) => return Ok(None),
        None if has_validation || args.user.table.is_none() => return Ok(None),
        Some(_) if has_validation => {
            let message = "--members is for an ensemble, whose members are validated on folds of the training rows: leave \
                           out --valid, and give --split a validation fraction of 0, as in 0.9,0,0,0.1";
            return Err(failure(Exit::Usage, message));
        }
        _ => {}
    }
    let folds = args.members.map_or(Folds::BY_ROWS, |members| Folds::Given(members as usize));
    let also = match (&args.forms, args.method) {
        (Some(forms), _) => also(method, forms)?,
        (None, Some(_)) => Vec::new(),
        (None, None) => Ensemble::usual(method, args.weight_decay.is_some() || args.pieces.is_some()),
    };
    Ok(Some(Ensemble { folds, also, trees: None }))
}

/// The networks that `--forms` names, but for the first, whose method is that of the experiment.
fn also(method: &Method, forms: &[FormName]) -> anyhow::Result<Vec<Variant>> {
    let mut networks = forms.iter().filter_map(|form| match *form {
        FormName::Trees => None,
        FormName::Networks { method, weight_decay, pieces } => Some((method, weight_decay, pieces)),
    });
    let message = match networks.next() {
        Some((_, None, None)) => {
            let variant = |(name, weight_decay, pieces)| {
                let method = sibling(method, name);
                match (weight_decay, pieces) {
                    (None, None) => Variant::Method(method),
                    _ => Variant::With(Settings { method, weight_decay, pieces }),
                }
            };
            return Ok(networks.map(variant).collect());
        }
        Some(_) => {
            "the first networks of --forms have the settings of the experiment: give them as --weight-decay and --pieces"
        }
        None => "--forms names no networks: trees are beside networks, as in ebm,trees",
    };
    Err(failure(Exit::Usage, message))
}

/// A method of this name with what it shares with another.
fn sibling(of: &Method, name: MethodName) -> Method {
    let components = match *of {
        Method::Mdn { components } | Method::Ebm { components, .. } | Method::MdnTeacher { components, .. } => {
            components
        }
        Method::EbmFixed { .. } => COMPONENTS,
    };
    let objective = Objective::default();
    match name {
        MethodName::Mdn => Method::Mdn { components },
        MethodName::Ebm => Method::Ebm { components, objective },
        MethodName::MdnTeacher => Method::MdnTeacher { components, objective },
        MethodName::EbmFixed => Method::EbmFixed { sigmas: TABLE_SIGMAS.to_vec(), objective },
    }
}

/// The trees of an ensemble: the default for one number as target, unless a method is asked for.
pub fn trees_of(args: &TrainArgs, data: &TrainingData) -> Option<TreesConfig> {
    let space = data.encoding.as_ref().map(|encoding| &encoding.space)?;
    let is_number = space.dimensions() == 1 && space.axes().is_empty();
    let asked = match &args.forms {
        Some(forms) => forms.contains(&FormName::Trees),
        None => is_number && args.method.is_none(),
    };
    asked.then(TreesConfig::default)
}

/// The same experiment with one network, and the parts that this needs.
pub fn one_network(mut experiment: Experiment, args: &TrainArgs) -> anyhow::Result<Experiment> {
    experiment.ensemble = None;
    if let Data::User(user) = &mut experiment.data
        && args.user.split.is_none()
    {
        user.shares = UserData::SHARES;
    }
    experiment.check("the command line")?;
    Ok(experiment)
}

/// The training of the user's data, whose defaults depend on how many there are, with the flags on top.
pub fn training_of(args: &TrainArgs, data: &TrainingData, method: &Method) -> TrainingConfig {
    let defaults = match args.user.images {
        Some(_) => TrainingConfig::validated(data.record.examples),
        None => TrainingConfig::tabular(data.record.examples, method),
    };
    // Without held-out examples nothing can be chosen.
    let selection = defaults.selection.filter(|_| data.validation.is_some() || data.folded.is_some());
    let mut config = TrainingConfig { selection, ..defaults };
    training(args, &mut config);
    config
}

/// The encoding of a table's columns, whose default depends on how many rows there are, with the flag on top.
pub fn network_of(args: &TrainArgs, data: &TrainingData, network: &mut NetworkConfig) {
    let BackboneConfig::Tabular { encoding, .. } = &mut network.backbone else { return };
    *encoding = args.pieces.map_or_else(|| Piecewise::for_rows(data.record.examples), Piecewise::Pieces);
}

/// The training with the flags on top.
fn training(args: &TrainArgs, training: &mut TrainingConfig) {
    training.epochs = args.epochs.unwrap_or(training.epochs);
    training.batch_size = args.batch_size.unwrap_or(training.batch_size);
    training.learning_rate = args.learning_rate.unwrap_or(training.learning_rate);
    training.m = args.m.unwrap_or(training.m);
    training.weight_decay = args.weight_decay.unwrap_or(training.weight_decay);
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
    };
    let of_forms = args.forms.iter().flatten().find_map(|form| match form {
        FormName::Trees => None,
        FormName::Networks { method, .. } => Some(*method),
    });
    let name = args.method.or(of_forms).unwrap_or(name);
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
    if experiment.data.user().is_some() {
        sigmas = sigmas.or(Some(TABLE_SIGMAS.to_vec()));
    }
    let components = components.unwrap_or(COMPONENTS);
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
