"""The users subgraph as a service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from subgraphs.shared.clock import Clock, system_clock
from subgraphs.shared.graphql.app import Runtime, SubgraphApp
from subgraphs.shared.identity import Viewer, ViewerContextVerifier
from subgraphs.shared.live import LiveFeed
from subgraphs.shared.postgres import Database
from subgraphs.shared.redis import Cache
from subgraphs.users.config import LOCKED_FOR, WRONG_PASSWORDS, WRONG_PASSWORDS_WINDOW, Settings
from subgraphs.users.context import Context
from subgraphs.users.downloads import Downloads
from subgraphs.users.loaders import Loaders
from subgraphs.users.oauth.routes import oauth_routes, visits_in
from subgraphs.users.oauth.runtime import OAuthRuntime, RuntimeHolder
from subgraphs.users.repository.attempts import AttemptLimits, AttemptStore
from subgraphs.users.repository.oauth import CodeStore
from subgraphs.users.repository.sessions import SessionStore
from subgraphs.users.schema import schema
from subgraphs.users.service.attempts import Attempts
from subgraphs.users.service.crypto import PersonalData
from subgraphs.users.service.ended_sessions import EndedSessions
from subgraphs.users.service.notifications.live import LiveNotices
from subgraphs.users.service.oauth.exchange import OAuthServer
from subgraphs.users.service.passwords import PasswordHasher
from subgraphs.users.service.privacy.exports import ExportFiles
from subgraphs.users.service.sessions import Sessions
from subgraphs.users.service.tokens import TokenSigner
from subgraphs.users.service.ways import open_ways


def create_app(settings: Settings | None = None, *, clock: Clock = system_clock) -> SubgraphApp:
    """Return the ASGI app; settings come from the environment unless given.

    Raises:
        OSError: The key file cannot be read.
        ValueError: It holds no private RSA key.
    """
    chosen = settings or Settings()
    signer = TokenSigner.load(
        chosen.access_token_key_file, issuer=chosen.access_token_issuer, audience=chosen.access_token_audience
    )

    oauth = RuntimeHolder()
    downloads = Downloads(clock)

    @asynccontextmanager
    async def open_runtime() -> AsyncIterator[Runtime]:
        database = Database(
            chosen.database_url,
            chosen.users_database,
            pool_size=chosen.database_pool_size,
            timeout_seconds=chosen.store_timeout_seconds,
        )
        cache = Cache(chosen.redis_url, "users", timeout_seconds=chosen.store_timeout_seconds)
        hasher = PasswordHasher(
            cost=chosen.password_hash_cost,
            threads=chosen.password_hash_threads,
            queue=chosen.password_hash_queue,
            longest_wait_seconds=chosen.password_hash_wait_seconds,
            longest_run_seconds=chosen.password_hash_run_seconds,
        )
        session_store = SessionStore(cache, denied_tokens_stream=chosen.denied_tokens_stream)
        sessions = Sessions(session_store, signer)
        personal_data = PersonalData(chosen.personal_data_keys, lookup_key=chosen.personal_data_lookup_key)
        limits = AttemptLimits(limit=WRONG_PASSWORDS, window=WRONG_PASSWORDS_WINDOW, pause=LOCKED_FOR)
        attempts = Attempts(AttemptStore(cache, limits), personal_data, clock=clock)

        feed = LiveFeed(cache)
        live_notices = LiveNotices(cache, feed)
        export_files = ExportFiles(
            chosen.objects_dir,
            public_url=chosen.public_url,
            sealer=personal_data,
            link_key=chosen.personal_data_lookup_key,
        )
        downloads.hold(export_files, database)

        def context_for(viewer: Viewer) -> Context:
            return Context(
                viewer=viewer,
                clock=clock,
                database=database,
                hasher=hasher,
                sessions=sessions,
                cookie_is_secure=chosen.session_cookie_secure,
                attempts=attempts,
                loaders=Loaders(database, viewer, sessions=session_store, clock=clock),
                personal_data=personal_data,
                ways=ways,
                live_notices=live_notices,
                ended_sessions=EndedSessions(feed),
                export_files=export_files,
                pairing_url=chosen.pairing_url or f"{chosen.public_url}/oauth/device",
            )

        async def check_stores() -> None:
            await database.ping()
            await cache.run(lambda client: client.ping())

        try:
            async with open_ways(chosen, cache, personal_data, clock=clock) as ways:
                server = OAuthServer(database, sessions, CodeStore(cache), signer, issuer=chosen.public_url)
                is_secure = chosen.public_url.startswith("https:")
                verifier = ViewerContextVerifier(chosen.viewer_context_key, clock=clock)
                oauth.hold(OAuthRuntime(server, visits_in(cache), context_for, verifier, is_secure=is_secure))
                yield Runtime(context_for=context_for, check_stores=check_stores)
        finally:
            oauth.hold(None)
            downloads.let_go()
            await feed.close()
            hasher.close()
            await cache.close()
            await database.close()

    return SubgraphApp(
        "users",
        schema=schema,
        open_runtime=open_runtime,
        viewer_context_key=chosen.viewer_context_key,
        clock=clock,
        routes=[*oauth_routes(oauth, signer, issuer=chosen.public_url, clock=clock), downloads.route],
    )
