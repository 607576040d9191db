//! What all verbs on a record share: who calls, which record, what they say, and an answer that the
//! same request gets once more.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::web::{Bytes, Data, Path};
use actix_web::{Error, FromRequest, HttpRequest};
use kehu_app::App;
use kehu_domain::ctx::Ctx;
use serde::Serialize;
use uuid::Uuid;

use crate::auth::Caller;
use crate::body::{Body, MaybeBody};
use crate::problem::{Answer, Refusal};
use crate::repeat::{self, Reply};
use crate::state::State;

/// A verb that somebody signed in wants done to a record; a handler that takes it answers nobody
/// else. `B` is its body: [`Body`], [`MaybeBody`] or [`NoBody`].
#[derive(Debug)]
pub struct Verb<B> {
    state: Data<State>,
    ctx: Ctx,
    id: Uuid,
    body: B,
    request: HttpRequest,
}

impl<B: Said> Verb<B> {
    /// Does it, once per idempotency key, and answers with what became of it; the answer carries
    /// the record's version as its `ETag`.
    ///
    /// # Errors
    /// Those of the use case; a key that came with another request.
    pub async fn answer<A: Serialize>(
        self,
        act: impl AsyncFnOnce(&App, &Ctx, Uuid, B::What) -> Result<A, Refusal>,
    ) -> Answer {
        let Self {
            state,
            ctx,
            id,
            body,
            request,
        } = self;
        let (what, bytes) = body.read();
        repeat::once(&state.app, &request, ctx, &bytes, async |ctx| {
            Ok(Reply::done(&act(&state.app, ctx, id, what).await?)?)
        })
        .await
    }
}

impl<B: FromRequest + 'static> FromRequest for Verb<B> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let parts = <(Data<State>, Caller, Path<Uuid>, B)>::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            let (state, Caller(ctx), id, body) = parts.await?;
            Ok(Self {
                state,
                ctx,
                id: id.into_inner(),
                body,
                request,
            })
        })
    }
}

/// What a verb's body says.
pub trait Said {
    /// Its type.
    type What;

    /// What it says, and the bytes that a repeated request is recognised by.
    fn read(self) -> (Self::What, Bytes);
}

impl<T> Said for Body<T> {
    type What = T;

    fn read(self) -> (T, Bytes) {
        (self.value, self.bytes)
    }
}

impl<T> Said for MaybeBody<T> {
    type What = T;

    fn read(self) -> (T, Bytes) {
        (self.value, self.bytes)
    }
}

/// A verb that says all by its name.
#[derive(Debug)]
pub struct NoBody;

impl FromRequest for NoBody {
    type Error = Error;
    type Future = std::future::Ready<Result<Self, Error>>;

    fn from_request(_request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        std::future::ready(Ok(Self))
    }
}

impl Said for NoBody {
    type What = ();

    fn read(self) -> ((), Bytes) {
        ((), Bytes::new())
    }
}
