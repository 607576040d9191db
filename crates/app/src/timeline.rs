//! What happened with a lead or a customer: activities and changes in one order, newest first.

use chrono::{DateTime, Utc};
use kehu_domain::activity;
use kehu_domain::ctx::Ctx;
use kehu_domain::def::Def;
use kehu_domain::expr::{self, ExprCtx};
use kehu_domain::record::Record;
use kehu_domain::scope::{self, Action};
use kehu_domain::value::{Value, format_time};
use kehu_persistence::changes;
use kehu_persistence::lists::{self, ListQuery, Page, Sort};
use kehu_persistence::records::Trash;
use uuid::Uuid;

use crate::App;
use crate::error::AppError;
use crate::feed::Change;
use crate::shown::{Shown, seen_change};

/// One thing that happened.
#[derive(Debug, Clone)]
pub enum Happened {
    /// Something was done.
    Activity(Shown),
    /// The record changed.
    Changed(Change),
}

impl Happened {
    /// When.
    #[must_use]
    pub fn at(&self) -> DateTime<Utc> {
        match self {
            Self::Activity(shown) => match shown.record().get("occurred_at") {
                Value::Time(at) => *at,
                _ => DateTime::UNIX_EPOCH,
            },
            Self::Changed(change) => change.at,
        }
    }
}

impl App {
    /// What happened before a moment, newest first, and whether there is more.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when there is no such record for the caller.
    pub async fn list_timeline(
        &self,
        ctx: &Ctx,
        def: &'static Def,
        id: Uuid,
        before: Option<DateTime<Utc>>,
        limit: u64,
    ) -> Result<(Vec<Happened>, bool), AppError> {
        self.load_record(ctx, def, id).await?;
        let activities = self.activities_about(ctx, def, id, before, limit).await?;
        let changes = changes::of_record_before(
            &self.db.read(),
            ctx.workspace.id,
            def.kind,
            id,
            before,
            limit + 1,
        )
        .await?;
        // What an activity changed on its record is told by the activity itself.
        let told = changes
            .into_iter()
            .filter(|change| change.verb != "follow_up");
        let mut all: Vec<Happened> = activities
            .into_iter()
            .map(|activity| Happened::Activity(Shown::of(ctx, &activity::DEF, activity)))
            .chain(told.map(|change| Happened::Changed(seen_change(ctx, def, change))))
            .collect();
        all.sort_by_key(|happened| std::cmp::Reverse(happened.at()));
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = all.len() > limit;
        // A page never ends between two things of the same moment: the next begins before it.
        let last = limit
            .checked_sub(1)
            .and_then(|last| all.get(last))
            .map(Happened::at);
        let shown = all
            .iter()
            .take_while(|h| last.is_none_or(|last| h.at() >= last))
            .count();
        all.truncate(shown);
        Ok((all, more))
    }

    async fn activities_about(
        &self,
        ctx: &Ctx,
        def: &'static Def,
        id: Uuid,
        before: Option<DateTime<Utc>>,
        limit: u64,
    ) -> Result<Vec<Record>, AppError> {
        let mut text = format!("{}_id == \"{id}\"", def.kind);
        if let Some(before) = before {
            text.push_str(&format!(
                " && occurred_at < timestamp(\"{}\")",
                format_time(before)
            ));
        }
        // Our own filter: whose record it is, the caller knows already.
        let all = ExprCtx {
            veils: std::sync::Arc::default(),
            ..ExprCtx::of(ctx)
        };
        let filter = expr::parse(&text, &activity::DEF, &all)
            .map_err(|error| AppError::Internal(format!("own filter: {}", error.code)))?;
        let query = ListQuery {
            def: &activity::DEF,
            scope: scope::of(ctx, &activity::DEF, Action::View),
            filter: Some(filter),
            words: None,
            trash: Trash::Outside,
        };
        let by = |name| {
            activity::DEF.field(name).map(|field| Sort {
                field,
                descending: true,
            })
        };
        let sort = ["occurred_at", "id"].into_iter().filter_map(by).collect();
        let fields = activity::DEF.all_fields().collect();
        let page = Page {
            sort,
            after: None,
            limit: limit + 1,
            fields,
        };
        Ok(lists::page(&self.db.read(), &query, &page).await?.0)
    }
}
