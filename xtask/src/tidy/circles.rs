//! Rule: no file uses itself by way of others.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;

use super::arrows::Arrow;
use super::finding::Finding;
use super::tree::Tree;

/// For each file the files it uses, with the line of the first use.
type Graph<'a> = BTreeMap<&'a Path, BTreeMap<&'a Path, usize>>;

/// Of each file in a circle the shortest one through it, each circle once.
pub(super) fn check(tree: &Tree, arrows: &[Arrow]) -> Vec<Finding> {
    let mut graph = Graph::new();
    for arrow in arrows.iter().filter(|arrow| arrow.is_item && !arrow.is_test) {
        let [from, to] = [arrow.from, arrow.to].map(|module| tree.modules[module].file.as_path());
        if from != to {
            let line = graph.entry(from).or_default().entry(to).or_insert(arrow.line);
            *line = arrow.line.min(*line);
        }
    }
    let mut seen = BTreeSet::new();
    let circles = graph.keys().filter_map(|file| circle(&graph, file));
    let new = circles.filter(|circle| seen.insert(circle.iter().copied().collect::<BTreeSet<_>>()));
    new.map(|circle| finding(&graph, &circle)).collect()
}

/// The shortest way from a file back to itself, if there is one: each file once.
fn circle<'a>(graph: &Graph<'a>, start: &'a Path) -> Option<Vec<&'a Path>> {
    let mut before: BTreeMap<&Path, &Path> = BTreeMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(file) = queue.pop_front() {
        for &next in graph.get(file).into_iter().flat_map(BTreeMap::keys) {
            if next == start {
                let mut way = vec![file];
                while way[way.len() - 1] != start {
                    way.push(before[way[way.len() - 1]]);
                }
                way.reverse();
                return Some(way);
            }
            before.entry(next).or_insert_with(|| {
                queue.push_back(next);
                file
            });
        }
    }
    None
}

/// `a.rs:3 → b.rs:7 → a.rs`: each file with the line that uses the next.
fn finding(graph: &Graph<'_>, circle: &[&Path]) -> Finding {
    let next = |at: usize| circle[(at + 1) % circle.len()];
    let line = |at: usize| graph[circle[at]][next(at)];
    let way: Vec<String> = (0..circle.len()).map(|at| format!("{}:{}", circle[at].display(), line(at))).collect();
    let text = format!(
        "import circle: {} → {}; move what they share into a module of its own",
        way.join(" → "),
        circle[0].display()
    );
    Finding { file: circle[0].to_owned(), line: line(0), text }
}
