"""Parses SDL: its tokens are read with one regular expression, the GraphQL library does the rest.

The library looks at each character in Python, which is most of what parsing takes. What the expression does not know -
comments, escapes, floats, carriage returns, surrogates, whatever is wrong - is read and worded by the library, from
where the token before it ended.
"""

import re

from graphql import DocumentNode, Lexer, Source, Token, TokenKind, parse
from graphql.language.block_string import dedent_block_string_lines
from graphql.language.parser import Parser

_IN_BLOCK = r'[^"\\\r\ud800-\udfff]*+'
_TOKEN = re.compile(
    r"[ \t\n,\ufeff]*(?:"
    r"([_A-Za-z][_0-9A-Za-z]*)"
    r"|([!$&():=@\[\]{}|])"
    rf'|"""({_IN_BLOCK}(?:"(?!""){_IN_BLOCK})*+)"""'
    r'|("(?!"")[^"\\\r\n\ud800-\udfff]*")'
    r"|(-?(?:0|[1-9][0-9]*)(?![0-9_A-Za-z.]))"
    r")"
)
_NAME, _SIGN, _BLOCK, _STRING, _WHOLE_NUMBER = range(1, 6)
_SIGNS = {kind.value: kind for kind in TokenKind if len(kind.value) == 1}


def parse_sdl(text: str) -> DocumentNode:
    """Return the document, without locations.

    Raises:
        GraphQLSyntaxError: It is none.
    """
    source = Source(text)
    try:
        return _QuickParser(source, no_location=True, lexer=_QuickLexer(source)).parse_document()
    except RecursionError:
        return parse(text, no_location=True)  # says what is wrong


class _QuickParser(Parser):
    """The library's parser, without counting tokens: there is no limit to them here."""

    def advance_lexer(self) -> None:
        """Go to the next token."""
        lexer = self._lexer
        lexer.last_token = lexer.token
        lexer.token = lexer.lookahead()


class _QuickLexer(Lexer):
    """Tokens that know their place in the text, but neither line nor column nor the token before them.

    Only locations would show the first two, and errors count from the place. The third would make each token part of a
    circle, to be found by the garbage collector.
    """

    def lookahead(self) -> Token:
        """Return the next token that is no comment."""
        token = self.token
        following = token.next
        if following is None:
            following = token.next = self._read(token.end)
        if following is None or following.kind is TokenKind.COMMENT:
            return super().lookahead()
        return following

    def _read(self, start: int) -> Token | None:
        """Return the token that comes next, None for what the library has to read."""
        found = _TOKEN.match(self.source.body, start)
        if found is None:
            return None
        group = found.lastindex
        assert group is not None
        begin, end, text = found.start(group), found.end(), found.group(group)
        if group == _NAME:
            return Token(TokenKind.NAME, begin, end, 0, 0, text)
        if group == _SIGN:
            return Token(_SIGNS[text], begin, end, 0, 0)
        if group == _BLOCK:
            value = "\n".join(dedent_block_string_lines(text.split("\n")))
            return Token(TokenKind.BLOCK_STRING, begin - 3, end, 0, 0, value)
        if group == _STRING:
            return Token(TokenKind.STRING, begin, end, 0, 0, text[1:-1])
        return Token(TokenKind.INT, begin, end, 0, 0, text)
