//! What a reply may be, token by token.

/// What a reply may be.
#[derive(Debug, Clone, PartialEq)]
pub enum Constraint {
    /// JSON that a schema describes.
    JsonSchema(String),
    /// All of the reply matches a regular expression.
    Regex(String),
    /// One of these strings.
    Choices(Vec<String>),
    /// Lines of triplets.
    Triplets(TripletLines),
    /// One line of a LocalCogMap.
    LocalCogMap(MapLine),
    /// Lines of boxes.
    Boxes7Dof(BoxLines),
    /// A grammar.
    Lark(String),
}
/// Lines of triplets, read by [`crate::graph::ChainText`].
#[derive(Debug, Clone, PartialEq)]
pub struct TripletLines {
    /// The ids that may be named: 2 to 64, each once.
    pub names: Vec<String>,
    /// The number of the first line.
    pub first: u64,
    /// The most lines; at least one is written.
    pub most: usize,
    /// Lines tell `cell`.
    pub units: bool,
}
/// One line of a map.
#[derive(Debug, Clone, PartialEq)]
pub struct MapLine {
    /// The ids that may be named, each at most once: up to 64.
    pub names: Vec<String>,
    /// The line tells `cell`.
    pub units: bool,
}
/// Lines of boxes.
#[derive(Debug, Clone, PartialEq)]
pub struct BoxLines {
    /// The labels that may be named.
    pub labels: Vec<String>,
    /// The most lines; at least one is written.
    pub most: usize,
}
