//! The decoder: rows in, the logits of the next token out, with a cache of what came before. A graph of text alone takes
//! token numbers in place of rows.
//!
//! Names and shapes are the graph's. What begins with `past` is the cache and comes back as `present`; unknown sides of
//! it begin empty. A graph of `GroupQueryAttention` writes new rows into the cache where it lies, so past and present are
//! one tensor of a fixed room; of other graphs each run makes a longer cache, which becomes the next run's, not copied.
//!
//! Going back to an earlier token costs nothing in the first way, and one copy in the second. A cache can be set aside
//! whole and be gone on with later, and its beginning can be copied into another ([`Parked`]).

use super::folder::Names;
use super::position::Positions;
use crate::error::{Error, ErrorKind, Result};
use crate::runtime::{
    Binding, CachePlan, Control, DType, Element, ModelFile, Numbers, Place, Runtime, Session, SessionOptions, Side,
    Tensor, TensorView, ValueSpec, f16,
};
use std::path::Path;
use std::sync::Arc;

/// Room of a shared cache is made in steps of so many tokens.
const ROOM_STEP: usize = 256;
/// The most logits of one part of a prompt: 64 MiB.
const MOST_LOGITS: usize = 1 << 24;
/// Below so many tokens a part costs more by the token.
const LEAST_AT_ONCE: usize = 32;

/// A decoder and its cache.
pub(super) struct Decoder {
    binding: Binding,
    inputs: Inputs,
    cache: Vec<Layer>,
    cache_plan: CachePlan,
    /// Tokens in the cache.
    len: usize,
    /// Tokens that a shared cache has room for; 0 before it is made.
    room: usize,
    shares: bool,
    width: usize,
    vocabulary: Option<usize>,
    /// Whether the logits have the three sides that are known.
    can_hold: bool,
    /// Whether the logits are held for one token at a time.
    is_stepping: bool,
    logits: Vec<f32>,
}

