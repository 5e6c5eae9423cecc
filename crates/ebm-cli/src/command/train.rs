//! `ebm train`: resolve the arguments once, train, and evaluate if asked to.

mod backbone;
mod fit;
mod flags;
mod folders;
mod plan;
mod progress;
mod user_data;

use super::evaluate;
use crate::cli::train::TrainArgs;
use crate::console::Console;
use crate::exit::{Exit, failure};
use crate::interrupt::Interrupt;
use crate::output::print_json;
use crate::run::{evaluation, model, record};
use fit::Training;
use folders::Folders;
use plan::Plan;

pub fn run(args: &TrainArgs, console: Console) -> anyhow::Result<()> {
    let plan = plan::resolve(args, console)?;
    let Folders { runs, trained, mut failures } = folders::open_all(&plan)?;
    for folder in &trained {
        console.say(format_args!("{} is trained already", folder.path().display()));
    }
    // No other process touches the folders before they are evaluated.
    let _held: Vec<_> = runs.iter().map(|run| run.folder.clone()).chain(trained).collect();
    let interrupt = Interrupt::listen()?;
    failures.extend(Training { plan: &plan, interrupt: &interrupt, console }.run(runs)?);
    if interrupt.end_at_once() && plan.evaluate {
        let paths: Vec<String> = plan.places.iter().map(|place| place.path.display().to_string()).collect();
        let message =
            format!("interrupted; {} is trained: the same options with `--resume` evaluate it", paths.join(", "));
        return Err(failure(Exit::Interrupted, message));
    }
    conclude(&plan, console)?;
    match failures.len() {
        0 => Ok(()),
        1 if plan.places.len() == 1 => Err(failures.remove(0)),
        count => {
            let context = format!("networks that failed: {count} of {}; the first", plan.places.len());
            Err(failures.remove(0).context(context))
        }
    }
}

/// Evaluates the trained models, or prints their records.
fn conclude(plan: &Plan, console: Console) -> anyhow::Result<()> {
    for path in plan.places.iter().map(|place| &place.path).filter(|path| model::exists(path)) {
        if plan.evaluate {
            if plan.places.len() > 1 {
                console.say(format_args!("{}:", path.display()));
            }
            if !evaluation::exists(path) {
                evaluate::trained(path, plan.device_name, console)?;
            }
        } else if console.json {
            print_json(&record::read(path)?)?;
        }
    }
    Ok(())
}
