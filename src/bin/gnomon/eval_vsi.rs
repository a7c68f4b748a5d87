//! `gnomon eval vsi`: questions of VSI-Bench and MSMU-Bench, answered from annotated boxes.

use crate::table::table;
use gnomon::eval::{BenchMarks, eval_questions, eval_questions_of_text, read_questions};
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
    /// Also answer from scene text alone, within so many tokens (counted by estimate: digit by digit)
    #[arg(long, value_name = "N,…", value_delimiter = ',')]
    tokens: Vec<usize>,
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
    let of_text = |&tokens: &usize| Ok((tokens, eval_questions_of_text(&scenes, &questions, tokens)?));
    let of_text = args.tokens.iter().map(of_text).collect::<Result<Vec<(usize, BenchMarks)>>>()?;
    if args.json {
        let mut json = marks.to_json();
        json["of_text"] = of_text.iter().map(|(tokens, marks)| (tokens.to_string(), marks.to_json())).collect();
        return Ok(crate::pretty(&json));
    }
    let mut text = as_text(&marks, args.mistakes);
    if !of_text.is_empty() {
        text += "\nscore from scene text alone, by tokens\n";
        text += &by_tokens(&marks, &of_text);
    }
    Ok(text)
}

/// A row a type, a column a budget.
fn by_tokens(marks: &BenchMarks, of_text: &[(usize, BenchMarks)]) -> String {
    let budgets: Vec<String> = of_text.iter().map(|(tokens, _)| tokens.to_string()).collect();
    let header: Vec<&str> = ["questions", "boxes"].into_iter().chain(budgets.iter().map(String::as_str)).collect();
    let columns = || std::iter::once(marks).chain(of_text.iter().map(|(_, marks)| marks));
    let row = |kind: &String| {
        let score =
            |marks: &BenchMarks| marks.tasks.get(kind).map_or("-".into(), |task| format!("{:.3}", task.score()));
        std::iter::once(kind.clone()).chain(columns().map(score)).collect()
    };
    let mut rows: Vec<Vec<String>> = marks.tasks.keys().map(row).collect();
    let overall = columns().map(|marks| marks.overall().map_or("-".into(), |x| format!("{x:.3}")));
    rows.push(std::iter::once("VSI-Bench".to_owned()).chain(overall).collect());
    table(&header, &rows)
}

/// A table of the marks, a row a type.
pub fn as_text(marks: &BenchMarks, mistakes: bool) -> String {
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
