//! The ledger holds its invariants at every moment, whatever happens at the same time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use sea_orm::ConnectionTrait;
use serde_json::json;
use uuid::Uuid;

use super::{customer, in_force, paid, yuan};
use crate::support::client::Caller;
use crate::support::workspace::id_of;
use crate::support::{TestApp, both_databases};

/// How many threads work at the same time, and how many operations each tries.
const THREADS: usize = 8;
const EACH: usize = 1_250;

/// What somebody does; the numbers pick among what there is.
#[derive(Debug, Clone)]
enum Operation {
    Report {
        customer: usize,
        amount: i64,
    },
    Confirm {
        payment: usize,
        allocate: bool,
    },
    Reject {
        payment: usize,
    },
    Allocate {
        payment: usize,
        receivable: usize,
        amount: i64,
    },
    Oldest {
        payment: usize,
    },
    Release {
        payment: usize,
    },
    Refund {
        payment: usize,
        amount: i64,
    },
    Reverse {
        payment: usize,
    },
    WriteOff {
        receivable: usize,
        amount: i64,
    },
    Terminate {
        contract: usize,
    },
    Contract {
        customer: usize,
        first: i64,
        second: i64,
    },
}

fn operation() -> impl Strategy<Value = Operation> {
    let at = || 0..1_000_usize;
    let amount = || 1..3_000_i64;
    prop_oneof![
        4 => (at(), amount()).prop_map(|(customer, amount)| Operation::Report { customer, amount }),
        4 => (at(), any::<bool>()).prop_map(|(payment, allocate)| Operation::Confirm { payment, allocate }),
        1 => at().prop_map(|payment| Operation::Reject { payment }),
        6 => (at(), at(), amount()).prop_map(|(payment, receivable, amount)| {
            Operation::Allocate { payment, receivable, amount }
        }),
        3 => at().prop_map(|payment| Operation::Oldest { payment }),
        3 => at().prop_map(|payment| Operation::Release { payment }),
        2 => (at(), amount()).prop_map(|(payment, amount)| Operation::Refund { payment, amount }),
        2 => at().prop_map(|payment| Operation::Reverse { payment }),
        1 => (at(), amount()).prop_map(|(receivable, amount)| Operation::WriteOff { receivable, amount }),
        1 => at().prop_map(|contract| Operation::Terminate { contract }),
        1 => (at(), amount(), amount()).prop_map(|(customer, first, second)| {
            Operation::Contract { customer, first, second }
        }),
    ]
}

/// Everything that the operations pick from; shared by all threads.
#[derive(Default)]
struct Known {
    customers: Vec<Uuid>,
    contracts: Vec<Uuid>,
    receivables: Vec<Uuid>,
    payments: Vec<Uuid>,
    allocations: Vec<Uuid>,
}

type Shared = Arc<std::sync::Mutex<Known>>;

fn pick(list: &[Uuid], at: usize) -> Option<Uuid> {
    // The youngest are touched most: that is where the races are.
    let recent = &list[list.len().saturating_sub(12)..];
    (!recent.is_empty()).then(|| recent[at % recent.len()])
}

