//! The report's tables and plots: each table between two comments of the document, each plot a file.

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
};

/// A document that tables are put into, and the folder of its plots.
pub struct Report {
    path: PathBuf,
    text: String,
    plots: PathBuf,
}

/// A table in Markdown.
pub fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let line = |cells: &[&str]| format!("| {} |\n", cells.join(" | "));
    let mut table = line(head);
    table.push_str(&line(&vec!["---"; head.len()]));
    for row in rows {
        table.push_str(&line(&Vec::from_iter(row.iter().map(String::as_str))));
    }
    table
}

/// A part of one in percent.
pub fn percent(part: f64, digits: usize) -> String {
    format!("{:.digits$} %", part * 100.0)
}

impl Report {
    /// Plots go to the folder beside the document that has its name.
    pub fn open(path: &Path) -> Result<Self, Box<dyn Error>> {
        let plots = path.with_extension("");
        fs::create_dir_all(&plots)?;
        Ok(Self {
            path: path.to_owned(),
            text: fs::read_to_string(path)?,
            plots,
        })
    }

    /// Prints a table and puts it between `<!-- name: begin -->` and `<!-- name: end -->`.
    pub fn put(&mut self, name: &str, table: &str) -> Result<(), Box<dyn Error>> {
        println!("{name}\n\n{table}");
        let (begin, end) = (
            format!("<!-- {name}: begin -->\n"),
            format!("<!-- {name}: end -->"),
        );
        let bounds = self.text.find(&begin).and_then(|at| {
            let from = at + begin.len();
            Some(from..from + self.text[from..].find(&end)?)
        });
        let bounds = bounds.ok_or_else(|| format!("the document has no place for {name}"))?;
        self.text.replace_range(bounds, table);
        Ok(())
    }

    pub fn plot(&self, name: &str, svg: &str) -> Result<(), Box<dyn Error>> {
        Ok(fs::write(self.plots.join(name).with_extension("svg"), svg)?)
    }

    pub fn save(&self) -> Result<(), Box<dyn Error>> {
        Ok(fs::write(&self.path, &self.text)?)
    }
}
