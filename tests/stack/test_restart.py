"""When a dead process is started again."""

from stack.restart import QUICK_DEATH_SECONDS, QUICK_DEATHS_ALLOWED, RestartPolicy


def test_waits_longer_after_each_quick_death_and_then_gives_up() -> None:
    policy = RestartPolicy()

    delays = [policy.after_death(lived_seconds=0.1) for _ in range(QUICK_DEATHS_ALLOWED + 1)]

    assert delays == [0.25, 0.5, 1.0, 2.0, 4.0, None]


def test_starts_at_once_what_had_run_for_a_while() -> None:
    policy = RestartPolicy()

    delay = policy.after_death(lived_seconds=QUICK_DEATH_SECONDS)

    assert delay == 0.0


def test_forgets_quick_deaths_once_the_process_has_run_for_a_while() -> None:
    policy = RestartPolicy()
    for _ in range(QUICK_DEATHS_ALLOWED):
        policy.after_death(lived_seconds=0.1)
    policy.after_death(lived_seconds=QUICK_DEATH_SECONDS)

    delay = policy.after_death(lived_seconds=0.1)

    assert delay == 0.25
