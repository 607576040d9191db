//! What lies above the page.

use leptos::prelude::*;

use super::{super::prelude::*, Shelf};
use crate::ui::dom::{PHONE, window_size};

/// Menus, popovers, tooltips, dialogs, sheets, toasts.
#[component]
pub fn Layers() -> impl IntoView {
    let toasts = use_toasts();
    let dialog = RwSignal::new(false);
    let form = RwSignal::new(false);
    let sheet = RwSignal::new(false);
    let docked = RwSignal::new(window_size().0 >= PHONE);
    let popover = RwSignal::new(false);
    let name = RwSignal::new(String::new());
    let items = vec![
        MenuItem::new("Edit", || {}).glyph(Glyph::Pencil).hint("E"),
        MenuItem::new("Copy", || {}).glyph(Glyph::Copy),
        MenuItem::link("Open", "/ui").glyph(Glyph::External),
        MenuItem::separator(),
        MenuItem::new("Shown", || {}).checked(true),
        MenuItem::new("Hidden", || {}).checked(false),
        MenuItem::new("Not now", || {}).disabled(),
        MenuItem::separator(),
        MenuItem::new("Delete", move || {
            toasts.offer(Tone::Success, "Deleted", "Undo", || {})
        })
        .glyph(Glyph::Trash)
        .danger(),
    ];
    let close = move |()| dialog.set(false);
    let footer = move || {
        view! {
            <Button on_press=close>"Cancel"</Button>
            <Button kind=ButtonKind::Danger on_press=close>"Delete for good"</Button>
        }
    };
    let form_footer = move || {
        view! {
            <Button on_press=move |()| form.set(false)>"Cancel"</Button>
            <Button kind=ButtonKind::Primary on_press=move |()| form.set(false)>"Save"</Button>
        }
    };
    view! {
        <Shelf title="Menus, popovers, tooltips">
            <div class="row">
                <Menu label="Actions" items=items.clone() />
                <Menu label="More" icon=Glyph::Dots icon_only=true kind=ButtonKind::Quiet items=items.clone() placement=Placement::BelowEnd />
                <Menu label="Small" small=true items=items />
                <Popover label="Popover" open=popover icon=Glyph::Sliders>
                    <div class="stack">
                        <Field label="Name">
                            <TextInput value=name on_change=move |new| name.set(new) autofocus=true />
                        </Field>
                        <Button kind=ButtonKind::Primary on_press=move |()| popover.set(false)>"Apply"</Button>
                    </div>
                </Popover>
                <Tooltip text="Made from the visits of the last 30 days">
                    <Button kind=ButtonKind::Quiet icon=Glyph::Info>"Hover or focus"</Button>
                </Tooltip>
            </div>
        </Shelf>
        <Shelf title="Dialogs, sheets, toasts">
            <div class="row">
                <Button on_press=move |()| dialog.set(true)>"Question"</Button>
                <Button on_press=move |()| form.set(true)>"Form"</Button>
                <Button on_press=move |()| sheet.set(true)>"Sheet"</Button>
                <Button on_press=move |()| docked.update(|open| *open = !*open)>"Docked sheet"</Button>
                <Button on_press=move |()| toasts.success("Saved")>"Success"</Button>
                <Button on_press=move |()| toasts.info("2 others look at this too")>"Info"</Button>
                <Button on_press=move |()| toasts.problem("This was taken by Li Wei a moment ago.")>"Problem"</Button>
                <Button on_press=move |()| toasts.offer(Tone::Success, "3 were moved to the trash", "Undo", move || toasts.info("Undone"))>
                    "With a way back"
                </Button>
            </div>
            <div class="docked-demo">
                <div class="grow"></div>
                <Sheet
                    open=docked on_close=move |()| docked.set(false) title="Beside the list" close_label="Close" mode=SheetMode::Docked
                    footer=move || view! { <Button kind=ButtonKind::Primary>"Save"</Button> }
                >
                    <Facts>
                        <Fact label="Phone">"138 **** 1234"</Fact>
                        <Fact label="From">"Fair"</Fact>
                    </Facts>
                </Sheet>
            </div>
            <Dialog open=dialog on_close=close title="Delete 3 for good?" close_label="Close" footer=footer>
                <p>"They can't be brought back."</p>
            </Dialog>
            <Dialog
                open=form on_close=move |()| form.set(false) title="New thing" close_label="Close"
                width=DialogWidth::Middle steady=true footer=form_footer
            >
                <Form on_submit=move |()| form.set(false)>
                    <Field label="Name" required=true>
                        <TextInput value=name on_change=move |new| name.set(new) autofocus=true />
                    </Field>
                    <Field label="City">
                        <Select value="suzhou" on_change=move |_| {} choices=super::forms::cities() />
                    </Field>
                </Form>
            </Dialog>
            <Sheet
                open=sheet on_close=move |()| sheet.set(false) title="Over the page" close_label="Close"
                actions=move || view! { <IconButton glyph=Glyph::Dots label="More" small=true /> }
                footer=move || view! { <Button kind=ButtonKind::Primary>"Save"</Button> }
            >
                <Field label="Day">
                    <DateInput value=None on_change=move |_| {} texts=super::forms::date_texts() />
                </Field>
            </Sheet>
        </Shelf>
    }
}
