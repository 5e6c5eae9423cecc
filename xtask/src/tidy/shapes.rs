//! Rule: a public function that takes or returns a tensor documents its shapes.

use syn::Visibility;
use syn::visit::{self, Visit};
use syn::{Attribute, Expr, ExprLit, ImplItem, Item, Lit, Meta, MetaNameValue, Signature, TraitItem, TypePath};

use super::finding::Finding;
use super::paths::is_test;
use super::tree::{Module, Tree};

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    tree.modules.iter().filter(|module| !module.is_test).flat_map(check_module).collect()
}

fn check_module(module: &Module) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut check = |attributes: &[Attribute], visibility: Option<&Visibility>, signature: &Signature| {
        let is_public = visibility.is_none_or(|visibility| matches!(visibility, Visibility::Public(_)));
        if is_public && !is_test(attributes) && has_tensor(signature) && !states_shapes(&docs(attributes)) {
            found.push(Finding {
                file: module.file.clone(),
                line: signature.ident.span().start().line,
                text: format!(
                    "`{}` has a tensor, and its documentation no shape; add a section `# Shapes`, or a shape such as \
                     `[batch, m]`",
                    signature.ident
                ),
            });
        }
    };
    for item in &module.items {
        match item {
            Item::Fn(function) => check(&function.attrs, Some(&function.vis), &function.sig),
            Item::Impl(block) if block.trait_.is_none() && !is_test(&block.attrs) => {
                for item in &block.items {
                    if let ImplItem::Fn(method) = item {
                        check(&method.attrs, Some(&method.vis), &method.sig);
                    }
                }
            }
            Item::Trait(definition) if matches!(definition.vis, Visibility::Public(_)) => {
                for item in &definition.items {
                    if let TraitItem::Fn(method) = item {
                        check(&method.attrs, None, &method.sig);
                    }
                }
            }
            _ => {}
        }
    }
    found
}

/// Whether a type of the signature names `Tensor<…>`.
fn has_tensor(signature: &Signature) -> bool {
    struct Finder(bool);
    impl<'ast> Visit<'ast> for Finder {
        fn visit_type_path(&mut self, path: &'ast TypePath) {
            self.0 |= path.path.segments.iter().any(|part| part.ident == "Tensor" && !part.arguments.is_none());
            visit::visit_type_path(self, path);
        }
    }
    let mut finder = Finder(false);
    finder.visit_signature(signature);
    finder.0
}

/// The lines of a documentation comment.
fn docs(attributes: &[Attribute]) -> String {
    let line = |attribute: &Attribute| match &attribute.meta {
        Meta::NameValue(MetaNameValue { path, value: Expr::Lit(ExprLit { lit: Lit::Str(text), .. }), .. })
            if path.is_ident("doc") =>
        {
            Some(text.value())
        }
        _ => None,
    };
    attributes.iter().filter_map(line).collect::<Vec<_>>().join("\n")
}

/// Whether there is a section on shapes, or brackets in code: `[batch, m]`, not a link.
fn states_shapes(docs: &str) -> bool {
    docs.contains("# Shapes") || docs.split('`').skip(1).step_by(2).any(|code| code.contains('[') && code.contains(']'))
}
