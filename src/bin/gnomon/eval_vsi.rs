//! `gnomon eval vsi`: questions of VSI-Bench and MSMU-Bench, answered from annotated boxes.

use crate::table::table;
use gnomon::eval::{BenchMarks, eval_questions, read_questions};
use gnomon::sequence::read_box_scenes;
use gnomon::{Error, Result};
use std::fmt::Write;
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Args {
    /// Annotated boxes: VSI-Bench's meta_info, or boxes.json of make-questions
    #[arg(long, value_name = "META.json")]
    boxes: PathBuf,
    /// Questions, one JSON object a line
    #[arg(long, value_name = "Q.jsonl")]
    questions: PathBuf,
    /// Also list what was not answered fully right
    #[arg(long)]
    mistakes: bool,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

/// The marks as text or as JSON.
pub fn run(args: &Args) -> Result<String> {
    let scenes = read_box_scenes(&args.boxes)?;
    let path = args.questions.display();
    let text = std::fs::read_to_string(&args.questions)
        .map_err(|error| Error::io(format!("{path} cannot be read: {error}")))?;
    let questions = read_questions(&text).map_err(|error| error.within(path))?;
    let marks = eval_questions(&scenes, &questions)?;
    Ok(if args.json { crate::pretty(&marks.to_json()) } else { as_text(&marks, args.mistakes) })
}

fn as_text(marks: &BenchMarks, mistakes: bool) -> String {
    let row = |(kind, task): (&String, &gnomon::eval::TaskMarks)| {
        vec![kind.clone(), task.n.to_string(), task.understood.to_string(), format!("{:.3}", task.score())]
    };
    let rows: Vec<Vec<String>> = marks.tasks.iter().map(row).collect();
    let mut text = table(&["questions", "n", "understood", "score"], &rows);
    for (name, overall) in [("VSI-Bench, mean of tasks", marks.overall()), ("MSMU-Bench, mean of groups", marks.msmu())]
    {
        if let Some(overall) = overall {
            let _ = writeln!(text, "{name}: {overall:.3}");
        }
    }
    for wrong in marks.wrong.iter().filter(|_| mistakes) {
        let question = &wrong.question;
        let _ =
            writeln!(text, "\n{} {} of {}: {}", question.question_type, question.id, question.scene, question.question);
        if let Some(options) = &question.options {
            let _ = writeln!(text, "  {}", options.join("  "));
        }
        let _ = writeln!(text, "  right: {}  answered: {}", question.answer, wrong.answered);
    }
    text
}
