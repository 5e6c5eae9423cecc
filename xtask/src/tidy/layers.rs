//! Rule: a layer of a crate uses those below it alone, and imports name the module that defines.

use std::path::PathBuf;

use syn::Item;

use super::arrows::Arrow;
use super::finding::Finding;
use super::rules::{CrateRules, RULES_FILE};
use super::tree::Tree;

pub(super) fn check(tree: &Tree, arrows: &[Arrow], rules: &CrateRules) -> Vec<Finding> {
    let height = |layer: &str| rules.layers.iter().position(|name| name == layer);
    let mut found = places(tree, rules);
    for arrow in arrows.iter().filter(|arrow| !arrow.is_imported) {
        let Arrow { from, to, line, path, .. } = arrow;
        let mut tell = |text| found.push(Finding { file: tree.modules[*from].file.clone(), line: *line, text });
        if let Some(path_behind) = &arrow.behind_root {
            tell(format!("`{path}` goes through the root of the crate; write `{path_behind}`"));
        }
        let (Some(lower), Some(upper)) = (tree.layer(*from), tree.layer(*to)) else { continue };
        if !arrow.is_test && height(lower).zip(height(upper)).is_some_and(|(from, to)| from < to) {
            tell(format!(
                "layer `{lower}` uses `{path}` of the layer `{upper}` above it; move what both need down, or take it \
                 as an argument"
            ));
        }
    }
    found
}

/// Modules without a place in the order, places without a module, and code in the face of a library.
fn places(tree: &Tree, rules: &CrateRules) -> Vec<Finding> {
    let mut found = Vec::new();
    let tops = || tree.modules.iter().filter(|module| module.path.len() == 1 && !module.is_test);
    for module in tops().filter(|module| !rules.layers.contains(&module.path[0])) {
        let text = format!("module `{}` is no layer of its crate; give it a place in {RULES_FILE}", module.path[0]);
        found.push(Finding { file: module.file.clone(), line: 1, text });
    }
    for layer in rules.layers.iter().filter(|layer| !tops().any(|module| module.path[0] == **layer)) {
        let text = format!("{} has no module `{layer}`; remove the layer", rules.source.display());
        found.push(Finding { file: PathBuf::from(RULES_FILE), line: 1, text });
    }
    let root = &tree.modules[0];
    let is_face = |item: &Item| matches!(item, Item::Use(_) | Item::ExternCrate(_));
    if root.file.ends_with("lib.rs") && !root.items.iter().all(is_face) {
        let text = "lib.rs defines something; it holds `mod` and `pub use` alone".to_owned();
        found.push(Finding { file: root.file.clone(), line: 1, text });
    }
    found
}
