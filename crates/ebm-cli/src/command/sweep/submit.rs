//! `ebm sweep --engine`: the open jobs as an array of a scheduler.

use std::process::{Command, Stdio};

use anyhow::Context;

use super::jobs::Sweep;
use super::list::looked_at;
use crate::cli::sweep::SweepArgs;
use crate::console::Console;
use crate::exit::{Exit, failure};
use crate::output::{print, print_data, print_json};
use crate::sweep::engine::{Array, Engine, Resources};
use crate::sweep::folder;
use crate::sweep::queue::{Submitted, keep_script, note};
use crate::sweep::state::State;

pub fn run(sweep: &Sweep, engine: Engine, console: Console) -> anyhow::Result<()> {
    let SweepArgs { partition, time, memory, gpus, throttle, retry_failed, .. } = sweep.args;
    let resources = Resources {
        partition: partition.clone(),
        time: time.clone(),
        memory: memory.clone(),
        gpus: gpus.clone(),
        cpus: sweep.threads.unwrap_or(1),
        throttle: throttle.map(usize::from),
    };
    if let Some(why) = engine.refuses(&resources) {
        return Err(failure(Exit::Usage, why));
    }
    let jobs = looked_at(sweep)?;
    // A job that runs is skipped: should it be lost, the next submission has it.
    let is_open = |state: &State| match state {
        State::Done | State::Running { .. } => false,
        State::Failed { .. } => *retry_failed,
        State::Interrupted { .. } | State::NotStarted => true,
    };
    let open: Vec<usize> =
        jobs.iter().enumerate().filter(|(_, (_, _, state, _))| is_open(state)).map(|(id, _)| id).collect();
    if open.is_empty() {
        console.say("no job is open; nothing is submitted");
        return Ok(());
    }
    let ebm = std::env::current_exe().context("finding this program")?.display().to_string();
    let mut command = vec![ebm];
    command.extend(sweep.words()?);
    command.extend(sweep.args.device.iter().flat_map(|device| ["--device".to_owned(), device.to_string()]));
    command.extend(["--quiet".to_owned(), "--threads".to_owned(), resources.cpus.to_string()]);
    let logs = std::path::absolute(sweep.runs.join("logs"))?;
    let array = Array { command, cwd: std::env::current_dir()?, logs, resources };
    let scripts = engine.scripts(&array, &open);
    if sweep.args.dry_run {
        return scripts.iter().try_for_each(|(script, _)| print_data(script));
    }
    folder::make(&sweep.runs, "logs")?;
    let kept = std::path::absolute(folder::make(&sweep.runs, "submitted")?)?;
    for (script, jobs) in scripts {
        let path = keep_script(&kept, engine, &script)
            .map_err(|error| failure(Exit::CannotWrite, format!("cannot write in {}: {error}", kept.display())))?;
        let [program, args @ ..] = engine.submit() else { unreachable!("a program") };
        let output = Command::new(program).args(args).arg(&path).stdin(Stdio::null()).output();
        let output = output.map_err(|error| {
            failure(Exit::Config, format!("cannot start `{program}`: {error}; the script is {}", path.display()))
        })?;
        if !output.status.success() {
            let why = String::from_utf8_lossy(&output.stderr);
            let message = format!("`{program}` refuses {} ({}): {}", path.display(), output.status, why.trim());
            return Err(failure(Exit::Config, message));
        }
        let answer = String::from_utf8_lossy(&output.stdout);
        // Slurm adds the name of the cluster where there are several.
        let id = answer.trim().split(';').next().unwrap_or_default().to_owned();
        let submitted = Submitted { engine, id, jobs };
        note(&path, &submitted).context("noting what was submitted")?;
        if console.json {
            print_json(&submitted)?;
        } else {
            print(format!("{} array {}: {}\n", engine.name(), submitted.id, path.display()))?;
        }
    }
    console.say(format_args!("submitted: {} of {} jobs", open.len(), sweep.jobs.len()));
    Ok(())
}
