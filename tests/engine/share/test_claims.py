"""One node learns of a bucket; when it dies or takes too long others do."""

from fuzztui.engine.share.claims import MOST, SECONDS, Claims

A, B, C = "a.00000000", "b.11111111", "c.22222222"


def everybody(_: str) -> bool:
    return True


def test_what_another_node_has_claimed_is_left_to_it_as_long_as_it_lives() -> None:
    claims = Claims(B)
    claims.hear(C, "x", SECONDS, 10.0)
    assert claims.held(11.0, everybody) == {"x"}
    assert claims.held(11.0, lambda node: node != C) == set()
    assert claims.held(10.0 + SECONDS, everybody) == set()


def test_what_is_given_up_is_left_to_nobody() -> None:
    claims = Claims(B)
    claims.hear(C, "x", SECONDS, 0.0)
    claims.hear(C, "x", 0.0, 1.0)
    claims.hear(C, "y", float("nan"), 1.0)
    assert claims.held(1.0, everybody) == set()


def test_of_two_who_claim_at_once_one_goes_on() -> None:
    first, second = Claims(A), Claims(B)
    for claims, other in ((first, B), (second, A)):
        claims.mine["x"] = SECONDS
        claims.hear(other, "x", SECONDS, 0.0)
    assert first.held(1.0, everybody) == set()
    assert second.held(1.0, everybody) == {"x"}


def test_whose_own_claim_has_ended_leaves_it_to_who_took_over() -> None:
    claims = Claims(A)
    claims.mine["x"] = 10.0
    claims.hear(B, "x", SECONDS, 12.0)
    assert claims.held(13.0, everybody) == {"x"}


def test_a_claim_cannot_be_drawn_out_and_is_no_longer_than_it_may_be() -> None:
    claims = Claims(A)
    for second in range(int(SECONDS) + 10):
        claims.hear(B, "x", 1e9, float(second))
    assert claims.held(SECONDS - 1.0, everybody) == {"x"}
    assert claims.held(SECONDS + 1.0, everybody) == set()


def test_no_node_claims_everything() -> None:
    claims = Claims(A)
    for number in range(10 * MOST):
        claims.hear(B, str(number), SECONDS, float(number) / 1000)
    assert len(claims.held(1.0, everybody)) <= MOST
