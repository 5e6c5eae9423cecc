//! A run folder on disk. Each file has a module with its type, and the functions that write and read it.
//!
//! | file | module |
//! |---|---|
//! | `run.json` | [`record`]: the resolved configuration, and the status |
//! | `metrics.jsonl` | [`metrics`]: a line for each epoch |
//! | `split.json` | [`split`]: which examples belong to which part |
//! | `model.json`, `model.safetensors`, `snapshots/` | [`model`] |
//! | `ensemble.json`, `members/` | [`ensemble`]: instead of a model, several, each with a run folder |
//! | `reach.json` | [`reach`]: some training inputs |
//! | `evaluation.json` | [`evaluation`] |
//! | `calibration.json` | [`calibration`] |
//! | `import.json` | [`provenance`]: the file that an imported model comes from |
//! | `lock`, `checkpoint*` | [`folder`] |
//! | `report.html` | written by `ebm report` |

pub mod calibration;
pub mod document;
pub mod ensemble;
pub mod evaluation;
pub mod folder;
pub mod metrics;
pub mod model;
pub mod provenance;
pub mod reach;
pub mod record;
pub mod split;
