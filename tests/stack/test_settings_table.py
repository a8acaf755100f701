"""The page of settings says what the settings classes say."""

from stack.home import PROJECT
from stack.settings_table import settings_page


def test_the_committed_page_is_up_to_date() -> None:
    committed = (PROJECT / "docs" / "configuration.md").read_text(encoding="utf-8")

    assert committed == settings_page(), "run `./reelgraph settings`"


def test_every_setting_says_what_it_means() -> None:
    rows = [line.split(" | ") for line in settings_page().splitlines() if line.startswith("| `")]

    unexplained = [row[0] for row in rows if not row[2].strip() and not row[0].startswith("| `ROUTER_")]
    assert unexplained == []
