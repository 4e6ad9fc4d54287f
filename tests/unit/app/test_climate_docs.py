"""What docs/climate.md tells newcomers to write is a configuration."""

from pathlib import Path

from gateway.app.cli import main

DOCS = Path(__file__).parents[3] / "docs"


def test_the_first_room_is_a_configuration(tmp_path: Path) -> None:
    _, _, rest = (DOCS / "climate.md").read_text(encoding="utf-8").partition("```yaml\n")
    file = tmp_path / "gateway.yaml"
    file.write_text(rest.partition("```")[0], encoding="utf-8")
    assert main(["check-config", str(file)]) == 0
