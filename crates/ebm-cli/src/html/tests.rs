//! Laws of the page: well-formed, alone, escaped.

use html5ever::tendril::TendrilSink;
use html5ever::{ParseOpts, parse_document};
use markup5ever_rcdom::{Handle, NodeData, RcDom};

use super::*;
use crate::figure::PlotFigure;
use crate::figure::diagnostics::{Density, coverage, density, pit, row, training};

/// A name that tries to be markup, in every way.
const HOSTILE: &str = "\"><script src=\"http://evil.example/x.js\"></script><img src=x onerror='a()'>&amp;\u{0}'";

fn figure(figure: PlotFigure, text: &str) -> PageFigure {
    PageFigure { figure, caption: text.to_owned(), description: text.to_owned() }
}

/// Something of everything, with `text` wherever a text can be.
fn page(text: &str) -> Page {
    let owned = || text.to_owned();
    let bell = |y: f64| (-0.5 * (y - 5.0) * (y - 5.0)).exp() / 2.5;
    let points = (0..=100).map(|i| f64::from(i) / 10.0).map(|y| [y, bell(y)]).collect();
    let of_row = Density { target: owned(), points, set: (0.9, vec![[3.4, 6.6]]), label: Some(4.0) };
    Page {
        title: owned(),
        summary: owned(),
        warnings: vec![owned(), owned()],
        facts: vec![Fact::new(text, 3), Fact::new("rows", text)],
        sections: vec![
            Section { heading: owned(), blocks: vec![Block::Text(owned())] },
            Section {
                heading: owned(),
                blocks: vec![Block::Figures(vec![
                    figure(training(&[(owned(), vec![3.0, f64::NAN, 1.0, 0.5])]), text),
                    figure(row([owned(), owned()], vec![coverage(&[vec![[0.5, 0.4], [0.9, 0.85]]])]), text),
                    figure(row([owned()], vec![pit(&[3.0, 4.0, 5.0])]), text),
                    figure(density(&of_row), text),
                ])],
            },
            Section {
                heading: owned(),
                blocks: vec![
                    Block::Table(Table {
                        caption: owned(),
                        head: vec![owned(), owned()],
                        rows: vec![vec![owned(), owned()]],
                    }),
                    Block::Commands(vec![Command { what: owned(), line: owned() }]),
                ],
            },
        ],
        made_by: owned(),
    }
}

/// An element of a parsed page.
struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    parent: String,
    text: String,
}

impl Element {
    fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(found, _)| found == name).map(|(_, value)| &value[..])
    }
}

/// The document and its elements in order; panics at whatever a parser has to repair.
fn parsed(page: &Page) -> (String, Vec<Element>) {
    let text = html(page).unwrap();
    let dom = parse_document(RcDom::default(), ParseOpts::default()).one(&text[..]);
    assert!(dom.errors.borrow().is_empty(), "{:?}", dom.errors);
    let mut elements = Vec::new();
    collect(&dom.document, "", &mut elements);
    (text, elements)
}

fn collect(node: &Handle, parent: &str, into: &mut Vec<Element>) {
    let mut name = String::new();
    if let NodeData::Element { name: found, attrs, .. } = &node.data {
        name = found.local.to_string();
        let attributes = attrs.borrow().iter().map(|a| (a.name.local.to_string(), a.value.to_string())).collect();
        into.push(Element { name: name.clone(), attributes, parent: parent.to_owned(), text: text(node) });
    }
    node.children.borrow().iter().for_each(|child| collect(child, &name, into));
}

fn text(node: &Handle) -> String {
    match &node.data {
        NodeData::Text { contents } => contents.borrow().to_string(),
        _ => node.children.borrow().iter().map(text).collect(),
    }
}

fn named<'a>(elements: &'a [Element], name: &str) -> Vec<&'a Element> {
    elements.iter().filter(|element| element.name == name).collect()
}

