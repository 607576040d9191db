//! Requests made up from the OpenAPI, right and wrong, against a running server: schemathesis.

use crate::process::{program, run, say};
use crate::server::Server;
use crate::test::Count;
use crate::{Outcome, install, paths};

/// What an answer must keep: no 500, no undocumented status or type, no body beside its schema.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_headers_conformance,response_schema_conformance";

const EVERY_PHASE: &str = "examples,coverage,fuzzing";

/// Every operation with few examples, then two kinds in depth; the same requests each time.
pub(super) fn short() -> Outcome<Count> {
    let server = Server::start("fuzz")?;
    attack(
        &server,
        &[
            "--phases",
            EVERY_PHASE,
            "--max-examples",
            "3",
            "--seed",
            "1",
        ],
    )?;
    let two_kinds = ["--include-path-regex", "^/api/v1/(leads|customers)(/|$)"];
    let in_depth = ["--phases", "fuzzing", "--max-examples", "25", "--seed", "1"];
    attack(&server, &[in_depth.as_slice(), &two_kinds].concat())?;
    Ok(Count {
        passed: 2,
        failed: 0,
    })
}

/// Everything in depth, new requests each time. `args` go to schemathesis.
pub(crate) fn fuzz(args: &[&str]) -> Outcome {
    let server = Server::start("fuzz")?;
    attack(
        &server,
        &[
            ["--phases", EVERY_PHASE, "--max-examples", "200"].as_slice(),
            args,
        ]
        .concat(),
    )
}

fn attack(server: &Server, args: &[&str]) -> Outcome {
    let schemathesis = install::tool("schemathesis")?;
    let address = server.address();
    say(&format!(
        "schemathesis against {address}: {}",
        args.join(" ")
    ));
    // One worker: Python 3.11 takes threads that parse code at once for one that nests too deep.
    let mut command = program(schemathesis, ["run", "--checks", CHECKS, "--workers", "1"]);
    command.args(["--continue-on-failure"]);
    command.args([
        "--request-timeout",
        "10",
        "--suppress-health-check",
        "all",
        "--warnings",
        "off",
    ]);
    command
        .args(args)
        .arg(format!("{address}/api/openapi.json"));
    command
        .env("TEST_URL", &address)
        .env("SCHEMATHESIS_HOOKS", "kehu_requests");
    command.env("PYTHONPATH", paths::root().join("tests/fuzz"));
    command.current_dir(paths::target().join("fuzz"));
    run(&mut command).map_err(|problem| {
        format!(
            "The API broke its promises; the requests to repeat it are above, the server's log \
             is target/fuzz/server.log. {problem}"
        )
    })
}
