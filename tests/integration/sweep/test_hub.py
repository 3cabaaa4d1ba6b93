"""A hub holds what was delivered first, and loses nothing; git alone, without DVC."""

import json
import subprocess
from pathlib import Path

import pytest
from support.project import environment

from aae.sweep.hub import GitError, Hub, git


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one commit."""
    for name, value in environment(tmp_path).items():
        if name.startswith("GIT_"):
            monkeypatch.setenv(name, value)
    folder = tmp_path / "project"
    subprocess.run(["git", "init", "--quiet", folder], check=True)
    commit(folder, "start")
    return folder


def commit(folder: Path, text: str) -> None:
    (folder / "reports").mkdir(exist_ok=True)
    numbers = {"b": len(text), "text": text}
    found = {"a": numbers, "models": [{"model": "uniform.default", **numbers}]}
    (folder / "reports/metrics.json").write_text(json.dumps(found))
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", text)


def experiment(hub: Hub, clone: Path, name: str, text: str) -> Path:
    """A private clone with an experiment of that content, as `dvc exp run` leaves it."""
    hub.clone(clone)
    commit(clone, text)
    git(clone, "update-ref", hub.ref(name), "HEAD")
    return clone


@pytest.fixture(params=["here", "elsewhere"])
def hub(request: pytest.FixtureRequest, project: Path, tmp_path: Path) -> Hub:
    if request.param == "here":
        return Hub.of(project, None)
    subprocess.run(["git", "init", "--quiet", "--bare", tmp_path / "hub"], check=True)
    return Hub.of(project, "../hub")


def test_what_is_delivered_comes_home(hub: Hub, tmp_path: Path) -> None:
    hub.deliver(experiment(hub, tmp_path / "one", "exp", "four"), "exp")
    assert [*hub.experiments()] == ["exp"]
    assert hub.bring(["exp", "absent"]) == ["exp"]
    assert hub.metric("exp", "a.b") == hub.metric("exp", "uniform.default.b") == 4
    assert git(hub.project, "rev-parse", hub.ref("exp")) == hub.experiments()["exp"]


def test_other_content_is_kept_beside_and_refused(hub: Hub, tmp_path: Path) -> None:
    one = experiment(hub, tmp_path / "one", "exp", "first")
    other = experiment(hub, tmp_path / "other", "exp", "second")
    hub.deliver(one, "exp")
    first = hub.experiments()
    with pytest.raises(ValueError, match="expected one result of exp, got another one: kept both"):
        hub.deliver(other, "exp")
    assert hub.experiments().items() > first.items()
    (kept,) = hub.experiments().keys() - first.keys()
    assert hub.metric(kept, "a.b") == len("second")


def test_equal_content_is_delivered_once(hub: Hub, tmp_path: Path) -> None:
    one = experiment(hub, tmp_path / "one", "exp", "same")
    other = experiment(hub, tmp_path / "other", "exp", "same")
    git(other, "commit", "--quiet", "--amend", "--date=2020-01-01", "--message=later")
    git(other, "update-ref", hub.ref("exp"), "HEAD")
    hub.deliver(one, "exp")
    first = hub.experiments()
    hub.deliver(other, "exp")
    assert hub.experiments() == first


def both_made(project: Path, tmp_path: Path, *texts: str) -> Hub:
    """A hub and the user's repository with an experiment of one name, made apart."""
    subprocess.run(["git", "init", "--quiet", "--bare", tmp_path / "hub"], check=True)
    hubs = Hub.of(project, None), Hub.of(project, "../hub")
    for hub, text in zip(hubs, texts, strict=True):
        clone = experiment(hub, tmp_path / f"of_{len(hub.address)}", "exp", text)
        git(clone, "commit", "--quiet", "--amend", f"--message={hub.address}")
        git(clone, "update-ref", hub.ref("exp"), "HEAD")
        hub.deliver(clone, "exp")
    return hubs[1]


