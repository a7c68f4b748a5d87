//! `gnomon eval`: how well the map fits rendered rooms, as they stand, as they change, and while odometry drifts; how
//! much of the told triplet chain stays valid; how well one saved scene fits its truth; and what a vision-language model
//! says to published questions.

use clap::{Args as ClapArgs, Subcommand};
use gnomon::Result;
use gnomon::eval::{
    AnswerTally, AnswersTable, ChainTable, ChangesTable, DriftCurve, GONE_WITHIN_FRAMES, RoomEvalOptions, RoomTable,
    Seeds, Tally, eval_answers, eval_chain, eval_changes, eval_drift, eval_rooms, eval_rooms_in_colour, quantile,
};
use std::fmt::Write;
use std::process::ExitCode;

#[derive(ClapArgs)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Walk through rendered rooms, clean and noisy, and compare the map with the truth
    Room(RoomArgs),
    /// Take things away and move things between two walks, and see what the map makes of it
    Changes(ChangesArgs),
    /// Walk with drifting poses, and compare the LocalCogMap with a global map
    Drift(DriftArgs),
    /// Ask noisy rooms, and see whether the answers are right and their probabilities honest
    Answers(ChangesArgs),
    /// Tell noisy rooms as a chain of triplets while walking, and see how many lines change
    Chain(ChainArgs),
    /// Compare one scene with its truth, thing by thing
    Scene(crate::eval_scene::Args),
    /// Answer questions of VSI-Bench and MSMU-Bench from annotated boxes
    Vsi(crate::eval_vsi::Args),
    /// Ask a vision-language model questions of VSI-Bench and MSMU-Bench about pictures
    Vlm(Box<crate::eval_vlm::Args>),
}

/// Which rooms to measure.
#[derive(ClapArgs)]
struct Rooms {
    /// How many rooms
    #[arg(long, default_value_t = 10)]
    seeds: u64,
    /// Seed of the first room
    #[arg(long, default_value_t = 1)]
    first_seed: u64,
}

impl Rooms {
    fn seeds(&self) -> Seeds {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        Seeds { first: self.first_seed, count: self.seeds, threads }
    }
}

