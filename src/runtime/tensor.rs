//! Numbers going into a network and coming out of it: a shape, and the numbers row-major in one of twelve types.
//!
//! What goes in is borrowed ([`TensorView`]) or came out of a network before ([`Tensor`]), which is how a cache goes round
//! without being copied. A dimension may be 0: an empty cache is a tensor too.

use std::borrow::Cow;
use std::fmt;

use half::f16;
use ort::memory::Allocator;
use ort::session::SessionInputValue;
use ort::value::{DynTensor, DynTensorValueType, DynValue, TensorElementType, TensorRef};

use crate::error::{Error, ErrorKind, Result};

/// What the numbers of a tensor are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the names say it")]
pub enum DType {
    F16,
    F32,
    F64,
    U8,
    U16,
    U32,
    U64,
    I8,
    I16,
    I32,
    I64,
    Bool,
    /// Texts, sequences, maps and the types of fewer than 8 bits: listed, but not taken or given.
    Other,
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::F16 => "f16",
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::U8 => "u8",
            Self::U16 => "u16",
            Self::U32 => "u32",
            Self::U64 => "u64",
            Self::I8 => "i8",
            Self::I16 => "i16",
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::Bool => "bool",
            Self::Other => "another type",
        })
    }
}

impl DType {
    /// Whether it is `f32` or `f16`: what networks compute with.
    pub fn is_float(self) -> bool {
        matches!(self, Self::F32 | Self::F16)
    }

    fn element(self) -> Result<TensorElementType> {
        Ok(match self {
            Self::F16 => TensorElementType::Float16,
            Self::F32 => TensorElementType::Float32,
            Self::F64 => TensorElementType::Float64,
            Self::U8 => TensorElementType::Uint8,
            Self::U16 => TensorElementType::Uint16,
            Self::U32 => TensorElementType::Uint32,
            Self::U64 => TensorElementType::Uint64,
            Self::I8 => TensorElementType::Int8,
            Self::I16 => TensorElementType::Int16,
            Self::I32 => TensorElementType::Int32,
            Self::I64 => TensorElementType::Int64,
            Self::Bool => TensorElementType::Bool,
            Self::Other => {
                return Err(Error::new(ErrorKind::Unsupported, "a tensor of a type that gnomon does not make"));
            }
        })
    }

    pub(super) fn of(element: TensorElementType) -> Self {
        match element {
            TensorElementType::Float16 => Self::F16,
            TensorElementType::Float32 => Self::F32,
            TensorElementType::Float64 => Self::F64,
            TensorElementType::Uint8 => Self::U8,
            TensorElementType::Uint16 => Self::U16,
            TensorElementType::Uint32 => Self::U32,
            TensorElementType::Uint64 => Self::U64,
            TensorElementType::Int8 => Self::I8,
            TensorElementType::Int16 => Self::I16,
            TensorElementType::Int32 => Self::I32,
            TensorElementType::Int64 => Self::I64,
            TensorElementType::Bool => Self::Bool,
            _ => Self::Other,
        }
    }
}

/// A type that tensors are made of: those of [`DType`], `Other` aside.
pub trait Element: ort::value::PrimitiveTensorElementType + fmt::Debug + Copy + Default + 'static {
    /// Its name.
    const DTYPE: DType;
    /// Borrowed numbers of this type.
    fn wrap(numbers: &[Self]) -> Numbers<'_>;
}

macro_rules! elements {
    ($($name:ident: $type:ty),*) => {
        /// Borrowed numbers of one type, row-major.
        #[derive(Debug, Clone, Copy)]
        #[allow(missing_docs, reason = "the names say it")]
        pub enum Numbers<'a> {
            $($name(&'a [$type])),*
        }

        impl<'a> Numbers<'a> {
            /// What they are.
            pub fn dtype(&self) -> DType {
                match self { $(Self::$name(_) => DType::$name),* }
            }

            /// How many.
            pub fn len(&self) -> usize {
                match self { $(Self::$name(numbers) => numbers.len()),* }
            }

            /// Whether there are none.
            pub fn is_empty(&self) -> bool {
                self.len() == 0
            }

            fn copy_into(self, tensor: &mut Tensor) -> Result<()> {
                match self {
                    $(Self::$name(numbers) => {
                        let room = tensor.numbers_mut::<$type>()?;
                        if room.len() != numbers.len() {
                            let (room, given) = (room.len(), numbers.len());
                            return Err(Error::argument(format!("the tensor holds {room} numbers, {given} were given")));
                        }
                        room.copy_from_slice(numbers);
                        Ok(())
                    })*
                }
            }

            fn of_tensor(tensor: &'a Tensor) -> Result<Self> {
                match tensor.dtype {
                    $(DType::$name => Ok(Self::$name(tensor.numbers()?)),)*
                    DType::Other => Err(Error::new(ErrorKind::Unsupported, "the tensor holds no numbers")),
                }
            }

            fn to_input(self, shape: &[usize]) -> ort::Result<SessionInputValue<'a>> {
                match self { $(Self::$name(numbers) => Ok(TensorRef::from_array_view((shape.to_vec(), numbers))?.into())),* }
            }
        }

        $(impl Element for $type {
            const DTYPE: DType = DType::$name;
            fn wrap(numbers: &[Self]) -> Numbers<'_> {
                Numbers::$name(numbers)
            }
        })*

        /// Zeros of a type, to warm up with.
        pub(super) fn zeros(dtype: DType, shape: &[usize]) -> Result<Zeros> {
            let count = element_count(shape)?;
            match dtype {
                $(DType::$name => Ok(Zeros::$name(reserve_zeros(count)?)),)*
                DType::Other => Err(Error::new(ErrorKind::Unsupported, "an input is of a type that gnomon does not make")),
            }
        }

        /// Owned zeros of one type.
        pub(super) enum Zeros {
            $($name(Vec<$type>)),*
        }

        impl Zeros {
            pub(super) fn numbers(&self) -> Numbers<'_> {
                match self { $(Self::$name(numbers) => Numbers::$name(numbers)),* }
            }
        }
    };
}

