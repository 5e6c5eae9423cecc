//! The result of a check as text.

use super::report::{CheckReport, HeldOut, Role};
use std::fmt;

/// Columns that are listed one by one.
const COLUMNS_LISTED: usize = 40;

impl fmt::Display for CheckReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {} rows", self.path.display(), self.rows)?;
        let width = self.columns.iter().take(COLUMNS_LISTED).map(|column| column.name.chars().count()).max();
        let width = width.unwrap_or(0);
        for column in self.columns.iter().take(COLUMNS_LISTED) {
            let role = match column.role {
                Role::Target => "target",
                Role::Feature => "feature",
                Role::LeftOut => "left out",
            };
            let kind = if column.role == Role::Target { "" } else { column.kind };
            write!(f, "  {:width$}  {role:8}  {kind:13}", column.name)?;
            match column.different {
                Some(different) => write!(f, "  {different} distinct")?,
                None => write!(f, "  many distinct")?,
            }
            match column.missing {
                0 => writeln!(f)?,
                missing => writeln!(f, ", {missing} missing")?,
            }
        }
        if self.columns.len() > COLUMNS_LISTED {
            writeln!(f, "  and {} more columns", self.columns.len() - COLUMNS_LISTED)?;
        }
        for target in &self.targets {
            let (name, low, high) = (&target.name, target.min, target.max);
            writeln!(
                f,
                "target {name}: from {low} to {high}, mean {:.6}, sd {:.6}, skewness {:.2}{}",
                target.mean,
                target.sd,
                target.skewness,
                if target.whole { ", whole numbers" } else { "" }
            )?;
            match &target.auto_finding {
                Some(found) => writeln!(f, "  {found}: --target-kind auto takes {}", target.auto_kind)?,
                None => writeln!(f, "  --target-kind auto takes {}", target.auto_kind)?,
            }
            target.suggestions.iter().try_for_each(|suggestion| writeln!(f, "  {}", suggestion.advice()))?;
        }
        self.write_repeats(f)?;
        if self.unreadable > 0 {
            writeln!(f, "{} rows cannot be read:", self.unreadable)?;
        }
        self.problems.iter().try_for_each(|problem| writeln!(f, "  {problem}"))?;
        self.warnings.iter().try_for_each(|warning| writeln!(f, "warning: {warning}"))
    }
}

impl CheckReport {
    fn write_repeats(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sampled = |sampled| if sampled > 1 { format!(" (1 in {sampled} examined)") } else { String::new() };
        let repeats = &self.repeats;
        writeln!(
            f,
            "repeated rows: {} with the same target, {} with a different one{}",
            repeats.same,
            repeats.other_target,
            sampled(repeats.sampled)
        )?;
        let Some(leakage) = &self.leakage else { return Ok(()) };
        let held_out = match &leakage.held_out {
            HeldOut::Split => "held-out rows".to_owned(),
            HeldOut::File(path) => format!("rows of {}", path.display()),
        };
        writeln!(
            f,
            "of {} {held_out}, {} are also training rows with the same target, {} with a different one{}",
            leakage.rows,
            leakage.same,
            leakage.other_target,
            sampled(leakage.sampled)
        )
    }
}
