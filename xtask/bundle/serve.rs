//! A folder on the loopback address: GET over HTTP/1.1, one request a connection.

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result};

/// Types by extension. A browser compiles a module while it loads only if its type is right.
const TYPES: [(&str, &str); 7] = [
    ("css", "text/css; charset=utf-8"),
    ("csv", "text/csv; charset=utf-8"),
    ("html", "text/html; charset=utf-8"),
    ("js", "text/javascript; charset=utf-8"),
    ("json", "application/json"),
    ("svg", "image/svg+xml"),
    ("wasm", "application/wasm"),
];
/// The longest head of a request that is read, in bytes.
const HEAD: u64 = 1 << 16;

/// Serves a folder until the process is ended.
///
/// # Errors
/// When the port is taken.
pub fn serve(folder: &Path, port: u16) -> Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .with_context(|| format!("cannot serve on port {port}; --port 0 takes one that is free"))?;
    println!("http://{}/ — Ctrl-C ends it", listener.local_addr()?);
    std::thread::scope(|scope| {
        for visitor in listener.incoming().flatten() {
            // A slow visitor must not keep others waiting, and one who goes away is no reason to stop.
            scope.spawn(move || {
                let _ = answer(folder, visitor);
            });
        }
    });
    Ok(())
}

fn answer(folder: &Path, visitor: TcpStream) -> io::Result<()> {
    let mut head = BufReader::new(&visitor).take(HEAD);
    let mut request = String::new();
    head.read_line(&mut request)?;
    let mut line = String::new();
    while head.read_line(&mut line)? > 2 {
        line.clear();
    }
    let path = request.strip_prefix("GET ").and_then(|rest| file(folder, rest.split(' ').next()?));
    let found = path.and_then(|path| Some((fs::read(&path).ok()?, content_type(&path))));
    let (status, (body, of)) = match found {
        Some(found) => ("200 OK", found),
        None => ("404 Not Found", (b"not found".to_vec(), "text/plain")),
    };
    let length = body.len();
    let mut visitor = &visitor;
    write!(
        visitor,
        "HTTP/1.1 {status}\r\nContent-Type: {of}\r\nContent-Length: {length}\r\nCache-Control: no-cache\r\n\
         Connection: close\r\n\r\n"
    )?;
    visitor.write_all(&body)?;
    visitor.flush()
}

/// The file of an address; nothing for one outside the folder.
fn file(folder: &Path, url: &str) -> Option<PathBuf> {
    let path = Path::new(url.split(['?', '#']).next()?.trim_start_matches('/'));
    let inside = path.components().all(|part| matches!(part, Component::Normal(_)));
    let path = folder.join(path);
    let path = if path.is_dir() { path.join("index.html") } else { path };
    (inside && path.is_file()).then_some(path)
}

fn content_type(path: &Path) -> &'static str {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    TYPES.iter().find(|(of, _)| *of == extension).map_or("application/octet-stream", |(_, of)| of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_outside_the_folder_is_served() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("page")).unwrap();
        std::fs::write(folder.path().join("secret"), "").unwrap();
        std::fs::write(folder.path().join("page/index.html"), "").unwrap();
        let page = folder.path().join("page");
        assert_eq!(file(&page, "/"), Some(page.join("index.html")));
        assert_eq!(file(&page, "/index.html?x=1"), Some(page.join("index.html")));
        for url in ["/../secret", "//../secret", "/./../secret", "/none"] {
            assert_eq!(file(&page, url), None, "{url}");
        }
    }

    #[test]
    fn a_module_has_the_type_that_browsers_ask_for() {
        assert_eq!(content_type(Path::new("a/b.wasm")), "application/wasm");
        assert_eq!(content_type(Path::new("b.unknown")), "application/octet-stream");
    }
}
