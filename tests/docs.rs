//! The documents against the tree: folders, arrows, commands, lines of C, C++ and Python.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every X of `src/X/` in backticks.
fn folders_named_in(text: &str) -> BTreeSet<String> {
    let ticked = text.split('`').skip(1).step_by(2);
    let folder = |words: &str| Some(words.strip_prefix("src/")?.split_once('/')?.0.to_string());
    ticked.filter_map(folder).collect()
}

fn folders_of_src() -> BTreeSet<String> {
    let entries = fs::read_dir(root().join("src")).expect("src is readable").map(|entry| entry.expect("an entry"));
    entries.filter(|entry| entry.path().is_dir()).map(|entry| entry.file_name().into_string().expect("UTF-8")).collect()
}

/// The rows of the table of parts: a folder, and what it may know.
fn arrows(architecture: &str) -> BTreeMap<String, BTreeSet<String>> {
    let row = |line: &str| {
        let rest = line.strip_prefix("| `src/")?;
        let (folder, rest) = rest.split_once("/` |")?;
        let known = rest.trim_end_matches('|').rsplit_once('|')?.1;
        let known = known.split(',').map(|word| word.trim().to_string()).filter(|word| word != "-").collect();
        Some((folder.to_string(), known))
    };
    architecture.lines().filter_map(row).collect()
}

