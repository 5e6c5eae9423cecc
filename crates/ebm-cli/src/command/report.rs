//! `ebm report`

mod again;
mod densities;
mod effects;
mod sections;
mod training;

use ebm_core::evaluate::Summary;
use ebm_data::table::Part;
use serde_json::json;

use crate::cli::user_data::ReportArgs;
use crate::console::Console;
use crate::destination::Destination;
use crate::html::{Page, html};
use crate::output::{print, print_json};
use crate::overlap::{self, Use};
use crate::rows::RowsOf;
use crate::run::files::REPORT;
use crate::run::manifest;
use crate::trained::{self, TrainedModel};

pub fn run(args: &ReportArgs, console: Console) -> anyhow::Result<()> {
    let device = args.sampling.device.open()?;
    let model = trained::open(&args.run, &device, args.sampling.m, args.sampling.seed)?;
    let of = RowsOf::file_or(args.test.as_deref(), args.labels.as_deref(), Part::Test);
    overlap::refuse(&model, of, Use::Test, args.allow_overlap, console)?;
    let own = args.run.join(REPORT);
    let file = match &args.out {
        Some(out) => Some(Destination::new(out, args.force, &model.reads(of))?),
        None => None,
    };
    let assessments = model.assess(of, console)?;
    let summary = Summary::of(&assessments);
    let drawn = densities::densities(&model, of, args.rows.as_deref(), &assessments, console)?;
    let from = match args.test {
        Some(_) => "the rows of --test",
        None if model.is_out_of_fold(of)? => {
            "the training rows, each predicted by the members that were not trained on it"
        }
        None => "the test part of the data",
    };
    let page = Page {
        title: format!("{} from {}", model.target_names(), data_name(&model)),
        summary: sections::in_short(&model, &summary),
        warnings: sections::warnings(&model, &summary),
        facts: sections::facts(&model),
        sections: [
            Some(sections::columns(&model)),
            Some(training::training(&model, &args.run)?),
            Some(sections::measurements(&summary, from)),
            Some(sections::calibration(&summary, &model)),
            Some(drawn),
            effects::effects(&model, of, assessments.len(), console)?,
            Some(again::reproduce(&model, args)),
        ]
        .into_iter()
        .flatten()
        .collect(),
        made_by: format!("ebm {} ({})", model.record.version, model.record.revision),
    };
    let page = html(&page)?;
    let path = match &file {
        Some(file) => {
            file.write(page.as_bytes())?;
            file.path()
        }
        None => {
            manifest::write(&args.run, REPORT, page.as_bytes())?;
            own.as_path()
        }
    };
    if console.json {
        return print_json(&json!({ "schema": "ebm.report/1", "file": path }));
    }
    print(format!("{}\n", path.display()))
}

/// The name of the table that a model was trained on, or of its data.
fn data_name(model: &TrainedModel) -> String {
    let table = model.record.config.data.user().and_then(|user| user.source.table().file_name());
    table.map_or_else(|| model.record.data.source.clone(), |name| name.to_string_lossy().into_owned())
}
