//! Plots, drawn here as SVG; their colours are the style sheet's, by class.

use std::fmt::Write as _;
use std::time::Duration;

use maud::{Markup, PreEscaped, html};
use shared::core::statistics::{Deliveries, Percentiles};
use shared::core::timestamp::Timestamp;

use crate::answers::Statistics;
use crate::page::time;

const HOUR: Duration = Duration::from_hours(1);
/// A plot's width and height, and room for the numbers at its left, the hours below, and half a
/// letter above.
const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 160.0;
const LEFT: f64 = 46.0;
const BELOW: f64 = 20.0;
const ABOVE: f64 = 6.0;
/// Where nothing is drawn, and how far above that the highest number is.
const BASE: f64 = HEIGHT - BELOW;
const ROOM: f64 = BASE - ABOVE;

/// One hour of a plot.
#[derive(Debug, Clone, Copy, Default)]
struct Hour {
    deliveries: Deliveries,
    times: Option<Percentiles>,
}

/// Every hour of a span, those without deliveries as well.
#[derive(Debug)]
pub struct Hours {
    first: Timestamp,
    hours: Vec<Hour>,
}

impl Hours {
    /// The hours that were counted, and those between them.
    #[must_use]
    pub fn of(statistics: &Statistics) -> Self {
        let count = statistics.from.until(statistics.to).as_secs().div_ceil(HOUR.as_secs());
        let mut hours =
            vec![Hour::default(); usize::try_from(count).unwrap_or(0).clamp(1, 24 * 31)];
        for counted in &statistics.hours {
            let position = statistics.from.until(counted.hour).as_secs() / HOUR.as_secs();
            if let Some(hour) =
                usize::try_from(position).ok().and_then(|position| hours.get_mut(position))
            {
                *hour = Hour {
                    deliveries: counted.counts.deliveries,
                    times: counted.counts.response_time_ms,
                };
            }
        }
        Self { first: statistics.from, hours }
    }

    /// Deliveries of each hour, what failed above what arrived: a line's height, without numbers.
    #[must_use]
    pub fn sparkline(&self) -> Markup {
        let (width, height) = (120.0, 24.0);
        let most = count(self.most()).max(1.0);
        let step = width / index(self.hours.len());
        let mut bars = String::new();
        for (position, hour) in self.hours.iter().enumerate() {
            stack(
                &mut bars,
                &parts(&hour.deliveries),
                (step * index(position), step - 1.0),
                (height, height / most),
            );
        }
        let words = self.words();
        PreEscaped(format!(
            "<svg class=\"spark\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{words}\">{bars}</svg>"
        ))
    }

    /// Deliveries of each hour by what became of them.
    #[must_use]
    pub fn outcomes(&self) -> Markup {
        let most = rounded_up(self.most());
        let mut drawn = self.axes(most, "");
        let step = self.step();
        for (position, hour) in self.hours.iter().enumerate() {
            let across = (LEFT + step * index(position), (step - 1.0).max(step / 2.0));
            stack(&mut drawn, &parts(&hour.deliveries), across, (BASE, ROOM / count(most)));
        }
        plot(&self.words(), &drawn)
    }

    /// How long receivers took to answer: half of the attempts, 95 and 99 of 100.
    #[must_use]
    pub fn times(&self) -> Markup {
        let slowest = self
            .hours
            .iter()
            .filter_map(|hour| hour.times)
            .map(|times| times.p99)
            .max()
            .unwrap_or(0);
        let most = rounded_up(slowest);
        let mut drawn = self.axes(most, " ms");
        let step = self.step();
        for (class, pick) in LINES {
            let mut points = String::new();
            for (position, hour) in self.hours.iter().enumerate() {
                let Some(times) = hour.times else { continue };
                let x = LEFT + step * (index(position) + 0.5);
                let y = BASE - ROOM * count(pick(&times)) / count(most);
                let _ = write!(points, "{x:.1},{y:.1} ");
                let _ = write!(
                    drawn,
                    "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2\"/>"
                );
            }
            let _ = write!(drawn, "<polyline class=\"{class}\" points=\"{}\"/>", points.trim_end());
        }
        plot(
            &format!("Response times of the last {} hours, {slowest} ms at most", self.hours.len()),
            &drawn,
        )
    }

