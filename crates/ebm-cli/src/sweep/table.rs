//! The jobs of the paper's tables: the runs and folders that `ebm table` reads.

use std::collections::BTreeMap;
use std::path::Path;

use super::{Job, distinct};
use crate::exit::{Exit, failure};
use crate::paper_table::plan::plan;
use crate::paper_table::{Overrides, ScaleName, tables};

/// Lists the runs of tables at a scale; a run that tables share is there once.
///
/// # Errors
/// When there is no such table, or two tables need one run with different settings.
pub fn jobs(numbers: &[u32], scale: ScaleName, overrides: Overrides, data: Option<&Path>) -> anyhow::Result<Vec<Job>> {
    let tables = tables();
    let mut jobs = Vec::new();
    for &number in numbers {
        let table = tables.iter().find(|table| table.number == number).ok_or_else(|| {
            let there: Vec<String> = tables.iter().map(|table| table.number.to_string()).collect();
            failure(Exit::Usage, format!("there is no table {number}; there is: {}", there.join(", ")))
        })?;
        let planned = plan(table, table.scale(scale, overrides), data).jobs;
        jobs.extend(planned.into_iter().map(|planned| {
            let seed = planned.run.rsplit_once("/seed-").and_then(|(_, seed)| seed.parse().ok());
            let seed = seed.expect("a run of a table is named after its seed");
            Job { run: planned.run, args: planned.args, seed, varied: BTreeMap::new() }
        }));
    }
    distinct(jobs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_jobs_of_a_table_are_its_runs() {
        let jobs = jobs(&[1], ScaleName::Quick, Overrides::default(), None).unwrap();
        assert_eq!(jobs.len(), 64);
        assert_eq!(jobs[0].run, "toy_1/nce_0.05/seed-0");
        assert_eq!(jobs[63].seed, 3);
        assert!(jobs[63].args.join(" ").ends_with("--preset toy_2/ours_k16 --seed 3 --epochs 30 --m 256"));
    }

    #[test]
    fn an_unknown_table_is_refused() {
        assert!(jobs(&[9], ScaleName::Quick, Overrides::default(), None).is_err());
    }
}
