//! The map round an observer.

use crate::cogmap::{CogMap, default_cogmap_options};

#[allow(missing_docs, unused_qualifications, reason = "names that say it need no line; cxx writes full paths")]
#[cxx::bridge(namespace = "gnomon::cxx")]
pub mod ffi {
    /// What is known of a cell.
    #[derive(Debug)]
    enum CellState {
        Unknown,
        Free,
        Occupied,
    }

    /// What a map may be told; begin with default_cogmap_options().
    #[derive(Debug, Clone)]
    struct CogMapOptions {
        /// Metres per cell, 0.05 to 10 in whole centimetres; not looked at where `hold` names things.
        cell_m: f64,
        /// Ids of things that must fit: cells become as large as that needs.
        hold: Vec<u64>,
        /// Things outside the cells are told up to this far from the observer, metres.
        beyond_m: f64,
        /// Things last seen more than this much walked path ago are left out, metres. 0: none is.
        max_path_age_m: f64,
    }

    /// One cell of a map.
    #[derive(Debug, Clone)]
    struct Cell {
        state: CellState,
        /// Whether low_m and high_m are known.
        has_height: bool,
        /// Lowest thing standing in it, metres above the floor.
        low_m: f64,
        /// Highest thing standing in it, metres above the floor.
        high_m: f64,
        /// Stamp of the newest frame that saw its ground or a thing in it; the smallest int64_t when none did.
        last_seen_ns: i64,
        /// Ids of the things whose footprint touches it, ascending.
        objects: Vec<u64>,
    }

    /// A thing whose centre lies in a cell.
    #[derive(Debug, Clone)]
    struct MapObject {
        id: u64,
        name: String,
        label: String,
        /// Its centre in cells: x to the right, y ahead, 0 to 10; the observer is at 5, 5.
        grid: [f64; 2],
        /// Standard deviation of the centre to the right and ahead, cells.
        sigma: [f64; 2],
    }

    /// A thing outside the cells.
    #[derive(Debug, Clone)]
    struct MapBeyond {
        id: u64,
        name: String,
        label: String,
        /// Degrees above -180 and up to 180: 0 ahead, right positive.
        bearing_deg: f64,
        /// Distance of its centre on the ground, metres.
        distance_m: f64,
    }

    extern "Rust" {
        /// The defaults of a map: cells of half a metre, things beyond up to 10 m.
        fn default_cogmap_options() -> CogMapOptions;

        /// 10 x 10 cells round an observer. Never changes.
        type CogMap;
        /// Metres per cell.
        fn cell_m(self: &CogMap) -> f64;
        /// The hundred cells: i to the right and j ahead at 10 j + i.
        fn cells(self: &CogMap) -> Vec<Cell>;
        /// Things whose centre lies in a cell, by ascending id.
        fn objects(self: &CogMap) -> Vec<MapObject>;
        /// Things outside the cells, nearest first, at most 64.
        fn beyond(self: &CogMap) -> Vec<MapBeyond>;
        /// The cells as nav_msgs/OccupancyGrid wants them: x ahead, y left; -1 unknown, 0 free, 100 occupied.
        fn occupancy(self: &CogMap) -> Vec<i8>;
        /// The line of text that language models read.
        fn text(self: &CogMap) -> String;
        /// All of it as JSON.
        fn json(self: &CogMap) -> String;
        /// As a drawing of characters.
        fn ascii(self: &CogMap) -> String;
        /// As a picture.
        fn svg(self: &CogMap) -> String;
        /// As a picture of pixels, a PNG file.
        fn png(self: &CogMap) -> Result<Vec<u8>>;
    }

    impl Box<CogMap> {}
}

// SAFETY: the id is the name that the bridge above gives it; other bridges pass it by reference and in boxes alone.
unsafe impl cxx::ExternType for CogMap {
    type Id = cxx::type_id!("gnomon::cxx::CogMap");
    type Kind = cxx::kind::Opaque;
}