/// What goes through the decoder next, as its graph takes it.
#[derive(Clone, Copy)]
pub(super) enum Feed<'a> {
    /// Rows of `Decoder::width` numbers.
    Rows(&'a [f32]),
    /// Token numbers.
    Tokens(&'a [u32]),
}

/// Which of the usual inputs there are.
struct Inputs {
    /// Rows, or token numbers.
    fed: (String, DType),
    mask: Option<(String, DType)>,
    /// With the number of its sides.
    positions: Option<(String, DType, usize)>,
    /// Places in the cache of what is fed.
    places: Option<(String, DType)>,
    keep: Option<(String, DType, Vec<usize>)>,
    has_cache: Option<String>,
}

struct Layer {
    past: String,
    present: String,
    dtype: DType,
    /// Sides of the empty cache; the one that grows is 0.
    empty: Vec<usize>,
    /// Which side grows; `None` for a state that has one size.
    grows: Option<usize>,
}

/// A cache that was set aside: tensors of all layers, or none where no room was made yet.
pub(super) struct Parked {
    tensors: Vec<Tensor>,
    len: usize,
    room: usize,
}

impl Parked {
    /// Tokens that it takes memory for.
    pub(super) fn tokens(&self) -> usize {
        self.len.max(self.room)
    }
}

impl Decoder {
    /// Opens the graph of a file. `names` has what the folder tells and the graph may not.
    pub(super) fn open(runtime: &Arc<Runtime>, path: &Path, names: &Names, options: &SessionOptions) -> Result<Self> {
        let file = ModelFile::read(path, &options.limits)?;
        let session = Arc::new(Session::open(runtime, path, options)?);
        let wrong = |why: String| Error::new(ErrorKind::Model, format!("{}: {why}", path.display()));
        let inputs = Inputs::of(&session, &names.cache).map_err(|why| wrong(why.to_string()))?;
        let cache = layers(&session, names).map_err(wrong)?;
        let shares =
            file.operators.contains_key("GroupQueryAttention") && cache.iter().all(|layer| layer.grows.is_some());
        let logits = session.outputs().iter().find(|output| output.name == "logits");
        let logits = logits.ok_or_else(|| wrong("gives no logits".to_string()))?;
        let vocabulary = logits.shape.last().and_then(Side::fixed);
        let fed = session.inputs().iter().find(|input| input.name == inputs.fed.0);
        let width = fed.and_then(|fed| fed.shape.last()?.fixed()).filter(|width| *width > 0);
        let width = match inputs.takes_tokens() {
            true => 0,
            false => width.ok_or_else(|| wrong(format!("does not tell how wide {} are", inputs.fed.0)))?,
        };
        let can_hold = logits.shape.len() == 3;
        let binding = session.bind()?;
        let mut decoder = Self {
            binding,
            inputs,
            cache,
            cache_plan: CachePlan::of(&file, |name| past_of(name, &names.cache), names.head_size),
            len: 0,
            room: 0,
            shares,
            width,
            vocabulary,
            can_hold,
            is_stepping: false,
            logits: Vec::new(),
        };
        decoder.clear()?;
        Ok(decoder)
    }

    /// Whether token numbers go in, not rows.
    pub(super) fn takes_tokens(&self) -> bool {
        self.inputs.takes_tokens()
    }

    /// Numbers of one token's row; 0 where token numbers go in.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// How many logits there are, if the graph tells.
    pub(super) fn vocabulary(&self) -> Option<usize> {
        self.vocabulary
    }

    pub(super) fn session(&self) -> &Arc<Session> {
        self.binding.session()
    }

    /// Whether new rows are written into the cache where it lies.
    pub(super) fn shares_cache(&self) -> bool {
        self.shares
    }

    /// How many rows of positions the graph takes: none, one or three.
    pub(super) fn position_rows(&self) -> usize {
        match &self.inputs.positions {
            None => 0,
            Some((_, _, 3)) => 3,
            Some(_) => 1,
        }
    }

    /// Bytes of the cache for `tokens`.
    pub(super) fn cache_bytes(&self, tokens: usize) -> u64 {
        self.cache_plan.bytes(tokens as u64)
    }

    /// Bytes of the logits of a part of so many tokens.
    pub(super) fn logits_bytes(&self, tokens: usize) -> u64 {
        let rows = if self.inputs.keep.is_some() { 1 } else { tokens as u64 };
        rows.saturating_mul(self.vocabulary.unwrap_or(0) as u64).saturating_mul(4)
    }

    /// Tokens in the cache.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Tokens that the cache takes memory for.
    pub(super) fn tokens(&self) -> usize {
        self.len.max(self.room)
    }

    /// Tokens that a cache takes memory for once a conversation of so many is in it.
    pub(super) fn room_for(&self, tokens: usize) -> usize {
        if self.shares { tokens.next_multiple_of(ROOM_STEP) } else { tokens }
    }

    /// Whether all of the cache grows with the tokens; else some of it is as large for one token as for many.
    pub(super) fn grows(&self) -> bool {
        self.cache.iter().all(|layer| layer.grows.is_some())
    }

    /// Whether the cache can be cut at any token.
    pub(super) fn can_cut(&self) -> bool {
        let is_on_host = |layer: &Layer| self.binding.input(&layer.past).is_ok_and(Tensor::is_on_host);
        self.shares || (self.grows() && self.cache.iter().all(is_on_host))
    }

    /// Sets the cache aside; another, empty one is in its place. If it fails both are empty.
    pub(super) fn park(&mut self) -> Result<Parked> {
        let (len, room) = (self.len, self.room);
        (self.len, self.room) = (0, 0);
        if self.shares {
            let layers = self.cache.iter().filter(|_| room > 0);
            let tensors = layers.map(|layer| self.binding.take(&layer.present)).collect::<Result<_>>()?;
            return Ok(Parked { tensors, len, room });
        }
        let tensors: Result<Vec<Tensor>> =
            self.cache.iter().map(|layer| self.binding.take_input(&layer.past)).collect();
        self.clear()?;
        Ok(Parked { tensors: tensors?, len, room })
    }

    /// Goes on with a cache that was set aside, in place of the one there is. If it fails the cache is empty.
    pub(super) fn resume(&mut self, parked: Parked) -> Result<()> {
        let Parked { tensors, len, room } = parked;
        (self.len, self.room) = (0, 0);
        for (layer, tensor) in self.cache.iter().zip(tensors) {
            let taken = if self.shares {
                self.binding.share_again(&layer.past, &layer.present, tensor)
            } else {
                self.binding.give(&layer.past, tensor)
            };
            if let Err(error) = taken {
                self.clear()?;
                return Err(error);
            }
        }
        (self.len, self.room) = (len, room);
        Ok(())
    }

    /// Copies the first `len` tokens of a cache that was set aside into this one, which has room for them; tells how many
    /// it then has: none where they lie on a device, or cannot be cut.
    pub(super) fn copy(&mut self, parked: &Parked, len: usize) -> Result<usize> {
        self.clear()?;
        let can_copy = parked.tensors.iter().all(Tensor::is_on_host)
            && self.grows()
            && len <= parked.len
            && (!self.shares || len <= self.room);
        if len == 0 || !can_copy {
            return Ok(0);
        }
        let room = self.room;
        for (layer, tensor) in self.cache.iter().zip(&parked.tensors) {
            let binding = &mut self.binding;
            let copied = match (self.shares, layer.dtype) {
                (true, DType::F16) => layer.copy_into::<f16>(tensor, binding, [parked.room, room, len]),
                (true, _) => layer.copy_into::<f32>(tensor, binding, [parked.room, room, len]),
                (false, DType::F16) => layer.set_beginning::<f16>(tensor, binding, len).map(|()| true),
                (false, _) => layer.set_beginning::<f32>(tensor, binding, len).map(|()| true),
            };
            if !matches!(copied, Ok(true)) {
                // Some layers are longer than others: there is no cache.
                self.clear()?;
                return copied.map(|_| 0);
            }
        }
        self.len = len;
        Ok(len)
    }

    /// Makes room for a conversation of so many tokens. On a device it may forget what is in the cache.
    pub(super) fn reserve(&mut self, tokens: usize) -> Result<()> {
        if !self.shares || tokens <= self.room {
            return Ok(());
        }
        let room = self.room_for(tokens);
        let (was, kept) = (self.room, self.len);
        // If it fails half way, there is no cache.
        (self.room, self.len) = (0, 0);
        let mut keeps = kept > 0;
        for layer in &self.cache {
            keeps &= match layer.dtype {
                DType::F16 => widen::<f16>(&mut self.binding, layer, [was, room, kept])?,
                _ => widen::<f32>(&mut self.binding, layer, [was, room, kept])?,
            };
        }
        (self.room, self.len) = (room, if keeps { kept } else { 0 });
        Ok(())
    }

    /// The most tokens that go through at once: all logits of one part are held, where the graph gives all.
    pub(super) fn most_at_once(&self) -> usize {
        match (&self.inputs.keep, self.vocabulary) {
            (None, Some(vocabulary)) => (MOST_LOGITS / vocabulary.max(1)).max(LEAST_AT_ONCE),
            _ => usize::MAX,
        }
    }

    fn clear(&mut self) -> Result<()> {
        self.len = 0;
        if self.shares {
            return Ok(());
        }
        for layer in &self.cache {
            let shape = layer.shape(0);
            match layer.dtype {
                DType::F16 => set_zeros::<f16>(&mut self.binding, &layer.past, &shape)?,
                _ => set_zeros::<f32>(&mut self.binding, &layer.past, &shape)?,
            }
        }
        Ok(())
    }

    /// Forgets all but the first `len` tokens, or all, where that is what can be done; tells how many are left.
    pub(super) fn rewind(&mut self, len: usize) -> Result<usize> {
        if len >= self.len {
            return Ok(self.len);
        }
        if self.shares {
            self.len = len;
            return Ok(len);
        }
        if len == 0 || !self.can_cut() {
            self.clear()?;
            return Ok(0);
        }
        let binding = &mut self.binding;
        let cut = self.cache.iter().try_for_each(|layer| match layer.dtype {
            DType::F16 => cut::<f16>(binding, layer, len),
            _ => cut::<f32>(binding, layer, len),
        });
        if let Err(error) = cut {
            // Some layers are longer than others: there is no cache.
            self.clear()?;
            return Err(error);
        }
        self.len = len;
        Ok(len)
    }

    /// Takes the tokens that come next, whose positions are those of `positions` from `self.len()` on. If it fails, the
    /// cache is as it was.
    pub(super) fn feed(&mut self, fed: Feed<'_>, positions: &[&[i64]], control: &Control) -> Result<()> {
        let count = match fed {
            Feed::Rows(rows) => rows.len() / self.width.max(1),
            Feed::Tokens(tokens) => tokens.len(),
        };
        let total = self.len + count;
        if self.shares && total > self.room {
            return Err(Error::state(format!("{total} tokens, more than the {} that there is room for", self.room)));
        }
        self.set_logits(count)?;
        let Self { binding, inputs, .. } = self;
        let name = &inputs.fed.0;
        match (fed, inputs.fed.1) {
            (Feed::Rows(rows), DType::F16) => {
                let room = binding.input_mut::<f16>(name, &[1, count, self.width])?;
                room.iter_mut().zip(rows).for_each(|(to, from)| *to = f16::from_f32(*from));
            }
            (Feed::Rows(rows), _) => {
                binding.input_mut::<f32>(name, &[1, count, self.width])?.copy_from_slice(rows);
            }
            (Feed::Tokens(tokens), dtype) => {
                set_whole(binding, name, dtype, &[1, count], |at| i64::from(tokens[at]))?;
            }
        }
        if let Some((name, dtype)) = &inputs.mask {
            set_whole(binding, name, *dtype, &[1, total], |_| 1)?;
        }
        if let Some((name, dtype, rank)) = &inputs.positions {
            let shape: &[usize] = if *rank == 3 { &[3, 1, count] } else { &[1, count] };
            let of = |at: usize| positions[(at / count) % positions.len()][at % count];
            set_whole(binding, name, *dtype, shape, of)?;
        }
        if let Some((name, dtype)) = &inputs.places {
            let len = self.len;
            set_whole(binding, name, *dtype, &[count], |at| (len + at) as i64)?;
        }
        if let Some((name, dtype, shape)) = &inputs.keep {
            set_whole(binding, name, *dtype, shape, |_| 1)?;
        }
        if let Some(name) = &inputs.has_cache {
            binding.input_mut::<bool>(name, &[1])?.fill(self.len > 0);
        }
        binding.run(control)?;
        if !self.shares
            && let Err(error) = self.take_over(total)
        {
            // Some layers are longer than others: there is no cache.
            self.clear()?;
            return Err(error);
        }
        self.len = total;
        Ok(())
    }

    /// The cache that the last run made, of so many tokens, becomes the next run's.
    fn take_over(&mut self, total: usize) -> Result<()> {
        for layer in &self.cache {
            let longer = self.binding.take(&layer.present)?;
            let side = layer.grows.map(|at| longer.shape().get(at).copied());
            if side.is_some_and(|side| side != Some(total)) {
                let (name, shape) = (&layer.present, longer.shape());
                return Err(Error::new(
                    ErrorKind::Model,
                    format!("the graph gives {name:?} as {shape:?}, expected {total} tokens there"),
                ));
            }
            self.binding.give(&layer.past, longer)?;
        }
        Ok(())
    }

    /// One row of logits is written where it was; of more rows there is a new tensor each time.
    fn set_logits(&mut self, count: usize) -> Result<()> {
        let steps = count == 1;
        if steps == self.is_stepping {
            return Ok(());
        }
        match self.vocabulary.filter(|_| steps && self.can_hold) {
            Some(vocabulary) => self.binding.hold("logits", &[1, 1, vocabulary], Place::Host)?,
            None => self.binding.release("logits", Place::Host)?,
        }
        self.is_stepping = steps;
        Ok(())
    }

    /// The logits of the token after the last one fed.
    pub(super) fn logits(&mut self) -> Result<&mut [f32]> {
        let tensor = self.binding.output("logits")?;
        let width = tensor.shape().last().copied().unwrap_or(0);
        let all = tensor.view()?.numbers();
        if width == 0 || all.len() < width {
            return Err(Error::new(ErrorKind::Model, "the graph gives no logits"));
        }
        let last = all.len() - width;
        self.logits.clear();
        match all {
            Numbers::F32(all) => self.logits.extend_from_slice(&all[last..]),
            Numbers::F16(all) => self.logits.extend(all[last..].iter().map(|one| one.to_f32())),
            other => {
                return Err(Error::new(ErrorKind::Model, format!("the logits are {}, expected floats", other.dtype())));
            }
        }
        Ok(&mut self.logits)
    }
}

impl Layer {
    fn shape(&self, len: usize) -> Vec<usize> {
        let side = |(at, side): (usize, &usize)| if Some(at) == self.grows { len } else { *side };
        self.empty.iter().enumerate().map(side).collect()
    }

    /// Numbers of one token in one row of the layer.
    fn inner(&self, grows: usize) -> usize {
        self.empty[grows + 1..].iter().product()
    }

    /// The first `len` tokens of `tensor` become the layer's cache.
    fn set_beginning<T: Element>(&self, tensor: &Tensor, binding: &mut Binding, len: usize) -> Result<()> {
        let Some(kept) = self.beginning::<T>(tensor, len)? else { return Ok(()) };
        binding.set(&self.past, TensorView::new(&self.shape(len), &kept)?)
    }

    /// The first `len` tokens of `tensor`; `None` for a state of one size.
    fn beginning<T: Element>(&self, tensor: &Tensor, len: usize) -> Result<Option<Vec<T>>> {
        let Some(grows) = self.grows else { return Ok(None) };
        let (was, inner) = (tensor.shape()[grows], self.inner(grows));
        Ok(Some(match tensor.numbers::<T>()? {
            [] => Vec::new(),
            numbers => numbers.chunks_exact(was * inner).flat_map(|rows| &rows[..len * inner]).copied().collect(),
        }))
    }

    /// Copies the first tokens of a cache of some room into the shared one of another; tells whether it could.
    fn copy_into<T: Element>(
        &self,
        tensor: &Tensor,
        binding: &mut Binding,
        [from_room, to_room, len]: [usize; 3],
    ) -> Result<bool> {
        let Some(grows) = self.grows else { return Ok(false) };
        let inner = self.inner(grows);
        let Ok(new) = binding.held_mut::<T>(&self.present) else { return Ok(false) };
        if from_room * inner == 0 {
            return Ok(false);
        }
        for (to, from) in
            new.chunks_exact_mut(to_room * inner).zip(tensor.numbers::<T>()?.chunks_exact(from_room * inner))
        {
            to[..len * inner].copy_from_slice(&from[..len * inner]);
        }
        Ok(true)
    }
}

impl Inputs {
    fn of(session: &Session, names: &[(String, String)]) -> Result<Self> {
        let (mut rows, mut tokens) = (None, None);
        let (mut mask, mut positions, mut places, mut keep, mut has_cache) = (None, None, None, None, None);
        for input in session.inputs() {
            let (name, dtype, rank) = (input.name.clone(), input.dtype, input.shape.len());
            let is_whole = matches!(dtype, DType::I64 | DType::I32);
            match input.name.as_str() {
                "inputs_embeds" if dtype.is_float() => rows = Some((name, dtype)),
                "input_ids" if is_whole => tokens = Some((name, dtype)),
                "attention_mask" if is_whole => mask = Some((name, dtype)),
                "position_ids" if is_whole && matches!(rank, 2 | 3) => positions = Some((name, dtype, rank)),
                "cache_position" if is_whole && rank == 1 => places = Some((name, dtype)),
                "num_logits_to_keep" | "logits_to_keep" if is_whole && rank < 2 => {
                    keep = Some((name, dtype, vec![1; rank]));
                }
                "use_cache_branch" if dtype == DType::Bool => has_cache = Some(name),
                other if past_of(other, names) => {}
                other => {
                    return Err(Error::new(
                        ErrorKind::Model,
                        format!("takes {other:?} ({input}), which is none of a decoder's inputs that are known"),
                    ));
                }
            }
        }
        let wrong = |why| Err(Error::new(ErrorKind::Model, why));
        let fed = match (rows, tokens) {
            (Some(fed), None) | (None, Some(fed)) => fed,
            (Some(_), Some(_)) => return wrong("takes both inputs_embeds and input_ids, expected one of them"),
            (None, None) => return wrong("takes no inputs_embeds of floats, nor input_ids"),
        };
        Ok(Self { fed, mask, positions, places, keep, has_cache })
    }

    fn takes_tokens(&self) -> bool {
        !self.fed.1.is_float()
    }
}

/// Whether an input is a cache's.
pub(super) fn past_of(name: &str, names: &[(String, String)]) -> bool {
    name.starts_with("past") || names.iter().any(|(past, _)| numbered(past, name).is_some())
}

/// The number that stands for `%d`.
fn numbered<'a>(pattern: &str, name: &'a str) -> Option<&'a str> {
    let (before, after) = pattern.split_once("%d")?;
    let number = name.strip_prefix(before)?.strip_suffix(after)?;
    (!number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())).then_some(number)
}

