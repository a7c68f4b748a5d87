//! Graphs of Depth Anything V2 Small's shape: the whole network with random weights, and one that does next to nothing.

use crate::onnx::{Attribute, Dim, F32, Graph};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

/// Batch, colours, rows, columns: what 640 × 480 becomes.
pub const INPUT: [usize; 4] = [1, 3, HEIGHT as usize, WIDTH as usize];

const HEIGHT: u64 = 518;
const WIDTH: u64 = 686;
const PATCH: u64 = 14;
const ROWS: u64 = HEIGHT / PATCH;
const COLUMNS: u64 = WIDTH / PATCH;
const TOKENS: u64 = ROWS * COLUMNS + 1;
const SIZE: u64 = 384;
const HEADS: u64 = 6;
const BLOCKS: usize = 12;
const HIDDEN: u64 = 1536;
const FEATURES: u64 = 64;

/// Blocks whose tokens the head takes, and channels it makes of them.
const TAPS: [(usize, u64); 4] = [(2, 48), (5, 96), (8, 192), (11, 384)];

/// A graph, the weights it draws, and the names it gives out.
struct Maker {
    graph: Graph,
    random: Pcg64,
    names: usize,
}

impl Maker {
    fn new() -> Self {
        let side = |side| Dim::Is(side);
        let graph = Graph::new("depth")
            .input("pixel_values", F32, &[side(1), side(3), side(HEIGHT), side(WIDTH)])
            .output("predicted_depth", F32, &[side(1), side(HEIGHT), side(WIDTH)]);
        Self { graph, random: Pcg64::seed_from_u64(1), names: 0 }
    }

    fn name(&mut self) -> String {
        self.names += 1;
        format!("v{}", self.names)
    }

    fn weight(&mut self, shape: &[u64], around: f32, spread: f32) -> String {
        let name = self.name();
        let count = shape.iter().product::<u64>();
        let numbers: Vec<f32> = (0..count).map(|_| around + spread * (self.random.random::<f32>() - 0.5)).collect();
        self.graph = std::mem::take(&mut self.graph).weight(&name, shape, &numbers);
        name
    }

    fn numbers(&mut self, numbers: &[i64]) -> String {
        let name = self.name();
        self.graph = std::mem::take(&mut self.graph).weight_i64(&name, &[numbers.len() as u64], numbers);
        name
    }

    fn node(&mut self, operator: &str, inputs: &[&str], attributes: Vec<(&str, Attribute)>) -> String {
        let out = self.name();
        self.graph = std::mem::take(&mut self.graph).node_with(operator, inputs, &[&out], attributes);
        out
    }

    fn plain(&mut self, operator: &str, inputs: &[&str]) -> String {
        self.node(operator, inputs, Vec::new())
    }

    fn linear(&mut self, x: &str, from: u64, to: u64) -> String {
        let (weight, bias) = (self.weight(&[from, to], 0.0, 0.1), self.weight(&[to], 0.0, 0.1));
        let product = self.plain("MatMul", &[x, &weight]);
        self.plain("Add", &[&product, &bias])
    }

    fn layer_norm(&mut self, x: &str) -> String {
        let (scale, bias) = (self.weight(&[SIZE], 1.0, 0.1), self.weight(&[SIZE], 0.0, 0.1));
        self.node("LayerNormalization", &[x, &scale, &bias], vec![("axis", Attribute::Int(-1))])
    }

    /// Multiplied by a scale for each channel, and added to what it came from.
    fn scaled_onto(&mut self, x: &str, branch: &str) -> String {
        let scale = self.weight(&[SIZE], 0.1, 0.1);
        let scaled = self.plain("Mul", &[branch, &scale]);
        self.plain("Add", &[x, &scaled])
    }

