//! The commands that make a run again, with every option that was set.

mod forms;
mod shell;

use std::fmt::Display;
use std::path::Path;

use ebm_core::network::backbone::BackboneConfig;
use ebm_core::network::piecewise::Piecewise;
use ebm_core::{Kernels, Method, NetworkConfig, Objective, TrainingConfig};
use ebm_data::image::{BadImages, SIDE};
use ebm_data::table::{OnMissing, Part, Shares, SplitBy};

use crate::cli::method::{FormName, KernelsName, ObjectiveName};
use crate::cli::user_data::ReportArgs;
use crate::experiment::data::{Data, ImageSource};
use crate::experiment::ensemble::Ensemble;
use crate::experiment::folds::Folds;
use crate::experiment::user_data::{KindChoice, Source, UserData};
use crate::experiment::{Experiment, preset};
use crate::html::{Block, Command, Section};
use crate::run::record::Record;
use crate::trained::TrainedModel;
use forms::{forms, method_name};
use shell::{shell, word};

/// The commands that reproduce the run and this page.
pub(super) fn reproduce(model: &TrainedModel, args: &ReportArgs) -> Section {
    let run = shell(&args.run.display().to_string());
    let command = |what: &str, line: String| Command { what: what.to_owned(), line };
    let train = train(&model.record, &args.run).map(|line| command("train", line));
    let calibrate = model.record.config.data.user().map(|_| command("calibrate", format!("ebm calibrate {run}")));
    let new = if model.record.config.data.takes_images() { "images" } else { "new.csv" };
    let then = [
        command("this page", format!("ebm report {run}")),
        command("predict", format!("ebm predict {run} {new} --coverage 0.9")),
    ];
    let commands = train.into_iter().chain(calibrate).chain(then).collect();
    Section { heading: "Reproduce".to_owned(), blocks: vec![Block::Commands(commands)] }
}

/// The command that trains a run again; `None` where its configuration is not that of a preset or of own data with
/// options.
fn train(record: &Record, out: &Path) -> Option<String> {
    let config = &record.config;
    let mut words = Words(vec!["ebm".to_owned(), "train".to_owned()]);
    let base = match &config.data {
        Data::User(user) => {
            words.user(user, config.ensemble.as_ref());
            let rows = record.data.examples;
            let mut base = Experiment::user(user.clone());
            let defaults = match user.source {
                Source::Table { .. } => TrainingConfig::tabular(rows, &config.method),
                Source::Images { .. } => TrainingConfig::validated(rows),
            };
            let selection = defaults.selection.filter(|_| config.training.selection.is_some());
            base.training = TrainingConfig { selection, ..defaults };
            if let BackboneConfig::Tabular { encoding, .. } = &mut base.network.backbone {
                *encoding = Piecewise::for_rows(rows);
            }
            base
        }
        Data::Pairs => {
            words.option("--train-file", &record.data.source);
            Experiment::pairs()
        }
        Data::Toy(_) | Data::Images { .. } => {
            let (name, preset) = preset::all().into_iter().find(|(_, preset)| is_made_of(config, preset))?;
            words.option("--preset", name);
            preset
        }
    };
    if !is_made_of(config, &base) {
        return None;
    }
    let are_settings_given =
        config.training.weight_decay != base.training.weight_decay || config.network != base.network;
    let ensemble = config.ensemble.as_ref().map(|ensemble| (ensemble, are_settings_given));
    words.method(&config.method, &base.method, ensemble);
    words.pieces(config, &base);
    words.training(&config.training, &base.training);
    words.images(config, &base);
    words.option("--seed", record.seed);
    if record.device != "cpu" {
        words.option("--device", &record.device);
    }
    words.option("--out", out.display());
    Some(words.0.join(" "))
}

