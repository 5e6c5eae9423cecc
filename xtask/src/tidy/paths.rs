//! The paths that the code of a module writes: imports, and names used in place.

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Expr, ExprCall, ImplItemFn, Item, ItemMod, ItemUse, Macro, Meta};
use syn::{Path, UseTree, Visibility};

/// A path and where it is written.
#[derive(Debug)]
pub(super) struct Written {
    /// Its segments; of a glob those before the star.
    pub path: Vec<String>,
    pub line: usize,
    pub kind: Kind,
}

/// How a path is written.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `use path as name`, at any depth; public if others can import it from here.
    Import { name: String, is_public: bool },
    /// `use path::*`.
    Glob,
    /// In code.
    InPlace,
}

/// The paths in the items of a module that are compiled outside tests, without those of its child modules.
pub(super) fn written(items: &[Item]) -> Vec<Written> {
    let mut visitor = Visitor::default();
    items.iter().for_each(|item| visitor.visit_item(item));
    visitor.found
}

/// Whether an item with these attributes is compiled in tests alone.
pub(super) fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::Path(path) => path.is_ident("test"),
        Meta::List(list) if list.path.is_ident("cfg") => wants_test(list.tokens.clone()),
        _ => false,
    })
}

/// Whether a predicate of `cfg` holds in tests alone: `test`, or `all(…)` with it.
fn wants_test(tokens: TokenStream) -> bool {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    tokens.iter().enumerate().any(|(at, token)| match (token, tokens.get(at + 1)) {
        (TokenTree::Ident(all), Some(TokenTree::Group(group))) if all == "all" => wants_test(group.stream()),
        (TokenTree::Ident(name), None | Some(TokenTree::Punct(_))) => name == "test",
        _ => false,
    })
}

/// The attributes of an item that may be of tests alone.
fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

#[derive(Default)]
struct Visitor {
    found: Vec<Written>,
}

impl Visitor {
    /// The leaves of a tree of imports below `prefix`.
    fn import(&mut self, prefix: &[String], tree: &UseTree, is_public: bool) {
        let mut keep = |ident: &syn::Ident, name: &syn::Ident| {
            let mut path = prefix.to_vec();
            if ident != "self" || prefix.is_empty() {
                path.push(ident.to_string());
            }
            let name =
                if name == "self" { path.last().expect("`self` follows a module").clone() } else { name.to_string() };
            let line = ident.span().start().line;
            self.found.push(Written { path, line, kind: Kind::Import { name, is_public } });
        };
        match tree {
            UseTree::Path(branch) => {
                let prefix = [prefix, &[branch.ident.to_string()]].concat();
                self.import(&prefix, &branch.tree, is_public);
            }
            UseTree::Name(leaf) => keep(&leaf.ident, &leaf.ident),
            UseTree::Rename(leaf) => keep(&leaf.ident, &leaf.rename),
            UseTree::Glob(star) => {
                let line = star.star_token.spans[0].start().line;
                self.found.push(Written { path: prefix.to_vec(), line, kind: Kind::Glob });
            }
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.import(prefix, tree, is_public)),
        }
    }

    fn keep(&mut self, path: &Path) {
        if let (None, Some(first)) = (&path.leading_colon, path.segments.first()) {
            let line = first.ident.span().start().line;
            let path = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            self.found.push(Written { path, line, kind: Kind::InPlace });
        }
    }

    /// Paths of several segments among the tokens of a macro, which need not be an expression.
    fn scan(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let is_colon = |at: usize| matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            match token {
                TokenTree::Group(group) => self.scan(group.stream()),
                TokenTree::Ident(first) if at == 0 || !is_colon(at - 1) => {
                    let mut path = vec![first.to_string()];
                    while let (true, true, Some(TokenTree::Ident(next))) =
                        (is_colon(at + 1), is_colon(at + 2), tokens.get(at + 3))
                    {
                        path.push(next.to_string());
                        at += 3;
                    }
                    if path.len() > 1 {
                        let line = first.span().start().line;
                        self.found.push(Written { path, line, kind: Kind::InPlace });
                    }
                }
                _ => {}
            }
            at += 1;
        }
    }
}

impl<'ast> Visit<'ast> for Visitor {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_test(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        if !is_test(&item.attrs) {
            visit::visit_impl_item_fn(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        if item.leading_colon.is_none() {
            self.import(&[], &item.tree, !matches!(item.vis, Visibility::Inherited));
        }
    }

    fn visit_path(&mut self, path: &'ast Path) {
        // A lower-case name alone is a variable, or a function that is called below.
        let is_variable = path.get_ident().is_some_and(|name| name.to_string().starts_with(char::is_lowercase));
        if !is_variable {
            self.keep(path);
        }
        visit::visit_path(self, path);
    }

    fn visit_expr_call(&mut self, call: &'ast ExprCall) {
        if let Expr::Path(function) = &*call.func {
            self.keep(&function.path);
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_macro(&mut self, called: &'ast Macro) {
        self.scan(called.tokens.clone());
        visit::visit_macro(self, called);
    }

    fn visit_item_mod(&mut self, _child: &'ast ItemMod) {}

    fn visit_attribute(&mut self, _attribute: &'ast Attribute) {}

    fn visit_visibility(&mut self, _visibility: &'ast Visibility) {}
}