elements!(F16: f16, F32: f32, F64: f64, U8: u8, U16: u16, U32: u32, U64: u64, I8: i8, I16: i16, I32: i32, I64: i64, Bool: bool);

fn reserve_zeros<T: Default + Clone>(count: usize) -> Result<Vec<T>> {
    let mut zeros = Vec::new();
    let reserved = zeros.try_reserve_exact(count);
    reserved.map_err(|_| Error::new(ErrorKind::NoMemory, format!("{count} numbers cannot be held")))?;
    zeros.resize(count, T::default());
    Ok(zeros)
}

/// A borrowed tensor.
#[derive(Debug, Clone, Copy)]
pub struct TensorView<'a> {
    shape: &'a [usize],
    numbers: Numbers<'a>,
}

impl<'a> TensorView<'a> {
    /// `numbers` row-major in `shape`. Fails if the shape does not hold as many.
    pub fn new<T: Element>(shape: &'a [usize], numbers: &'a [T]) -> Result<Self> {
        Self::of(shape, T::wrap(numbers))
    }

    pub(super) fn of(shape: &'a [usize], numbers: Numbers<'a>) -> Result<Self> {
        let expected = element_count(shape)?;
        if numbers.len() != expected {
            let given = numbers.len();
            return Err(Error::argument(format!("shape {shape:?} holds {expected} numbers, {given} were given")));
        }
        Ok(Self { shape, numbers })
    }

    /// Outermost dimension first.
    pub fn shape(&self) -> &'a [usize] {
        self.shape
    }

    /// The numbers, row-major.
    pub fn numbers(&self) -> Numbers<'a> {
        self.numbers
    }
}

fn element_count(shape: &[usize]) -> Result<usize> {
    let count = shape.iter().try_fold(1usize, |count, side| count.checked_mul(*side));
    count.ok_or_else(|| Error::argument(format!("shape {shape:?} holds more numbers than there are addresses")))
}

/// More than any tensor has: 2^40 bytes. The runtime multiplies without looking.
const MAX_TENSOR_BYTES: usize = 1 << 40;

/// A tensor that a network made, or that one is given.
pub struct Tensor {
    value: DynValue,
    shape: Vec<usize>,
    dtype: DType,
    is_on_host: bool,
}

impl fmt::Debug for Tensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tensor({} {:?})", self.dtype, self.shape)
    }
}

impl Tensor {
    pub(super) fn of(value: DynValue) -> Self {
        let described = match value.dtype() {
            ort::value::ValueType::Tensor { ty, shape, .. } => Some((DType::of(*ty), shape.to_vec())),
            _ => None,
        };
        let (dtype, shape) = described.unwrap_or((DType::Other, Vec::new()));
        let shape = shape.iter().map(|side| usize::try_from(*side).unwrap_or(0)).collect();
        let tensor = value.view().downcast::<DynTensorValueType>();
        let is_on_host = tensor.is_ok_and(|tensor| tensor.memory_info().is_cpu_accessible());
        Self { value, shape, dtype, is_on_host }
    }

    /// Zeros in the processor's memory.
    pub(super) fn zeros(dtype: DType, shape: &[usize]) -> Result<Self> {
        Self::on(&Allocator::default(), dtype, shape)
    }

    /// In the memory that `allocator` hands out: zeros where the processor reaches it, anything elsewhere.
    pub(super) fn on(allocator: &Allocator, dtype: DType, shape: &[usize]) -> Result<Self> {
        let too_large = || Error::new(ErrorKind::NoMemory, format!("a tensor {dtype} {shape:?} cannot be held"));
        // Eight bytes are the most that one number takes.
        if element_count(shape)?.checked_mul(8).is_none_or(|bytes| bytes > MAX_TENSOR_BYTES) {
            return Err(too_large());
        }
        let value = DynTensor::new(allocator, dtype.element()?, shape.to_vec()).map_err(|_| too_large())?;
        Ok(Self::of(value.into_dyn()))
    }