    fn attention(&mut self, x: &str) -> String {
        let head = SIZE / HEADS;
        let shape = self.numbers(&[1, TOKENS as i64, HEADS as i64, head as i64]);
        let split: Vec<String> = (0..3)
            .map(|part| {
                let one = self.linear(x, SIZE, SIZE);
                let heads = self.plain("Reshape", &[&one, &shape]);
                let order = if part == 1 { vec![0, 2, 3, 1] } else { vec![0, 2, 1, 3] };
                self.node("Transpose", &[&heads], vec![("perm", Attribute::Ints(order))])
            })
            .collect();
        let scale = self.weight(&[1], 0.125, 0.0);
        let alike = self.plain("MatMul", &[&split[0], &split[1]]);
        let alike = self.plain("Mul", &[&alike, &scale]);
        let shares = self.node("Softmax", &[&alike], vec![("axis", Attribute::Int(-1))]);
        let taken = self.plain("MatMul", &[&shares, &split[2]]);
        let taken = self.node("Transpose", &[&taken], vec![("perm", Attribute::Ints(vec![0, 2, 1, 3]))]);
        let flat = self.numbers(&[1, TOKENS as i64, SIZE as i64]);
        let taken = self.plain("Reshape", &[&taken, &flat]);
        self.linear(&taken, SIZE, SIZE)
    }

    fn perceptron(&mut self, x: &str) -> String {
        let up = self.linear(x, SIZE, HIDDEN);
        let (root, one, half) =
            (self.weight(&[1], 0.707_106_77, 0.0), self.weight(&[1], 1.0, 0.0), self.weight(&[1], 0.5, 0.0));
        let scaled = self.plain("Mul", &[&up, &root]);
        let erf = self.plain("Erf", &[&scaled]);
        let gate = self.plain("Add", &[&erf, &one]);
        let gated = self.plain("Mul", &[&up, &gate]);
        let gelu = self.plain("Mul", &[&gated, &half]);
        self.linear(&gelu, HIDDEN, SIZE)
    }

    fn block(&mut self, x: &str) -> String {
        let normed = self.layer_norm(x);
        let attention = self.attention(&normed);
        let x = self.scaled_onto(x, &attention);
        let normed = self.layer_norm(&x);
        let perceptron = self.perceptron(&normed);
        self.scaled_onto(&x, &perceptron)
    }

    fn conv(&mut self, x: &str, from: u64, to: u64, kernel: u64, stride: i64) -> String {
        let (weight, bias) = (self.weight(&[to, from, kernel, kernel], 0.0, 0.05), self.weight(&[to], 0.0, 0.05));
        let pad = if kernel == 3 { 1 } else { 0 };
        let attributes = vec![("strides", Attribute::Ints(vec![stride; 2])), ("pads", Attribute::Ints(vec![pad; 4]))];
        self.node("Conv", &[x, &weight, &bias], attributes)
    }

    fn enlarged(&mut self, x: &str, channels: u64, by: i64) -> String {
        let weight = self.weight(&[channels, channels, by as u64, by as u64], 0.0, 0.05);
        self.node("ConvTranspose", &[x, &weight], vec![("strides", Attribute::Ints(vec![by; 2]))])
    }

    /// Tokens as a map of features, at the head's scale for this tap.
    fn tapped(&mut self, tokens: &str, tap: usize, channels: u64) -> String {
        let normed = self.layer_norm(tokens);
        let (first, end, axis) = (self.numbers(&[1]), self.numbers(&[TOKENS as i64]), self.numbers(&[1]));
        let patches = self.plain("Slice", &[&normed, &first, &end, &axis]);
        let turned = self.node("Transpose", &[&patches], vec![("perm", Attribute::Ints(vec![0, 2, 1]))]);
        let shape = self.numbers(&[1, SIZE as i64, ROWS as i64, COLUMNS as i64]);
        let map = self.plain("Reshape", &[&turned, &shape]);
        let projected = self.conv(&map, SIZE, channels, 1, 1);
        let sized = match tap {
            0 => self.enlarged(&projected, channels, 4),
            1 => self.enlarged(&projected, channels, 2),
            2 => projected,
            _ => self.conv(&projected, channels, channels, 3, 2),
        };
        self.conv(&sized, channels, FEATURES, 3, 1)
    }