fn layers(session: &Session, names: &Names) -> std::result::Result<Vec<Layer>, String> {
    let mut layers = Vec::new();
    for input in session.inputs().iter().filter(|input| past_of(&input.name, &names.cache)) {
        let by_pattern = names
            .cache
            .iter()
            .find_map(|(past, present)| Some(present.replacen("%d", numbered(past, &input.name)?, 1)));
        let short = input.name.strip_prefix("past_key_values").map(|rest| format!("present{rest}"));
        let usual: Vec<String> =
            by_pattern.into_iter().chain(short).chain([input.name.replacen("past", "present", 1)]).collect();
        let is_given = |name: &&String| session.outputs().iter().any(|output| output.name == **name);
        let Some(present) = usual.iter().find(is_given) else {
            return Err(format!("takes {:?} and gives no {:?}", input.name, usual[0]));
        };
        layers.push(layer(input, present.clone(), names.head_size)?);
    }
    if layers.is_empty() {
        return Err("takes no cache (past_key_values.0.key and so on)".to_string());
    }
    Ok(layers)
}

fn layer(input: &ValueSpec, present: String, head_size: Option<usize>) -> std::result::Result<Layer, String> {
    if !input.dtype.is_float() {
        return Err(format!("keeps {:?} as {}, expected floats", input.name, input.dtype));
    }
    let mut grows = None;
    let mut empty = Vec::new();
    for (at, side) in input.shape.iter().enumerate() {
        match side {
            Side::Fixed(side) => empty.push(*side),
            _ if at == 0 => empty.push(1),
            _ if at + 1 == input.shape.len() && head_size.is_some() => empty.extend(head_size),
            _ if grows.is_none() => {
                grows = Some(at);
                empty.push(0);
            }
            _ => return Err(format!("keeps {:?} as {input}: more than one side is not told", input.name)),
        }
    }
    Ok(Layer { past: input.name.clone(), present, dtype: input.dtype, empty, grows })
}