#[test]
fn it_is_well_formed_and_everything_is_there() {
    let (_, elements) = parsed(&page("Förß & <co> \"x\""));
    let scoped = |scope| elements.iter().filter(|element| element.get("scope") == Some(scope)).count();
    assert_eq!((scoped("row"), scoped("col")), (3, 2));
    for (name, parent, expected) in [
        ("h1", "header", 1),
        ("section", "main", 3),
        ("nav", "main", 1),
        ("a", "li", 3),
        ("h2", "section", 3),
        ("caption", "table", 1),
        ("svg", "figure", 4),
        ("figcaption", "figure", 4),
        ("code", "pre", 1),
    ] {
        let found = named(&elements, name);
        assert_eq!(found.len(), if name == "h2" { expected + 1 } else { expected }, "{name}");
        assert_eq!(found.iter().filter(|element| element.parent == parent).count(), expected, "{parent} > {name}");
    }
    assert_eq!(named(&elements, "html")[0].get("lang"), Some("en"));
    assert_eq!(named(&elements, "h1")[0].text, "Förß & <co> \"x\"");
    assert!(
        named(&elements, "svg").iter().all(|svg| svg.get("role") == Some("img") && svg.get("aria-label").is_some())
    );
    // Every reference leads to one place.
    let ids: Vec<&str> = elements.iter().filter_map(|element| element.get("id")).collect();
    let links = elements.iter().filter_map(|element| Some(element.get("href")?.strip_prefix('#').expect("a place")));
    for place in links.chain(elements.iter().filter_map(|element| element.get("aria-labelledby"))) {
        assert_eq!(ids.iter().filter(|id| **id == place).count(), 1, "{place}");
    }
}

#[test]
fn it_needs_nothing_from_elsewhere_and_nothing_in_it_runs() {
    let (text, elements) = parsed(&page("plain"));
    for word in ["http://", "https://", "src=", "@import", "url(", "<link", "<script", "javascript:"] {
        assert!(!text.contains(word), "{word}");
    }
    let is_policy = |meta: &&Element| meta.get("http-equiv") == Some("Content-Security-Policy");
    let policy = elements.iter().find(is_policy).and_then(|meta| meta.get("content"));
    assert!(policy.is_some_and(|policy| policy.starts_with("default-src 'none'")));
}

#[test]
fn no_text_becomes_markup_wherever_it_stands() {
    let (_, hostile) = parsed(&page(HOSTILE));
    let (_, plain) = parsed(&page("plain"));
    let shape = |elements: &[Element]| -> Vec<(String, Vec<String>)> {
        let attributes = |element: &Element| element.attributes.iter().map(|(name, _)| name.clone()).collect();
        elements.iter().map(|element| (element.name.clone(), attributes(element))).collect()
    };
    assert_eq!(shape(&hostile), shape(&plain));
    let shown = HOSTILE.replace('\u{0}', " ");
    assert_eq!(named(&hostile, "h1")[0].text, shown);
    assert_eq!(named(&hostile, "svg")[0].get("aria-label"), Some(&shown[..]));
}

#[test]
fn a_short_report_has_no_list_of_contents_and_no_empty_boxes() {
    let short = Page { warnings: Vec::new(), facts: Vec::new(), sections: Vec::new(), ..page("short") };
    let (_, elements) = parsed(&short);
    assert!(["nav", "aside", "table", "section"].iter().all(|name| named(&elements, name).is_empty()));
}

#[test]
fn a_figure_that_cannot_be_drawn_is_an_error() {
    let empty = density(&Density { target: String::new(), points: Vec::new(), set: (0.9, Vec::new()), label: None });
    let section = Section { heading: "x".to_owned(), blocks: vec![Block::Figures(vec![figure(empty, "x")])] };
    let error = html(&Page { sections: vec![section], ..page("x") }).unwrap_err();
    assert!(matches!(error, FigureError::BadRange { .. }), "{error}");
}
