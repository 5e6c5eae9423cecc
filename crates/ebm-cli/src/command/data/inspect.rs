//! `ebm data inspect`

use std::fmt::Write;

use ebm_data::image::{BadImages, Fit, Inspection, inspect};
use serde_json::{Value, json};

use crate::cli::data::InspectArgs;
use crate::console::Console;
use crate::exit::{Exit, failure};
use crate::output::{print, print_json};

pub fn run(args: &InspectArgs, console: Console) -> anyhow::Result<()> {
    let bad = if args.skip_bad { BadImages::Skip } else { BadImages::Refuse };
    let found = inspect(&args.file, bad)?;
    if console.json {
        let mut document = json!({ "schema": "ebm.inspection/1", "sound": found.is_sound() });
        if let (Value::Object(document), Value::Object(found)) = (&mut document, serde_json::to_value(&found)?) {
            document.extend(found);
        }
        print_json(&document)?;
    } else {
        print(text(&found)?)?;
    }
    if found.is_sound() { Ok(()) } else { Err(failure(Exit::Data, found.problems.join("\n"))) }
}

fn text(found: &Inspection) -> anyhow::Result<String> {
    let mut text = format!("{}: {}\n", found.path.display(), found.content.name());
    let width = found.arrays.iter().map(|array| array.key.chars().count()).max().unwrap_or(0);
    for array in &found.arrays {
        let chunk = array.chunk.as_ref().map_or_else(String::new, |chunk| format!(" in chunks of {chunk:?}"));
        writeln!(text, "  {:<width$}  {} {:?}{chunk}", array.key, array.number, array.shape)?;
    }
    found.fits.iter().try_for_each(|fit| describe(fit, &mut text))?;
    if !found.skipped.is_empty() {
        writeln!(text, "skipped pictures: {}", found.skipped.len())?;
        found.skipped.iter().try_for_each(|why| writeln!(text, "  {why}"))?;
    }
    Ok(text)
}

fn describe(fit: &Fit, into: &mut String) -> anyhow::Result<()> {
    let ranges: Vec<String> = fit.labels.iter().map(|[low, high]| format!("{low} to {high}")).collect();
    let (name, unit, ranges) = (fit.task.name(), fit.task.unit(), ranges.join(", "));
    writeln!(into, "reads as {name}: {} images, labels {ranges} {unit}, {} left out", fit.images, fit.left_out)?;
    writeln!(into, "  sha256 {}", fit.fingerprint)?;
    Ok(())
}
