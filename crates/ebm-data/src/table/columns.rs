//! Columns by name.

use super::options::TableOptions;
use super::split::SplitBy;
use crate::delimited::cut;
use crate::error::TableError;
use std::collections::{HashMap, HashSet};
use std::path::Path;

/// Similar names that a message lists.
const NEAR_LISTED: usize = 3;
/// The least Jaro–Winkler similarity of a similar name; 1 is equality.
const NEAR: f64 = 0.75;

/// The columns of a file by their names; case matters.
pub(super) struct Lookup<'a> {
    path: &'a Path,
    names: &'a [String],
    indices: HashMap<&'a str, usize>,
}

impl<'a> Lookup<'a> {
    pub(super) fn new(path: &'a Path, names: &'a [String]) -> Self {
        let indices = names.iter().enumerate().map(|(index, name)| (name.as_str(), index)).collect();
        Self { path, names, indices }
    }

    /// The index of a column.
    pub(super) fn find(&self, column: &str) -> Result<usize, TableError> {
        self.position(column).ok_or_else(|| TableError::NoColumn {
            path: self.path.to_owned(),
            column: cut(column),
            columns: self.names.len(),
            near: near(self.names, column),
        })
    }

    /// The index of an optional column.
    pub(super) fn position(&self, column: &str) -> Option<usize> {
        self.indices.get(column).copied()
    }
}

/// The names most similar to this one; those that differ in case first.
fn near(names: &[String], column: &str) -> Vec<String> {
    let wanted = column.to_lowercase();
    let mut likes: Vec<(f64, &String)> =
        names.iter().map(|name| (strsim::jaro_winkler(&name.to_lowercase(), &wanted), name)).collect();
    likes.retain(|(like, _)| *like >= NEAR);
    // The sort is stable: equally near names stay in the order of the file.
    likes.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    likes.truncate(NEAR_LISTED);
    likes.into_iter().map(|(_, name)| cut(name)).collect()
}

/// The columns of a file by their role.
pub(super) struct Roles {
    /// The targets.
    pub(super) targets: Vec<usize>,
    /// The inputs that were named, or else all candidates.
    pub(super) features: Vec<usize>,
    /// Columns of the file that are not used.
    pub(super) others: Vec<usize>,
    /// Columns whose numbers are codes.
    pub(super) categorical: HashSet<usize>,
}

impl Roles {
    /// Finds every column that is named, once.
    pub(super) fn new(
        path: &Path,
        names: &[String],
        options: &TableOptions,
        weight: Option<&str>,
    ) -> Result<Self, TableError> {
        let lookup = Lookup::new(path, names);
        let find_all = |columns: &[String]| -> Result<Vec<usize>, TableError> {
            columns.iter().map(|column| lookup.find(column)).collect()
        };
        let targets = find_all(&options.targets)?;
        let mut excluded: HashSet<usize> = find_all(&options.exclude)?.into_iter().collect();
        if let SplitBy::Group(column) | SplitBy::Column(column) = &options.split_by {
            excluded.insert(lookup.find(column)?);
        }
        if let Some(column) = weight {
            let weight = lookup.find(column)?;
            if targets.contains(&weight) {
                return Err(TableError::NamedTwice { column: cut(column) });
            }
            excluded.insert(weight);
        }
        let categorical = find_all(&options.categorical)?.into_iter().collect();
        let features = match &options.features {
            Some(columns) => find_all(columns)?,
            None => (0..names.len()).filter(|index| !targets.contains(index) && !excluded.contains(index)).collect(),
        };
        let mut seen = HashSet::new();
        if let Some(&twice) = targets.iter().chain(&features).find(|&&index| !seen.insert(index)) {
            return Err(TableError::NamedTwice { column: cut(&names[twice]) });
        }
        let others = (0..names.len()).filter(|index| !seen.contains(index)).collect();
        Ok(Self { targets, features, others, categorical })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_not_there_brings_the_near_ones() {
        let names = ["price_eur", "Price", "size", "prize", "id"].map(String::from);
        let find = |column| Lookup::new(Path::new("a.csv"), &names).find(column);
        let error = find("price").expect_err("capitals matter");
        let TableError::NoColumn { near, columns: 5, .. } = &error else { panic!("{error}") };
        assert_eq!(near[..], ["Price", "price_eur", "prize"]);
        let error = find("weight").expect_err("not there").to_string();
        assert!(error.contains("is the first row a header?"), "{error}");
    }

    #[test]
    fn a_column_has_one_role() {
        let names = ["a", "b", "c", "d"].map(String::from);
        let roles = |change: fn(&mut TableOptions)| {
            let mut options = TableOptions::new(["c"]);
            change(&mut options);
            Roles::new(Path::new("a.csv"), &names, &options, None)
        };
        assert_eq!(roles(|_| {}).expect("found").features, [0, 1, 3]);
        let excluded = roles(|options| options.exclude = vec!["a".into()]).expect("found");
        assert_eq!((excluded.features, excluded.others), (vec![1, 3], vec![0]));
        let named = roles(|options| options.features = Some(vec!["d".into(), "a".into()])).expect("found");
        assert_eq!((named.features, named.others), (vec![3, 0], vec![1]));
        let options = TableOptions::new(["c"]);
        let weighted = |column| Roles::new(Path::new("a.csv"), &names, &options, Some(column));
        assert_eq!(weighted("b").expect("found").features, [0, 3]);
        assert!(matches!(weighted("c"), Err(TableError::NamedTwice { .. })));
        for twice in [&["a", "a"][..], &["c"]] {
            let mut options = TableOptions::new(["c"]);
            options.features = Some(twice.iter().map(|&name| name.into()).collect());
            assert!(matches!(
                Roles::new(Path::new("a.csv"), &names, &options, None),
                Err(TableError::NamedTwice { .. })
            ));
        }
    }
}
