//! Arguments of `ebm train`, from several sources.

use super::args::{Args, Variant};

/// What `ebm train` gets for every set: the target and nothing else. Changing it makes every kept result stale.
pub(super) const TRAIN: &str = "--target y";

/// Name of the row without arguments of its own.
pub(super) const DEFAULT: &str = "default";

/// The rows that are asked for, each with all of its arguments.
pub(super) fn rows(args: &Args) -> Vec<Variant> {
    let default = Variant { name: DEFAULT.to_owned(), args: Vec::new() };
    let own = args.variants.iter().cloned();
    let rows = (!args.without_default).then_some(default).into_iter().chain(own);
    let base: Vec<String> = TRAIN.split_whitespace().map(str::to_owned).collect();
    rows.map(|row| Variant { args: merged(&[&base, &args.train, &row.args]), ..row }).collect()
}

/// The arguments of a row for a set, which may have some of its own.
pub(super) fn for_set(row: &Variant, of_set: &str) -> Vec<String> {
    merged(&[&of_set.split_whitespace().map(str::to_owned).collect::<Vec<_>>(), &row.args])
}

/// One list of arguments; an option of a later source replaces the same option of the earlier ones.
fn merged(sources: &[&[String]]) -> Vec<String> {
    let mut merged: Vec<&[String]> = Vec::new();
    for source in sources {
        let new = options(source);
        merged.retain(|old| new.iter().all(|new| name(new) != name(old)));
        merged.extend(new);
    }
    merged.concat()
}

/// The words option by option: its name and what follows.
fn options(words: &[String]) -> Vec<&[String]> {
    words.chunk_by(|_, next| !next.starts_with("--")).collect()
}

fn name(option: &[String]) -> &str {
    option[0].split('=').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_option_replaces_all_earlier_ones_of_its_name() {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let [base, extra, own] =
            ["--target y --split 1,0 --m 8", "--m 16 --k=3", "--split=0,1 --m 2 --m 4 --sigmas -1"];
        let found = merged(&[&words(base), &words(extra), &words(own)]).join(" ");
        assert_eq!(found, "--target y --k=3 --split=0,1 --m 2 --m 4 --sigmas -1");
        assert_eq!(merged(&[&words(base), &[], &[]]), words(base));
    }
}