#[derive(ClapArgs)]
struct RoomArgs {
    #[command(flatten)]
    rooms: Rooms,
    /// Frames of each walk
    #[arg(long, default_value_t = 120)]
    frames: usize,
    /// From colour alone: a network gives the depth, the rendered one is only compared with
    #[arg(long)]
    colour: bool,
    #[command(flatten)]
    depth: crate::depth::ColourArgs,
    /// Also list what was missed, doubled or imagined
    #[arg(long)]
    mistakes: bool,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

#[derive(ClapArgs)]
struct ChangesArgs {
    #[command(flatten)]
    rooms: Rooms,
    /// Also list what went wrong
    #[arg(long)]
    mistakes: bool,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

#[derive(ClapArgs)]
struct DriftArgs {
    #[command(flatten)]
    rooms: Rooms,
    /// Frames of each walk
    #[arg(long, default_value_t = 480)]
    frames: usize,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

#[derive(ClapArgs)]
struct ChainArgs {
    #[command(flatten)]
    rooms: Rooms,
    /// Frames of each walk
    #[arg(long, default_value_t = 120)]
    frames: usize,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

/// Runs the subcommand.
pub fn run(args: &Args) -> Result<ExitCode> {
    let text = match &args.what {
        What::Room(args) => run_room(args)?,
        What::Scene(args) => crate::eval_scene::run(args)?,
        What::Answers(args) => {
            let table = eval_answers(&args.rooms.seeds(), 120)?;
            if args.json { crate::pretty(&table.to_json()) } else { answers_text(&table, args.mistakes) }
        }
        What::Vsi(args) => crate::eval_vsi::run(args)?,
        What::Vlm(args) => crate::eval_vlm::run(args)?,
        What::Changes(args) => {
            let table = eval_changes(&args.rooms.seeds())?;
            if args.json { crate::pretty(&table.to_json()) } else { changes_text(&table, args.mistakes) }
        }
        What::Drift(args) => {
            let curve = eval_drift(&args.rooms.seeds(), args.frames)?;
            if args.json { crate::pretty(&curve.to_json()) } else { drift_text(&curve) }
        }
        What::Chain(args) => {
            let table = eval_chain(&args.rooms.seeds(), args.frames)?;
            if args.json { crate::pretty(&table.to_json()) } else { chain_text(&table) }
        }
    };
    crate::say(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn run_room(args: &RoomArgs) -> Result<String> {
    let Seeds { first, count, threads } = args.rooms.seeds();
    let options = RoomEvalOptions { first_seed: first, seeds: count, frames: args.frames, threads };
    let table = match args.colour {
        true => eval_rooms_in_colour(&options, &args.depth.open()?)?,
        false => eval_rooms(&options)?,
    };
    Ok(if args.json { crate::pretty(&table.to_json()) } else { as_text(&table, args.mistakes) })
}

fn changes_text(table: &ChangesTable, mistakes: bool) -> String {
    let share = |part: usize, whole: usize, share: f64| vec![format!("{part} of {whole}"), format!("{share:.3}")];
    let row = |name: String, cells: Vec<String>| [vec![name], cells].concat();
    let rows = [
        row(
            format!("taken away, gone within {GONE_WITHIN_FRAMES} sights of nothing"),
            share(table.removed_in_time, table.removed, table.removed_share()),
        ),
        row("moved, still has its id".into(), share(table.moved_with_id, table.moved, table.moved_share())),
        row("moved with a lookalike, not to be told".into(), vec![table.undecidable.to_string()]),
        row("removed although there".into(), vec![table.wrongly_removed.to_string()]),
        row("ids that changed between twins".into(), vec![table.swapped.to_string()]),
    ];
    let mut text = crate::table::table(&[&format!("{} rooms", table.rooms), "n", "share"], &rows);
    for mistake in table.mistakes.iter().filter(|_| mistakes) {
        let _ = writeln!(text, "{mistake}");
    }
    text
}

fn drift_text(curve: &DriftCurve) -> String {
    let rows: Vec<Vec<String>> = curve
        .bins()
        .map(|(from_m, bin)| {
            vec![
                format!("{from_m:.1}"),
                bin.held.to_string(),
                format!("{:.3}", bin.local_mean_cells()),
                format!("{:.3}", bin.global_mean_cells()),
                format!("{:.3}", bin.coverage()),
            ]
        })
        .collect();
    crate::table::table(&["path m", "n", "local cells", "global cells", "coverage"], &rows)
}

fn chain_text(table: &ChainTable) -> String {
    let row = |name: &str, shares: &[f64]| {
        let of = |part: f64| format!("{:.3}", quantile(shares, part));
        vec![name.to_string(), shares.len().to_string(), of(0.5), of(0.9)]
    };
    let rows = [
        row("lines changed at a keyframe", &table.changed_shares),
        row("were every estimate told", &table.unbounded_shares),
    ];
    let mut text = crate::table::table(&[&format!("{} rooms", table.rooms), "keyframes", "p50", "p90"], &rows);
    let _ = writeln!(
        text,
        "\n{} lines and {} relations in the end; composed from the text: {:.3} cells off, coverage {:.3}",
        table.lines,
        table.relations,
        table.error_mean_cells(),
        table.coverage()
    );
    text
}

fn as_text(table: &RoomTable, mistakes: bool) -> String {
    let mut text = format!(
        "{:<28}{:>6}{:>8}{:>8}{:>8}{:>10}{:>7}{:>8}{:>8}{:>9}{:>10}\n",
        "", "n", "recall", "double", "ghosts", "centre m", "IoU", "yaw °", "labels", "sigma90", "radius m"
    );
    for (name, tally) in table.rows() {
        row(&mut text, name, tally);
    }
    if let Some(depth) = table.depth.mean() {
        let (frames, share) = (table.depth.pictures(), 100.0 * depth.compared as f64 / depth.with_truth.max(1) as f64);
        let marks = format!("AbsRel {:.4}, delta < 1.25 {:.4}", depth.abs_rel, depth.delta1);
        let _ = writeln!(text, "depth from colour: {marks}, of {share:.1} % of the pixels of {frames} frames");
    }
    if mistakes {
        for (name, tally) in table
            .rows()
            .into_iter()
            .filter(|(name, _)| matches!(*name, "clean" | "noisy" | "boxes only, noisy" | "without detections"))
        {
            for mistake in tally.mistakes() {
                let _ = writeln!(text, "{name}, {mistake}");
            }
        }
    }
    text
}

fn row(text: &mut String, name: &str, tally: &Tally) {
    let _ = writeln!(
        text,
        "{:<28}{:>6}{:>8.3}{:>8.3}{:>8.3}{:>10.4}{:>7.3}{:>8.2}{:>8.3}{:>9.3}{:>10.4}",
        name,
        tally.n(),
        tally.recall(),
        tally.duplicates(),
        tally.ghosts(),
        tally.centre_m_p50(),
        tally.iou_p50(),
        tally.yaw_deg_p50(),
        tally.label_accuracy(),
        tally.sigma90(),
        tally.radius_m_p50()
    );
}

fn answers_text(table: &AnswersTable, mistakes: bool) -> String {
    let row = |name: &str, tally: &AnswerTally| {
        let of = |n: usize, all: usize| if all == 0 { "-".into() } else { format!("{:.3}", n as f64 / all as f64) };
        vec![
            name.to_owned(),
            tally.asked.to_string(),
            of(tally.answered, tally.asked),
            of(tally.right, tally.asked),
            of(tally.sure, tally.asked),
            of(tally.sure_right, tally.sure),
        ]
    };
    let mut rows: Vec<Vec<String>> = table.by_type.iter().map(|(kind, tally)| row(kind, tally)).collect();
    rows.push(row("all", &table.all));
    let mut text = crate::table::table(&["questions", "n", "answered", "right", "sure", "right of sure"], &rows);
    for (n, right, mean) in table.bins().filter(|(n, _, _)| *n > 0) {
        let _ = writeln!(text, "probability {mean:.2}: right {right:.2} of {n}");
    }
    let _ = writeln!(text, "expected calibration error {:.3}", table.calibration_error());
    let _ = writeln!(
        text,
        "of {} questions about what is not there, unknown: {:.3}",
        table.absent[0],
        table.absent_unknown()
    );
    for (statements, [agrees, contradicts, untestable]) in ["true", "false"].iter().zip(table.verdicts) {
        let _ = writeln!(
            text,
            "{statements} statements: agrees {agrees}, contradicts {contradicts}, untestable {untestable}"
        );
    }
    let _ = writeln!(
        text,
        "verdicts right {:.3}, true statements contradicted {:.4}",
        table.verdicts_right(),
        table.wrong_contradicts()
    );
    for mistake in table.mistakes.iter().filter(|_| mistakes) {
        let _ = writeln!(text, "{mistake}");
    }
    text
}
