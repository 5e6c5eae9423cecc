//! A crate as a tree of modules, and where a path leads in it.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use syn::Item;

use super::paths::{Kind, Written, is_test, written};

/// The modules of a crate; the first is its root.
pub(super) struct Tree {
    pub modules: Vec<Module>,
}

/// A module: a file `a/b.rs` for the module `a::b`, or a part of one.
#[derive(Default)]
pub(super) struct Module {
    /// Names from the root down.
    pub path: Vec<String>,
    /// Relative to the workspace.
    pub file: PathBuf,
    parent: usize,
    /// Whether it is compiled in tests alone.
    pub is_test: bool,
    pub items: Vec<Item>,
    pub written: Vec<Written>,
    names: HashMap<String, Vec<Name>>,
}

/// What a name stands for in a module. One name may be a module and a function.
enum Name {
    Module(usize),
    Item,
    Import(Vec<String>),
}

/// Where a path leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    Module(usize),
    /// Something that this module defines.
    ItemOf(usize),
}

impl Target {
    pub(super) fn module(self) -> usize {
        match self {
            Self::Module(module) | Self::ItemOf(module) => module,
        }
    }
}

/// Imports of imports that are followed at most: globs that import one another never end.
const DEPTH: usize = 8;

impl Tree {
    /// Reads the library, or else the program, in a source folder of the workspace at `root`.
    ///
    /// # Errors
    /// When a file is missing or does not parse.
    pub(super) fn read(root: &Path, source: &Path) -> Result<Self> {
        let file = ["lib.rs", "main.rs"].map(|name| source.join(name));
        let file = file.iter().find(|file| root.join(file).exists());
        let file = file.with_context(|| format!("{} has neither lib.rs nor main.rs", source.display()))?;
        let mut tree = Self { modules: Vec::new() };
        let top = Module { file: file.clone(), ..Module::default() };
        tree.add(root, source, top, None)?;
        Ok(tree)
    }

    /// The layer of a module, its topmost module below the root; the root has none.
    pub(super) fn layer(&self, module: usize) -> Option<&str> {
        self.modules[module].path.first().map(String::as_str)
    }

    /// What to write instead of a path `crate::Name…` that leads to `to`, if the file of the root only imports the name.
    pub(super) fn behind_root(&self, path: &[String], to: usize) -> Option<String> {
        let (first, mut rest) = path.split_first()?;
        let (mut here, is_rooted) = (0, first == "crate");
        while let Some((name, tail)) = rest.split_first().filter(|_| is_rooted) {
            match self.modules[here].names.get(name).map(Vec::as_slice) {
                Some([Name::Module(child)]) if self.is_in_root(*child) => here = *child,
                Some([Name::Import(import)]) => {
                    let import = import.strip_prefix(&["crate".to_owned()]).unwrap_or(import);
                    return Some([&["crate".to_owned()], import, tail].concat().join("::"));
                }
                // By a glob.
                None if !self.is_in_root(to) => {
                    let module = [&["crate".to_owned()], &self.modules[to].path[..], rest].concat();
                    return Some(module.join("::"));
                }
                _ => return None,
            }
            rest = tail;
        }
        None
    }

    /// Whether a module is a part of the file of the root.
    pub(super) fn is_in_root(&self, module: usize) -> bool {
        self.modules[module].file == self.modules[0].file
    }

    /// Whether `module` is `ancestor` or inside it.
    pub(super) fn is_below(&self, module: usize, ancestor: usize) -> bool {
        self.modules[module].path.starts_with(&self.modules[ancestor].path)
    }

