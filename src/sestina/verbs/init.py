"""`init`: a repo for a folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sestina.errors import Conflict
from sestina.records.answers_runs import InitAnswer
from sestina.verbs import workspace

if TYPE_CHECKING:
    from sestina.store.repo import Repo


def init(folder: str | Path | None = None) -> InitAnswer:
    """Returns the repo of a folder, which is made where there is none.

    Without `folder`, it is made beside the git root, or here where there is no git. Raises
    Refused for a folder that is not ours to write in.
    """
    from sestina.store.repo import Repo

    if folder is None:
        found = workspace.find()
        project = found.project
    else:
        project = Path(folder).expanduser().absolute()
        project = project.parent if project.name == workspace.REPO else project
        project.mkdir(parents=True, exist_ok=True)
    if (project / workspace.REPO / "format").is_file():
        with Repo.open(project) as repo:
            return InitAnswer(path=str(repo.path), id=repo.id, created=False, ignored_by_git=False)
    repo, ignored = create(project)
    with repo:
        return InitAnswer(path=str(repo.path), id=repo.id, created=True, ignored_by_git=ignored)


def create(project: Path) -> tuple[Repo, bool]:
    """Returns a new repo in a project, and whether git had to be told to ignore it."""
    from sestina.store.repo import Repo

    workspace.may_create(
        workspace.Workspace(project=project, repo=str(project / workspace.REPO), exists=False)
    )
    repo = Repo.create(project)
    return repo, workspace.ignore_in_git(project)


def open_or_create(where: str | None, tell: Callable[[str], None]) -> Repo:
    """Returns the repo that a run writes to; makes one where there is none, and says so."""
    from sestina.store.repo import Repo

    found = workspace.find(where)
    if found.exists:
        return Repo.open(found.repo)
    try:
        repo, ignored = create(found.project)
    except Conflict:  # another run was a moment faster
        return Repo.open(found.repo)
    tell(f"a new repo: {repo.path}" + (" (added to .gitignore)" if ignored else ""))
    return repo
