//! Buttons, badges, avatars, tabs, states.

use leptos::prelude::*;

use super::{super::prelude::*, Shelf};

/// The small parts.
#[component]
pub fn Basics() -> impl IntoView {
    let pending = RwSignal::new(false);
    let bell = RwSignal::new(true);
    let tab = RwSignal::new("mine".to_owned());
    let view_kind = RwSignal::new("board".to_owned());
    let step = RwSignal::new("two".to_owned());
    let tabs = vec![
        Tab::new("all", "All").count("1,284"),
        Tab::new("mine", "Mine").count("128"),
        Tab::new("due", "Due today").count("9").hot(),
        Tab::new("done", "Done"),
    ];
    let steps = [
        ("one", "Arrived"),
        ("two", "In work"),
        ("three", "Checked"),
        ("four", "Done"),
    ]
    .map(|(key, label)| Step {
        key: key.into(),
        label: label.into(),
        open: true,
    })
    .to_vec();
    view! {
        <Shelf title="Buttons">
            <div class="row">
                <Button kind=ButtonKind::Primary icon=Glyph::Plus>"New"</Button>
                <Button icon=Glyph::Download>"Import"</Button>
                <Button kind=ButtonKind::Quiet icon=Glyph::Filter>"Filter"</Button>
                <Button kind=ButtonKind::Danger icon=Glyph::Trash>"Delete"</Button>
                <Button trailing=Glyph::ChevronDown>"This month"</Button>
                <ButtonLink href="/ui" icon=Glyph::External>"A link"</ButtonLink>
                <ButtonLink href="/icons/icon.svg" download=true small=true>"Save the icon"</ButtonLink>
            </div>
            <div class="row">
                <Button kind=ButtonKind::Primary small=true>"Small"</Button>
                <Button small=true>"Small"</Button>
                <Button kind=ButtonKind::Quiet small=true icon=Glyph::Columns>"Columns"</Button>
                <Button disabled=true title="Nothing is chosen">"Disabled"</Button>
                <Button kind=ButtonKind::Primary disabled=true>"Disabled"</Button>
                <Button
                    kind=ButtonKind::Primary
                    pending=pending
                    on_press=move |()| {
                        pending.set(true);
                        set_timeout(move || pending.set(false), std::time::Duration::from_secs(2));
                    }
                >
                    "Press to wait"
                </Button>
                <Button pending=true>"Saving"</Button>
                <IconButton glyph=Glyph::Bell label="Notifications" pressed=bell on_press=move |()| bell.update(|on| *on = !*on) />
                <IconButton glyph=Glyph::Dots label="More" />
                <IconButton glyph=Glyph::Close label="Close" small=true />
                <IconButton glyph=Glyph::Refresh label="Refresh" pending=true />
                <IconButton glyph=Glyph::Pencil label="Edit" kind=ButtonKind::Default disabled=true />
            </div>
        </Shelf>
        <Shelf title="Badges, counts, chips, people">
            <div class="row">
                {Tone::ALL.iter().map(|tone| view! { <Badge tone=*tone>{tone.name()}</Badge> }).collect_view()}
                {Tone::ALL
                    .iter()
                    .map(|tone| view! { <Badge tone=*tone plain=true>{tone.name()}</Badge> })
                    .collect_view()}
                <Count value=7_usize />
                <Count value=5_usize hot=true />
                <Count value=128_usize />
            </div>
            <div class="row">
                <Chip label="State: open, waiting" on=true on_remove=move |()| {} remove_label="Remove" />
                <Chip label="Off" />
                <Chip label="On" on=true />
                <Chip label="Filter" dashed=true icon=Glyph::Plus />
            </div>
            <div class="row">
                <Avatar name="李薇" />
                <Avatar name="Ada Lovelace" size=AvatarSize::Medium />
                <Avatar name="宁波恒达" size=AvatarSize::Large square=true />
                <Avatar name="Picture" size=AvatarSize::Large image=Some("/icons/icon.svg".to_owned()) />
                <Person name="周明" />
                <Person name="Grace Hopper" />
            </div>
        </Shelf>
        <Shelf title="Tabs, segments, steps, breadcrumbs">
            <Breadcrumbs label="Where you are" items=vec![Crumb::link("Things", "/ui"), Crumb::here("A thing with a name")] />
            <Tabs id="gallery" tabs=tabs value=tab on_change=move |key| tab.set(key) label="Views" />
            <TabPanel id="gallery" value=tab>
                <p class="muted">"The view " {tab} " stands here."</p>
            </TabPanel>
            <Segment
                choices=["board", "list", "calendar"].map(|key| Tab::new(key, key)).to_vec()
                value=view_kind
                on_change=move |key| view_kind.set(key)
                label="View"
            />
            <Steps steps=steps.clone() current=step label="Path" on_step=move |key| step.set(key) />
            <Steps steps=steps current="three" label="Path that ended badly" tone=Tone::Danger />
        </Shelf>
        <Shelf title="Progress, figures, facts">
            <div class="figures">
                <Figure
                    label="Receipts" value="¥128.6 万" goal="/ 180 万" change="−4% pace" change_tone=Tone::Danger
                    progress=Some(0.714) pace=Some(0.75) foot="71.4% done" foot_end="planned ¥46 万"
                />
                <Figure
                    label="Visits" value="31" goal="/ 48" change="−5" change_tone=Tone::Danger
                    progress=Some(0.646) pace=Some(0.75) tone=Tone::Warning foot="64.6% done" foot_end="2.1 a day"
                />
                <Figure label="New" value="14" change="±0" foot="No target" />
            </div>
            <ProgressBar value=Some(0.4) label="Import" text="3,120 of 10,000 rows" />
            <ProgressBar value=Some(0.9) tone=Tone::Success label="Health" />
            <ProgressBar value=None label="Counting" />
            <div class="row"><Spinner label="Loading" /> "A spinner"</div>
            <Facts>
                <Fact label="Phone">"138 **** 1234"</Fact>
                <Fact label="Place">"浙江省 宁波市 鄞州区 " <Badge plain=true>"East 1"</Badge></Fact>
            </Facts>
        </Shelf>
        <Shelf title="Loading, empty, problem, notes">
            <div class="gallery-cols">
                <Card title="Loading" flush=true>
                    <SkeletonRows rows=4 label="Loading" />
                </Card>
                <Card title="Empty" flush=true>
                    <EmptyState title="Nothing waits for you" text="Bring a file, or write the first one.">
                        <Button kind=ButtonKind::Primary icon=Glyph::Plus>"New"</Button>
                        <Button icon=Glyph::Upload>"Import"</Button>
                    </EmptyState>
                </Card>
                <Card title="Problem" flush=true>
                    <ProblemState
                        title="The list could not be fetched"
                        text="The server does not answer. Check the connection and try again."
                        detail="request 01932f1e-77c2"
                    >
                        <Button icon=Glyph::Refresh>"Try again"</Button>
                    </ProblemState>
                </Card>
            </div>
            {Tone::ALL
                .iter()
                .map(|tone| view! { <Note tone=*tone>"A remark that is " {tone.name()} ". " <a href="/ui">"See"</a></Note> })
                .collect_view()}
        </Shelf>
        <Shelf title="Pictures">
            <div class="glyphs">
                {Glyph::ALL
                    .iter()
                    .map(|glyph| {
                        let known = Glyph::named(glyph.name()).unwrap_or(*glyph);
                        view! { <span title=known.name()><Icon glyph=known /><small>{known.name()}</small></span> }
                    })
                    .collect_view()}
            </div>
        </Shelf>
    }
}
