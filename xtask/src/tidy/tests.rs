//! Each rule fires on a small planted tree, and the workspace itself keeps them all.

use std::fs;

use super::*;

/// A workspace of one crate `a` with the layers `low`, `middle`, `high`, and of the files given.
fn planted(files: &[(&str, &str)]) -> Vec<String> {
    let root = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = root.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    for name in ["low", "middle", "high"] {
        write(&format!("crates/a/src/{name}.rs"), "");
    }
    write("crates/a/src/lib.rs", "mod low;\nmod middle;\nmod high;\n");
    write("crates/a/src/high/long.rs", &"// line\n".repeat(sizes::LINES + 1));
    write("crates/ebm-cli/presets/toy/extra.toml", "");
    files.iter().for_each(|(name, text)| write(name, text));
    let rules = r#"
        [[crate]]
        source = "crates/a/src"
        layers = ["low", "middle", "high"]
        shapes = true
        [long_files]
        "crates/a/src/high/long.rs" = "a table of numbers"
        [extra_presets]
        "toy/extra" = "the guide"
    "#;
    let found = findings(root.path(), &toml::from_str(rules).unwrap()).unwrap();
    found.iter().map(ToString::to_string).collect()
}

/// The files of the crate `a`, by their names.
fn of_crate(files: &[(&str, &str)]) -> Vec<String> {
    let named: Vec<(String, &str)> = files.iter().map(|(name, text)| (format!("crates/a/src/{name}"), *text)).collect();
    planted(&named.iter().map(|(name, text)| (name.as_str(), *text)).collect::<Vec<_>>())
}

/// Asserts one finding that starts with `start` and says `what`.
fn assert_one(found: &[String], start: &str, what: &str) {
    let [one] = found else { panic!("not one finding: {found:#?}") };
    assert!(one.starts_with(&format!("crates/a/src/{start}: ")) && one.contains(what), "{one}");
}

#[test]
fn the_workspace_is_tidy() {
    let root = binary::root();
    let found = findings(&root, &Rules::read(&root).unwrap()).unwrap();
    let lines: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "{} findings:\n{}", lines.len(), lines.join("\n"));
}

#[test]
fn the_rules_of_this_workspace_parse() {
    assert!(!Rules::read(&binary::root()).unwrap().crates.is_empty());
}

#[test]
fn a_tree_that_points_down_has_no_finding() {
    let files = [
        ("low.rs", "pub struct Low;"),
        ("high.rs", "use crate::low::Low;\npub fn high(low: Low) -> crate::low::Low { low }"),
    ];
    assert_eq!(of_crate(&files), [""; 0]);
}

#[test]
fn an_import_from_a_layer_above_is_found() {
    let files = [("high.rs", "pub struct High;"), ("low.rs", "\nuse crate::high::High;")];
    assert_one(&of_crate(&files), "low.rs:2", "layer `low` uses `crate::high::High`");
}

#[test]
fn a_path_in_code_or_in_a_macro_is_a_use() {
    let high = ("high.rs", "pub fn high() {}\npub struct High;");
    for code in [
        "fn low() { crate::high::high() }",
        "fn low(_: super::high::High) {}",
        "fn low() { assert_eq!(1 + 1, crate::high::high()); }",
        "fn low() { use crate::high; high::high() }",
        "fn low() -> Vec<crate::high::High> { vec![] }",
    ] {
        assert_one(&of_crate(&[high, ("low.rs", code)]), "low.rs:1", "layer `high` above it");
    }
}

#[test]
fn a_use_is_of_the_module_that_defines_behind_re_exports() {
    // `middle` passes on what `high` defines, so `low` uses `high`; `middle` does too.
    let files = [
        ("high.rs", "mod deep;\npub use deep::Deep;"),
        ("high/deep.rs", "pub struct Deep;"),
        ("middle.rs", "pub use crate::high::*;"),
        ("low.rs", "use crate::middle::Deep as Renamed;\ntype Own = Renamed;\nfn own(_: Own) {}"),
    ];
    let found = of_crate(&files);
    assert!(found.iter().any(|one| one.starts_with("crates/a/src/low.rs:1: ") && one.contains("`high`")), "{found:?}");
    assert!(found.iter().any(|one| one.starts_with("crates/a/src/middle.rs:1: ")), "{found:?}");
}

