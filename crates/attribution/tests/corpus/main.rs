//! Segments, the corpus, boilerplate, tilings and the reference model, against the plainest code that does the same.

mod boilerplate;
mod hostile;
mod matches;
mod model;
mod oracle;
mod segment;
mod tiling;
