"""A viewing from start to stop: sessions, heartbeats, resume positions, what is remembered where."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import orjson
import pytest
import redis

from subgraphs.playback.config import HEARTBEAT_STREAM
from subgraphs.playback.service import Heartbeat, PlayableRights, TitleRights
from subgraphs.shared.identity import ANONYMOUS, Viewer
from subgraphs.shared.ids import encode_id
from subgraphs.shared.telemetry import count_statements
from subgraphs.shared.values import MaturityRating, Tier
from tests.subgraphs.playback.conftest import BEAT, NOW, START, PlaybackWorld, make_viewer

READ_SESSION = "query($id: ID!) { playbackSession(id: $id) { id maxQuality manifestUrl expiresAt } }"


def stream_entries(world: PlaybackWorld) -> list[dict[str, object]]:
    with redis.Redis.from_url(world.settings.redis_url, decode_responses=True) as client:
        entries = client.xrange(HEARTBEAT_STREAM)
    return [orjson.loads(fields["d"]) for _id, fields in entries]


@pytest.mark.requirement("FR-VP-004.1")
@pytest.mark.requirement("FR-VP-001.1")
async def test_a_session_comes_with_a_signed_link_and_the_heartbeat_interval(world: PlaybackWorld) -> None:
    film = await world.film(audio_languages=["en", "hi"], subtitle_languages=["en"])
    viewer = make_viewer(profile_locale="hi")

    session = await world.start(viewer, film.playable_id)

    assert session["__typename"] == "PlaybackSession"
    assert session["format"] == "HLS"
    assert session["playable"] == {"id": film.playable_id}
    assert session["heartbeatIntervalSeconds"] == 10
    assert session["resumePositionSeconds"] == 0
    assert (session["defaultAudio"], session["defaultSubtitle"]) == ("hi", None)
    assert session["expiresAt"] == (NOW + timedelta(hours=1)).isoformat()
    assert session["manifestUrl"].startswith(f"http://media.test/v/{int(NOW.timestamp()) + 3600}/P720/")
    assert session["manifestUrl"].endswith("/sample/master.m3u8")


async def test_subtitles_are_chosen_when_the_audio_is_in_another_language(world: PlaybackWorld) -> None:
    film = await world.film(audio_languages=["ta"], subtitle_languages=["en", "hi"])

    session = await world.start(make_viewer(profile_locale="hi"), film.playable_id)

    assert (session["defaultAudio"], session["defaultSubtitle"]) == ("ta", "hi")


async def test_a_link_does_not_outlive_the_window(world: PlaybackWorld) -> None:
    closes = NOW + timedelta(minutes=20)
    film = await world.film(available_until=closes)

    session = await world.start(ANONYMOUS, film.playable_id)

    assert session["expiresAt"] == closes.isoformat()


async def test_the_same_idempotency_key_gives_the_same_session(world: PlaybackWorld) -> None:
    film, other = await world.film(), await world.film()
    viewer = make_viewer()

    first = await world.start(viewer, film.playable_id, idempotencyKey="once")
    again = await world.start(viewer, film.playable_id, idempotencyKey="once")
    of_another_profile = await world.start(make_viewer(), film.playable_id, idempotencyKey="once")
    given = {"playableId": other.playable_id, "deviceType": "WEB", "idempotencyKey": "once"}
    reused = await world.app.execute_as(viewer, START, variables={"input": given})

    assert again["id"] == first["id"]
    assert of_another_profile["id"] != first["id"]
    assert [error["extensions"]["code"] for error in reused["errors"]] == ["CONFLICT"]


@pytest.mark.parametrize("key", ["", "a\0b", "\u202e\U0001f600", " ".join(str(number) for number in range(5000))])
async def test_any_text_is_an_idempotency_key(world: PlaybackWorld, key: str) -> None:
    film = await world.film()
    viewer = make_viewer()

    first = await world.start(viewer, film.playable_id, idempotencyKey=key)
    again = await world.start(viewer, film.playable_id, idempotencyKey=key)
    other = await world.start(viewer, film.playable_id, idempotencyKey=f"{key}.")

    assert again["id"] == first["id"] != other["id"]


async def test_a_start_is_two_statements_and_two_round_trips(world: PlaybackWorld) -> None:
    film = await world.film()
    viewer = make_viewer()
    await world.progress(viewer, film.playable_id)  # builds the read model

    with count_statements() as statements:
        await world.start(viewer, film.playable_id)

    assert statements == {f"postgres:{world.settings.playback_database}": 2, "redis": 2}


async def test_without_a_profile_nothing_starts(world: PlaybackWorld) -> None:
    film = await world.film()
    viewer = Viewer(user_id=encode_id("User", uuid4()))

    given = {"playableId": film.playable_id, "deviceType": "WEB"}
    response = await world.app.execute_as(viewer, START, variables={"input": given})

    assert [error["extensions"]["code"] for error in response["errors"]] == ["FORBIDDEN"]


@pytest.mark.parametrize("bad", ["nonsense", encode_id("Movie", UUID(int=1))])
async def test_an_id_of_something_else_is_refused(world: PlaybackWorld, bad: str) -> None:
    response = await world.app.execute_as(
        make_viewer(), START, variables={"input": {"playableId": bad, "deviceType": "WEB"}}
    )

    assert [error["extensions"]["code"] for error in response["errors"]] == ["BAD_USER_INPUT"]


@pytest.mark.requirement("FR-VP-004.1")
async def test_a_heartbeat_is_one_round_trip_and_shows_at_once(world: PlaybackWorld) -> None:
    film = await world.film()
    viewer = make_viewer()
    session = await world.start(viewer, film.playable_id)
    world.clock.advance(seconds=10)

    with count_statements() as statements:
        answer = await world.beat(viewer, session["id"], 245, seq=1)

    expected = {
        "positionSeconds": 245,
        "durationSeconds": 600,
        "percent": 40.8,
        "watched": False,
        "updatedAt": world.clock.now.isoformat(),
    }
    assert answer == {"__typename": "Progress", **expected}
    assert statements == {"redis": 1}
    assert await world.progress(viewer, film.playable_id) == {**expected, "playable": {"id": film.playable_id}}


async def test_a_heartbeat_tells_the_workers(world: PlaybackWorld) -> None:
    film = await world.film()
    viewer = make_viewer(country="NP")
    session = await world.start(viewer, film.playable_id, deviceType="TV")

    for seq, (seconds, position, state) in enumerate([(10, 10, "PLAYING"), (10, 10, "PAUSED"), (10, 400, "PLAYING")]):
        world.clock.advance(seconds=seconds)
        await world.beat(viewer, session["id"], position, seq=seq + 1, state=state)

    entries = stream_entries(world)
    assert [entry["position_seconds"] for entry in entries] == [10, 10, 400]
    assert [entry["watch_seconds"] for entry in entries] == [10, 10, 20]
    last = entries[-1]
    session_uuid = last.pop("session_id")
    assert encode_id("PlaybackSession", UUID(str(session_uuid))) == session["id"]
    assert last == {
        "profile_id": viewer.profile_id,
        "user_id": viewer.user_id,
        "playable_id": film.playable_id,
        "title_id": film.title_id,
        "position_seconds": 400,
        "duration_seconds": 600,
        "watch_seconds": 20,
        "device_type": "TV",
        "country": "NP",
        "at": world.clock.now.isoformat(),
    }


@pytest.mark.requirement("FR-VP-004.1")
@pytest.mark.parametrize("late_seq", [1, 2])
async def test_a_late_heartbeat_changes_nothing(world: PlaybackWorld, late_seq: int) -> None:
    film = await world.film()
    viewer = make_viewer()
    session = await world.start(viewer, film.playable_id)
    await world.beat(viewer, session["id"], 100, seq=2)

    answer = await world.beat(viewer, session["id"], 50, seq=late_seq)

    assert answer["positionSeconds"] == 100
    assert len(stream_entries(world)) == 1


@pytest.mark.parametrize(("sent", "kept"), [(-5, 0), (601, 600), (10**9, 600)])
async def test_a_position_stays_inside_the_length(world: PlaybackWorld, sent: int, kept: int) -> None:
    film = await world.film()
    viewer = make_viewer()
    session = await world.start(viewer, film.playable_id)

    assert (await world.beat(viewer, session["id"], sent, seq=1))["positionSeconds"] == kept


async def test_the_players_length_counts_when_nobody_else_knows_it(world: PlaybackWorld) -> None:
    film = await world.film(duration_seconds=None)
    viewer = make_viewer()
    session = await world.start(viewer, film.playable_id)

    unknown = await world.beat(viewer, session["id"], 30, seq=1)
    known = await world.beat(viewer, session["id"], 30, seq=2, duration=120)

    assert (unknown["durationSeconds"], unknown["percent"], unknown["watched"]) == (0, 0.0, False)
    assert (known["durationSeconds"], known["percent"]) == (120, 25.0)


@pytest.mark.requirement("FR-VP-004.3")
async def test_watched_from_ninety_percent_on_and_never_less(world: PlaybackWorld) -> None:
    film = await world.film(duration_seconds=1000)
    viewer = make_viewer()
    session = await world.start(viewer, film.playable_id)

    almost = await world.beat(viewer, session["id"], 899, seq=1)
    there = await world.beat(viewer, session["id"], 900, seq=2)
    back = await world.beat(viewer, session["id"], 10, seq=3)

    assert (almost["percent"], almost["watched"]) == (89.9, False)
    assert (there["percent"], there["watched"]) == (90.0, True)
    assert (back["percent"], back["watched"]) == (1.0, True)


@pytest.mark.requirement("FR-VP-004.2")
@pytest.mark.parametrize(("position", "resume"), [(14, 0), (15, 15), (540, 540), (541, 0)])
async def test_a_film_resumes_unless_barely_begun_or_nearly_over(
    world: PlaybackWorld, position: int, resume: int
) -> None:
    film = await world.film(duration_seconds=600)
    viewer = make_viewer()
    session = await world.start(viewer, film.playable_id)
    await world.beat(viewer, session["id"], position, seq=1)

    assert (await world.start(viewer, film.playable_id))["resumePositionSeconds"] == resume
    assert (await world.start(viewer, film.playable_id, startOver=True))["resumePositionSeconds"] == 0


@pytest.mark.requirement("FR-VP-004.4")
async def test_another_device_of_the_profile_goes_on_where_the_first_stopped(world: PlaybackWorld) -> None:
    film = await world.film()
    viewer = make_viewer()
    television = await world.start(viewer, film.playable_id, deviceType="TV")
    await world.beat(viewer, television["id"], 120, seq=9)

    phone = await world.start(viewer, film.playable_id, deviceType="MOBILE")
    await world.beat(viewer, phone["id"], 130, seq=1)

    assert phone["resumePositionSeconds"] == 120
    assert (await world.progress(viewer, film.playable_id))["positionSeconds"] == 130


async def test_two_profiles_of_one_account_never_mix(world: PlaybackWorld) -> None:
    account = uuid4()
    first, second = make_viewer(user=account), make_viewer(user=account)
    film = await world.film()
    session = await world.start(first, film.playable_id)
    await world.beat(first, session["id"], 100, seq=1)

    stolen = await world.beat(second, session["id"], 200, seq=2)
    seen = await world.ask(second, READ_SESSION, id=session["id"])

    assert stolen == {"__typename": "SessionEnded", "code": "SESSION_ENDED"}
    assert seen == {"playbackSession": None}
    assert await world.progress(second, film.playable_id) is None
    assert (await world.progress(first, film.playable_id))["positionSeconds"] == 100


async def test_the_progress_of_a_show_is_that_of_the_episode_played_last(world: PlaybackWorld) -> None:
    show, episodes = await world.show(MaturityRating.U, MaturityRating.U)
    viewer = make_viewer()
    for position, episode in ((300, episodes[1]), (60, episodes[0])):
        world.clock.advance(minutes=1)
        session = await world.start(viewer, episode)
        await world.beat(viewer, session["id"], position, seq=1)

    progress = await world.progress(viewer, show, type_name="Title")

    assert (progress["positionSeconds"], progress["playable"]) == (60, {"id": episodes[0]})


async def test_progress_is_hidden_when_the_limit_of_the_profile_falls_below_the_rating(world: PlaybackWorld) -> None:
    film = await world.film(rating=MaturityRating.A)
    viewer = make_viewer()
    session = await world.start(viewer, film.playable_id)
    await world.beat(viewer, session["id"], 100, seq=1)
    limited = Viewer(user_id=viewer.user_id, profile_id=viewer.profile_id, maturity_limit=MaturityRating.UA_7)

    assert await world.progress(limited, film.playable_id) is None
    assert await world.progress(limited, film.title_id, type_name="Title") is None


async def test_a_show_hides_the_progress_in_an_episode_that_became_stricter_than_the_limit(
    world: PlaybackWorld,
) -> None:
    show, episodes = await world.show(MaturityRating.U, MaturityRating.U)
    viewer = make_viewer(maturity_limit=MaturityRating.UA_7)
    session = await world.start(viewer, episodes[1])
    await world.beat(viewer, session["id"], 100, seq=1)
    before = await world.progress(viewer, show, type_name="Title")
    ratings = (MaturityRating.U, MaturityRating.UA_13)
    playables = [
        PlayableRights(episode, "EPISODE", 600, rating) for episode, rating in zip(episodes, ratings, strict=True)
    ]
    await world.batches.project_titles(
        [TitleRights(show, 2, published=True, required_tier=Tier.FREE, playables=playables)]
    )

    after = await world.progress(viewer, show, type_name="Title")
    of_grown_ups = await world.progress(replace(viewer, maturity_limit=None), show, type_name="Title")

    assert (before["playable"], after, of_grown_ups["playable"]) == ({"id": episodes[1]}, None, {"id": episodes[1]})


async def test_after_a_stop_heartbeats_find_no_session(world: PlaybackWorld) -> None:
    film = await world.film()
    viewer = make_viewer()
    session = await world.start(viewer, film.playable_id)
    await world.beat(viewer, session["id"], 100, seq=1)

    stopped = await world.stop(viewer, session["id"], 110)
    late = await world.beat(viewer, session["id"], 200, seq=2)
    again = await world.stop(viewer, session["id"], 300)

    assert stopped == again == {"ok": True, "errors": []}
    assert late["__typename"] == "SessionEnded"
    assert (await world.progress(viewer, film.playable_id))["positionSeconds"] == 110
    assert await world.ask(viewer, READ_SESSION, id=session["id"]) == {"playbackSession": None}


async def test_nobody_stops_the_session_of_another(world: PlaybackWorld) -> None:
    film = await world.film()
    viewer = make_viewer()
    session = await world.start(viewer, film.playable_id)

    answer = await world.stop(make_viewer(), session["id"], 1)

    assert answer == {"ok": False, "errors": [{"code": "SESSION_ENDED", "path": ["sessionId"]}]}
    assert (await world.beat(viewer, session["id"], 20, seq=1))["positionSeconds"] == 20


async def test_anonymous_progress_is_answered_but_kept_nowhere(world: PlaybackWorld) -> None:
    film = await world.film()
    session = await world.start(ANONYMOUS, film.playable_id, idempotencyKey="same")
    other = await world.start(ANONYMOUS, film.playable_id, idempotencyKey="same")

    answer = await world.beat(ANONYMOUS, session["id"], 700, seq=1)
    stopped = await world.stop(ANONYMOUS, session["id"])
    late = await world.beat(ANONYMOUS, session["id"], 10, seq=2)

    assert other["id"] != session["id"]
    assert (answer["positionSeconds"], answer["percent"]) == (600, 100.0)
    assert stopped["ok"] is True
    assert late["__typename"] == "SessionEnded"
    assert await world.progress(ANONYMOUS, film.playable_id) is None
    assert stream_entries(world) == []


async def test_a_session_can_be_read_again_with_a_fresh_link(world: PlaybackWorld) -> None:
    film = await world.film()
    viewer = make_viewer()
    session = await world.start(viewer, film.playable_id)
    world.clock.advance(minutes=50)

    again = (await world.ask(viewer, READ_SESSION, id=session["id"]))["playbackSession"]

    assert again["id"] == session["id"]
    assert again["expiresAt"] == (NOW + timedelta(minutes=110)).isoformat()
    assert again["manifestUrl"] != session["manifestUrl"]


async def test_a_session_reads_as_nothing_once_the_right_to_play_has_gone(world: PlaybackWorld) -> None:
    film = await world.film(available_until=NOW + timedelta(minutes=20))
    viewer = make_viewer()
    session = await world.start(viewer, film.playable_id)
    world.clock.advance(minutes=20)

    assert await world.ask(viewer, READ_SESSION, id=session["id"]) == {"playbackSession": None}


async def test_session_references_keep_order_and_length_in_one_statement(world: PlaybackWorld) -> None:
    film = await world.film()
    viewer, other = make_viewer(), make_viewer()
    own = (await world.start(viewer, film.playable_id))["id"]
    foreign = (await world.start(other, film.playable_id))["id"]
    given = [own, "no id", foreign, encode_id("PlaybackSession", uuid4()), own, film.playable_id]
    query = "query($r: [_Any!]!) { _entities(representations: $r) { ... on PlaybackSession { id } } }"

    with count_statements() as statements:
        data = await world.ask(viewer, query, r=[{"__typename": "PlaybackSession", "id": each} for each in given])

    assert data["_entities"] == [{"id": own}, None, None, None, {"id": own}, None]
    assert statements == {f"postgres:{world.settings.playback_database}": 1}


class TestLostValkey:
    """A lost Valkey loses no fact: sessions come back from PostgreSQL, progress from MongoDB."""

    @staticmethod
    def lose(world: PlaybackWorld) -> None:
        with redis.Redis.from_url(world.settings.redis_url) as client:
            client.flushdb()

    @staticmethod
    async def persist_stream(world: PlaybackWorld, viewer: Viewer) -> None:
        assert viewer.profile_id is not None
        for entry in stream_entries(world):
            heartbeat = Heartbeat(
                profile_id=str(entry["profile_id"]),
                title_id=str(entry["title_id"]),
                playable_id=str(entry["playable_id"]),
                position_seconds=int(str(entry["position_seconds"])),
                duration_seconds=int(str(entry["duration_seconds"])),
                at=world.clock.now,
            )
            await world.batches.persist_progress([heartbeat])

    @pytest.mark.requirement("IN-DB-21")
    async def test_progress_comes_back_and_is_then_served_from_valkey(self, world: PlaybackWorld) -> None:
        show, episodes = await world.show(MaturityRating.U, MaturityRating.U)
        viewer = make_viewer()
        session = await world.start(viewer, episodes[1])
        await world.beat(viewer, session["id"], 550, seq=1)
        before = await world.progress(viewer, show, type_name="Title")
        await self.persist_stream(world, viewer)
        self.lose(world)

        with count_statements() as rebuilding:
            after = await world.progress(viewer, show, type_name="Title")
        with count_statements() as serving:
            await world.progress(viewer, show, type_name="Title")

        assert after == before
        assert (rebuilding["mongo"], rebuilding["redis"]) == (1, 3)
        assert (serving["mongo"], serving["redis"]) == (0, 1)

    async def test_a_running_session_goes_on_and_what_was_watched_stays_watched(self, world: PlaybackWorld) -> None:
        film = await world.film()
        viewer = make_viewer()
        session = await world.start(viewer, film.playable_id)
        await world.beat(viewer, session["id"], 590, seq=5)
        await self.persist_stream(world, viewer)
        self.lose(world)

        answer = await world.beat(viewer, session["id"], 30, seq=6)

        assert (answer["positionSeconds"], answer["watched"]) == (30, True)

    async def test_the_position_of_a_stop_counts(self, world: PlaybackWorld) -> None:
        film = await world.film()
        viewer = make_viewer()
        session = await world.start(viewer, film.playable_id)
        self.lose(world)

        stopped = await world.stop(viewer, session["id"], 240)
        world.clock.advance(seconds=1)
        again = await world.stop(viewer, session["id"], 300)

        assert stopped == again == {"ok": True, "errors": []}
        assert (await world.progress(viewer, film.playable_id))["positionSeconds"] == 240
        assert [entry["position_seconds"] for entry in stream_entries(world)] == [240]

    async def test_a_session_that_was_stopped_before_takes_no_position(self, world: PlaybackWorld) -> None:
        film = await world.film()
        viewer = make_viewer()
        session = await world.start(viewer, film.playable_id)
        await world.stop(viewer, session["id"])
        self.lose(world)
        world.clock.advance(seconds=1)

        again = await world.stop(viewer, session["id"], 300)

        assert again == {"ok": True, "errors": []}
        assert await world.progress(viewer, film.playable_id) is None
        assert stream_entries(world) == []

    async def test_an_anonymous_session_goes_on(self, world: PlaybackWorld) -> None:
        film = await world.film()
        session = await world.start(ANONYMOUS, film.playable_id)
        self.lose(world)

        assert (await world.beat(ANONYMOUS, session["id"], 30, seq=1))["positionSeconds"] == 30

    async def test_an_ended_session_stays_ended(self, world: PlaybackWorld) -> None:
        film = await world.film()
        viewer = make_viewer()
        session = await world.start(viewer, film.playable_id)
        await world.stop(viewer, session["id"], 20)
        self.lose(world)

        response = await world.app.execute_as(
            viewer,
            BEAT,
            variables={"input": {"sessionId": session["id"], "positionSeconds": 9, "state": "PLAYING", "seq": 3}},
        )

        assert response["data"]["playbackHeartbeat"]["__typename"] == "SessionEnded"
