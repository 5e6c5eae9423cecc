//! A sweep as an array of a scheduler: one script, whose tasks do a job each.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// A scheduler.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Engine {
    /// `sbatch --array`
    Slurm,
    /// `hq submit --array`
    Hyperqueue,
}

/// Slurm numbers the tasks of an array below this, unless its `MaxArraySize` says otherwise.
const MOST: usize = 1000;

/// What a task needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resources {
    /// Partition of the cluster (Slurm).
    pub partition: Option<String>,
    /// Longest time of a task, as the scheduler writes it.
    pub time: Option<String>,
    /// Memory of a task, as Slurm writes it.
    pub memory: Option<String>,
    /// GPUs of a task, as the scheduler writes it.
    pub gpus: Option<String>,
    /// Cores of a task.
    pub cpus: u16,
    /// Tasks at a time (Slurm).
    pub throttle: Option<usize>,
}

/// An array to submit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Array {
    /// The command of a task, without the number of the job.
    pub command: Vec<String>,
    /// Where it runs.
    pub cwd: PathBuf,
    /// The folder of what the tasks print.
    pub logs: PathBuf,
    /// What each needs.
    pub resources: Resources,
}

impl Engine {
    /// Its name in the names of files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Slurm => "slurm",
            Self::Hyperqueue => "hyperqueue",
        }
    }

    /// The program that submits a script, and its arguments: it prints the number of the array and nothing else.
    pub fn submit(self) -> &'static [&'static str] {
        match self {
            Self::Slurm => &["sbatch", "--parsable"],
            Self::Hyperqueue => &["hq", "--output-mode=quiet", "submit"],
        }
    }

    /// What is wrong with resources that this engine does not know.
    pub fn refuses(self, resources: &Resources) -> Option<&'static str> {
        match self {
            Self::Slurm => None,
            Self::Hyperqueue if resources.partition.is_some() => {
                Some("--partition: HyperQueue has none; its workers are started in one, as by `hq alloc add slurm`")
            }
            Self::Hyperqueue if resources.throttle.is_some() => {
                Some("--throttle: HyperQueue starts as many tasks as its workers have cores; start fewer workers")
            }
            Self::Hyperqueue => None,
        }
    }

    /// The scripts that do these jobs, and how many of them each does; several where an array has a limit.
    pub fn scripts(self, array: &Array, jobs: &[usize]) -> Vec<(String, usize)> {
        match self {
            Self::Slurm => {
                let mut parts: Vec<(usize, Vec<usize>)> = Vec::new();
                for &job in jobs {
                    let offset = job / MOST * MOST;
                    match parts.last_mut() {
                        Some((last, ids)) if *last == offset => ids.push(job - offset),
                        _ => parts.push((offset, vec![job - offset])),
                    }
                }
                parts.iter().map(|(offset, ids)| (slurm(array, *offset, ids), ids.len())).collect()
            }
            Self::Hyperqueue => vec![(hyperqueue(array, jobs), jobs.len())],
        }
    }
}

fn slurm(array: &Array, offset: usize, ids: &[usize]) -> String {
    let Array { cwd, logs, resources, .. } = array;
    let throttle = resources.throttle.map(|most| format!("%{most}")).unwrap_or_default();
    let mut script = "#!/bin/sh\n".to_owned();
    let mut line = |option: &str, value: &str| {
        writeln!(script, "#SBATCH --{option}={value}").expect("a string");
    };
    line("job-name", "ebm-sweep");
    line("array", &format!("{}{throttle}", ranges(ids)));
    line("chdir", &quoted(&cwd.display().to_string()));
    line("output", &quoted(&logs.join("slurm-%A_%a.txt").display().to_string()));
    line("open-mode", "append");
    line("cpus-per-task", &resources.cpus.to_string());
    for (option, value) in [
        ("partition", &resources.partition),
        ("time", &resources.time),
        ("mem", &resources.memory),
        ("gpus", &resources.gpus),
    ] {
        if let Some(value) = value {
            line(option, value);
        }
    }
    // Before the time is up a job saves and ends; a task whose node is lost is put into the queue again.
    line("signal", "B:TERM@60");
    script += "#SBATCH --requeue\n";
    let id =
        if offset == 0 { "$SLURM_ARRAY_TASK_ID".to_owned() } else { format!("$((SLURM_ARRAY_TASK_ID + {offset}))") };
    script + &exec(&array.command, &id)
}

