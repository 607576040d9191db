//! Requests as they go over the wire, for addresses that a client of HTTP would put right first.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

/// A connection that stays open from request to request.
pub(crate) struct Wire {
    host: String,
    stream: BufReader<TcpStream>,
    /// Sent with every request.
    headers: String,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Raw {
    pub(crate) status: u16,
    /// By their names in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Wire {
    /// To the server at `http://…`; `headers` are lines, each with its end.
    pub(crate) fn to(base: &str, headers: &str) -> Self {
        let host = base.trim_start_matches("http://").to_owned();
        let stream = BufReader::new(TcpStream::connect(&host).unwrap());
        let headers = headers.to_owned();
        Self {
            host,
            stream,
            headers,
        }
    }

    /// Sends a request without a body, just as it stands here.
    pub(crate) fn ask(&mut self, method: &str, path: &str) -> Raw {
        let Self { host, headers, .. } = self;
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {host}\r\n{headers}content-length: 0\r\n\r\n"
        );
        self.stream.get_mut().write_all(request.as_bytes()).unwrap();
        let first = self.line();
        let status = first
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        let status = status.unwrap_or_else(|| panic!("{method} {path} was answered {first:?}"));
        let mut headers = BTreeMap::new();
        loop {
            let line = self.line();
            let Some((name, value)) = line.split_once(':') else {
                break;
            };
            headers.insert(name.to_lowercase(), value.trim().to_owned());
        }
        let length = headers
            .get("content-length")
            .map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; if method == "HEAD" { 0 } else { length }];
        self.stream.read_exact(&mut body).unwrap();
        if headers
            .get("connection")
            .is_some_and(|value| value == "close")
        {
            self.stream = BufReader::new(TcpStream::connect(&self.host).unwrap());
        }
        let body = String::from_utf8(body).unwrap();
        Raw {
            status,
            headers,
            body,
        }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stream.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}
