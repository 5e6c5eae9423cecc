//! Ensembles: a member for each method and each fold of the training rows.

use ebm_core::{Method, TreesConfig};
use serde::{Deserialize, Serialize};

use super::folds::Folds;

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

impl Ensemble {
    /// More folds than this are not trained.
    pub const MOST: usize = 100;

    /// Training rows up to which an ensemble is trained unless one network is asked for. Beyond, networks are limited by
    /// their size and not by the number of rows, and an ensemble gains little for its time.
    pub const ROWS: usize = 50_000;

    /// # Errors
    /// Why there cannot be an ensemble whose first members have this method, for `targets` targets.
    pub(super) fn check(&self, method: &Method, targets: usize) -> Result<(), String> {
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
        if self.trees.is_some() && targets != 1 {
            return Err("boosted trees predict one number: leave out `trees` for several targets".to_owned());
        }
        let mut names: Vec<_> = self.methods(method).map(Method::name).collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err("a method is there twice".to_owned());
        }
        Ok(())
    }

    /// The methods of the members, the first given.
    fn methods<'a>(&'a self, first: &'a Method) -> impl Iterator<Item = &'a Method> {
        std::iter::once(first).chain(&self.also)
    }

    /// What its members are, K of each.
    pub fn forms<'a>(&'a self, first: &'a Method) -> Vec<Form<'a>> {
        self.methods(first).map(Form::Method).chain(self.trees.as_ref().map(Form::Trees)).collect()
    }

    /// The names of [`Ensemble::forms`].
    pub fn names(&self, first: &Method) -> Vec<&'static str> {
        self.forms(first).into_iter().map(Form::name).collect()
    }
}
