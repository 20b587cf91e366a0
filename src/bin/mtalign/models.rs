//! The command `mtalign model`: lists, shows, fetches, imports and checks models.

use std::{io::Write, path::Path};

use mtalign::{
    aligner,
    bundle::{self, Bundle, Hub, ModelName, OtReader, Repository},
    error::{Error, Result},
    write::{output::Output, safe::visible},
};

use crate::{
    Outcome,
    args::{InstallArgs, ModelAction, Verbosity},
    progress,
};

/// Runs `mtalign model`.
pub(crate) fn run(action: &ModelAction) -> Result<Outcome> {
    match action {
        ModelAction::List => print_lines(bundle::list().iter().map(line)),
        ModelAction::Path { name } => print_lines([Bundle::resolve(name)?.dir.display().to_string()]),
        ModelAction::Pull { repository, install, verbosity } => pull(repository, install, verbosity),
        ModelAction::Import { source, install } => import(source, install),
        ModelAction::Check { model } => check(model),
    }
}

/// Runs `mtalign model pull`.
fn pull(repository: &str, install: &InstallArgs, verbosity: &Verbosity) -> Result<Outcome> {
    let repository = Repository::new(repository)?;
    let name = ModelName::new(install.install_as.as_deref().unwrap_or(repository.model()))?;
    let progress = progress::show(verbosity);
    let installed = bundle::pull(&Hub::from_environment()?, &repository, &name, OT_READER, progress.as_ref())?;
    print_lines([line(&installed)])
}

/// Runs `mtalign model import`.
fn import(source: &Path, install: &InstallArgs) -> Result<Outcome> {
    let cannot = |cause| Error::Read { path: source.display().to_string(), source: cause };
    let own = Bundle { dir: source.canonicalize().map_err(cannot)? }.name();
    let name = ModelName::new(install.install_as.as_deref().unwrap_or(&own))?;
    print_lines([line(&bundle::import(source, &name, OT_READER)?)])
}

/// Runs `mtalign model check`.
fn check(model: &str) -> Result<Outcome> {
    let bundle = Bundle::resolve(model)?;
    let mut items = bundle::check(&bundle.dir)?;
    items.extend(aligner::check_tables(&bundle.dir));
    print_lines(items.iter().map(|item| match &item.outcome {
        Ok(found) => visible(&format!("ok     {}: {found}", item.subject)).into_owned(),
        Err(wrong) => visible(&format!("wrong  {}: {wrong}", item.subject)).into_owned(),
    }))?;
    match items.iter().find_map(|item| item.outcome.as_ref().err().map(|wrong| (&item.subject, wrong))) {
        None => Ok(Outcome::Done),
        Some((subject, wrong)) => {
            Err(Error::Model { dir: bundle.dir, what: format!("`{subject}`: {wrong}"), source: None })
        }
    }
}

/// The reader of `rust_model.ot`, in a program that has libtorch.
#[cfg(feature = "marian")]
const OT_READER: Option<OtReader<'static>> = Some(&mtalign::translate::marian::ot_to_safetensors);
#[cfg(not(feature = "marian"))]
const OT_READER: Option<OtReader<'static>> = None;

/// A model's line in the list.
fn line(bundle: &Bundle) -> String {
    format!("{}\t{}", bundle.name(), bundle.dir.display())
}

fn print_lines(lines: impl IntoIterator<Item = String>) -> Result<Outcome> {
    let mut output = Output::stdout();
    let failed = output.failed();
    for line in lines {
        writeln!(output, "{line}").map_err(&failed)?;
    }
    output.finish()?;
    Ok(Outcome::Done)
}
