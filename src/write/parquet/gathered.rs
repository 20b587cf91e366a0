//! A column of a row group under way, in memory.

use parquet::{data_type::DataType, errors::ParquetError, file::writer::SerializedColumnWriter};

/// The values of a column as Parquet takes them apart: those that are there, and, where some are not or several make
/// a cell, for each how much of the way to a value is there (1 for all) and whether it goes on with the cell before
/// (1).
pub(crate) struct Gathered<T: DataType> {
    values: Vec<T::T>,
    definitions: Vec<i16>,
    repetitions: Vec<i16>,
}

impl<T: DataType> Default for Gathered<T> {
    fn default() -> Self {
        Self { values: Vec::new(), definitions: Vec::new(), repetitions: Vec::new() }
    }
}

impl<T: DataType> Gathered<T> {
    /// Adds a cell of a required column.
    pub(crate) fn push(&mut self, value: T::T) {
        self.values.push(value);
    }

    /// Adds a cell of an optional column.
    pub(crate) fn push_optional(&mut self, value: Option<T::T>) {
        self.definitions.push(i16::from(value.is_some()));
        self.values.extend(value);
    }

    /// Adds a cell of a column of lists.
    pub(crate) fn push_list(&mut self, values: Vec<T::T>) {
        let levels = values.len().max(1);
        self.definitions.extend((0..levels).map(|_| i16::from(!values.is_empty())));
        self.repetitions.extend((0..levels).map(|place| i16::from(place > 0)));
        self.values.extend(values);
    }

    /// Writes the column, and forgets it.
    pub(crate) fn write(&mut self, mut column: SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        let levels = |levels: &Vec<i16>| (!levels.is_empty()).then(|| levels.clone());
        let (definitions, repetitions) = (levels(&self.definitions), levels(&self.repetitions));
        column.typed::<T>().write_batch(&self.values, definitions.as_deref(), repetitions.as_deref())?;
        *self = Self::default();
        column.close()
    }
}
