//! The four states of a read: loading, empty, problem, ready.

use std::future::Future;

use kehu_client::Error;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::problems::{explain, request_id};
use crate::t;
use crate::ui::prelude::*;

/// How far a read is.
#[derive(Clone, Debug)]
pub(crate) enum Load<T> {
    /// On its way.
    Loading,
    /// There.
    Ready(T),
    /// It failed.
    Problem(Error),
}

impl<T> From<Result<T, Error>> for Load<T> {
    fn from(result: Result<T, Error>) -> Self {
        match result {
            Ok(value) => Self::Ready(value),
            Err(error) => Self::Problem(error),
        }
    }
}

/// Starts a read and keeps how far it is. What comes too late, after the place was left, is dropped.
pub(crate) fn fetch<T: Send + Sync + 'static>(
    into: RwSignal<Load<T>>,
    read: impl Future<Output = Result<T, Error>> + 'static,
) {
    spawn_local(async move {
        let result = read.await;
        // `None` when the place is gone.
        let _ = into.try_set(result.into());
    });
}

/// A read that failed: what happened and a way to try again.
pub(crate) fn problem_view(error: &Error, again: Callback<()>) -> AnyView {
    let (title, detail) = (explain(error), request_id(error));
    let not_there = matches!(error.status(), 403 | 404);
    view! {
        <ProblemState title=title detail=detail>
            {(!not_there)
                .then(|| {
                    view! { <Button icon=Glyph::Refresh on_press=again>{t!("common.try_again")}</Button> }
                })}
        </ProblemState>
    }
    .into_any()
}

/// Says in a toast that a write failed.
pub(crate) fn say_problem(toasts: Toasts, error: &Error) {
    toasts.problem(explain(error));
}
