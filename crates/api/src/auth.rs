//! Who calls.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use kehu_app::error::AppError;
use kehu_domain::ctx::Ctx;

use crate::problem::Refusal;

/// The context of a signed-in caller. A handler that takes it answers nobody else.
#[derive(Debug, Clone)]
pub struct Caller(pub Ctx);

impl FromRequest for Caller {
    type Error = Refusal;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Refusal>>>>;

    fn from_request(_request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        Box::pin(async { Err(AppError::Unauthenticated("not_signed_in").into()) })
    }
}