#[test]
fn a_module_and_a_function_may_have_one_name() {
    let files = [
        ("middle.rs", "pub mod high;\npub use crate::high::high;"),
        ("middle/high.rs", "pub struct Own;"),
        ("high.rs", "pub fn high() {}"),
        ("low.rs", "use crate::middle::high::Own;\nfn low() { crate::middle::high() }"),
    ];
    let found = of_crate(&files);
    let of_low: Vec<&String> = found.iter().filter(|one| one.contains("/low.rs")).collect();
    assert!(of_low[0].contains("low.rs:1: ") && of_low[0].contains("of the layer `middle`"), "{found:?}");
    assert!(of_low[1].contains("low.rs:2: ") && of_low[1].contains("of the layer `high`"), "{found:?}");
}

#[test]
fn an_import_through_the_root_is_found() {
    let files = [
        ("lib.rs", "mod low;\nmod middle;\nmod high;\npub use low::Low;"),
        ("low.rs", "pub struct Low;"),
        ("high.rs", "use crate::{Low, low};\n#[cfg(test)]\nmod tests { use crate::low::Low; }"),
    ];
    assert_one(
        &of_crate(&files),
        "high.rs:1",
        "`crate::Low` goes through the root of the crate; write `crate::low::Low`",
    );
}

#[test]
fn a_module_written_in_the_root_is_a_face_too() {
    let root = "mod low;\nmod middle;\nmod high;\npub mod face {\n    pub use crate::low::Low;\n    pub use crate::high::*;\n}";
    let files = [("lib.rs", root), ("low.rs", "pub struct Low;"), ("high.rs", "pub struct High;")];
    assert_eq!(of_crate(&files), [""; 0]);
    let through = |name: &str| {
        let code = format!("use crate::face::{name};");
        of_crate(&[files[0], files[1], files[2], ("middle.rs", &code)])
    };
    assert_one(&through("Low"), "middle.rs:1", "write `crate::low::Low`");
    let found = through("High").join("\n");
    assert!(found.contains("write `crate::high::High`") && found.contains("layer `middle` uses"), "{found}");
}

#[test]
fn a_test_does_not_import_through_the_root_either() {
    let files = [
        ("lib.rs", "mod low;\nmod middle;\nmod high;\npub use high::High;"),
        ("high.rs", "pub struct High;"),
        ("low.rs", "#[cfg(test)]\nmod tests {\n    use crate::High;\n}"),
    ];
    assert_one(&of_crate(&files), "low.rs:3", "write `crate::high::High`");
}

#[test]
fn tests_may_use_every_layer() {
    let files = [
        ("high.rs", "pub struct High;"),
        (
            "low.rs",
            "#[cfg(all(test, unix))]\nmod laws;\n#[cfg(test)]\nuse crate::high::High;\n#[cfg(test)]\nmod tests { use crate::high::High; }",
        ),
        ("low/laws.rs", "use crate::high::High;"),
    ];
    assert_eq!(of_crate(&files), [""; 0]);
    let files = [
        ("low.rs", "mod one;\nmod two;"),
        ("low/one.rs", "pub struct One;\n#[cfg(test)]\nmod tests { use crate::low::two::Two; }"),
        ("low/two.rs", "use super::one::One;\npub struct Two(One);"),
    ];
    assert_eq!(of_crate(&files), [""; 0], "no circle through tests");
    let files = [("high.rs", "pub struct High;"), ("low.rs", "#[cfg(not(test))]\nuse crate::high::High;")];
    assert_one(&of_crate(&files), "low.rs:2", "above it");
}

#[test]
fn a_module_needs_a_place_and_a_place_a_module() {
    let files = [("lib.rs", "mod low;\nmod middle;\nmod high;\nmod other;\nfn code() {}"), ("other.rs", "")];
    let found = of_crate(&files).join("\n");
    assert!(found.contains("other.rs:1: module `other` is no layer"), "{found}");
    assert!(found.contains("lib.rs:1: lib.rs defines something"), "{found}");
    let found = of_crate(&[("lib.rs", "mod low;\nmod high;")]).join("\n");
    assert!(found.contains("has no module `middle`"), "{found}");
}

