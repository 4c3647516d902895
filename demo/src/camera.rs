//! The phone's camera: rasterises the very SVG that is in the page.
//!
//! The SVG's own rectangle and path are filled on a canvas, scaled from its `viewBox`. An `<img>` of the serialised SVG would do the
//! same work but needs `img-src data:`, which a strict content security policy does not grant.

use crate::decoder::Picture;
use leptos::prelude::document;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, Element, HtmlCanvasElement, Path2d};

/// The picture's longer side comes near this many pixels, in whole pixels per unit of the drawing.
const SIDE: f64 = 640.0;
/// A drawing with more units to a side is no code: the largest has 177 modules and a quiet zone (ISO/IEC 18004, 5.3.1).
const UNITS_MAX: f64 = 400.0;
/// What the camera sees where the drawing paints nothing: neither light nor dark, so that nothing is added to help.
const BLANK: &str = "#808080";

/// Takes a picture of the code in the shadow tree of `widget`; `None` where none is on show.
pub(crate) fn photograph(widget: &Element) -> Option<(HtmlCanvasElement, Picture)> {
    let svg = widget
        .shadow_root()?
        .query_selector("svg[part~=qr]")
        .ok()??;
    let seen = svg.get_bounding_client_rect();
    if seen.width() < 1.0 || seen.height() < 1.0 {
        return None;
    }
    let units = ViewBox::parse(&svg.get_attribute("viewBox")?)?;
    expose(&svg, &units).ok()
}

fn expose(svg: &Element, units: &ViewBox) -> Result<(HtmlCanvasElement, Picture), JsValue> {
    let scale = (SIDE / units.width.max(units.height)).floor().max(2.0);
    let (width, height) = (pixels(units.width * scale), pixels(units.height * scale));
    let canvas: HtmlCanvasElement = document().create_element("canvas")?.dyn_into()?;
    canvas.set_width(width);
    canvas.set_height(height);
    let context = context(&canvas).ok_or(JsValue::UNDEFINED)?;
    context.set_fill_style_str(BLANK);
    context.fill_rect(0.0, 0.0, width.into(), height.into());
    context.scale(scale, scale)?;
    context.translate(-units.x, -units.y)?;
    let shapes = svg.children();
    for at in 0..shapes.length() {
        if let Some(shape) = shapes.item(at) {
            fill(&context, &shape, units)?;
        }
    }
    let data = context.get_image_data(0.0, 0.0, width.into(), height.into())?;
    let luma = data.data().chunks_exact(4).map(brightness).collect();
    let picture = Picture {
        width: width as usize,
        height: height as usize,
        luma,
    };
    Ok((canvas, picture))
}

/// What draws on a canvas.
pub(crate) fn context(canvas: &HtmlCanvasElement) -> Option<CanvasRenderingContext2d> {
    canvas.get_context("2d").ok()??.dyn_into().ok()
}

fn fill(
    context: &CanvasRenderingContext2d,
    shape: &Element,
    units: &ViewBox,
) -> Result<(), JsValue> {
    let colour = shape.get_attribute("fill");
    context.set_fill_style_str(colour.as_deref().unwrap_or("#000"));
    match shape.local_name().as_str() {
        "rect" => {
            let length = |name: &str, whole: f64| length(shape.get_attribute(name), whole);
            context.fill_rect(
                length("x", units.width),
                length("y", units.height),
                length("width", units.width),
                length("height", units.height),
            );
        }
        "path" => {
            if let Some(d) = shape.get_attribute("d") {
                context.fill_with_path_2d(&Path2d::new_with_path_string(&d)?);
            }
        }
        _ => {}
    }
    Ok(())
}

/// The brightness of a pixel (ITU-R BT.601).
fn brightness(rgba: &[u8]) -> u8 {
    let &[red, green, blue, _] = rgba else {
        return 0;
    };
    let sum = u32::from(red) * 299 + u32::from(green) * 587 + u32::from(blue) * 114;
    u8::try_from(sum / 1000).unwrap_or(u8::MAX)
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the view box was checked: it has at most 400 units to a side"
)]
fn pixels(length: f64) -> u32 {
    length.round() as u32
}

/// A length of SVG: a number, or a part of the whole (SVG 2, section 8.9); 0 where it is absent or neither.
fn length(text: Option<String>, whole: f64) -> f64 {
    let text = text.unwrap_or_default();
    let parsed = match text.trim().strip_suffix('%') {
        Some(percent) => percent.parse::<f64>().map(|part| part / 100.0 * whole),
        None => text.trim().parse(),
    };
    parsed.ok().filter(|v| v.is_finite()).unwrap_or_default()
}

/// The part of the drawing's plane that is shown.
#[derive(Debug, PartialEq)]
struct ViewBox {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

impl ViewBox {
    fn parse(text: &str) -> Option<Self> {
        let mut numbers = text
            .split([' ', ',', '\n', '\t'])
            .filter(|word| !word.is_empty())
            .map(|word| word.parse::<f64>().ok().filter(|v| v.is_finite()));
        let mut next = || numbers.next().flatten();
        let (x, y, width, height) = (next()?, next()?, next()?, next()?);
        let sound = |v: f64| (1.0..=UNITS_MAX).contains(&v);
        (numbers.next().is_none() && sound(width) && sound(height)).then_some(Self {
            x,
            y,
            width,
            height,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_box_is_four_sound_numbers() {
        let all = |x, y, width, height| {
            Some(ViewBox {
                x,
                y,
                width,
                height,
            })
        };
        assert_eq!(ViewBox::parse("0 0 57 57"), all(0.0, 0.0, 57.0, 57.0));
        assert_eq!(
            ViewBox::parse(" -4,-4  37, 37 "),
            all(-4.0, -4.0, 37.0, 37.0)
        );
        for bad in [
            "",
            "0 0 57",
            "0 0 57 57 57",
            "0 0 0 57",
            "0 0 -1 57",
            "0 0 NaN 57",
            "0 0 1e9 1e9",
            "a b c d",
        ] {
            assert_eq!(ViewBox::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn lengths_are_numbers_or_parts() {
        let of = |text: &str| length(Some(text.to_owned()), 57.0);
        assert_eq!(
            (of("100%"), of("57"), of(" 4 "), of("4em"), of("inf")),
            (57.0, 57.0, 4.0, 0.0, 0.0)
        );
        assert_eq!(length(None, 57.0), 0.0);
    }

    #[test]
    fn brightness_runs_from_black_to_white() {
        assert_eq!(brightness(&[0, 0, 0, 255]), 0);
        assert_eq!(brightness(&[255, 255, 255, 255]), 255);
        assert_eq!(brightness(&[128, 128, 128, 255]), 128);
    }
}
