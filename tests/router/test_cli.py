"""The command line and the settings."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from pydantic import ValidationError

import router
from router.cli import main
from router.config import RouterSettings
from router.http import ConfigurationError, create_app

README = (Path(router.__file__).parent / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the two SDL files of the README."""
    for name, text in re.findall(r"```graphql\n# (\w+)\.graphql.*?\n(.*?)```", README, re.DOTALL):
        (tmp_path / f"{name}.graphql").write_text(text, encoding="utf-8")
    (tmp_path / "top.graphql").write_text("{ topProducts { name reviews { body } } }", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, arguments)
    return result.exit_code, result.stdout, result.stderr


def compose() -> tuple[int, str, str]:
    return run(
        *("compose", "products=products.graphql", "reviews=reviews.graphql"),
        *("--url", "products=http://127.0.0.1:4001/graphql", "--url", "reviews=http://127.0.0.1:4002/graphql"),
        *("-o", "supergraph.graphql"),
    )


def test_takes_the_readme_s_two_files_to_a_plan(folder: Path) -> None:
    composed = compose()
    graph = run("graph", "supergraph.graphql")
    api_schema = run("api-schema", "supergraph.graphql")
    plan = run("plan", "supergraph.graphql", "top.graphql")
    plan_json = run("plan", "supergraph.graphql", "top.graphql", "--json")

    assert composed == (0, "", "")
    assert graph[1].splitlines() == [
        "Subgraphs",
        "  products  http://127.0.0.1:4001/graphql",
        "  reviews  http://127.0.0.1:4002/graphql",
        "Entities",
        "  Product",
        '    products: "id"',
        '    reviews: "id"',
    ]
    assert "type Review {\n  body: String!\n}" in api_schema[1]
    assert 'Fetch(service: "reviews"' in plan[1]
    assert [fetch["subgraph"] for fetch in json.loads(plan_json[1])["fetches"]] == ["products", "reviews"]


def test_makes_a_contract_of_subgraphs_or_of_a_supergraph(folder: Path) -> None:
    reviews = folder / "reviews.graphql"
    tagged = (
        reviews.read_text()
        .replace('"@key"]', '"@key", "@tag"]')
        .replace("body: String!", 'body: String! @tag(name: "open") stars: Int @tag(name: "staff")')
    )
    reviews.write_text(tagged)
    compose()

    of_subgraphs = run("contract", "products=products.graphql", "reviews=reviews.graphql", "--exclude", "staff")
    of_supergraph = run("contract", "--supergraph", "supergraph.graphql", "--exclude", "staff", "-o", "open.graphql")
    api_schema = run("api-schema", "open.graphql")

    assert (of_subgraphs[0], of_subgraphs[2]) == (0, "")
    assert 'stars: Int @tag(name: "staff") @inaccessible' in of_subgraphs[1]
    assert of_supergraph == (0, "", "")
    assert "type Review {\n  body: String!\n}" in api_schema[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--supergraph", "supergraph.graphql"], "A contract needs --include or --exclude."),
        (["--exclude", "a"], "Name either --supergraph or subgraphs as NAME=FILE."),
        (["--supergraph", "supergraph.graphql", "--include", "a"], "No element has the tag a."),
    ],
)
def test_refuses_a_contract_that_says_nothing_or_leaves_nothing(
    folder: Path, arguments: list[str], message: str
) -> None:
    compose()

    code, out, err = run("contract", *arguments)

    assert (code, out) == (1, "")
    assert message in err


def test_warns_of_a_tag_that_nothing_has(folder: Path) -> None:
    compose()

    code, out, err = run("contract", "--supergraph", "supergraph.graphql", "--exclude", "misspelt")

    assert (code, err) == (0, "No element has the tag misspelt.\n")
    assert "type Review" in out


def test_leaves_out_what_gateways_without_authorisation_refuse(folder: Path) -> None:
    link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@authenticated"])\n'
    (folder / "own.graphql").write_text(link + "type Query { x: Int @authenticated }", encoding="utf-8")

    demanding = run("compose", "own=own.graphql")
    open_ = run("compose", "own=own.graphql", "--without-authorization")

    assert (demanding[0], open_[0]) == (0, 0)
    assert ("@authenticated" in demanding[1], "authenticated" in open_[1]) == (True, False)