#[test]
fn files_that_use_one_another_are_a_circle() {
    let files = [
        ("low.rs", "mod one;\nmod two;\nmod three;"),
        ("low/one.rs", "use super::two::Two;\npub struct One;"),
        ("low/two.rs", "\nuse crate::low::three::Three;\npub struct Two;"),
        ("low/three.rs", "pub struct Three(crate::low::one::One);"),
    ];
    let circle = "low/one.rs:1 → crates/a/src/low/two.rs:2 → crates/a/src/low/three.rs:1 → crates/a/src/low/one.rs;";
    let found = of_crate(&files);
    assert!(found.len() == 1 && found[0].contains(circle), "{found:?}");
}

#[test]
fn a_parent_that_only_passes_on_its_children_is_in_no_circle() {
    let child = ("low/child.rs", "use super::Parent;\npub fn child(_: Parent) {}");
    let face = ("low.rs", "mod child;\npub struct Parent;\npub use child::child;");
    assert_eq!(of_crate(&[face, child]), [""; 0]);
    for code in ["fn code() { child::child(Parent) }", "fn code() { child(Parent) }", "use child::child as own;"] {
        let parent = format!("mod child;\npub struct Parent;\npub use child::child;\n{code}");
        assert_one(
            &of_crate(&[("low.rs", &parent), child]),
            "low/child.rs:1",
            "crates/a/src/low.rs:4 → crates/a/src/low/child.rs;",
        );
    }
}

#[test]
fn a_long_file_needs_a_reason_and_a_reason_a_long_file() {
    let long = "// line\n".repeat(sizes::LINES + 1);
    assert_one(&of_crate(&[("high/other.rs", &long)]), "high/other.rs:301", "split it");
    let found = of_crate(&[("high/long.rs", "")]);
    assert!(found.len() == 1 && found[0].contains("remove it from `long_files`"), "{found:?}");
}

#[test]
fn a_record_of_a_decision_is_short() {
    let name = "docs/decisions/0001-a.md";
    assert_eq!(planted(&[(name, &"line\n".repeat(30))]), [""; 0]);
    let found = planted(&[(name, &"line\n".repeat(31))]);
    assert!(found.len() == 1 && found[0].starts_with("docs/decisions/0001-a.md:31: 31 lines"), "{found:?}");
}

#[test]
fn a_preset_is_in_a_table_or_an_extra() {
    let preset = ("crates/ebm-cli/presets/toy/b.toml", "");
    let found = planted(&[preset]);
    assert!(found.len() == 1 && found[0].contains("no table names preset toy/b"), "{found:?}");
    let table = ("crates/ebm-cli/tables/table-1.toml", "[[rows]]\ncells = [{ preset = \"toy/b\" }]");
    assert_eq!(planted(&[preset, table]), [""; 0]);
    let table = (table.0, "preset = \"toy/extra\"");
    let found = planted(&[table]);
    assert!(found.len() == 1 && found[0].contains("remove it from `extra_presets`"), "{found:?}");
}

#[test]
fn a_public_function_of_tensors_states_its_shapes() {
    let wrong = "/// Returns [`Tensor`].\npub fn f(x: &[Tensor<2>]) {}";
    assert_one(&of_crate(&[("low.rs", wrong)]), "low.rs:2", "`f` has a tensor");
    let wrong = "pub trait T {\n    /// Of all.\n    fn g(&self) -> Option<Tensor<1>>;\n}";
    assert_one(&of_crate(&[("low.rs", wrong)]), "low.rs:3", "`g` has a tensor");
    let right = "/// Of `[batch, m]`.\npub fn f(x: Tensor<2>) {}\nfn own(x: Tensor<2>) {}\npub(crate) fn ours(x: Tensor<2>) {}\n\
                 impl A {\n    /// Sum.\n    ///\n    /// # Shapes\n    /// None.\n    pub fn g(x: Tensor<2>) {}\n}";
    assert_eq!(of_crate(&[("low.rs", right)]), [""; 0]);
}