fn rust_files_under(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            rust_files_under(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// The parts that the code of a folder names with `crate::`, comments aside.
fn known_by(folder: &str) -> BTreeSet<String> {
    let mut files = Vec::new();
    rust_files_under(&root().join("src").join(folder), &mut files);
    let mut known = BTreeSet::new();
    for file in files {
        let text = fs::read_to_string(&file).expect("a source");
        for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
            for rest in line.split("crate::").skip(1) {
                known
                    .insert(rest.split(|c: char| !c.is_ascii_lowercase() && c != '_').next().unwrap_or("").to_string());
            }
        }
    }
    known
}

/// What stands in fences of this language, one after another.
fn fenced(text: &str, language: &str) -> String {
    let begin = format!("```{language}\n");
    text.split(&begin).skip(1).map(|rest| rest.split_once("```").expect("its end").0).collect()
}

#[test]
fn the_architecture_names_each_folder_of_src_and_no_other() {
    let architecture = read("ARCHITECTURE.md");
    assert_eq!(folders_named_in(&architecture), folders_of_src());
    assert_eq!(arrows(&architecture).into_keys().collect::<BTreeSet<_>>(), folders_of_src());
}

#[test]
fn no_part_knows_more_than_the_architecture_allows() {
    let folders = folders_of_src();
    for (folder, allowed) in arrows(&read("ARCHITECTURE.md")).into_iter().filter(|(folder, _)| folder != "bin") {
        assert!(allowed.is_subset(&folders), "{folder} may know what is not there: {allowed:?}");
        let known = known_by(&folder).intersection(&folders).filter(|part| **part != folder).cloned().collect();
        assert!(allowed.is_superset(&known), "src/{folder} knows {known:?}, ARCHITECTURE allows {allowed:?}");
    }
}

#[test]
fn each_file_that_the_architecture_names_is_there() {
    let architecture = read("ARCHITECTURE.md");
    let named = architecture.split('`').skip(1).step_by(2).filter(|word| word.ends_with(".rs"));
    let mut scene_files = 0;
    for name in named {
        let in_scene = root().join("src/scene").join(name);
        let found =
            [root().join(name), root().join("src").join(name), in_scene.clone()].iter().any(|path| path.is_file());
        assert!(found || name == "mod.rs", "{name} is not there");
        scene_files += usize::from(in_scene.is_file());
    }
    assert!(scene_files >= 8, "the way of a frame names its files");
}

/// Fails unless the compiler, or the one that the environment variable names, takes the file without a warning.
fn assert_compiles(variable: &str, compiler: &str, standard: &str, file: &str) {
    let compiler = std::env::var(variable).unwrap_or_else(|_| compiler.into());
    let flags = "-Wall -Wextra -pedantic -Wconversion -Werror -fsyntax-only -Iinclude";
    let words = flags.split(' ').chain([standard, file]);
    let output = Command::new(&compiler).args(words).current_dir(root()).output();
    let output = output.unwrap_or_else(|error| panic!("{compiler}: {error}: run `make setup`"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_lines_of_c_and_cpp_in_the_readme_are_files_that_compile() {
    assert_eq!(fenced(&read("README.md"), "c"), read("examples/c/ten_lines.c"));
    assert_eq!(fenced(&read("README.md"), "cpp"), read("examples/cpp/ten_lines.cpp"));
    // Compiled by the gate of the bridge, which has its headers.
    assert_eq!(fenced(&read("README.md"), "cpp,cxx"), read("examples/cxx/ten_lines.cpp"));
    assert_compiles("CC", "cc", "-std=c99", "examples/c/ten_lines.c");
    assert_compiles("CXX", "c++", "-std=c++17", "examples/cpp/ten_lines.cpp");
}

#[test]
fn the_lines_of_python_in_the_readme_are_a_file_that_compiles() {
    assert_eq!(fenced(&read("README.md"), "python"), read("examples/python/ten_lines.py"));
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".into());
    let compile = "import sys; compile(open(sys.argv[1]).read(), sys.argv[1], 'exec')";
    let words = ["-W", "error", "-c", compile, "examples/python/ten_lines.py"];
    let output = Command::new(&python).args(words).current_dir(root()).output();
    let output = output.unwrap_or_else(|error| panic!("{python}: {error}: run `make setup`"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_count_of_c_functions_in_the_readme_is_theirs() {
    let count = read("tests/abi/symbols.txt").lines().count();
    assert!(read("README.md").contains(&format!("| C ABI | {count} functions")), "there are {count}");
}

#[test]
fn every_make_command_in_the_documents_is_a_target() {
    let makefile = read("Makefile");
    let mut seen = 0;
    for document in ["README.md", "CONTRIBUTING.md"] {
        let text = read(document);
        for rest in text.split("`make ").chain(text.split("\nmake ")).filter(|rest| rest.len() < text.len()).skip(1) {
            let target = rest.split(|c: char| !c.is_ascii_lowercase() && c != '-').next().unwrap_or("");
            let gate = target.strip_prefix("gate-").map(|gate| root().join(format!("tests/abi/{gate}.sh")));
            let is_target = match gate {
                Some(script) => script.is_file(),
                None => makefile.lines().any(|line| line.starts_with(&format!("{target}:"))),
            };
            if !target.is_empty() && !rest.starts_with('#') {
                assert!(is_target, "{document}: make {target}");
                seen += 1;
            }
        }
    }
    assert!(seen >= 6, "{seen} commands");
    for script in ["scripts/demo.sh", "scripts/setup.sh", "scripts/test.sh"] {
        assert!(makefile.contains(script) && root().join(script).is_file(), "{script}");
    }
}

#[cfg(feature = "cli")]
#[test]
fn each_command_of_the_readme_is_in_the_help_of_the_program() {
    let help = |words: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_gnomon")).args(words).arg("--help").output().expect("it starts");
        assert!(output.status.success(), "{words:?}");
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    let readme = fenced(&read("README.md"), "sh");
    let commands: Vec<&str> = readme.lines().filter_map(|line| line.strip_prefix("gnomon ")).collect();
    assert!(commands.len() >= 5, "{commands:?}");
    for command in commands {
        let words: Vec<&str> = command.split(" # ").next().unwrap_or("").split_whitespace().collect();
        let is_plain = |word: &&str| !word.starts_with('-') && word.chars().all(|c| c.is_ascii_lowercase() || c == '-');
        let path: Vec<&str> = words.iter().copied().take_while(is_plain).collect();
        for depth in 0..path.len() {
            let listed = help(&path[..depth]);
            assert!(listed.lines().any(|line| line.trim_start().starts_with(path[depth])), "{path:?}: {listed}");
        }
        let options = help(&path);
        for option in words.iter().filter(|word| word.starts_with("--")) {
            assert!(options.contains(*option), "{command}: {option}");
        }
    }
}

#[test]
fn the_crate_is_licensed_as_it_says() {
    assert!(read("Cargo.toml").contains("license = \"MIT OR Apache-2.0\""));
    assert!(read("LICENSE-MIT").contains("Copyright (c) The gnomon authors"));
    assert!(read("LICENSE-APACHE").contains("END OF TERMS AND CONDITIONS"));
    let head = read("CHANGELOG.md");
    let limits = head.find("### Known limits").expect("known limits");
    assert!(limits < head.find("### ABI").expect("an ABI section") && limits < head.find("### Added").expect("news"));
}
