"""The shop's users, products and reviews: few rows, nested deeply by the query, for a reply of about 87 kB."""

from collections.abc import Mapping
from typing import Any

from graphql import GraphQLResolveInfo

from benchmarks.gateways.answers import Row

_USERS = 6
_PRODUCTS = 7
_REVIEWS_OF_A_USER = 4


def _user(number: int) -> Row:
    return {
        "__typename": "User",
        "id": f"u{number}",
        "name": f"Customer Number {number}",
        "username": f"customer-{number}",
        "birthday": 1970 + number,
    }


def _product(number: int) -> Row:
    return {
        "__typename": "Product",
        "upc": f"upc-{number}",
        "name": f"Article {number}",
        "price": 100 + 37 * number % 1900,
        "weight": 50 + 61 * number % 900,
        "inStock": number % 3 != 0,
    }


_USER_ROWS = {row["id"]: row for row in map(_user, range(1, _USERS + 1))}
_PRODUCT_ROWS = {row["upc"]: row for row in map(_product, range(1, _PRODUCTS + 1))}
_REVIEW_ROWS: dict[str, Row] = {
    f"r{number}": {
        "__typename": "Review",
        "id": f"r{number}",
        "body": f"What a customer says of it, part {number}",
        "author": f"u{number % _USERS + 1}",
        "product": f"upc-{number % _PRODUCTS + 1}",
    }
    for number in range(_USERS * _REVIEWS_OF_A_USER)
}


class ShopSource:
    """Values of the shop's fields, for any of its four subgraphs."""

    def entity(self, representation: Mapping[str, Any]) -> Row | None:
        """Return the row, together with what the representation says of it."""
        match representation["__typename"]:
            case "User":
                row = _USER_ROWS.get(representation["id"])
            case "Product":
                row = _PRODUCT_ROWS.get(representation["upc"])
            case _:
                row = _REVIEW_ROWS.get(representation["id"])
        return {**row, "given": representation} if row else None

    def type_name(self, row: Row, _info: GraphQLResolveInfo[Any]) -> str:
        """Return the name of the row's type."""
        return str(row["__typename"])

    def value(self, parent: Row | None, info: GraphQLResolveInfo[Any], arguments: Mapping[str, Any]) -> Any:
        """Return a field's value."""
        if parent is None:
            return _root(info.field_name, arguments)
        match parent["__typename"], info.field_name:
            case "User", "reviews":
                return _reviews("author", parent["id"])
            case "User", "numberOfReviews":
                return len(_reviews("author", parent["id"]))
            case "Product", "reviews":
                return _reviews("product", parent["upc"])
            case "Product", "shippingEstimate":
                given = parent["given"]
                return 0 if given["price"] > 1000 else given["weight"] // 2
            case "Review", "author":
                return _USER_ROWS[parent["author"]]
            case "Review", "product":
                return _PRODUCT_ROWS[parent["product"]]
            case _, name:
                return parent[name]


def _root(name: str, arguments: Mapping[str, Any]) -> Any:
    match name:
        case "me":
            return _USER_ROWS["u1"]
        case "user":
            return _USER_ROWS.get(arguments["id"])
        case "users":
            return list(_USER_ROWS.values())
        case _:
            return list(_PRODUCT_ROWS.values())[: arguments["first"]]


def _reviews(by: str, key: str) -> list[Row]:
    return [row for row in _REVIEW_ROWS.values() if row[by] == key]