def test_one_result_made_here_and_there_is_one(project: Path, tmp_path: Path) -> None:
    hub = both_made(project, tmp_path, "same", "same")
    ours = git(project, "rev-parse", hub.ref("exp"))
    hub.deliver(experiment(hub, tmp_path / "new", "new", "else"), "new")
    assert sorted(hub.bring(["exp", "new"])) == ["exp", "new"]
    assert git(project, "rev-parse", hub.ref("exp")) == ours != hub.experiments()["exp"]
    assert git(project, "rev-parse", hub.ref("new")) == hub.experiments()["new"]


def test_two_results_of_one_name_are_told(project: Path, tmp_path: Path) -> None:
    hub = both_made(project, tmp_path, "one", "another")
    ours = git(project, "rev-parse", hub.ref("exp"))
    with pytest.raises(ValueError, match="expected one result of exp here and on the hub"):
        hub.bring(["exp"])
    assert git(project, "rev-parse", hub.ref("exp")) == ours


def test_the_users_ssh_is_kept_and_asks_nothing(project: Path, tmp_path: Path) -> None:
    called = tmp_path / "called"
    script = tmp_path / "ssh"
    script.write_text(f'#!/bin/sh\necho "$@" > {called}\nexit 1\n')
    script.chmod(0o755)
    git(project, "config", "core.sshCommand", f"{script} -oPort=1")
    with pytest.raises(GitError):
        Hub.of(project, "ssh://127.0.0.1:9/nowhere")
    assert called.read_text().startswith("-oPort=1 -oBatchMode=yes")


@pytest.mark.parametrize(
    "key", ["a", "a.text", "a.b.c", "", "c", "models", "uniform.default", "uniform.default.model"]
)
def test_an_objective_is_a_number(project: Path, tmp_path: Path, key: str) -> None:
    hub = Hub.of(project, None)
    hub.deliver(experiment(hub, tmp_path / "one", "exp", "four"), "exp")
    with pytest.raises(ValueError, match="the key of a finite number"):
        hub.metric("exp", key)


@pytest.mark.parametrize("text", ["NaN", "Infinity", "1e999"])
def test_an_objective_is_finite(project: Path, tmp_path: Path, text: str) -> None:
    hub = Hub.of(project, None)
    clone = experiment(hub, tmp_path / "one", "exp", "four")
    (clone / "reports/metrics.json").write_text(f'{{"a": {text}}}')
    git(clone, "commit", "--all", "--quiet", "--message", text)
    git(clone, "update-ref", hub.ref("exp"), "HEAD")
    hub.deliver(clone, "exp")
    with pytest.raises(ValueError, match="the key of a finite number"):
        hub.metric("exp", "a")


@pytest.mark.parametrize("host", ["-oProxyCommand=touch ran", "user@-oProxyCommand=touch ran"])
@pytest.mark.parametrize("form", ["ssh://{}/x", "git+ssh://{}/x", "{}:x"])
def test_no_host_is_an_option_of_ssh(project: Path, host: str, form: str) -> None:
    """Git hands the host to ssh as a word of its command line."""
    with pytest.raises((ValueError, GitError)):
        Hub.of(project, form.format(host))
    assert not list(project.parent.rglob("ran")) and not Path("ran").exists()


def test_a_hub_out_of_reach_is_an_error(project: Path) -> None:
    with pytest.raises(GitError, match="git push"):
        Hub.of(project, str(project.parent / "nowhere"))


def test_git_does_not_follow_a_hooks_variables(project: Path, monkeypatch) -> None:
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    assert len(git(project, "rev-parse", "HEAD")) == 40


@pytest.mark.parametrize(
    "address",
    [
        "--upload-pack=touch ran",
        "-x",
        "-oProxyCommand=touch ran",
        "-oProxyCommand=touch ran:x",
        "ext::touch ran",
        "",
        "a::b",
    ],
)
def test_no_address_is_an_option_or_a_command(project: Path, address: str) -> None:
    with pytest.raises(ValueError, match="expected the hub to be a path, a URL"):
        Hub.of(project, address)
    git(project, "config", "remote.evil.url", address or "-")
    with pytest.raises((ValueError, GitError)):
        Hub.of(project, "evil")
    assert not list(project.parent.rglob("ran"))