/// Does one operation; a refusal must be one by a rule. True when it was done.
async fn attempt(caller: &Caller, known: &Shared, operation: Operation) -> bool {
    let of = |read: &dyn Fn(&Known) -> Option<Uuid>| read(&known.lock().unwrap());
    let payments = |at| of(&|known| pick(&known.payments, at));
    let (path, body) = match operation {
        Operation::Report { customer, amount } => {
            let Some(customer) = of(&|known| pick(&known.customers, customer)) else {
                return false;
            };
            let body = json!({"customer_id": customer, "amount": yuan(amount), "received_on": "2026-02-01"});
            let made = caller.post("/api/v1/payments", body).await.expect(201);
            known.lock().unwrap().payments.push(id_of(&made));
            return true;
        }
        Operation::Contract {
            customer,
            first,
            second,
        } => {
            let Some(customer) = of(&|known| pick(&known.customers, customer)) else {
                return false;
            };
            let due = [("2026-02-01", first), ("2026-03-01", second)];
            let (contract, receivables) = in_force(caller, customer, &due).await;
            let mut known = known.lock().unwrap();
            known.contracts.push(contract);
            known.receivables.extend(receivables);
            return true;
        }
        Operation::Confirm { payment, allocate } => {
            let Some(id) = payments(payment) else {
                return false;
            };
            let body = if allocate {
                json!({"allocate": {"oldest": true}})
            } else {
                json!({})
            };
            (format!("/api/v1/payments/{id}/confirm"), body)
        }
        Operation::Reject { payment } => {
            let Some(id) = payments(payment) else {
                return false;
            };
            (
                format!("/api/v1/payments/{id}/reject"),
                json!({"reason": "No"}),
            )
        }
        Operation::Allocate {
            payment,
            receivable,
            amount,
        } => {
            let Some(id) = payments(payment) else {
                return false;
            };
            let Some(due) = of(&|known| pick(&known.receivables, receivable)) else {
                return false;
            };
            let part = json!({"receivable_id": due, "amount": amount});
            (
                format!("/api/v1/payments/{id}/allocate"),
                json!({"allocations": [part]}),
            )
        }
        Operation::Oldest { payment } => {
            let Some(id) = payments(payment) else {
                return false;
            };
            (
                format!("/api/v1/payments/{id}/allocate"),
                json!({"oldest": true}),
            )
        }
        Operation::Release { payment } => {
            let Some(id) = of(&|known| pick(&known.allocations, payment)) else {
                return false;
            };
            (
                format!("/api/v1/allocations/{id}/release"),
                json!({"reason": "Wrong"}),
            )
        }
        Operation::Refund { payment, amount } => {
            let Some(id) = payments(payment) else {
                return false;
            };
            (
                format!("/api/v1/payments/{id}/refund"),
                json!({"amount": amount, "reason": "Back"}),
            )
        }
        Operation::Reverse { payment } => {
            let Some(id) = payments(payment) else {
                return false;
            };
            (
                format!("/api/v1/payments/{id}/reverse"),
                json!({"reason": "Bounced"}),
            )
        }
        Operation::WriteOff { receivable, amount } => {
            let Some(id) = of(&|known| pick(&known.receivables, receivable)) else {
                return false;
            };
            (
                format!("/api/v1/receivables/{id}/write-off"),
                json!({"amount": amount, "reason": "Broke"}),
            )
        }
        Operation::Terminate { contract } => {
            let Some(id) = of(&|known| pick(&known.contracts, contract)) else {
                return false;
            };
            (
                format!("/api/v1/contracts/{id}/terminate"),
                json!({"reason": "Over"}),
            )
        }
    };
    let answer = caller.post(&path, body).await;
    if answer.status == 409 {
        return false;
    }
    let done = answer.ok();
    if let Some(made) = done["allocations"].as_array() {
        known
            .lock()
            .unwrap()
            .allocations
            .extend(made.iter().map(id_of));
    }
    true
}

/// Fails with what the check of the ledger finds.
pub(crate) async fn is_whole(test: &TestApp) {
    for report in test.app.check_ledgers().await.unwrap() {
        assert!(report.faults.is_empty(), "{report:#?}");
    }
}

/// What is done to the database behind the program's back, what undoes it, and the rules that tell.
const BREAKS: [(&str, &str, &[&str]); 10] = [
    (
        "UPDATE receivables SET cancelled_amount = -1, outstanding_amount = outstanding_amount + 1 WHERE settlement = 'partial'",
        "UPDATE receivables SET cancelled_amount = 0, outstanding_amount = outstanding_amount - 1 WHERE settlement = 'partial'",
        &[
            "no amount of a receivable is below zero",
            "what of a receivable was written off and cancelled is the sum of its adjustments",
            "what of a contract is outstanding is the sum over its receivables",
        ],
    ),
    (
        "UPDATE receivables SET paid_amount = paid_amount + 1, outstanding_amount = outstanding_amount - 1 WHERE settlement = 'partial'",
        "UPDATE receivables SET paid_amount = paid_amount - 1, outstanding_amount = outstanding_amount + 1 WHERE settlement = 'partial'",
        &[
            "what of a receivable is paid is the sum of its allocations",
            "what of a contract is paid is the sum over its receivables",
            "what of a contract is outstanding is the sum over its receivables",
        ],
    ),
    (
        "UPDATE receivables SET written_off_amount = written_off_amount + 1, amount = amount + 1 WHERE settlement = 'partial'",
        "UPDATE receivables SET written_off_amount = written_off_amount - 1, amount = amount - 1 WHERE settlement = 'partial'",
        &[
            "what of a receivable was written off and cancelled is the sum of its adjustments",
            "a contract's amount is the sum of its receivables",
        ],
    ),
    (
        "UPDATE receivables SET amount = amount - 1 WHERE settlement = 'partial'",
        "UPDATE receivables SET amount = amount + 1 WHERE settlement = 'partial'",
        &[
            "a receivable's amount is what is paid, outstanding, written off and cancelled",
            "a contract's amount is the sum of its receivables",
        ],
    ),
    (
        "UPDATE receivables SET settlement = 'paid' WHERE settlement = 'partial'",
        "UPDATE receivables SET settlement = 'partial' WHERE settlement = 'paid' AND outstanding_amount > 0",
        &["the settlement of a receivable follows from its amounts"],
    ),
    (
        "UPDATE payments SET unallocated_amount = unallocated_amount + 1",
        "UPDATE payments SET unallocated_amount = unallocated_amount - 1",
        &[
            "a confirmed payment is what is allocated, refunded and left of it",
            "confirmed payments − refunds = allocations + what is left (CNY)",
        ],
    ),
    (
        "UPDATE payments SET allocated_amount = allocated_amount + 1, unallocated_amount = unallocated_amount - 1",
        "UPDATE payments SET allocated_amount = allocated_amount - 1, unallocated_amount = unallocated_amount + 1",
        &[
            "what of a payment is allocated is the sum of its allocations",
            "confirmed payments − refunds = allocations + what is left (CNY)",
        ],
    ),
    (
        "UPDATE payments SET refunded_amount = refunded_amount - 1, unallocated_amount = unallocated_amount + 1",
        "UPDATE payments SET refunded_amount = refunded_amount + 1, unallocated_amount = unallocated_amount - 1",
        &[
            "what of a payment was refunded is the sum of its refunds",
            "confirmed payments − refunds = allocations + what is left (CNY)",
        ],
    ),
    (
        "UPDATE payments SET refunded_amount = refunded_amount + 1000, unallocated_amount = unallocated_amount - 1000",
        "UPDATE payments SET refunded_amount = refunded_amount - 1000, unallocated_amount = unallocated_amount + 1000",
        &[
            "no payment has less than nothing left",
            "what of a payment was refunded is the sum of its refunds",
            "confirmed payments − refunds = allocations + what is left (CNY)",
        ],
    ),
    (
        // What has no receivable any more.
        "UPDATE receivables SET deleted_at = 1 WHERE settlement = 'partial'",
        "UPDATE receivables SET deleted_at = NULL WHERE settlement = 'partial'",
        &[
            "what of a receivable is paid is the sum of its allocations",
            "what of a receivable was written off and cancelled is the sum of its adjustments",
            "a contract's amount is the sum of its receivables",
            "what of a contract is paid is the sum over its receivables",
            "what of a contract is outstanding is the sum over its receivables",
        ],
    ),
];

