"""Which requirements the tests claim, read from their source."""

from pathlib import Path
from textwrap import dedent

from stack.requirements import covered_requirements


def test_marks_on_functions_classes_and_modules_are_found(tmp_path: Path) -> None:
    folder = tmp_path / "tests" / "users"
    folder.mkdir(parents=True)
    (folder / "test_profiles.py").write_text(
        dedent("""
            import pytest

            pytestmark = [pytest.mark.slow, pytest.mark.requirement("FR-PR-001")]


            @pytest.mark.requirement("FR-PR-001.2", "FR-PR-001.3")
            async def test_sixth_profile_is_refused(): ...


            @pytest.mark.requirement("NFR-SEC-1")
            class TestLocks:
                @pytest.mark.parametrize("pin", ["0000"])
                def test_pin(self, pin): ...


            @pytest.mark.requirement("NOT-A-TEST")
            def helper(): ...
        """),
        encoding="utf-8",
    )

    covered = covered_requirements(tmp_path / "tests")

    sixth = "tests/users/test_profiles.py::test_sixth_profile_is_refused"
    pin = "tests/users/test_profiles.py::TestLocks::test_pin"
    assert covered == {
        "FR-PR-001": [pin, sixth],
        "FR-PR-001.2": [sixth],
        "FR-PR-001.3": [sixth],
        "NFR-SEC-1": [pin],
    }


def test_no_marks_no_requirements(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_plain.py").write_text("def test_it(): ...\n", encoding="utf-8")

    assert covered_requirements(tmp_path / "tests") == {}