fn hyperqueue(array: &Array, ids: &[usize]) -> String {
    let Array { cwd, logs, resources, .. } = array;
    let mut script = "#!/bin/sh\n".to_owned();
    let mut line = |option: &str, value: &str| {
        writeln!(script, "#HQ --{option}={value}").expect("a string");
    };
    line("name", "ebm-sweep");
    line("array", &ranges(ids));
    line("cwd", &quoted(&cwd.display().to_string()));
    let log = quoted(&logs.join("hyperqueue-%{JOB_ID}_%{TASK_ID}.txt").display().to_string());
    line("stdout", &log);
    line("stderr", &log);
    line("cpus", &resources.cpus.to_string());
    if let Some(time) = &resources.time {
        line("time-limit", time);
    }
    if let Some(memory) = &resources.memory {
        line("resource", &format!("mem={memory}"));
    }
    if let Some(gpus) = &resources.gpus {
        line("resource", &format!("gpus/nvidia={gpus}"));
    }
    script + &exec(&array.command, "$HQ_TASK_ID")
}

/// The command in place of the shell, so that signals reach it.
fn exec(command: &[String], id: &str) -> String {
    let words: Vec<String> = command.iter().map(|word| quoted(word)).collect();
    format!("exec {} --job \"{id}\"\n", words.join(" "))
}

/// `0-3,7,9-10`
fn ranges(ids: &[usize]) -> String {
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for &id in ids {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == id => *last = id,
            _ => ranges.push((id, id)),
        }
    }
    let shown = |&(first, last): &(usize, usize)| {
        if first == last { first.to_string() } else { format!("{first}-{last}") }
    };
    ranges.iter().map(shown).collect::<Vec<_>>().join(",")
}

/// A word as the shell reads it.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,+%{}".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn array() -> Array {
        Array {
            command: ["ebm", "sweep", "my plan.toml", "--runs", "/r"].map(str::to_owned).to_vec(),
            cwd: "/sweeps".into(),
            logs: "/r/logs".into(),
            resources: Resources { cpus: 2, time: Some("01:00:00".to_owned()), ..Resources::default() },
        }
    }

    #[test]
    fn a_slurm_script_has_what_was_asked_for_and_ends_as_the_job() {
        let mut array = array();
        array.resources.partition = Some("gpu".to_owned());
        array.resources.throttle = Some(8);
        let scripts = Engine::Slurm.scripts(&array, &[0, 1, 2, 7]);
        let expected = "#!/bin/sh\n#SBATCH --job-name=ebm-sweep\n#SBATCH --array=0-2,7%8\n#SBATCH --chdir=/sweeps\n\
                        #SBATCH --output=/r/logs/slurm-%A_%a.txt\n#SBATCH --open-mode=append\n#SBATCH --cpus-per-task=2\n\
                        #SBATCH --partition=gpu\n#SBATCH --time=01:00:00\n#SBATCH --signal=B:TERM@60\n#SBATCH --requeue\n\
                        exec ebm sweep 'my plan.toml' --runs /r --job \"$SLURM_ARRAY_TASK_ID\"\n";
        assert_eq!(scripts, [(expected.to_owned(), 4)]);
    }

    #[test]
    fn an_array_of_slurm_has_a_thousand_tasks_at_most() {
        let scripts = Engine::Slurm.scripts(&array(), &[5, 999, 1000, 2001, 2002]);
        let of = |script: &str| {
            let line = |with: &str| script.lines().find(|line| line.contains(with)).unwrap_or_default().to_owned();
            (line("--array="), line("exec").split("--job ").nth(1).unwrap_or_default().to_owned())
        };
        let expected = [
            ("#SBATCH --array=5,999", "\"$SLURM_ARRAY_TASK_ID\""),
            ("#SBATCH --array=0", "\"$((SLURM_ARRAY_TASK_ID + 1000))\""),
            ("#SBATCH --array=1-2", "\"$((SLURM_ARRAY_TASK_ID + 2000))\""),
        ];
        let found: Vec<_> = scripts.iter().map(|(script, _)| of(script)).collect();
        assert_eq!(found, expected.map(|(array, id)| (array.to_owned(), id.to_owned())));
    }

    #[test]
    fn a_hyperqueue_script_has_its_options_and_refuses_others() {
        let (script, _) = &Engine::Hyperqueue.scripts(&array(), &[3])[0];
        assert!(script.contains("#HQ --array=3\n#HQ --cwd=/sweeps\n"), "{script}");
        assert!(script.ends_with("--runs /r --job \"$HQ_TASK_ID\"\n"), "{script}");
        let throttled = Resources { throttle: Some(1), ..Resources::default() };
        assert!(Engine::Hyperqueue.refuses(&throttled).is_some() && Engine::Slurm.refuses(&throttled).is_none());
    }

    #[test]
    fn a_word_stays_one_word() {
        assert_eq!(quoted("it's"), "'it'\\''s'");
        assert_eq!(quoted(""), "''");
    }
}
