//! What a refusal says in words, to whoever writes a program; the app has texts of its own.

/// The rule behind a 409.
pub(super) fn of_rule(code: &str) -> &'static str {
    match code {
        "already_owned" => "Somebody owns it already.",
        "already_set_up" => "The first run is over.",
        "another_customer" => "The receivable belongs to another customer than the payment.",
        "checklist_open" => {
            "Not everything on the stage's checklist is done; `open` lists the rest."
        }
        "contract_is_in_force" => "The contract is in force: it stays as it is.",
        "contract_not_in_force" => "The contract is a draft: submit it first.",
        "contract_of_another_customer" => {
            "The payment's contract belongs to another customer than the payment."
        }
        "customer_blacklisted" => "No new business is done with this customer.",
        "default_pool" => "The default pool must stay.",
        "import_at_work" => "An import that made or changed the record is still at work.",
        "document_counts" => "The document counts already: end or reverse it instead.",
        "duplicate" => "There is such a record already; `duplicates` names it.",
        "import_file_gone" => "The file was removed after a week; send it again.",
        "import_has_begun" => "Rows were imported with this mapping already.",
        "in_use" => "Other records name it.",
        "invalid-transition" => {
            "It does not stand where this could be done; `open` lists what can."
        }
        "last_administrator" => "The workspace needs an active administrator.",
        "more_than_outstanding" => "That is more than is outstanding of the receivable.",
        "more_than_unallocated" => "That is more than the payment has left.",
        "no_open_stage" => "The pipeline has no open stage to go back to.",
        "no_receivables" => "The contract has no receivables: plan first how it is to be paid.",
        "no_such_stage" => "The pipeline has no stage of this kind.",
        "opportunity_has_contract" => "A contract was made of it: it stays won.",
        "opportunity_not_won" => "Only a won opportunity becomes a contract.",
        "own_password" => "One's own password is changed by session/password.",
        "payment_has_customer" => "The payment belongs to a customer already.",
        "payment_without_customer" => "Say first whose the payment is: `match`, or `customer_id`.",
        "receivable_settled" => "Nothing is outstanding of the receivable any more.",
        "receivables_do_not_sum" => "The receivables do not sum to the contract's amount.",
        "refunded_already" => "A part of the payment was paid back: it can't be reversed.",
        "released_already" => "The allocation was taken back already.",
        "taken_meanwhile" => "Somebody made the same a moment ago: read again and decide.",
        "too_late_to_undo" => "A conversion can be undone for 30 days only.",
        _ => "A rule stands against it.",
    }
}
