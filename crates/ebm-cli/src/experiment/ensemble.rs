//! Ensembles: a member for each method and each fold of the training rows.

use ebm_core::{Method, TreesConfig};
use serde::{Deserialize, Serialize};

use super::Experiment;
use super::user_data::Source;

/// The members of an ensemble. Each is trained on all folds but one, on which it is chosen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ensemble {
    /// Folds of the training rows, K.
    pub folds: Folds,
    /// Methods beside that of the experiment; each has K members.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Method>,
    /// Boosted trees beside networks, K of them, for one number as target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trees: Option<TreesConfig>,
}

/// What members of an ensemble have in common.
#[derive(Debug, Clone, Copy)]
pub enum Form<'a> {
    /// Networks trained by this method.
    Method(&'a Method),
    /// Boosted trees.
    Trees(&'a TreesConfig),
}

impl Form<'_> {
    /// The name of the method, or `trees`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Method(method) => method.name(),
            Self::Trees(_) => "trees",
        }
    }
}

/// How many folds there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Folds {
    /// This many.
    Given(usize),
    /// 10 below 2000 training rows, where every row counts, otherwise 5.
    ByRows(ByRows),
}

/// The name of [`Folds::ByRows`] in a configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ByRows {
    /// By the number of training rows.
    ByRows,
}

impl Folds {
    /// The default.
    pub const BY_ROWS: Self = Self::ByRows(ByRows::ByRows);

    /// The number of folds of this many training rows.
    pub fn of(self, rows: usize) -> usize {
        match self {
            Self::Given(folds) => folds,
            Self::ByRows(_) if rows < 2000 => 10,
            Self::ByRows(_) => 5,
        }
    }
}

/// The fold that a member of an ensemble is not trained on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fold {
    /// Counted from 0.
    pub index: usize,
    /// Folds in all, K.
    pub of: usize,
}

impl Ensemble {
    /// More folds than this are not trained.
    pub const MOST: usize = 100;

    /// Training rows up to which an ensemble is trained unless one network is asked for. Beyond, networks are limited by
    /// their size and not by the number of rows, and an ensemble gains little for its time.
    pub const ROWS: usize = 50_000;

    /// # Errors
    /// Why an experiment cannot be an ensemble of this kind.
    pub(super) fn check(&self, experiment: &Experiment) -> Result<(), String> {
        if let Folds::Given(folds) = self.folds
            && !(2..=Self::MOST).contains(&folds)
        {
            return Err(format!("there are {folds} folds; there must be 2 to {}", Self::MOST));
        }
        if let Some(method) = self.also.iter().find_map(|method| method.check().err()) {
            return Err(method.to_string());
        }
        if let Some(Err(error)) = self.trees.as_ref().map(TreesConfig::check) {
            return Err(error.to_string());
        }
        if self.trees.is_some() && experiment.data.user().is_some_and(|user| user.targets.len() != 1) {
            return Err("boosted trees predict one number: leave out `trees` for several targets".to_owned());
        }
        let mut names: Vec<_> = self.methods(experiment).map(Method::name).collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err("a method is there twice".to_owned());
        }
        match experiment
            .data
            .user()
            .map(|user| (&user.source, user.validation.is_some() || user.shares.validation > 0.0))
        {
            Some((Source::Table { .. }, false)) => Ok(()),
            Some((Source::Table { .. }, true)) => {
                Err("its members are validated on folds: no validation part".to_owned())
            }
            _ => Err("it is for tables".to_owned()),
        }
    }

    /// The methods of the members of an experiment.
    fn methods<'a>(&'a self, experiment: &'a Experiment) -> impl Iterator<Item = &'a Method> {
        std::iter::once(&experiment.method).chain(&self.also)
    }

    /// What its members are, K of each.
    pub fn forms<'a>(&'a self, experiment: &'a Experiment) -> Vec<Form<'a>> {
        self.methods(experiment).map(Form::Method).chain(self.trees.as_ref().map(Form::Trees)).collect()
    }

    /// The names of [`Ensemble::forms`].
    pub fn names(&self, experiment: &Experiment) -> Vec<&'static str> {
        self.forms(experiment).into_iter().map(Form::name).collect()
    }
}
