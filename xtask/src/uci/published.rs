//! What is known of the sets: goals, published numbers, and the peers that can be run on them.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde::Deserialize;

/// `sets.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Known {
    #[serde(rename = "set")]
    pub sets: Vec<KnownSet>,
    /// Reference of each published method.
    pub sources: BTreeMap<String, String>,
    /// Name shown of each peer.
    pub peers: BTreeMap<String, String>,
}

/// A set of which something is known.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KnownSet {
    pub name: String,
    /// What `ebm train` gets for this set, so that likelihoods compare with published ones.
    #[serde(default)]
    pub train: String,
    pub goal: Scores<Option<f64>>,
    pub published: Scores<BTreeMap<String, f64>>,
}

/// Something of each score; lower is better in both.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, bound = "T: Deserialize<'de> + Default")]
pub(super) struct Scores<T> {
    #[serde(default)]
    pub nll: T,
    #[serde(default)]
    pub crps: T,
}

impl Known {
    /// Reads the file that is compiled in.
    ///
    /// # Errors
    /// When it is damaged.
    pub fn read() -> Result<Self> {
        toml::from_str(include_str!("sets.toml")).context("xtask/src/uci/sets.toml")
    }

    pub fn set(&self, name: &str) -> Option<&KnownSet> {
        self.sets.iter().find(|set| set.name == name)
    }

    /// Methods whose numbers on these sets are published, with their references.
    pub fn sources_of(&self, sets: &[String]) -> Vec<(&String, &String)> {
        let used = || self.sets.iter().filter(|set| sets.contains(&set.name)).map(|set| &set.published);
        let is_used =
            |method: &String| used().any(|scores| [&scores.nll, &scores.crps].iter().any(|of| of.contains_key(method)));
        self.sources.iter().filter(|(method, _)| is_used(method)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::binary;

    #[test]
    fn every_published_number_has_a_source_and_every_source_a_number() {
        let known = Known::read().unwrap();
        let all: Vec<String> = known.sets.iter().map(|set| set.name.clone()).collect();
        for set in &known.sets {
            for method in set.published.nll.keys().chain(set.published.crps.keys()) {
                assert!(known.sources.contains_key(method), "{} names {method}", set.name);
            }
        }
        assert_eq!(known.sources_of(&all).len(), known.sources.len());
        let of_wine = known.sources_of(&["wine".to_owned()]);
        assert!(of_wine.len() == 1 && of_wine[0].0 == "TabResFlow");
    }

    #[test]
    fn every_peer_has_a_list_of_what_it_needs() {
        for peer in Known::read().unwrap().peers.keys() {
            let list = binary::root().join(format!("bench/peers/requirements-{peer}.txt"));
            assert!(list.exists(), "{}", list.display());
        }
    }
}