    /// A module with its items, or those of its file, and the modules it declares.
    fn add(&mut self, root: &Path, source: &Path, mut module: Module, items: Option<Vec<Item>>) -> Result<usize> {
        let items = items.map_or_else(|| parse(root, &module.file), Ok)?;
        module.written = written(&items);
        for name in items.iter().filter_map(defined) {
            module.names.entry(name).or_default().push(Name::Item);
        }
        for Written { path, kind, .. } in &module.written {
            if let Kind::Import { name, .. } = kind {
                module.names.entry(name.clone()).or_default().push(Name::Import(path.clone()));
            }
        }
        let this = self.modules.len();
        self.modules.push(module);
        for item in items {
            let Item::Mod(child) = item else {
                self.modules[this].items.push(item);
                continue;
            };
            let Module { path, file, is_test: in_test, .. } = &self.modules[this];
            let path = [&path[..], &[child.ident.to_string()]].concat();
            let is_test = *in_test || is_test(&child.attrs);
            let file = match (&child.content, elsewhere(&child.attrs)) {
                (Some(_), _) => file.clone(),
                (None, Some(elsewhere)) => file.with_file_name(elsewhere),
                (None, None) => path.iter().fold(source.to_owned(), |file, name| file.join(name)).with_extension("rs"),
            };
            let module = Module { path, file, parent: this, is_test, ..Module::default() };
            let index = self.add(root, source, module, child.content.map(|(_, items)| items))?;
            self.modules[this].names.entry(child.ident.to_string()).or_default().push(Name::Module(index));
        }
        Ok(this)
    }

    /// Where a path written in a module leads; `None` if out of the crate.
    pub(super) fn resolve(&self, from: usize, path: &[String]) -> Option<Target> {
        self.follow(from, path, 0)
    }

    fn follow(&self, from: usize, path: &[String], depth: usize) -> Option<Target> {
        if depth > DEPTH {
            return None;
        }
        let (mut here, mut rest, mut is_ours) = (from, path, false);
        while let Some((first, tail)) = rest.split_first() {
            here = match first.as_str() {
                "crate" => 0,
                "self" => here,
                "super" => self.modules[here].parent,
                _ => break,
            };
            (rest, is_ours) = (tail, true);
        }
        while let Some((name, tail)) = rest.split_first() {
            match self.look_up(here, name, tail.is_empty(), depth) {
                Some(Target::Module(module)) => (here, rest, is_ours) = (module, tail, true),
                Some(item) => return Some(item),
                // What a macro defines is not seen.
                None => return is_ours.then_some(Target::ItemOf(here)),
            }
        }
        Some(Target::Module(here))
    }

    /// What a name stands for in a module: with more segments after it a module, else rather an item.
    fn look_up(&self, module: usize, name: &str, is_last: bool, depth: usize) -> Option<Target> {
        let Module { names, written, .. } = &self.modules[module];
        let mut meanings: Vec<&Name> = names.get(name).into_iter().flatten().collect();
        meanings.sort_by_key(|meaning| matches!(meaning, Name::Module(_)) == is_last);
        let found = meanings.into_iter().find_map(|meaning| match meaning {
            Name::Module(child) => Some(Target::Module(*child)),
            Name::Item => Some(Target::ItemOf(module)),
            Name::Import(path) => self.follow(module, path, depth + 1),
        });
        found.or_else(|| {
            let globs = written.iter().filter(|written| written.kind == Kind::Glob);
            globs.filter_map(|glob| self.follow(module, &glob.path, depth + 1)).find_map(|target| match target {
                Target::Module(other) if other != module && depth < DEPTH => {
                    self.look_up(other, name, is_last, depth + 1)
                }
                _ => None,
            })
        })
    }
}

/// The file that `#[path = "…"]` names, relative to the file it is written in.
fn elsewhere(attributes: &[syn::Attribute]) -> Option<String> {
    attributes.iter().find_map(|attribute| match &attribute.meta {
        syn::Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(file), .. }) => Some(file.value()),
            _ => None,
        },
        _ => None,
    })
}

fn parse(root: &Path, file: &Path) -> Result<Vec<Item>> {
    let text = fs::read_to_string(root.join(file)).with_context(|| format!("reading {}", file.display()))?;
    let parsed = syn::parse_file(&text);
    let parsed = parsed.map_err(|error| anyhow!("{}:{}: {error}", file.display(), error.span().start().line))?;
    Ok(parsed.items)
}

/// The name that an item defines in its module.
fn defined(item: &Item) -> Option<String> {
    let name = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(name.to_string())
}