/// Writes whole numbers into an input of either width.
fn set_whole(
    binding: &mut Binding,
    name: &str,
    dtype: DType,
    shape: &[usize],
    of: impl Fn(usize) -> i64,
) -> Result<()> {
    match dtype {
        DType::I32 => {
            let room = binding.input_mut::<i32>(name, shape)?;
            // Token numbers and positions have bounds far below.
            room.iter_mut().enumerate().for_each(|(at, to)| *to = of(at) as i32);
        }
        _ => {
            let room = binding.input_mut::<i64>(name, shape)?;
            room.iter_mut().enumerate().for_each(|(at, to)| *to = of(at));
        }
    }
    Ok(())
}

fn set_zeros<T: Element>(binding: &mut Binding, name: &str, shape: &[usize]) -> Result<()> {
    binding.input_mut::<T>(name, shape)?.fill(T::default());
    Ok(())
}

/// Keeps the first `len` tokens of a layer.
fn cut<T: Element>(binding: &mut Binding, layer: &Layer, len: usize) -> Result<()> {
    let Some(kept) = layer.beginning::<T>(binding.input(&layer.past)?, len)? else { return Ok(()) };
    binding.set(&layer.past, TensorView::new(&layer.shape(len), &kept)?)
}

/// Makes a layer's shared cache, of room for so many tokens, one for more; tells whether those that were in it still are.
fn widen<T: Element>(binding: &mut Binding, layer: &Layer, [was, room, kept]: [usize; 3]) -> Result<bool> {
    let old = if kept > 0 { binding.take(&layer.present).ok().filter(Tensor::is_on_host) } else { None };
    binding.share(&layer.past, &layer.present, &layer.shape(room), Place::Device)?;
    match old {
        Some(old) => layer.copy_into::<T>(&old, binding, [was, room, kept]),
        None => Ok(false),
    }
}

/// The rows of positions that a graph takes, from `from` to `to`.
pub(super) fn part(positions: &Positions, from: usize, to: usize) -> Vec<&[i64]> {
    positions.rows.iter().map(|row| &row[from..to]).collect()
}