both_databases! {
    async fn the_check_tells_every_sum_that_is_not_that_of_its_parts(test) {
        let w = test.workspace().await;
        let buyer = customer(&w.admin, "Buyer").await;
        let (_, due) = in_force(&w.admin, buyer, &[("2026-02-01", 600), ("2026-03-01", 400)]).await;
        let payment = paid(&w.admin, buyer, 700).await;
        let path = format!("/api/v1/payments/{payment}");
        let part = json!({"allocations": [{"receivable_id": due[0], "amount": 500}]});
        w.admin.post(&format!("{path}/allocate"), part).await.ok();
        w.admin.post(&format!("{path}/refund"), json!({"amount": 50, "reason": "Back"})).await.ok();
        let write_off = format!("/api/v1/receivables/{}/write-off", due[0]);
        w.admin.post(&write_off, json!({"amount": 10, "reason": "Rounded"})).await.ok();
        is_whole(test).await;
        let database = sea_orm::Database::connect(test.database.url()).await.unwrap();
        for (breaks, mends, rules) in BREAKS {
            database.execute_unprepared(breaks).await.unwrap();
            let reports = test.app.check_ledgers().await.unwrap();
            let mut told: Vec<&str> = reports[0].faults.iter().map(|fault| fault.rule.as_str()).collect();
            let mut expected = rules.to_vec();
            told.sort_unstable();
            told.dedup();
            expected.sort_unstable();
            assert_eq!(told, expected, "{breaks}");
            database.execute_unprepared(mends).await.unwrap();
            is_whole(test).await;
        }
        database.close().await.unwrap();
    }

    async fn ten_thousand_operations_in_eight_threads_leave_every_sum_right(test) {
        let w = test.workspace().await;
        let known = Shared::default();
        for n in 0..4 {
            let buyer = customer(&w.admin, &format!("Buyer {n}")).await;
            known.lock().unwrap().customers.push(buyer);
            let (contract, due) = in_force(&w.admin, buyer, &[("2026-02-01", 2_000), ("2026-03-01", 1_000)]).await;
            known.lock().unwrap().contracts.push(contract);
            known.lock().unwrap().receivables.extend(due);
        }
        let working = AtomicBool::new(true);
        let looks = AtomicU64::new(0);
        let caller = &w.admin;
        let threads = (0..THREADS).map(|thread| {
            let known = Arc::clone(&known);
            async move {
                let seed = [u8::try_from(thread).unwrap(); 32];
                let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
                let mut runner = TestRunner::new_with_rng(Config::default(), rng);
                let mut done = 0_u32;
                for _ in 0..EACH {
                    let next = operation().new_tree(&mut runner).unwrap().current();
                    done += u32::from(attempt(caller, &known, next).await);
                }
                done
            }
        });
        let work = async {
            let done = futures_util::future::join_all(threads).await;
            working.store(false, Ordering::Relaxed);
            done.iter().sum::<u32>()
        };
        // Somebody looks all the time: what is seen from outside is whole at every moment.
        let look = async {
            while working.load(Ordering::Relaxed) {
                is_whole(test).await;
                looks.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(std::time::Duration::from_millis(300)).await;
            }
        };
        let (done, ()) = tokio::join!(work, look);
        is_whole(test).await;
        println!("{done} operations were done, {} looks", looks.load(Ordering::Relaxed));
        assert!(done > 3_000, "only {done} operations were done");
        assert!(looks.load(Ordering::Relaxed) > 10);
    }
}