    fn residual(&mut self, x: &str) -> String {
        let mut y = x.to_owned();
        for _ in 0..2 {
            let positive = self.plain("Relu", &[&y]);
            y = self.conv(&positive, FEATURES, FEATURES, 3, 1);
        }
        self.plain("Add", &[x, &y])
    }

    fn resized(&mut self, x: &str, channels: u64, rows: u64, columns: u64) -> String {
        let sides = self.numbers(&[1, channels as i64, rows as i64, columns as i64]);
        let attributes = vec![
            ("mode", Attribute::Text("linear")),
            ("coordinate_transformation_mode", Attribute::Text("align_corners")),
        ];
        self.node("Resize", &[x, "", "", &sides], attributes)
    }

    fn done(mut self, last: &str) -> Vec<u8> {
        let (one, axis) = (self.plain("Relu", &[last]), self.numbers(&[1]));
        std::mem::take(&mut self.graph).node("Squeeze", &[&one, &axis], &["predicted_depth"]).model()
    }
}

/// The whole network.
pub fn network() -> Vec<u8> {
    let mut made = Maker::new();
    let patches = {
        let (weight, bias) = (made.weight(&[SIZE, 3, PATCH, PATCH], 0.0, 0.05), made.weight(&[SIZE], 0.0, 0.05));
        made.node("Conv", &["pixel_values", &weight, &bias], vec![("strides", Attribute::Ints(vec![PATCH as i64; 2]))])
    };
    let flat = made.numbers(&[1, SIZE as i64, (TOKENS - 1) as i64]);
    let patches = made.plain("Reshape", &[&patches, &flat]);
    let patches = made.node("Transpose", &[&patches], vec![("perm", Attribute::Ints(vec![0, 2, 1]))]);
    let (class, place) = (made.weight(&[1, 1, SIZE], 0.0, 0.1), made.weight(&[1, TOKENS, SIZE], 0.0, 0.1));
    let tokens = made.node("Concat", &[&class, &patches], vec![("axis", Attribute::Int(1))]);
    let mut tokens = made.plain("Add", &[&tokens, &place]);
    let mut taps = Vec::new();
    for block in 0..BLOCKS {
        tokens = made.block(&tokens);
        if let Some((tap, &(_, channels))) = TAPS.iter().enumerate().find(|(_, (at, _))| *at == block) {
            taps.push(made.tapped(&tokens, tap, channels));
        }
    }
    // From the coarsest to the finest, each onto the next.
    let sizes = [(4 * ROWS, 4 * COLUMNS), (2 * ROWS, 2 * COLUMNS), (ROWS, COLUMNS)];
    let mut path = made.residual(&taps[3]);
    for (tap, (rows, columns)) in [(2, sizes[2]), (1, sizes[1]), (0, sizes[0])] {
        path = made.resized(&path, FEATURES, rows, columns);
        path = made.conv(&path, FEATURES, FEATURES, 1, 1);
        let beside = made.residual(&taps[tap]);
        let sum = made.plain("Add", &[&path, &beside]);
        path = made.residual(&sum);
    }
    let path = made.resized(&path, FEATURES, 8 * ROWS, 8 * COLUMNS);
    let path = made.conv(&path, FEATURES, FEATURES / 2, 3, 1);
    let path = made.resized(&path, FEATURES / 2, HEIGHT, WIDTH);
    let path = made.conv(&path, FEATURES / 2, 32, 3, 1);
    let path = made.plain("Relu", &[&path]);
    let depth = made.conv(&path, 32, 1, 1, 1);
    made.done(&depth)
}

/// What takes and gives the same and does next to nothing between.
pub fn passing() -> Vec<u8> {
    let mut made = Maker::new();
    let weight = made.weight(&[1, 3, 1, 1], 0.4, 0.1);
    let depth = made.node("Conv", &["pixel_values", &weight], Vec::new());
    made.done(&depth)
}
