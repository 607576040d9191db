//! The parts of the app that are modules of their own: a browser fetches one when it is needed first.
//!
//! `#[wasm_split(name, fallible, preload(fetch_name))]` on a function moves it, and whatever only its
//! part needs, out of the module that everybody loads. What several parts need and the rest does not
//! becomes a module that each of them fetches along. Functions of one name are one part.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use leptos::prelude::*;
use leptos::task::spawn_local;
/// A part did not come.
pub(crate) use wasm_split_helpers::SplitLoaderError as Missing;
pub(crate) use wasm_split_helpers::wasm_split;

use crate::t;
use crate::ui::prelude::*;

type Coming<T> = Pin<Box<dyn Future<Output = Result<T, Missing>>>>;
type Draw = Box<dyn Fn() -> Coming<AnyView> + Send + Sync>;

/// How far a part is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Fetching,
    Here,
    Missing,
}

/// Draws what a part draws: at once when the part is here, else as soon as it has come. `fetch` is what
/// `preload(…)` made, `draw` calls the part's function.
pub(crate) fn draw_part<F, D>(
    fetch: fn() -> F,
    draw: impl Fn() -> D + Send + Sync + 'static,
) -> AnyView
where
    F: Future<Output = Result<(), Missing>> + 'static,
    D: Future<Output = Result<AnyView, Missing>> + 'static,
{
    let draw = Box::new(move || -> Coming<AnyView> { Box::pin(draw()) });
    draw_when_here(Box::pin(fetch()), draw, skeleton)
}

/// Draws something that opens over the page; its part is fetched when it is opened first.
pub(crate) fn draw_overlay<F, D>(
    open: Signal<bool>,
    fetch: fn() -> F,
    draw: impl Fn() -> D + Copy + Send + Sync + 'static,
) -> AnyView
where
    F: Future<Output = Result<(), Missing>> + 'static,
    D: Future<Output = Result<AnyView, Missing>> + 'static,
{
    let wanted = Memo::new(move |before: Option<&bool>| before == Some(&true) || open.get());
    let view = move || {
        wanted.get().then(|| {
            let draw = Box::new(move || -> Coming<AnyView> { Box::pin(draw()) });
            draw_when_here(Box::pin(fetch()), draw, || ().into_any())
        })
    };
    view.into_any()
}

fn draw_when_here(mut fetching: Coming<()>, draw: Draw, waiting: fn() -> AnyView) -> AnyView {
    if let Some(Ok(())) = at_once(&mut fetching) {
        return draw_now(&draw);
    }
    let stage = RwSignal::new(Stage::Fetching);
    spawn_local(async move {
        let come = match fetching.await {
            Ok(()) => Stage::Here,
            Err(_) => Stage::Missing,
        };
        // `None` when the place is gone.
        let _ = stage.try_set(come);
    });
    let view = move || match stage.get() {
        Stage::Fetching => waiting(),
        Stage::Here => draw_now(&draw),
        Stage::Missing => missing(),
    };
    view.into_any()
}

fn draw_now(draw: &Draw) -> AnyView {
    match at_once(&mut draw()) {
        Some(Ok(view)) => view,
        _ => missing(),
    }
}

fn skeleton() -> AnyView {
    view! {
        <div class="page-pad">
            <SkeletonRows rows=6 label=t!("common.loading") />
        </div>
    }
    .into_any()
}

/// What a future gives when it is ready already: what asks for a part that is here always is.
fn at_once<T>(coming: &mut Coming<T>) -> Option<Result<T, Missing>> {
    match coming
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
    {
        Poll::Ready(outcome) => Some(outcome),
        Poll::Pending => None,
    }
}

/// The network failed, or the server has a newer version: loading anew helps in both cases.
fn missing() -> AnyView {
    let reload = move |()| {
        // A page that can't load anew has been left already.
        let _ = window().location().reload();
    };
    view! {
        <ProblemState title=t!("problem.part_missing") text=t!("problem.part_missing_text")>
            <Button icon=Glyph::Refresh on_press=reload>
                {t!("problem.reload")}
            </Button>
        </ProblemState>
    }
    .into_any()
}
