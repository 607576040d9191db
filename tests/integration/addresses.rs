//! Addresses as such: which there are, and for whom.

use crate::support::both_databases;

both_databases! {
    async fn nobody_is_told_to_sign_in(test) {
        test.nobody().get("/api/v1/leads").await.refused(401, "not_signed_in");
    }

    async fn an_address_that_is_none_is_a_problem_too(test) {
        let answer = test.nobody().get("/api/v1/no-such-kind").await;
        assert_eq!(answer.headers["content-type"], "application/problem+json");
        assert_eq!(answer.status, 404);
    }
}
