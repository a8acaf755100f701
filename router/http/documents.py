"""Which document a request means: text in full, automatic persisted queries (APQ), trusted documents.

APQ: a client sends the SHA-256 of its document; if that is not known here, the client sends hash and text once.
Trusted documents: files of a folder, named by their SHA-256 or by the name of an operation in them.
"""

import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from graphql import GraphQLError, OperationDefinitionNode, parse

from router.execution.refusals import RefusedError
from router.http.engines import ConfigurationError
from router.http.parameters import Parameters, missing_query

NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
NOT_SUPPORTED = "PERSISTED_QUERY_NOT_SUPPORTED"
HASH_MISMATCH = "PERSISTED_QUERY_HASH_MISMATCH"
NOT_TRUSTED = "DOCUMENT_NOT_TRUSTED"

FREE_FORM_HEADER = "x-free-form-key"

_ENTRY_BYTES = 200


class PersistedDocuments:
    """Documents that clients have registered by APQ. The least recently used go first.

    Args:
        max_bytes: Their size together.
    """

    def __init__(self, *, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._texts: OrderedDict[str, str] = OrderedDict()

    def get(self, sha256: str) -> str | None:
        """Return the text, None if it is not known."""
        text = self._texts.get(sha256)
        if text is not None:
            self._texts.move_to_end(sha256)
        return text

    def keep(self, sha256: str, text: str) -> None:
        """Remember a text under its hash."""
        if sha256 in self._texts:
            return
        self._texts[sha256] = text
        self._bytes += _size(text)
        while self._bytes > self._max_bytes:
            _, oldest = self._texts.popitem(last=False)
            self._bytes -= _size(oldest)


class TrustedDocuments:
    """The documents of a folder.

    Raises:
        ConfigurationError: One cannot be read or parsed, or two operations have one name.
    """

    def __init__(self, folder: Path | None) -> None:
        self._by_hash: dict[str, str] = {}
        self._by_name: dict[str, str] = {}
        for file in sorted(folder.rglob("*.graphql")) if folder is not None else ():
            try:
                text = file.read_text(encoding="utf-8")
                document = parse(text)
            except (OSError, UnicodeDecodeError, GraphQLError) as error:
                raise ConfigurationError(f"The trusted document {file} cannot be used: {error}") from error
            # Editors end files with a line end that clients may not send.
            for spelling in (text, text.strip()):
                self._by_hash[sha256_of(spelling)] = text
            for definition in document.definitions:
                if isinstance(definition, OperationDefinitionNode) and definition.name is not None:
                    self._add_name(definition.name.value, text, file)

    def _add_name(self, name: str, text: str, file: Path) -> None:
        if name in self._by_name:
            raise ConfigurationError(f"The trusted document {file} repeats the operation name {name}.")
        self._by_name[name] = text

    def by_hash(self, sha256: str) -> str | None:
        """Return the text with this hash, None if there is none."""
        return self._by_hash.get(sha256)

    def by_name(self, name: str) -> str | None:
        """Return the text that has the operation, None if there is none."""
        return self._by_name.get(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Documents:
    """Finds the document of a request.

    Attributes:
        persisted: Registered by APQ; None where APQ is switched off.
        trusted: Of the operator.
        free_form: Whether clients may send documents that are not trusted.
        free_form_key: With this value in the header `x-free-form-key` they may even if not.
    """

    persisted: PersistedDocuments | None
    trusted: TrustedDocuments
    free_form: bool = True
    free_form_key: str | None = None

    def find(self, asked: Parameters, headers: Mapping[str, str]) -> tuple[Parameters, str | None]:
        """Return the parameters with their document, and the hash to `register` it under if it runs.

        Raises:
            RefusedError: There is no such document, or it is not allowed.
            HttpRefusedError: The request names none.
        """
        sha256 = asked.sha256
        if sha256 is None:
            if asked.query:
                if not self.free_form:
                    self._refuse_untrusted(asked.query, headers)
                return asked, None
            return replace(asked, query=self._named(asked.operation_name)), None
        if not asked.query:
            return replace(asked, query=self._hashed(sha256)), None
        if sha256_of(asked.query) != sha256:
            raise RefusedError(HASH_MISMATCH, "The hash is not the SHA-256 of the document.")
        if not self.free_form:
            self._refuse_untrusted(asked.query, headers)
            return asked, None
        return asked, sha256

    def register(self, sha256: str, text: str) -> None:
        """Remember a document that ran."""
        if self.persisted is not None:
            self.persisted.keep(sha256, text)

    def _named(self, operation_name: str | None) -> str:
        text = self.trusted.by_name(operation_name) if operation_name is not None else None
        if text is None:
            raise missing_query()
        return text

    def _hashed(self, sha256: str) -> str:
        text = self.trusted.by_hash(sha256)
        if text is None and self.persisted is not None:
            text = self.persisted.get(sha256)
        if text is not None:
            return text
        if not self.free_form:
            raise RefusedError(NOT_TRUSTED, "There is no trusted document with this hash.")
        # Clients know these two texts and act on them.
        if self.persisted is None:
            raise RefusedError(NOT_SUPPORTED, "PersistedQueryNotSupported")
        raise RefusedError(NOT_FOUND, "PersistedQueryNotFound")

    def _refuse_untrusted(self, text: str, headers: Mapping[str, str]) -> None:
        if self.trusted.by_hash(sha256_of(text)) is not None:
            return
        sent = headers.get(FREE_FORM_HEADER, "")
        if self.free_form_key is not None and hmac.compare_digest(sent.encode(), self.free_form_key.encode()):
            return
        raise RefusedError(NOT_TRUSTED, "Only trusted documents are served here; this one is not.")


def sha256_of(text: str) -> str:
    """Return the SHA-256 of a document as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _size(text: str) -> int:
    return len(text) + _ENTRY_BYTES
