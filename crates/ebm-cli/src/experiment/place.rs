//! Where in a configuration something is wrong: serde knows the place of a table at most.

use toml::de::DeTable;
use toml::{Table, Value};

/// The path of the key that `parse` refuses, as in `method.components`; nothing where the fault is no single key's.
///
/// It is named by the message, or its value is, and without it the message is another one.
pub(super) fn refused_key(table: &Table, parse: impl Fn(Table) -> Result<(), String>) -> Option<Vec<String>> {
    let message = parse(table.clone()).err()?;
    let mut paths = Vec::new();
    collect(table, &[], &mut paths);
    paths.into_iter().find_map(|(path, value)| {
        let key = path.last()?;
        let is_named = message.contains(&format!("`{key}`")) || message.contains(&text(value));
        let without = parse(without(table, &path));
        (is_named && without.err().is_none_or(|other| other != message)).then_some(path)
    })
}

/// The line of a key, counted from 1.
pub(super) fn line_of(text: &str, path: &[String]) -> Option<usize> {
    let document = DeTable::parse(text).ok()?;
    let mut table = document.get_ref();
    let mut start = None;
    for key in path {
        let (name, value) = table.iter().find(|(name, _)| name.get_ref() == key)?;
        start = Some(name.span().start);
        match value.get_ref().as_table() {
            Some(inner) => table = inner,
            None => break,
        }
    }
    Some(text[..start?].matches('\n').count() + 1)
}

/// Every key, the outer ones after those within.
fn collect<'a>(table: &'a Table, at: &[String], paths: &mut Vec<(Vec<String>, &'a Value)>) {
    for (key, value) in table {
        let path = [at, std::slice::from_ref(key)].concat();
        if let Value::Table(inner) = value {
            collect(inner, &path, paths);
        }
        paths.push((path, value));
    }
}

/// A value as messages show it.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => format!("`{value}`"),
    }
}

fn without(table: &Table, path: &[String]) -> Table {
    let mut all = table.clone();
    let mut inner = &mut all;
    let (key, outer) = path.split_last().expect("a path has a key");
    for key in outer {
        match inner.get_mut(key).and_then(Value::as_table_mut) {
            Some(table) => inner = table,
            None => return all,
        }
    }
    inner.remove(key);
    all
}
