//! A context for tests that speak to storage directly.

use iso_currency::Currency;
use kehu_domain::ctx::{Actor, Ctx, Workspace};
use kehu_domain::rights::Rights;
use uuid::Uuid;

/// An administrator of the workspace of this number.
pub(crate) fn context(workspace: u128) -> Ctx {
    Ctx {
        workspace: Workspace {
            id: Uuid::from_u128(0xff00 + workspace),
            name: "Acme".to_owned(),
            currency: Currency::CNY,
            time_zone: "Asia/Shanghai".to_owned(),
            locale: "zh-Hans".to_owned(),
        },
        actor: Actor {
            user_id: Uuid::from_u128(0xfe00 + workspace),
            name: "王小明".to_owned(),
            rights: std::sync::Arc::new(Rights::everything()),
            department_id: None,
            pools: Vec::new(),
        },
        now: "2026-11-22T08:00:00Z".parse().unwrap(),
        request_id: "test".to_owned(),
        locale: "zh-Hans".to_owned(),
        cause: None,
        repeat: None,
    }
}
