//! Small ONNX graphs, written byte by byte, for tests: no other program is needed to make one.
//!
//! Stands alone, so that tests outside the crate can take it in by its path.

#![allow(dead_code, reason = "each test that takes it in uses a part")]

/// Numbers of `TensorProto.DataType`.
pub const F32: u64 = 1;
pub const U8: u64 = 2;
pub const I32: u64 = 6;
pub const I64: u64 = 7;
pub const BOOL: u64 = 9;

/// A side of a tensor.
#[derive(Clone, Copy)]
pub enum Dim<'a> {
    Is(u64),
    Named(&'a str),
}

/// What a node is told besides its inputs.
pub enum Attribute {
    Int(i64),
    Float(f32),
    Ints(Vec<i64>),
    Text(&'static str),
    Graph(Graph),
}

/// A graph in the making.
#[derive(Default)]
pub struct Graph {
    bytes: Vec<u8>,
    nodes: usize,
}

impl Graph {
    pub fn new(name: &str) -> Self {
        let mut graph = Self::default();
        put_bytes(&mut graph.bytes, 2, name.as_bytes());
        graph
    }

    pub fn input(self, name: &str, element: u64, shape: &[Dim<'_>]) -> Self {
        self.value(11, name, element, shape)
    }

    pub fn output(self, name: &str, element: u64, shape: &[Dim<'_>]) -> Self {
        self.value(12, name, element, shape)
    }

    /// A value in between, of which the file tells the shape.
    pub fn between(self, name: &str, element: u64, shape: &[Dim<'_>]) -> Self {
        self.value(13, name, element, shape)
    }

    pub fn weight(self, name: &str, shape: &[u64], numbers: &[f32]) -> Self {
        let raw: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        self.raw_weight(name, F32, shape, &raw)
    }

    pub fn weight_i64(self, name: &str, shape: &[u64], numbers: &[i64]) -> Self {
        let raw: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        self.raw_weight(name, I64, shape, &raw)
    }

    /// A weight that may hold other than what its shape says.
    pub fn raw_weight(mut self, name: &str, element: u64, shape: &[u64], raw: &[u8]) -> Self {
        let mut tensor = tensor_head(name, element, shape);
        put_bytes(&mut tensor, 9, raw);
        put_bytes(&mut self.bytes, 5, &tensor);
        self
    }

    /// A weight in another file: `entries` are ("location", "w.bin"), ("offset", "0"), ("length", "16").
    pub fn external_weight(mut self, name: &str, shape: &[u64], entries: &[(&str, &str)]) -> Self {
        let mut tensor = tensor_head(name, F32, shape);
        for (key, value) in entries {
            let mut entry = Vec::new();
            put_bytes(&mut entry, 1, key.as_bytes());
            put_bytes(&mut entry, 2, value.as_bytes());
            put_bytes(&mut tensor, 13, &entry);
        }
        put_number(&mut tensor, 14, 1);
        put_bytes(&mut self.bytes, 5, &tensor);
        self
    }

    pub fn node(self, operator: &str, inputs: &[&str], outputs: &[&str]) -> Self {
        self.node_with(operator, inputs, outputs, Vec::new())
    }

    pub fn node_with(
        mut self,
        operator: &str,
        inputs: &[&str],
        outputs: &[&str],
        attributes: Vec<(&str, Attribute)>,
    ) -> Self {
        let mut node = Vec::new();
        inputs.iter().for_each(|name| put_bytes(&mut node, 1, name.as_bytes()));
        outputs.iter().for_each(|name| put_bytes(&mut node, 2, name.as_bytes()));
        put_bytes(&mut node, 3, format!("{operator}_{}", self.nodes).as_bytes());
        put_bytes(&mut node, 4, operator.as_bytes());
        for (name, attribute) in attributes {
            put_bytes(&mut node, 5, &attribute_bytes(name, attribute));
        }
        put_bytes(&mut self.bytes, 1, &node);
        self.nodes += 1;
        self
    }

    /// The bytes of a model file: opset 17, IR version 8, which ONNX Runtime has read since 1.14.
    pub fn model(self) -> Vec<u8> {
        let mut model = Vec::new();
        put_number(&mut model, 1, 8);
        put_bytes(&mut model, 2, b"gnomon tests");
        put_bytes(&mut model, 7, &self.bytes);
        let mut opset = Vec::new();
        put_number(&mut opset, 2, 17);
        put_bytes(&mut model, 8, &opset);
        model
    }

    fn value(mut self, number: u64, name: &str, element: u64, shape: &[Dim<'_>]) -> Self {
        let mut sides = Vec::new();
        for side in shape {
            let mut one = Vec::new();
            match side {
                Dim::Is(count) => put_number(&mut one, 1, *count),
                Dim::Named(name) => put_bytes(&mut one, 2, name.as_bytes()),
            }
            put_bytes(&mut sides, 1, &one);
        }
        let mut tensor = Vec::new();
        put_number(&mut tensor, 1, element);
        put_bytes(&mut tensor, 2, &sides);
        let mut kind = Vec::new();
        put_bytes(&mut kind, 1, &tensor);
        let mut value = Vec::new();
        put_bytes(&mut value, 1, name.as_bytes());
        put_bytes(&mut value, 2, &kind);
        put_bytes(&mut self.bytes, number, &value);
        self
    }
}

fn tensor_head(name: &str, element: u64, shape: &[u64]) -> Vec<u8> {
    let mut tensor = Vec::new();
    shape.iter().for_each(|side| put_number(&mut tensor, 1, *side));
    put_number(&mut tensor, 2, element);
    put_bytes(&mut tensor, 8, name.as_bytes());
    tensor
}

fn attribute_bytes(name: &str, attribute: Attribute) -> Vec<u8> {
    let mut bytes = Vec::new();
    put_bytes(&mut bytes, 1, name.as_bytes());
    let kind = match attribute {
        Attribute::Float(number) => {
            put_varint(&mut bytes, 2 << 3 | 5);
            bytes.extend(number.to_le_bytes());
            1
        }
        Attribute::Int(number) => {
            put_number(&mut bytes, 3, number as u64);
            2
        }
        Attribute::Text(text) => {
            put_bytes(&mut bytes, 4, text.as_bytes());
            3
        }
        Attribute::Graph(graph) => {
            put_bytes(&mut bytes, 6, &graph.bytes);
            5
        }
        Attribute::Ints(numbers) => {
            numbers.iter().for_each(|number| put_number(&mut bytes, 8, *number as u64));
            7
        }
    };
    put_number(&mut bytes, 20, kind);
    bytes
}

fn put_varint(into: &mut Vec<u8>, mut number: u64) {
    while number > 0x7f {
        into.push(number as u8 | 0x80);
        number >>= 7;
    }
    into.push(number as u8);
}

pub fn put_number(into: &mut Vec<u8>, field: u64, number: u64) {
    put_varint(into, field << 3);
    put_varint(into, number);
}

pub fn put_bytes(into: &mut Vec<u8>, field: u64, bytes: &[u8]) {
    put_varint(into, field << 3 | 2);
    put_varint(into, bytes.len() as u64);
    into.extend_from_slice(bytes);
}

/// y = x W + b with W = [[1, 2], [3, 4], [5, 6]], b = [10, 20]; x is [n, 3].
pub fn affine() -> Vec<u8> {
    Graph::new("affine")
        .input("x", F32, &[Dim::Named("n"), Dim::Is(3)])
        .output("y", F32, &[Dim::Named("n"), Dim::Is(2)])
        .weight("W", &[3, 2], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
        .weight("b", &[2], &[10.0, 20.0])
        .between("xW", F32, &[Dim::Named("n"), Dim::Is(2)])
        .node("MatMul", &["x", "W"], &["xW"])
        .node("Add", &["xW", "b"], &["y"])
        .model()
}

/// Multiplies x, 64 x 64, by itself as many times as `rounds` says.
pub fn long() -> Vec<u8> {
    let square = [Dim::Is(64), Dim::Is(64)];
    let body = Graph::new("body")
        .input("round", I64, &[])
        .input("go", BOOL, &[])
        .input("before", F32, &square)
        .output("go_on", BOOL, &[])
        .output("after", F32, &square)
        .node("Identity", &["go"], &["go_on"])
        .node("MatMul", &["before", "x"], &["after"]);
    Graph::new("long")
        .input("rounds", I64, &[])
        .input("x", F32, &square)
        .output("y", F32, &square)
        .node_with("Loop", &["rounds", "", "x"], &["y"], vec![("body", Attribute::Graph(body))])
        .model()
}