def test_a_file_without_a_name_is_named_for_itself_and_one_address_does_for_all(folder: Path) -> None:
    named = compose()
    graph = run("graph", "supergraph.graphql")

    unnamed = run(
        *("compose", "products.graphql", "reviews.graphql", "-o", "supergraph.graphql"),
        *("--url-template", "http://{name}:8000/graphql", "--url", "reviews=http://127.0.0.1:4002/graphql"),
    )

    assert named == unnamed == (0, "", "")
    expected = graph[1].replace("http://127.0.0.1:4001/graphql", "http://products:8000/graphql")
    assert run("graph", "supergraph.graphql")[1] == expected


def test_says_why_subgraphs_do_not_compose(folder: Path) -> None:
    (folder / "reviews.graphql").write_text("type Product { id: ID! name: Int }", encoding="utf-8")

    code, out, err = compose()

    assert (code, out) == (1, "")
    assert "INVALID_FIELD_SHARING" in err or "FIELD_TYPE_MISMATCH" in err
    assert not (folder / "supergraph.graphql").exists()


def test_says_where_an_operation_is_not_valid(folder: Path) -> None:
    compose()
    (folder / "top.graphql").write_text("{ topProducts {\n  nothing } }", encoding="utf-8")

    code, out, err = run("plan", "supergraph.graphql", "top.graphql")

    assert (code, out) == (1, "")
    assert err == "Cannot query field 'nothing' on type 'Product'. (line 2, column 3)\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["serve"], "No supergraph is given: set ROUTER_SUPERGRAPH to its file."),
        (["serve", "--supergraph", "top.graphql"], ""),
        (["serve", "--supergraph", "top.graphql", "--context-key", "short"], "at least 32 bytes"),
        (["compose", "=products.graphql"], "expects a name"),
        (["compose", "a=missing.graphql"], "cannot be read"),
    ],
)
def test_refuses_to_start_with_a_reason(folder: Path, arguments: list[str], message: str) -> None:
    code, out, err = run(*arguments)

    assert (code, out) == (1, "")
    assert message in err
    assert "Traceback" not in err


def test_the_readme_lists_every_setting_with_its_default() -> None:
    for name, field in RouterSettings.model_fields.items():
        default = field.get_default(call_default_factory=True)
        shown = "–" if default is None else str(default).lower() if isinstance(default, bool) else default
        assert f"| `ROUTER_{name.upper()}` | {shown} | {field.description} |" in README


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROUTER_SUBGRAPH_URLS", '{"users": "http://127.0.0.1:1/"}')
    monkeypatch.setenv("ROUTER_CORS_ORIGINS", '["https://a.test"]')
    monkeypatch.setenv("ROUTER_MAX_DEPTH", "7")

    settings = RouterSettings()

    assert settings.subgraph_urls == {"users": "http://127.0.0.1:1/"}
    assert settings.cors_origins == ["https://a.test"]
    assert settings.max_depth == 7


@pytest.mark.parametrize(
    "wrong", [{"max_depth": 0}, {"jwks": "keys.json"}, {"context_key": "short"}, {"log_level": "LOUD"}, {"colour": 1}]
)
def test_wrong_settings_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        RouterSettings(**wrong)  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"subgraph_urls": {"nobody": "http://x/"}}, "no subgraph named nobody"),
        ({"subgraph_urls": {"products": "ftp://x/"}}, "The subgraph products has no usable address"),
        ({"forward_headers": ["X-Viewer-Context"]}, "x-viewer-context"),
        ({"default_operation_file": "missing.graphql"}, "An operation for GraphiQL cannot be read"),
        ({"supergraph": "missing.graphql"}, "The supergraph cannot be read"),
        ({"jwks": "ftp://x/", "jwt_issuer": "i", "jwt_audience": "a"}, "ROUTER_JWKS"),
    ],
)
def test_settings_that_do_not_fit_the_supergraph_are_named(
    folder: Path, settings: dict[str, object], message: str
) -> None:
    compose()

    with pytest.raises(ConfigurationError, match=message):
        create_app(RouterSettings(**{"supergraph": "supergraph.graphql", **settings}))  # type: ignore[arg-type]  # by name


def test_saved_operations_are_prepared_and_an_outdated_one_does_not_stop_the_router(folder: Path) -> None:
    compose()
    saved = folder / "operations"
    saved.mkdir()
    (saved / "good.graphql").write_text(
        "query A { topProducts { id } } query B { topProducts { name } }", encoding="utf-8"
    )
    (saved / "outdated.graphql").write_text("{ gone }", encoding="utf-8")

    app = create_app(RouterSettings(supergraph=folder / "supergraph.graphql"))

    assert app.warm(saved) == 2
