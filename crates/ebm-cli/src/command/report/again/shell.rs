//! Words of a command.

use clap::ValueEnum;

/// A value as the command line reads it.
pub(super) fn word(value: impl ValueEnum) -> String {
    value.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

/// A word for a shell.
pub(super) fn shell(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./,:=".contains(c);
    let is_plain = !word.is_empty() && word.chars().all(plain);
    if is_plain { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_stays_one_word_in_a_shell() {
        assert_eq!(shell("runs/m"), "runs/m");
        assert_eq!(shell("it's a b"), r"'it'\''s a b'");
        assert_eq!(shell(""), "''");
    }
}
