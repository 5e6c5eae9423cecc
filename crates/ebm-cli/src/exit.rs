//! Exit codes, and which error ends in which.

use std::fmt;
use std::io;

use ebm_core::checkpoint::CheckpointError;
use ebm_core::{CalibrationError, StateDictError, TrainError};
use ebm_data::{DataError, TableError};

use crate::figure::FigureError;

/// Exit codes, those of sysexits.h where it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Something failed that should not have, or training diverged.
    Internal = 1,
    /// The command line asks for something that is not there.
    Usage = 2,
    /// The data is not what it should be.
    Data = 65,
    /// An input does not exist.
    NoInput = 66,
    /// An output cannot be made, or would overwrite something.
    CannotWrite = 73,
    /// Reading or writing failed part-way.
    Io = 74,
    /// Stopped by a signal; saved, and can be resumed.
    Interrupted = 75,
    /// There is a result and it cannot be trusted.
    Unreliable = 76,
    /// The configuration is wrong.
    Config = 78,
}

/// An error with an exit code.
#[derive(Debug)]
pub struct Failure {
    /// The code.
    pub exit: Exit,
    message: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// An error with this code and message.
pub fn failure(exit: Exit, message: impl Into<String>) -> anyhow::Error {
    Failure { exit, message: message.into() }.into()
}

/// The code of an error: that of the first cause that has one.
pub fn exit_code(error: &anyhow::Error) -> Exit {
    error.chain().find_map(code_of).unwrap_or(Exit::Internal)
}

fn code_of(cause: &(dyn std::error::Error + 'static)) -> Option<Exit> {
    if let Some(failure) = cause.downcast_ref::<Failure>() {
        return Some(failure.exit);
    }
    if let Some(error) = cause.downcast_ref::<DataError>() {
        return Some(match error {
            DataError::NoInput { .. } | DataError::IsDirectory { .. } | DataError::NotRegular { .. } => Exit::NoInput,
            DataError::Table(error) if matches!(**error, TableError::NoTables { .. }) => Exit::NoInput,
            DataError::Read { .. } => Exit::Io,
            DataError::Write { .. } => Exit::CannotWrite,
            _ => Exit::Data,
        });
    }
    if let Some(error) = cause.downcast_ref::<CheckpointError>() {
        return Some(match error {
            CheckpointError::Io { source, .. } => of_io(source),
            CheckpointError::NonFinite { .. } => Exit::Internal,
            _ => Exit::Data,
        });
    }
    if let Some(error) = cause.downcast_ref::<StateDictError>() {
        return Some(match error {
            StateDictError::Io { source, .. } => match source.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::IsADirectory | io::ErrorKind::InvalidInput => Exit::NoInput,
                _ => Exit::Io,
            },
            StateDictError::NoImageBackbone => Exit::Config,
            _ => Exit::Data,
        });
    }
    if cause.is::<CalibrationError>() {
        return Some(Exit::Data);
    }
    if cause.is::<TrainError>() {
        return Some(Exit::Internal);
    }
    if let Some(error) = cause.downcast_ref::<FigureError>() {
        return Some(match error {
            FigureError::Write { .. } | FigureError::NoFolder { .. } => Exit::CannotWrite,
            FigureError::UnknownFormat { .. } => Exit::Usage,
            _ => Exit::Internal,
        });
    }
    cause.downcast_ref::<io::Error>().map(of_io)
}

/// The code of an error of reading an input.
pub fn of_reading(error: &io::Error) -> Exit {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::InvalidInput | io::ErrorKind::InvalidFilename => Exit::NoInput,
        io::ErrorKind::FileTooLarge => Exit::Data,
        _ => Exit::Io,
    }
}

/// The code of an error of the system.
fn of_io(error: &io::Error) -> Exit {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::InvalidInput => Exit::NoInput,
        io::ErrorKind::PermissionDenied
        | io::ErrorKind::ReadOnlyFilesystem
        | io::ErrorKind::IsADirectory
        | io::ErrorKind::NotADirectory
        | io::ErrorKind::AlreadyExists => Exit::CannotWrite,
        _ => Exit::Io,
    }
}
