//! Picture files.

use std::path::Path;

use ebm_core::write_atomic;

use super::{error::FigureError, raster, svg::Svg};

/// A picture file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Pixels, two per CSS pixel.
    Png,
    /// Vector graphics; heat maps are embedded pixels.
    Svg,
}

impl Format {
    /// The format that a file name asks for by its extension.
    ///
    /// # Errors
    /// [`FigureError::UnknownFormat`] if that is neither `png` nor `svg`.
    pub fn from_path(path: &Path) -> Result<Self, FigureError> {
        let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
        match extension.to_str() {
            Some("png") => Ok(Self::Png),
            Some("svg") => Ok(Self::Svg),
            _ => Err(FigureError::UnknownFormat { path: path.to_owned() }),
        }
    }
}

/// Writes a drawing whole or not at all.
pub(super) fn write(svg: Svg, format: Format, path: &Path) -> Result<(), FigureError> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    if !folder.is_dir() {
        return Err(FigureError::NoFolder { path: folder.to_owned() });
    }
    let bytes = match format {
        Format::Png => raster::png(&svg)?,
        Format::Svg => svg.document().into_bytes(),
    };
    write_atomic(path, &bytes).map_err(|source| FigureError::Write { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn drawing() -> Svg {
        Svg::new((30.0, 20.0), "", 15.0)
    }

    #[test]
    fn extension_picks_the_format() {
        assert_eq!(Format::from_path(Path::new("a/b.PNG")).unwrap(), Format::Png);
        assert_eq!(Format::from_path(Path::new("b.svg")).unwrap(), Format::Svg);
        for name in ["b.pdf", "png", ""] {
            let error = Format::from_path(Path::new(name)).unwrap_err();
            assert!(matches!(error, FigureError::UnknownFormat { .. }), "{name}");
        }
    }

    #[test]
    fn only_the_whole_file_remains() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("figure.svg");
        fs::write(&path, "old").unwrap();
        write(drawing(), Format::Svg, &path).unwrap();
        assert!(fs::read_to_string(&path).unwrap().ends_with("</svg>\n"));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn missing_folder_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("missing/figure.png");
        let error = write(drawing(), Format::Png, &path).unwrap_err();
        assert!(matches!(error, FigureError::NoFolder { .. }));
    }

    #[test]
    fn failed_write_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("figure.svg");
        fs::create_dir(&path).unwrap();
        let error = write(drawing(), Format::Svg, &path).unwrap_err();
        assert!(matches!(error, FigureError::Write { .. }));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
