//! The keyboard, explained: opens with "?".

use leptos::prelude::*;

use crate::t;
use crate::ui::prelude::*;

/// The list of all shortcuts.
#[component]
pub(crate) fn Help(
    /// Whether it is shown.
    open: RwSignal<bool>,
) -> impl IntoView {
    let groups: Vec<(&'static str, Vec<(&'static str, &'static str)>)> = vec![
        (
            t!("help.anywhere"),
            vec![
                ("Ctrl K", t!("help.palette")),
                ("C", t!("help.create")),
                ("G W", t!("help.go_workbench")),
                ("G L", t!("help.go_leads")),
                ("G C", t!("help.go_customers")),
                ("G N", t!("help.go_contacts")),
                ("G O", t!("help.go_opportunities")),
                ("G R", t!("help.go_receivables")),
                ("G T", t!("help.go_tasks")),
                ("?", t!("help.this")),
            ],
        ),
        (
            t!("help.lists"),
            vec![
                ("/", t!("help.filter")),
                ("J K", t!("help.move")),
                ("X", t!("help.select")),
                ("Enter", t!("help.open")),
                ("E", t!("help.edit")),
                ("Esc", t!("help.close")),
            ],
        ),
    ];
    let group = |(title, lines): (&'static str, Vec<(&'static str, &'static str)>)| {
        view! {
            <section>
                <h3>{title}</h3>
                <dl class="shortcuts">
                    {lines
                        .into_iter()
                        .map(|(keys, what)| {
                            view! {
                                <dt>{keys.split(' ').map(|key| view! { <kbd>{key}</kbd> }).collect_view()}</dt>
                                <dd>{what}</dd>
                            }
                        })
                        .collect_view()}
                </dl>
            </section>
        }
    };
    view! {
        <Dialog
            open=open
            on_close=move |()| open.set(false)
            title=t!("help.title")
            close_label=t!("common.close")
            width=ui_width()
        >
            <div class="shortcut-groups">{groups.clone().into_iter().map(group).collect_view()}</div>
        </Dialog>
    }
}

const fn ui_width() -> crate::ui::dialog::DialogWidth {
    crate::ui::dialog::DialogWidth::Middle
}
