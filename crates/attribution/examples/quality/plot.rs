//! Line charts as SVG, readable on light and on dark pages.

use std::fmt::Write;

/// One line for each series. Both axes begin at zero.
pub struct Chart {
    pub title: &'static str,
    /// With its unit.
    pub x: &'static str,
    pub y: &'static str,
    /// Values with a number at the axis, ascending; the last one is the end of the axis.
    pub x_ticks: Vec<f64>,
    pub y_ticks: Vec<f64>,
    pub series: Vec<(String, Vec<(f64, f64)>)>,
    /// Thresholds, with what they are called, across the chart.
    pub marks: Vec<(Mark, &'static str)>,
}

/// Where a threshold is.
pub enum Mark {
    X(f64),
    Y(f64),
}

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 400.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 610.0;
const TOP: f64 = 44.0;
const BOTTOM: f64 = 344.0;

/// Told apart with any kind of colour vision, and by their dashes without.
const LINES: [(&str, &str); 6] = [
    ("#0072b2", "none"),
    ("#d55e00", "8 3"),
    ("#009e73", "3 3"),
    ("#cc79a7", "10 3 2 3"),
    ("#e69f00", "14 4"),
    ("#56b4e9", "1 4"),
];

const STYLE: &str = "text{font:13px sans-serif;fill:#24292f}.t{font-size:15px;font-weight:bold}.a{stroke:#57606a}.g{stroke:#d0d7de}.m{stroke:#57606a;stroke-dasharray:2 4}.m+text{fill:#57606a}\
    @media (prefers-color-scheme:dark){text{fill:#e6edf3}.a{stroke:#8b949e}.g{stroke:#30363d}.m{stroke:#8b949e}.m+text{fill:#8b949e}}";

impl Chart {
    pub fn svg(&self) -> String {
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\">\n<title>{}</title>\n<style>{STYLE}</style>\n",
            self.title
        );
        let text = |svg: &mut String, x: f64, y: f64, how: &str, said: &str| {
            let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" {how}>{said}</text>");
        };
        let line = |svg: &mut String, class: &str, [x1, y1, x2, y2]: [f64; 4]| {
            let _ = writeln!(
                svg,
                "<line class=\"{class}\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"/>"
            );
        };
        text(&mut svg, LEFT, 22.0, "class=\"t\"", self.title);
        for tick in &self.y_ticks {
            let y = self.y(*tick);
            line(&mut svg, "g", [LEFT, y, RIGHT, y]);
            text(
                &mut svg,
                LEFT - 8.0,
                y + 4.0,
                "text-anchor=\"end\"",
                &format!("{tick}"),
            );
        }
        for tick in &self.x_ticks {
            let x = self.x(*tick);
            line(&mut svg, "a", [x, BOTTOM, x, BOTTOM + 5.0]);
            text(
                &mut svg,
                x,
                BOTTOM + 20.0,
                "text-anchor=\"middle\"",
                &format!("{tick}"),
            );
        }
        line(&mut svg, "a", [LEFT, BOTTOM, RIGHT, BOTTOM]);
        line(&mut svg, "a", [LEFT, TOP, LEFT, BOTTOM]);
        let middle = (LEFT + RIGHT) / 2.0;
        text(
            &mut svg,
            middle,
            HEIGHT - 14.0,
            "text-anchor=\"middle\"",
            self.x,
        );
        let middle = (TOP + BOTTOM) / 2.0;
        let turned = format!("text-anchor=\"middle\" transform=\"rotate(-90 18 {middle})\"");
        text(&mut svg, 18.0, middle, &turned, self.y);
        for (mark, name) in &self.marks {
            match mark {
                Mark::X(x) => {
                    let x = self.x(*x);
                    line(&mut svg, "m", [x, TOP, x, BOTTOM]);
                    text(&mut svg, x + 5.0, TOP + 12.0, "", name);
                }
                Mark::Y(y) => {
                    let y = self.y(*y);
                    line(&mut svg, "m", [LEFT, y, RIGHT, y]);
                    text(&mut svg, RIGHT - 5.0, y - 5.0, "text-anchor=\"end\"", name);
                }
            }
        }
        for (n, (name, points)) in self.series.iter().enumerate() {
            let (colour, dashes) = LINES[n % LINES.len()];
            let how = format!(
                "fill=\"none\" stroke=\"{colour}\" stroke-width=\"2.5\" stroke-dasharray=\"{dashes}\""
            );
            let points = points
                .iter()
                .map(|(x, y)| format!("{:.1},{:.1}", self.x(*x), self.y(*y)));
            let points = Vec::from_iter(points).join(" ");
            let _ = writeln!(svg, "<polyline {how} points=\"{points}\"/>");
            let y = TOP + 12.0 + 22.0 * n as f64;
            let _ = writeln!(svg, "<path {how} d=\"M{} {y}h26\"/>", RIGHT + 14.0);
            text(&mut svg, RIGHT + 46.0, y + 4.0, "", name);
        }
        svg.push_str("</svg>\n");
        svg
    }

    fn x(&self, value: f64) -> f64 {
        LEFT + (RIGHT - LEFT) * value / self.x_ticks.last().copied().unwrap_or(1.0)
    }

    fn y(&self, value: f64) -> f64 {
        BOTTOM - (BOTTOM - TOP) * value / self.y_ticks.last().copied().unwrap_or(1.0)
    }
}
