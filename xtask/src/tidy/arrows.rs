//! Which module uses which: an arrow from where a path is written to where its last name is defined.

use super::paths::Kind;
use super::tree::{Target, Tree};

/// A use of one module by another.
pub(super) struct Arrow {
    /// The module that uses.
    pub from: usize,
    /// The module that defines.
    pub to: usize,
    /// Whether the path leads to something that `to` defines, not to the module as a whole.
    pub is_item: bool,
    pub line: usize,
    /// Whether it is compiled in tests alone.
    pub is_test: bool,
    /// The path as written.
    pub path: String,
    /// Whether an import in the same module already says so.
    pub is_imported: bool,
    /// What to import instead, if the path goes through a re-export of the crate's root.
    pub behind_root: Option<String>,
}

/// Every use between the modules of a crate. A module that offers what is inside it, by `pub use`, is a
/// face and does not use it.
pub(super) fn arrows(tree: &Tree) -> Vec<Arrow> {
    let mut arrows = Vec::new();
    for (from, module) in tree.modules.iter().enumerate() {
        for written in &module.written {
            let Some(target) = tree.resolve(from, &written.path) else { continue };
            let to = target.module();
            let is_public = matches!(written.kind, Kind::Import { is_public: true, .. });
            if to == from || (is_public && tree.is_below(to, from)) {
                continue;
            }
            arrows.push(Arrow {
                from,
                to,
                is_item: matches!(target, Target::ItemOf(_)),
                line: written.line,
                is_test: module.is_test,
                path: written.path.join("::"),
                is_imported: written.kind == Kind::InPlace
                    && !["crate", "self", "super"].contains(&written.path[0].as_str()),
                behind_root: if tree.is_in_root(from) { None } else { tree.behind_root(&written.path, to) },
            });
        }
    }
    arrows
}
