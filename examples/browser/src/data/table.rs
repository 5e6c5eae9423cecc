//! Two columns of a table, read as `ebm train` reads it.

use ebm_core::{Dataset, Labelled, Reach, TargetKind, TargetSpace};
use ebm_data::table::{self, Against, Kind, OnMissing, Parts, Shares, Table, TableOptions};
use ebm_data::{Origin, Pairs};

use super::learned::{Data, Source, Standard, range};
use crate::axis::Axis;
use crate::fault::Fault;

/// The fraction of rows that is held out.
const SHARES: Shares = Shares { validation: 0.2, calibration: 0.0, test: 0.0 };

/// The columns of a table.
///
/// # Errors
/// When its header cannot be read.
pub fn columns(file: &str, text: String) -> Result<Vec<String>, Fault> {
    Ok(table::names(origin(file, text))?)
}

/// Checks two columns of a table as `ebm check FILE --target TARGET --features INPUT` does; what that prints.
///
/// # Errors
/// With the same messages.
pub fn check(file: &str, text: String, input: &str, target: &str) -> Result<String, Fault> {
    // The held-out rows of `ebm check` are those of `ebm train`.
    let shares = Shares { validation: 0.1, calibration: 0.1, test: 0.1 };
    let report = table::check(origin(file, text), &options(input, target), &Against::Split { shares, seed: 0 })?;
    if report.problems.is_empty() && report.unreadable == 0 {
        return Ok(report.to_string());
    }
    Err(Fault::Unreadable { report: report.to_string(), name: file.to_owned() })
}

/// Two columns as standardised examples.
pub(super) fn of_table(file: &str, text: String, input: &str, target: &str) -> Result<Data, Fault> {
    check(file, text.clone(), input, target)?;
    let Parts { schema, train, validation, split, .. } =
        table::read(origin(file, text), &options(input, target), &SHARES, 0)?;
    let feature = &schema.features[0];
    let statistics = match &feature.kind {
        Kind::Numeric(statistics) => *statistics,
        _ => {
            let why = format!("column {input:?} does not hold numbers: the plane needs a numeric input");
            return Err(Fault::Folder { file: file.to_owned(), why });
        }
    };
    let space = TargetSpace::fit(&[TargetKind::Real], train.targets())?;
    let standard = Standard { mean: statistics.mean, sd: if statistics.sd > 0.0 { statistics.sd } else { 1.0 } };
    let shown = |table: &Table| Pairs {
        x: table.inputs().iter().map(|&x| standard.mean + standard.sd * f64::from(x)).collect(),
        y: table.targets().to_vec(),
    };
    let labelled = |table: &Table| Labelled::new(table.inputs().to_vec(), 1, table.targets().to_vec(), space.clone());
    let held_out = match &validation {
        Some(table) => Some(Box::new(labelled(table)?) as Box<dyn Dataset>),
        None => None,
    };
    let pairs = [shown(&train), validation.as_ref().map(shown).unwrap_or_default()];
    let all = |of: fn(&Pairs) -> &Vec<f64>| range(&pairs.iter().flat_map(of).copied().collect::<Vec<f64>>());
    Ok(Data {
        examples: Box::new(labelled(&train)?),
        held_out,
        axes: [Axis::around(input, all(|pairs| &pairs.x)), Axis::around(target, all(|pairs| &pairs.y))],
        input: standard,
        reach: Reach::fit(train.inputs(), 1),
        space,
        shown: pairs,
        source: Source::Table { file: file.to_owned(), schema: Box::new(schema), split },
    })
}

fn options(input: &str, target: &str) -> TableOptions {
    TableOptions {
        features: Some(vec![input.to_owned()]),
        on_missing: OnMissing::Refuse,
        ..TableOptions::new([target])
    }
}

fn origin(file: &str, text: String) -> Origin {
    Origin::memory(file, text.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENGEL: &str = include_str!("../../../engel.csv");

    #[test]
    fn a_table_is_split_and_standardised() {
        let data = of_table("engel.csv", ENGEL.to_owned(), "income", "foodexp").unwrap();
        let [train, held_out] = &data.shown;
        assert_eq!((train.len(), held_out.len()), (188, 47));
        let inputs: Vec<f64> = train.x.iter().map(|&x| f64::from(data.input.to_model(x))).collect();
        let mean = inputs.iter().sum::<f64>() / inputs.len() as f64;
        // 188 numbers rounded to f32.
        assert!(mean.abs() < 1e-6, "{mean}");
        assert_eq!(data.axes[1].label, "foodexp");
    }

    #[test]
    fn a_cell_that_is_no_number_is_named_with_its_line() {
        let text = ENGEL.replacen("541.411706721205", "dear", 1);
        let Err(fault) = of_table("engel.csv", text, "income", "foodexp") else { panic!("it was read") };
        let message = fault.to_string();
        assert!(message.contains("line 3") && message.contains("dear"), "{message}");
        assert!(message.ends_with("engel.csv cannot be trained on as it is"), "{message}");
    }

    #[test]
    fn a_column_that_is_not_there_is_an_error() {
        assert!(check("engel.csv", ENGEL.to_owned(), "incom", "foodexp").is_err());
        assert_eq!(columns("engel.csv", ENGEL.to_owned()).unwrap(), ["income", "foodexp"]);
    }
}