    pub(super) fn value(&self) -> &DynValue {
        &self.value
    }

    pub(super) fn value_mut(&mut self) -> &mut DynValue {
        &mut self.value
    }

    /// Whether the processor can read it; if not it lies on a device.
    pub fn is_on_host(&self) -> bool {
        self.is_on_host
    }

    /// Its shape and numbers, whatever they are. Fails if they lie on a device.
    pub fn view(&self) -> Result<TensorView<'_>> {
        TensorView::of(&self.shape, Numbers::of_tensor(self)?)
    }

    pub(super) fn fill(&mut self, numbers: Numbers<'_>) -> Result<()> {
        numbers.copy_into(self)
    }

    /// The numbers, to be written.
    pub(super) fn numbers_mut<T: Element>(&mut self) -> Result<&mut [T]> {
        self.check_numbers::<T>()?;
        let numbers = self.value.try_extract_tensor_mut::<T>();
        Ok(numbers.map_err(|error| Error::new(ErrorKind::Runtime, format!("a tensor cannot be read: {error}")))?.1)
    }

    fn check_numbers<T: Element>(&self) -> Result<()> {
        if self.dtype != T::DTYPE {
            return Err(Error::argument(format!("the tensor holds {}, not {}", self.dtype, T::DTYPE)));
        }
        if !self.is_on_host {
            return Err(Error::state("the tensor lies on a device: have the output made in the processor's memory"));
        }
        Ok(())
    }

    /// Outermost dimension first; empty for what is no tensor.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// What its numbers are.
    pub fn dtype(&self) -> DType {
        self.dtype
    }

    /// The numbers, row-major. Fails if they are of another type, or lie on a device.
    pub fn numbers<T: Element>(&self) -> Result<&[T]> {
        self.check_numbers::<T>()?;
        let numbers = self.value.try_extract_tensor::<T>();
        Ok(numbers.map_err(|error| Error::new(ErrorKind::Runtime, format!("a tensor cannot be read: {error}")))?.1)
    }

    /// The numbers of `f32` or `f16` as `f32`, row-major. Fails as [`numbers`](Self::numbers) does.
    pub fn floats(&self) -> Result<Cow<'_, [f32]>> {
        match self.dtype {
            DType::F16 => Ok(Cow::Owned(self.numbers::<f16>()?.iter().map(|number| number.to_f32()).collect())),
            _ => self.numbers().map(Cow::Borrowed),
        }
    }
}

/// Floats to be handed to a network that takes them as `f32` or as `f16`.
pub(crate) enum Floats<'a> {
    Full(&'a [f32]),
    Half(Vec<f16>),
}

impl<'a> Floats<'a> {
    /// `numbers` as an input of `dtype` takes them.
    pub fn new(numbers: &'a [f32], dtype: DType) -> Self {
        match dtype {
            DType::F16 => Self::Half(numbers.iter().map(|number| f16::from_f32(*number)).collect()),
            _ => Self::Full(numbers),
        }
    }

    /// The tensor of a shape. Fails if the shape does not hold as many.
    pub fn view<'b>(&'b self, shape: &'b [usize]) -> Result<TensorView<'b>> {
        match self {
            Self::Full(numbers) => TensorView::new(shape, numbers),
            Self::Half(numbers) => TensorView::new(shape, numbers),
        }
    }
}

/// What is handed to a network under a name.
#[derive(Debug, Clone, Copy)]
pub enum Input<'a> {
    /// The caller's numbers.
    View(TensorView<'a>),
    /// What a network made before.
    Tensor(&'a Tensor),
}

impl<'a> From<TensorView<'a>> for Input<'a> {
    fn from(view: TensorView<'a>) -> Self {
        Self::View(view)
    }
}

impl<'a> From<&'a Tensor> for Input<'a> {
    fn from(tensor: &'a Tensor) -> Self {
        Self::Tensor(tensor)
    }
}

impl<'a> Input<'a> {
    pub(super) fn shape(&self) -> &'a [usize] {
        match self {
            Self::View(view) => view.shape,
            Self::Tensor(tensor) => &tensor.shape,
        }
    }

    pub(super) fn dtype(&self) -> DType {
        match self {
            Self::View(view) => view.numbers.dtype(),
            Self::Tensor(tensor) => tensor.dtype,
        }
    }

    pub(super) fn to_value(self) -> Result<SessionInputValue<'a>> {
        match self {
            Self::View(view) => {
                let value = view.numbers.to_input(view.shape);
                value
                    .map_err(|error| Error::new(ErrorKind::Runtime, format!("an input cannot be handed over: {error}")))
            }
            Self::Tensor(tensor) => Ok((&tensor.value).into()),
        }
    }
}