/// Whether options make this configuration of another: nothing else differs.
fn is_made_of(config: &Experiment, base: &Experiment) -> bool {
    let network = match &config.network.backbone {
        backbone @ BackboneConfig::Resnet18 { .. } => {
            NetworkConfig { backbone: backbone.clone(), ..base.network.clone() }
        }
        BackboneConfig::Tabular { encoding, .. } => with_encoding(&base.network, encoding),
        BackboneConfig::Mlp { .. } => base.network.clone(),
    };
    let TrainingConfig { epochs, batch_size, learning_rate, m, kernels, weight_decay, .. } = config.training;
    // Without weights to start from, nothing is frozen.
    let frozen_epochs =
        if config.data.takes_images() && config.backbone_weights.is_none() { 0 } else { base.training.frozen_epochs };
    let training = TrainingConfig {
        epochs,
        batch_size,
        learning_rate,
        m,
        kernels,
        weight_decay,
        frozen_epochs,
        ..base.training.clone()
    };
    // A method of another kind can be had of any preset; the nearest is the one of the same.
    let same_kind = config.data.user().is_some()
        || matches!(config.data, Data::Pairs)
        || std::mem::discriminant(&config.method) == std::mem::discriminant(&base.method);
    config.data.name() == base.data.name() && same_kind && config.network == network && config.training == training
}

/// The network with another encoding of its columns.
fn with_encoding(network: &NetworkConfig, other: &Piecewise) -> NetworkConfig {
    let mut network = network.clone();
    if let BackboneConfig::Tabular { encoding, .. } = &mut network.backbone {
        encoding.clone_from(other);
    }
    network
}

/// The words of a command.
struct Words(Vec<String>);

impl Words {
    fn option(&mut self, name: &str, value: impl Display) {
        let value = shell(&value.to_string());
        // A value that begins as an option does is tied to its own.
        let begins_as_one = value.trim_start_matches('\'').starts_with('-');
        self.0.push(if begins_as_one { format!("{name}={value}") } else { format!("{name} {value}") });
    }

    fn differing<T: PartialEq + Display>(&mut self, name: &str, value: T, base: T) {
        if value != base {
            self.option(name, value);
        }
    }

    fn user(&mut self, user: &UserData, ensemble: Option<&Ensemble>) {
        match &user.source {
            Source::Table { file } => self.0.push(shell(&file.display().to_string())),
            Source::Images { folder, labels, side, skip_bad } => {
                self.option("--images", folder.display());
                self.option("--labels", labels.display());
                self.differing("--image-size", *side, SIDE);
                self.0.extend(skip_bad.then(|| "--skip-bad".to_owned()));
            }
        }
        self.option("--target", user.targets.join(","));
        if let Some(features) = &user.features {
            self.option("--features", features.join(","));
        }
        for (target, kind) in user.targets.iter().zip(&user.kinds) {
            match kind {
                KindChoice::Auto => {}
                KindChoice::Power => self.option("--target-kind", format!("{target}=power")),
                KindChoice::Is(kind) => self.option("--target-kind", format!("{target}={}", kind.name())),
            }
        }
        match user.on_missing {
            OnMissing::Refuse => {}
            OnMissing::Drop => self.option("--on-missing", "drop"),
            OnMissing::Median => self.option("--on-missing", "median"),
        }
        self.0.extend(user.allow_outliers.then(|| "--allow-outliers".to_owned()));
        if let Some(file) = &user.validation {
            self.option("--valid", file.display());
        }
        let is_column = matches!(user.split_by, SplitBy::Column(_));
        let has_validation = user.validation.is_some() || user.shares.validation > 0.0 || is_column;
        match ensemble.map(|ensemble| ensemble.folds) {
            Some(Folds::Given(folds)) => self.option("--members", folds),
            Some(Folds::ByRows(_)) => {}
            None if matches!(user.source, Source::Table { .. }) && !has_validation => self.option("--members", 1),
            None => {}
        }
        let test = if matches!(user.split_by, SplitBy::Time(_)) { UserData::SHARES.test } else { 0.0 };
        let validation = if user.validation.is_some() { 0.0 } else { UserData::SHARES.validation };
        let default = match ensemble {
            Some(_) => Shares { test, ..Shares::NONE },
            None => Shares { validation, ..UserData::SHARES },
        };
        let is_one_by_default = ensemble.is_none() && matches!(user.source, Source::Images { .. });
        // A table has one network because it was split, unless `--members` says so.
        if user.shares != default
            || (ensemble.is_none() && !is_one_by_default && user.validation.is_none() && !is_column)
        {
            self.option("--split", Part::ALL.map(|part| user.shares.of(part).to_string()).join(","));
        }
        self.differing("--split-seed", user.split_seed, 0);
        if let Some(rows) = user.sample_rows {
            self.option("--sample-rows", rows);
        }
        if let Some(column) = &user.weight {
            self.option("--weight", column);
        }
        match &user.split_by {
            SplitBy::Rows | SplitBy::UsedColumns => {}
            SplitBy::Group(column) => self.option("--group", column),
            SplitBy::Time(column) => self.option("--time", column),
            SplitBy::Column(column) => self.option("--split-column", column),
        }
    }