    /// The same as numbers: each hour that has any.
    #[must_use]
    pub fn table(&self) -> Markup {
        let hours = (0_u32..).zip(&self.hours).filter(|(_, hour)| hour.deliveries.total > 0);
        html! {
            div.scroll tabindex="0" role="group" aria-label="The hours in numbers" { table {
                thead { tr { @for title in TITLES { th scope="col" { (title) } } } }
                tbody { @for (position, hour) in hours { tr {
                    th scope="row" { (time(self.first.after(HOUR * position))) }
                    @for (_, count) in parts(&hour.deliveries) { td { (count) } }
                    @for (_, pick) in LINES { td { @if let Some(times) = &hour.times { (pick(times)) " ms" } } }
                } } }
            } }
        }
    }

    fn most(&self) -> u64 {
        self.hours.iter().map(|hour| hour.deliveries.total).max().unwrap_or(0)
    }

    /// The width of an hour.
    fn step(&self) -> f64 {
        (WIDTH - LEFT) / index(self.hours.len())
    }

    fn words(&self) -> String {
        let sum = |part: fn(&Deliveries) -> u64| {
            self.hours.iter().map(|hour| part(&hour.deliveries)).sum::<u64>()
        };
        let (total, delivered, exhausted) =
            (sum(|all| all.total), sum(|all| all.delivered), sum(|all| all.exhausted));
        format!(
            "{total} deliveries in {} hours: {delivered} delivered, {exhausted} failed",
            self.hours.len()
        )
    }

    /// The highest number, its half and nothing at the left; below every sixth hour, or the days of
    /// more than two.
    fn axes(&self, most: u64, unit: &str) -> String {
        let mut drawn = String::new();
        for share in [0.0, 0.5, 1.0] {
            let y = BASE - ROOM * share;
            let _ = write!(
                drawn,
                "<line class=\"axis\" x1=\"{LEFT}\" x2=\"{WIDTH}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>"
            );
            let (below, value) = (y + 4.0, count(most) * share);
            let _ = write!(
                drawn,
                "<text class=\"number\" x=\"{:.0}\" y=\"{below:.1}\">{value:.0}{unit}</text>",
                LEFT - 4.0
            );
        }
        let step = self.step();
        let (every, shown) = if self.hours.len() <= 48 { (6, 11..16) } else { (24, 5..10) };
        for position in 0..self.hours.len() {
            let text =
                self.first.after(HOUR * u32::try_from(position).unwrap_or(u32::MAX)).to_string();
            if text[11..13].parse::<u8>().is_ok_and(|hour| hour % every == 0) {
                let (x, y, label) =
                    (LEFT + step * index(position), HEIGHT - 4.0, &text[shown.clone()]);
                let _ =
                    write!(drawn, "<text class=\"hour\" x=\"{x:.1}\" y=\"{y:.0}\">{label}</text>");
            }
        }
        drawn
    }
}

/// What the columns of the table are.
const TITLES: [&str; 8] =
    ["Hour", "Delivered", "Waiting", "Cancelled", "Failed", "p50", "p95", "p99"];

type Pick = fn(&Percentiles) -> u64;
const LINES: [(&str, Pick); 3] =
    [("p50", |times| times.p50), ("p95", |times| times.p95), ("p99", |times| times.p99)];

/// What stands on what, from below.
fn parts(deliveries: &Deliveries) -> [(&'static str, u64); 4] {
    [
        ("delivered", deliveries.delivered),
        ("waiting", deliveries.pending + deliveries.held),
        ("cancelled", deliveries.cancelled),
        ("exhausted", deliveries.exhausted),
    ]
}

/// One bar of parts: `across` is its left and its width, `up` the base line and the height of one.
fn stack(drawn: &mut String, parts: &[(&str, u64)], across: (f64, f64), up: (f64, f64)) {
    let mut top = up.0;
    for (class, value) in parts.iter().filter(|(_, value)| *value > 0) {
        let height = count(*value) * up.1;
        top -= height;
        let (x, width) = across;
        let _ = write!(
            drawn,
            "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{height:.1}\"/>"
        );
    }
}

fn plot(words: &str, drawn: &str) -> Markup {
    PreEscaped(format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Plot\"><svg class=\"plot\" \
         viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{words}\">{drawn}</svg></div>"
    ))
}

/// The next number that reads well: 2, 4 or 10, times a power of ten, so that its half is whole.
fn rounded_up(number: u64) -> u64 {
    let mut power: u64 = 1;
    loop {
        if let Some(found) =
            [2, 4, 10].map(|first| power.saturating_mul(first)).into_iter().find(|at| *at >= number)
        {
            return found;
        }
        power = power.saturating_mul(10);
    }
}

#[expect(clippy::cast_precision_loss, reason = "a plot's height")]
fn count(number: u64) -> f64 {
    number as f64
}

#[expect(clippy::cast_precision_loss, reason = "a plot's width")]
fn index(position: usize) -> f64 {
    position as f64
}

#[cfg(test)]
mod tests;
