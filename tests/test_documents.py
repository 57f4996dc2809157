"""What README and docs name is there, and what operators can set or say is named in them."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from socialshop.app import create_app

ROOT = Path(__file__).parent.parent
DOCS = {path: path.read_text() for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))}
ALL = "\n".join(DOCS.values())


def test_every_setting_is_in_the_documents():
    code = "".join(path.read_text() for path in (ROOT / "socialshop").glob("config*.py"))
    names = set(re.findall(r'(?:env\.\w+|url)\(\s*"([A-Z][A-Z_]+)"', code))
    assert len(names) > 60
    assert sorted(name for name in names if f"`{name}`" not in ALL and f"\n   {name}=" not in ALL) == []


def test_every_command_is_in_the_readme_and_none_that_is_not_there(settings):
    [line] = re.findall(r"The command line: `socialshop ([^`]+)`", DOCS[ROOT / "README.md"])
    assert sorted(line.split(" | ")) == sorted({*create_app(settings).cli.commands, "redirect"})


def test_every_extra_that_runs_somewhere_is_in_the_documents():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert [name for name in extras if name not in ("test", "browser", "dev") and f"[{name}]" not in ALL] == []


def test_links_between_documents_lead_somewhere():
    for path, text in DOCS.items():
        for target in re.findall(r"\]\(((?!https?:|#)[^)]+)\)", text):
            name, _, anchor = target.partition("#")
            found = path.parent / name
            assert found.exists(), f"{path.name}: {target}"
            heads = (
                {
                    re.sub(r"[^\w -]", "", head.lower()).strip().replace(" ", "-")
                    for head in re.findall(r"^#+ (.+)$", found.read_text(), re.M)
                }
                if anchor
                else set()
            )
            assert not anchor or anchor in heads, f"{path.name}: {target}"


def test_files_that_the_plan_of_the_house_names_are_there():
    text = DOCS[ROOT / "docs" / "architecture.md"]
    rooms = {path.stem for path in (ROOT / "socialshop" / "domain").iterdir() if not path.name.startswith("_")}
    assert sorted(room for room in rooms if not re.search(rf"\b{room}\b", text)) == []
    package = ROOT / "socialshop"
    named = set(re.findall(r"`((?:web|api|flows|domain|adapters|kernel|redirector)/[a-z_/0-9]+)(?:\.py)?(?:\.[a-z_]+)?`", text))
    assert len(named) > 40
    assert sorted(name for name in named if not ((package / name).is_dir() or (package / f"{name}.py").is_file())) == []
