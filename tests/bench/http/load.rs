//! Many requests at once, each connection one after the other, and how long each took.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::http::operations::{Asked, Operation};
use crate::http::program::Program;
use crate::http::seed::Tokens;

/// How an operation went.
pub(crate) struct Measured {
    /// Its name.
    pub(crate) name: &'static str,
    /// How many asked at once.
    pub(crate) connections: usize,
    /// How often a second it was done.
    pub(crate) per_second: f64,
    /// What half of the answers took at most, in milliseconds.
    pub(crate) p50: f64,
    /// What 99 of 100 answers took at most, in milliseconds.
    pub(crate) p99: f64,
    /// What one cost the server, in milliseconds of one core.
    pub(crate) cpu: f64,
}

/// Counts what has been asked for over the whole measurement, so that nothing is made twice.
static ASKED: AtomicU64 = AtomicU64::new(0);

/// Does an operation over and over for this long, after a moment of warming up.
pub(crate) async fn measure(
    program: &Program,
    tokens: &Tokens,
    operation: &Operation,
    connections: usize,
    time: Duration,
) -> Measured {
    let token = Arc::new(tokens[&operation.who].clone());
    rush(program, operation, &token, connections, time / 5).await;
    let cpu = program.cpu_seconds();
    let begun = Instant::now();
    let mut took = rush(program, operation, &token, connections, time).await;
    let seconds = begun.elapsed().as_secs_f64();
    let cpu = program.cpu_seconds() - cpu;
    took.sort_unstable();
    let at = |share: f64| {
        let last = took.len() - 1;
        took[(last as f64 * share).round() as usize].as_secs_f64() * 1000.0
    };
    let measured = Measured {
        name: operation.name,
        connections,
        per_second: took.len() as f64 / seconds,
        p50: at(0.5),
        p99: at(0.99),
        cpu: cpu * 1000.0 / took.len() as f64,
    };
    println!(
        "{:>7} {:<32} {connections:>2} connections: {:>8.0}/s  p50 {:>7.2} ms  p99 {:>7.2} ms  cpu {:.3} ms",
        program.name, measured.name, measured.per_second, measured.p50, measured.p99, measured.cpu
    );
    measured
}

async fn rush(
    program: &Program,
    operation: &Operation,
    token: &Arc<String>,
    connections: usize,
    time: Duration,
) -> Vec<Duration> {
    let until = Instant::now() + time;
    let tasks = (0..connections).map(|_| {
        let (token, make, then) = (Arc::clone(token), operation.make.clone(), operation.then);
        let mut connection = Connection::new(&program.address, token);
        tokio::spawn(async move {
            let mut took = Vec::new();
            while Instant::now() < until {
                let Some(asked) = make(ASKED.fetch_add(1, Ordering::Relaxed)) else {
                    break;
                };
                let begun = Instant::now();
                let answer = connection.ask(asked).await;
                if let Some(then) = then {
                    connection
                        .ask(then(&serde_json::from_slice(&answer).unwrap()))
                        .await;
                }
                took.push(begun.elapsed());
            }
            took
        })
    });
    let tasks: Vec<_> = tasks.collect();
    let mut all = Vec::new();
    for task in tasks {
        all.append(&mut task.await.unwrap());
    }
    all
}

/// One connection that is kept.
struct Connection {
    address: String,
    token: Arc<String>,
    open: Option<SendRequest<Full<Bytes>>>,
}

impl Connection {
    fn new(address: &str, token: Arc<String>) -> Self {
        Self {
            address: address.to_owned(),
            token,
            open: None,
        }
    }

    async fn ask(&mut self, asked: Asked) -> Bytes {
        let body = asked.body.map(|body| body.to_string()).unwrap_or_default();
        let request = Request::builder()
            .method(asked.method)
            .uri(&asked.path)
            .header("host", &self.address)
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", "application/json")
            .body(Full::new(Bytes::from(body)))
            .unwrap();
        let connection = match &mut self.open {
            Some(open) if !open.is_closed() => open,
            open => {
                let stream = TcpStream::connect(&self.address).await.unwrap();
                stream.set_nodelay(true).unwrap();
                let (sender, connection) = handshake(TokioIo::new(stream)).await.unwrap();
                tokio::spawn(connection);
                open.insert(sender)
            }
        };
        connection.ready().await.unwrap();
        let answer = connection.send_request(request).await.unwrap();
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        assert!(
            (200..300).contains(&status),
            "{} answered {status}: {}",
            asked.path,
            String::from_utf8_lossy(&body)
        );
        body
    }
}