    fn method(&mut self, method: &Method, base: &Method, ensemble: Option<(&Ensemble, bool)>) {
        let forms = ensemble.map(|(ensemble, _)| forms(method, ensemble));
        // An ensemble of one method is asked for by its name.
        let is_named = forms.as_ref().is_some_and(|forms| forms.len() == 1);
        if let (Some(forms), Some((ensemble, are_settings_given))) = (&forms, ensemble)
            && !is_named
            && (ensemble.also != Ensemble::usual(method, are_settings_given)
                || ensemble.trees.is_none()
                || method != base)
        {
            self.option("--forms", forms.iter().map(FormName::to_string).collect::<Vec<_>>().join(","));
        } else if method == base && !is_named {
            return;
        } else {
            self.option("--method", word(method_name(method)));
        }
        let (components, sigmas, objective) = match method {
            Method::Mdn { components } => (Some(components), None, None),
            Method::EbmFixed { sigmas, objective } => (None, Some(sigmas), Some(objective)),
            Method::Ebm { components, objective } | Method::MdnTeacher { components, objective } => {
                (Some(components), None, Some(objective))
            }
        };
        if let Some(components) = components {
            self.option("--components", components);
        }
        if let Some(sigmas) = sigmas {
            self.option("--sigmas", sigmas.iter().map(f64::to_string).collect::<Vec<_>>().join(","));
        }
        match objective {
            Some(Objective::Nce) => self.option("--objective", word(ObjectiveName::Nce)),
            Some(Objective::Importance) => self.option("--objective", word(ObjectiveName::Importance)),
            None => {}
        }
    }

    fn training(&mut self, training: &TrainingConfig, base: &TrainingConfig) {
        self.differing("--epochs", training.epochs, base.epochs);
        self.differing("--batch-size", training.batch_size, base.batch_size);
        self.differing("--learning-rate", training.learning_rate, base.learning_rate);
        self.differing("--m", training.m, base.m);
        self.differing("--weight-decay", training.weight_decay, base.weight_decay);
        if training.kernels != base.kernels {
            let fused = training.kernels == Kernels::Fused;
            self.option("--kernels", word(if fused { KernelsName::Fused } else { KernelsName::Plain }));
        }
    }

    fn pieces(&mut self, config: &Experiment, base: &Experiment) {
        if let (BackboneConfig::Tabular { encoding, .. }, BackboneConfig::Tabular { encoding: of_base, .. }) =
            (&config.network.backbone, &base.network.backbone)
            && let (Piecewise::Pieces(pieces), Piecewise::Pieces(of_base)) = (encoding, of_base)
        {
            self.differing("--pieces", *pieces, *of_base);
        }
    }

    fn images(&mut self, config: &Experiment, base: &Experiment) {
        if let (Data::Images { source, .. }, Data::Images { source: of_base, .. }) = (&config.data, &base.data) {
            match source {
                _ if source == of_base => {}
                ImageSource::Paper { folder, bad_images, .. } => {
                    self.option("--data", folder.display());
                    self.0.extend((*bad_images == BadImages::Skip).then(|| "--skip-bad".to_owned()));
                }
                ImageSource::StandIn { train, .. } => self.option("--examples", train),
            }
        }
        if let (BackboneConfig::Resnet18 { width }, BackboneConfig::Resnet18 { width: of_base }) =
            (&config.network.backbone, &base.network.backbone)
        {
            self.differing("--width", *width, *of_base);
        }
        if let Some(file) = &config.backbone_weights {
            self.option("--backbone-weights", file.display());
        }
    }
}
