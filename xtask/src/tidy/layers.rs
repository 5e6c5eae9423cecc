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
    let tops = || {
        let numbered = tree.modules.iter().enumerate();
        numbered.filter(|(at, module)| module.path.len() == 1 && !module.is_test && !tree.is_in_root(*at))
    };
    for (_, module) in tops().filter(|(_, module)| !rules.layers.contains(&module.path[0])) {
        let text = format!("module `{}` is no layer of its crate; give it a place in {RULES_FILE}", module.path[0]);
        found.push(Finding { file: module.file.clone(), line: 1, text });
    }
    for layer in rules.layers.iter().filter(|layer| !tops().any(|(_, module)| module.path[0] == **layer)) {
        let text = format!("{} has no module `{layer}`; remove the layer", rules.source.display());
        found.push(Finding { file: PathBuf::from(RULES_FILE), line: 1, text });
    }
    let face = &tree.modules[0].file;
    let is_import = |item: &Item| matches!(item, Item::Use(_) | Item::ExternCrate(_));
    let mut items = tree.modules.iter().filter(|module| module.file == *face && !module.is_test).flat_map(|m| &m.items);
    if face.ends_with("lib.rs") && !items.all(is_import) {
        let text = "lib.rs defines something; it holds only `mod` and `pub use`".to_owned();
        found.push(Finding { file: face.clone(), line: 1, text });
    }
    found
}
