//! Takes a chart along: the figures as CSV, the picture as PNG.

use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{
    Blob, BlobPropertyBag, Element, HtmlAnchorElement, HtmlCanvasElement, HtmlImageElement, Url,
};

use super::{chart::Series, dom::all};

/// How many dots of the picture one pixel of the page becomes.
const SHARPNESS: f64 = 2.0;

/// Saves a text as a file.
pub fn save_text(name: &str, kind: &str, text: &str) {
    let parts = js_sys::Array::of1(&text.into());
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    let blob = Blob::new_with_str_sequence_and_options(&parts, &options);
    if let Some(url) = blob
        .ok()
        .and_then(|blob| Url::create_object_url_with_blob(&blob).ok())
    {
        save_url(name, &url);
    }
}

/// Saves what lies at an address as a file.
fn save_url(name: &str, url: &str) {
    let link = document()
        .create_element("a")
        .ok()
        .and_then(|a| a.dyn_into::<HtmlAnchorElement>().ok());
    let Some(link) = link else { return };
    link.set_href(url);
    link.set_download(name);
    // The router must not take the address for a page.
    let _ = link.set_attribute("rel", "external");
    link.click();
}

/// A field of a CSV line; spreadsheet programs must not take it for a formula.
fn field(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '@', '\t']);
    let safe = if formula {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if safe.contains(['"', ',', '\n']) {
        format!("\"{}\"", safe.replace('"', "\"\""))
    } else {
        safe
    }
}

/// The figures of a chart as CSV.
#[must_use]
pub fn csv(labels: &[String], series: &[Series]) -> String {
    let head = series.iter().map(|series| field(&series.name));
    let mut lines = vec![
        std::iter::once(String::new())
            .chain(head)
            .collect::<Vec<_>>()
            .join(","),
    ];
    for (at, label) in labels.iter().enumerate() {
        let figures = series.iter().map(|series| {
            series
                .values
                .get(at)
                .copied()
                .flatten()
                .map_or_else(String::new, |value| value.to_string())
        });
        lines.push(
            std::iter::once(field(label))
                .chain(figures)
                .collect::<Vec<_>>()
                .join(","),
        );
    }
    lines.join("\r\n") + "\r\n"
}

/// Saves the figures; the mark at the start tells spreadsheet programs that it is UTF-8.
pub fn save_csv(title: &str, labels: &[String], series: &[Series]) {
    save_text(
        &format!("{title}.csv"),
        "text/csv",
        &format!("\u{feff}{}", csv(labels, series)),
    );
}

/// Saves the first SVG inside `root` as a picture, as it looks now.
pub fn save_png(title: &str, root: &Element) {
    let Ok(Some(drawn)) = root.query_selector("svg.plot") else {
        return;
    };
    let bounds = drawn.get_bounding_client_rect();
    let Some(text) = frozen(&drawn, bounds.width(), bounds.height()) else {
        return;
    };
    let source = format!(
        "data:image/svg+xml,{}",
        String::from(js_sys::encode_uri_component(&text))
    );
    let Ok(image) = HtmlImageElement::new() else {
        return;
    };
    let (picture, name) = (image.clone(), format!("{title}.png"));
    let done = Closure::once_into_js(move || {
        if let Some(url) = painted(&picture, bounds.width(), bounds.height()) {
            save_url(&name, &url);
        }
    });
    image.set_onload(Some(done.unchecked_ref()));
    image.set_src(&source);
}

/// The SVG as a text that looks the same without the style sheets of the page.
fn frozen(drawn: &Element, width: f64, height: f64) -> Option<String> {
    const LOOKS: [&str; 10] = [
        "fill",
        "fill-opacity",
        "stroke",
        "stroke-width",
        "stroke-dasharray",
        "font-family",
        "font-size",
        "font-weight",
        "text-anchor",
        "opacity",
    ];
    let copy: Element = drawn.clone_node_with_deep(true).ok()?.dyn_into().ok()?;
    for (old, new) in all(drawn, "*").iter().zip(all(&copy, "*")) {
        let Ok(Some(style)) = window().get_computed_style(old) else {
            continue;
        };
        for name in LOOKS {
            new.set_attribute(name, &style.get_property_value(name).ok()?)
                .ok()?;
        }
    }
    copy.set_attribute("xmlns", "http://www.w3.org/2000/svg")
        .ok()?;
    copy.set_attribute("width", &width.to_string()).ok()?;
    copy.set_attribute("height", &height.to_string()).ok()?;
    web_sys::XmlSerializer::new()
        .ok()?
        .serialize_to_string(&copy)
        .ok()
}

/// The picture on the ground of the page, as an address.
fn painted(image: &HtmlImageElement, width: f64, height: f64) -> Option<String> {
    let canvas: HtmlCanvasElement = document().create_element("canvas").ok()?.dyn_into().ok()?;
    let side = |length: f64| u32::try_from(super::dom::whole(length * SHARPNESS)).unwrap_or(0);
    canvas.set_width(side(width));
    canvas.set_height(side(height));
    let paper: web_sys::CanvasRenderingContext2d =
        canvas.get_context("2d").ok()??.dyn_into().ok()?;
    paper.scale(SHARPNESS, SHARPNESS).ok()?;
    let ground = window()
        .get_computed_style(document().body()?.as_ref())
        .ok()??;
    let color = ground.get_property_value("background-color").ok()?;
    js_sys::Reflect::set(
        &paper,
        &JsValue::from_str("fillStyle"),
        &JsValue::from_str(&color),
    )
    .ok()?;
    paper.fill_rect(0.0, 0.0, width, height);
    paper
        .draw_image_with_html_image_element_and_dw_and_dh(image, 0.0, 0.0, width, height)
        .ok()?;
    canvas.to_data_url().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_become_csv_that_no_spreadsheet_takes_for_a_formula() {
        let labels = vec!["=SUM(A1)".to_owned(), "Jan, \"new\"".to_owned()];
        let series = vec![
            Series::new("Sum", [1.5, 2.0]),
            Series {
                name: "Gaps".into(),
                values: vec![None, Some(-3.0)],
            },
        ];
        assert_eq!(
            csv(&labels, &series),
            ",Sum,Gaps\r\n'=SUM(A1),1.5,\r\n\"Jan, \"\"new\"\"\",2,-3\r\n"
        );
    }
}
