from pathlib import Path

from gateway.config.salvage import salvage


def test_page_and_data_survive_a_broken_camera(tmp_path: Path) -> None:
    file = tmp_path / "gateway.yaml"
    file.write_text("gateway: {data_dir: data}\nweb: {port: 9001}\ncameras: [{nam: door}]\n")
    kept = salvage(file)
    assert kept.gateway.data_dir == tmp_path / "data"
    assert kept.web.port == 9001
    assert kept.cameras == ()


def test_nonsense_gives_the_defaults(tmp_path: Path) -> None:
    file = tmp_path / "gateway.yaml"
    for text in ("", "\x00\xff", "- just\n- a list", "web: {port: 99999999}", "a: [", "gateway: 7"):
        file.write_text(text)
        assert salvage(file).web.port == 8080
    assert salvage(tmp_path / "missing.yaml").web.port == 8080
