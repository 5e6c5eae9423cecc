//! `cargo xtask tidy`: the rules of the source tree, checked.

mod arrows;
mod circles;
mod finding;
mod layers;
mod paths;
mod presets;
mod rules;
mod shapes;
mod sizes;
mod tree;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use arrows::{Arrow, arrows};
use finding::Finding;
use rules::Rules;
use tree::Tree;

use crate::binary;

/// Check the rules of the source tree: layers, import circles, file sizes, presets, documented shapes
///
/// Prints a line for each finding: the file, the line, what is wrong and what to do. The order of the layers, the
/// allowed long files and the presets outside the tables are listed in `xtask/src/tidy/rules.toml`.
#[derive(clap::Args)]
pub struct Args {
    /// Draw the arrows between the layers of each crate as Mermaid diagrams instead
    #[arg(long)]
    draw: bool,

    /// Workspace to check [default: this repository]
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
}

/// Checks a workspace and prints what it finds.
///
/// # Errors
/// When a rule is broken or a source file cannot be read.
pub fn tidy(args: &Args) -> Result<()> {
    let root = args.root.clone().unwrap_or_else(binary::root);
    let rules = Rules::read(&root)?;
    if args.draw {
        print!("{}", draw(&root, &rules)?);
        return Ok(());
    }
    let findings = findings(&root, &rules)?;
    findings.iter().for_each(|finding| println!("{finding}"));
    match findings.len() {
        0 => Ok(()),
        1 => bail!("1 finding"),
        n => bail!("{n} findings"),
    }
}

/// Every finding, in the order of files and lines.
fn findings(root: &Path, rules: &Rules) -> Result<Vec<Finding>> {
    let mut found = sizes::check(root, rules)?;
    found.extend(presets::check(root, rules)?);
    for one in &rules.crates {
        let tree = Tree::read(root, &one.source)?;
        let arrows = arrows(&tree);
        found.extend(layers::check(&tree, &arrows, one));
        found.extend(circles::check(&tree, &arrows));
        if one.shapes {
            found.extend(shapes::check(&tree));
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}

/// A Mermaid diagram of each crate: an arrow from a layer to every layer that it uses.
fn draw(root: &Path, rules: &Rules) -> Result<String> {
    let mut text = String::new();
    for one in &rules.crates {
        let tree = Tree::read(root, &one.source)?;
        let between = |arrow: &Arrow| Some((tree.layer(arrow.from)?, tree.layer(arrow.to)?));
        let arrows = arrows(&tree);
        let ours = arrows.iter().filter(|arrow| !arrow.is_test);
        let mut pairs: Vec<_> = ours.filter_map(between).filter(|(from, to)| from != to).collect();
        pairs.sort_unstable();
        pairs.dedup();
        writeln!(text, "%% {}\ngraph TD", one.source.display())?;
        for (from, to) in pairs {
            writeln!(text, "    {from} --> {to}")?;
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests;
