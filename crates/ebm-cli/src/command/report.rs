//! `ebm report`

mod densities;
mod sections;

use ebm_core::evaluate::Summary;
use ebm_core::write_atomic;
use ebm_data::table::Part;
use serde_json::json;

use crate::cli::user_data::ReportArgs;
use crate::console::Console;
use crate::exit::{Exit, failure};
use crate::html::{Page, html};
use crate::output::{print, print_json};
use crate::run::folder::REPORT;
use crate::user_data::model::{self, UserModel};
use crate::user_data::rows::RowsOf;

pub fn run(args: &ReportArgs, console: Console) -> anyhow::Result<()> {
    let device = args.sampling.device.open()?;
    let Some(model) = model::open(&args.run, &device, args.sampling.m, args.sampling.seed)? else {
        let message = "reports are for models of a table or of images: `ebm train TABLE --target COLUMN` makes one; for the \
                       paper's tasks, use `ebm evaluate` and `ebm plot`";
        return Err(failure(Exit::Usage, message));
    };
    let of = match &args.test {
        Some(file) => RowsOf::File { file, labels: args.labels.as_deref() },
        None => RowsOf::Part(&args.run, Part::Test),
    };
    let assessments = model.assess(of, console)?;
    let summary = Summary::of(&assessments, model.predictor.config().m);
    let drawn = densities::densities(&model, of, args.rows.as_deref(), &assessments)?;
    let page = Page {
        title: format!("{} from {}", model.data.target_names(), file_name(&model)),
        summary: sections::in_short(&model, &summary),
        warnings: sections::warnings(&model, &summary),
        facts: sections::facts(&model),
        sections: vec![
            sections::columns(&model),
            sections::training(&args.run)?,
            sections::measurements(&summary, args.test.is_some()),
            sections::calibration(&summary, &model),
            drawn,
            sections::reproduce(&model, args),
        ],
        made_by: format!("ebm {} ({})", model.record.version, model.record.revision),
    };
    let path = args.out.clone().unwrap_or_else(|| args.run.join(REPORT));
    write_atomic(&path, html(&page)?.as_bytes())
        .map_err(|error| failure(Exit::CannotWrite, format!("cannot write {}: {error}", path.display())))?;
    if console.json {
        return print_json(&json!({ "schema": "ebm.report/1", "file": path }));
    }
    print(format!("{}\n", path.display()))
}

fn file_name(model: &UserModel) -> String {
    let table = model.data.source.table();
    table.file_name().map_or_else(|| model.data.source.name(), |name| name.to_string_lossy().into_owned())
}
